//! What a model of Gemini answers that draws: a word, and a part with bytes. A prompt that speaks of what is forbidden is held
//! back, as `IMAGE_SAFETY`. In a stream the words come first, then the picture, then the end with the counters.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::fault::Fault;
use super::super::foreign::{Framing, Stream};
use super::super::images::PICTURE;
use super::super::serve::Asked;
use super::super::usage::{images_in, text_of, words};
use super::admit::Method;
use super::check::Prompt;

/// Tokens of a picture (ai.google.dev, "Image generation").
const TOKENS: usize = 1_290;

pub(super) fn answer(asked: &Asked<'_>, method: &Method, prompt: &Prompt) -> Value {
    let texts: Vec<String> = prompt
        .chat
        .messages
        .iter()
        .map(|message| text_of(&message["content"]))
        .collect();
    let seen: usize = prompt
        .chat
        .messages
        .iter()
        .map(|message| images_in(&message["content"]))
        .sum();
    let input = words(&texts.join(" ")) + 258 * seen;
    let refused = texts.iter().any(|text| text.contains("forbidden"));
    let candidate = match refused {
        true => json!({"finishReason": "IMAGE_SAFETY", "index": 0}),
        false => {
            let picture = json!({"inlineData": {"mimeType": "image/png", "data": PICTURE}});
            let parts = json!([{"text": "Here."}, picture]);
            json!({"content": {"parts": parts, "role": "model"}, "finishReason": "STOP", "index": 0})
        }
    };
    let drawn = if refused { 0 } else { TOKENS };
    let mut usage = json!({
        "promptTokenCount": input,
        "totalTokenCount": input + drawn,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": input}],
    });
    if drawn > 0 {
        usage["candidatesTokenCount"] = json!(drawn);
        usage["candidatesTokensDetails"] = json!([{"modality": "IMAGE", "tokenCount": drawn}]);
    }
    let mut answer = json!({
        "candidates": [candidate],
        "usageMetadata": usage,
        "modelVersion": method.id,
        "responseId": format!("resp-fake{:08}", asked.serial),
    });
    if asked.fault == Some(Fault::UsageMissing) {
        answer.as_object_mut().map(|members| members.remove("usageMetadata"));
    }
    answer
}

/// The same answer in pieces. A fault in the middle comes after the picture.
pub(super) fn stream(answer: &Value, method: &Method, error: Value) -> Stream {
    let mut last = answer.clone();
    let parts = last["candidates"][0]["content"]["parts"].take();
    let framed = |part: &Value| {
        let mut frame = json!({"modelVersion": answer["modelVersion"], "responseId": answer["responseId"]});
        frame["candidates"] = json!([{"content": {"parts": [part], "role": "model"}, "index": 0}]);
        frame
    };
    let mut frames = vec![framed(&json!({"text": ""}))];
    frames.extend(parts.as_array().into_iter().flatten().map(framed));
    last["candidates"][0]["content"] = json!({"parts": [{"text": ""}], "role": "model"});
    frames.push(last);
    Stream {
        framing: if method.events { Framing::Events } else { Framing::List },
        frames,
        pace: Duration::ZERO,
        error,
    }
}

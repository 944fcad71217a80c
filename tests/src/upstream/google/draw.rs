//! What a model of Gemini answers that draws: a word, and a part with bytes. A prompt that speaks of what is forbidden is held
//! back, as `IMAGE_SAFETY`.

use serde_json::{Value, json};

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
    json!({
        "candidates": [candidate],
        "usageMetadata": usage,
        "modelVersion": method.id,
        "responseId": format!("resp-fake{:08}", asked.serial),
    })
}

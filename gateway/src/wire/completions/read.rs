//! Reads a request. One prompt as text is taken; what multiplies answers or completes in the middle of a text is refused, because
//! no other wire does it; what only adds to the answer (`echo`, `logprobs`) is left out by name.

use serde_json::Value;

use crate::wire::{
    RequestProblem,
    canonical::{Message, Part, Request, Role},
    openai::fields::{Fields, missing, problem, wrong_type},
};

/// What the answer is limited to where a request does not say, as OpenAI has it for this dialect.
pub(super) const USUAL_LIMIT: u64 = 16;

/// Reads a request.
///
/// # Errors
/// [`RequestProblem`].
pub fn read(body: &[u8]) -> Result<Request, RequestProblem> {
    let mut fields = Fields::of_body(body)?;
    let model = fields.needed_text("model")?;
    let stream = fields.switch("stream")?.unwrap_or_default();
    // Whether usage is wanted is read where requests are scanned.
    fields.take("stream_options");
    for name in ["n", "best_of"] {
        if fields.whole(name)?.is_some_and(|count| count != 1) {
            return Err(unsupported(
                name,
                "This model's provider gives one answer a call: leave '{}' out, or ask several times.",
            ));
        }
    }
    if fields.text("suffix")?.is_some_and(|suffix| !suffix.is_empty()) {
        return Err(unsupported(
            "suffix",
            "This model's provider can not complete the middle of a text: leave '{}' out.",
        ));
    }
    let text = prompt(fields.take("prompt"))?;
    if fields.peek("echo") == Some(&Value::Bool(false)) {
        fields.take("echo");
    }
    Ok(Request {
        model,
        stream,
        messages: Vec::from([Message {
            role: Role::User,
            parts: Vec::from([Part::text(text)]),
            name: None,
        }]),
        max_tokens: Some(fields.whole("max_tokens")?.unwrap_or(USUAL_LIMIT)),
        temperature: fields.decimal("temperature")?,
        top_p: fields.decimal("top_p")?,
        presence_penalty: fields.decimal("presence_penalty")?,
        frequency_penalty: fields.decimal("frequency_penalty")?,
        seed: fields.signed("seed")?,
        stop: fields.texts("stop")?,
        user: fields.text("user")?,
        extra: fields.rest(),
        ..Request::default()
    })
}

fn unsupported(name: &str, sentence: &str) -> RequestProblem {
    problem(name, "unsupported_parameter", sentence.replace("{}", name))
}

fn prompt(value: Option<Value>) -> Result<String, RequestProblem> {
    let tokens = || {
        unsupported(
            "prompt",
            "This model's provider reads text and no numbers of tokens: send '{}' as a string.",
        )
    };
    match value {
        None => Err(missing("prompt")),
        Some(Value::String(text)) => Ok(text),
        Some(Value::Array(mut list)) => match (list.len(), list.first_mut().map(Value::take)) {
            (1, Some(Value::String(text))) => Ok(text),
            (_, Some(Value::String(_))) => Err(unsupported(
                "prompt",
                "This model's provider completes one text a call: send '{}' as one string, or ask several times.",
            )),
            (_, Some(Value::Number(_) | Value::Array(_))) => Err(tokens()),
            _ => Err(wrong_type("prompt", "a string")),
        },
        Some(_) => Err(wrong_type("prompt", "a string")),
    }
}

#[cfg(test)]
mod tests;

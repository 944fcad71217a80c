//! What xAI's thinking models refuse where they are asked by OpenAI's dialect: "`presencePenalty`, `frequencyPenalty` and `stop` parameters
//! are not supported by reasoning models. Adding them in the request would result in an error", and `reasoning_effort` with Grok 4
//! (<https://docs.x.ai/docs/guides/reasoning>); also a penalty of 0 (<https://github.com/miaoxworld/NativeTavern/issues/83>).

use serde_json::{Map, Value};

use super::fields::given;
use crate::upstream::refusal::Refusal;

const REFUSED: [(&str, &str); 4] = [
    ("presence_penalty", "presencePenalty"),
    ("frequency_penalty", "frequencyPenalty"),
    ("stop", "stop"),
    ("reasoning_effort", "reasoningEffort"),
];

pub(super) fn check(body: &Map<String, Value>, model: &str) -> Result<(), Refusal> {
    if !model.starts_with("grok-4") {
        return Ok(());
    }
    match REFUSED.iter().find(|(name, _)| given(body, name).is_some()) {
        Some((_, name)) => Err(Refusal::flat(format!(
            "Model {model} does not support parameter {name}."
        ))),
        None => Ok(()),
    }
}

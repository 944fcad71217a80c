//! What DeepSeek's own service refuses where it is asked by OpenAI's dialect: a schema of the answer
//! (<https://github.com/UKGovernmentBEIS/inspect_ai/issues/4916>). Of forms it takes `text` and `json_object`
//! (<https://api-docs.deepseek.com/api/create-chat-completion>).

use serde_json::{Map, Value};

use super::fields::given;
use crate::upstream::refusal::Refusal;

pub(super) fn check(body: &Map<String, Value>, model: &str) -> Result<(), Refusal> {
    let asked = given(body, "response_format").is_some_and(|format| format["type"] == "json_schema");
    if asked && model.starts_with("deepseek-") {
        return Err(Refusal::invalid("This response_format type is unavailable now").code("invalid_request_error"));
    }
    Ok(())
}

//! An error that quotes the request, as providers' filters and template engines do. `serve/early.rs` sends it with a status,
//! `spoil.rs` in the middle of an answer.

use serde_json::Value;

/// The sentence, with every text of the request in it.
pub(crate) fn sentence(request: &Value) -> String {
    let mut texts = Vec::new();
    let messages = request["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    for content in messages
        .iter()
        .map(|message| &message["content"])
        .chain([&request["input"]])
    {
        texts.extend(content.as_str());
        let parts = content.as_array().map(Vec::as_slice).unwrap_or_default();
        texts.extend(parts.iter().filter_map(|part| part["text"].as_str().or(part.as_str())));
    }
    let turns = request["contents"].as_array().map(Vec::as_slice).unwrap_or_default();
    for part in turns.iter().filter_map(|turn| turn["parts"].as_array()).flatten() {
        texts.extend(part["text"].as_str());
    }
    format!("Your input could not be handled: \"{}\"", texts.join("\", \""))
}

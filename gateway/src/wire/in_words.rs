//! Asks for the form of an answer in words, where a model or its provider cannot be held to it.

use super::canonical::{Format, Message, Part, Request, Role};

/// Adds the words behind the instructions that are there.
pub(super) fn ask(request: &mut Request, format: &Format) {
    let when = if request.tools.is_empty() {
        "Answer"
    } else {
        "When you answer without calling a tool, answer"
    };
    let words = match format {
        Format::Text => return,
        Format::JsonObject => format!("{when} with one JSON object and nothing else."),
        Format::JsonSchema {
            description, schema, ..
        } => {
            let what = description
                .as_ref()
                .map_or_else(String::new, |text| format!(" ({text})"));
            format!(
                "{when} with JSON and nothing else, without a fence around it. It must obey this JSON schema{what}:\n{schema}"
            )
        }
    };
    let instructs = |message: &Message| matches!(message.role, Role::System | Role::Developer);
    let at = request.messages.iter().take_while(|message| instructs(message)).count();
    let message = Message {
        role: Role::System,
        parts: vec![Part::text(words)],
        name: None,
    };
    request.messages.insert(at, message);
}

//! JSON or tools: models that do not do both in one call.

use crate::wire::canonical::{Dropped, Format, Message, Part, Request, Role, ToolChoice};

/// Leaves one of both out. Tools that may not be called go, and nobody misses them; else the form of the answer goes, and is asked for in
/// words, as whoever has tools needs them.
pub(super) fn one(request: &mut Request) -> Option<Dropped> {
    if request.tool_choice == Some(ToolChoice::None) {
        request.tools.clear();
        request.tool_choice = None;
        return None;
    }
    let words = match std::mem::take(&mut request.format) {
        Format::Text => return None,
        Format::JsonObject => {
            "When you answer without calling a tool, answer with one JSON object and nothing else.".to_owned()
        }
        Format::JsonSchema {
            description, schema, ..
        } => {
            let what = description.map_or_else(String::new, |text| format!(" ({text})"));
            format!(
                "When you answer without calling a tool, answer with JSON and nothing else, without a fence around it. It must obey this JSON schema{what}:\n{schema}"
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
    Some(Dropped("response_format".to_owned()))
}

//! Writes a whole chat answer for a client that does not stream. Called by `call` when the provider's wire is another one.

use serde_json::{Map, Value, json};

use super::shape;
use crate::wire::{
    canonical::{Answer, End, Ids, Part, ToolStart},
    responses::{items::free_text, names::free_of},
};

/// The answer as `chat.completion`, as the official SDKs read it. A client that speaks of `functions` gets its call as
/// `function_call`: one, as it knows no more at a time.
#[must_use]
pub fn answer(answer: &Answer, end: &End, ids: &Ids, functions: bool) -> Vec<u8> {
    let written = json!({
        "id": shape::id(&ids.call),
        "object": "chat.completion",
        "created": ids.created,
        "model": ids.model,
        "choices": [choice(answer, end, functions)],
        "usage": shape::usage(&end.usage),
    });
    written.to_string().into_bytes()
}

fn choice(answer: &Answer, end: &End, functions: bool) -> Value {
    let (mut content, mut refusal, mut reasoning) = (String::new(), None, String::new());
    let (mut calls, mut images, mut annotations) = (Vec::new(), Vec::new(), Vec::new());
    let mut details = shape::Details::default();
    let (mut characters, mut has_text) = (0, false);
    let sources = answer.sources();
    for (place, part) in answer.parts.iter().enumerate() {
        match part {
            Part::Text { text, .. } => {
                content.push_str(text);
                has_text = true;
                let from = characters;
                characters += text.chars().count();
                let here = sources.get(&place).into_iter().flatten();
                annotations.extend(here.map(|citation| shape::annotation(citation, from, characters)));
            }
            Part::Refusal(text) => refusal.get_or_insert_with(String::new).push_str(text),
            Part::Thought(thought) => {
                reasoning.push_str(&thought.text);
                if !thought.text.is_empty() || thought.signature.is_some() {
                    details.text(&thought.text, thought.signature.as_deref());
                }
                if let Some(sealed) = &thought.sealed {
                    details.sealed(sealed);
                }
            }
            Part::ToolCall(call) => {
                let start = ToolStart {
                    index: calls.len(),
                    id: call.id.clone(),
                    name: call.name.clone(),
                    signature: call.signature.clone(),
                };
                calls.push(match free_of(&call.name) {
                    Some(name) => shape::free_call(&start, name, None, &free_text(&call.arguments)),
                    None => shape::tool_call(&start, None, arguments(&call.arguments)),
                });
            }
            Part::File(file) => images.push(shape::image(file, images.len())),
            // No model answers its own call.
            Part::ToolResult(_) => {}
        }
    }
    let mut finish = shape::finish(&end.finish, !calls.is_empty(), refusal.is_some());
    let old_call = calls
        .first_mut()
        .filter(|_| functions)
        .map(|call| call["function"].take());
    let nothing = calls.is_empty() && refusal.is_none();
    let mut message = Map::new();
    message.insert("role".into(), "assistant".into());
    // Clients expect a text of whatever is neither a call nor a refusal, if only an empty one.
    let content = (has_text || nothing).then_some(content);
    message.insert("content".into(), content.into());
    message.insert("refusal".into(), refusal.into());
    if !reasoning.is_empty() {
        message.insert("reasoning_content".into(), reasoning.into());
    }
    if let Some(details) = details.take() {
        message.insert("reasoning_details".into(), details);
    }
    if let Some(call) = old_call {
        message.insert("function_call".into(), call);
        calls.clear();
        finish = shape::old_finish(finish);
    }
    for (name, values) in [("annotations", annotations), ("images", images), ("tool_calls", calls)] {
        if !values.is_empty() {
            message.insert(name.into(), values.into());
        }
    }
    json!({ "index": 0, "message": message, "logprobs": null, "finish_reason": finish })
}

/// Arguments are JSON for every client, also where a model gave none.
pub(in crate::wire) fn arguments(json: &str) -> &str {
    if json.trim().is_empty() { "{}" } else { json }
}

#[cfg(test)]
mod tests;

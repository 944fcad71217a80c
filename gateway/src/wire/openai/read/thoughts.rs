//! What a model thought in an earlier turn, as clients send it back: `reasoning_details` (OpenRouter's shape, which our own
//! answers have too and which holds signatures), else `reasoning_content` (DeepSeek) or `reasoning` as plain text.

use serde_json::Value;

use super::super::fields::Fields;
use crate::wire::{
    RequestProblem,
    canonical::{Part, Thought},
};

pub(super) fn read(fields: &mut Fields) -> Result<Vec<Part>, RequestProblem> {
    let details = fields.list("reasoning_details")?.unwrap_or_default();
    let plain = [fields.take("reasoning_content"), fields.take("reasoning")];
    let thoughts: Vec<Part> = details.into_iter().filter_map(detail).map(Part::Thought).collect();
    if !thoughts.is_empty() {
        return Ok(thoughts);
    }
    // Only the text is of interest; some clients put an object or an empty text there.
    let text = plain.into_iter().flatten().find_map(|value| match value {
        Value::String(text) if !text.is_empty() => Some(text),
        _ => None,
    });
    let thought = text.map(|text| {
        Part::Thought(Thought {
            text,
            ..Thought::default()
        })
    });
    Ok(thought.into_iter().collect())
}

fn detail(mut value: Value) -> Option<Thought> {
    let mut text = |name: &str| match value.get_mut(name)?.take() {
        Value::String(text) if !text.is_empty() => Some(text),
        _ => None,
    };
    let thought = Thought {
        text: text("text").or_else(|| text("summary")).unwrap_or_default(),
        signature: text("signature"),
        sealed: text("data"),
        id: text("id"),
    };
    let empty = thought.text.is_empty() && thought.signature.is_none() && thought.sealed.is_none();
    (!empty).then_some(thought)
}

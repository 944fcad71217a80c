//! What a client asked for, repeated in the response object as OpenAI repeats it. Called by `speech` when a request is read that
//! is to be written anew, by `call` when it is known what of it was told, and by `object`, which puts it in its place.

use std::{collections::HashSet, sync::Arc};

use serde_json::{Map, Value};

/// Members of a request that OpenAI repeats in its answer. Not `store`: nothing is kept where another wire answers.
const REPEATED: [&str; 17] = [
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "parallel_tool_calls",
    "previous_response_id",
    "prompt_cache_key",
    "reasoning",
    "safety_identifier",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
];

/// Members that are the client's own notes: nothing is done by them, so they stand in the answer whoever else heard of them.
const NOTES: [&str; 4] = ["metadata", "prompt_cache_key", "safety_identifier", "user"];

/// The members of a request that its answer repeats.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Repeated(Option<Arc<Map<String, Value>>>);

impl Eq for Repeated {}

/// Bytes of a member beside its name and its value's text.
const MEMBER: usize = 128;

fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(list) => list.iter().map(|value| MEMBER + size(value)).sum(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| MEMBER + name.len() + size(value))
            .sum(),
    }
}

impl Repeated {
    /// Of nothing: what is not known is told as if it had not been asked for.
    pub const NOTHING: Self = Self(None);

    /// Reads them from a request's body; nothing from what is no object.
    pub(in crate::wire) fn of(body: &[u8]) -> Self {
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
        let Ok(mut members) = serde_json::from_slice::<Map<String, Value>>(body) else {
            return Self::NOTHING;
        };
        members.retain(|name, value| REPEATED.contains(&name.as_str()) && !value.is_null());
        Self((!members.is_empty()).then(|| Arc::new(members)))
    }

    /// Without what the provider was not told, by the names in which the client hears of that: nobody did as it asks.
    pub(crate) fn without(&self, dropped: &[String]) -> Self {
        let Some(asked) = self.0.as_ref().filter(|_| !dropped.is_empty()) else {
            return self.clone();
        };
        let mut asked = Map::clone(asked);
        let (tools, others): (Vec<_>, Vec<_>) = dropped.iter().partition(|name| name.starts_with(TOOLS));
        let kinds: HashSet<&str> = tools.iter().filter_map(|name| name.strip_prefix(TOOLS)).collect();
        if let (Some(Value::Array(tools)), false) = (asked.get_mut("tools"), kinds.is_empty()) {
            let kind = |tool: &Value| tool.get("type").and_then(Value::as_str).map(str::to_owned);
            tools.retain(|tool| kind(tool).is_none_or(|kind| !kinds.contains(kind.as_str())));
        }
        for name in others {
            leave_out(&mut asked, name);
        }
        Self((!asked.is_empty()).then(|| Arc::new(asked)))
    }

    /// About how many bytes they take.
    pub(in crate::wire) fn size(&self) -> usize {
        let members = self.0.iter().flat_map(|members| members.iter());
        members.map(|(name, value)| MEMBER + name.len() + size(value)).sum()
    }

    /// Puts them in the places of what a response says where nothing was asked for. Of objects the members that were not said
    /// stay, as clients look for them.
    pub(super) fn repeat(&self, response: &mut Map<String, Value>) {
        for (name, value) in self.0.iter().flat_map(|members| members.iter()) {
            match (response.get_mut(name), value) {
                (Some(Value::Object(usual)), Value::Object(said)) => {
                    usual.extend(said.iter().map(|(name, value)| (name.clone(), value.clone())));
                }
                _ => _ = response.insert(name.clone(), value.clone()),
            }
        }
    }
}

/// Before the kinds of tools that are dropped.
const TOOLS: &str = "tools.";

/// Takes out what has this name in `x-aigne-dropped`, and is no tool.
fn leave_out(asked: &mut Map<String, Value>, name: &str) {
    let mut within = |member: &str, name: &str| {
        if let Some(Value::Object(members)) = asked.get_mut(member) {
            members.remove(name);
        }
    };
    match name.split_once('.') {
        Some(("tool_choice", _)) => _ = asked.remove("tool_choice"),
        Some(_) => {}
        None if NOTES.contains(&name) => {}
        None => match name {
            "verbosity" => within("text", name),
            "reasoning_effort" => within("reasoning", "effort"),
            name => _ = asked.remove(name),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_asked_for_is_repeated_and_nothing_else() {
        let asked = json!({
            "model": "m", "input": "secret", "stream": true, "store": true, "instructions": "be brief", "temperature": 0.5,
            "metadata": { "a": "b" }, "reasoning": { "effort": "low" }, "text": { "verbosity": "low" }, "tools": [{ "type": "function", "name": "f" }],
            "tool_choice": null, "max_output_tokens": 9, "prompt_cache_key": "k",
        });
        let mut response = json!({
            "metadata": {}, "reasoning": { "effort": null, "summary": null }, "store": false, "tool_choice": "auto",
            "text": { "format": { "type": "text" } }, "temperature": null,
        });
        Repeated::of(asked.to_string().as_bytes()).repeat(response.as_object_mut().unwrap());
        let wanted = json!({
            "metadata": { "a": "b" }, "reasoning": { "effort": "low", "summary": null }, "store": false, "tool_choice": "auto",
            "text": { "format": { "type": "text" }, "verbosity": "low" }, "temperature": 0.5,
            "instructions": "be brief", "tools": [{ "type": "function", "name": "f" }], "max_output_tokens": 9, "prompt_cache_key": "k",
        });
        assert_eq!(response, wanted);
        let long = json!({ "metadata": { "a": "x".repeat(5_000) }, "input": "y".repeat(9_000), "tools": [1, 2] });
        let size = Repeated::of(long.to_string().as_bytes()).size();
        assert!((5_000..6_000).contains(&size), "{size}");
        let asked = Repeated::of(
            json!({
                "truncation": "auto", "max_tool_calls": 3, "top_logprobs": 2, "metadata": { "a": "b" }, "text": { "verbosity": "low", "format": {} },
                "tools": [{ "type": "web_search" }, { "type": "function", "name": "f" }], "reasoning": { "effort": "high", "summary": "auto" },
                "tool_choice": { "type": "web_search" }, "temperature": 0.5,
            })
            .to_string()
            .as_bytes(),
        );
        let dropped = [
            "truncation",
            "max_tool_calls",
            "top_logprobs",
            "metadata",
            "verbosity",
            "tools.web_search",
            "tools.strict",
        ];
        let more = ["reasoning_effort", "tool_choice.web_search", "input.reasoning"];
        let dropped: Vec<String> = dropped.into_iter().chain(more).map(str::to_owned).collect();
        let left = json!({
            "metadata": { "a": "b" }, "text": { "format": {} }, "tools": [{ "type": "function", "name": "f" }],
            "reasoning": { "summary": "auto" }, "temperature": 0.5,
        });
        assert_eq!(asked.without(&dropped), Repeated::of(left.to_string().as_bytes()));
        assert_eq!(asked.without(&[]), asked);
        let all = Repeated::of(br#"{"truncation":"auto"}"#).without(&["truncation".to_owned()]);
        assert_eq!(all, Repeated::NOTHING);
        for nothing in [&b"{}"[..], b"[1]", b"", br#"{"model":"m"}"#] {
            assert_eq!(Repeated::of(nothing), Repeated::NOTHING);
        }
    }
}

//! How often tools ran at the provider during a call (searches, code, pictures), read out of its own usage object, which is kept
//! as it came. Each service has its own names for these counts; here they have one. They are no tokens and have no bucket.
//!
//! | service | where |
//! |---|---|
//! | Anthropic, OpenRouter | `server_tool_use.web_search_requests` |
//! | xAI | `server_side_tool_usage_details.web_search_calls`, `num_sources_used` |
//! | Perplexity | `num_search_queries` |
//! | OpenAI's responses | the items of the answer, which [`note`] counts into `server_tool_calls` |

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// More than any call has; larger numbers are mistakes.
const SENSIBLE: u64 = 1_000_000;
/// Objects of counts, by the services that have them.
const OBJECTS: [&str; 4] = [
    "server_tool_use",
    "server_tool_calls",
    "server_side_tool_usage",
    "server_side_tool_usage_details",
];
/// Single counts, and what they are called here.
const SINGLE: [(&str, &str); 2] = [("num_search_queries", "web_search"), ("num_sources_used", "sources")];
/// How the names of counts end.
const ENDINGS: [&str; 2] = ["_requests", "_calls"];
/// Where [`note`] puts its counts.
const OURS: &str = "server_tool_calls";
/// Items of a response that the provider ran itself, by how their types end.
const ITEM: &str = "_call";
/// Those that the client runs.
const CLIENTS: [&str; 6] = [
    "function_call",
    "custom_tool_call",
    "local_shell_call",
    "shell_call",
    "apply_patch_call",
    "computer_call",
];

/// How often each tool ran, as far as the provider told it; of several counts of one tool the largest.
#[must_use]
pub(crate) fn of(raw: &str) -> BTreeMap<String, u64> {
    let mut uses = BTreeMap::new();
    let Ok(usage) = serde_json::from_str::<Map<String, Value>>(raw) else {
        return uses;
    };
    let mut add = |name: &str, count: &Value| {
        if let Some(count) = count.as_u64().filter(|count| (1..=SENSIBLE).contains(count)) {
            let known = uses.entry(name.to_owned()).or_default();
            *known = count.max(*known);
        }
    };
    for object in OBJECTS
        .iter()
        .filter_map(|name| usage.get(*name))
        .filter_map(Value::as_object)
    {
        for (name, count) in object.iter().take(50) {
            let ending = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending));
            let name: String = ending.unwrap_or(name).chars().take(60).collect();
            add(&name, count);
        }
    }
    for (theirs, ours) in SINGLE {
        if let Some(count) = usage.get(theirs) {
            add(ours, count);
        }
    }
    uses
}

/// Puts into a usage object how often tools ran, as the items of a response tell it; its usage says nothing of them.
pub(super) fn note(output: Option<&Value>, usage: &mut Map<String, Value>) {
    let mut counts = Map::new();
    for item in output.and_then(Value::as_array).into_iter().flatten() {
        let kind = item.get("type").and_then(Value::as_str).unwrap_or_default();
        let Some(tool) = kind.strip_suffix(ITEM).filter(|_| !CLIENTS.contains(&kind)) else {
            continue;
        };
        let before = counts.get(tool).and_then(Value::as_u64).unwrap_or_default();
        counts.insert(tool.to_owned(), (before + 1).into());
    }
    if !counts.is_empty() && !usage.contains_key(OURS) {
        usage.insert(OURS.to_owned(), counts.into());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(raw: &Value) -> Value {
        json!(of(&raw.to_string()))
    }

    #[test]
    fn every_services_counts_have_one_name() {
        for (raw, wanted) in [
            (
                json!({"input_tokens": 1, "server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 0}}),
                json!({"web_search": 2}),
            ),
            (
                json!({"num_sources_used": 5, "server_side_tool_usage_details": {"web_search_calls": 3, "code_interpreter_calls": 1}}),
                json!({"code_interpreter": 1, "sources": 5, "web_search": 3}),
            ),
            (
                json!({"num_search_queries": 4, "server_tool_use": {"web_search_requests": 3}}),
                json!({"web_search": 4}),
            ),
            (
                json!({"server_tool_use": {"web_search_requests": -1, "x": "y", "z": 99_000_000}}),
                json!({}),
            ),
            (json!({"server_tool_use": 7}), json!({})),
        ] {
            assert_eq!(told(&raw), wanted, "{raw}");
        }
        assert!(of("no json").is_empty() && of("[1]").is_empty());
    }

    #[test]
    fn items_that_a_provider_ran_are_counted_into_its_usage() {
        let output = json!([
            {"type": "web_search_call"}, {"type": "message"}, {"type": "web_search_call"}, {"type": "code_interpreter_call"},
            {"type": "function_call"}, {"type": "custom_tool_call"}, 7,
        ]);
        let mut usage = Map::new();
        note(Some(&output), &mut usage);
        assert_eq!(
            told(&Value::Object(usage)),
            json!({"code_interpreter": 1, "web_search": 2})
        );
        let mut usage = Map::new();
        note(Some(&json!([{"type": "message"}])), &mut usage);
        note(None, &mut usage);
        assert!(usage.is_empty(), "a usage object without such items stays as it came");
    }
}

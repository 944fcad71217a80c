//! Roles, fields and tool results that do not fit together.

use serde_json::{Value, json};

use super::{all_refused, said, user};

#[tokio::test]
async fn bad_messages() {
    let call = json!({"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}});
    let asks = json!({"role": "assistant", "content": null, "tool_calls": [call]});
    let mut object_arguments = asks.clone();
    object_arguments["tool_calls"][0]["function"]["arguments"] = json!({});
    let result = |id: &str| json!({"role": "tool", "tool_call_id": id, "content": "42"});
    let hi = json!({"role": "user", "content": "hi"});
    // The call with another value, or with none, at this place.
    let spoilt = |place: &str, value: Value| {
        let mut asks = asks.clone();
        *asks["tool_calls"][0].pointer_mut(place).unwrap() = value;
        said(json!([hi, asks, result("call_1")]))
    };
    let without = |place: &str| {
        let mut body = spoilt(place, Value::Null);
        let (parent, name) = place.rsplit_once('/').unwrap();
        let parent = body["messages"][1]["tool_calls"][0].pointer_mut(parent).unwrap();
        parent.as_object_mut().unwrap().remove(name);
        body
    };
    let numbered = |place: &str| spoilt(place, json!(7));
    all_refused(vec![
        ("missing", json!({"model": "gpt-4o"}), "Missing required parameter: 'messages'", Some("messages"), Some("missing_required_parameter")),
        ("empty", said(json!([])), "empty array", Some("messages"), Some("empty_array")),
        ("text", said(json!("hi")), "expected an array of objects, but got a string", Some("messages"), Some("invalid_type")),
        ("list of texts", said(json!(["hi"])), "expected an object", Some("messages[0]"), Some("invalid_type")),
        ("no role", said(json!([{"content": "hi"}])), "Missing required parameter: 'messages[0].role'", Some("messages[0].role"), Some("missing_required_parameter")),
        ("unknown role", said(json!([{"role": "human", "content": "hi"}])), "Invalid value: 'human'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.", Some("messages[0].role"), Some("invalid_value")),
        ("unknown field", said(json!([{"role": "user", "content": "hi", "reasoning_content": "x"}])), "Unknown parameter: 'messages[0].reasoning_content'", Some("messages[0].reasoning_content"), Some("unknown_parameter")),
        ("no content", said(json!([{"role": "user"}])), "Missing required parameter: 'messages[0].content'", Some("messages[0].content"), Some("missing_required_parameter")),
        ("null content", user(Value::Null), "expected a string, got null", Some("messages.[0].content"), None),
        ("empty assistant", said(json!([hi, {"role": "assistant", "content": null}])), "expected a string, got null", Some("messages.[1].content"), None),
        ("number as content", user(json!(5)), "string or array of objects, but got an integer", Some("messages[0].content"), Some("invalid_type")),
        ("orphaned result", said(json!([hi, result("call_1")])), "must be a response to a preceeding message", Some("messages.[1].role"), None),
        ("other call's result", said(json!([hi, asks, result("call_2")])), "must be a response to a preceeding message", Some("messages.[2].role"), None),
        ("result twice", said(json!([hi, asks, result("call_1"), result("call_1")])), "must be a response to a preceeding message", Some("messages.[3].role"), None),
        ("result without id", said(json!([hi, asks, {"role": "tool", "content": "42"}])), "Missing required parameter: 'messages[2].tool_call_id'", Some("messages[2].tool_call_id"), Some("missing_required_parameter")),
        ("call without result", said(json!([hi, asks, hi])), "did not have response messages: call_1", Some("messages.[2].role"), None),
        ("call at the end", said(json!([hi, asks])), "did not have response messages: call_1", Some("messages.[2].role"), None),
        ("arguments as object", said(json!([hi, object_arguments, result("call_1")])), "expected a string, but got an object", Some("messages[1].tool_calls[0].function.arguments"), Some("invalid_type")),
        ("role as number", said(json!([{"role": 1, "content": "hi"}])), "expected a string, but got an integer", Some("messages[0].role"), Some("invalid_type")),
        ("result id as number", said(json!([hi, asks, {"role": "tool", "tool_call_id": 1, "content": "42"}])), "expected a string, but got an integer", Some("messages[2].tool_call_id"), Some("invalid_type")),
        ("calls as object", said(json!([hi, {"role": "assistant", "tool_calls": {}}])), "expected an array of objects, but got an object", Some("messages[1].tool_calls"), Some("invalid_type")),
        ("no calls in the list", said(json!([hi, {"role": "assistant", "tool_calls": []}])), "empty array", Some("messages[1].tool_calls"), Some("empty_array")),
        ("call without id", without("/id"), "Missing required parameter", Some("messages[1].tool_calls[0].id"), Some("missing_required_parameter")),
        ("call without type", without("/type"), "Missing required parameter", Some("messages[1].tool_calls[0].type"), Some("missing_required_parameter")),
        ("call without name", without("/function/name"), "Missing required parameter", Some("messages[1].tool_calls[0].function.name"), Some("missing_required_parameter")),
        ("call without arguments", without("/function/arguments"), "Missing required parameter", Some("messages[1].tool_calls[0].function.arguments"), Some("missing_required_parameter")),
        ("call id as number", numbered("/id"), "expected a string, but got an integer", Some("messages[1].tool_calls[0].id"), Some("invalid_type")),
        ("call type as number", numbered("/type"), "expected a string, but got an integer", Some("messages[1].tool_calls[0].type"), Some("invalid_type")),
        ("call name as number", numbered("/function/name"), "expected a string, but got an integer", Some("messages[1].tool_calls[0].function.name"), Some("invalid_type")),
    ])
    .await;
}

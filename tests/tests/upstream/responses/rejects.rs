//! Everything that the provider refuses of a Responses request is refused, with its param and code.

use serde_json::{Value, json};
use tests::upstream::Upstream;

use super::{ask, responses, weather, with};

fn more(fields: Value) -> Value {
    with(ask("gpt-4o-mini"), fields)
}

fn item(item: Value) -> Value {
    json!({ "model": "gpt-4o-mini", "input": [item], "store": false })
}

#[tokio::test]
async fn each_is_refused() {
    let says = |content: Value, role: &str| item(json!({ "role": role, "content": content }));
    let call = json!({ "type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}" });
    let output = json!({ "type": "function_call_output", "call_id": "call_1", "output": "42" });
    let thought =
        |cipher: Value| json!({ "type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": cipher });
    let said = json!({ "role": "assistant", "content": "so" });
    let list = |items: Vec<&Value>| json!({ "model": "o3", "input": items, "store": false });
    let open = json!({ "type": "object", "properties": { "a": { "type": "string" } }, "required": ["a"] });
    let tool = |tool: Value| more(json!({ "tools": [tool] }));
    let cases = [
        (
            "no input",
            json!({ "model": "gpt-4o" }),
            Some("input"),
            Some("missing_required_parameter"),
        ),
        (
            "input",
            json!({ "model": "gpt-4o", "input": 7 }),
            Some("input"),
            Some("invalid_type"),
        ),
        (
            "empty input",
            json!({ "model": "gpt-4o", "input": [] }),
            Some("input"),
            Some("empty_array"),
        ),
        (
            "a chat's member",
            more(json!({ "messages": [] })),
            Some("messages"),
            Some("unknown_parameter"),
        ),
        (
            "a chat's limit",
            more(json!({ "max_tokens": 50 })),
            Some("max_tokens"),
            Some("unknown_parameter"),
        ),
        (
            "stop",
            more(json!({ "stop": "x" })),
            Some("stop"),
            Some("unknown_parameter"),
        ),
        (
            "a chat's format",
            more(json!({ "response_format": {} })),
            Some("response_format"),
            Some("unknown_parameter"),
        ),
        (
            "too small a limit",
            more(json!({ "max_output_tokens": 15 })),
            Some("max_output_tokens"),
            Some("integer_below_min_value"),
        ),
        (
            "temperature",
            more(json!({ "temperature": 3 })),
            Some("temperature"),
            Some("decimal_above_max_value"),
        ),
        (
            "temperature while thinking",
            with(ask("o3"), json!({ "temperature": 1 })),
            Some("temperature"),
            Some("unsupported_parameter"),
        ),
        (
            "thinking without",
            more(json!({ "reasoning": { "effort": "low" } })),
            Some("reasoning.effort"),
            Some("unsupported_parameter"),
        ),
        (
            "effort",
            with(ask("o3"), json!({ "reasoning": { "effort": "huge" } })),
            Some("reasoning.effort"),
            Some("invalid_value"),
        ),
        (
            "reasoning",
            with(ask("o3"), json!({ "reasoning": { "budget": 1 } })),
            Some("reasoning.budget"),
            Some("unknown_parameter"),
        ),
        (
            "cipher without thinking",
            more(json!({ "include": ["reasoning.encrypted_content"] })),
            Some("include"),
            None,
        ),
        (
            "include",
            more(json!({ "include": ["everything"] })),
            Some("include[0]"),
            Some("invalid_value"),
        ),
        (
            "stream options",
            more(json!({ "stream_options": {} })),
            Some("stream_options"),
            None,
        ),
        (
            "usage in a stream",
            more(json!({ "stream": true, "stream_options": { "include_usage": true } })),
            Some("stream_options.include_usage"),
            Some("unknown_parameter"),
        ),
        (
            "metadata",
            more(json!({ "metadata": { "a": 1 } })),
            Some("metadata"),
            Some("invalid_type"),
        ),
        (
            "truncation",
            more(json!({ "truncation": "some" })),
            Some("truncation"),
            Some("invalid_value"),
        ),
        (
            "format",
            more(json!({ "text": { "format": { "type": "xml" } } })),
            Some("text.format.type"),
            Some("invalid_value"),
        ),
        (
            "json not spoken of",
            more(json!({ "text": { "format": { "type": "json_object" } } })),
            Some("input"),
            None,
        ),
        (
            "schema without name",
            more(json!({ "text": { "format": { "type": "json_schema", "schema": {} } } })),
            Some("text.format.name"),
            Some("missing_required_parameter"),
        ),
        (
            "nested schema",
            more(json!({ "text": { "format": { "type": "json_schema", "json_schema": {} } } })),
            Some("text.format.name"),
            Some("missing_required_parameter"),
        ),
        (
            "lax schema",
            more(
                json!({ "text": { "format": { "type": "json_schema", "name": "r", "strict": true, "schema": open } } }),
            ),
            Some("text.format.schema"),
            Some("invalid_json_schema"),
        ),
        (
            "a chat's tool",
            tool(json!({ "type": "function", "function": { "name": "f" } })),
            Some("tools[0].name"),
            Some("missing_required_parameter"),
        ),
        (
            "tool's type",
            tool(json!({ "type": "magic", "name": "f" })),
            Some("tools[0].type"),
            Some("invalid_value"),
        ),
        (
            "tool's name",
            tool(json!({ "type": "function", "name": "a b" })),
            Some("tools[0].name"),
            Some("invalid_value"),
        ),
        (
            "tool's schema",
            tool(json!({ "type": "function", "name": "f", "parameters": {} })),
            Some("tools[0].parameters"),
            Some("invalid_function_parameters"),
        ),
        (
            "tool's member",
            tool(json!({ "type": "function", "name": "f", "cache_control": {} })),
            Some("tools[0].cache_control"),
            Some("unknown_parameter"),
        ),
        (
            "tool in a namespace",
            tool(json!({ "type": "namespace", "name": "n", "tools": [{ "type": "function" }] })),
            Some("tools[0].tools[0].name"),
            Some("missing_required_parameter"),
        ),
        (
            "choice",
            more(json!({ "tools": [weather("f")], "tool_choice": "maybe" })),
            Some("tool_choice"),
            Some("invalid_value"),
        ),
        (
            "choice of nothing",
            more(json!({ "tool_choice": "required" })),
            Some("tool_choice"),
            None,
        ),
        (
            "choice of another",
            more(json!({ "tools": [weather("f")], "tool_choice": { "type": "function", "name": "g" } })),
            Some("tool_choice"),
            None,
        ),
        (
            "item's type",
            item(json!({ "type": "hologram" })),
            Some("input[0]"),
            Some("invalid_value"),
        ),
        (
            "no type",
            item(json!({ "content": "x" })),
            Some("input[0].type"),
            Some("missing_required_parameter"),
        ),
        (
            "role",
            says(json!("x"), "tool"),
            Some("input[0].role"),
            Some("invalid_value"),
        ),
        (
            "no content",
            item(json!({ "role": "user" })),
            Some("input[0].content"),
            Some("missing_required_parameter"),
        ),
        (
            "a chat's part",
            says(json!([{ "type": "text", "text": "x" }]), "user"),
            Some("input[0].content[0]"),
            Some("invalid_value"),
        ),
        (
            "input of the model",
            says(json!([{ "type": "input_text", "text": "x" }]), "assistant"),
            Some("input[0].content[0]"),
            Some("invalid_value"),
        ),
        (
            "picture",
            says(json!([{ "type": "input_image" }]), "user"),
            Some("input[0].content[0].image_url"),
            Some("missing_required_parameter"),
        ),
        (
            "a chat's picture",
            says(
                json!([{ "type": "input_image", "image_url": { "url": "https://x" } }]),
                "user",
            ),
            Some("input[0].content[0].image_url"),
            Some("invalid_type"),
        ),
        (
            "picture's address",
            says(json!([{ "type": "input_image", "image_url": "x" }]), "user"),
            Some("input[0].content[0].image_url"),
            Some("invalid_value"),
        ),
        (
            "message's member",
            item(json!({ "role": "user", "content": "x", "name": "n" })),
            Some("input[0].name"),
            Some("unknown_parameter"),
        ),
        (
            "call without id",
            item(json!({ "type": "function_call", "name": "f", "arguments": "{}" })),
            Some("input[0].call_id"),
            Some("missing_required_parameter"),
        ),
        (
            "arguments",
            item(json!({ "type": "function_call", "call_id": "a", "name": "f", "arguments": {} })),
            Some("input[0].arguments"),
            Some("invalid_type"),
        ),
        (
            "long id",
            item(json!({ "type": "function_call", "call_id": "a".repeat(65), "name": "f", "arguments": "{}" })),
            Some("input[0].call_id"),
            Some("string_above_max_length"),
        ),
        ("answer without call", list(vec![&output]), Some("input"), None),
        ("call without answer", list(vec![&call]), Some("input"), None),
        (
            "answer that is none",
            list(vec![
                &call,
                &json!({ "type": "function_call_output", "call_id": "call_1" }),
            ]),
            Some("input[1].output"),
            Some("missing_required_parameter"),
        ),
        (
            "thought's name",
            list(vec![&json!({ "type": "reasoning", "id": "x", "summary": [] })]),
            Some("input[0].id"),
            Some("invalid_value"),
        ),
        (
            "thought without summary",
            list(vec![&json!({ "type": "reasoning", "id": "rs_1" })]),
            Some("input[0].summary"),
            Some("missing_required_parameter"),
        ),
        (
            "foreign cipher",
            list(vec![&thought(json!("aigne1.sig.x")), &said]),
            None,
            Some("invalid_encrypted_content"),
        ),
        (
            "thought at the end",
            list(vec![&said, &thought(json!("gAAAAfakers_1"))]),
            Some("input"),
            None,
        ),
        (
            "background",
            more(json!({ "background": true })),
            Some("background"),
            None,
        ),
    ];
    let upstream = Upstream::start().await.unwrap();
    for (what, body, param, code) in cases {
        let (status, answer) = responses(&upstream, &body).json().await.unwrap();
        assert_eq!(status, 400, "{what}: {answer}");
        let error = &answer["error"];
        assert_eq!(
            (&error["param"], &error["code"]),
            (&json!(param), &json!(code)),
            "{what}: {answer}"
        );
        assert_eq!(error["type"], "invalid_request_error", "{what}");
    }
    // With both, the same items are taken; and what was not kept is not found.
    let (status, _) = responses(&upstream, &list(vec![&thought(json!("gAAAAfakers_1")), &call, &output]))
        .json()
        .await
        .unwrap();
    assert_eq!(status, 200);
    for lost in [
        list(vec![&thought(Value::Null), &said]),
        item(json!({ "type": "item_reference", "id": "msg_1" })),
    ] {
        assert_eq!(responses(&upstream, &lost).json().await.unwrap().0, 404);
    }
    let (status, _) = responses(&upstream, &json!({ "model": "text-embedding-3-small", "input": "x" }))
        .json()
        .await
        .unwrap();
    assert_eq!(status, 400);
}

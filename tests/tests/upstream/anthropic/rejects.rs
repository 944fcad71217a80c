//! Everything that Anthropic refuses is refused, with its status, its type and its sentence.

use http::Method;
use serde_json::{Value, json};
use tests::client::Call;
use tests::upstream::{DEFAULT_KEY, Upstream};

use super::{ask, hello, with};

const OLD: &str = "claude-haiku-4-5";
const MIDDLE: &str = "claude-opus-4-6";
const NEW: &str = "claude-opus-4-7";
const NEWEST: &str = "claude-opus-5-5";

async fn all_refused(cases: Vec<(Value, &str)>) {
    let upstream = Upstream::start().await.unwrap();
    for (body, message) in cases {
        let (status, answer) = ask(&upstream, &body).json().await.unwrap();
        assert_eq!(status, 400, "{body}: {answer}");
        assert_eq!(
            (&answer["type"], &answer["error"]["type"]),
            (&json!("error"), &json!("invalid_request_error"))
        );
        let text = answer["error"]["message"].as_str().unwrap();
        assert!(text.contains(message), "{body}: {text}, not: {message}");
        assert!(answer["request_id"].is_string());
    }
}

async fn all_accepted(cases: Vec<Value>) {
    let upstream = Upstream::start().await.unwrap();
    for body in cases {
        let (status, answer) = ask(&upstream, &body).json().await.unwrap();
        assert_eq!(status, 200, "{body}: {answer}");
    }
}

fn more(model: &str, members: Value) -> Value {
    with(hello(model), members)
}

fn said(model: &str, messages: Value) -> Value {
    more(model, json!({ "messages": messages }))
}

fn user(content: Value) -> Value {
    said(OLD, json!([{"role": "user", "content": content}]))
}

#[tokio::test]
async fn who_asks_and_for_what() {
    let upstream = Upstream::start().await.unwrap();
    let good = || ask(&upstream, &hello(OLD));
    let get = |path| {
        Call::new(upstream.address(), Method::GET, path)
            .header("x-api-key", DEFAULT_KEY)
            .header("anthropic-version", "2023-06-01")
    };
    let post = |path, body: Value| {
        Call::post(upstream.address(), path, &body)
            .header("x-api-key", DEFAULT_KEY)
            .header("anthropic-version", "2023-06-01")
    };
    let cases = [
        (
            good().without("x-api-key"),
            401,
            "authentication_error",
            "x-api-key header is required",
        ),
        (
            good().without("x-api-key").bearer(DEFAULT_KEY),
            401,
            "authentication_error",
            "header is required",
        ),
        (
            good().without("x-api-key").header("x-api-key", "sk-ant-wrong"),
            401,
            "authentication_error",
            "invalid x-api-key",
        ),
        (
            good().without("anthropic-version"),
            400,
            "invalid_request_error",
            "anthropic-version: header is required",
        ),
        (
            good()
                .without("anthropic-version")
                .header("anthropic-version", "2022-01-01"),
            400,
            "invalid_request_error",
            "is not a valid version",
        ),
        (
            good().content_type("text/plain"),
            400,
            "invalid_request_error",
            "content-type",
        ),
        (
            good().body("{\"model\":"),
            400,
            "invalid_request_error",
            "not valid JSON",
        ),
        (get("/v1/messages"), 405, "invalid_request_error", "Method Not Allowed"),
        (
            post("/v1/messages/none", hello(OLD)),
            404,
            "not_found_error",
            "Not Found",
        ),
        (
            post("/v1/messages", hello("claude-9")),
            404,
            "not_found_error",
            "model: claude-9",
        ),
        (get("/v1/models/claude-9"), 404, "not_found_error", "model: claude-9"),
        (
            post("/v1/messages/count_tokens", hello(OLD)),
            400,
            "invalid_request_error",
            "max_tokens: Extra inputs",
        ),
    ];
    for (call, status, kind, message) in cases {
        let (found, answer) = call.json().await.unwrap();
        assert_eq!(
            (found.as_u16(), &answer["error"]["type"]),
            (status, &json!(kind)),
            "{answer}"
        );
        assert!(
            answer["error"]["message"].as_str().unwrap().contains(message),
            "{answer}"
        );
    }
    let (status, models) = get("/v1/models?limit=1000").json().await.unwrap();
    assert_eq!(
        (status.as_u16(), &models["data"][0]["type"], &models["has_more"]),
        (200, &json!("model"), &json!(false))
    );
}

#[tokio::test]
async fn sources_that_it_never_named() {
    let document =
        json!({"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "a line"}});
    let goes_on = |citation: Value, with_it: bool| {
        let asked = match with_it {
            true => json!([document, {"type": "text", "text": "What does it say?"}]),
            false => json!("What does it say?"),
        };
        let answer = json!([{"type": "text", "text": "A line.", "citations": [citation]}]);
        said(
            OLD,
            json!([{"role": "user", "content": asked}, {"role": "assistant", "content": answer}, {"role": "user", "content": "Go on"}]),
        )
    };
    let place = |end: u64| json!({"type": "char_location", "cited_text": "a line", "document_index": 0, "document_title": null, "start_char_index": 0, "end_char_index": end});
    let page = |index: &str| json!({"type": "web_search_result_location", "cited_text": "", "url": "https://a.test/", "title": "A", "encrypted_index": index});
    all_refused(vec![
        (goes_on(page(""), false), "encrypted_index: Invalid encrypted content"),
        (
            goes_on(place(6), false),
            "document_index: Citation refers to a document that is not there",
        ),
        (goes_on(place(0), true), "end_char_index: Citation is empty"),
        (goes_on(json!({"type": "url_citation"}), false), "Input tag"),
    ])
    .await;
    all_accepted(vec![goes_on(page("Eo8B"), false), goes_on(place(6), true)]).await;
}

#[tokio::test]
async fn the_newest_version_takes_less() {
    let upstream = Upstream::start().await.unwrap();
    let cited = json!([{"type": "text", "text": "x", "citations": [{"type": "char_location"}]}]);
    for (body, message) in [
        (
            more(OLD, json!({"temperature": 1.0})),
            "temperature: Extra inputs are not permitted",
        ),
        (more(OLD, json!({"top_k": 5})), "top_k: Extra inputs are not permitted"),
        (user(cited), "not permitted there"),
    ] {
        let older = ask(&upstream, &body).json().await.unwrap();
        assert_eq!(older.0, 200, "{}", older.1);
        let newest = ask(&upstream, &body).header("anthropic-version", "2026-10-21");
        let (status, answer) = newest.json().await.unwrap();
        assert_eq!(status, 400, "{answer}");
        assert!(
            answer["error"]["message"].as_str().unwrap().contains(message),
            "{answer}"
        );
    }
    let newest = ask(&upstream, &hello(OLD)).header("anthropic-version", "2026-10-21");
    assert_eq!(newest.json().await.unwrap().0, 200);
}

#[tokio::test]
async fn what_must_never_arrive_is_noted() {
    let upstream = Upstream::start().await.unwrap();
    assert_eq!(ask(&upstream, &hello(OLD)).json().await.unwrap().0, 200);
    assert_eq!(upstream.violations(), [""; 0]);
    ask(&upstream, &hello(OLD))
        .bearer("sk-hub")
        .header("cookie", "a=b")
        .json()
        .await
        .unwrap();
    let found = upstream.violations().join("\n");
    for word in ["authorization reached", "cookie reached"] {
        assert!(found.contains(word), "{found}");
    }
}

#[tokio::test]
async fn members() {
    let without = |name: &str| {
        let mut body = hello(OLD);
        body.as_object_mut().unwrap().remove(name);
        body
    };
    let long = "u".repeat(257);
    all_refused(vec![
        (json!([]), "valid dictionary"),
        (without("model"), "model: Field required"),
        (without("max_tokens"), "max_tokens: Field required"),
        (without("messages"), "messages: Field required"),
        (more(OLD, json!({"model": 7})), "model: Input should be a valid string"),
        (
            more(OLD, json!({"max_tokens": "9"})),
            "max_tokens: Input should be a valid integer",
        ),
        (more(OLD, json!({"max_tokens": -1})), "greater than or equal to 0"),
        (more(OLD, json!({"max_tokens": 64_001})), "max_tokens: 64001 > 64000"),
        (more(OLD, json!({"n": 2})), "n: Extra inputs are not permitted"),
        (
            more(OLD, json!({"max_completion_tokens": 5})),
            "max_completion_tokens: Extra inputs",
        ),
        (
            more(OLD, json!({"context_management": {}})),
            "context_management: Extra inputs",
        ),
        (
            more(OLD, json!({"stream": "yes"})),
            "stream: Input should be a valid boolean",
        ),
        (
            more(OLD, json!({"stop_sequences": "END"})),
            "stop_sequences: Input should be a valid list",
        ),
        (
            more(OLD, json!({"stop_sequences": [" \n"]})),
            "must contain non-whitespace",
        ),
        (
            more(OLD, json!({"metadata": {"user_id": long}})),
            "at most 256 characters",
        ),
        (
            more(OLD, json!({"metadata": {"name": "x"}})),
            "metadata.name: Extra inputs",
        ),
        (
            more(OLD, json!({"service_tier": "flex"})),
            "service_tier: Input should be",
        ),
    ])
    .await;
    let upstream = Upstream::start().await.unwrap();
    let managed = more(OLD, json!({"context_management": {"edits": []}}));
    let call = ask(&upstream, &managed).header("anthropic-beta", "a-1, context-management-2025-06-27");
    assert_eq!(call.json().await.unwrap().0, 200);
}

#[tokio::test]
async fn turns() {
    let call = json!({"type": "tool_use", "id": "t1", "name": "a", "input": {}});
    let result = json!({"type": "tool_result", "tool_use_id": "t1", "content": "done"});
    let tools = json!([{"name": "a", "input_schema": {"type": "object"}}]);
    let with_tools = |messages: Value| more(OLD, json!({"tools": tools, "messages": messages}));
    let hi = json!({"role": "user", "content": "hi"});
    all_refused(vec![
        (said(OLD, json!([])), "at least one message is required"),
        (said(OLD, json!("hi")), "messages: Input should be a valid list"),
        (said(OLD, json!([{"role": "tool", "content": "x"}])), "role must be 'user' or 'assistant'"),
        (said(OLD, json!([{"content": "x"}])), "messages.0.role: Field required"),
        (said(OLD, json!([{"role": "user"}])), "messages.0.content: Field required"),
        (said(OLD, json!([{"role": "user", "content": ""}])), "must have non-empty content"),
        (said(OLD, json!([{"role": "user", "content": "x", "name": "n"}])), "messages.0.name: Extra inputs"),
        (said(OLD, json!([hi, {"role": "system", "content": "x"}])), "role 'system' is not supported"),
        (said(NEWEST, json!([{"role": "system", "content": "x"}, hi])), "must follow a user turn"),
        (said(NEWEST, json!([hi, {"role": "system", "content": "x"}, hi])), "must follow a user turn"),
        (said(OLD, json!([hi, {"role": "assistant", "content": "Well, "}])), "cannot end with trailing whitespace"),
        (said(MIDDLE, json!([hi, {"role": "assistant", "content": "Well"}])), "does not support assistant message prefill"),
        (more(OLD, json!({"system": [{"type": "image"}]})), "Input should be 'text'"),
        (with_tools(json!([hi, {"role": "assistant", "content": [call]}, hi])), "were found without `tool_result`"),
        (with_tools(json!([hi, {"role": "assistant", "content": [call]}])), "were found without `tool_result`"),
        (
            with_tools(json!([hi, {"role": "assistant", "content": [call]}, {"role": "user", "content": [{"type": "text", "text": "x"}, result]}])),
            "immediately after: t1",
        ),
        (with_tools(json!([{"role": "user", "content": [result]}])), "unexpected `tool_use_id`"),
        (
            with_tools(json!([hi, {"role": "assistant", "content": [call, call]}, {"role": "user", "content": [result]}])),
            "ids must be unique",
        ),
        (
            said(OLD, json!([hi, {"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}])),
            "must define tools",
        ),
        (with_tools(json!([{"role": "user", "content": [call]}])), "can only be in `assistant` messages"),
        (with_tools(json!([hi, {"role": "assistant", "content": [result]}])), "can only be in `user` messages"),
        (
            with_tools(json!([hi, {"role": "assistant", "content": [{"type": "tool_use", "id": "a:1", "name": "a", "input": {}}]}])),
            "should match pattern",
        ),
        (
            with_tools(json!([hi, {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "a", "input": "{}"}]}])),
            "Input should be a valid dictionary",
        ),
    ])
    .await;
    all_accepted(vec![
        said(OLD, json!([hi, hi, {"role": "assistant", "content": "Well"}])),
        said(NEWEST, json!([hi, {"role": "system", "content": "x"}])),
        with_tools(json!([hi, {"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}, hi])),
    ])
    .await;
}

#[tokio::test]
async fn blocks() {
    let image = |source: Value| user(json!([{"type": "image", "source": source}]));
    let document = |source: Value| user(json!([{"type": "document", "source": source}]));
    let thought = |block: Value| {
        said(
            OLD,
            json!([{"role": "user", "content": "a"}, {"role": "assistant", "content": [block, {"type": "text", "text": "b"}]}, {"role": "user", "content": "c"}]),
        )
    };
    let marked = |mark: Value| user(json!([{"type": "text", "text": "x", "cache_control": mark}]));
    all_refused(vec![
        (
            user(json!([{"type": "text", "text": ""}])),
            "text content blocks must be non-empty",
        ),
        (
            user(json!([{"type": "text", "text": " \n"}])),
            "must contain non-whitespace text",
        ),
        (
            user(json!([{"text": "x"}])),
            "messages.0.content.0.type: Field required",
        ),
        (
            user(json!([{"type": "text"}])),
            "messages.0.content.0.text.text: Field required",
        ),
        (
            user(json!([{"type": "text", "text": "x", "detail": 1}])),
            "text.detail: Extra inputs",
        ),
        (
            user(json!([{"type": "image_url", "image_url": {"url": "x"}}])),
            "Input tag 'image_url'",
        ),
        (
            image(json!({"type": "base64", "media_type": "image/tiff", "data": "AAAA"})),
            "'image/webp'",
        ),
        (
            image(json!({"type": "base64", "media_type": "image/png", "data": "data:image/png;base64,AAAA"})),
            "invalid base64 data",
        ),
        (
            image(json!({"type": "url", "url": "http://example.test/a.png"})),
            "Only HTTPS URLs are supported",
        ),
        (image(json!({"type": "disk"})), "Input tag 'disk'"),
        (
            document(json!({"type": "base64", "media_type": "text/plain", "data": "AAAA"})),
            "'application/pdf'",
        ),
        (
            document(json!({"type": "text", "media_type": "text/html", "data": "x"})),
            "'text/plain'",
        ),
        (
            thought(json!({"type": "thinking", "thinking": "mine", "signature": "AAAA"})),
            "Invalid `signature` in `thinking` block",
        ),
        (
            thought(json!({"type": "thinking", "thinking": "mine"})),
            "signature: Field required",
        ),
        (
            thought(json!({"type": "redacted_thinking", "data": "AAAA"})),
            "Invalid `data` in `redacted_thinking` block",
        ),
        (marked(json!({"type": "forever"})), "Input should be 'ephemeral'"),
        (
            marked(json!({"type": "ephemeral", "ttl": "2h"})),
            "Input should be '5m' or '1h'",
        ),
        (
            user(json!(
                (0..5)
                    .map(|_| json!({"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}))
                    .collect::<Vec<_>>()
            )),
            "A maximum of 4 blocks with cache_control may be provided. Found 5.",
        ),
        (
            user(json!([
                {"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}},
                {"type": "text", "text": "y", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
            ])),
            "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block",
        ),
    ])
    .await;
}

#[tokio::test]
async fn tools() {
    let tools = |tools: Value| more(OLD, json!({ "tools": tools }));
    let object = json!({"type": "object"});
    let chosen = |choice: Value| {
        more(
            OLD,
            json!({"tools": [{"name": "a", "input_schema": object}], "tool_choice": choice}),
        )
    };
    let many = |count: usize, kind: Value| {
        let properties: serde_json::Map<_, _> = (0..count)
            .map(|at| (format!("m{at}"), json!({ "type": kind })))
            .collect();
        json!({"type": "object", "additionalProperties": false, "properties": properties})
    };
    let strict = |schema: Value| tools(json!([{"name": "a", "strict": true, "input_schema": schema}]));
    all_refused(vec![
        (tools(json!({})), "tools: Input should be a valid list"),
        (tools(json!([{"input_schema": object}])), "tools.0.custom.name: Field required"),
        (tools(json!([{"name": "a.b", "input_schema": object}])), "should match pattern"),
        (tools(json!([{"name": "a"}])), "input_schema: Field required"),
        (tools(json!([{"name": "a", "input_schema": {}}])), "input_schema.type: Field required"),
        (tools(json!([{"name": "a", "input_schema": {"type": "string"}}])), "Input should be 'object'"),
        (tools(json!([{"type": "function", "function": {"name": "a"}}])), "Input tag 'function'"),
        (tools(json!([{"name": "a", "input_schema": object}, {"name": "a", "input_schema": object}])), "must be unique"),
        (tools(json!([{"name": "a", "input_schema": object, "parameters": {}}])), "parameters: Extra inputs"),
        (
            tools(json!([{"name": "a", "input_schema": {"type": "object", "anyOf": [{"required": ["x"]}]}}])),
            "input_schema does not support oneOf, allOf, or anyOf at the top level",
        ),
        (
            strict(json!({"type": "object", "additionalProperties": false, "properties": {"n": {"allOf": [{"$ref": "#/$defs/N"}]}},
                "$defs": {"N": {"type": "string"}}})),
            "allOf with $ref is not supported",
        ),
        (
            strict(json!({"type": "object", "additionalProperties": false, "properties": {"n": {"$ref": "https://example.com/n"}}})),
            "External $ref is not supported",
        ),
        (strict(many(25, json!("string"))), "too many optional parameters (25)"),
        (strict(many(17, json!(["string", "null"]))), "too many parameters with union types (17"),
        (strict(json!({"type": "object", "properties": {}})), "'additionalProperties' must be explicitly set to false"),
        (
            strict(json!({"type": "object", "additionalProperties": false, "properties": {"n": {"type": "integer", "minimum": 1}}})),
            "'minimum' is not supported",
        ),
        (
            strict(json!({"type": "object", "additionalProperties": false, "properties": {"n": {"$ref": "#/$defs/N"}},
                "$defs": {"N": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/N"}]}}})),
            "Circular reference detected in schema definitions: N -> N",
        ),
        (
            strict(json!({"type": "object", "additionalProperties": false, "properties": {"n": {"enum": [["a"]]}}})),
            "Complex types within enums",
        ),
        (
            strict(json!({"type": "object", "additionalProperties": false, "properties": {"n": {"type": ["string", "null"], "enum": ["a"]}}})),
            "does not match declared type",
        ),
        (
            strict(json!({"type": "object", "additionalProperties": false, "properties": {"n": {"type": "array", "minItems": 2}}})),
            "'minItems' values other than 0 or 1",
        ),
        (
            tools((0..21).map(|at| json!({"name": format!("t{at}"), "strict": true, "input_schema": {"type": "object", "additionalProperties": false}})).collect()),
            "Too many strict tools (21)",
        ),
        (more(OLD, json!({"tool_choice": {"type": "auto"}})), "only be specified while providing tools"),
        (chosen(json!("auto")), "tool_choice: Input should be a valid dictionary"),
        (chosen(json!({"type": "required"})), "'auto', 'any', 'tool', 'none'"),
        (chosen(json!({"type": "tool", "name": "b"})), "Tool 'b' not found"),
        (chosen(json!({"type": "none", "disable_parallel_tool_use": true})), "Extra inputs are not permitted"),
    ])
    .await;
}

#[tokio::test]
async fn thinking_effort_and_sampling() {
    let budget = |tokens: u64| json!({"thinking": {"type": "enabled", "budget_tokens": tokens}, "max_tokens": 5000});
    let adaptive = json!({"thinking": {"type": "adaptive"}});
    let effort = |word: &str| json!({"output_config": {"effort": word}});
    let form = |schema: Value| json!({"output_config": {"format": {"type": "json_schema", "schema": schema}}});
    let both = |members: Value| more(OLD, with(budget(2000), members));
    let forced = json!({"tools": [{"name": "a", "input_schema": {"type": "object"}}], "tool_choice": {"type": "any"}});
    let unproven = json!({
        "tools": [{"name": "a", "input_schema": {"type": "object"}}],
        "messages": [
            {"role": "user", "content": "x"},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "a", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t"}]},
        ],
    });
    all_refused(vec![
        (more(OLD, budget(1000)), "greater than or equal to 1024"),
        (more(OLD, budget(5000)), "`max_tokens` must be greater than `thinking.budget_tokens`"),
        (more(OLD, json!({"thinking": {"type": "enabled"}})), "budget_tokens: Field required"),
        (more(OLD, json!({"thinking": {"type": "hard"}})), "'adaptive', 'disabled', 'enabled'"),
        (more(OLD, adaptive.clone()), "adaptive thinking is not supported"),
        (more(NEW, budget(2000)), "\"thinking.type.enabled\" is not supported"),
        (more(NEW, json!({"thinking": {"type": "adaptive", "display": "all"}})), "'summarized' or 'omitted'"),
        (more(NEWEST, json!({"thinking": {"type": "disabled"}})), "\"thinking.type.disabled\" is not supported"),
        (both(forced.clone()), "Thinking may not be enabled when tool_choice forces tool use."),
        (more(NEWEST, forced), "Thinking may not be enabled"),
        (both(unproven), "Expected `thinking` or `redacted_thinking`, but found `tool_use`"),
        (both(json!({"temperature": 0.5})), "`temperature` may only be set to 1"),
        (both(json!({"top_p": 0.5})), "`top_p` must be greater"),
        (both(json!({"top_k": 5})), "`top_k` must be unset"),
        (more(OLD, json!({"temperature": 1.5})), "temperature: range: 0..1"),
        (more(OLD, json!({"temperature": 0.5, "top_p": 0.5})), "cannot both be specified"),
        (more(NEW, json!({"temperature": 0.5})), "`temperature` is not supported"),
        (more(NEW, json!({"top_k": 5})), "`top_k` is not supported"),
        (more(OLD, effort("low")), "does not support the effort parameter"),
        (more(MIDDLE, effort("xhigh")), "Input should be one of low, medium, high, max"),
        (more(OLD, json!({"output_config": {"format": {"type": "json_object"}}})), "Input should be 'json_schema'"),
        (more(OLD, form(json!({"type": "object"}))), "'additionalProperties' must be explicitly set to false"),
        (more(OLD, form(json!({"type": "object", "additionalProperties": false, "properties": {"s": {"type": "string", "maxLength": 3}}}))), "'maxLength' is not supported"),
    ])
    .await;
    all_accepted(vec![
        more(OLD, budget(2000)),
        more(MIDDLE, budget(2000)),
        more(MIDDLE, adaptive.clone()),
        more(NEW, with(adaptive, effort("xhigh"))),
        more(NEW, json!({"temperature": 1.0})),
        more(MIDDLE, json!({"temperature": 0.5})),
    ])
    .await;
}

/// What fills a cache and says nothing may ask for no words.
#[tokio::test]
async fn nothing_is_said_within_a_limit_of_nothing() {
    let tool = json!([{"name": "x", "input_schema": {"type": "object"}}]);
    let schema = json!({"type": "object", "properties": {}, "additionalProperties": false});
    let none = |members: Value| more(OLD, with(json!({"max_tokens": 0}), members));
    all_refused(vec![
        (none(json!({"stream": true})), "`stream`"),
        (
            none(json!({"tools": tool, "tool_choice": {"type": "any"}})),
            "`tool_choice`",
        ),
        (
            none(json!({"tools": tool, "tool_choice": {"type": "tool", "name": "x"}})),
            "`tool_choice`",
        ),
        (
            none(json!({"output_config": {"format": {"type": "json_schema", "schema": schema}}})),
            "`output_config.format`",
        ),
        (
            none(json!({"thinking": {"type": "enabled", "budget_tokens": 1024}})),
            "max_tokens",
        ),
    ])
    .await;
    all_accepted(vec![
        none(json!({})),
        none(json!({"stream": false, "tools": tool, "tool_choice": {"type": "auto"}})),
        more(MIDDLE, json!({"max_tokens": 0, "thinking": {"type": "adaptive"}})),
    ])
    .await;
}

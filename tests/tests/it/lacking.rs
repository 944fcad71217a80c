//! What a model is known not to have (eyes, tools, schemas), and turns of which nothing can be told to its provider: refused in the
//! caller's dialect and words before anybody is asked. Where bytes pass, the provider refuses in its own. What nobody knows is tried.

use serde_json::{Value, json};
use tests::stage::{Stage, call_id, on_both, with};

use super::wires;

const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

async fn stage(kind: tests::hub::Kind) -> Stage {
    let mut stage = Stage::prepare(kind).await;
    let key = stage.upstream.key().to_owned();
    let (openai, ollama) = (stage.upstream.base_url(), stage.upstream.ollama_url());
    let models = ["gpt-4o-mini", "gpt-3.5-turbo", "o3-mini", "o1-mini"];
    wires::add(&stage, "openai", &openai, Some(&key), &models).await;
    wires::add(&stage, "ollama", &ollama, None, &["llama3.2", "llama3.2-vision"]).await;
    stage.hub.serve().await;
    stage
}

/// The status, the whole answer, and the row of the call.
async fn told(stage: &Stage, path: &str, body: &Value) -> (u16, Value, Value) {
    let answer = stage.post(path, body).send().await.unwrap();
    let (status, id) = (answer.status.as_u16(), call_id(&answer));
    let text = answer.text().await.unwrap();
    let told = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path}: {text}"));
    (status, told, stage.row(&id).await)
}

/// A picture and a question in each dialect that has pictures, and where it stands there.
fn seeing(model: &str) -> [(&'static str, Value, &'static str); 5] {
    let url = format!("data:image/png;base64,{PIXEL}");
    let question = json!({"type": "text", "text": "What is it?"});
    let chat = json!({"type": "image_url", "image_url": {"url": url}});
    let item = json!([{"type": "input_text", "text": "What is it?"}, {"type": "input_image", "detail": "auto", "image_url": url}]);
    let source = json!({"type": "base64", "media_type": "image/png", "data": PIXEL});
    // Within what a tool answered.
    let answered =
        json!([{"type": "tool_result", "tool_use_id": "c1", "content": [{"type": "image", "source": source}]}]);
    let call = json!([{"type": "tool_use", "id": "c1", "name": "look", "input": {}}]);
    let framework = json!({"type": "file", "data": PIXEL, "mimeType": "image/png"});
    [
        (
            "/v1/chat/completions",
            json!({"model": model, "messages": [{"role": "user", "content": [question, chat]}]}),
            "messages",
        ),
        (
            "/v1/responses",
            json!({"model": model, "input": [{"role": "user", "content": item}]}),
            "input",
        ),
        (
            "/v1/messages",
            json!({"model": model, "max_tokens": 50, "messages": [
                {"role": "user", "content": "Look."}, {"role": "assistant", "content": call}, {"role": "user", "content": answered},
            ]}),
            "messages",
        ),
        (
            "/api/v2/chat",
            json!({"input": {"messages": [{"role": "user", "content": [question, framework]}], "modelOptions": {"model": model}}}),
            "input.messages",
        ),
        (
            "/api/v2/completions",
            json!({"model": model, "messages": [{"role": "user", "content": [question, {"type": "image_url", "imageUrl": {"url": url}}]}]}),
            "messages",
        ),
    ]
}

/// Where bytes pass, the provider says what it thinks of them.
fn passes(model: &str, path: &str) -> bool {
    model.starts_with("ope/") && matches!(path, "/v1/chat/completions" | "/v1/responses")
}

fn is_told(told: &Value, path: &str, words: &str, param: &str) {
    let error = &told["error"];
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.contains(words), "{path}: {told}");
    // Anthropic's errors have no place for it but the sentence.
    assert!(
        error["param"] == param || path == "/v1/messages",
        "{path}, {param}: {told}"
    );
    assert_eq!(told["type"] == "error", path == "/v1/messages", "{path}: {told}");
}

#[tokio::test]
async fn pictures_go_only_to_models_that_may_see_them() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let before = stage.upstream.requests().len();
        let mut tried = 0;
        for model in ["ope/gpt-3.5-turbo", "ope/o3-mini", "oll/llama3.2"] {
            for (path, body, param) in seeing(model) {
                if !passes(model, path) {
                    let (status, answer, row) = told(&stage, path, &body).await;
                    assert_eq!(status, 400, "{path} {model}: {answer}");
                    is_told(&answer, path, "takes no pictures", param);
                    assert_eq!(row["failure"]["code"], "unsupported_by_provider", "{row}");
                    assert_eq!(row["attempt_count"], 0, "{row}");
                    tried += 1;
                }
            }
        }
        assert_eq!(tried, 3 + 3 + 5);
        assert_eq!(stage.upstream.requests().len(), before, "nobody was asked");
        // In passing the provider refuses in its own words.
        let (path, body, _) = seeing("ope/gpt-3.5-turbo")[0].clone();
        let (status, answer, _) = told(&stage, path, &body).await;
        assert_eq!(status, 400, "{answer}");
        assert_eq!(
            answer["error"]["message"],
            "Invalid content type. image_url is only supported by certain models."
        );
        for model in ["ope/gpt-4o-mini", "oll/llama3.2-vision"] {
            for (path, body, _) in seeing(model) {
                let (status, answer, _) = told(&stage, path, &body).await;
                assert_eq!(status, 200, "{path} {model}: {answer}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn tools_and_schemas_go_only_to_models_that_may_have_them() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let before = stage.upstream.requests().len();
        let schema = json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": false});
        let messages = json!([{"role": "user", "content": "Hello"}]);
        let ask = |model: &str| json!({"model": model, "max_tokens": 50, "messages": messages});
        let framework = |model: &str, more: Value| {
            json!({"input": with(json!({"messages": messages, "modelOptions": {"model": model}}), more)})
        };
        let function = json!([{"type": "function", "function": {"name": "f", "parameters": schema}}]);
        let named = json!({"type": "json_schema", "jsonSchema": {"name": "x", "schema": schema}});
        for (path, body, words, param) in [
            ("/v1/messages", with(ask("ope/o1-mini"), json!({"tools": [{"name": "f", "input_schema": schema}]})), "calls no tools", "tools"),
            ("/v1/messages", with(ask("ope/gpt-3.5-turbo"), json!({"output_config": {"format": {"type": "json_schema", "schema": schema}}})), "JSON schema", "output_config.format"),
            ("/api/v2/chat", framework("ope/o1-mini", json!({"tools": function})), "calls no tools", "input.tools"),
            ("/api/v2/chat", framework("ope/gpt-3.5-turbo", json!({"responseFormat": named})), "JSON schema", "input.responseFormat"),
            ("/api/v2/completions", with(ask("ope/o1-mini"), json!({"tools": function})), "calls no tools", "tools"),
        ] {
            let (status, answer, row) = told(&stage, path, &body).await;
            assert_eq!(status, 400, "{path} {body}: {answer}");
            is_told(&answer, path, words, param);
            assert_eq!(row["failure"]["code"], "unsupported_by_provider", "{row}");
        }
        assert_eq!(stage.upstream.requests().len(), before, "nobody was asked");
        // Instructions to a model that knows none are the user's words. The fake has no such model, but it heard them.
        let instructed = with(ask("ope/o1-mini"), json!({"system": "Be brief.", "thinking": {"type": "enabled", "budget_tokens": 1_024}, "max_tokens": 2_000}));
        let (status, _, _) = told(&stage, "/v1/messages", &instructed).await;
        assert_eq!(status, 404);
        let sent = stage.upstream.requests().pop().unwrap().json();
        let roles: Vec<&Value> = sent["messages"].as_array().unwrap().iter().map(|message| &message["role"]).collect();
        assert_eq!(roles, ["user", "user"], "{sent}");
        assert!(sent.get("reasoning_effort").is_none(), "{sent}");
        let (status, answer, _) = told(
            &stage,
            "/v1/messages",
            &with(ask("oll/llama3.2"), json!({"tools": [{"name": "f", "input_schema": {"type": "object"}}]})),
        )
        .await;
        assert_eq!(status, 200, "{answer}");
    })
    .await;
}

/// What ran at Anthropic says nothing to anybody else.
#[tokio::test]
async fn turns_of_which_nothing_can_be_told_are_refused_in_the_callers_words() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let before = stage.upstream.requests().len();
        let traces = json!([{"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []}]);
        let thought = json!([{"type": "thinking", "thinking": "Hm.", "signature": "gemini:Z29vZ2xl"}]);
        let said = |role: &str, content: Value| json!({"role": role, "content": content});
        for model in ["ope/gpt-4o-mini", "oll/llama3.2"] {
            for messages in [
                json!([said("user", traces.clone())]),
                json!([
                    said("user", json!("Hello")),
                    said("assistant", json!("Hi.")),
                    said("user", traces.clone())
                ]),
            ] {
                let body = json!({"model": model, "max_tokens": 50, "messages": messages});
                let (status, answer, row) = told(&stage, "/v1/messages", &body).await;
                assert_eq!(status, 400, "{answer}");
                assert_eq!(
                    (&answer["type"], &answer["error"]["type"]),
                    (&json!("error"), &json!("invalid_request_error")),
                    "{answer}"
                );
                assert_eq!(row["failure"]["code"], "unsupported_by_provider", "{row}");
            }
            let only =
                json!({"model": model, "input": [{"type": "web_search_call", "id": "ws_1", "status": "completed"}]});
            if !passes(model, "/v1/responses") {
                let (status, answer, _) = told(&stage, "/v1/responses", &only).await;
                assert_eq!((status, &answer["error"]["param"]), (400, &json!("input")), "{answer}");
            }
        }
        assert_eq!(stage.upstream.requests().len(), before, "nobody was asked");
        // A turn of the model's that goes leaves the question before it.
        let body = json!({"model": "ope/gpt-4o-mini", "max_tokens": 50, "messages": [
            said("user", json!("Hello")), said("assistant", thought), said("user", json!("there")),
        ]});
        let (status, answer, _) = told(&stage, "/v1/messages", &body).await;
        assert_eq!(status, 200, "{answer}");
        let sent = wires::sent(&stage).pop().unwrap();
        assert_eq!(
            sent["messages"],
            json!([said("user", json!("Hello")), said("user", json!("there"))]),
            "{sent}"
        );
    })
    .await;
}

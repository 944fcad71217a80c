//! What no provider takes, or what makes no sense: a limit of the answer below what its wire takes, a conversation without a turn, a
//! tool without a schema. The caller is told in its own dialect's words, and nobody is asked.

use serde_json::{Value, json};
use tests::stage::{Stage, call_id, on_both, with};

use super::wires;

const MODELS: [&str; 5] = [
    "ope/gpt-4o-mini",
    "ope/codex-gpt-4o-mini",
    "goo/gemini-2.5-flash",
    "oll/llama3.2",
    "ant/claude-haiku-4-5",
];

async fn stage(kind: tests::hub::Kind) -> Stage {
    let mut stage = Stage::prepare(kind).await;
    let key = stage.upstream.key().to_owned();
    let (google, ollama, openai) = (
        stage.upstream.google_url(),
        stage.upstream.ollama_url(),
        stage.upstream.base_url(),
    );
    let both = ["gpt-4o-mini", "codex-gpt-4o-mini"];
    wires::add(&stage, "openai", &openai, Some(&key), &both).await;
    wires::add(&stage, "google", &google, Some(&key), &["gemini-2.5-flash"]).await;
    wires::add(&stage, "ollama", &ollama, None, &["llama3.2"]).await;
    wires::add(&stage, "anthropic", &openai, Some(&key), &["claude-haiku-4-5"]).await;
    stage.hub.serve().await;
    stage
}

/// The status, the sentence and `param`, and the row of the call.
async fn told(stage: &Stage, path: &str, body: &Value) -> (u16, String, Value) {
    let answer = stage.post(path, body).send().await.unwrap();
    let (status, id) = (answer.status.as_u16(), call_id(&answer));
    let told: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    let words = format!("{} {}", told["error"]["message"], told["error"]["param"]);
    (status, words, stage.row(&id).await)
}

/// A request of each dialect with a limit of so many tokens, and the name of that limit there.
fn limited(model: &str, limit: u64, stream: bool) -> [(&'static str, Value, &'static str); 5] {
    let turns = json!([{ "role": "user", "content": "Hello" }]);
    let chat = json!({ "model": model, "messages": turns, "stream": stream });
    let options = json!({ "model": model, "maxTokens": limit });
    let framework =
        json!({ "input": { "messages": turns, "modelOptions": options }, "options": { "streaming": stream } });
    [
        (
            "/v1/chat/completions",
            with(chat.clone(), json!({ "max_tokens": limit })),
            "'max_tokens'",
        ),
        (
            "/v1/responses",
            json!({ "model": model, "input": "Hello", "max_output_tokens": limit, "stream": stream }),
            "'max_output_tokens'",
        ),
        (
            "/v1/messages",
            with(chat.clone(), json!({ "max_tokens": limit })),
            "'max_tokens'",
        ),
        ("/api/v2/chat", framework, "'input.modelOptions.maxTokens'"),
        (
            "/api/v2/completions",
            with(chat, json!({ "maxTokens": limit })),
            "'maxTokens'",
        ),
    ]
}

/// Where bytes pass, the provider says what it thinks of them: both sides have one and the same dialect.
fn passes(model: &str, path: &str) -> bool {
    match path {
        "/v1/chat/completions" => model == "ope/gpt-4o-mini",
        "/v1/responses" => model.starts_with("ope/"),
        "/v1/messages" => model.starts_with("ant/"),
        _ => false,
    }
}

#[tokio::test]
async fn a_limit_below_what_the_wire_takes_is_refused_before_anybody_is_asked() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let before = stage.upstream.requests().len();
        let mut tried = 0;
        for model in MODELS {
            let codex = model.contains("codex");
            for limit in [0, 1, 15, 16] {
                let refused = limit == 0 || codex && limit < 16;
                for (path, body, name) in limited(model, limit, limit == 15) {
                    if refused && !passes(model, path) {
                        let (status, words, row) = told(&stage, path, &body).await;
                        assert_eq!(status, 400, "{path} {body}: {words}");
                        assert!(words.contains(name), "{path} {body}: {words}");
                        assert_eq!(row["failure"]["code"], "unsupported_by_provider", "{row}");
                        tried += 1;
                    }
                }
            }
        }
        assert_eq!(tried, 3 + 3 * 4 + 5 + 5 + 4, "each that is to be refused");
        assert_eq!(stage.upstream.requests().len(), before, "nobody was asked");
        // What the wires take they get. Anthropic fills its cache, for whoever speaks its dialect.
        for (model, limit) in [
            ("ope/gpt-4o-mini", 1),
            ("ope/codex-gpt-4o-mini", 16),
            ("goo/gemini-2.5-flash", 1),
            ("oll/llama3.2", 1),
            ("ant/claude-haiku-4-5", 1),
        ] {
            for (path, body, _) in limited(model, limit, false) {
                if !passes(model, path) {
                    let (status, words, _) = told(&stage, path, &body).await;
                    assert_eq!(status, 200, "{path} {body}: {words}");
                }
            }
        }
        let (path, body, _) = limited("ant/claude-haiku-4-5", 0, false)[2].clone();
        let (status, words, row) = told(&stage, path, &body).await;
        assert_eq!(
            (status, &row["usage"]["output_text"]),
            (200, &json!(0)),
            "{words} {row}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_conversation_without_a_turn_and_a_tool_without_a_schema_are_refused() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let before = stage.upstream.requests().len();
        for model in MODELS {
            let none = json!({ "model": model, "messages": [] });
            let framework = json!({ "input": { "messages": [], "modelOptions": { "model": model } } });
            let tool = json!({
                "model": model, "max_tokens": 20, "messages": [{ "role": "user", "content": "Hello" }], "tools": [{ "name": "x" }],
            });
            let nameless = with(
                tool.clone(),
                json!({ "tools": [{ "type": "custom", "name": "", "input_schema": { "type": "object" } }] }),
            );
            let function = json!({ "tools": [{ "type": "function", "function": { "name": "" } }] });
            for (path, body, words) in [
                ("/v1/chat/completions", none.clone(), "'messages' is empty"),
                ("/v1/responses", json!({ "model": model, "input": [] }), "'input' is empty"),
                (
                    "/v1/messages",
                    with(none.clone(), json!({ "max_tokens": 20 })),
                    "messages: at least one message is required",
                ),
                ("/v1/messages", tool, "tools.0.input_schema: "),
                ("/v1/messages", nameless.clone(), "empty name"),
                ("/v1/chat/completions", with(nameless, function), "empty name"),
                ("/api/v2/chat", framework, "'input.messages' is empty"),
                ("/api/v2/completions", none.clone(), "'messages' is empty"),
            ] {
                if !passes(model, path) {
                    let answer = stage.post(path, &body).send().await.unwrap();
                    let status = answer.status.as_u16();
                    let text = answer.text().await.unwrap();
                    assert_eq!(status, 400, "{path} {model}: {text}");
                    assert!(text.contains(words), "{path} {model}: {text}");
                }
            }
            if !model.starts_with("ant/") {
                let (status, answer) = stage.post("/v1/messages/count_tokens", &none).json().await.unwrap();
                assert_eq!(status, 400, "{model}: {answer}");
                let message = answer["error"]["message"].as_str().unwrap_or_default();
                assert!(message.starts_with("messages: "), "{answer}");
            }
        }
        assert_eq!(stage.upstream.requests().len(), before, "nobody was asked");
    })
    .await;
}

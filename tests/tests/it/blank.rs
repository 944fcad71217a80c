//! A last question without a letter: where the provider takes none, the caller is told so in its own dialect, and the provider is
//! not asked to go on with its own last words.

use serde_json::{Value, json};
use tests::stage::{Stage, call_id, on_both};

use super::wires;

#[tokio::test]
async fn a_question_without_a_letter_is_refused_where_the_provider_takes_none() {
    on_both(async |kind| {
        let mut stage = Stage::prepare(kind).await;
        let key = stage.upstream.key().to_owned();
        let (google, ollama, openai) = (
            stage.upstream.google_url(),
            stage.upstream.ollama_url(),
            stage.upstream.base_url(),
        );
        wires::add(&stage, "google", &google, Some(&key), &["gemini-2.5-flash"]).await;
        wires::add(&stage, "ollama", &ollama, None, &["llama3.2"]).await;
        wires::add(&stage, "anthropic", &openai, Some(&key), &["claude-haiku-4-5"]).await;
        stage.hub.serve().await;
        let before = stage.upstream.requests().len();
        for model in ["goo/gemini-2.5-flash", "oll/llama3.2", "ant/claude-haiku-4-5"] {
            let turns = |role: &str| {
                json!([
                    { "role": "user", "content": "Hello" },
                    { "role": role, "content": "Hi." },
                    { "role": "user", "content": "" },
                ])
            };
            let input = json!([
                { "role": "user", "content": "Hello" },
                { "role": "assistant", "content": "Hi." },
                { "role": "user", "content": [{ "type": "input_text", "text": "" }] },
            ]);
            for stream in [false, true] {
                let framework = json!({
                    "input": { "messages": turns("agent"), "modelOptions": { "model": model } },
                    "options": { "streaming": stream },
                });
                for (path, body) in [
                    (
                        "/v1/chat/completions",
                        json!({ "model": model, "messages": turns("assistant"), "stream": stream }),
                    ),
                    (
                        "/v1/responses",
                        json!({ "model": model, "input": input, "stream": stream }),
                    ),
                    (
                        "/v1/messages",
                        json!({ "model": model, "max_tokens": 50, "messages": turns("assistant"), "stream": stream }),
                    ),
                    ("/api/v2/chat", framework),
                    (
                        "/api/v2/completions",
                        json!({ "model": model, "messages": turns("assistant"), "stream": stream }),
                    ),
                ] {
                    // Where bytes pass, the provider says what it thinks of them.
                    if model.starts_with("ant/") && path == "/v1/messages" {
                        continue;
                    }
                    let answer = stage.post(path, &body).send().await.unwrap();
                    let (status, id) = (answer.status.as_u16(), call_id(&answer));
                    let told: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
                    assert_eq!(status, 400, "{path} {model}: {told}");
                    let message = told["error"]["message"].as_str().unwrap_or_default();
                    assert!(message.contains("is empty"), "{path} {model}: {told}");
                    assert_eq!(told["type"] == "error", path == "/v1/messages", "{told}");
                    assert_eq!(stage.row(&id).await["failure"]["code"], "unsupported_by_provider");
                }
            }
        }
        assert_eq!(stage.upstream.requests().len(), before, "nobody was asked");
    })
    .await;
}

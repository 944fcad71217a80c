//! AIGNE Hub's own surface as bytes: what streams consist of, who may read what, and what is never told. The client itself
//! runs in `tests/sdk/aigne`.

use http::Method;
use serde_json::{Value, json};
use tests::client::Call;
use tests::stage::{ADMIN, PROVIDER, Stage, call_id, on_both};
use tests::till::{audit, charged, grant, nano, price, sell};

const MEMBER: &str = "mia@example.test";

fn framework(model: &str, streaming: bool) -> Value {
    json!({
        "input": {
            "messages": [{ "role": "user", "content": "Hello out there" }],
            "modelOptions": { "model": model, "cacheConfig": { "autoBreakpoints": { "lastMessage": true } } },
            "outputFileType": "url",
        },
        "agent": "$CHAT_MODEL",
        "options": { "streaming": streaming, "userContext": {}, "memories": [] },
    })
}

/// The frames of a stream. Each is one unnamed event of JSON: the client reads nothing else.
fn frames(stream: &str) -> Vec<Value> {
    let events = stream.split_terminator("\n\n");
    events
        .map(|event| {
            let data = event
                .strip_prefix("data: ")
                .unwrap_or_else(|| panic!("not an unnamed event: {event:?}"));
            serde_json::from_str(data).unwrap()
        })
        .collect()
}

#[tokio::test]
async fn a_stream_is_frames_of_json_and_nothing_else() {
    on_both(async |kind| {
        let mut stage = Stage::prepare(kind).await;
        price(&stage, "gpt-4o-mini", "487.651", "1013.377").await;
        sell(&stage.hub).await;
        grant(&stage.hub, "1").await;
        stage.hub.serve().await;
        let answer = stage
            .post("/api/v2/chat", &framework("fake/gpt-4o-mini", true))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status, 200);
        assert!(answer.header("content-type").unwrap().starts_with("text/event-stream"));
        assert_eq!(answer.header("x-accel-buffering"), Some("no"));
        let id = call_id(&answer);
        let text = answer.text().await.unwrap();
        let frames = frames(&text);
        let said: String = frames
            .iter()
            .filter_map(|frame| frame["delta"]["text"]["text"].as_str())
            .collect();
        assert_eq!(said, "You said: Hello out there");
        let last = &frames.last().unwrap()["delta"]["json"];
        assert_eq!(last["usage"]["modelCallId"], id.as_str());
        assert_eq!(last["modelWithProvider"], "fake/gpt-4o-mini");
        // The digits themselves, before any reader rounds them.
        assert!(text.contains("\"aigneHubCredits\":0.008480442,"), "{text}");
        let row = stage.row(&id).await;
        assert_eq!(nano(&row["charge"]), 8_480_442);
        assert_eq!(charged(&stage.hub).await, 8_480_442);
        audit(&stage.hub).await;
    })
    .await;
}

#[tokio::test]
async fn the_older_dialect_streams_by_accept_or_by_stream() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let body = |stream: bool| json!({ "model": "fake/gpt-4o-mini", "messages": [{ "role": "user", "content": "Hello" }], "maxTokens": 50, "stream": stream });
        for path in ["/api/v2/completions", "/api/v2/chat/completions"] {
            let (status, whole) = stage.post(path, &body(false)).json().await.unwrap();
            assert_eq!(
                (status.as_u16(), &whole["content"]),
                (200, &json!("You said: Hello")),
                "{path}: {whole}"
            );
            assert_eq!(
                (&whole["text"], &whole["role"]),
                (&whole["content"], &json!("assistant"))
            );
            assert!(whole["usage"]["totalTokens"].as_u64().unwrap() > 0);
            for (streams, accept) in [(true, "*/*"), (false, "text/event-stream")] {
                let call = stage.post(path, &body(streams)).header("accept", accept);
                let frames = frames(&call.text().await.unwrap().1);
                let said: String = frames
                    .iter()
                    .filter_map(|frame| frame["delta"]["content"].as_str())
                    .collect();
                assert_eq!(said, "You said: Hello");
                assert!(frames.last().unwrap()["usage"]["promptTokens"].as_u64().unwrap() > 0);
            }
        }
        // What the original dropped on its way.
        let sent = stage.upstream.requests_to("/v1/chat/completions");
        assert!(
            sent.iter()
                .all(|record| record.json()["max_tokens"] == 50 || record.json()["max_completion_tokens"] == 50)
        );
    })
    .await;
}

#[tokio::test]
async fn embeddings_come_in_both_readings() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let options = json!({ "model": "fake/text-embedding-3-small", "dimensions": 4 });
        for body in [
            json!({ "input": { "input": ["one", "two"], "modelOptions": options } }),
            json!({ "model": "fake/text-embedding-3-small", "input": ["one", "two"], "dimensions": 4 }),
        ] {
            let (status, told) = stage.post("/api/v2/embeddings", &body).json().await.unwrap();
            assert_eq!(status, 200, "{told}");
            assert_eq!(told["embeddings"][1].as_array().unwrap().len(), 4);
            assert_eq!(told["data"][1]["embedding"], told["embeddings"][1]);
            assert!(told["usage"]["inputTokens"].as_u64().unwrap() > 0);
        }
        // What OpenAI knows reaches it, the rest is named.
        let more = json!({ "input": { "input": "one", "user": "mia", "task": "query", "modelOptions": options } });
        let answer = stage.post("/api/v2/embeddings", &more).send().await.unwrap();
        assert_eq!(
            (answer.status.as_u16(), answer.header("x-aigne-dropped")),
            (200, Some("input.task"))
        );
        answer.text().await.unwrap();
        let sent = stage.upstream.requests_to("/v1/embeddings").pop().unwrap().json();
        assert_eq!((&sent["user"], sent.get("task")), (&json!("mia"), None));
        let (status, told) = stage
            .post("/api/v2/embeddings", &json!({ "input": {} }))
            .json()
            .await
            .unwrap();
        assert_eq!(
            (status.as_u16(), &told["error"]["code"]),
            (400, &json!("missing_field"))
        );
    })
    .await;
}

#[tokio::test]
async fn the_root_answers_openais_chat() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let body = json!({ "model": "fake/gpt-4o-mini", "messages": [{ "role": "user", "content": "Hello" }] });
        let (status, told) = stage.post("/chat/completions", &body).json().await.unwrap();
        assert_eq!(
            (status.as_u16(), &told["choices"][0]["message"]["content"]),
            (200, &json!("You said: Hello"))
        );
        let (status, told) = stage.hub.post("/chat/completions", &body).json().await.unwrap();
        assert_eq!(
            (status.as_u16(), &told["error"]["type"]),
            (401, &json!("authentication_error"))
        );
    })
    .await;
}

#[tokio::test]
async fn refusals_are_objects_with_a_type() {
    on_both(async |kind| {
        let mut stage = Stage::prepare(kind).await;
        sell(&stage.hub).await;
        price(&stage, "gpt-4o-mini", "1", "1").await;
        stage.hub.serve().await;
        let ask = |model: &str, streaming| stage.post("/api/v2/chat", &framework(model, streaming)).json();
        for streaming in [false, true] {
            let (status, told) = ask("fake/gpt-4o-mini", streaming).await.unwrap();
            let error = &told["error"];
            assert_eq!((status.as_u16(), &error["type"]), (402, &json!("NOT_ENOUGH")), "{told}");
            assert!(error["link"].as_str().unwrap().ends_with("/credits"));
            assert!(error["timestamp"].as_str().unwrap().ends_with('Z'));
            assert_eq!(error["credit"]["spendable"], "0.00");
        }
        let (status, told) = ask("fake/gpt-9", false).await.unwrap();
        assert_eq!((status.as_u16(), &told["error"]["type"]), (404, &json!("NOT_FOUND")));
        let (status, told) = stage
            .post("/api/v2/chat", &json!({ "input": {} }))
            .json()
            .await
            .unwrap();
        assert_eq!(
            (status.as_u16(), &told["error"]["param"]),
            (400, &json!("input.messages"))
        );
        let (status, told) = stage.post("/api/v2/video", &json!({})).json().await.unwrap();
        assert_eq!(
            (status.as_u16(), &told["error"]["code"]),
            (501, &json!("videos_unsupported"))
        );
        let (status, told) = stage.get("/api/nothing/here").json().await.unwrap();
        assert_eq!((status.as_u16(), &told["error"]["type"]), (404, &json!("NOT_FOUND")));
        let (status, told) = stage.get("/api/v2/chat").json().await.unwrap();
        assert_eq!(
            (status.as_u16(), &told["error"]["code"]),
            (405, &json!("method_not_allowed"))
        );
        audit(&stage.hub).await;
    })
    .await;
}

#[tokio::test]
async fn models_are_told_to_everybody_as_texts() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        for path in ["/api/ai/models", "/api/ai-providers/models"] {
            let (status, list) = stage.hub.get(path).json().await.unwrap();
            assert_eq!(status, 200);
            for model in list.as_array().unwrap() {
                for text in [
                    "model",
                    "type",
                    "provider",
                    "input_credits_per_token",
                    "output_credits_per_token",
                    "providerDisplayName",
                ] {
                    assert!(model[text].is_string(), "{text}: {model}");
                }
                assert!(model["status"]["available"].is_boolean());
            }
            let of = |kind: &str| stage.hub.get(&format!("{path}?type={kind}")).json();
            let (_, embeddings) = of("embedding").await.unwrap();
            assert_eq!(embeddings.as_array().unwrap().len(), 2);
            for none in ["image", "image_generation", "video"] {
                assert_eq!(of(none).await.unwrap().1, json!([]));
            }
        }
        // Where calls cost credit only what has a price is sold.
        sell(&stage.hub).await;
        price(&stage, "gpt-4o", "2.50", "10").await;
        tests::stage::within_a_second(async || {
            let (_, list) = stage.hub.get("/api/ai/models").json().await.unwrap();
            list.as_array().unwrap().len() == 1
                && list[0]["input_credits_per_token"] == "0.0000025"
                && list[0]["output_credits_per_token"] == "0.00001"
        })
        .await;
        audit(&stage.hub).await;
    })
    .await;
}

#[tokio::test]
async fn nothing_of_the_operators_is_told() {
    on_both(async |kind| {
        let mut stage = Stage::prepare(kind).await;
        stage.hub.create_user(MEMBER, "member", "another long password").await;
        let member = stage.hub.create_key(MEMBER, "mia").await["key"]
            .as_str()
            .unwrap()
            .to_owned();
        stage.hub.serve().await;
        for path in [
            "/api/ai/models",
            "/api/ai-providers",
            "/api/ai-providers/chat/models",
            "/api/ai-providers/model-rates",
            &format!("/api/ai/{}/model-rates", stage.provider_id),
        ] {
            let (status, text) = stage.hub.get(path).bearer(&member).text().await.unwrap();
            assert_eq!(status, 200, "{path}");
            assert!(text.contains(PROVIDER), "{path}");
            for secret in [
                stage.upstream.base_url().as_str(),
                stage.upstream.key(),
                "baseUrl",
                "\"credential",
                "unitCost",
            ] {
                assert!(!text.contains(secret), "{path} tells {secret}");
            }
        }
        for path in ["/api/ai-providers/health", "/api/ai/health"] {
            let (status, _) = stage.hub.get(path).bearer(&member).json().await.unwrap();
            assert_eq!(status, 403);
            let (status, health) = stage.get(path).json().await.unwrap();
            assert_eq!(status, 200);
            assert_eq!(health["providers"][PROVIDER].as_object().unwrap().len(), 1);
        }
        let (_, info) = stage.get("/api/user/info").json().await.unwrap();
        assert_eq!(
            (&info["user"]["email"], &info["enableCredit"], &info["creditBalance"]),
            (&json!(ADMIN), &json!(false), &Value::Null)
        );
        let (_, info) = stage.hub.get("/api/user/info").bearer(&member).json().await.unwrap();
        assert_eq!(info["user"]["email"], MEMBER);
    })
    .await;
}

#[tokio::test]
async fn rates_turn_in_pages() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let (_, all) = stage.get("/api/ai/model-rates?pageSize=100").json().await.unwrap();
        let count = all["count"].as_u64().unwrap();
        assert!(count > 8);
        let (_, second) = stage.get("/api/ai/model-rates?page=2&pageSize=3").json().await.unwrap();
        assert_eq!(second["paging"], json!({ "page": 2, "pageSize": 3 }));
        assert_eq!(second["list"][0], all["list"][3]);
        let (_, named) = stage.get("/api/ai/model-rates?q=text-embedding").json().await.unwrap();
        assert_eq!(
            (&named["count"], &named["list"][0]["type"]),
            (&json!(2), &json!("embedding"))
        );
        let (status, told) = stage.get("/api/ai/model-rates?pageSize=101").json().await.unwrap();
        assert_eq!(
            (status.as_u16(), &told["error"]["code"]),
            (400, &json!("invalid_paging"))
        );
    })
    .await;
}

#[tokio::test]
async fn the_document_by_which_clients_find_the_hub() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let (status, document) = stage.hub.get("/__blocklet__.js?type=json").json().await.unwrap();
        assert_eq!(status, 200);
        assert_eq!(document["componentMountPoints"][0]["mountPoint"], "/");
        let script = stage.hub.get("/__blocklet__.js").send().await.unwrap();
        assert!(script.header("content-type").unwrap().starts_with("text/javascript"));
        let text = script.text().await.unwrap();
        let inner = text
            .strip_prefix("window.blocklet = ")
            .unwrap()
            .strip_suffix(';')
            .unwrap();
        assert_eq!(serde_json::from_str::<Value>(inner).unwrap(), document);
    })
    .await;
}

#[tokio::test]
async fn a_session_of_a_program_is_known_by_its_id_alone() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let at = "/.well-known/service/api/access-key/session";
        let call =
            |method: Method, query: &str| Call::new(stage.hub.address(), method, &format!("{at}{query}")).promised();
        let (status, begun) = call(Method::POST, "").json().await.unwrap();
        assert_eq!(status, 200);
        let query = format!("?sid={}", begun["id"].as_str().unwrap());
        let (status, waiting) = call(Method::GET, &query).json().await.unwrap();
        assert_eq!((status.as_u16(), &waiting), (200, &begun));
        let answer = call(Method::GET, &query).send().await.unwrap();
        assert_eq!(answer.header("cache-control"), Some("no-store"), "while it waits");
        let (status, ended) = call(Method::DELETE, &query).json().await.unwrap();
        assert_eq!((status.as_u16(), &ended["id"]), (200, &begun["id"]));
        let (status, told) = call(Method::GET, &query).json().await.unwrap();
        assert_eq!(
            (status.as_u16(), &told["error"]["code"]),
            (404, &json!("connection_not_found"))
        );
        // Who tries ids has to wait.
        for _ in 0..5 {
            let _ = call(Method::GET, "?sid=guess").json().await.unwrap();
        }
        let answer = call(Method::GET, "?sid=guess").send().await.unwrap();
        assert_eq!(answer.status, 429);
        assert!(answer.header("retry-after").is_some());
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        // A program of the same network that waits does not wait for them.
        let (_, begun) = call(Method::POST, "").json().await.unwrap();
        let query = format!("?sid={}", begun["id"].as_str().unwrap());
        assert_eq!(call(Method::GET, &query).json().await.unwrap().0, 200);

        // The page is for people, and the address leads there whatever it holds.
        let page = stage
            .hub
            .get("/.well-known/service/gen-simple-access-key?__token__=YQ&source=a%26b%20%22c")
            .send()
            .await
            .unwrap();
        assert_eq!(page.status, 303);
        assert_eq!(page.header("location"), Some("/connect?token=a&source=a%26b%20%22c"));
    })
    .await;
}

//! Refusals of `/v1`, each in OpenAI's shape: keys, paths, methods, bodies, models; cookies that count for nothing.

use http::Method;
use serde_json::{Value, json};
use tests::client::{Answer, Call};
use tests::console::Console;
use tests::stage::{ADMIN, PASSWORD, Stage, call_id, hello, on_both, within_a_second};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// A refusal in OpenAI's exact shape; gives type and code.
async fn refused(answer: Answer, status: u16) -> (String, String) {
    assert_eq!(answer.status.as_u16(), status);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    call_id(&answer);
    let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    let error = body["error"].as_object().unwrap_or_else(|| panic!("{body}"));
    let mut names: Vec<&str> = error.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        (names, body.as_object().unwrap().len()),
        (vec!["code", "message", "param", "type"], 1)
    );
    assert!(
        error["message"].as_str().is_some_and(|message| message.len() > 10),
        "{body}"
    );
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    (text("type"), text("code"))
}

fn words(kind: &str, code: &str) -> (String, String) {
    (kind.to_owned(), code.to_owned())
}

#[tokio::test]
async fn keys_that_do_not_count_are_refused() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let ask = |call: Call| async { call.send().await.unwrap() };
        let paths = ["/v1/chat/completions", "/v1/embeddings"];
        for path in paths {
            let bare = || stage.hub.post(path, &hello("gpt-4o-mini"));
            let answer = ask(bare()).await;
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
            assert_eq!(
                refused(answer, 401).await,
                words("authentication_error", "missing_api_key")
            );
            for key in [
                "sk-hub-unknown",
                "sk-proj-of-openai",
                "x",
                &stage.key[..stage.key.len() - 1],
            ] {
                let answer = ask(bare().bearer(key)).await;
                assert_eq!(
                    refused(answer, 401).await,
                    words("authentication_error", "invalid_api_key"),
                    "{key}"
                );
            }
            let answer = ask(bare().header("authorization", &format!("Basic {}", stage.key))).await;
            assert_eq!(refused(answer, 401).await.1, "invalid_api_key");
            let answer = ask(bare().header("x-api-key", "sk-hub-unknown")).await;
            assert_eq!(refused(answer, 401).await.1, "invalid_api_key");
            // A bearer that does not count is not made good by another key.
            let answer = ask(bare().bearer("x").header("x-api-key", &stage.key)).await;
            assert_eq!(refused(answer, 401).await.1, "invalid_api_key");
        }
        for path in ["/v1/models", "/v1/models/fake/gpt-4o", "/v1/calls/call_0000000000000"] {
            assert_eq!(
                refused(ask(stage.hub.get(path)).await, 401).await.1,
                "missing_api_key",
                "{path}"
            );
        }
        assert!(stage.upstream.requests_to("/v1/chat/completions").is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_revoked_key_is_refused_at_the_next_request() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        assert_eq!(stage.get("/v1/models").send().await.unwrap().status, 200);
        let mut console = stage.admin().await;
        let page = console.open(&format!("/keys/{}/revoke", stage.key_id)).await;
        console.submit(&page.form("revoke_key")).await;
        let answer = stage.chat(&hello("gpt-4o-mini")).send().await.unwrap();
        assert_eq!(
            refused(answer, 401).await,
            words("authentication_error", "revoked_api_key")
        );
    })
    .await;
}

#[tokio::test]
async fn cookies_mean_nothing_to_the_api_and_keys_nothing_to_the_console() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let mut console = Console::new(stage.hub.address());
        console.sign_in(ADMIN, PASSWORD).await;
        let call = stage.hub.get("/v1/models").header("cookie", &console.cookie_header());
        assert_eq!(refused(call.send().await.unwrap(), 401).await.1, "missing_api_key");
        let answer = stage.get("/keys").send().await.unwrap();
        assert!(answer.status.is_redirection() && answer.header("location").unwrap().starts_with("/sign-in"));
        assert!(answer.header("set-cookie").is_none());
        let answer = stage
            .chat(&hello("gpt-4o-mini"))
            .header("cookie", &console.cookie_header())
            .send()
            .await
            .unwrap();
        assert_eq!((answer.status.as_u16(), answer.header("set-cookie")), (200, None));
    })
    .await;
}

#[tokio::test]
async fn paths_and_methods_that_do_not_exist_are_refused_in_the_same_shape() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        for path in ["/v1/images", "/v1/chat", "/v1/", "/v1", "/v1/nothing/here?x=1"] {
            let answer = stage.get(path).send().await.unwrap();
            assert_eq!(
                refused(answer, 404).await,
                words("invalid_request_error", "unknown_url"),
                "{path}"
            );
        }
        for (method, path, allowed) in [
            (Method::GET, "/v1/chat/completions", "POST"),
            (Method::DELETE, "/v1/models", "GET"),
            (Method::PUT, "/v1/embeddings", "POST"),
        ] {
            let answer = Call::new(stage.hub.address(), method, path)
                .promised()
                .bearer(&stage.key)
                .send()
                .await
                .unwrap();
            assert!(
                answer.header("allow").is_some_and(|allow| allow.contains(allowed)),
                "{path}"
            );
            assert_eq!(
                refused(answer, 405).await,
                words("invalid_request_error", "method_not_allowed")
            );
        }
    })
    .await;
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused_and_recorded() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let cases = [
            ("", "invalid_json"),
            ("{", "invalid_json"),
            ("[]", "invalid_json"),
            ("{\"model\":\"fake/gpt-4o\",}", "invalid_json"),
            ("{\"messages\":[]}", "missing_model"),
            ("{\"model\":7}", "invalid_type"),
            ("{\"model\":\"fake/gpt-4o\",\"stream\":\"yes\"}", "invalid_type"),
            ("{\"model\":\"fake/gpt-4o\",\"model\":\"fake/o3\"}", "duplicate_field"),
        ];
        for (body, code) in cases {
            let call = stage.chat(&Value::Null).body(body.as_bytes().to_vec());
            let answer = call.send().await.unwrap();
            let id = call_id(&answer);
            assert_eq!(
                refused(answer, 400).await,
                words("invalid_request_error", code),
                "{body}"
            );
            let row = stage.row(&id).await;
            assert_eq!(
                (&row["state"], &row["status"], &row["usage_source"]),
                (&json!("failed"), &json!(400), &json!("none"))
            );
            assert_eq!(
                (&row["failure"]["fault"], &row["failure"]["code"]),
                (&json!("caller"), &json!(code))
            );
            assert_eq!(row["attempt_count"], 0);
        }
        let answer = stage
            .chat(&Value::Null)
            .body(b"{\"model\":\"\xff\"}".to_vec())
            .send()
            .await
            .unwrap();
        assert_eq!(refused(answer, 400).await.1, "invalid_json");
        let answer = stage.chat(&hello("gpt-9")).send().await.unwrap();
        let id = call_id(&answer);
        assert_eq!(
            refused(answer, 404).await,
            words("invalid_request_error", "model_not_found")
        );
        assert_eq!(stage.row(&id).await["model_asked"], "fake/gpt-9");
        assert!(stage.upstream.requests_to("/v1/chat/completions").is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_the_provider_keeps_of_others_is_no_answer_to_anybody() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let chat = |message: Value| {
            (
                "/v1/chat/completions",
                json!({"model": "fake/gpt-4o", "messages": [message]}),
            )
        };
        let responses = |input: Value| ("/v1/responses", json!({"model": "fake/gpt-4o", "input": [input]}));
        let part = |part: Value| json!({"type": "message", "role": "user", "content": [part]});
        let data = "data:application/pdf;base64,JVBERi0=";
        let cases = [
            chat(json!({"role": "assistant", "audio": {"id": "audio_of_somebody"}})),
            chat(json!({"role": "user", "content": [{"type": "file", "file": {"file_id": "file-of-somebody"}}]})),
            responses(json!({"type": "item_reference", "id": "msg_of_somebody"})),
            responses(json!({"type": "image_generation_call", "id": "ig_of_somebody"})),
            responses(part(
                json!({"type": "input_file", "file_data": data, "file_id": "file-of-somebody"}),
            )),
            (
                "/v1/responses",
                json!({"model": "fake/gpt-4o", "input": "hello",
                "tools": [{"type": "file_search", "vector_store_ids": ["vs_of_somebody"]}]}),
            ),
        ];
        for (path, body) in cases {
            let answer = stage.post(path, &body).send().await.unwrap();
            assert_eq!(
                refused(answer, 400).await,
                words("invalid_request_error", "unknown_reference"),
                "{body}"
            );
        }
        assert!(stage.upstream.requests().iter().all(|request| request.method == "GET"));
    })
    .await;
}

/// OpenAI would answer 200 at once with nothing in it, and what it said later nobody could fetch here.
#[tokio::test]
async fn nothing_is_answered_in_the_background() {
    on_both(async |kind| {
        let mut stage = Stage::prepare(kind).await;
        let (url, key) = (stage.upstream.base_url(), stage.upstream.key().to_owned());
        stage.hub.add_provider_of("openai", "openai", &url, &key).await;
        stage.hub.serve().await;
        for model in ["openai/gpt-4o", "fake/gpt-4o"] {
            let ask = json!({"model": model, "input": "Hi", "background": true, "store": true});
            let (status, answer) = stage.post("/v1/responses", &ask).json().await.unwrap();
            assert_eq!(
                (status.as_u16(), &answer["error"]["param"], &answer["error"]["code"]),
                (400, &json!("background"), &json!("unsupported_parameter")),
                "{model}: {answer}"
            );
            let sentence = answer["error"]["message"].as_str().unwrap();
            assert!(sentence.contains("leave 'background' out"), "{model}: {sentence}");
        }
        assert!(stage.upstream.requests_to("/v1/responses").is_empty());
    })
    .await;
}

#[tokio::test]
async fn bodies_that_are_too_large_are_refused() {
    on_both(async |kind| {
        let mut stage = Stage::prepare(kind).await;
        stage.hub.set("HUB_BODY_LIMIT", "2KB");
        stage.hub.serve().await;
        let large = format!("{{\"model\":\"fake/gpt-4o\",\"x\":\"{}\"}}", "y".repeat(4000));
        let answer = stage.chat(&Value::Null).body(large.clone()).send().await.unwrap();
        assert_eq!(
            refused(answer, 413).await,
            words("invalid_request_error", "request_too_large")
        );

        // The same without an announced length, in pieces.
        let mut stream = tokio::net::TcpStream::connect(stage.hub.address()).await.unwrap();
        let head = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ntransfer-encoding: chunked\r\n\
             connection: close\r\n\r\n",
            stage.key
        );
        let body: String = (0..4)
            .map(|at| format!("3e8\r\n{}\r\n", &large[at * 1000..(at + 1) * 1000]))
            .collect();
        stream
            .write_all(format!("{head}{body}0\r\n\r\n").as_bytes())
            .await
            .unwrap();
        let mut answer = Vec::new();
        // The hub may close before it has read everything; what it said counts.
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(
            answer.starts_with("HTTP/1.1 413 ") && answer.contains("request_too_large"),
            "{answer}"
        );
    })
    .await;
}

#[tokio::test]
async fn suspending_a_person_stops_their_keys() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let member = stage.hub.create_user("mia@example.test", "member", PASSWORD).await;
        let key = stage.hub.create_key("mia@example.test", "hers").await;
        let key = key["key"].as_str().unwrap();
        let models = || stage.hub.get("/v1/models").bearer(key);
        within_a_second(async || models().send().await.unwrap().status == 200).await;
        let mut console = stage.admin().await;
        let page = console
            .open(&format!("/users/{}", member["id"].as_str().unwrap()))
            .await;
        console.submit(&page.form("suspend_user")).await;
        let answer = models().send().await.unwrap();
        assert_eq!(
            refused(answer, 401).await,
            words("authentication_error", "suspended_user")
        );
    })
    .await;
}

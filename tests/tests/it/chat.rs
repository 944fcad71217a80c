//! Chats and embeddings through the hub: what the client gets, and what stands in the log afterwards.

use serde_json::{Value, json};
use tests::sse::Chat;
use tests::stage::{ADMIN, SOON, Stage, call_id, hello, on_both, saying, streamed, with};
use tests::upstream::Fault;

/// The quantities that are not zero.
fn counted(row: &Value) -> Value {
    let mut usage = row["usage"].clone();
    if let Some(usage) = usage.as_object_mut() {
        usage.retain(|_, count| *count != 0);
    }
    usage
}

#[tokio::test]
async fn a_plain_chat_is_answered_and_recorded() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let answer = stage
            .chat(&hello("gpt-4o-mini"))
            .header("user-agent", "a client/1.0")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let timing = answer.header("server-timing").unwrap();
        assert!(
            timing.starts_with("overhead;dur=") && timing.contains("upstream;dur="),
            "{timing}"
        );
        let id = call_id(&answer);
        let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(body["choices"][0]["message"]["content"], "You said: Hello out there");

        let row = stage.row(&id).await;
        let wanted = json!({
            "object": "call", "id": id, "endpoint": "chat", "door": "api", "streamed": false, "state": "succeeded",
            "status": 200, "user_email": ADMIN, "key_id": stage.key_id, "key_name": "test",
            "model_asked": "fake/gpt-4o-mini", "model_served": "fake/gpt-4o-mini", "provider_id": stage.provider_id,
            "provider": "fake", "finish_reason": "stop", "usage_source": "provider", "failure": null, "attempt_count": 1,
            "agent": "a client/1.0",
        });
        for (name, value) in wanted.as_object().unwrap() {
            assert_eq!(&row[name], value, "{name} in {row}");
        }
        assert_eq!(counted(&row), json!({"input_uncached": 7, "output_text": 5}));
        let raw: Value = serde_json::from_str(row["raw_usage"].as_str().unwrap()).unwrap();
        assert_eq!(raw, body["usage"]);
        let span = |name: &str| row[name].as_i64().unwrap();
        assert!(0 < span("overhead") && span("overhead") < span("first_byte"), "{row}");
        assert!(span("first_byte") <= span("duration"), "{row}");
        let attempt = &row["attempts"][0];
        assert_eq!(
            (&attempt["status"], &attempt["model"]),
            (&json!(200), &json!("gpt-4o-mini"))
        );
        // Which of the operator's credentials served is not for key holders.
        assert_eq!(
            (&attempt["credential"], &attempt["credential_id"]),
            (&json!(null), &json!(null))
        );
        let upstream_id = attempt["upstream_request_id"].as_str().unwrap();
        assert!(upstream_id.starts_with("req_fake"), "{attempt}");

        // The command line, another process, reads the same.
        let listed = stage.listed(&id).await;
        for (name, value) in listed.as_object().unwrap() {
            assert_eq!(&row[name], value, "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_stream_is_answered_and_recorded() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let answer = stage
            .chat(&streamed(saying("gpt-4o-mini", "你好 🙂 write")))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), Some("text/event-stream; charset=utf-8"));
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        assert!(answer.header("server-timing").is_some());
        let id = call_id(&answer);
        let chat = Chat::read(&answer.text().await.unwrap()).unwrap();
        assert_eq!(chat.content(), "You said: 你好 🙂 write");
        assert!(chat.done);
        assert_eq!(chat.usages().len(), 1);
        assert_eq!(chat.chunks.last().unwrap()["choices"], json!([]));
        let row = stage.row(&id).await;
        assert_eq!((&row["state"], &row["streamed"]), (&json!("succeeded"), &json!(true)));
        assert_eq!(
            (&row["finish_reason"], &row["usage_source"]),
            (&json!("stop"), &json!("provider"))
        );
        assert_eq!(counted(&row), json!({"input_uncached": 7, "output_text": 5}));
    })
    .await;
}

#[tokio::test]
async fn usage_goes_only_to_clients_that_asked_and_is_always_counted() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        for options in [
            Value::Null,
            json!({}),
            json!({"include_usage": false}),
            json!({"include_usage": true}),
        ] {
            let asked = options["include_usage"] == true;
            let mut body = with(hello("gpt-4o-mini"), json!({"stream": true}));
            if !options.is_null() {
                body["stream_options"] = options.clone();
            }
            let answer = stage.chat(&body).send().await.unwrap();
            let id = call_id(&answer);
            let chat = Chat::read(&answer.text().await.unwrap()).unwrap();
            assert!(chat.done && chat.content() == "You said: Hello out there");
            assert_eq!(chat.usages().len(), usize::from(asked), "{options}");
            let without_choices = chat.chunks.iter().filter(|chunk| chunk["choices"] == json!([])).count();
            assert_eq!(without_choices, usize::from(asked), "{options}");
            let row = stage.row(&id).await;
            assert_eq!(
                (&row["usage_source"], counted(&row)),
                (&json!("provider"), json!({"input_uncached": 7, "output_text": 5}))
            );
        }
        for record in stage.upstream.requests_to("/v1/chat/completions") {
            assert_eq!(record.json()["stream_options"]["include_usage"], true);
        }
    })
    .await;
}

#[tokio::test]
async fn cached_and_reasoning_tokens_stand_in_buckets_of_their_own() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let long = vec!["word"; 1100].join(" ");
        for (body, wanted) in [
            (
                saying("gpt-4o", &long),
                json!({"input_uncached": 80, "cache_read": 1024, "output_text": 1102}),
            ),
            (
                hello("o3"),
                json!({"input_uncached": 7, "output_text": 5, "output_reasoning": 64}),
            ),
        ] {
            let answer = stage.chat(&body).send().await.unwrap();
            assert_eq!(answer.status, 200);
            let row = stage.row(&call_id(&answer)).await;
            assert_eq!(counted(&row), wanted);
        }
    })
    .await;
}

#[tokio::test]
async fn chunks_reach_the_client_while_the_provider_still_writes() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let mut answer = stage
            .chat(&streamed(hello(&Fault::StallMid.model())))
            .send()
            .await
            .unwrap();
        let id = call_id(&answer);
        let mut text = String::new();
        while !text.contains("said: ") {
            let chunk = tokio::time::timeout(SOON, answer.chunk())
                .await
                .unwrap()
                .unwrap()
                .unwrap();
            text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
        assert!(!text.contains("Hello"), "the provider has stalled before that");
        assert_eq!(stage.row(&id).await["state"], "open");
        stage.upstream.release();
        text.push_str(&answer.text().await.unwrap());
        let chat = Chat::read(&text).unwrap();
        assert!(chat.done && chat.content() == "You said: Hello out there");
        assert_eq!(stage.row(&id).await["state"], "succeeded");
    })
    .await;
}

#[tokio::test]
async fn embeddings_are_answered_and_recorded() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let body = json!({"model": "fake/text-embedding-3-small", "input": ["one two", "three"], "dimensions": 8});
        let answer = stage.post("/v1/embeddings", &body).send().await.unwrap();
        assert_eq!(answer.status, 200);
        let id = call_id(&answer);
        let answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(answer["data"].as_array().unwrap().len(), 2);
        assert_eq!(answer["data"][1]["embedding"].as_array().unwrap().len(), 8);
        let row = stage.row(&id).await;
        assert_eq!(
            (&row["endpoint"], &row["state"]),
            (&json!("embeddings"), &json!("succeeded"))
        );
        assert_eq!(
            (&row["usage_source"], counted(&row)),
            (&json!("provider"), json!({"input_uncached": 3}))
        );
    })
    .await;
}

#[tokio::test]
async fn a_call_is_shown_to_its_own_key_alone() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let other = stage.hub.create_key(ADMIN, "other").await;
        let other = other["key"].as_str().unwrap();
        let answer = stage.chat(&hello("gpt-4o-mini")).send().await.unwrap();
        let id = call_id(&answer);
        let path = format!("/v1/calls/{id}");
        tests::stage::within_a_second(async || {
            stage.hub.get("/v1/models").bearer(other).send().await.unwrap().status == 200
        })
        .await;
        for call in [
            stage.hub.get(&path).bearer(other),
            stage.get("/v1/calls/call_0000000000000"),
            stage.get("/v1/calls/nonsense"),
        ] {
            let (status, body) = call.json().await.unwrap();
            assert_eq!(
                (status.as_u16(), &body["error"]["code"]),
                (404, &json!("call_not_found"))
            );
        }
        assert_eq!(stage.hub.get(&path).send().await.unwrap().status, 401);
        let log = stage.hub.log();
        assert!(log.contains(&id), "the log names the request as the client does");
    })
    .await;
}

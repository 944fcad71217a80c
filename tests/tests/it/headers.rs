//! Headers pass by name in both directions, and by no other way: nothing of the client's surroundings reaches a provider,
//! nothing of the operator's reaches a client.

use tests::stage::{Stage, call_id, hello, on_both, streamed};

#[tokio::test]
async fn only_listed_headers_reach_the_provider() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        stage.upstream.forbid("203.0.113.7");
        for body in [hello("gpt-4o-mini"), streamed(hello("gpt-4o-mini"))] {
            let answer = stage
                .chat(&body)
                .header("cookie", "hub_session=stolen; other=1")
                .header("x-forwarded-for", "203.0.113.7")
                .header("x-forwarded-host", "inner.example")
                .header("forwarded", "for=203.0.113.7")
                .header("x-real-ip", "203.0.113.7")
                .header("x-api-key", "sk-other")
                .header("origin", "https://app.example")
                .header("referer", "https://app.example/secret")
                .header("openai-organization", "org-callers-own")
                .header("openai-beta", "x=1")
                .header("x-stainless-lang", "python")
                .header("proxy-authorization", "Basic abc")
                .header("user-agent", "caller/1")
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status, 200);
            answer.bytes().await.unwrap();
        }
        assert_eq!(stage.upstream.violations(), Vec::<String>::new());
        for record in stage.upstream.requests_to("/v1/chat/completions") {
            let mut names: Vec<&str> = record.headers.keys().map(http::HeaderName::as_str).collect();
            names.sort_unstable();
            assert_eq!(
                names,
                [
                    "accept",
                    "accept-encoding",
                    "authorization",
                    "content-length",
                    "content-type",
                    "host",
                    "user-agent"
                ]
            );
            assert_eq!(
                record.header("authorization"),
                Some(format!("Bearer {}", stage.upstream.key()).as_str())
            );
            assert_eq!(record.header("accept-encoding"), Some("identity"));
            assert!(record.header("user-agent").unwrap().starts_with("aigne-hub/"));
        }
    })
    .await;
}

#[tokio::test]
async fn only_listed_headers_reach_the_client() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let broken = hello("fault-429");
        for body in [hello("gpt-4o-mini"), streamed(hello("gpt-4o-mini")), broken] {
            let answer = stage.chat(&body).send().await.unwrap();
            call_id(&answer);
            let known = [
                "cache-control",
                "content-length",
                "content-type",
                "date",
                "openai-processing-ms",
                "openai-version",
                "retry-after",
                "server-timing",
                "transfer-encoding",
                "vary",
                "x-accel-buffering",
                "x-content-type-options",
                "x-request-id",
            ];
            for name in answer.headers.keys() {
                assert!(known.contains(&name.as_str()), "{name} reached the client");
            }
            let text = answer.text().await.unwrap();
            assert!(!text.contains("org-operator-secret"), "{text}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_calls_id_is_ours_and_never_the_same() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let mut ids = Vec::new();
        for _ in 0..20 {
            let answer = stage
                .chat(&hello("gpt-4o-mini"))
                .header("x-request-id", "chosen-by-the-client")
                .send()
                .await
                .unwrap();
            ids.push(call_id(&answer));
        }
        let mut sorted = ids.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(ids, sorted, "ids are unique and in order of time");
    })
    .await;
}

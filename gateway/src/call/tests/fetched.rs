//! Files that a request names and whose provider does not fetch them.

use domain::{
    call::{CallState, Dialect, Fault},
    catalog::ProviderKind,
};
use serde_json::{Value, json};

use super::{
    client::{Hub, Setup, whole},
    upstream::{Upstream, answer, json as answered},
};
use crate::clock::Clock;

const GIF: &str = "GIF89a and so on";

fn lines() -> Value {
    json!({"model": "m", "created_at": "2026-01-01T00:00:00Z", "message": {"role": "assistant", "content": "a cat"}, "done": true,
        "done_reason": "stop", "prompt_eval_count": 10, "eval_count": 5})
}

fn asks(url: &str) -> [(Dialect, String); 3] {
    [
        (
            Dialect::OpenaiChat,
            json!({"model": "p/m", "messages": [{"role": "user", "content": [{"type": "text", "text": "What?"}, {"type": "image_url", "image_url": {"url": url}}]}]}),
        ),
        (
            Dialect::OpenaiResponses,
            json!({"model": "p/m", "input": [{"role": "user", "content": [{"type": "input_image", "image_url": url, "detail": "auto"}]}]}),
        ),
        (
            Dialect::AnthropicMessages,
            json!({"model": "p/m", "max_tokens": 50, "messages": [{"role": "user", "content": [{"type": "image", "source": {"type": "url", "url": url}}]}]}),
        ),
    ]
    .map(|(dialect, body)| (dialect, body.to_string()))
}

#[tokio::test]
async fn a_picture_at_an_address_reaches_a_provider_that_fetches_none() {
    let files = Upstream::start(vec![answer(200, "content-type: image/gif\r\n", GIF)]).await;
    let url = format!("{}/cat?of=mine", files.base_url);
    for (dialect, ask) in asks(&url) {
        let upstream = Upstream::start(vec![answered(200, &lines().to_string())]).await;
        let hub = Hub::open(Clock::System, &["127.0.0.1"]).await;
        let hub = hub
            .furnish(Setup {
                kind: ProviderKind::Ollama,
                preset: None,
                ..Setup::at(upstream.base_url.trim_end_matches("/v1"))
            })
            .await;
        let request = hub.request(dialect, &ask);
        let id = request.id;
        let told = whole(hub.gateway.call(request).await.unwrap());
        assert!(String::from_utf8_lossy(&told).contains("a cat"), "{told:?}");
        let asked = upstream.requests().remove(0);
        let asked: Value = serde_json::from_str(asked.split_once("\r\n\r\n").unwrap().1).unwrap();
        let images = asked["messages"].as_array().unwrap().last().unwrap()["images"].clone();
        assert_eq!(images, json!(["R0lGODlhIGFuZCBzbyBvbg=="]), "{dialect:?}");
        assert_eq!(hub.settled(id).await.call.state, CallState::Succeeded);
    }
    // Once a call, and nothing of the caller goes along.
    let fetched = files.requests();
    assert_eq!(fetched.len(), 3);
    assert!(fetched[0].starts_with("GET /v1/cat?of=mine HTTP/1.1\r\n") && !fetched[0].contains("sk-"));
}

#[tokio::test]
async fn what_cannot_be_fetched_is_refused_and_no_address_is_logged() {
    let files = Upstream::start(vec![answer(200, "content-type: text/html\r\n", "<html>")]).await;
    let url = format!("{}/secret-cat", files.base_url);
    for (allowed, reason, fetches) in [(&["127.0.0.1"][..], "it is no picture", 3), (&[], "public address", 0)] {
        let before = files.requests().len();
        for (dialect, ask) in asks(&url) {
            let upstream = Upstream::start(vec![answered(200, &lines().to_string())]).await;
            let hub = Hub::open(Clock::System, allowed).await;
            let hub = hub
                .furnish(Setup {
                    kind: ProviderKind::Ollama,
                    preset: None,
                    ..Setup::at(upstream.base_url.trim_end_matches("/v1"))
                })
                .await;
            let request = hub.request(dialect, &ask);
            let id = request.id;
            let error = hub.gateway.call(request).await.unwrap_err();
            assert_eq!(
                (error.status, error.fault, &*error.code),
                (400, Fault::Caller, "file_not_fetched")
            );
            assert!(
                error.message.contains(reason) && error.message.contains("secret-cat"),
                "{}",
                error.message
            );
            assert!(upstream.requests().is_empty());
            let failure = hub.settled(id).await.call.failure.unwrap();
            assert!(
                failure.message.contains(reason) && !failure.message.contains("secret-cat"),
                "{failure:?}"
            );
        }
        assert_eq!(files.requests().len() - before, fetches);
    }
}

#[tokio::test]
async fn a_provider_is_told_of_no_place_that_only_it_can_see() {
    for (url, refused) in [
        ("http://169.254.169.254/latest/meta-data", true),
        ("http://2130706433/a.png", true),
        ("file:///etc/passwd", true),
        ("gs://bucket/a.png", true),
        ("https://example.com/a.png", false),
        ("data:image/png;base64,AAAA", false),
    ] {
        for (dialect, ask) in asks(url) {
            let told = json!({"id": "x", "choices": [{"index": 0, "message": {"role": "assistant", "content": "a cat"}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 9, "completion_tokens": 2}});
            let upstream = Upstream::start(vec![answered(200, &told.to_string())]).await;
            let hub = Hub::open(Clock::System, &[]).await;
            let hub = hub
                .furnish(Setup {
                    kind: ProviderKind::OpenaiCompatible,
                    preset: None,
                    ..Setup::at(&upstream.base_url)
                })
                .await;
            let request = hub.request(dialect, &ask);
            let id = request.id;
            match hub.gateway.call(request).await {
                Err(error) => {
                    assert!(refused, "{dialect:?} {url} {}", error.message);
                    assert_eq!(
                        (error.status, &*error.code),
                        (400, "address_not_allowed"),
                        "{dialect:?} {url}"
                    );
                    let failure = hub.settled(id).await.call.failure.unwrap();
                    assert!(!failure.message.contains(url), "the log keeps no address");
                }
                Ok(_) => assert!(!refused, "{dialect:?} {url}"),
            }
            assert_eq!(upstream.requests().is_empty(), refused, "{dialect:?} {url}");
        }
    }
}

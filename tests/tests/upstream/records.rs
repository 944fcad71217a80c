//! The fake remembers what it saw, tells what must not have been sent, and notices when a caller leaves.

use std::time::Duration;

use serde_json::json;
use tests::client::Call;
use tests::upstream::{Outcome, Settings, TooLate, Upstream};

use super::{chat, hello, hello_stream};

const SOON: Duration = Duration::from_secs(5);

#[tokio::test]
async fn requests_are_kept_with_headers_bodies_and_ends() {
    let upstream = Upstream::start().await.unwrap();
    chat(&upstream, &hello("gpt-4o"))
        .header("x-trace", "abc")
        .json()
        .await
        .unwrap();
    Call::get(upstream.address(), "/v1/models?limit=5")
        .bearer(upstream.key())
        .json()
        .await
        .unwrap();
    let requests = upstream.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].json(), hello("gpt-4o"));
    assert_eq!(requests[0].header("x-trace"), Some("abc"));
    assert_eq!(requests[0].ended.unwrap().0, Outcome::Answered);
    assert_eq!(
        (requests[1].path.as_str(), requests[1].query.as_deref()),
        ("/v1/models", Some("limit=5"))
    );
    assert_ne!(requests[0].connection, requests[1].connection);
    assert_eq!(upstream.requests_to("/v1/models").len(), 1);
    assert_eq!(upstream.violations(), Vec::<String>::new());
    let waited = upstream.wait_for_requests(3, Duration::from_millis(20)).await;
    assert_eq!(waited.unwrap_err(), TooLate(Duration::from_millis(20)));
}

#[tokio::test]
async fn a_caller_that_leaves_in_mid_stream_is_noticed() {
    let upstream = Upstream::start().await.unwrap();
    let mut answer = chat(&upstream, &hello_stream("slow-writer")).send().await.unwrap();
    answer.chunk().await.unwrap().unwrap();
    assert_eq!(upstream.wait_for_requests(1, SOON).await.unwrap().ended, None);
    drop(answer);
    let record = upstream.wait_for_disconnect(SOON).await.unwrap();
    assert_eq!(record.ended.unwrap().0, Outcome::Disconnected);
    let (outcome, at) = upstream.wait_for_end(1, SOON).await.unwrap().ended.unwrap();
    assert_eq!(outcome, Outcome::Disconnected);
    // The answer would have taken six seconds.
    assert!(at.duration_since(record.at) < Duration::from_secs(3));
}

#[tokio::test]
async fn what_must_not_be_sent_is_a_violation() {
    let upstream = Upstream::start().await.unwrap();
    upstream.forbid("hub-key-1234");
    let sentences = async |call: Call| {
        call.json().await.unwrap();
        upstream.requests().last().unwrap().violations.join("; ")
    };
    let good = || chat(&upstream, &hello("gpt-4o"));
    assert_eq!(sentences(good()).await, "");
    for name in [
        "cookie",
        "x-forwarded-for",
        "x-forwarded-proto",
        "forwarded",
        "x-real-ip",
        "origin",
        "x-api-key",
    ] {
        assert!(sentences(good().header(name, "x")).await.contains(name), "{name}");
    }
    assert!(
        sentences(good().bearer("hub-key-1234"))
            .await
            .contains("forbidden text")
    );
    assert!(
        sentences(good().header("x-custom", "a hub-key-1234 b"))
            .await
            .contains("x-custom")
    );
    let body = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "hub-key-1234"}]});
    assert!(sentences(chat(&upstream, &body)).await.contains("in the body"));
    assert_eq!(upstream.violations().len(), 10);
}

#[tokio::test]
async fn several_keys_and_a_provider_that_goes_down() {
    let settings = Settings {
        keys: vec!["sk-a".to_owned(), "sk-b".to_owned()],
        ..Settings::default()
    };
    let upstream = Upstream::with(settings).await.unwrap();
    let address = upstream.address();
    for key in ["sk-a", "sk-b"] {
        assert_eq!(
            Call::get(address, "/v1/models").bearer(key).json().await.unwrap().0,
            200
        );
    }
    upstream.stop().await;
    assert!(Call::get(address, "/v1/models").bearer("sk-a").send().await.is_err());
}

//! Each fault does on Anthropic's side what its name says, in its shapes.

use std::time::Duration;

use serde_json::{Value, json};
use tests::grammar::messages;
use tests::grammar::said::Event;
use tests::sse;
use tests::upstream::{Fault, HUGE_CONTENT, Upstream};

use super::{ask, hello, plain, raw, told, with};

#[tokio::test]
async fn error_statuses() {
    let upstream = Upstream::start().await.unwrap();
    for (fault, status, kind) in [
        (Fault::RateLimited, 429, "rate_limit_error"),
        (Fault::RateLimitedBare, 429, "rate_limit_error"),
        (Fault::QuotaSpent, 400, "invalid_request_error"),
        (Fault::PaymentRequired, 402, "billing_error"),
        (Fault::ServerError, 500, "api_error"),
        (Fault::Overloaded, 529, "overloaded_error"),
        (Fault::Unauthorized, 401, "authentication_error"),
        (Fault::EchoCredential, 401, "authentication_error"),
        (Fault::Forbidden, 403, "permission_error"),
        (Fault::TooLarge, 413, "request_too_large"),
        (Fault::Unprocessable, 422, "invalid_request_error"),
        (Fault::QuoteRefused, 400, "invalid_request_error"),
        (Fault::QuoteFailed, 500, "api_error"),
    ] {
        let answer = ask(&upstream, &hello(&fault.model())).send().await.unwrap();
        assert_eq!(answer.status.as_u16(), status, "{fault:?}");
        assert_eq!(answer.headers.contains_key("retry-after"), fault == Fault::RateLimited);
        let text = answer.text().await.unwrap();
        assert_eq!(text.contains(upstream.key()), fault == Fault::EchoCredential);
        let quotes = matches!(fault, Fault::QuoteRefused | Fault::QuoteFailed);
        assert_eq!(text.contains("Hello out there"), quotes, "{fault:?}");
        let body: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (&body["type"], &body["error"]["type"]),
            (&json!("error"), &json!(kind)),
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn broken_streams() {
    let upstream = Upstream::start().await.unwrap();
    for (fault, wanted) in [
        (Fault::EndsEarly, "the stream has no end"),
        (Fault::NoDone, "the stream has no end"),
        (Fault::MalformedFrame, "EOF while parsing"),
        (Fault::NoFinalBlank, "does not end"),
    ] {
        let found = messages::check(&raw(&upstream, hello(&fault.model())).await).unwrap_err();
        assert!(found.contains(wanted), "{fault:?}: {found}");
    }
    for (fault, kind, word) in [
        (Fault::ErrorFrame, "overloaded_error", "Overloaded"),
        (Fault::QuoteFrame, "api_error", "Hello out there"),
    ] {
        let told = told(&upstream, hello(&fault.model())).await;
        let error = told.error.clone().unwrap();
        assert_eq!(
            (&error["type"], told.text().as_str()),
            (&json!(kind), "You said: "),
            "{fault:?}"
        );
        assert!(error["message"].as_str().unwrap().contains(word));
    }
    for fault in [Fault::CutMid, Fault::ResetMid] {
        let answer = ask(&upstream, &with(hello(&fault.model()), json!({"stream": true})))
            .send()
            .await
            .unwrap();
        assert!(answer.text().await.is_err(), "{fault:?}");
    }
    for fault in [Fault::CutBefore, Fault::ResetBefore] {
        assert!(
            ask(&upstream, &hello(&fault.model())).send().await.is_err(),
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn odd_streams_say_the_same() {
    let upstream = Upstream::start().await.unwrap();
    let usual = told(&upstream, hello("claude-haiku-4-5")).await;
    for fault in [
        Fault::CrLf,
        Fault::Cr,
        Fault::Comments,
        Fault::OddFields,
        Fault::MultiLine,
        Fault::Drip,
        Fault::Interleaved,
    ] {
        let stream = sse::read(&raw(&upstream, hello(&fault.model())).await);
        let events: Vec<Event> = stream
            .events
            .into_iter()
            .map(|event| Event {
                name: event.name,
                data: event.data,
            })
            .collect();
        let told = messages::check_events(&events).unwrap();
        assert_eq!(
            (&told.message["content"], &told.message["usage"]),
            (&usual.message["content"], &usual.message["usage"]),
            "{fault:?}"
        );
    }
    let huge = told(&upstream, hello("fault-huge-event")).await;
    assert!(huge.text().len() > HUGE_CONTENT);
}

#[tokio::test]
async fn counts_come_in_every_way() {
    let upstream = Upstream::start().await.unwrap();
    let usage = async |fault: Fault| told(&upstream, hello(&fault.model())).await.message["usage"].clone();
    let usual = told(&upstream, hello("claude-haiku-4-5")).await.message["usage"].clone();
    assert_eq!(usage(Fault::UsageEarly).await, usual);
    assert_eq!(usage(Fault::UsageDoubled).await, usual);
    assert_eq!(usage(Fault::UsageRepeatsChoice).await, usual);
    let repeated = raw(&upstream, hello("fault-usage-repeats-choice")).await;
    assert_eq!(repeated.matches("event: message_delta").count(), 2);
    assert!(
        !raw(&upstream, hello("fault-usage-missing"))
            .await
            .contains("input_tokens")
    );
    assert!(raw(&upstream, hello("fault-usage-nonsense")).await.contains("\"many\""));
    assert!(
        plain(&upstream, hello("fault-usage-missing"))
            .await
            .get("usage")
            .is_none()
    );
}

#[tokio::test]
async fn stalls_wait_for_their_release() {
    let upstream = Upstream::start().await.unwrap();
    for fault in [Fault::StallBefore, Fault::StallMid] {
        let body = with(hello(&fault.model()), json!({"stream": true}));
        let mut call = tokio::spawn(ask(&upstream, &body).text());
        let before = tokio::time::timeout(Duration::from_millis(100), &mut call).await;
        assert!(before.is_err(), "{fault:?}");
        upstream.release();
        let (_, text) = call.await.unwrap().unwrap();
        assert_eq!(messages::check(&text).unwrap().text(), "You said: Hello out there");
    }
}

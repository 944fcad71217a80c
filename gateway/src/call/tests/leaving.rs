//! Clients that leave, Stop, and the end of the hub.

use std::time::Duration;

use domain::{
    access::Role,
    call::{CallState, Dialect, Door, Fault},
    id::{CallId, UserId},
    provider::DisconnectPolicy,
    usage::UsageSource,
};

use super::{
    client::{Hub, Setup, USER, next, stream},
    streams::{ASK, DONE, stop, text, usage},
    upstream::{Step, Upstream, chunk, end, json, stream_head},
};
use crate::call::{CallError, record::Record};

const ASK_WHOLE: &str = r#"{"model":"m","messages":[{"role":"user","content":"12345678"}]}"#;
const WHOLE: &str = r#"{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2}}"#;

/// Asks for a whole answer, and leaves when the provider has been asked.
async fn ask_and_leave(hub: &Hub, upstream: &Upstream) -> CallId {
    let request = hub.request(Dialect::OpenaiChat, ASK_WHOLE);
    let id = request.id;
    let mut call = std::pin::pin!(hub.gateway.call(request));
    while upstream.requests().is_empty() {
        let moment = tokio::time::timeout(Duration::from_millis(5), call.as_mut());
        assert!(moment.await.is_err(), "the answer was not to come yet");
    }
    id
}

#[tokio::test]
async fn a_client_that_leaves_before_a_whole_answer_stops_the_provider_and_is_estimated() {
    let upstream = Upstream::start(vec![vec![Step::WaitForClose]]).await;
    let hub = Hub::with(Setup::at(&upstream.base_url)).await;
    let id = ask_and_leave(&hub, &upstream).await;
    upstream.closed().await;
    let call = hub.settled(id).await.call;
    assert_eq!(
        (call.state, call.status, call.usage_source),
        (CallState::Cancelled, None, UsageSource::Estimated)
    );
    // A shutdown finds nothing that still runs.
    hub.gateway.shutdown(Duration::from_secs(60)).await;
}

#[tokio::test]
async fn a_shutdown_waits_for_a_call_that_is_carried_and_for_one_that_was_left() {
    let upstream = Upstream::start(vec![vec![Step::WaitForClose]]).await;
    let hub = Hub::with(Setup::at(&upstream.base_url)).await;
    let tasks = &hub.gateway.0.tasks;
    let before = tasks.count();
    let request = hub.request(Dialect::OpenaiChat, ASK_WHOLE);
    let id = request.id;
    {
        let mut call = std::pin::pin!(hub.gateway.call(request));
        while upstream.requests().is_empty() {
            let moment = tokio::time::timeout(Duration::from_millis(5), call.as_mut());
            assert!(moment.await.is_err(), "the answer was not to come yet");
        }
        assert_eq!(tasks.count(), before + 1, "it is carried");
    }
    assert_eq!(tasks.count(), before + 1, "it is a task");
    assert_eq!(hub.settled(id).await.call.state, CallState::Cancelled);
    while tasks.count() > before {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn where_the_policy_is_to_drain_a_whole_answer_is_read_and_settled_without_its_client() {
    let mut steps = vec![Step::WaitForTest];
    steps.extend(json(200, WHOLE));
    let upstream = Upstream::start(vec![steps]).await;
    let hub = Hub::with(Setup {
        disconnect: DisconnectPolicy::Drain,
        ..Setup::at(&upstream.base_url)
    })
    .await;
    let id = ask_and_leave(&hub, &upstream).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    upstream.go();
    let call = hub.settled(id).await.call;
    assert_eq!(
        (call.state, call.usage_source, call.usage.output_text),
        (CallState::Succeeded, UsageSource::Provider, 2)
    );
}

#[tokio::test]
async fn a_whole_answer_can_be_stopped_and_a_shutdown_waits_for_it() {
    let mut late = vec![Step::WaitForTest];
    late.extend(json(200, WHOLE));
    let upstream = Upstream::start(vec![vec![Step::WaitForClose], late]).await;
    let hub = Hub::with(Setup::at(&upstream.base_url)).await;
    let request = hub.request(Dialect::OpenaiChat, ASK_WHOLE);
    let id = request.id;
    let stop = async {
        while upstream.requests().is_empty() {
            tokio::task::yield_now().await;
        }
        assert!(
            hub.gateway
                .stop_call(&hub.viewer(USER, Role::Member).key_holder().unwrap(), id)
        );
    };
    let (stopped, ()) = tokio::join!(hub.gateway.call(request), stop);
    assert_eq!(&*stopped.unwrap_err().code, "cancelled");
    assert_eq!(hub.now(id).await.call.state, CallState::Cancelled);

    let finish = async {
        while upstream.requests().len() < 2 {
            tokio::task::yield_now().await;
        }
        let closing = hub.gateway.shutdown(Duration::from_secs(60));
        let go = async {
            tokio::task::yield_now().await;
            upstream.go();
        };
        tokio::join!(closing, go);
    };
    let ((_, answer), ()) = tokio::join!(hub.chat(ASK_WHOLE), finish);
    assert!(answer.is_ok());
}

#[tokio::test]
async fn a_client_that_leaves_stops_the_provider_and_is_estimated() {
    let upstream = Upstream::start(vec![vec![stream_head(), chunk(&text("12345678")), Step::WaitForClose]]).await;
    let hub = Hub::with(Setup::at(&upstream.base_url)).await;
    let (id, answer) = hub.chat(ASK).await;
    let mut receiver = stream(answer.unwrap());
    next(&mut receiver).await;
    drop(receiver);
    upstream.closed().await;
    let call = hub.settled(id).await.call;
    assert_eq!(
        (call.state, call.usage_source, call.usage.output_text),
        (CallState::Cancelled, UsageSource::Estimated, 2)
    );
}

#[tokio::test]
async fn a_client_that_leaves_before_the_first_byte_is_noticed_too() {
    let upstream = Upstream::start(vec![vec![Step::WaitForClose]]).await;
    let hub = Hub::with(Setup::at(&upstream.base_url)).await;
    let request = hub.request(Dialect::OpenaiChat, ASK);
    let id = request.id;
    assert!(
        tokio::time::timeout(Duration::from_millis(200), hub.gateway.call(request))
            .await
            .is_err()
    );
    upstream.closed().await;
    let call = hub.settled(id).await.call;
    assert_eq!(
        (call.state, call.status, call.usage.input_uncached),
        (CallState::Cancelled, None, 3)
    );
}

#[tokio::test]
async fn where_the_policy_is_to_drain_the_provider_finishes() {
    let steps = vec![
        stream_head(),
        chunk(&text("one")),
        Step::WaitForTest,
        chunk(&stop()),
        chunk(&usage()),
        chunk(DONE),
        end(),
    ];
    let upstream = Upstream::start(vec![steps]).await;
    let hub = Hub::with(Setup {
        disconnect: DisconnectPolicy::Drain,
        ..Setup::at(&upstream.base_url)
    })
    .await;
    let (id, answer) = hub.chat(ASK).await;
    let mut receiver = stream(answer.unwrap());
    next(&mut receiver).await;
    drop(receiver);
    tokio::time::sleep(Duration::from_millis(50)).await;
    upstream.go();
    let call = hub.settled(id).await.call;
    assert_eq!(
        (call.state, call.usage_source, call.usage.output_text),
        (CallState::Succeeded, UsageSource::Provider, 3)
    );
}

#[tokio::test]
async fn the_playground_cancels_whatever_the_policy_and_stop_stops() {
    let upstream = Upstream::start(vec![vec![stream_head(), chunk(&text("one")), Step::WaitForClose]]).await;
    let hub = Hub::with(Setup {
        disconnect: DisconnectPolicy::Drain,
        ..Setup::at(&upstream.base_url)
    })
    .await;
    for stop in [false, true] {
        let mut request = hub.request(Dialect::OpenaiChat, ASK);
        request.door = Door::Playground;
        let id = request.id;
        let mut receiver = stream(hub.gateway.call(request).await.unwrap());
        next(&mut receiver).await;
        if stop {
            assert!(!hub.gateway.stop_call(
                &hub.viewer(UserId::from_number(99), Role::Member).key_holder().unwrap(),
                id
            ));
            assert!(
                hub.gateway
                    .stop_call(&hub.viewer(USER, Role::Member).key_holder().unwrap(), id)
            );
            assert_eq!(next(&mut receiver).await, None);
        } else {
            drop(receiver);
        }
        upstream.closed().await;
        assert_eq!(hub.settled(id).await.call.state, CallState::Cancelled);
        assert!(
            !hub.gateway
                .stop_call(&hub.viewer(USER, Role::Admin).key_holder().unwrap(), id)
        );
    }
}

#[tokio::test]
async fn a_shutdown_lets_streams_finish_and_refuses_new_calls() {
    let steps = vec![
        stream_head(),
        chunk(&text("one")),
        Step::WaitForTest,
        chunk(&stop()),
        chunk(DONE),
        end(),
    ];
    let upstream = Upstream::start(vec![steps]).await;
    let hub = Hub::with(Setup::at(&upstream.base_url)).await;
    let mut receiver = stream(hub.chat(ASK).await.1.unwrap());
    next(&mut receiver).await;
    let closing = hub.gateway.shutdown(Duration::from_secs(5));
    let rest = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let refused = hub.chat(ASK).await.1.unwrap_err();
        assert_eq!((refused.status, &*refused.code), (503, "shutting_down"));
        upstream.go();
        (next(&mut receiver).await, next(&mut receiver).await)
    };
    let (_, last) = tokio::join!(closing, rest);
    assert_eq!(last, (Some(stop()), Some(DONE.to_owned())));
}

/// Who leaves in the pause before the next attempt owes nothing for the last one.
#[tokio::test]
async fn an_attempt_is_on_its_way_from_when_it_is_taken_until_it_fails() {
    let hub = Hub::with(Setup::at("http://127.0.0.1:9/v1")).await;
    let (inner, request) = (&hub.gateway.0, hub.request(Dialect::OpenaiChat, ASK));
    let candidate = hub.gateway.snapshot().resolve("p/m").unwrap();
    let mut record = Record::new(inner, &request, None);
    let sent = record.begin_attempt(inner, &candidate, None);
    assert!(!record.is_on_its_way());
    sent.note();
    assert!(record.is_on_its_way());
    record.end_attempt(Some(
        CallError::new(Fault::Provider, 503, "overloaded", "later").failure(),
    ));
    assert!(!record.is_on_its_way());
    let _ = record.begin_attempt(inner, &candidate, None);
    assert!(!record.is_on_its_way());
}

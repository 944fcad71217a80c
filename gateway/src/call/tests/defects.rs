//! Defects of the hub itself: a call whose task panics is settled and answered all the same.

use domain::{
    call::{CallState, Fault},
    usage::UsageSource,
};

use super::client::{Hub, Setup, messages};

async fn hub() -> Hub {
    Hub::with(Setup {
        models: &["panic", "echo"],
        ..Setup::simulated()
    })
    .await
}

#[tokio::test]
async fn a_panic_before_the_answer_is_a_failed_call_and_a_status() {
    let hub = hub().await;
    let (id, answer) = hub
        .chat(r#"{"model":"p/panic","messages":[{"role":"user","content":"12345678"}]}"#)
        .await;
    let error = answer.unwrap_err();
    assert_eq!(
        (error.status, error.fault, &*error.code),
        (500, Fault::Hub, "internal_error")
    );
    // Without waiting: the row came before the answer.
    let call = hub.now(id).await;
    assert_eq!((call.call.state, call.call.status), (CallState::Failed, Some(500)));
    assert_eq!(
        (call.call.usage_source, call.attempts.len()),
        (UsageSource::Estimated, 1)
    );
    let failure = call.call.failure.unwrap();
    assert_eq!((failure.fault, failure.code.as_str()), (Fault::Hub, "internal_error"));
    // The hub goes on, and a shutdown does not wait for what is gone.
    assert!(
        hub.chat(r#"{"model":"p/echo","messages":[{"role":"user","content":"x"}]}"#)
            .await
            .1
            .is_ok()
    );
    hub.gateway.shutdown(std::time::Duration::from_secs(60)).await;
}

#[tokio::test]
async fn a_panic_within_a_stream_is_a_failed_call_and_an_error_event() {
    let hub = hub().await;
    let ask = r#"{"model":"p/panic","stream":true,"messages":[{"role":"user","content":"12345678"}]}"#;
    let (id, answer) = hub.chat(ask).await;
    let all = messages(answer.unwrap()).await;
    assert_eq!(all.len(), 2, "{all:?}");
    assert!(
        all[1].contains("internal_error") && !all.concat().contains("[DONE]"),
        "{all:?}"
    );
    let call = hub.now(id).await.call;
    assert_eq!((call.state, call.status), (CallState::Failed, Some(200)));
    assert_eq!(call.failure.map(|failure| failure.fault), Some(Fault::Hub));
}

//! Calls that end while something is fetched for them: they are listed, they cost nothing, and nobody was asked.

use std::{
    future::Future as _,
    task::{Context, Waker},
    time::Duration,
};

use domain::{
    access::Role,
    call::{CallState, Dialect},
    catalog::ProviderKind,
    provider::DisconnectPolicy,
    usage::UsageSource,
};
use serde_json::json;

use super::{
    client::{Hub, Setup, USER},
    upstream::{Step, Upstream, json as answered},
};
use crate::clock::Clock;

/// A hub whose provider is given content, and finishes what it has begun.
async fn hub(upstream: &Upstream) -> Hub {
    let hub = Hub::open(Clock::System, &["127.0.0.1"]).await;
    hub.furnish(Setup {
        kind: ProviderKind::Ollama,
        preset: None,
        disconnect: DisconnectPolicy::Drain,
        ..Setup::at(upstream.base_url.trim_end_matches("/v1"))
    })
    .await
}

fn ask(files: &Upstream, stream: bool) -> String {
    let url = format!("{}/cat.gif", files.base_url);
    json!({"model": "p/m", "stream": stream,
        "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]})
    .to_string()
}

#[tokio::test]
async fn a_client_that_leaves_while_a_file_is_fetched_is_listed_and_nothing_was_sent() {
    let files = Upstream::start(vec![vec![Step::WaitForClose]]).await;
    let upstream = Upstream::start(vec![answered(200, "{}")]).await;
    let hub = hub(&upstream).await;
    for stream in [false, true] {
        let before = files.requests().len();
        let request = hub.request(Dialect::OpenaiChat, &ask(&files, stream));
        let id = request.id;
        {
            let mut call = std::pin::pin!(hub.gateway.call(request));
            while files.requests().len() == before {
                let moment = tokio::time::timeout(Duration::from_millis(5), call.as_mut());
                assert!(moment.await.is_err(), "the answer was not to come yet");
            }
        }
        // Nobody waits for the file any more.
        files.closed().await;
        let detail = hub.settled(id).await;
        let call = detail.call;
        assert_eq!(
            (call.state, call.status, call.usage_source, call.attempt_count),
            (CallState::Cancelled, None, UsageSource::None, 0)
        );
        assert_eq!((call.model_served.as_deref(), call.charge), (Some("p/m"), None));
    }
    assert!(upstream.requests().is_empty());
    // A shutdown finds nothing that still runs.
    hub.gateway.shutdown(Duration::from_secs(60)).await;
}

#[tokio::test]
async fn a_call_whose_file_is_fetched_is_listed_as_open_can_be_stopped_and_ends_with_the_hub() {
    let files = Upstream::start(vec![vec![Step::WaitForClose]]).await;
    let upstream = Upstream::start(vec![answered(200, "{}")]).await;
    let hub = hub(&upstream).await;
    let viewer = hub.viewer(USER, Role::Member);
    let stopped = hub.request(Dialect::OpenaiChat, &ask(&files, false));
    let id = stopped.id;
    let stop = async {
        let calls = hub.gateway.calls();
        while calls.detail(&viewer, id).await.unwrap().is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(hub.now(id).await.call.state, CallState::Open);
        assert!(hub.gateway.stop_call(&viewer.key_holder().unwrap(), id));
    };
    let (answer, ()) = tokio::join!(hub.gateway.call(stopped), stop);
    assert_eq!(&*answer.unwrap_err().code, "cancelled");
    assert_eq!(hub.now(id).await.call.state, CallState::Cancelled);

    let before = files.requests().len();
    let last = hub.request(Dialect::OpenaiChat, &ask(&files, true));
    let finish = async {
        while files.requests().len() == before {
            tokio::task::yield_now().await;
        }
        hub.gateway.shutdown(Duration::ZERO).await;
    };
    let (answer, ()) = tokio::join!(hub.gateway.call(last), finish);
    assert_eq!(&*answer.unwrap_err().code, "shutting_down");
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn a_client_that_leaves_while_a_kept_answer_is_looked_up_is_listed() {
    let upstream = Upstream::start(vec![answered(200, "{}")]).await;
    let hub = Hub::with(Setup {
        kind: ProviderKind::Openai,
        preset: None,
        ..Setup::at(&upstream.base_url)
    })
    .await;
    let ask = json!({"model": "p/m", "input": "x", "previous_response_id": "resp_1"}).to_string();
    // The database's thread may be quicker than the one poll that this call gets, when that is interrupted: then the answer is there, or
    // there is nothing left to look up.
    for _ in 0..1_000 {
        let request = hub.request(Dialect::OpenaiResponses, &ask);
        let id = request.id;
        let left = {
            let mut call = std::pin::pin!(hub.gateway.call(request));
            call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending()
        };
        let call = hub.settled(id).await.call;
        assert!(upstream.requests().is_empty());
        if call.state == CallState::Cancelled {
            assert!(left, "who has the answer did not leave");
            assert_eq!((call.status, call.usage_source), (None, UsageSource::None));
            return;
        }
        assert_eq!((call.state, call.status), (CallState::Failed, Some(400)));
    }
    panic!("no call was left while its answer was looked up");
}

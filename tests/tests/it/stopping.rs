//! The end of the server on request: running answers may finish, within a limit.

use tests::hub::Hub;
use tests::sse::Chat;
use tests::stage::{SOON, Stage, call_id, hello, on_both, saying, streamed};
use tests::upstream::Fault;

#[tokio::test]
async fn running_streams_are_finished() {
    on_both(async |kind| {
        let mut stage = Stage::start(kind).await;
        let mut answer = stage
            .chat(&streamed(saying("slow-writer", "write 40 words")))
            .send()
            .await
            .unwrap();
        let id = call_id(&answer);
        let first = answer.chunk().await.unwrap().unwrap();
        let address = stage.hub.address();
        let process = stage.hub.take_process();
        process.ask_to_stop().await;
        let mut text = String::from_utf8(first.to_vec()).unwrap();
        text.push_str(&answer.text().await.unwrap());
        let chat = Chat::read(&text).unwrap();
        assert!(chat.done && chat.content().ends_with("word40"), "{}", chat.content());
        assert!(process.ended().await.success());
        assert!(tests::client::Call::get(address, "/healthz").send().await.is_err());
        let row = stage.listed(&id).await;
        assert_eq!(
            (row["state"].as_str(), row["usage"]["output_text"].as_u64()),
            (Some("succeeded"), Some(40))
        );
    })
    .await;
}

#[tokio::test]
async fn what_does_not_end_in_time_is_interrupted() {
    on_both(async |kind| {
        let mut stage = Stage::prepare(kind).await;
        stage.hub.set("HUB_DRAIN_SECONDS", "1");
        stage.hub.serve().await;
        let mut answer = stage
            .chat(&streamed(hello(&Fault::StallMid.model())))
            .send()
            .await
            .unwrap();
        let id = call_id(&answer);
        let first = answer.chunk().await.unwrap().unwrap();
        assert!(!first.is_empty());
        let process = stage.hub.take_process();
        process.ask_to_stop().await;
        assert!(process.ended().await.success());
        // The rest is an error event, or the end of the connection where the hub had no time left.
        if let Ok(rest) = answer.text().await {
            assert!(!rest.contains("[DONE]"), "{rest}");
        }
        stage.upstream.wait_for_disconnect(SOON).await.unwrap();
        let row = stage.listed(&id).await;
        assert_eq!(row["state"], "interrupted", "{row}");
        stage.hub.serve().await;
        assert_eq!(stage.row(&id).await["state"], "interrupted");
    })
    .await;
}

/// Whoever asks twice does not want to wait: not for a stream that runs, not for one whose client reads nothing.
#[tokio::test]
async fn a_second_signal_ends_at_once() {
    on_both(async |kind| {
        for signal in ["INT", "TERM"] {
            let mut stage = Stage::prepare(kind).await;
            // Far longer than the test waits.
            stage.hub.set("HUB_DRAIN_SECONDS", "300");
            stage.hub.serve().await;
            let body = streamed(hello(&Fault::StallMid.model()));
            let mut answer = stage.chat(&body).send().await.unwrap();
            let id = call_id(&answer);
            assert!(!answer.chunk().await.unwrap().unwrap().is_empty());
            let mut process = stage.hub.take_process();
            process.signal(signal).await;
            let asked = std::time::Instant::now();
            while !stage.hub.log().contains("running answers may end") {
                assert!(asked.elapsed() < SOON, "{}", stage.hub.log());
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            assert!(process.runs(), "one signal lets the stream go on");
            let begin = std::time::Instant::now();
            process.signal(signal).await;
            assert!(process.ended().await.success(), "{}", stage.hub.log());
            let took = begin.elapsed();
            assert!(took < SOON, "{signal}: it took {took:?}");
            assert!(stage.hub.log().contains("once more"), "{}", stage.hub.log());
            if let Ok(rest) = answer.text().await {
                assert!(!rest.contains("[DONE]"), "{rest}");
            }
            assert_eq!(stage.listed(&id).await["state"], "interrupted", "{signal}");
            stage.hub.serve().await;
            assert_eq!(stage.row(&id).await["state"], "interrupted", "{signal}");
        }
    })
    .await;
}

#[tokio::test]
async fn health_is_told() {
    on_both(async |kind| {
        let mut hub = Hub::new(kind).await;
        hub.serve().await;
        for path in ["/healthz", "/readyz"] {
            let answer = hub.get(path).send().await.unwrap();
            assert_eq!(answer.status, 200, "{path}");
            assert!(answer.header("x-request-id").is_some_and(|id| id.starts_with("req_")));
        }
        assert_eq!(hub.get("/healthz").text().await.unwrap().1, "ok\n");
    })
    .await;
}

#[tokio::test]
async fn a_server_may_be_stopped_as_soon_as_it_greets() {
    on_both(async |kind| {
        let mut hub = Hub::new(kind).await;
        for _ in 0..10 {
            hub.serve().await;
            let process = hub.take_process();
            process.ask_to_stop().await;
            assert!(process.ended().await.success(), "it ends in order: {}", hub.log());
        }
        // An orderly end leaves nothing to clear up.
        assert!(!hub.log().contains("interrupted"), "{}", hub.log());
    })
    .await;
}

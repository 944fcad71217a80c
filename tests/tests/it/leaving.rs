//! Clients that leave before the end: the provider is stopped, or drained where its policy says so, and the call is settled
//! either way.

use serde_json::{Value, json};
use tests::client::Answer;
use tests::stage::{SOON, Stage, call_id, hello, on_both, saying, streamed};
use tests::upstream::{Fault, Outcome};

/// Reads until the text has begun.
async fn begin(answer: &mut Answer, words: &str) {
    let mut text = String::new();
    while !text.contains(words) {
        let chunk = tokio::time::timeout(SOON, answer.chunk())
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
}

#[tokio::test]
async fn leaving_a_stream_stops_the_provider_and_is_estimated() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let mut answer = stage
            .chat(&streamed(hello(&Fault::StallMid.model())))
            .send()
            .await
            .unwrap();
        let id = call_id(&answer);
        begin(&mut answer, "said: ").await;
        drop(answer);
        stage.upstream.wait_for_disconnect(SOON).await.unwrap();
        let row = stage.row_in_state(&id, "cancelled").await;
        assert_eq!(
            (&row["usage_source"], &row["failure"], &row["status"]),
            (&json!("estimated"), &Value::Null, &json!(200))
        );
        assert_eq!(
            (&row["usage"]["output_text"], &row["finish_reason"]),
            (&json!(2), &Value::Null)
        );
        assert!(row["usage"]["input_uncached"].as_u64().unwrap() > 0);
        assert_eq!(stage.listed(&id).await["state"], "cancelled");
    })
    .await;
}

#[tokio::test]
async fn leaving_a_busy_stream_stops_it_too() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let mut answer = stage
            .chat(&streamed(saying("slow-writer", "write 2000 words")))
            .send()
            .await
            .unwrap();
        let id = call_id(&answer);
        begin(&mut answer, "word5 ").await;
        drop(answer);
        let record = stage.upstream.wait_for_disconnect(SOON).await.unwrap();
        let (_, at) = record.ended.unwrap();
        assert!(at.duration_since(record.at) < SOON);
        stage.row_in_state(&id, "cancelled").await;
    })
    .await;
}

#[tokio::test]
async fn leaving_before_the_answer_stops_the_provider_too() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        for body in [
            hello(&Fault::StallBefore.model()),
            streamed(hello(&Fault::StallBefore.model())),
        ] {
            let before = stage.upstream.requests().len();
            {
                let waiting = stage.chat(&body).send();
                tokio::select! {
                    _ = waiting => panic!("nothing is answered while the provider stalls"),
                    arrived = stage.upstream.wait_for_requests(before + 1, SOON) => drop(arrived.unwrap()),
                }
            }
            let left = stage.upstream.wait_for(SOON, |records| {
                records.get(before).filter(|record| record.disconnected()).cloned()
            });
            left.await.unwrap();
        }
        let begin = std::time::Instant::now();
        loop {
            let calls = stage.hub.calls().await;
            // Nobody waits for their rows any more, so they may come a moment later.
            if calls.len() == 2 && calls.iter().all(|call| call["state"] == "cancelled") {
                assert!(
                    calls
                        .iter()
                        .all(|call| call["usage_source"] == "estimated" && call["attempt_count"] == 1),
                    "{calls:?}"
                );
                break;
            }
            assert!(begin.elapsed() < SOON && calls.len() <= 2, "{calls:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_provider_may_be_let_to_finish() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        stage.set_provider(&[("disconnect", "drain")]).await;
        let mut answer = stage
            .chat(&streamed(saying("slow-writer", "write 20 words")))
            .send()
            .await
            .unwrap();
        let id = call_id(&answer);
        begin(&mut answer, "word2 ").await;
        drop(answer);
        let serial = stage.only_request().serial;
        let record = stage.upstream.wait_for_end(serial, SOON).await.unwrap();
        assert_eq!(record.ended.unwrap().0, Outcome::Answered);
        let row = stage.row_in_state(&id, "succeeded").await;
        assert_eq!(
            (&row["usage_source"], &row["usage"]["output_text"]),
            (&json!("provider"), &json!(20))
        );
        assert_eq!(row["finish_reason"], "stop");
    })
    .await;
}

#[tokio::test]
async fn a_client_that_reads_slowly_loses_nothing() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let mut answer = stage
            .chat(&streamed(saying("gpt-4o-mini", "write 20000 words")))
            .send()
            .await
            .unwrap();
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.unwrap() {
            if bytes.len() < 100_000 {
                // Slower than the provider, so that everything between fills up.
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            bytes.extend_from_slice(&chunk);
        }
        let chat = tests::sse::Chat::read(std::str::from_utf8(&bytes).unwrap()).unwrap();
        assert!(chat.done && chat.content().ends_with(" word20000"));
    })
    .await;
}

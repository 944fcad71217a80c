//! Faults in the middle of a stream: what has come stays, the rest is told by a last event that clients can read.

use serde_json::json;
use tests::sse::Chat;
use tests::stage::{Stage, call_id, hello, on_both, saying, streamed, with};
use tests::upstream::Fault;

use super::{check_failure, hurry};

#[tokio::test]
async fn a_broken_stream_ends_with_an_error_event() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        hurry(&stage).await;
        for (fault, code) in [
            (Fault::StallMid, "provider_timeout"),
            (Fault::CutMid, "upstream_interrupted"),
            (Fault::ResetMid, "upstream_interrupted"),
            (Fault::EndsEarly, "upstream_interrupted"),
            (Fault::MalformedFrame, "provider_answer_unreadable"),
            (Fault::ErrorFrame, "provider_failed"),
        ] {
            let answer = stage.chat(&streamed(hello(&fault.model()))).send().await.unwrap();
            assert_eq!(answer.status, 200, "{fault:?}");
            let id = call_id(&answer);
            let chat =
                Chat::read(&answer.text().await.unwrap()).unwrap_or_else(|problem| panic!("{fault:?}: {problem}"));
            assert_eq!(chat.content(), "You said: ", "{fault:?}");
            assert!(!chat.done, "{fault:?}: a broken stream does not look complete");
            assert_eq!(chat.errors.len(), 1, "{fault:?}");
            assert_eq!(
                (&chat.errors[0]["code"], &chat.errors[0]["type"]),
                // What the provider itself tells keeps the provider's code.
                (
                    &json!(if fault == Fault::ErrorFrame {
                        "server_error"
                    } else {
                        code
                    }),
                    &json!("server_error")
                )
            );
            let row = stage.row(&id).await;
            check_failure(&row, "provider", code, "estimated");
            assert_eq!(
                (&row["status"], &row["attempt_count"]),
                (&json!(200), &json!(1)),
                "{fault:?}"
            );
            // "You said: " is ten bytes: two tokens by our estimate.
            assert_eq!(row["usage"]["output_text"], 2, "{fault:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_odd_stream_passes_and_is_counted() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        for (fault, source) in [
            (Fault::Drip, "provider"),
            (Fault::UsageMissing, "estimated"),
            (Fault::UsageEarly, "provider"),
            (Fault::UsageDoubled, "provider"),
            (Fault::UsageNonsense, "estimated"),
            (Fault::UsageWithChoice, "provider"),
            (Fault::UsageRepeatsChoice, "provider"),
            (Fault::Comments, "provider"),
            (Fault::CrLf, "provider"),
            (Fault::Cr, "provider"),
            (Fault::OddFields, "provider"),
            (Fault::MultiLine, "provider"),
            (Fault::NoFinalBlank, "provider"),
            (Fault::NoDone, "provider"),
            (Fault::HugeEvent, "provider"),
        ] {
            for asked in [true, false] {
                let options = json!({"stream": true, "stream_options": {"include_usage": asked}});
                let answer = stage.chat(&with(hello(&fault.model()), options)).send().await.unwrap();
                assert_eq!(answer.status, 200, "{fault:?}");
                let id = call_id(&answer);
                let text = answer.text().await.unwrap();
                let chat = Chat::read(&text).unwrap_or_else(|problem| panic!("{fault:?}: {problem}"));
                assert!(chat.done && chat.errors.is_empty(), "{fault:?}");
                assert_eq!(chat.finish(), Some("stop"), "{fault:?}");
                // What rides on the last words of the answer goes with them.
                let reaches = asked || fault == Fault::UsageWithChoice;
                if source == "provider" && fault != Fault::UsageDoubled {
                    assert_eq!(chat.usages().len(), usize::from(reaches), "{fault:?}, asked: {asked}");
                }
                if fault == Fault::HugeEvent {
                    assert!(chat.content().len() > 8 << 20);
                } else {
                    assert_eq!(chat.content(), "You said: Hello out there", "{fault:?}");
                }
                let row = stage.row(&id).await;
                assert_eq!(
                    (&row["state"], &row["usage_source"]),
                    (&json!("succeeded"), &json!(source)),
                    "{fault:?}"
                );
                if source == "provider" && fault != Fault::HugeEvent {
                    let usage = (&row["usage"]["input_uncached"], &row["usage"]["output_text"]);
                    assert_eq!(usage, (&json!(7), &json!(5)), "{fault:?}");
                }
                assert_eq!(row["finish_reason"], "stop", "{fault:?}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_whole_call_has_a_limit_too() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        stage
            .set_provider(&[
                ("first_byte", "1.5"),
                ("gap", "1.5"),
                ("connect", "1"),
                ("total", "1.5"),
            ])
            .await;
        let answer = stage
            .chat(&streamed(saying("slow-writer", "write 500 words")))
            .send()
            .await
            .unwrap();
        let id = call_id(&answer);
        let chat = Chat::read(&answer.text().await.unwrap()).unwrap();
        assert_eq!(chat.errors[0]["code"], "provider_timeout");
        assert!(chat.content().contains("word5") && !chat.content().contains("word499"));
        let row = stage.row(&id).await;
        check_failure(&row, "provider", "provider_timeout", "estimated");
        let record = stage.upstream.wait_for_disconnect(tests::stage::SOON).await.unwrap();
        assert_eq!(record.json()["model"], "slow-writer");
    })
    .await;
}

//! Faults in the middle of a plain answer: none of it reaches the client, or all of it.

use serde_json::{Value, json};
use tests::stage::{Stage, call_id, hello, on_both};
use tests::upstream::Fault;

use super::{check_failure, hurry};

#[tokio::test]
async fn a_broken_answer_is_an_error() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        hurry(&stage).await;
        for (fault, status, code) in [
            (Fault::StallMid, 504, "provider_timeout"),
            (Fault::CutMid, 502, "upstream_interrupted"),
            (Fault::ResetMid, 502, "upstream_interrupted"),
            (Fault::MalformedFrame, 502, "provider_answer_unreadable"),
            (Fault::ErrorFrame, 502, "provider_failed"),
        ] {
            let answer = stage.chat(&hello(&fault.model())).send().await.unwrap();
            assert_eq!(answer.status.as_u16(), status, "{fault:?}");
            let id = call_id(&answer);
            let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
            assert_eq!(
                (&body["error"]["code"], &body["error"]["type"]),
                (&json!(code), &json!("server_error")),
                "{fault:?}"
            );
            let row = stage.row(&id).await;
            check_failure(&row, "provider", code, "estimated");
            assert_eq!(
                (&row["status"], &row["attempt_count"]),
                (&json!(status), &json!(1)),
                "{fault:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn an_odd_answer_passes_and_is_counted() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        for (fault, source) in [
            (Fault::Drip, "provider"),
            (Fault::Comments, "provider"),
            (Fault::UsageMissing, "estimated"),
            (Fault::UsageNonsense, "estimated"),
            (Fault::HugeEvent, "provider"),
        ] {
            let answer = stage.chat(&hello(&fault.model())).send().await.unwrap();
            assert_eq!(answer.status, 200, "{fault:?}");
            let id = call_id(&answer);
            let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
            let content = body["choices"][0]["message"]["content"].as_str().unwrap();
            if fault == Fault::HugeEvent {
                assert_eq!(content.len(), 8 << 20);
            } else {
                assert_eq!(content, "You said: Hello out there", "{fault:?}");
            }
            let row = stage.row(&id).await;
            assert_eq!(
                (&row["state"], &row["usage_source"]),
                (&json!("succeeded"), &json!(source)),
                "{fault:?}"
            );
            assert!(row["usage"]["output_text"].as_u64().unwrap() > 0, "{fault:?}");
        }
    })
    .await;
}

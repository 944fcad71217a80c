//! Anthropic's provider breaks: its client gets an error with the right type, or a stream that ends with one.

use serde_json::json;
use tests::stage::{call_id, on_both, with};
use tests::upstream::{Fault, HUGE_CONTENT};

use super::{ask, counted, hello, plain, stage, told, whole};

fn model(fault: Fault) -> String {
    format!("claude/{}", fault.model())
}

#[tokio::test]
async fn error_statuses_say_whose_fault_it_is() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        for (fault, status, kind, code) in [
            (Fault::RateLimited, 429, "rate_limit_error", "provider_rate_limited"),
            (Fault::QuotaSpent, 502, "api_error", "provider_quota_exhausted"),
            (Fault::PaymentRequired, 502, "api_error", "provider_quota_exhausted"),
            (Fault::ServerError, 502, "api_error", "provider_failed"),
            (Fault::Overloaded, 503, "overloaded_error", "provider_overloaded"),
            (Fault::Unauthorized, 502, "api_error", "provider_credential_rejected"),
            (Fault::EchoCredential, 502, "api_error", "provider_credential_rejected"),
        ] {
            let answer = ask(&stage, &hello(&model(fault))).send().await.unwrap();
            let id = call_id(&answer);
            assert_eq!(
                answer.header("retry-after").is_some(),
                fault == Fault::RateLimited,
                "{fault:?}"
            );
            let (found, body) = whole(answer).await;
            assert_eq!(
                (found, &body["error"]["type"]),
                (status, &json!(kind)),
                "{fault:?}: {body}"
            );
            assert_eq!(body["error"]["details"]["error_code"], code, "{fault:?}");
            assert!(!body.to_string().contains(stage.upstream.key()));
            let row = stage.row(&id).await;
            assert_eq!(
                (&row["failure"]["code"], &row["usage_source"]),
                (&json!(code), &json!("none")),
                "{fault:?}"
            );
        }
        // What is wrong with the request comes in the provider's own words.
        for (fault, status, kind) in [
            (Fault::TooLarge, 413, "request_too_large"),
            (Fault::Unprocessable, 422, "invalid_request_error"),
            (Fault::QuoteRefused, 400, "invalid_request_error"),
        ] {
            let (found, body) = whole(ask(&stage, &hello(&model(fault))).send().await.unwrap()).await;
            assert_eq!((found, &body["error"]["type"]), (status, &json!(kind)), "{fault:?}");
            assert!(
                body["request_id"].as_str().unwrap().starts_with("req_fake"),
                "{fault:?}: {body}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_broken_stream_ends_with_an_error_event() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        for (fault, code) in [
            (Fault::CutMid, "upstream_interrupted"),
            (Fault::ResetMid, "upstream_interrupted"),
            (Fault::EndsEarly, "upstream_interrupted"),
            (Fault::MalformedFrame, "provider_answer_unreadable"),
            (Fault::ErrorFrame, "provider_overloaded"),
        ] {
            let (told, id) = told(&stage, &hello(&model(fault))).await;
            let error = told.error.clone().unwrap_or_else(|| panic!("{fault:?}: {told:?}"));
            assert_eq!(told.text(), "You said: ", "{fault:?}");
            match fault {
                // What the provider itself tells stays as it is.
                Fault::ErrorFrame => assert_eq!(error["type"], "overloaded_error", "{error}"),
                _ => assert_eq!(error["details"]["error_code"], code, "{fault:?}: {error}"),
            }
            let row = stage.row(&id).await;
            assert_eq!(
                (&row["state"], &row["failure"]["code"]),
                (&json!("failed"), &json!(code)),
                "{fault:?}"
            );
            assert_eq!(row["usage"]["output_text"], 2, "{fault:?}: {row}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_odd_stream_passes_and_is_counted() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        for (fault, source) in [
            (Fault::Drip, "provider"),
            (Fault::UsageMissing, "estimated"),
            // What is counted before the answer is a placeholder.
            (Fault::UsageEarly, "mixed"),
            (Fault::UsageMissingAtTheEnd, "mixed"),
            (Fault::UsageDoubled, "provider"),
            (Fault::UsageNonsense, "estimated"),
            (Fault::UsageRepeatsChoice, "provider"),
            (Fault::Comments, "provider"),
            (Fault::CrLf, "provider"),
            (Fault::NoFinalBlank, "provider"),
            (Fault::NoDone, "provider"),
            (Fault::HugeEvent, "provider"),
        ] {
            let body = with(hello(&model(fault)), json!({"stream": true}));
            let answer = ask(&stage, &body).send().await.unwrap();
            let id = call_id(&answer);
            let text = answer.text().await.unwrap();
            if fault != Fault::UsageMissing && fault != Fault::UsageNonsense {
                let told = tests::grammar::messages::check(&text).unwrap_or_else(|rule| panic!("{fault:?}: {rule}"));
                assert!(told.error.is_none(), "{fault:?}");
                let wanted = if fault == Fault::HugeEvent {
                    HUGE_CONTENT
                } else {
                    "You said: Hello out there".len()
                };
                assert!(told.text().len() >= wanted, "{fault:?}");
            }
            let row = stage.row(&id).await;
            assert_eq!(
                (&row["state"], &row["usage_source"]),
                (&json!("succeeded"), &json!(source)),
                "{fault:?}: {row}"
            );
            if source == "provider" && fault != Fault::HugeEvent {
                assert_eq!(
                    counted(&row),
                    json!({"input_uncached": 7, "output_text": 5}),
                    "{fault:?}"
                );
            }
            if source == "mixed" {
                // 25 bytes of text, by our estimate.
                assert_eq!(
                    counted(&row),
                    json!({"input_uncached": 7, "output_text": 6}),
                    "{fault:?}"
                );
            }
            assert_eq!(row["finish_reason"], "stop", "{fault:?}");
        }
        let (_, id) = plain(&stage, &hello(&model(Fault::UsageMissing))).await;
        assert_eq!(stage.row(&id).await["usage_source"], "estimated");
    })
    .await;
}

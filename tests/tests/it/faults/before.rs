//! Faults before the first byte: the client gets an error of ours, the same for plain calls and for streams.

use serde_json::{Value, json};
use tests::stage::{Stage, call_id, hello, on_both, streamed};
use tests::upstream::Fault;

use super::{check_failure, hurry};

struct Case {
    fault: Fault,
    status: u16,
    whose: &'static str,
    code: &'static str,
    source: &'static str,
    attempts: i64,
}

const fn case(fault: Fault, status: u16, whose: &'static str, code: &'static str, source: &'static str) -> Case {
    Case {
        fault,
        status,
        whose,
        code,
        source,
        attempts: 1,
    }
}

const CASES: [Case; 16] = [
    case(Fault::StallBefore, 504, "provider", "provider_timeout", "estimated"),
    case(Fault::CutBefore, 502, "provider", "provider_disconnected", "estimated"),
    case(
        Fault::ResetBefore,
        502,
        "provider",
        "provider_disconnected",
        "estimated",
    ),
    case(Fault::RateLimited, 429, "limit", "provider_rate_limited", "none"),
    case(Fault::RateLimitedBare, 429, "limit", "provider_rate_limited", "none"),
    case(Fault::QuotaSpent, 502, "operator", "provider_quota_exhausted", "none"),
    case(
        Fault::PaymentRequired,
        502,
        "operator",
        "provider_quota_exhausted",
        "none",
    ),
    case(Fault::ServerError, 502, "provider", "provider_failed", "none"),
    Case {
        attempts: 2,
        ..case(Fault::Overloaded, 503, "provider", "provider_overloaded", "none")
    },
    case(
        Fault::Unauthorized,
        502,
        "operator",
        "provider_credential_rejected",
        "none",
    ),
    case(
        Fault::EchoCredential,
        502,
        "operator",
        "provider_credential_rejected",
        "none",
    ),
    case(Fault::Forbidden, 502, "operator", "provider_permission_denied", "none"),
    case(
        Fault::WrongType,
        502,
        "provider",
        "provider_answer_unreadable",
        "estimated",
    ),
    case(Fault::Redirect, 502, "operator", "provider_address_wrong", "none"),
    case(Fault::TooLarge, 413, "caller", "request_entity_too_large", "none"),
    case(Fault::Unprocessable, 422, "caller", "unprocessable_entity", "none"),
];

async fn check(stage: &Stage, case: &Case, body: &Value) {
    let answer = stage.chat(body).send().await.unwrap();
    let name = case.fault.name();
    assert_eq!(answer.status.as_u16(), case.status, "{name}");
    assert_eq!(answer.header("content-type"), Some("application/json"), "{name}");
    let wanted = (case.fault == Fault::RateLimited).then_some("2");
    assert_eq!(answer.header("retry-after"), wanted, "{name}");
    let id = call_id(&answer);
    let text = answer.text().await.unwrap();
    let error: Value = serde_json::from_str::<Value>(&text).unwrap()["error"].take();
    assert_eq!(
        (&error["code"], error.as_object().unwrap().len()),
        (&json!(case.code), 4),
        "{name}"
    );
    let kind = match case.status {
        429 => "rate_limit_error",
        // The provider's own words and type pass through.
        413 | 422 => "invalid_request_error",
        _ => "server_error",
    };
    assert_eq!(error["type"], kind, "{name}");

    let row = stage.row(&id).await;
    check_failure(&row, case.whose, case.code, case.source);
    assert_eq!(row["status"], case.status, "{name}");
    assert_eq!(row["attempt_count"], case.attempts, "{name}");
    assert_eq!(
        row["attempts"].as_array().unwrap().len() as i64,
        case.attempts,
        "{name}"
    );
    // Neither the credential nor the operator's organisation, wherever the provider's words went.
    for text in [text, row.to_string()] {
        assert!(!text.contains(stage.upstream.key()), "{name}: {text}");
    }
    assert!(!error.to_string().contains("org-operator-secret"), "{name}");
}

#[tokio::test]
async fn each_is_told_apart() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        hurry(&stage).await;
        for case in &CASES {
            let body = hello(&case.fault.model());
            check(&stage, case, &body).await;
            check(&stage, case, &streamed(body)).await;
        }
        assert!(
            stage.upstream.requests_to("/v1/elsewhere").is_empty(),
            "a redirect was followed"
        );
        assert!(
            !stage.hub.log().contains(stage.upstream.key()),
            "a credential is in the log"
        );
    })
    .await;
}

#[tokio::test]
async fn a_provider_that_is_down_is_said_to_be() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let Stage { hub, upstream, key, .. } = stage;
        upstream.stop().await;
        let answer = hub
            .post("/v1/chat/completions", &hello("gpt-4o-mini"))
            .bearer(&key)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status, 503);
        let id = call_id(&answer);
        let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(body["error"]["code"], "provider_unreachable");
        let (_, row) = hub.get(&format!("/v1/calls/{id}")).bearer(&key).json().await.unwrap();
        check_failure(&row, "provider", "provider_unreachable", "none");
        assert_eq!(row["attempt_count"], 3);
    })
    .await;
}

#[tokio::test]
async fn embeddings_fail_in_the_same_way() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        for (fault, status, code) in [
            (Fault::RateLimited, 429, "provider_rate_limited"),
            (Fault::EchoCredential, 502, "provider_credential_rejected"),
            (Fault::CutMid, 502, "upstream_interrupted"),
            (Fault::MalformedFrame, 502, "provider_answer_unreadable"),
        ] {
            stage.upstream.fault_once(fault);
            let body = json!({"model": "fake/text-embedding-3-small", "input": "one"});
            let (found, body) = stage.post("/v1/embeddings", &body).json().await.unwrap();
            assert_eq!(
                (found.as_u16(), &body["error"]["code"]),
                (status, &json!(code)),
                "{fault:?}"
            );
        }
    })
    .await;
}

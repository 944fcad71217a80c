//! The shape of each refusal.

use std::time::Duration;

use http_body_util::BodyExt as _;

use gateway::call::Timing;

use super::*;

async fn parts(error: ApiError) -> (StatusCode, http::HeaderMap, serde_json::Value) {
    let (head, body) = error.into_response().into_parts();
    let bytes = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes)
        .unwrap_or_default();
    (
        head.status,
        head.headers,
        serde_json::from_slice(&bytes).unwrap_or_default(),
    )
}

#[tokio::test]
async fn the_shape_is_openais() {
    let (status, headers, body) = parts(gateway::Snapshot::default().unknown_model("gpt-9").into()).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(
        headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes),
        Some(&b"application/json"[..])
    );
    let error = body.get("error").cloned().unwrap_or_default();
    assert_eq!(
        (error["type"].as_str(), error["code"].as_str(), error["param"].as_str()),
        (Some("invalid_request_error"), Some("model_not_found"), Some("model"))
    );
    assert!(error["message"].as_str().is_some_and(|text| text.contains("`gpt-9`")));
    assert_eq!(error.as_object().map(serde_json::Map::len), Some(4));
}

#[tokio::test]
async fn every_key_problem_is_a_401_with_its_own_sentence() {
    let mut sentences = Vec::new();
    for problem in [
        KeyProblem::Missing,
        KeyProblem::Malformed,
        KeyProblem::Unknown,
        KeyProblem::Revoked,
        KeyProblem::Suspended,
    ] {
        let (status, headers, body) = parts(problem.into()).await;
        assert_eq!(body["error"]["message"], problem.to_string());
        assert_eq!(body["error"]["code"], problem.code());
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert!(headers.contains_key(header::WWW_AUTHENTICATE));
        sentences.push(body["error"]["message"].to_string());
    }
    sentences.sort();
    sentences.dedup();
    assert_eq!(sentences.len(), 5);
}

#[tokio::test]
async fn upstream_words_pass_unchanged() {
    let error = CallError {
        fault: domain::call::Fault::Caller,
        code: "bad_request".into(),
        message: "no".to_owned(),
        param: None,
        status: 422,
        retry_after: Some(7),
        upstream_body: Some(Bytes::from_static(b"{\"error\":{\"message\":\"no\",\"extra\":1}}")),
        event: None,
        kept: None,
        timing: Some(Timing {
            overhead: Duration::from_micros(250),
            upstream_first_byte: Duration::from_millis(3),
        }),
        credit: None,
        limit: None,
    };
    let (status, headers, body) = parts(error.into()).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(body["error"]["extra"], 1);
    assert_eq!(
        headers.get(header::RETRY_AFTER).map(HeaderValue::as_bytes),
        Some(&b"7"[..])
    );
    assert_eq!(
        headers.get("server-timing").map(HeaderValue::as_bytes),
        Some(&b"overhead;dur=0.250, upstream;dur=3.000"[..])
    );
}

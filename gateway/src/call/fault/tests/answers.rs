//! Whole answers that are no success: whose fault they are, and whether another attempt is made.

use super::*;

#[test]
fn faults_are_told_apart() {
    let shaped =
        |code: &str| format!(r#"{{"error":{{"message":"about the model","type":"t","param":null,"code":"{code}"}}}}"#);
    let cases = [
        (400, shaped("bad"), Fault::Caller, 400, "bad"),
        (413, shaped("large"), Fault::Caller, 413, "large"),
        (422, shaped("odd"), Fault::Caller, 422, "odd"),
        (
            401,
            shaped("invalid_api_key"),
            Fault::Operator,
            502,
            "provider_credential_rejected",
        ),
        (
            403,
            "<html>".into(),
            Fault::Operator,
            502,
            "provider_credential_rejected",
        ),
        (
            400,
            r#"{"code":"x","error":"Incorrect API key provided: xa***z"}"#.into(),
            Fault::Operator,
            502,
            "provider_credential_rejected",
        ),
        (
            403,
            r#"{"error":{"code":403,"message":"flagged","metadata":{"reasons":["violence"],"flagged_input":"x"}}}"#
                .into(),
            Fault::Caller,
            400,
            "content_policy_violation",
        ),
        (
            400,
            shaped("a whole sentence"),
            Fault::Caller,
            400,
            "provider_refused_request",
        ),
        (
            499,
            shaped("request_cancelled"),
            Fault::Provider,
            502,
            "provider_failed",
        ),
        (402, "{}".into(), Fault::Operator, 502, "provider_quota_exhausted"),
        (
            400,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access"}}"#
                .into(),
            Fault::Operator,
            502,
            "provider_quota_exhausted",
        ),
        (
            400,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"x: Your credit balance is too low"}}"#
                .into(),
            Fault::Caller,
            400,
            "invalid_request_error",
        ),
        (
            429,
            shaped("insufficient_quota"),
            Fault::Operator,
            502,
            "provider_quota_exhausted",
        ),
        (
            400,
            shaped("billing_hard_limit_reached"),
            Fault::Operator,
            502,
            "provider_quota_exhausted",
        ),
        (404, shaped("model_not_found"), Fault::Operator, 404, "model_not_found"),
        (
            404,
            "404 page not found".into(),
            Fault::Operator,
            502,
            "provider_address_wrong",
        ),
        (
            404,
            r#"{"error":{"message":"Invalid URL (POST /v1/x)","type":"invalid_request_error","param":null,"code":null}}"#
                .into(),
            Fault::Operator,
            502,
            "provider_address_wrong",
        ),
        (
            404,
            r#"{"error":{"message":"Item with id 'rs_1' not found. Items are not persisted when `store` is set to false.","type":"invalid_request_error","param":"input","code":null}}"#
                .into(),
            Fault::Caller,
            404,
            "invalid_request_error",
        ),
        (301, String::new(), Fault::Operator, 502, "provider_address_wrong"),
        (
            429,
            shaped("rate_limit_exceeded"),
            Fault::Limit,
            429,
            "provider_rate_limited",
        ),
        (500, shaped("x"), Fault::Provider, 502, "provider_failed"),
        (503, String::new(), Fault::Provider, 503, "provider_overloaded"),
        (529, String::new(), Fault::Provider, 503, "provider_overloaded"),
        (504, String::new(), Fault::Provider, 504, "provider_timeout"),
        (599, String::new(), Fault::Provider, 502, "provider_failed"),
    ];
    for (status, body, fault, answered, code) in cases {
        let error = judged(status, &body).error;
        assert_eq!(
            (error.fault, error.status, &*error.code),
            (fault, answered, code),
            "{status} {body}"
        );
        // The operator's affairs never look like the caller's.
        assert!(fault != Fault::Operator || ![401, 402, 403].contains(&error.status));
        // The provider's own body goes with the provider's own status only.
        let theirs = fault == Fault::Caller && answered == status && code != "provider_refused_request";
        assert!(error.upstream_body.is_some() || !theirs, "{status} {body}");
        assert!(error.upstream_body.is_none() || fault == Fault::Caller && answered == status);
    }
}

#[test]
fn only_what_is_provably_unbilled_is_tried_again() {
    let other = |seconds| Again::OtherCredential(Duration::from_secs(seconds));
    let cases = [
        (400, Again::No),
        (401, other(30)),
        (402, other(60)),
        (404, Again::No),
        (429, other(5)),
        (500, Again::No),
        (502, Again::No),
        (503, Again::Once),
        (504, Again::No),
        (529, Again::Once),
    ];
    for (status, again) in cases {
        assert_eq!(judged(status, "{}").again, again, "{status}");
    }
    assert_eq!(
        of_problem(&SendProblem::NotConnected("refused".into()), SECRET, "Acme").again,
        Again::NothingSent
    );
    assert_eq!(
        of_problem(&SendProblem::Broken("reset".into()), SECRET, "Acme").again,
        Again::No
    );
}

/// A provider may quote the prompt, and a caller may write anything into it.
#[test]
fn words_of_a_prompt_take_no_credential_from_others() {
    let said = |status, message: &str| judged(status, &format!(r#"{{"error":{{"message":"{message}","code":"x"}}}}"#));
    let quoted = said(400, "'messages[0]' must not say 'Incorrect API key provided'");
    assert_eq!((quoted.error.fault, quoted.again), (Fault::Caller, Again::No));
    // Whoever brings the provider to begin with it gets another credential tried, and nothing lasts.
    let refused = said(400, "Incorrect API key provided: xa***z");
    assert_eq!(
        (refused.error.fault, refused.again),
        (Fault::Operator, Again::OtherCredential(Duration::ZERO))
    );
    let rest = Again::OtherCredential(Duration::from_secs(30));
    assert_eq!(said(401, "Incorrect API key provided").again, rest);
    let by_code = judged(400, r#"{"error":{"message":"no","code":"invalid_api_key"}}"#);
    assert_eq!(by_code.again, rest);
}

#[test]
fn a_rate_limit_says_how_long_and_rests_as_long() {
    let verdict = of_answer(Speech::OPENAI, 429, &Bytes::new(), Some(20), SECRET, "Acme", "m");
    assert_eq!(verdict.error.retry_after, Some(20));
    assert_eq!(verdict.again, Again::OtherCredential(Duration::from_secs(20)));
}

#[test]
fn the_callers_error_comes_back_byte_for_byte() {
    let body = r#"{ "error" : {"message":"'temperature' is too high","code":null, "extra":[1]} }"#;
    assert_eq!(judged(400, body).error.upstream_body.as_deref(), Some(body.as_bytes()));
    assert_eq!(judged(400, "plain text").error.upstream_body, None);
}

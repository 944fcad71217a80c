//! Errors within an answer whose status was 200.

use domain::catalog::ProviderKind::{Anthropic, Openai};

use super::*;

#[test]
fn errors_within_streams_keep_their_owner() {
    let said = |code: &str| Said {
        in_shape: true,
        message: format!("it broke {SECRET}"),
        code: code.into(),
        moderated: false,
    };
    let of = |code| {
        let error = reported(Speech::OPENAI, &said(code), SECRET, "Acme");
        assert!(!error.message.contains(SECRET));
        assert!(!error.failure().message.contains("it broke"), "the log keeps no words");
        (error.fault, error.code.into_owned())
    };
    assert_eq!(of("502"), (Fault::Provider, "provider_failed".into()));
    assert_eq!(of("server_error"), (Fault::Provider, "provider_failed".into()));
    assert_eq!(
        of("insufficient_quota"),
        (Fault::Operator, "provider_quota_exhausted".into())
    );
    assert_eq!(of("402"), (Fault::Operator, "provider_quota_exhausted".into()));
    assert_eq!(of("429"), (Fault::Limit, "provider_rate_limited".into()));
    assert_eq!(of("rate_limit_error"), (Fault::Limit, "provider_rate_limited".into()));
    assert_eq!(
        of("billing_error"),
        (Fault::Operator, "provider_quota_exhausted".into())
    );
    for (code, fault, wanted) in [
        ("rate_limit_exceeded", Fault::Limit, "provider_rate_limited"),
        ("overloaded_error", Fault::Provider, "provider_overloaded"),
        ("server_is_overloaded", Fault::Provider, "provider_overloaded"),
        ("UNAVAILABLE", Fault::Provider, "provider_overloaded"),
        ("timeout_error", Fault::Provider, "provider_timeout"),
        ("invalid_request_error", Fault::Caller, "invalid_request_error"),
        ("context_length_exceeded", Fault::Caller, "context_length_exceeded"),
        ("INVALID_ARGUMENT", Fault::Caller, "INVALID_ARGUMENT"),
        ("422", Fault::Caller, "422"),
    ] {
        assert_eq!(of(code), (fault, wanted.to_owned()), "{code}");
    }
}

/// The client's own dialect keeps its type and code; nothing tells it the credential or the operator's matters.
#[test]
fn where_dialects_agree_an_error_within_a_stream_stays_what_it_was() {
    let messages = Speech::between(domain::call::Dialect::AnthropicMessages, Anthropic, "claude");
    let responses = Speech::between(domain::call::Dialect::OpenaiResponses, Openai, "gpt-5");
    let told = |speech: Speech, name: Option<&str>, data: &str| {
        let event = crate::wire::sse::Event {
            span: 0..0,
            data: Some(data.as_bytes().into()),
            name: name.map(str::as_bytes),
            content: crate::wire::sse::Content::Fields,
        };
        let mut ear = speech.ear(
            &domain::catalog::Quirks::default(),
            || panic!("it passes"),
            crate::wire::canonical::Opening::default(),
            &crate::wire::speech::Kept::Nothing,
        );
        let crate::wire::openai::stream::Verdict::Error(said) = ear.hear(&event) else {
            panic!("{data}")
        };
        let stream = Stream {
            dialect: speech.dialect,
            ids: crate::wire::canonical::Ids {
                call: "call_1".to_owned(),
                model: "p/m".to_owned(),
                created: 7,
            },
            passed: Some(("resp_up", 4)),
        };
        let error = as_it_came(reported(speech, &said, SECRET, "Acme"), &event, SECRET, stream);
        let text = error.event.map(|event| String::from_utf8(event.to_vec()).unwrap());
        (error.status, text)
    };
    let overloaded = r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
    assert_eq!(
        told(messages, Some("error"), overloaded),
        (503, Some(format!("event: error\ndata: {overloaded}\n\n")))
    );
    let long = r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 > 8"}}"#;
    assert_eq!(
        told(messages, Some("error"), long),
        (400, Some(format!("event: error\ndata: {long}\n\n")))
    );
    let (status, limited) = told(
        responses,
        Some("response.failed"),
        r#"{"type":"response.failed","response":{"id":"r","error":{"code":"rate_limit_exceeded","message":"Limit of org-secret. Please try again in 1.5s."}}}"#,
    );
    let limited = limited.unwrap();
    assert_eq!(status, 429);
    assert!(
        limited.starts_with("event: response.failed\n") && limited.contains(r#""code":"rate_limit_exceeded""#),
        "{limited}"
    );
    assert!(
        limited.contains("try again in 1.5s") && !limited.contains("org-secret"),
        "{limited}"
    );
    // An error that stands alone is told as the last word that clients wait for, with the next number.
    for (name, bare, status, code) in [
        (
            Some("error"),
            r#"{"type":"error","code":"server_error","message":"It broke sk-x.","param":null,"sequence_number":4}"#,
            502,
            "server_error",
        ),
        (
            Some("error"),
            r#"{"type":"error","sequence_number":4,"error":{"type":"server_is_overloaded","code":null,"message":"It broke sk-x.","param":null}}"#,
            503,
            "server_is_overloaded",
        ),
        (
            None,
            r#"{"error":{"message":"It broke sk-x.","code":"context_length_exceeded"}}"#,
            400,
            "context_length_exceeded",
        ),
        (
            Some("error"),
            r#"{"type":"error","message":"It broke sk-x."}"#,
            502,
            "provider_failed",
        ),
        (
            Some("error"),
            r#"{"type":"error","code":"rate_limit_exceeded","message":"Limit of org-secret. Please try again in 1.5s."}"#,
            429,
            "rate_limit_exceeded",
        ),
    ] {
        let (found, told) = told(responses, name, &bare.replace("sk-x", SECRET));
        let told = told.unwrap();
        let data = told
            .strip_prefix("event: response.failed\ndata: ")
            .unwrap_or_else(|| panic!("{told}"));
        let data: serde_json::Value = serde_json::from_str(data).unwrap();
        let response = &data["response"];
        assert_eq!(
            (
                found,
                &response["error"]["code"],
                &response["id"],
                &response["status"],
                &data["sequence_number"]
            ),
            (status, &code.into(), &"resp_up".into(), &"failed".into(), &4.into()),
            "{told}"
        );
        assert!(!told.contains(SECRET) && !told.contains("org-secret"), "{told}");
        assert!(
            told.contains("It broke") || told.contains("try again in 1.5s"),
            "{told}"
        );
    }
    let (_, chat) = told(
        Speech::OPENAI,
        None,
        &format!(r#"{{"error":{{"message":"it broke {SECRET}","type":"server_error","code":"server_error"}}}}"#),
    );
    let chat = chat.unwrap();
    assert!(
        chat.contains(r#""type":"server_error","code":"server_error""#) && !chat.contains(SECRET),
        "{chat}"
    );
    // What is the operator's own stays with them.
    let spent = r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}"#;
    assert_eq!(told(Speech::OPENAI, None, spent), (502, None));
}

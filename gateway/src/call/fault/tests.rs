use domain::catalog::ProviderKind::{Anthropic, Google, Ollama, Openai, OpenaiCompatible};

use super::*;

const SECRET: &str = "sk-secret-0123456789-abcdefgh";

fn judged(status: u16, body: &str) -> Verdict {
    of_answer(
        Speech::OPENAI,
        status,
        &Bytes::copy_from_slice(body.as_bytes()),
        None,
        SECRET,
        "Acme",
        "m",
    )
}

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

/// What goes back of a body with something in it that nobody may see.
fn passed(body: &str) -> (String, serde_json::Value) {
    let error = judged(422, body).error;
    let passed = error.body(domain::call::Dialect::OpenaiChat, None);
    let text = String::from_utf8(passed.to_vec()).unwrap();
    let shaped = serde_json::from_slice(&passed).unwrap();
    assert!(
        !crate::secrets::gives_away(error.message.as_bytes(), SECRET),
        "{}",
        error.message
    );
    (text, shaped)
}

#[test]
fn credentials_in_the_callers_error_are_masked_and_the_rest_stays() {
    let escaped: String = SECRET.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
    let other = "AIzaSyA1b2C3d4E5f6G7h8I9j0";
    for hidden in [
        SECRET,
        &SECRET[..12],
        &SECRET[SECRET.len() - 9..],
        &escaped,
        "sk-secr**********efgh",
        other,
    ] {
        for body in [
            format!(r#"{{"error":{{"message":"bad header {hidden} in 'x'","type":"t","param":"x","code":"c"}}}}"#),
            format!(
                r#"{{"error":{{"message":"bad header","type":"t","param":"x","code":"c"}},"debug":[{{"{hidden}":["{hidden}"]}}]}}"#
            ),
        ] {
            let (text, shaped) = passed(&body);
            assert!(!crate::secrets::gives_away(text.as_bytes(), SECRET), "{text}");
            assert!(
                !text.contains(other) && !text.contains("efgh") && !text.contains("u0073"),
                "{text}"
            );
            assert!(text.contains("***"), "{text}");
            let error = &shaped["error"];
            assert!(error["message"].as_str().unwrap().starts_with("bad header"), "{text}");
            assert_eq!(
                (&error["type"], &error["param"], &error["code"]),
                (&"t".into(), &"x".into(), &"c".into())
            );
        }
    }
}

#[test]
fn words_for_the_log_are_masked_and_short() {
    let verdict = judged(500, &format!("{SECRET} {}", "long ".repeat(1000)));
    assert!(!verdict.words.contains(SECRET) && verdict.words.chars().count() <= 501);
    assert!(
        !of_problem(&SendProblem::Broken(SECRET.into()), SECRET, "Acme")
            .words
            .contains(SECRET)
    );
}

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

/// A caller chooses the model, the beta features and the files that are named: nobody's credential rests for them.
#[test]
fn a_403_about_something_else_than_the_key_rests_no_credential() {
    let speech = |kind, slug| Speech::between(domain::call::Dialect::AnthropicMessages, kind, slug);
    let of = |kind, body: &str| {
        let speech = speech(kind, "fine-model");
        let body = Bytes::copy_from_slice(body.as_bytes());
        let verdict = of_answer(speech, 403, &body, None, SECRET, "Acme", "fine-model");
        let rest = match verdict.again {
            Again::OtherCredential(rest) => rest.as_secs(),
            other => panic!("{other:?}"),
        };
        let accepted = accepts_credential(&verdict.error);
        (verdict.error.status, verdict.error.code.into_owned(), rest, accepted)
    };
    let (model, denied, key) = (
        (404, "model_not_found".to_owned(), 0, true),
        (502, "provider_permission_denied".to_owned(), 0, true),
        (502, "provider_credential_rejected".to_owned(), 30, false),
    );
    let openai = |kind: &str, code: &str, message: &str| {
        let code = if code.is_empty() {
            "null".to_owned()
        } else {
            format!("\"{code}\"")
        };
        format!(r#"{{"error":{{"message":"{message}","type":"{kind}","param":null,"code":{code}}}}}"#)
    };
    let google = |details: &str| {
        format!(r#"{{"error":{{"code":403,"message":"no","status":"PERMISSION_DENIED","details":[{details}]}}}}"#)
    };
    let reason = |reason: &str| {
        google(&format!(
            r#"{{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"{reason}","domain":"googleapis.com"}}"#
        ))
    };
    let anthropic =
        |kind: &str, message: &str| format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"{message}"}}}}"#);
    let blocked = "The model is blocked at the organization level";
    for (kind, body, wanted) in [
        (
            Openai,
            openai(
                "invalid_request_error",
                "model_not_found",
                "Project `p` does not have access",
            ),
            &model,
        ),
        (
            Openai,
            openai(
                "invalid_request_error",
                "",
                "Project `p` does not have access to model `fine-model`",
            ),
            &model,
        ),
        (
            OpenaiCompatible,
            openai("permissions_error", "model_permission_blocked_org", blocked),
            &model,
        ),
        (
            Openai,
            openai("request_forbidden", "unsupported_country_region_territory", "no"),
            &denied,
        ),
        (
            Openai,
            openai(
                "invalid_request_error",
                "",
                "You have insufficient permissions for this operation.",
            ),
            &denied,
        ),
        (Openai, "<html>fine-model</html>".to_owned(), &key),
        // Another name that begins like it.
        (Openai, openai("request_forbidden", "", "no fine-models for you"), &key),
        (
            Anthropic,
            anthropic("permission_error", "Your API key cannot use the specified resource."),
            &denied,
        ),
        (
            Anthropic,
            anthropic("permission_error", "No access to fine-model"),
            &model,
        ),
        (Anthropic, anthropic("authentication_error", "invalid x-api-key"), &key),
        (Google, google(""), &denied),
        (Google, reason("API_KEY_SERVICE_BLOCKED"), &key),
        (Google, reason("CONSUMER_SUSPENDED"), &key),
        (Ollama, r#"{"error":"forbidden"}"#.to_owned(), &key),
    ] {
        assert_eq!(of(kind, &body), *wanted, "{body}");
    }
    let leaked = google("").replace("\"no\"", "\"Your API key was reported as leaked.\"");
    assert_eq!(
        of(Google, &leaked),
        (502, "provider_credential_rejected".to_owned(), 0, false)
    );
}

/// Whoever asks a model for what it is not for is told so in the provider's words: nobody else is to blame.
#[test]
fn what_a_model_is_not_for_is_its_callers_fault() {
    const EMBEDDING: &str = "You are not allowed to generate embeddings from this model";
    const NO_CHAT: &str = "This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/completions?";
    const RESPONDS: &str = "This model is only supported in v1/responses and not in v1/chat/completions.";
    let body = |said: &str| {
        format!(r#"{{"error":{{"message":"{said}","type":"invalid_request_error","param":null,"code":null}}}}"#)
    };
    for (status, said, told) in [(403, EMBEDDING, 400), (404, NO_CHAT, 404), (404, RESPONDS, 404)] {
        let Verdict { error, again, .. } = judged(status, &body(said));
        assert_eq!(
            (error.fault, error.status, again),
            (Fault::Caller, told, Again::No),
            "{said}"
        );
        assert_eq!(error.upstream_body.as_deref(), Some(body(said).as_bytes()));
        assert!(accepts_credential(&error));
    }
    // A model that is not there stays the operator's.
    let gone = judged(
        404,
        &body("The model `m` does not exist or you do not have access to it."),
    );
    assert_eq!(
        (gone.error.fault, &*gone.error.code),
        (Fault::Operator, "model_not_found")
    );
    // Another wire's word for it is not OpenAI's.
    let anthropic = Speech::between(domain::call::Dialect::AnthropicMessages, Anthropic, "m");
    let said = Bytes::from(body(EMBEDDING));
    assert_eq!(
        of_answer(anthropic, 403, &said, None, SECRET, "Acme", "m").error.status,
        502
    );
}

//! A 403 or a 404 is about the key, the model, or what was asked for.

use domain::catalog::ProviderKind::{Anthropic, Google, Ollama, Openai, OpenaiCompatible};

use super::*;

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

//! What a call that is paid from credit must be: its size can be told before it is sent, and a price counts all of it. What is
//! wrong is said in the words of the client's dialect. Called by `funds`.

use domain::call::{Dialect, Fault};

use super::CallError;
use crate::wire::Scanned;

/// What a dialect calls what the refusals here speak of.
struct Words {
    /// The limit of the answer, with what multiplies it.
    limits: &'static str,
    /// The members in which it sets them. A value that is none is the client's mistake; other members are no limits here.
    own: &'static [&'static str],
    /// The conversation.
    conversation: &'static str,
}

const fn words(dialect: Dialect) -> Words {
    let (limits, own, conversation): (_, &[&str], _) = match dialect {
        Dialect::OpenaiChat => (
            "`max_completion_tokens` or `max_tokens`, and `n`",
            &["max_tokens", "max_completion_tokens", "n"],
            "messages",
        ),
        Dialect::OpenaiCompletions => (
            "`max_tokens` and `n`",
            &["max_tokens", "max_completion_tokens", "n"],
            "prompt",
        ),
        Dialect::OpenaiResponses => ("`max_output_tokens`", &["max_output_tokens"], "input"),
        Dialect::OpenaiEmbeddings => ("no limit", &[], "input"),
        Dialect::OpenaiImages => ("`n`", &["n"], "image"),
        Dialect::AnthropicMessages => ("`max_tokens`", &["max_tokens"], "messages"),
        Dialect::AigneChat => ("`input.modelOptions.maxTokens`", &[], "input.messages"),
        Dialect::AigneCompletions => ("`maxTokens`", &[], "messages"),
    };
    Words {
        limits,
        own,
        conversation,
    }
}

/// A call that is paid from credit says how long its answer may be in a way that hub and provider read alike, brings along what
/// is to be read, and asks for nothing that its price does not count.
///
/// # Errors
/// 400, with the member that is wrong.
pub(super) fn measurable(dialect: Dialect, scanned: &Scanned, window: Option<u64>) -> Result<(), CallError> {
    let words = words(dialect);
    // What came before may fill the model's window, and no more; or its size is known from when it was answered.
    let endless = scanned.continues && window.is_none() && scanned.before.is_none();
    let (param, code, sentence) = match (scanned.unlimited, scanned.files.unmeasured.as_deref(), scanned.unpriced) {
        (Some(name), ..) if words.own.contains(&name) => (
            name,
            "invalid_type",
            format!("Invalid value for '{name}': expected a whole number above zero. Credit is held for as much."),
        ),
        (Some(name), ..) => (
            name,
            "unsupported_limit",
            format!(
                "This hub holds credit by {}. Use that instead of `{name}`.",
                words.limits
            ),
        ),
        (None, ..) if endless => (
            "previous_response_id",
            "unmeasured_content",
            format!(
                "The size of what `previous_response_id` goes on with is not known, so no credit can be held for it. Send the whole conversation in `{}`.",
                words.conversation
            ),
        ),
        (None, Some(name), _) => (
            words.conversation,
            "unmeasured_content",
            format!(
                "The size of what `{name}` names is not known, so no credit can be held for it. Put the content itself into the request."
            ),
        ),
        (None, None, Some(name)) => (
            name,
            "unpriced_option",
            format!(
                "What `{name}` asks for has no price at this hub: calls are paid by the tokens of the model that is named. Leave it out, or take the value that changes no price."
            ),
        ),
        (None, None, None) => return Ok(()),
    };
    Err(CallError {
        param: Some(param.to_owned()),
        ..CallError::new(Fault::Caller, 400, code, sentence)
    })
}

/// A request for pictures that goes on as it came says nothing of which it is not known what it does to their price: services have
/// names of their own for how many are drawn, and how large.
///
/// # Errors
/// 400, with the member that is wrong.
pub(super) fn all_priced(scanned: &Scanned) -> Result<(), CallError> {
    let Some(name) = &scanned.foreign else { return Ok(()) };
    let (code, sentence) = match name.as_str() {
        "prompt" => (
            "invalid_type",
            "Invalid type for 'prompt': expected a string. As many pictures are paid as `n` says.".to_owned(),
        ),
        name => (
            "unpriced_option",
            format!(
                "What `{name}` does to the price of pictures is not known at this hub: they are paid by `n`, `size` and `quality`. Say by these what you want, and leave it out."
            ),
        ),
    };
    Err(CallError {
        param: Some(name.clone()),
        ..CallError::new(Fault::Caller, 400, code, sentence)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::speech::scan;

    fn refused(dialect: Dialect, body: &str) -> (String, String, String) {
        let scanned = scan(dialect, body.as_bytes()).unwrap();
        let error = measurable(dialect, &scanned, None).unwrap_err();
        assert_eq!((error.status, error.fault), (400, Fault::Caller));
        (error.param.unwrap(), error.code.into_owned(), error.message)
    }

    #[test]
    fn each_dialect_is_told_in_its_own_words() {
        use Dialect::{AnthropicMessages, OpenaiChat, OpenaiCompletions, OpenaiResponses};
        for (dialect, body, param, code, words) in [
            (
                OpenaiChat,
                r#"{"model":"m","n_predict":5}"#,
                "n_predict",
                "unsupported_limit",
                "`max_completion_tokens`",
            ),
            // A whole number above zero, in another dialect's member.
            (
                OpenaiChat,
                r#"{"model":"m","max_output_tokens":9999}"#,
                "max_output_tokens",
                "unsupported_limit",
                "instead of `max_output_tokens`",
            ),
            (
                OpenaiCompletions,
                r#"{"model":"m","prompt":"x","best_of":5}"#,
                "best_of",
                "unsupported_limit",
                "by `max_tokens` and `n`.",
            ),
            (
                OpenaiResponses,
                r#"{"model":"m","max_output_tokens":"5"}"#,
                "max_output_tokens",
                "invalid_type",
                "'max_output_tokens'",
            ),
            (
                OpenaiResponses,
                r#"{"model":"m","input":[{"role":"user","content":[{"type":"input_file","file_url":"https://x"}]}]}"#,
                "input",
                "unmeasured_content",
                "`file_url`",
            ),
            (
                OpenaiResponses,
                r#"{"model":"m","previous_response_id":"resp_1","input":"x"}"#,
                "previous_response_id",
                "unmeasured_content",
                "in `input`",
            ),
            (
                AnthropicMessages,
                r#"{"model":"m","max_tokens":5,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"url","url":"https://x"}}]}]}"#,
                "messages",
                "unmeasured_content",
                "`url`",
            ),
            (
                AnthropicMessages,
                r#"{"model":"m","max_tokens":"5","messages":[]}"#,
                "max_tokens",
                "invalid_type",
                "'max_tokens'",
            ),
            (
                AnthropicMessages,
                r#"{"model":"m","max_tokens":5,"messages":[],"speed":"fast"}"#,
                "speed",
                "unpriced_option",
                "`speed`",
            ),
            (
                AnthropicMessages,
                r#"{"model":"m","max_tokens":5,"messages":[],"plugins":[{"id":"web"}]}"#,
                "plugins",
                "unpriced_option",
                "`plugins`",
            ),
        ] {
            let (told, as_code, message) = refused(dialect, body);
            assert_eq!((told.as_str(), as_code.as_str()), (param, code), "{body}");
            assert!(message.contains(words), "{message}");
        }
    }

    #[test]
    fn what_an_answer_goes_on_with_has_a_size_when_that_was_counted_or_the_window_is_known() {
        let mut scanned = scan(
            Dialect::OpenaiResponses,
            br#"{"model":"m","previous_response_id":"resp_1"}"#,
        )
        .unwrap();
        let is_fine = |scanned: &Scanned, window| measurable(Dialect::OpenaiResponses, scanned, window).is_ok();
        assert!(!is_fine(&scanned, None) && is_fine(&scanned, Some(1_000)));
        scanned.before = Some(500);
        assert!(is_fine(&scanned, None));
    }
}

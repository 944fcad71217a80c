//! Whose fault a provider's refusal is, what the caller is told, and whether another attempt may be made.
//!
//! | provider's answer | fault | caller gets | another attempt |
//! |---|---|---|---|
//! | 401, 403, a credential code in any status | operator | 502 `provider_credential_rejected` | with another credential; this one rests 30 s |
//! | 403 about the model | operator | 404 `model_not_found` | with another credential; this one does not rest |
//! | 403 about the request itself (OpenAI's `invalid_request_error`) | caller | 400, with the provider's body | no |
//! | 403 about something else than the key | operator | 502 `provider_permission_denied` | the same |
//! | another 4xx whose words begin with those of a refused credential | operator | the same | with another credential; this one does not rest |
//! | quota words or code in any status, 402 | operator | 502 `provider_quota_exhausted` | with another credential; this one rests 60 s |
//! | 404 about what the model is for (no chat model, …) | caller | the same, with the provider's body | no |
//! | 404 about the model | operator | 404 `model_not_found` | no |
//! | 404 about an item that the request names by its id | caller | the same, with the provider's body | no |
//! | other 404, 405, 410, any 3xx | operator | 502 `provider_address_wrong` | no |
//! | 429 | limit | 429 `provider_rate_limited`, `retry-after` | with another credential; this one rests as long as asked (5 to 60 s) |
//! | 403 about the content (OpenRouter's moderation) | caller | 400 `content_policy_violation` | no |
//! | 498, 503, 529 | provider | 503 `provider_overloaded` | once more, with another credential if there is one |
//! | 408, 504, 524 | provider | 504 `provider_timeout` | no: the model may have worked |
//! | 499 (Groq: cancelled on its side), other 5xx | provider | 502 `provider_failed` | no: the same |
//! | other 4xx (400, 413, 422, …) | caller | the same, with the provider's body | no |
//!
//! Within an answer whose status was 200 the provider's word stands for the status (`within`).
//!
//! No connection: 503 `provider_unreachable`, twice more. A connection that broke after sending: 502
//! `provider_disconnected`, no more. The operator's credential or quota is never shown as the caller's 401, 402 or 403.

mod broken;
mod meant;
mod within;

use std::{borrow::Cow, time::Duration};

use bytes::Bytes;
use domain::call::Fault;

use super::{CallError, quoted};
use crate::{
    providers::SendProblem,
    secrets::{gives_away, mask},
    wire::{
        openai::error::{self, Said},
        speech::Speech,
    },
};

use self::meant::{about_an_item, about_model, about_the_endpoint, asks_wrongly, denies, withholds};
pub(super) use self::{
    broken::{UNREADABLE, defective, interrupted, timed_out, unreadable},
    within::{Stream, as_it_came},
};

/// Whether another attempt may be made. Only what is provably unbilled is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// No.
    No,
    /// With another credential; this one rests so long.
    OtherCredential(Duration),
    /// Once more, with any credential.
    Once,
    /// As long as attempts are left, with any credential: nothing was ever sent.
    NothingSent,
}

/// A failed attempt.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// For the caller and the call's row.
    pub error: CallError,
    /// The provider's words for the attempt's row, masked.
    pub words: String,
    /// Whether to try again.
    pub again: Again,
}

/// Codes by which services say that the operator's account is out of money.
const QUOTA_CODES: [&str; 6] = [
    "insufficient_quota",
    "billing_hard_limit_reached",
    "billing_not_active",
    "insufficient_balance",
    "insufficient_credits",
    "AccountOverdueError",
];
/// Words with which Anthropic begins when it says with status 400 that the operator's account is out of money. As with the
/// words below, no credential rests for them.
const QUOTA_WORDS: &str = "your credit balance is too low";
/// Codes by which services refuse the credential.
const CREDENTIAL_CODES: [&str; 6] = [
    "invalid_api_key",
    "API_KEY_INVALID",
    "account_deactivated",
    "invalid_organization",
    "AuthenticationError",
    "authentication_error",
];
/// Codes of a 403 by which services withhold a model from a credential that they accept: OpenAI (its model list of a project),
/// Groq (model permissions), DashScope.
const MODEL_CODES: [&str; 4] = [
    "model_not_found",
    "model_permission_blocked_org",
    "model_permission_blocked_project",
    "Model.AccessDenied",
];
/// So long a credential rests that was refused.
const CREDENTIAL_REST: Duration = Duration::from_secs(30);
/// Words with which some services begin when they refuse the credential with status 400 and no code for it (xAI, Gemini's
/// compatible wire). A prompt may be quoted in such an answer, so these words never let a credential rest: whoever writes them
/// into a prompt could have it taken from everybody.
const CREDENTIAL_WORDS: [&str; 5] = [
    "incorrect api key",
    "invalid api key",
    "api key not valid",
    "api key is invalid",
    // Google's, with status 403.
    "your api key was reported as leaked",
];

/// Judges an answer that is not 2xx.
pub(super) fn of_answer(
    speech: Speech,
    status: u16,
    body: &Bytes,
    retry_after: Option<u32>,
    secret: &str,
    provider: &str,
    model: &str,
) -> Verdict {
    let (said, wait) = speech.refusal(body);
    let retry_after = retry_after.or(wait);
    let words = mask(&said.message, &[secret]);
    let lower = said.message.to_lowercase();
    let by_code = CREDENTIAL_CODES.contains(&said.code.as_str());
    let by_words = CREDENTIAL_WORDS.iter().any(|phrase| lower.starts_with(phrase));
    let operator = |code, sentence: String, again| Verdict {
        error: CallError::new(Fault::Operator, 502, code, sentence),
        words: words.clone(),
        again,
    };
    let down = |status, code, sentence: &str, again| Verdict {
        error: CallError {
            retry_after,
            ..CallError::new(Fault::Provider, status, code, format!("{provider} {sentence}"))
        },
        words: words.clone(),
        again,
    };
    let quota = |rest| {
        operator(
            "provider_quota_exhausted",
            format!(
                "The hub's account at {provider} is out of quota or credit. Your key is fine: ask whoever runs this hub."
            ),
            Again::OtherCredential(rest),
        )
    };
    match status {
        _ if QUOTA_CODES.contains(&said.code.as_str()) || status == 402 => quota(Duration::from_secs(60)),
        400 if lower.starts_with(QUOTA_WORDS) => quota(Duration::ZERO),
        403 if said.moderated => Verdict {
            error: CallError {
                kept: Some(Box::default()),
                ..CallError::new(Fault::Caller, 400, "content_policy_violation", callers_words(&words))
            },
            words,
            again: Again::No,
        },
        403 if withholds(&said, model) => Verdict {
            error: CallError::new(
                Fault::Operator,
                404,
                NO_MODEL,
                format!(
                    "{provider} does not let the hub's account use the model `{model}`. Ask whoever runs this hub, or choose another model."
                ),
            ),
            words,
            again: Again::OtherCredential(Duration::ZERO),
        },
        403 if !by_words && asks_wrongly(speech.wire, &said) => Verdict {
            error: callers(speech, 400, body, &said, &words, secret),
            words,
            again: Again::No,
        },
        403 if !by_words && denies(speech.wire, &said) => operator(
            DENIED,
            format!(
                "{provider} does not allow the hub's account what this request asks for. Your key is fine: leave out what is out of the ordinary (beta features, files), or ask whoever runs this hub."
            ),
            Again::OtherCredential(Duration::ZERO),
        ),
        403 if by_words => credential_rejected(operator, provider, Duration::ZERO),
        401 | 403 => credential_rejected(operator, provider, CREDENTIAL_REST),
        400..=499 if by_code => credential_rejected(operator, provider, CREDENTIAL_REST),
        400..=499 if by_words => credential_rejected(operator, provider, Duration::ZERO),
        404 if about_the_endpoint(&said) => Verdict {
            error: callers(speech, status, body, &said, &words, secret),
            words,
            again: Again::No,
        },
        404 if about_model(&said) => {
            let sentence = format!(
                "{provider} does not offer the model `{model}` (any more). Ask whoever runs this hub, or choose another model."
            );
            Verdict {
                error: CallError::new(Fault::Operator, 404, NO_MODEL, sentence),
                words,
                again: Again::No,
            }
        }
        404 if about_an_item(&said) => Verdict {
            error: callers(speech, status, body, &said, &words, secret),
            words,
            again: Again::No,
        },
        404 | 405 | 410 | 300..=399 => operator(
            "provider_address_wrong",
            format!("{provider} has no such endpoint. Ask whoever runs this hub to check the provider's base URL."),
            Again::No,
        ),
        429 => {
            let rest = Duration::from_secs(retry_after.unwrap_or(5).clamp(5, 60).into());
            let error = CallError::new(
                Fault::Limit,
                429,
                "provider_rate_limited",
                format!("{provider} limits the rate of calls at the moment. Try again later."),
            );
            Verdict {
                error: CallError { retry_after, ..error },
                words,
                again: Again::OtherCredential(rest),
            }
        }
        498 | 503 | 529 => down(
            503,
            "provider_overloaded",
            "is overloaded. Try again later.",
            Again::Once,
        ),
        408 | 504 | 524 => down(504, "provider_timeout", "did not answer in time.", Again::No),
        400..=498 => Verdict {
            error: callers(speech, status, body, &said, &words, secret),
            words,
            again: Again::No,
        },
        _ => down(502, "provider_failed", "failed to answer.", Again::No),
    }
}

fn credential_rejected(
    operator: impl Fn(&'static str, String, Again) -> Verdict,
    provider: &str,
    rest: Duration,
) -> Verdict {
    operator(
        "provider_credential_rejected",
        format!("{provider} refuses the hub's credential. Your key is fine: ask whoever runs this hub."),
        Again::OtherCredential(rest),
    )
}

/// The code for whoever asks for a model that the provider does not give.
const NO_MODEL: &str = "model_not_found";
/// The code for what the provider does not allow with a credential that it accepts.
const DENIED: &str = "provider_permission_denied";

/// The provider has accepted the credential, whatever else it refuses.
pub(super) fn accepts_credential(error: &CallError) -> bool {
    error.fault == Fault::Caller || [NO_MODEL, DENIED].contains(&&*error.code)
}

/// The request itself is refused: the provider's body goes back unmodified, since clients act upon its wording. Where it
/// holds a piece of the credential, or what resembles one, that is masked and the rest stays; a body that is not in the
/// client's dialect is replaced by its words, masked.
fn callers(speech: Speech, status: u16, body: &Bytes, said: &Said, words: &str, secret: &str) -> CallError {
    let code = if quoted::is_code(&said.code) {
        Cow::Owned(mask(&said.code, &[secret]))
    } else {
        Cow::Borrowed("provider_refused_request")
    };
    let upstream_body = (said.in_shape && speech.passes())
        .then(|| error::without_credentials(body, secret))
        .flatten()
        .filter(|body| !gives_away(body, secret));
    CallError {
        code,
        upstream_body,
        // Whoever has the request at hand puts in what quotes nothing of it.
        kept: Some(Box::default()),
        ..CallError::new(Fault::Caller, status, "", callers_words(words))
    }
}

fn callers_words(words: &str) -> String {
    if words.is_empty() {
        "The provider refused the request.".to_owned()
    } else {
        words.to_owned()
    }
}

/// Judges an attempt that got no answer.
pub(super) fn of_problem(problem: &SendProblem, secret: &str, provider: &str) -> Verdict {
    let words = mask(&problem.to_string(), &[secret]);
    let (error, again) = match problem {
        SendProblem::NotConnected(_) => (
            CallError::new(
                Fault::Provider,
                503,
                "provider_unreachable",
                format!("{provider} cannot be reached. Try again later."),
            ),
            Again::NothingSent,
        ),
        SendProblem::Broken(_) => (
            CallError::new(
                Fault::Provider,
                502,
                "provider_disconnected",
                format!("{provider} closed the connection without an answer."),
            ),
            Again::No,
        ),
        SendProblem::Address(_) => (
            CallError::new(
                Fault::Operator,
                502,
                "provider_address_wrong",
                format!("The base URL of {provider} cannot be used. Ask whoever runs this hub to check it."),
            ),
            Again::No,
        ),
    };
    Verdict { error, words, again }
}

/// An error within an answer whose status was 200. A numeric code is taken for the status that it should have had, and so are
/// the words of [`within::status`].
pub(super) fn reported(speech: Speech, said: &Said, secret: &str, provider: &str) -> CallError {
    let status = match said.code.as_str() {
        code if QUOTA_CODES.contains(&code) => 402,
        code if CREDENTIAL_CODES.contains(&code) => 401,
        code => within::status(code),
    };
    let words = mask(&said.message, &[secret]);
    // The request, which the words may quote, is gone by now.
    let kept = format!("{provider} reported an error within its answer. Its words went to the caller only.");
    let kept = Some(kept.into_boxed_str());
    if matches!(status, 400 | 413 | 422) {
        let code = within::callers_code(&said.code, &words);
        return CallError {
            code: code.map_or(Cow::Borrowed("provider_refused_request"), |code| {
                Cow::Owned(mask(code, &[secret]))
            }),
            kept,
            ..CallError::new(Fault::Caller, status, "", callers_words(&words))
        };
    }
    let judged = of_answer(speech, status, &Bytes::new(), None, secret, provider, "").error;
    match judged.fault {
        Fault::Limit => CallError {
            message: within::with_wait(judged.message, &words),
            ..judged
        },
        Fault::Operator => judged,
        _ if matches!(judged.status, 503 | 504) => judged,
        _ => CallError {
            kept,
            ..CallError::new(
                Fault::Provider,
                502,
                "provider_failed",
                format!("{provider} reported an error: {words}"),
            )
        },
    }
}

#[cfg(test)]
mod tests;

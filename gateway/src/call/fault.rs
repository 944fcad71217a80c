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
//! `provider_disconnected`, no more. What answers, and not in HTTP: 502 `provider_answer_unreadable`, no more. The operator's credential or quota is never shown as the caller's 401, 402 or 403.

mod answered;
mod broken;
mod meant;
mod within;

use std::{borrow::Cow, time::Duration};

use bytes::Bytes;
use domain::call::Fault;

use super::{CallError, quoted};
use crate::{
    providers::SendProblem,
    secrets::mask,
    wire::{openai::error::Said, speech::Speech},
};

use self::answered::{CREDENTIAL_CODES, QUOTA_CODES};
pub(super) use self::{
    answered::of_answer,
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

/// The code for whoever asks for a model that the provider does not give.
const NO_MODEL: &str = "model_not_found";
/// The code for what the provider does not allow with a credential that it accepts.
const DENIED: &str = "provider_permission_denied";

/// The provider has accepted the credential, whatever else it refuses.
pub(super) fn accepts_credential(error: &CallError) -> bool {
    error.fault == Fault::Caller || [NO_MODEL, DENIED].contains(&&*error.code)
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
        SendProblem::NoHttp(_) => (unreadable(provider, "it is no valid HTTP"), Again::No),
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

//! Errors that a provider tells within an answer whose status was 200: what status their word stands for, and how they reach a
//! client that speaks the provider's own dialect.
//!
//! | word | stands for |
//! |---|---|
//! | `rate_limit_error`, `rate_limit_exceeded`, `RESOURCE_EXHAUSTED` | 429 |
//! | `billing_error` | 402 |
//! | `overloaded_error`, `server_is_overloaded`, `slow_down`, `engine_overloaded`, `UNAVAILABLE` | 503 |
//! | `timeout_error`, `request_timeout`, `DEADLINE_EXCEEDED` | 504 |
//! | `invalid_request_error`, `context_length_exceeded`, `invalid_prompt`, `string_above_max_length`, `content_policy_violation`, `INVALID_ARGUMENT` | 400 |
//! | `request_too_large` | 413 |
//! | a number from 400 to 599 | itself |
//! | anything else | 500 |
//!
//! The words are Anthropic's (docs: Errors), OpenAI's (its SDKs and Codex act upon them) and Google's (`google.rpc.Code`).

use bytes::Bytes;
use domain::call::{Dialect, Fault};
use serde_json::Value;

use super::{CallError, quoted};
use crate::{
    secrets::gives_away,
    wire::{
        canonical::Ids,
        openai::error,
        speech::{self, Problem},
        sse,
    },
};

/// The status that a word stands for.
pub(super) fn status(word: &str) -> u16 {
    match word {
        "rate_limit_error" | "rate_limit_exceeded" | "RESOURCE_EXHAUSTED" => 429,
        "billing_error" => 402,
        "overloaded_error" | "server_is_overloaded" | "slow_down" | "engine_overloaded" | "UNAVAILABLE" => 503,
        "timeout_error" | "request_timeout" | "DEADLINE_EXCEEDED" => 504,
        "invalid_request_error"
        | "context_length_exceeded"
        | "invalid_prompt"
        | "string_above_max_length"
        | "content_policy_violation"
        | "INVALID_ARGUMENT" => 400,
        "request_too_large" => 413,
        number => number
            .parse()
            .ok()
            .filter(|status| (400..600).contains(status))
            .unwrap_or(500),
    }
}

/// How providers begin when they say that a prompt does not fit, without a code for it.
const TOO_LONG: [&str; 2] = ["prompt is too long", "the input token count"];

/// The code of an error that is the caller's. Clients shorten their prompt by this one, and try the same again by others.
pub(super) fn callers_code<'a>(code: &'a str, words: &str) -> Option<&'a str> {
    let words = words.to_lowercase();
    if TOO_LONG.iter().any(|beginning| words.starts_with(beginning)) {
        return Some("context_length_exceeded");
    }
    quoted::is_code(code).then_some(code)
}

/// Our sentence about a limit, with how long the provider asks to wait: Codex waits as long as the words say.
pub(super) fn with_wait(sentence: String, words: &str) -> String {
    match wait(words) {
        Some(wait) => format!("{sentence} Please try again in {wait}."),
        None => sentence,
    }
}

/// The time in "Please try again in 1.5s.": a number and its unit, nothing else of the words.
fn wait(words: &str) -> Option<&str> {
    const PHRASE: &str = "try again in ";
    let rest = &words[words.to_ascii_lowercase().find(PHRASE)? + PHRASE.len()..];
    let number = rest
        .bytes()
        .take_while(|letter| letter.is_ascii_digit() || *letter == b'.')
        .count();
    let unit = rest.get(number..)?.trim_start_matches(' ');
    let spaces = rest.len() - number - unit.len();
    let letters = unit.bytes().take_while(u8::is_ascii_alphabetic).count();
    let is_unit = ["s", "ms", "m", "second", "seconds", "minute", "minutes"].contains(&unit.get(..letters)?);
    (number > 0 && number <= 10 && spaces <= 1 && is_unit).then(|| &rest[..number + spaces + letters])
}

/// The stream in which an error is told.
pub(in crate::call) struct Stream<'a> {
    /// What both sides speak.
    pub dialect: Dialect,
    /// Of the call, for an event that is written anew.
    pub ids: Ids,
    /// The provider's name for the answer, and how many events have passed.
    pub passed: Option<(&'a str, u64)>,
}

/// For a client of the same dialect: the event that told the error, of the same type and code. What is the operator's
/// matter keeps our words alone; what a provider says of its limits names the operator's account, so our sentence stands
/// in its place; and nothing of it holds the credential.
///
/// Of responses it is always `response.failed`: an `error` event alone is overlooked by Codex and by whatever else waits for one
/// of the three last words, of which OpenAI lets one follow.
pub(in crate::call) fn as_it_came(
    error: CallError,
    event: &sse::Event<'_>,
    secret: &str,
    stream: Stream<'_>,
) -> CallError {
    let event = match error.fault {
        Fault::Operator => None,
        _ => told(&error, event, secret, stream).map(Box::new),
    };
    CallError { event, ..error }
}

fn told(error: &CallError, event: &sse::Event<'_>, secret: &str, stream: Stream<'_>) -> Option<Bytes> {
    let mut whole: Value = serde_json::from_slice(event.data.as_deref()?).ok()?;
    // A response that failed, any other error, and the error that is an event of its own.
    let place = ["/response/error", "/error", ""]
        .into_iter()
        .find(|place| whole.pointer(place).is_some_and(|said| said["message"].is_string()))?;
    if error.fault == Fault::Limit {
        *whole.pointer_mut(place)?.get_mut("message")? = error.message.as_str().into();
    }
    let body = error::without_credentials(&whole.to_string().into(), secret)?;
    if gives_away(&body, secret) {
        return None;
    }
    if stream.dialect == Dialect::OpenaiResponses && place != "/response/error" {
        return failed(
            error,
            serde_json::from_slice::<Value>(&body).ok()?.pointer(place)?,
            stream,
        );
    }
    let mut told = Vec::new();
    if let Some(name) = event.name {
        told.extend_from_slice(&[b"event: ", name, b"\n"].concat());
    }
    told.extend_from_slice(&[b"data: ", &body[..], b"\n\n"].concat());
    Some(told.into())
}

/// `response.failed` with what an error that stands alone says.
fn failed(error: &CallError, said: &Value, stream: Stream<'_>) -> Option<Bytes> {
    // The event's own type says no more than that it is an error.
    let code = ["code", "type"].iter().find_map(|name| said[*name].as_str());
    let code = code.filter(|code| !code.is_empty() && *code != "error");
    let problem = Problem {
        message: said["message"].as_str()?,
        code: code.unwrap_or(&error.code),
        ..error.problem(None, None)
    };
    Some(speech::last_words(stream.dialect, &problem, stream.ids, stream.passed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_time_is_taken_from_the_words() {
        for (words, wanted) in [
            (
                "Rate limit reached for org-x. Please try again in 1.5s. Visit",
                Some("1.5s"),
            ),
            ("Try again in 20 seconds", Some("20 seconds")),
            ("try again in 350ms", Some("350ms")),
            ("try again in org-abc", None),
            ("try again in 5 lifetimes", None),
            ("try again in ", None),
            ("wait", None),
        ] {
            assert_eq!(wait(words), wanted, "{words}");
        }
    }

    #[test]
    fn a_prompt_that_does_not_fit_has_its_own_code() {
        let code = |code, words| callers_code(code, words);
        assert_eq!(
            code(
                "invalid_request_error",
                "prompt is too long: 210000 tokens > 200000 maximum"
            ),
            Some("context_length_exceeded")
        );
        assert_eq!(code("invalid_request_error", "no"), Some("invalid_request_error"));
        assert_eq!(code("not a code", "no"), None);
    }
}

//! What is wrong with a request, in words of no dialect. Each dialect's reader makes these; `call` answers 400 with them.

use std::borrow::Cow;

/// The request cannot be understood. Becomes an answer 400 in the caller's dialect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RequestProblem {
    /// A sentence for the caller.
    pub message: String,
    /// The member that is wrong, as `messages[2].content`.
    pub param: Option<Cow<'static, str>>,
    /// Stable word for programs.
    pub code: &'static str,
}

impl RequestProblem {
    /// The body is no object. `place` is where it stops being JSON, as ` (byte 7)`; JSON of another kind has no such place.
    pub(in crate::wire) fn no_object(text: &[u8], place: impl std::fmt::Display) -> Self {
        let begins_one = text.trim_ascii_start().first() == Some(&b'{');
        let is_json = !begins_one && serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok();
        let sentence = match is_json {
            true => "The body of the request is not a JSON object. Send one JSON object.".to_owned(),
            false => format!("The body of the request is not valid JSON{place}. Send one JSON object."),
        };
        Self {
            message: sentence,
            param: None,
            code: "invalid_json",
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::call::Dialect;

    use crate::wire::speech;

    /// A list is JSON, and no place of it is to blame.
    #[test]
    fn json_that_is_no_object_is_not_called_broken() {
        for dialect in Dialect::ALL {
            for (body, sentence) in [
                (
                    "[]",
                    "The body of the request is not a JSON object. Send one JSON object.",
                ),
                (
                    " \"{\" ",
                    "The body of the request is not a JSON object. Send one JSON object.",
                ),
                (
                    "\u{feff}7",
                    "The body of the request is not a JSON object. Send one JSON object.",
                ),
                ("[}", "The body of the request is not valid JSON"),
                ("{\"a\":", "The body of the request is not valid JSON"),
                ("", "The body of the request is not valid JSON"),
            ] {
                let problem = speech::scan(dialect, body.as_bytes()).unwrap_err();
                assert!(
                    problem.message.starts_with(sentence),
                    "{dialect:?} {body}: {}",
                    problem.message
                );
                assert_eq!(problem.code, "invalid_json", "{dialect:?} {body}");
            }
        }
    }
}

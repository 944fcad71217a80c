//! What of a client's headers and of its query goes on to a provider that speaks the same dialect, and what of it is held back. Made where a request
//! arrives (`server::v1`), sent by `providers`; the client is told what was held back (`call::attempt`).

use ::http::{HeaderMap, HeaderName, HeaderValue};
use domain::{call::Dialect, key::KEY_PREFIX};

use crate::secrets::resembles_key;

/// What of an Anthropic client's headers goes on to a provider that speaks the same: the version and the features that it
/// relies on, and how Claude Code names its sessions. Nothing that identifies a person or proves anything.
const PASSING: [HeaderName; 4] = [
    HeaderName::from_static("anthropic-version"),
    HeaderName::from_static("anthropic-beta"),
    HeaderName::from_static("x-claude-code-session-id"),
    HeaderName::from_static("x-app"),
];

/// Longest value that goes on. Claude Code's list of features has some 300 letters.
const PASSING_LENGTH: usize = 1_000;

/// Parameters of a query that a provider of the dialect knows, as they are written, and nothing else: Claude Code and Anthropic's older SDKs
/// say `beta=true` for whatever is asked of their beta client. A provider's own words (Gemini's `alt`) are not the client's to choose, and `key` is none.
const PARAMETERS: [(Dialect, &str); 2] = [
    (Dialect::AnthropicMessages, "beta=true"),
    (Dialect::AnthropicMessages, "beta=false"),
];
/// What the client is told of a query that did not go on. Its own words may be a credential.
const QUERY: &str = "query";

/// Headers of a client that go on, and a query. Made by [`passing`] alone, so that no other ever does.
#[derive(Clone, Debug, Default)]
pub struct Passing {
    sent: HeaderMap,
    query: Option<&'static str>,
    held_back: Vec<HeaderName>,
    held_back_query: bool,
}

impl Passing {
    /// Headers that go on.
    #[must_use]
    pub const fn sent(&self) -> &HeaderMap {
        &self.sent
    }

    /// The query that goes on, without `?`.
    #[must_use]
    pub const fn query(&self) -> Option<&'static str> {
        self.query
    }

    /// Headers of which a value does not go on, each once, and the query where something of it does not.
    pub fn held_back(&self) -> impl Iterator<Item = &str> {
        let query = self.held_back_query.then_some(QUERY);
        self.held_back.iter().map(HeaderName::as_str).chain(query)
    }
}

/// A value that says what these headers are for: names, numbers and dates, in a list. What resembles a credential goes to nobody,
/// neither a key of this hub nor one of a provider, and such a header is left out.
fn may_pass(value: &HeaderValue) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_., /:".contains(&byte);
    value.to_str().is_ok_and(|text| {
        text.len() <= PASSING_LENGTH
            && text.bytes().all(is_plain)
            && !text.to_ascii_lowercase().contains(KEY_PREFIX)
            && !resembles_key(text)
    })
}

/// The headers of a client's request and the query of its address that go on, where its provider speaks the same dialect.
#[must_use]
pub fn passing(dialect: Dialect, client: &HeaderMap, query: Option<&str>) -> Passing {
    let mut passing = Passing::default();
    for parameter in query.unwrap_or_default().split('&').filter(|text| !text.is_empty()) {
        let known = PARAMETERS
            .iter()
            .find(|(of, known)| *of == dialect && *known == parameter);
        match known {
            Some((_, known)) if passing.query.is_none_or(|query| query == *known) => passing.query = Some(known),
            _ => passing.held_back_query = true,
        }
    }
    if dialect == Dialect::AnthropicMessages {
        for name in &PASSING {
            for value in client.get_all(name) {
                if may_pass(value) {
                    passing.sent.append(name.clone(), value.clone());
                } else if !passing.held_back.contains(name) {
                    passing.held_back.push(name.clone());
                }
            }
        }
    }
    passing
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BETA: HeaderName = HeaderName::from_static("anthropic-beta");

    fn passed(name: &HeaderName, values: impl IntoIterator<Item = HeaderValue>) -> Passing {
        let mut client = HeaderMap::new();
        for value in values {
            client.append(name.clone(), value);
        }
        passing(Dialect::AnthropicMessages, &client, None)
    }

    #[test]
    fn of_a_query_only_what_the_dialect_knows_goes_on() {
        let of = |dialect, query| {
            let passing = super::passing(dialect, &HeaderMap::new(), query);
            let told: Vec<String> = passing.held_back().map(str::to_owned).collect();
            (passing.query(), !told.is_empty())
        };
        let messages = Dialect::AnthropicMessages;
        for (query, sent, told) in [
            (None, None, false),
            (Some(""), None, false),
            (Some("beta=true"), Some("beta=true"), false),
            (Some("beta=true&beta=true"), Some("beta=true"), false),
            (Some("beta=false&beta=true"), Some("beta=false"), true),
            (Some("beta=true&key=sk-hub-abc"), Some("beta=true"), true),
            (Some("beta=sk-ant-1"), None, true),
            (Some("beta=%74rue"), None, true),
            (Some("alt=sse"), None, true),
            (Some("x"), None, true),
        ] {
            assert_eq!(of(messages, query), (sent, told), "{query:?}");
        }
        assert_eq!(of(Dialect::OpenaiChat, Some("beta=true")), (None, true));
    }

    #[test]
    fn headers_that_go_on_hold_no_credential() {
        let passes = |value: &str| {
            let passing = passed(&BETA, [HeaderValue::from_str(value).unwrap()]);
            // Either it goes on, or it is told.
            assert_eq!(passing.sent().is_empty(), passing.held_back().eq([BETA.as_str()]));
            !passing.sent().is_empty()
        };
        for fine in [
            "2023-06-01",
            "cli",
            "claude-code-20250219,interleaved-thinking-2025-05-14, fine-grained-tool-streaming-2025-05-14",
            "0b6e0b0c-6f0c-4f0e-9d8e-0c6f0a1b2c3d",
        ] {
            assert!(passes(fine), "{fine}");
        }
        let run = "A1b2".repeat(7);
        for hidden in [
            "sk-hub-abcdefgh",
            "a,SK-HUB-x",
            "x-sk-hub-1",
            "prompt-caching-2024-07-31,sk-ant-api03-abc",
            "Bearer abcdefgh",
            run.as_str(),
            "a;b",
            "a\"b",
            &"a,".repeat(600),
        ] {
            assert!(!passes(hidden), "{hidden}");
        }
    }

    #[test]
    fn of_several_lines_each_is_judged_and_other_dialects_send_none() {
        let lines = ["a", "b;", "c;"].map(HeaderValue::from_static);
        let passing = passed(&BETA, lines.clone());
        assert_eq!(passing.sent().get_all(&BETA).iter().count(), 1);
        assert!(passing.held_back().eq([BETA.as_str()]));
        let client: HeaderMap = lines.into_iter().map(|line| (BETA, line)).collect();
        let others = super::passing(Dialect::OpenaiChat, &client, None);
        assert!(others.sent().is_empty() && others.held_back().next().is_none());
    }

    proptest! {
        /// Whatever bytes a header may have: it goes on as it came and is short and plain, or it is told.
        #[test]
        fn any_value_goes_on_as_it_is_or_is_told(
            place in 0..PASSING.len(),
            lines in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..6),
            length in 0..2_000_usize,
        ) {
            let name = PASSING[place].clone();
            let lines = lines.into_iter().chain([vec![b'a'; length]]);
            let lines: Vec<HeaderValue> = lines.filter_map(|line| HeaderValue::from_bytes(&line).ok()).collect();
            let passing = passed(&name, lines.clone());
            let sent: Vec<&HeaderValue> = passing.sent().get_all(&name).iter().collect();
            prop_assert_eq!(passing.held_back().count(), usize::from(sent.len() < lines.len()));
            prop_assert!(sent.iter().all(|value| lines.contains(value)));
            prop_assert!(sent.iter().all(|value| value.len() <= PASSING_LENGTH && value.to_str().is_ok()));
            prop_assert_eq!(passing.sent().len(), sent.len());
        }
    }
}

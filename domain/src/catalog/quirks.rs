//! Where the wire of a service differs from OpenAI's: known of presets, or told by an admin of any other server.
//!
//! `gateway::wire::openai` edits requests and reads usage by them. To add one: a member here, its use there, a field in the
//! form and a flag on the command line.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What differs. `Fields` is a list of [`Field`]s; presets hold it as plain text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quirks<Fields = Vec<Field>> {
    /// Accepts `stream_options`; without it the service reports usage unasked, or refuses the field.
    pub stream_options: bool,
    /// `completion_tokens` leaves reasoning out, so that total = prompt + completion + reasoning.
    pub reasoning_outside_completion: bool,
    /// Needs `max_tokens`, because it refuses or ignores `max_completion_tokens`.
    pub max_tokens_only: bool,
    /// What becomes of earlier thoughts where a request is written for it.
    #[serde(default)]
    pub thoughts: Thoughts,
    /// It takes ids of calls of tools of nine letters and digits alone.
    #[serde(default)]
    pub nine_letter_ids: bool,
    /// It refuses a schema of the answer (`response_format` of type `json_schema`), and takes `json_object`.
    #[serde(default)]
    pub json_object_only: bool,
    /// Members of a request that it refuses. They are taken away before the request is sent.
    pub forbidden_fields: Fields,
}

/// In which form earlier thoughts go back to a provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Thoughts {
    /// Not at all: OpenAI and most others refuse them.
    #[default]
    Left,
    /// As `reasoning_content` (DeepSeek wants it beside calls of tools).
    Plain,
    /// As `reasoning_details` with their proofs (OpenRouter).
    Details,
}

impl Thoughts {
    /// Every form, in the order of a list to choose from.
    pub const ALL: [Self; 3] = [Self::Left, Self::Plain, Self::Details];

    /// The word in forms and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Plain => "plain",
            Self::Details => "details",
        }
    }

    /// The form that this word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|thoughts| thoughts.as_str() == word)
    }
}

/// The quirks of a preset: data that is there before the program runs.
pub type KnownQuirks = Quirks<&'static [&'static str]>;

impl KnownQuirks {
    /// OpenAI itself.
    pub const NONE: Self = Self {
        stream_options: true,
        reasoning_outside_completion: false,
        max_tokens_only: false,
        thoughts: Thoughts::Left,
        nine_letter_ids: false,
        json_object_only: false,
        forbidden_fields: &[],
    };
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            stream_options: true,
            reasoning_outside_completion: false,
            max_tokens_only: false,
            thoughts: Thoughts::Left,
            nine_letter_ids: false,
            json_object_only: false,
            forbidden_fields: Vec::new(),
        }
    }
}

/// A member of a request (`store`), or of each of its messages (`messages[].name`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Field {
    /// It is a member of messages.
    pub in_messages: bool,
    /// What it is called.
    pub name: String,
}

/// How a member of messages begins.
const IN_MESSAGES: &str = "messages[].";
/// What a request is made of, or what the hub itself edits: taking these away makes no sense.
const NEEDED: [&str; 7] = [
    "model",
    "messages",
    "input",
    "stream",
    "stream_options",
    "max_tokens",
    "max_completion_tokens",
];
const NEEDED_IN_MESSAGES: [&str; 2] = ["role", "content"];

/// The text names no field that can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a field is written like `store` or `messages[].name`, with letters, digits, - and _; what a request is made of cannot be left out"
)]
pub struct InvalidField;

impl FromStr for Field {
    type Err = InvalidField;

    fn from_str(text: &str) -> Result<Self, InvalidField> {
        let inner = text.strip_prefix(IN_MESSAGES);
        let name = inner.unwrap_or(text);
        let plain = (1..=60).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        let needed = match inner {
            Some(_) => NEEDED_IN_MESSAGES.contains(&name),
            None => NEEDED.contains(&name),
        };
        if !plain || needed {
            return Err(InvalidField);
        }
        Ok(Self {
            in_messages: inner.is_some(),
            name: name.to_owned(),
        })
    }
}

impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.in_messages {
            formatter.write_str(IN_MESSAGES)?;
        }
        formatter.write_str(&self.name)
    }
}

impl From<Field> for String {
    fn from(field: Field) -> Self {
        field.to_string()
    }
}

impl TryFrom<String> for Field {
    type Error = InvalidField;

    fn try_from(text: String) -> Result<Self, InvalidField> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thoughts_are_read_as_they_are_written_and_kept() {
        for thoughts in Thoughts::ALL {
            assert_eq!(Thoughts::parse(thoughts.as_str()), Some(thoughts));
            assert_eq!(serde_json::json!(thoughts), thoughts.as_str());
        }
        assert_eq!(Thoughts::parse("deep"), None);
    }

    #[test]
    fn fields_are_read_as_they_are_written() {
        for text in ["store", "parallel_tool_calls", "x-y", "messages[].name"] {
            assert_eq!(text.parse::<Field>().map(String::from).as_deref(), Ok(text));
        }
        for text in [
            "",
            "model",
            "messages",
            "messages[].content",
            "a b",
            "a.b",
            "messages[].",
        ] {
            assert_eq!(text.parse::<Field>(), Err(InvalidField), "{text}");
        }
    }
}

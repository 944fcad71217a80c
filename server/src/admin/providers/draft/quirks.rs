//! What differs on the wire of a server without a preset, as it is sent and told.

use domain::catalog::{Field, Quirks, Thoughts};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::admin::words;

/// Where the wire of a server without a preset differs from OpenAI's.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Quirks")]
pub struct QuirksEntry {
    /// It accepts `stream_options`.
    stream_options: bool,
    /// Its `completion_tokens` leave thinking out.
    reasoning_outside_completion: bool,
    /// It needs `max_tokens`.
    max_tokens_only: bool,
    /// In which form earlier thoughts go back to it.
    #[schemars(schema_with = "words::thoughts")]
    thoughts: Thoughts,
    /// It takes ids of calls of tools of nine letters and digits alone.
    nine_letter_ids: bool,
    /// It refuses a schema of the answer, and takes `json_object`.
    json_object_only: bool,
    /// Members of a request that it refuses, such as `store` or `messages[].name`.
    #[schemars(with = "Vec<String>")]
    forbidden_fields: Vec<Field>,
}

impl Default for QuirksEntry {
    fn default() -> Self {
        Quirks::default().into()
    }
}

impl From<Quirks> for QuirksEntry {
    fn from(quirks: Quirks) -> Self {
        Self {
            stream_options: quirks.stream_options,
            reasoning_outside_completion: quirks.reasoning_outside_completion,
            max_tokens_only: quirks.max_tokens_only,
            thoughts: quirks.thoughts,
            nine_letter_ids: quirks.nine_letter_ids,
            json_object_only: quirks.json_object_only,
            forbidden_fields: quirks.forbidden_fields,
        }
    }
}

impl From<QuirksEntry> for Quirks {
    fn from(entry: QuirksEntry) -> Self {
        Self {
            stream_options: entry.stream_options,
            reasoning_outside_completion: entry.reasoning_outside_completion,
            max_tokens_only: entry.max_tokens_only,
            thoughts: entry.thoughts,
            nine_letter_ids: entry.nine_letter_ids,
            json_object_only: entry.json_object_only,
            forbidden_fields: entry.forbidden_fields,
        }
    }
}

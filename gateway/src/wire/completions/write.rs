//! Writes a whole answer for a client that does not stream.

use super::{choice, finish, object};
use crate::wire::{
    canonical::{Answer, End, Ids, Part},
    openai::shape::usage,
};

/// The answer as `text_completion`. Words that decline are its text, as there is no other place.
#[must_use]
pub fn answer(answer: &Answer, end: &End, ids: &Ids) -> Vec<u8> {
    let said = answer.parts.iter().filter_map(|part| match part {
        Part::Text { text, .. } | Part::Refusal(text) => Some(text.as_str()),
        _ => None,
    });
    let text: String = said.collect();
    let mut written = object(ids, &choice(&text, Some(finish(&end.finish))));
    written["usage"] = usage(&end.usage);
    written.to_string().into_bytes()
}

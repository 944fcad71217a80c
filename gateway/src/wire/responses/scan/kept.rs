//! Finds what a request names and the provider keeps. The answers, files and machines of all people of this hub lie in one place
//! there, and nobody here knows whose they are: only `previous_response_id` is looked up. What tools and items say in other
//! words stands in [`super::files`]. Called by `scan`.

use std::borrow::Cow;

use super::super::super::json::Value;

/// How deep a name is looked for: items, their parts, what these hold, and tools within tools.
const LEVELS: u32 = 7;
/// Members that only look so: sources of an earlier answer, which nobody reads again, and schemas.
const HARMLESS: [&str; 5] = ["annotations", "results", "parameters", "input_schema", "output_schema"];

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// A member that names what is kept.
    pub named: Option<String>,
    /// An object has two types: readers take one or the other.
    pub ambiguous: bool,
}

/// Looks through a member of the request.
pub(super) fn look(value: &Value<'_>, found: &mut Found) {
    within(value, LEVELS, found);
}

fn within(value: &Value<'_>, levels: u32, found: &mut Found) {
    let Some(left) = levels.checked_sub(1) else { return };
    value.elements(|inner| within(&inner, left, found));
    let mut types = 0;
    value.members(|member| {
        types += u32::from(member.name == "type");
        if is_reference(&member.name) && says_something(&member.value) {
            found
                .named
                .get_or_insert_with(|| member.name.chars().take(40).collect());
        } else if !HARMLESS.contains(&&*member.name) {
            within(&member.value, left, found);
        }
    });
    found.ambiguous |= types > 1;
}

fn is_reference(name: &str) -> bool {
    matches!(
        name,
        "file_id" | "file_ids" | "vector_store_id" | "vector_store_ids" | "container_id"
    ) || name.ends_with("_file_id")
}

/// A name, or names. An object of that name is a schema's.
fn says_something(value: &Value<'_>) -> bool {
    match value.raw() {
        [b'"', rest @ ..] => rest != b"\"",
        [b'[', ..] => !value.is_empty_array(),
        _ => false,
    }
}

/// An item of a known type has an id and no words of its own, so that the provider looks for these under the id. What that is
/// called.
///
/// But for a thought: whoever goes on with the output of an answer as it came sends it, and often it is nothing but its id. OpenAI's
/// guide does so (<https://platform.openai.com/docs/guides/reasoning>). Its words are told to nobody, and nobody guesses its id.
pub(super) fn recalled(input: &Value<'_>) -> Option<String> {
    let mut found = None;
    input.elements(|item| {
        if found.is_some() || item.member("id").is_none_or(|id| id.is_null()) {
            return;
        }
        let kind = kind(&item).unwrap_or_default();
        let words = |name| item.member(name).is_some_and(|value| is_said(&value));
        let own = match &*kind {
            "reasoning" => true,
            "compaction" => words("encrypted_content"),
            _ => {
                let mut own = false;
                item.members(|member| {
                    own |=
                        !matches!(&*member.name, "id" | "type" | "status" | "role" | "phase") && is_said(&member.value);
                });
                own
            }
        };
        if !own {
            let kind: String = kind.chars().take(40).collect();
            found = Some(kind);
        }
    });
    found
}

/// A type, or what stands in its place.
fn kind<'a>(item: &Value<'a>) -> Option<Cow<'a, str>> {
    item.member("type")?.as_str()
}

/// There is something, and it is not empty.
fn is_said(value: &Value<'_>) -> bool {
    let mut empty = true;
    value.members(|_| empty = false);
    match value.raw() {
        b"null" | b"\"\"" => false,
        [b'[', ..] => !value.is_empty_array(),
        [b'{', ..] => !empty,
        _ => true,
    }
}

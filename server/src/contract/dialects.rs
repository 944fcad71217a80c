//! What clients of each dialect send and get, as far as the hub reads, checks or writes it. Unknown members are let through:
//! where both sides speak a dialect they pass, and what a conversion cannot carry is named or refused.

pub mod aigne;
mod chat;
mod completions;
mod embeddings;
mod images;
pub mod messages;
mod responses;

use domain::call::Dialect;
use serde_json::{Value, json};

use super::{Book, Errors, Tag};

/// A dialect.
pub struct Words {
    /// The part of the document in which it stands.
    pub tag: Tag,
    /// What is done.
    pub summary: &'static str,
    /// Its errors.
    pub errors: Errors,
    /// A request.
    pub request: Value,
    /// A whole answer.
    pub answer: Value,
    /// The data of an event of a stream, where there are streams.
    pub events: Option<Value>,
    /// The data of an event that closes a stream and is no JSON.
    pub last: Option<&'static str>,
}

/// The dialect's words.
pub fn of(dialect: Dialect, book: &mut Book) -> Words {
    match dialect {
        Dialect::OpenaiChat => chat::words(book),
        Dialect::OpenaiCompletions => completions::words(book),
        Dialect::OpenaiResponses => responses::words(book),
        Dialect::OpenaiEmbeddings => embeddings::words(book),
        Dialect::OpenaiImages => images::words(book),
        Dialect::AnthropicMessages => messages::words(book),
        Dialect::AigneChat => aigne::chat(book),
        Dialect::AigneCompletions => aigne::completions(book),
    }
}

/// An object of which some members are known and any may stand beside them.
fn open(required: &[&str], properties: &Value) -> Value {
    json!({ "type": "object", "required": required, "properties": properties })
}

/// The same, described.
fn about(mut schema: Value, text: &str) -> Value {
    schema["description"] = text.into();
    schema
}

/// An object whose `type` says which members it must have. Types that are not listed may be there, as providers add some.
fn by_type(types: &[(&str, &[&str])]) -> Value {
    let rules: Vec<Value> = types
        .iter()
        .map(|(kind, required)| {
            json!({
                "if": { "properties": { "type": { "const": kind } }, "required": ["type"] },
                "then": { "required": required },
            })
        })
        .collect();
    json!({ "type": "object", "required": ["type"], "properties": { "type": { "type": "string" } }, "allOf": rules })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn text_or_null() -> Value {
    json!({ "type": ["string", "null"] })
}

fn flag() -> Value {
    json!({ "type": ["boolean", "null"] })
}

fn count() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

/// A counter that passes as the provider wrote it, even where that is no number.
fn counter(text: &str) -> Value {
    json!({ "description": text })
}

fn limit() -> Value {
    json!({ "type": ["integer", "null"], "description": "The limit of the answer, in tokens. Lowered where the credit does not reach so far." })
}

fn model() -> Value {
    json!({ "type": "string", "minLength": 1, "description": "`provider/model`, or a bare name that only one provider has." })
}

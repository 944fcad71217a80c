//! Reads from a request of a dialect other than OpenAI's chat what routing and holds need, and edits it where bytes pass:
//! `model`, and the limit of the answer. Everything else goes upstream as it came.
//!
//! `responses` says how that dialect is built; `canonical` measures what was read as a whole, for dialects
//! that never pass. Called by `wire::dialect`.

mod canonical;
mod responses;

use std::ops::Range;

use bytes::Bytes;

pub(super) use canonical::measure;
pub(super) use responses::RESPONSES;

use super::{
    RequestProblem,
    json::{self, Member, Value},
    scanned::{self, Files, Scanned},
};

/// How a dialect is built, as far as a scan asks.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    /// The member that limits the answer.
    limit: &'static str,
    /// Members that are read by the model.
    prompt: &'static [&'static str],
    /// What stands in one of them beside text.
    files: fn(&str, &Value<'_>, &mut Files),
    /// Whether a member makes the answer as long as it likes, or asks for what no limit counts.
    unlimited: fn(&Member<'_>) -> Option<&'static str>,
}

/// Where a request may be edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    body: Range<usize>,
    model: Range<usize>,
    limit: Option<Range<usize>>,
    /// The limit's name, for when it is to be added.
    name: &'static str,
}

/// The text without a byte order mark, and the bytes of that.
///
/// # Errors
/// It is not UTF-8.
pub(super) fn text(body: &[u8]) -> Result<(&[u8], usize), RequestProblem> {
    let text = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    match std::str::from_utf8(text) {
        Ok(_) => Ok((text, body.len() - text.len())),
        Err(error) => Err(not_json(format!(": byte {} is not UTF-8", error.valid_up_to()))),
    }
}

/// The body is no JSON object.
pub(super) fn not_json(place: impl std::fmt::Display) -> RequestProblem {
    RequestProblem {
        message: format!("The body of the request is not valid JSON{place}. Send one JSON object."),
        param: None,
        code: "invalid_json",
    }
}

/// The model that is named.
///
/// # Errors
/// There is none, or it is no text.
pub(super) fn model(value: Option<&Value<'_>>) -> Result<String, RequestProblem> {
    let missing = |message: &str| RequestProblem {
        message: message.to_owned(),
        param: Some("model".into()),
        code: "missing_model",
    };
    let value = value.ok_or_else(|| missing("You must name a model: set the field 'model'."))?;
    let model = value.as_str().ok_or_else(|| wrong_type("model", "a string"))?;
    if model.is_empty() {
        return Err(missing("You must name a model: the field 'model' is empty."));
    }
    Ok(model.into_owned())
}

fn wrong_type(param: &'static str, wanted: &str) -> RequestProblem {
    RequestProblem {
        message: format!("Invalid type for '{param}': expected {wanted}."),
        param: Some(param.into()),
        code: "invalid_type",
    }
}

/// Reads a request in one pass.
///
/// # Errors
/// [`RequestProblem`] when it is not a JSON object, or when a member that decides something has the wrong type, is missing
/// or stands there twice.
pub(super) fn scan(shape: &Shape, body: &[u8]) -> Result<Scanned, RequestProblem> {
    let (text, shift) = text(body)?;
    let (mut named, mut streamed, mut limit) = (None, None, None);
    let (mut files, mut prompt_bytes, mut tools) = (Files::default(), 0, false);
    let (mut twice, mut unlimited) = (None, None);
    json::read_object(text, |member| {
        let value = member.value;
        let before = match &*member.name {
            "model" => named.replace(value).map(|_| "model"),
            "stream" => streamed.replace(value).map(|_| "stream"),
            name if name == shape.limit => limit.replace(value).map(|_| shape.limit),
            "tools" => {
                tools |= !value.is_null();
                prompt_bytes += value.text_bytes;
                None
            }
            name if shape.prompt.contains(&name) => {
                (shape.files)(name, &value, &mut files);
                prompt_bytes += value.text_bytes;
                None
            }
            _ => None,
        };
        twice = twice.or(before);
        unlimited = unlimited.or_else(|| (shape.unlimited)(&member));
    })
    .map_err(|error| not_json(format!(" (byte {})", error.offset)))?;
    if let Some(name) = twice {
        return Err(RequestProblem {
            message: format!("The field '{name}' stands in the request more than once."),
            param: Some(name.into()),
            code: "duplicate_field",
        });
    }
    let model = model(named.as_ref())?;
    let stream = match streamed.filter(|value| !value.is_null()) {
        None => false,
        Some(value) => value.as_bool().ok_or_else(|| wrong_type("stream", "a boolean"))?,
    };
    let tokens = limit.and_then(|value| value.as_whole()).filter(|tokens| *tokens > 0);
    if tokens.is_none() && limit.is_some_and(|value| !value.is_null()) {
        unlimited = Some(shape.limit);
    }
    let place = |value: &Value<'_>| value.span().start + shift..value.span().end + shift;
    let places = Places {
        body: shift..body.len(),
        model: named.as_ref().map(place).unwrap_or_default(),
        limit: limit.as_ref().map(place),
        name: shape.limit,
    };
    Ok(Scanned {
        model,
        stream,
        include_usage: true,
        chat: true,
        prompt_bytes: u64::saturating_sub(prompt_bytes, files.bytes),
        bytes: (text.len() as u64).saturating_sub(files.image_bytes),
        files,
        tools,
        output_limit: tokens,
        choices: 1,
        audio: false,
        predicted: 0,
        unlimited,
        unpriced: None,
        places: scanned::Places::Members(places),
    })
}

impl Places {
    /// See [`Scanned::rewrite`].
    pub(super) fn rewrite(&self, asked: &Scanned, body: &Bytes, slug: &str, cap: Option<u64>) -> Bytes {
        let mut edits: Vec<(Range<usize>, String)> = Vec::with_capacity(2);
        if asked.model != slug {
            edits.push((self.model.clone(), serde_json::Value::from(slug).to_string()));
        }
        if let Some(cap) = cap.filter(|cap| asked.output_limit.is_none_or(|limit| limit > *cap)) {
            edits.push(match &self.limit {
                Some(value) => (value.clone(), cap.to_string()),
                None => {
                    let bracket = memchr::memchr(b'{', &body[self.body.clone()]);
                    let open = self.body.start + bracket.map_or(0, |at| at + 1);
                    // One follows: `model`.
                    (open..open, format!("\"{}\":{cap},", self.name))
                }
            });
        }
        if edits.is_empty() {
            return body.slice(self.body.clone());
        }
        edits.sort_by_key(|(span, _)| span.start);
        let mut result = Vec::with_capacity(body.len() + 64);
        let mut at = self.body.start;
        for (span, text) in edits {
            result.extend_from_slice(&body[at..span.start]);
            result.extend_from_slice(text.as_bytes());
            at = span.end;
        }
        result.extend_from_slice(&body[at..self.body.end]);
        result.into()
    }
}

/// The text member of an object.
fn word<'a>(object: &Value<'a>, name: &str) -> Option<std::borrow::Cow<'a, str>> {
    object.member(name)?.as_str()
}

/// The bytes of a string as it is written, without its quotes.
fn written(value: &Value<'_>) -> u64 {
    (value.raw().len() as u64).saturating_sub(2)
}

#[cfg(test)]
mod tests;

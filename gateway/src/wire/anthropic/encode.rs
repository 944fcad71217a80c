//! Writes requests for a provider that speaks Messages. Called by `call` where the client speaks something else.
//!
//! What has no counterpart is dropped and named, or refused where leaving it out would change what is asked. `messages` makes
//! turns, `tools` tools and choices, `thinking` decides about thinking and sampling, `schema` makes a schema one that
//! Anthropic takes, `marks` leaves no more marks for its cache than it takes.

use std::{borrow::Cow, collections::BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    super::{
        canonical::{CacheMark, Dropped, File, Format, Request, RequestWriter, Source, Target, Unspeakable},
        user,
    },
    models::{self, Abilities},
};

mod content;
mod marks;
mod messages;
mod schema;
mod thinking;
mod tools;

/// Writes requests in Messages.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Encoder;

/// What could not be said, each thing once and in order.
#[derive(Debug, Default)]
struct Losses(BTreeSet<Dropped>);

impl Losses {
    fn add(&mut self, name: impl Into<String>) {
        self.0.insert(Dropped(name.into()));
    }
}

/// A mark for the provider's cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct CacheControl {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<&'static str>,
}

fn cache(mark: Option<CacheMark>) -> Option<CacheControl> {
    let ttl = match mark? {
        CacheMark::FiveMinutes => None,
        CacheMark::OneHour => Some("1h"),
    };
    Some(CacheControl { kind: "ephemeral", ttl })
}

/// The members in the order of Anthropic's reference.
#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    max_tokens: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    system: Vec<content::Block<'a>>,
    messages: Vec<messages::Turn<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<tools::Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<tools::Choice<'a>>,
    #[serde(flatten)]
    thinking: thinking::Wishes,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop_sequences: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Metadata<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    user_id: Cow<'a, str>,
}

/// Members that only Anthropic has, so whoever sends one means it. `container` is none of them: without Anthropic's own tools and their
/// beta it does nothing, and by its id everybody would reach what others have left there.
const KNOWN_EXTRA: [&str; 3] = ["cache_control", "inference_geo", "speed"];

impl RequestWriter for Encoder {
    fn write(&self, request: &Request, target: &Target<'_>) -> Result<(Vec<u8>, Vec<Dropped>), Unspeakable> {
        let abilities = models::abilities(target.slug);
        let mut losses = Losses::default();
        let max_tokens = answer_tokens(request, target, &abilities);
        let mut written = messages::write(request, &abilities, &mut losses)?;
        let format = format(request, target, &abilities, &mut losses)?;
        let spent = format.as_ref().map(schema::Spent::by_answer).unwrap_or_default();
        let (mut tools, tool_choice) = tools::write(request, abilities.schema.then_some(spent), &mut losses);
        let forced = tool_choice.as_ref().is_some_and(tools::Choice::is_forced);
        let situation = thinking::Situation {
            max_tokens,
            forced,
            unproven_call: written.unproven_call,
        };
        let thinking = thinking::decide(request, &abilities, &situation, format, &mut losses);
        let mut extra = extra(request, &mut losses);
        marks::limit(
            &mut tools,
            &mut written.system,
            &mut written.turns,
            &mut extra,
            &mut losses,
        );
        let body = Body {
            model: target.slug,
            max_tokens,
            system: written.system,
            messages: written.turns,
            tools,
            tool_choice,
            thinking,
            stop_sequences: stop_sequences(request, &mut losses),
            metadata: self::user(request),
            stream: request.stream.then_some(true),
            extra,
        };
        // Texts, numbers and values that were JSON before are JSON again.
        let bytes = serde_json::to_vec(&body).unwrap_or_default();
        Ok((bytes, losses.0.into_iter().collect()))
    }

    /// Anthropic fetches what lies at an address itself, but by HTTPS only.
    fn wants_content(&self, file: &File, _: &Target<'_>) -> bool {
        matches!(&file.source, Source::Url(url) if !url.starts_with("https://"))
    }
}

/// Anthropic must be told a limit: the client's or the hub's, the lower one; else the model's own.
fn answer_tokens(request: &Request, target: &Target<'_>, abilities: &Abilities) -> u64 {
    match (request.max_tokens, target.cap) {
        (Some(wanted), Some(cap)) => wanted.min(cap),
        (Some(wanted), None) => wanted,
        (None, cap) => cap.unwrap_or(abilities.longest_answer).min(abilities.longest_answer),
    }
}

/// The schema of the answer. Any JSON has no counterpart; OpenAI's clients must ask for it in words anyway.
fn format(
    request: &Request,
    target: &Target<'_>,
    abilities: &Abilities,
    losses: &mut Losses,
) -> Result<Option<Value>, Unspeakable> {
    match &request.format {
        Format::Text => Ok(None),
        Format::JsonObject => {
            losses.add("response_format.json_object");
            Ok(None)
        }
        Format::JsonSchema { .. } if !abilities.schema => Err(Unspeakable {
            message: format!(
                "The model '{}' cannot be held to a JSON schema. Choose a Claude from 4.5 on, or ask for JSON in words.",
                target.slug
            ),
            param: "response_format".to_owned(),
        }),
        Format::JsonSchema {
            schema, description, ..
        } => {
            let closed = schema::closed(schema).ok_or_else(|| Unspeakable {
                message: format!(
                    "The model '{}' cannot be held to a JSON schema that refers to itself, or to what is not in it. Write out what it refers to, or choose a model of another provider.",
                    target.slug
                ),
                param: "response_format".to_owned(),
            })?;
            if closed.lost_members {
                losses.add("response_format.additionalProperties");
            }
            let mut schema = closed.schema;
            if let (Value::Object(members), Some(description)) = (&mut schema, description) {
                members
                    .entry("description")
                    .or_insert_with(|| description.as_str().into());
            }
            Ok(Some(schema))
        }
    }
}

fn stop_sequences<'a>(request: &'a Request, losses: &mut Losses) -> Vec<&'a str> {
    let mut sequences: Vec<&str> = request.stop.iter().map(String::as_str).collect();
    // Anthropic refuses those that are nothing but white space.
    sequences.retain(|sequence| !sequence.trim().is_empty());
    if sequences.len() < request.stop.len() {
        losses.add("stop");
    }
    sequences
}

fn user(request: &Request) -> Option<Metadata<'_>> {
    let user_id = user::for_anthropic(request.user.as_deref()?);
    Some(Metadata { user_id })
}

fn extra(request: &Request, losses: &mut Losses) -> Map<String, Value> {
    if request.seed.is_some() {
        losses.add("seed");
    }
    for (name, penalty) in [
        ("presence_penalty", request.presence_penalty),
        ("frequency_penalty", request.frequency_penalty),
    ] {
        if penalty.is_some_and(|penalty| penalty != 0.0) {
            losses.add(name);
        }
    }
    let mut known = Map::new();
    for (name, value) in &request.extra {
        if KNOWN_EXTRA.contains(&name.as_str()) {
            known.insert(name.clone(), value.clone());
        } else {
            losses.add(name.as_str());
        }
    }
    known
}

#[cfg(test)]
mod tests;

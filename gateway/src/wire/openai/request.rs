//! Reads from a request what routing needs, and edits it without writing it again.
//!
//! Every byte that is not named here goes upstream as it came: unknown fields, spaces, the order of members. Edited are
//! `model` (the provider's own name for it), `stream_options.include_usage` (always asked for upstream, where the provider
//! takes it), the name of `max_completion_tokens` (for providers that only know `max_tokens`) or of `max_tokens` (for models that only
//! know the other), and the value of either when the credit does not reach so far; where a limit is needed and there is none,
//! one is added. Members that a provider or a model refuses are left out.
//!
//! A name that decides something and stands there twice is refused, because readers disagree about which one counts.
//! Nothing in a body can change where the hub sends it: `api_base`, `base_url` and `api_key` are ordinary unknown fields.

use std::ops::Range;

use domain::{call::Endpoint, catalog::Parameter};

use super::super::{
    RequestProblem,
    json::{self, Member, Value},
    read_along, refused, scanned, spelling,
};

/// Where a request may be edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    body: Range<usize>,
    model_span: Range<usize>,
    stream_options: Option<StreamOptions>,
    max_tokens: Option<Limit>,
    max_completion_tokens: Option<Place>,
    completion_limit: Option<Limit>,
    /// Where `max_tokens` stands.
    older: Option<Place>,
    /// Parameters that some models refuse, and where they stand.
    sampling: Vec<(Parameter, Place)>,
    /// The same of those that say what any model does anyway.
    usual: Vec<(Parameter, Place)>,
    /// What it says of thinking.
    thinks: Option<bool>,
}

pub use super::super::scanned::{Files, Scanned};

mod edit;
mod files;
mod forbidden;
pub(in crate::wire) mod unpriced;

#[derive(Clone, Debug, PartialEq, Eq)]
struct StreamOptions {
    place: Place,
    value: Range<usize>,
    /// The value is an object; else `null`.
    object: bool,
    empty: bool,
    include_usage: Option<Range<usize>>,
}

/// A member that may be renamed or removed, and the comma that goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::wire) struct Place {
    name: Range<usize>,
    end: usize,
    comma_before: Option<usize>,
}

/// A limit that a client set, and where its value lies.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Limit {
    value: Range<usize>,
    /// Absent when it is `null`, or no whole number above zero: the provider says what it thinks of that.
    tokens: Option<u64>,
    null: bool,
}

impl Limit {
    fn of(value: &Value<'_>) -> Self {
        Self {
            value: value.span(),
            tokens: value.as_whole().filter(|tokens| *tokens > 0),
            null: value.is_null(),
        }
    }
}

const TWICE: &str = "duplicate_field";
const TYPE: &str = "invalid_type";
/// More answers than any provider gives at once.
pub(in crate::wire) const MOST_CHOICES: u64 = 128;
/// Names by which single servers know a limit beside OpenAI's two, or make several answers for one. Where credit counts they
/// are refused: a server could obey them instead of the limit that was held for.
const FOREIGN_LIMITS: [&str; 8] = [
    "n_predict",
    "num_predict",
    "max_new_tokens",
    "max_output_tokens",
    "max_length",
    "generation_config",
    "best_of",
    "num_return_sequences",
];

fn problem(param: &'static str, code: &'static str, message: impl Into<String>) -> RequestProblem {
    RequestProblem {
        message: message.into(),
        param: Some(param.into()),
        code,
    }
}

fn wrong_type(param: &'static str, wanted: &str) -> RequestProblem {
    problem(param, TYPE, format!("Invalid type for '{param}': expected {wanted}."))
}

/// The members that decide something.
#[derive(Default)]
struct Known<'a> {
    model: Option<Value<'a>>,
    stream: Option<Value<'a>>,
    stream_options: Option<Member<'a>>,
    max_tokens: Option<Member<'a>>,
    max_completion_tokens: Option<Member<'a>>,
    choices: Option<Value<'a>>,
    audio: bool,
    predicted: u64,
    foreign_limit: Option<&'static str>,
    unpriced: Option<&'static str>,
    prompt_bytes: u64,
    token_numbers: u64,
    tools: bool,
    files: Files,
    twice: Option<&'static str>,
    mistaken: Option<&'static str>,
    sampling: Vec<(Parameter, Place)>,
    usual: Vec<(Parameter, Place)>,
    thinks: Option<bool>,
}

impl<'a> Known<'a> {
    fn take(&mut self, endpoint: Endpoint, member: Member<'a>) {
        let twice = match &*member.name {
            "model" => self.model.replace(member.value).map(|_| "model"),
            "stream" => self.stream.replace(member.value).map(|_| "stream"),
            "stream_options" => self.stream_options.replace(member).map(|_| "stream_options"),
            "max_tokens" => self.max_tokens.replace(member).map(|_| "max_tokens"),
            "max_completion_tokens" => self
                .max_completion_tokens
                .replace(member)
                .map(|_| "max_completion_tokens"),
            "n" => self.choices.replace(member.value).map(|_| "n"),
            "audio" => {
                self.audio = !member.value.is_null();
                None
            }
            // Names that some services have for what is to be embedded.
            "input" | "inputs" | "image" | "images" if endpoint == Endpoint::Embeddings => {
                self.files.read_input(&member.value);
                self.prompt_bytes += member.value.text_bytes;
                self.token_numbers += member.value.numbers();
                None
            }
            // Of two each counts, because readers disagree.
            "messages" | "input" => {
                self.files.read(&member.value);
                self.prompt_bytes += member.value.text_bytes;
                if member.name == "input" {
                    self.token_numbers += member.value.numbers();
                }
                None
            }
            "prediction" => {
                self.predicted += member.value.text_bytes;
                None
            }
            // A machine of Anthropic's, with what somebody has left there: some services pass it on.
            "container" => {
                let id = member.value.member("id").unwrap_or(member.value);
                if id.as_str().is_some() {
                    self.files.kept.get_or_insert_with(|| "container".to_owned());
                }
                self.unpriced = self.unpriced.or_else(|| unpriced::of(&member));
                None
            }
            "tools" => {
                self.unpriced = self.unpriced.or(unpriced::of(&member));
                self.prompt_bytes += member.value.word_bytes();
                self.tools = true;
                None
            }
            name => {
                self.prompt_bytes += read_along::bytes(&member);
                self.files.note_kept(unpriced::kept(&member));
                self.mistaken = self.mistaken.or_else(|| spelling::mistaken(name));
                if let Some(parameter) = refused::of_member(name, &member.value) {
                    self.sampling.push((parameter, Place::of(&member)));
                } else if let Some(parameter) = refused::of_usual_member(name, &member.value) {
                    self.usual.push((parameter, Place::of(&member)));
                }
                if name == "reasoning_effort" {
                    self.thinks = refused::thinks(&member.value);
                }
                let limit = FOREIGN_LIMITS.iter().find(|limit| **limit == name).copied();
                let says_nothing = member.value.is_null() || unpriced::is_empty(&member);
                self.foreign_limit = self.foreign_limit.or(limit.filter(|_| !says_nothing));
                self.unpriced = self.unpriced.or_else(|| unpriced::of(&member));
                None
            }
        };
        self.twice = self.twice.or(twice);
    }
}

/// Reads a request in one pass.
///
/// # Errors
/// [`RequestProblem`] when it is not a JSON object, or when a member that decides something has the wrong type, is missing
/// or stands there twice.
pub fn scan(endpoint: Endpoint, body: &[u8]) -> Result<Scanned, RequestProblem> {
    let text = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let shift = body.len() - text.len();
    let known = known(endpoint, text)?;
    let (model, model_span) = model_of(&known)?;
    let chat = endpoint == Endpoint::Chat;
    let stream = match known.stream.filter(|value| chat && !value.is_null()) {
        None => false,
        Some(value) => value.as_bool().ok_or_else(|| wrong_type("stream", "a boolean"))?,
    };
    let options = known.stream_options.filter(|_| chat);
    let (stream_options, include_usage) = match &options {
        None => (None, false),
        Some(member) => read_stream_options(member).map(|(options, asked)| (Some(options), asked))?,
    };
    let older = known.max_tokens.as_ref().filter(|_| chat);
    let max_tokens = older.map(|member| Limit::of(&member.value));
    let longest = known.max_completion_tokens.as_ref().filter(|_| chat);
    let completion_limit = longest.map(|member| Limit::of(&member.value));
    let choices = known.choices.filter(|value| !value.is_null());
    let counted = choices.and_then(|value| value.as_whole());
    let unread = |limit: &Option<Limit>| {
        limit
            .as_ref()
            .is_some_and(|limit| limit.tokens.is_none() && !limit.null)
    };
    let unlimited = match known.foreign_limit {
        _ if unread(&max_tokens) => Some("max_tokens"),
        _ if unread(&completion_limit) => Some("max_completion_tokens"),
        _ if choices.is_some() && !counted.is_some_and(|count| (1..=MOST_CHOICES).contains(&count)) => Some("n"),
        foreign => foreign,
    };
    let choices = counted.unwrap_or(1).clamp(1, MOST_CHOICES);
    // Of two limits the larger one may be the one that counts.
    let limits = [&max_tokens, &completion_limit].into_iter().flatten();
    let output_limit = limits.filter_map(|limit| limit.tokens).max();
    let places = Places {
        body: 0..text.len(),
        model_span,
        stream_options,
        older: older.map(Place::of),
        sampling: known.sampling,
        usual: known.usual,
        thinks: known.thinks,
        max_tokens,
        completion_limit,
        max_completion_tokens: known
            .max_completion_tokens
            .filter(|_| chat)
            .map(|member| Place::of(&member)),
    };
    Ok(Scanned {
        model,
        stream,
        include_usage,
        chat,
        prompt_bytes: known.prompt_bytes.saturating_sub(known.files.bytes),
        token_numbers: if chat { 0 } else { known.token_numbers },
        bytes: (text.len() as u64).saturating_sub(known.files.image_bytes),
        files: known.files,
        tools: known.tools,
        output_limit,
        least_output: 0,
        choices,
        picture: None,
        audio: known.audio,
        predicted: known.predicted,
        unlimited: unlimited.filter(|_| chat || endpoint == Endpoint::Images),
        unpriced: known.unpriced,
        foreign: None,
        continues: false,
        before: None,
        asked: super::super::responses::echo::Repeated::NOTHING,
        places: scanned::Places::Openai(places.shifted(shift)),
    })
}

/// The members that matter, each of which stands there once.
fn known(endpoint: Endpoint, text: &[u8]) -> Result<Known<'_>, RequestProblem> {
    let not_json = |place: String| RequestProblem::no_object(text, place);
    if let Err(error) = std::str::from_utf8(text) {
        return Err(not_json(format!(": byte {} is not UTF-8", error.valid_up_to())));
    }
    let mut known = Known::default();
    json::read_object(text, |member| known.take(endpoint, member))
        .map_err(|error| not_json(format!(" (byte {})", error.offset)))?;
    if let Some(name) = known.twice {
        return Err(problem(
            name,
            TWICE,
            format!("The field '{name}' stands in the request more than once."),
        ));
    }
    match known.mistaken {
        Some(name) => Err(spelling::refusal(name)),
        None => Ok(known),
    }
}

/// The model's name, and where it stands.
fn model_of(known: &Known<'_>) -> Result<(String, Range<usize>), RequestProblem> {
    let missing = |sentence| problem("model", "missing_model", sentence);
    let value = known
        .model
        .ok_or_else(|| missing("You must name a model: set the field 'model'."))?;
    let model = value.as_str().ok_or_else(|| wrong_type("model", "a string"))?;
    if model.is_empty() {
        return Err(missing("You must name a model: the field 'model' is empty."));
    }
    Ok((model.into_owned(), value.span()))
}

fn read_stream_options(member: &Member<'_>) -> Result<(StreamOptions, bool), RequestProblem> {
    let value = member.value;
    if !value.is_object() && !value.is_null() {
        return Err(wrong_type("stream_options", "an object"));
    }
    let (mut include_usage, mut count, mut times) = (None, 0, 0);
    value.members(|inner| {
        count += 1;
        if inner.name == "include_usage" {
            times += 1;
            include_usage = Some(inner.value);
        }
    });
    if spelling::mistaken_within(&value, "include_usage") {
        return Err(spelling::refusal("stream_options.include_usage"));
    }
    if times > 1 {
        return Err(problem(
            "stream_options.include_usage",
            TWICE,
            "The field 'include_usage' stands in the request more than once.",
        ));
    }
    let asked = match include_usage.filter(|value| !value.is_null()) {
        None => false,
        Some(value) => value
            .as_bool()
            .ok_or_else(|| wrong_type("stream_options.include_usage", "a boolean"))?,
    };
    let options = StreamOptions {
        place: Place::of(member),
        value: value.span(),
        object: value.is_object(),
        empty: count == 0,
        include_usage: include_usage.map(|value| value.span()),
    };
    Ok((options, asked))
}

#[cfg(test)]
mod tests;

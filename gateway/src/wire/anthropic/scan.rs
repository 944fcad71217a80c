//! Reads from a request what a call needs to know, for clients and providers that both speak Messages, and edits it without
//! writing it again.
//!
//! Every byte that is not named here goes upstream as it came. Edited are `model` (the provider's own name for it) and
//! `max_tokens` where the credit does not reach so far, with `thinking.budget_tokens`, which must stay below it; sampling
//! is left out for models that know none any more. A name that decides something and stands there twice is refused, because readers disagree about which one counts.

use std::ops::Range;

use domain::catalog::Parameter;

use super::super::{
    RequestProblem,
    json::{self, Member, Value},
    openai::request::{
        Files, Place,
        unpriced::{self, Kind},
    },
    read_along, refused, spelling,
};

mod edit;
mod files;
mod invented;
mod strange;

/// What was read from a request, with the places that may be edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scanned {
    /// The model as asked for.
    pub model: String,
    /// The answer is to be streamed.
    pub stream: bool,
    /// Bytes of text in the prompt, for an estimate.
    pub prompt_bytes: u64,
    /// What stands in the prompt beside text.
    pub files: Files,
    /// Bytes of the whole request that are not embedded images: no tokenizer makes more tokens of it.
    pub bytes: u64,
    /// Tools are named: the provider adds words of its own about them.
    pub tools: bool,
    /// The answer tokens that the client allows, when it says so.
    pub output_limit: Option<u64>,
    /// Fewer answer tokens would be refused, because the model is given so many to think with. Zero: any number does.
    pub least_output: u64,
    /// A member that makes the call cost more than the hub can foresee: a limit that it cannot read, a faster or nearer
    /// service with a price of its own, a tool that runs at the provider and brings words into the prompt.
    pub unlimited: Option<&'static str>,
    body: Range<usize>,
    model_span: Range<usize>,
    max_tokens: Option<Number>,
    budget: Option<Number>,
    /// Parameters that some models refuse, and where they stand.
    sampling: Vec<(Parameter, Place)>,
    /// Where `thinking` stands.
    thinking: Option<Place>,
    /// Thoughts of other providers.
    strange: strange::Thoughts,
    /// Sources that other providers named, as cuts.
    invented: Vec<Range<usize>>,
}

/// A number, and where it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Number {
    span: Range<usize>,
    /// Absent when it is no whole number that is not negative: the provider says what it thinks of that.
    tokens: Option<u64>,
}

impl Number {
    fn of(value: &Value<'_>) -> Self {
        Self {
            span: value.span(),
            tokens: value.as_whole(),
        }
    }
}

fn problem(param: &'static str, code: &'static str, message: String) -> RequestProblem {
    RequestProblem {
        message,
        param: Some(param.into()),
        code,
    }
}

/// The members that decide something.
#[derive(Default)]
struct Known<'a> {
    model: Option<Value<'a>>,
    stream: Option<Value<'a>>,
    max_tokens: Option<Value<'a>>,
    thinking: Option<Value<'a>>,
    text_bytes: u64,
    files: Files,
    tools: bool,
    unlimited: Option<&'static str>,
    twice: Option<&'static str>,
    mistaken: Option<&'static str>,
    /// A member whose blocks are not sent, and why.
    unread: Option<(&'static str, files::Unread)>,
    sampling: Vec<(Parameter, Place)>,
    thinking_place: Option<Place>,
    strange: strange::Thoughts,
    invented: Vec<Range<usize>>,
}

impl<'a> Known<'a> {
    fn take(&mut self, member: &Member<'a>) {
        let value = member.value;
        let twice = match &*member.name {
            "model" => self.model.replace(value).map(|_| "model"),
            "stream" => self.stream.replace(value).map(|_| "stream"),
            "max_tokens" => self.max_tokens.replace(value).map(|_| "max_tokens"),
            "thinking" => {
                self.thinking_place = Some(Place::of(member));
                self.thinking.replace(value).map(|_| "thinking")
            }
            "messages" => {
                self.strange.look(&value);
                self.invented.extend(invented::citations(&value));
                let unread = files::of_messages(&value, &mut self.files).err();
                self.unread = self.unread.or(unread.map(|why| ("messages", why)));
                self.text_bytes += value.text_bytes;
                None
            }
            // A machine with what somebody has left there.
            "container" => {
                let id = value.member("id").unwrap_or(value);
                if id.as_str().is_some() {
                    self.files.kept.get_or_insert_with(|| "container".to_owned());
                }
                self.unlimited = self.unlimited.or(costs_more(member));
                None
            }
            "system" => {
                let unread = files::of_blocks(&value, &mut self.files).err();
                self.unread = self.unread.or(unread.map(|why| ("system", why)));
                self.text_bytes += value.text_bytes;
                None
            }
            "tools" => {
                self.text_bytes += value.word_bytes();
                self.tools = !value.is_null() && !value.is_empty_array();
                if !unpriced::are_all(&value, is_custom) {
                    self.unlimited = self.unlimited.or(Some("tools"));
                }
                None
            }
            name => {
                self.text_bytes += read_along::bytes(member);
                self.files.note_kept(unpriced::kept(member));
                self.mistaken = self.mistaken.or_else(|| spelling::mistaken(name));
                self.unlimited = self.unlimited.or(costs_more(member));
                if let Some(parameter) = refused::of_member(name, &value) {
                    self.sampling.push((parameter, Place::of(member)));
                }
                None
            }
        };
        self.twice = self.twice.or(twice);
    }
}

/// A tool of the client's own. Tools of Anthropic that the client runs are among the others: what they cost beside their
/// words is Anthropic's to say.
fn is_custom(tool: &Value<'_>) -> bool {
    match unpriced::kind(tool) {
        Kind::Told(kind) => kind == "custom",
        Kind::Untold => true,
        Kind::Unclear => false,
    }
}

/// A member by which the provider is asked for more than the tokens that were held for.
fn costs_more(member: &Member<'_>) -> Option<&'static str> {
    let value = member.value;
    let word = value.as_str();
    match &*member.name {
        "speed" if word.as_deref() == Some("fast") => Some("speed"),
        "inference_geo" if word.as_deref().is_some_and(|place| place != "global") => Some("inference_geo"),
        "mcp_servers" if !value.is_null() && !value.is_empty_array() => Some("mcp_servers"),
        "container" if value.is_object() => Some("container"),
        "fallbacks" if !value.is_null() && !value.is_empty_array() => Some("fallbacks"),
        // A compaction reads the whole prompt once more. Clearing what is old costs nothing.
        "context_management" if compacts(&value) => Some("context_management"),
        "speed" | "inference_geo" | "mcp_servers" | "container" | "fallbacks" | "context_management" => None,
        // Anthropic knows none of these; others that speak its dialect may.
        _ => unpriced::of(member),
    }
}

/// Some kind of edit is a compaction, however its letters are written.
fn compacts(management: &Value<'_>) -> bool {
    let mut found = memchr::memmem::find(management.raw(), b"compact").is_some();
    if let Some(edits) = management.member("edits") {
        edits.elements(|edit| {
            let kind = edit.member("type");
            found |= kind.and_then(|kind| kind.as_str().map(|kind| kind.contains("compact"))) == Some(true);
        });
    }
    found
}

/// Why the blocks of this member are not sent.
fn unread(name: &'static str, why: files::Unread) -> RequestProblem {
    match why {
        files::Unread::TooDeep => {
            let message = format!(
                "In '{name}' blocks stand within blocks more than {} deep. No provider takes that: send them one beside the other.",
                files::DEEPEST
            );
            problem(name, "nested_too_deeply", message)
        }
        files::Unread::TwoTypes => {
            let message = format!(
                "The field 'type' stands more than once in a block, or its source, of '{name}'. Write it once, in small letters."
            );
            problem("type", "duplicate_field", message)
        }
    }
}

/// Reads a request in one pass.
///
/// # Errors
/// [`RequestProblem`] when it is not a JSON object, or when a member that decides something has the wrong type, is missing
/// or stands there twice.
pub(crate) fn scan(body: &[u8]) -> Result<Scanned, RequestProblem> {
    let text = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let not_json = |place: String| RequestProblem::no_object(text, place);
    let shift = body.len() - text.len();
    if let Err(error) = std::str::from_utf8(text) {
        return Err(not_json(format!(": byte {} is not UTF-8", error.valid_up_to())));
    }
    let mut known = Known::default();
    json::read_object(text, |member| known.take(&member))
        .map_err(|error| not_json(format!(" (byte {})", error.offset)))?;
    if let Some(name) = known.twice {
        let message = format!("The field '{name}' stands in the request more than once.");
        return Err(problem(name, "duplicate_field", message));
    }
    if let Some(name) = known.mistaken {
        return Err(spelling::refusal(name));
    }
    if let Some((name, why)) = known.unread {
        return Err(unread(name, why));
    }
    let no_model = |how: &str| {
        let message = format!("You must name a model: {how}.");
        problem("model", "missing_model", message)
    };
    let model_value = known.model.ok_or_else(|| no_model("set the field 'model'"))?;
    let wrong = |param, wanted| {
        problem(
            param,
            "invalid_type",
            format!("Invalid type for '{param}': expected {wanted}."),
        )
    };
    let model = model_value.as_str().ok_or_else(|| wrong("model", "a string"))?;
    if model.is_empty() {
        return Err(no_model("the field 'model' is empty"));
    }
    let stream = match known.stream.filter(|value| !value.is_null()) {
        None => false,
        Some(value) => value.as_bool().ok_or_else(|| wrong("stream", "a boolean"))?,
    };
    let max_tokens = known.max_tokens.as_ref().map(Number::of);
    let unread = max_tokens.as_ref().is_some_and(|limit| limit.tokens.is_none());
    if known
        .thinking
        .is_some_and(|thinking| spelling::mistaken_within(&thinking, "budget_tokens"))
    {
        return Err(spelling::refusal("thinking.budget_tokens"));
    }
    let budget = known.thinking.and_then(|thinking| thinking.member("budget_tokens"));
    let budget = budget.as_ref().map(Number::of);
    let output_limit = max_tokens.as_ref().and_then(|limit| limit.tokens);
    // Who gives more than the answer may have is told so by the provider, or means it (thinking between tools).
    let thinks = budget.as_ref().and_then(|budget| budget.tokens);
    let thinks = thinks.filter(|budget| output_limit.is_none_or(|limit| limit > *budget));
    let scanned = Scanned {
        model: model.into_owned(),
        stream,
        prompt_bytes: known.text_bytes.saturating_sub(known.files.bytes),
        bytes: (text.len() as u64).saturating_sub(known.files.image_bytes),
        files: known.files,
        tools: known.tools,
        output_limit,
        least_output: thinks.map_or(0, |_| edit::LEAST_BUDGET + 1),
        unlimited: if unread { Some("max_tokens") } else { known.unlimited },
        body: 0..text.len(),
        model_span: model_value.span(),
        max_tokens,
        budget,
        sampling: known.sampling,
        thinking: known.thinking_place,
        strange: known.strange,
        invented: known.invented,
    };
    Ok(scanned.shifted(shift))
}

#[cfg(test)]
mod tests;

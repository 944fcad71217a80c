//! Reads from a request what routing and holds need, and edits it where both sides speak responses: `model`, the limit of the
//! answer and, where credit counts, tools that the provider runs and bills apart. Everything else goes upstream as it came.
//!
//! A name that decides something and stands there twice is refused, because readers disagree about which one counts.

mod choice;
mod files;
mod kept;
mod strange;

use std::{borrow::Cow, ops::Range};

use bytes::Bytes;
use domain::catalog::{Parameter, ProviderKind, Quirks};

use super::super::{
    RequestProblem,
    canonical::Dropped,
    edits::{Edit, apply},
    json::{self, Member, Value},
    openai::encode::short_id,
    openai::{self, request::Place},
    read_along,
    refused::{self, Refused},
    scanned::{self, Files, Scanned},
    spelling, traces,
};

/// The member that limits the answer.
const LIMIT: &str = "max_output_tokens";
/// The most letters of a call's id.
const ID_LIMIT: usize = 64;

/// Where a request may be edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    body: Range<usize>,
    model: Range<usize>,
    limit: Option<Range<usize>>,
    /// Parameters that some models refuse, and where they stand.
    sampling: Vec<(Parameter, Place)>,
    /// What it says of thinking.
    thinks: Option<bool>,
    /// Tools that the provider runs, each with what separates it from its neighbour, and what they are called.
    hosted: Vec<(Range<usize>, String)>,
    /// What goes of `tool_choice` with them: all of it, or the tools that it allows.
    choice: Vec<Range<usize>>,
    /// Thoughts of other providers, in the hub's own writing, each with what separates it from its neighbour.
    strange: Vec<Range<usize>>,
    /// The answer that it goes on with.
    pub(in crate::wire) previous: Option<String>,
    /// The answer is kept by the provider, which it is unless the client says otherwise.
    pub(in crate::wire) stored: bool,
    /// The type of an item that has an id and nothing to say, so that the provider would look for it.
    pub(in crate::wire) recalled: Option<String>,
}

/// The text without a byte order mark, and the bytes of that.
///
/// # Errors
/// It is not UTF-8.
fn text(body: &[u8]) -> Result<(&[u8], usize), RequestProblem> {
    let text = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    match std::str::from_utf8(text) {
        Ok(_) => Ok((text, body.len() - text.len())),
        Err(error) => Err(RequestProblem::no_object(
            text,
            format_args!(": byte {} is not UTF-8", error.valid_up_to()),
        )),
    }
}

/// The model that is named.
///
/// # Errors
/// There is none, or it is no text.
fn model(value: Option<&Value<'_>>) -> Result<String, RequestProblem> {
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
pub(in crate::wire) fn scan(body: &[u8]) -> Result<Scanned, RequestProblem> {
    let (text, shift) = text(body)?;
    let (mut named, mut streamed, mut limit) = (None, None, None);
    let (mut files, mut prompt_bytes, mut tools) = (Files::default(), 0, false);
    let (mut twice, mut unlimited, mut unpriced, mut continues) = (None, None, None, false);
    let (mut hosted, mut strange) = (Vec::new(), Vec::new());
    let (mut own_tools, mut choice) = (false, None);
    let (mut found, mut recalled) = (kept::Found::default(), None);
    let (mut previous, mut stored, mut others, mut mistaken) = (None, true, None, None);
    let (mut sampling, mut thinks) = (Vec::new(), None);
    json::read_object(text, |member| {
        let value = member.value;
        let before = match &*member.name {
            "model" => named.replace(value).map(|_| "model"),
            "stream" => streamed.replace(value).map(|_| "stream"),
            LIMIT => limit.replace(value).map(|_| LIMIT),
            "tools" => {
                tools |= !value.is_null();
                kept::look(&value, &mut found);
                prompt_bytes += value.word_bytes();
                hosted.extend(of_provider(&value));
                value.elements(|tool| own_tools |= is_clients(&tool));
                None
            }
            "input" | "instructions" => {
                files::read(&value, &mut files);
                kept::look(&value, &mut found);
                strange.extend(strange::thoughts(&value));
                recalled = recalled.take().or_else(|| kept::recalled(&value));
                prompt_bytes += value.text_bytes;
                unpriced = unpriced.or_else(|| of_items(&value));
                None
            }
            "previous_response_id" => {
                continues |= !value.is_null();
                // Not a text: the provider says what it thinks of that, and nothing is found under it.
                let id = value
                    .as_str()
                    .map_or_else(|| String::from_utf8_lossy(value.raw()).into_owned(), Cow::into_owned);
                previous.replace(id).map(|_| "previous_response_id")
            }
            // Of two the later one is looked at; a provider refuses both.
            "tool_choice" => {
                choice = Some(member.clone());
                None
            }
            "store" => {
                stored &= value.as_bool() != Some(false);
                None
            }
            name => {
                prompt_bytes += read_along::bytes(&member);
                mistaken = mistaken.or_else(|| spelling::mistaken(name));
                // Refused by chats alone: here OpenAI's own agent sends it to all of them.
                let of_chats = name == "parallel_tool_calls";
                if let Some(parameter) = refused::of_member(name, &value).filter(|_| !of_chats) {
                    let mut place = Place::of(&member);
                    place.shift(shift);
                    sampling.push((parameter, place));
                } else if name == "reasoning" {
                    thinks = value.member("effort").and_then(|effort| refused::thinks(&effort));
                }
                None
            }
        };
        twice = twice.or(before);
        unlimited = unlimited.or_else(|| self::unlimited(&member));
        unpriced = unpriced.or_else(|| self::unpriced(&member));
        others = others.or_else(|| of_others(&member));
    })
    .map_err(|error| RequestProblem::no_object(text, format_args!(" (byte {})", error.offset)))?;
    if let Some(name) = twice {
        return Err(RequestProblem {
            message: format!("The field '{name}' stands in the request more than once."),
            param: Some(name.into()),
            code: "duplicate_field",
        });
    }
    if let Some(name) = mistaken {
        return Err(spelling::refusal(name));
    }
    if found.ambiguous {
        return Err(RequestProblem {
            message: "The field 'type' stands in an object of the request more than once.".to_owned(),
            param: Some("type".into()),
            code: "duplicate_field",
        });
    }
    if files.kept.is_none() {
        files.kept = found.named;
    }
    if let Some(name) = others {
        return Err(RequestProblem {
            message: format!(
                "'{name}' names what the provider keeps, and this hub cannot tell whose that is. Send the content itself, or go on with 'previous_response_id'."
            ),
            param: Some(name.into()),
            code: "unknown_reference",
        });
    }
    let model = model(named.as_ref())?;
    let stream = match streamed.filter(|value| !value.is_null()) {
        None => false,
        Some(value) => value.as_bool().ok_or_else(|| wrong_type("stream", "a boolean"))?,
    };
    let tokens = limit.and_then(|value| value.as_whole()).filter(|tokens| *tokens > 0);
    if tokens.is_none() && limit.is_some_and(|value| !value.is_null()) {
        unlimited = Some(LIMIT);
    }
    let place = |value: &Value<'_>| value.span().start + shift..value.span().end + shift;
    let places = Places {
        body: shift..body.len(),
        model: named.as_ref().map(place).unwrap_or_default(),
        limit: limit.as_ref().map(place),
        sampling,
        thinks,
        previous: previous.filter(|_| continues),
        stored,
        recalled,
        strange: strange
            .into_iter()
            .map(|span: Range<usize>| span.start + shift..span.end + shift)
            .collect(),
        choice: match (&choice, &named) {
            (Some(choice), Some(model)) if !hosted.is_empty() => choice::gone(choice, text, &model.span(), own_tools)
                .into_iter()
                .map(|span| span.start + shift..span.end + shift)
                .collect(),
            _ => Vec::new(),
        },
        hosted: hosted
            .into_iter()
            .map(|(span, kind): (Range<usize>, String)| (span.start + shift..span.end + shift, kind))
            .collect(),
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
        least_output: 0,
        choices: 1,
        picture: None,
        audio: false,
        predicted: 0,
        unlimited,
        unpriced,
        continues,
        before: None,
        asked: super::echo::Asked::NOTHING,
        places: scanned::Places::Responses(places),
    })
}

impl Places {
    /// What the model refuses of it; nothing is looked up for a request that says nothing which any refuses.
    pub(in crate::wire) fn refused(&self, kind: ProviderKind, slug: &str, quirks: &Quirks) -> Refused {
        let refused = match self.sampling.is_empty() {
            true => Refused::NOTHING,
            false => Refused::by(kind, slug, quirks, self.thinks),
        };
        Refused {
            traces: !traces::may_be_its_own(slug),
            ..refused
        }
    }

    /// What is taken away: what the model refuses, and where credit counts what is billed apart.
    pub(in crate::wire) fn left_out(&self, cap: Option<u64>, refused: Refused) -> Vec<Dropped> {
        let said = self.sampling.iter().map(|(parameter, _)| parameter);
        let mut gone: Vec<Dropped> = refused.told(said).collect();
        let strange = refused.traces && !self.strange.is_empty();
        gone.extend(strange.then(|| Dropped("input.reasoning".to_owned())));
        if cap.is_some() {
            gone.extend(self.hosted.iter().map(|(_, kind)| Dropped(kind.clone())));
            gone.extend((!self.choice.is_empty()).then(|| Dropped("tool_choice".to_owned())));
        }
        gone
    }

    /// See [`Scanned::rewrite_for`].
    pub(in crate::wire) fn rewrite(
        &self,
        asked: &Scanned,
        body: &Bytes,
        slug: &str,
        cap: Option<u64>,
        refused: Refused,
    ) -> Bytes {
        let mut edits: Vec<Edit> = Vec::with_capacity(2);
        let written = |text: String| Cow::Owned(text.into_bytes());
        if asked.model != slug {
            edits.push((self.model.clone(), written(serde_json::Value::from(slug).to_string())));
        }
        if let Some(cap) = cap.filter(|cap| asked.output_limit.is_none_or(|limit| limit > *cap)) {
            edits.push(match &self.limit {
                Some(value) => (value.clone(), written(cap.to_string())),
                None => {
                    let bracket = memchr::memchr(b'{', &body[self.body.clone()]);
                    let open = self.body.start + bracket.map_or(0, |at| at + 1);
                    // One follows: `model`.
                    (open..open, written(format!("\"{LIMIT}\":{cap},")))
                }
            });
        }
        if cap.is_some() {
            let choice = self.choice.iter().cloned();
            let gone = self.hosted.iter().map(|(span, _)| span.clone()).chain(choice);
            edits.extend(gone.map(|span| (span, Cow::Borrowed(&b""[..]))));
        }
        let goes = |(parameter, _): &&(Parameter, Place)| refused.parameters.contains(parameter);
        for (_, place) in self.sampling.iter().filter(goes) {
            edits.push((place.removal(body, &self.model), Cow::Borrowed(b"")));
        }
        if refused.traces {
            edits.extend(self.strange.iter().map(|span| (span.clone(), Cow::Borrowed(&b""[..]))));
            edits.extend(traces::ids(body, &self.body, &["call_id"], |id| short_id(id, ID_LIMIT)));
        }
        apply(body, &self.body, &mut edits)
    }
}

/// Tools of a kind that the client runs, or that is nothing but words for the model.
const CLIENTS: [&str; 8] = [
    "function",
    "custom",
    "namespace",
    "local_shell",
    "apply_patch",
    "computer_use_preview",
    "computer",
    "tool_search",
];

/// The client runs it, or nobody.
fn is_clients(tool: &Value<'_>) -> bool {
    let kind = tool.member("type").and_then(|kind| kind.as_str());
    kind.is_some_and(|kind| CLIENTS.contains(&&*kind))
}

/// The tools that the provider runs. The first that stays keeps its place: those before it go with the comma that follows
/// them, those after it with the comma before.
fn of_provider(tools: &Value<'_>) -> Vec<(Range<usize>, String)> {
    let mut found: Vec<(Range<usize>, String)> = Vec::new();
    let (mut one_stayed, mut last_end, mut open) = (false, 0, false);
    tools.elements(|tool| {
        let span = tool.span();
        if std::mem::take(&mut open)
            && let Some((last, _)) = found.last_mut()
        {
            last.end = span.start;
        }
        if is_clients(&tool) {
            one_stayed = true;
        } else {
            let kind = tool.member("type").and_then(|kind| kind.as_str());
            let name = format!("tools.{}", kind.unwrap_or_default());
            found.push(match one_stayed {
                true => (last_end..span.end, name),
                false => {
                    open = true;
                    (span.clone(), name)
                }
            });
        }
        last_end = span.end;
    });
    found
}

/// What goes on without anybody waiting is of any length.
fn unlimited(member: &Member<'_>) -> Option<&'static str> {
    (member.name == "background" && member.value.as_bool() == Some(true)).then_some("background")
}

/// What has a price of its own. Tools that the provider runs are left out instead, see [`of_provider`].
fn unpriced(member: &Member<'_>) -> Option<&'static str> {
    (member.name != "tools").then(|| openai::request::unpriced::of(member))?
}

/// Tools that come with an item of the input, and that the provider would run.
fn of_items(input: &Value<'_>) -> Option<&'static str> {
    let mut found = false;
    input.elements(|item| {
        if let Some(tools) = item.member("tools") {
            found |= !of_provider(&tools).is_empty();
        }
    });
    found.then_some("input.tools")
}

/// What the provider keeps under a name that anybody may write, see [`kept`].
fn of_others(member: &Member<'_>) -> Option<&'static str> {
    match &*member.name {
        "conversation" if !member.value.is_null() => Some("conversation"),
        // Whoever has the operator's account has made it, and its words may be for others.
        "prompt" if !member.value.is_null() => Some("prompt"),
        "input" => files::refers(&member.value).then_some("input"),
        "tools" => files::any_keeps(&member.value).then_some("tools"),
        _ => None,
    }
}

#[cfg(test)]
mod tests;

//! Reads from a request what routing and holds need, and edits it where both sides speak responses: `model`, the limit of the
//! answer and, where credit counts, tools that the provider runs and bills apart. Everything else goes upstream as it came.
//!
//! A name that decides something and stands there twice is refused, because readers disagree about which one counts.

mod choice;
mod files;
mod kept;
mod reading;
mod strange;

use std::{borrow::Cow, ops::Range};

use bytes::Bytes;
use domain::catalog::{Parameter, ProviderKind, Quirks};

use super::super::{
    RequestProblem,
    canonical::Dropped,
    edits::{Edit, apply},
    json::{self, Value},
    openai::{
        encode::short_id,
        request::{
            Place,
            unpriced::{self, Kind},
        },
    },
    refused::Refused,
    scanned::Scanned,
    traces,
};
use reading::Reading;

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
    /// Credit or limits count what the call uses, so these are left out.
    pub(in crate::wire) counted: bool,
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

/// Reads a request in one pass.
///
/// # Errors
/// [`RequestProblem`] when it is not a JSON object, or when a member that decides something has the wrong type, is missing
/// or stands there twice.
pub(in crate::wire) fn scan(body: &[u8]) -> Result<Scanned, RequestProblem> {
    let (text, shift) = reading::text(body)?;
    let mut read = Reading::default();
    json::read_object(text, |member| read.take(&member))
        .map_err(|error| RequestProblem::no_object(text, format_args!(" (byte {})", error.offset)))?;
    if let Some(problem) = read.problem() {
        return Err(problem);
    }
    read.scanned(text, shift)
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
    pub(in crate::wire) fn left_out(&self, refused: Refused) -> Vec<Dropped> {
        let said = self.sampling.iter().map(|(parameter, _)| parameter);
        let mut gone: Vec<Dropped> = refused.told(said).collect();
        let strange = refused.traces && !self.strange.is_empty();
        gone.extend(strange.then(|| Dropped("input.reasoning".to_owned())));
        if self.counted {
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
        if self.counted {
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

/// The client runs it, or nobody; and so whatever lies within it, if it is a `namespace`.
fn is_clients(tool: &Value<'_>) -> bool {
    let own = matches!(unpriced::kind(tool), Kind::Told(kind) if CLIENTS.contains(&&*kind));
    own && tool
        .member("tools")
        .is_none_or(|inner| unpriced::are_all(&inner, is_clients))
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

#[cfg(test)]
mod tests;

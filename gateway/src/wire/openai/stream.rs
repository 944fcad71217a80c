//! Listens to a streamed answer: what each event means for the client, and what the whole stream says about the call.
//!
//! An event goes on as it came, or not at all: a chunk that only carries usage is kept from clients that did not ask for it, also
//! where it repeats a choice that has ended (OpenRouter). Usage that rides on the last words of an answer (Groq, Mistral) goes on
//! with them. The `"usage":null` of all other chunks is left out for those clients: providers write it because the hub asks for usage. Usage
//! reports are cumulative where there are several, so none is added to another; of several choices each may count its own (vLLM's
//! `continuous_usage_stats`).

mod write;

use std::{borrow::Cow, ops::Range};

use domain::catalog::Quirks;
pub use write::Writer;

use super::{
    super::{
        canonical::{Counted, Counts, Moment, Report},
        json::{self, Value},
        sse::{Content, Event},
        weight,
    },
    error::{self, Said},
    usage,
};

/// What to do with an event.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes to the client.
    Pass,
    /// It does, without this part of its data, which stands on one line.
    Without(Range<usize>),
    /// It does not: nothing in it is for the client.
    Drop,
    /// `[DONE]`.
    Done,
    /// The provider reports an error after its status 200.
    Error(Said),
    /// It is no event of this wire. Clients would fail on it with an error of their JSON reader.
    Malformed,
}

/// In which of its two forms a choice says something. Who reads one of them finds nothing in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A `delta`, or a `message`.
    Chat,
    /// The `text` of a legacy completion.
    Completion,
}

impl Form {
    /// What a client of this dialect does not read.
    pub(in crate::wire) const fn other(self) -> Self {
        match self {
            Self::Chat => Self::Completion,
            Self::Completion => Self::Chat,
        }
    }

    /// In which form alone something is said, if it is.
    pub(in crate::wire) const fn of(chat: bool, text: bool) -> Option<Self> {
        match (chat, text) {
            (true, false) => Some(Self::Chat),
            (false, true) => Some(Self::Completion),
            _ => None,
        }
    }
}

/// What a stream has said so far.
#[derive(Debug, Default)]
pub struct Listener {
    /// The client asked for usage.
    include_usage: bool,
    /// Where choices must not say what they say.
    foreign: Option<Form>,
    /// Choices that appeared and choices that ended, a bit each.
    begun: u128,
    ended: u128,
    /// Why the first choice to end did so.
    pub finish_reason: Option<String>,
    quirks: Quirks,
    /// What the usage objects come to.
    counts: Counts,
    /// Bytes of text so far, for an estimate.
    pub text_bytes: u64,
    /// The last event went to the client.
    let_pass: bool,
}

impl Listener {
    /// For a client that did or did not ask for usage.
    #[must_use]
    pub fn new(include_usage: bool) -> Self {
        Self {
            include_usage,
            ..Self::default()
        }
    }

    /// The same, for a client that reads only this form, and a provider with these quirks.
    #[must_use]
    pub fn of(form: Form, include_usage: bool, quirks: Quirks) -> Self {
        Self {
            foreign: Some(form.other()),
            quirks,
            ..Self::new(include_usage)
        }
    }

    /// Every choice has ended: what may follow is usage and `[DONE]`.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.begun != 0 && self.begun == self.ended
    }

    /// What was counted, as far as it was said.
    #[must_use]
    pub fn report(&self) -> Option<&Report> {
        self.counts.report()
    }

    /// How much of the answer that counts.
    #[must_use]
    pub fn counted(&self) -> Counted {
        self.counts.counted(self.text_bytes)
    }

    /// Reads one event.
    pub fn hear(&mut self, event: &Event<'_>) -> Verdict {
        if event.content == Content::LateLineFeed {
            return if self.let_pass { Verdict::Pass } else { Verdict::Drop };
        }
        let verdict = self.judge(event);
        self.let_pass = matches!(verdict, Verdict::Pass | Verdict::Without(_));
        verdict
    }

    fn judge(&mut self, event: &Event<'_>) -> Verdict {
        let Some(data) = &event.data else {
            // A name or an id without data is an empty event to clients, which they cannot read.
            return if event.content == Content::Comments {
                Verdict::Pass
            } else {
                Verdict::Drop
            };
        };
        match data.trim_ascii() {
            b"" => Verdict::Drop,
            b"[DONE]" => Verdict::Done,
            trimmed => {
                let before = data.len() - data.trim_ascii_start().len();
                match self.hear_data(trimmed, event.name == Some(b"error")) {
                    Verdict::Without(part) if matches!(data, Cow::Borrowed(_)) => {
                        Verdict::Without(before + part.start..before + part.end)
                    }
                    Verdict::Without(_) => Verdict::Pass,
                    verdict => verdict,
                }
            }
        }
    }

    fn hear_data(&mut self, data: &[u8], named_error: bool) -> Verdict {
        if std::str::from_utf8(data).is_err() {
            return Verdict::Malformed;
        }
        let (mut choices, mut usage, mut groq, mut failed) = (None, None, None, named_error);
        let mut placeholder = None;
        let walked = json::read_object(data, |member| match &*member.name {
            "choices" => choices = Some(member.value),
            "usage" if member.value.is_null() => {
                placeholder = member.comma_before.map(|comma| comma..member.value.span().end);
            }
            "usage" => usage = Some(member.value).filter(Value::is_object),
            "x_groq" => groq = Some(member.value),
            "error" => failed |= !member.value.is_null(),
            _ => {}
        });
        if walked.is_err() {
            return Verdict::Malformed;
        }
        let (ended, heard) = (self.complete(), self.text_bytes);
        let mut foreign = false;
        if let Some(choices) = choices {
            choices.elements(|choice| {
                let form = self.hear_choice(&choice);
                foreign |= form.is_some() && form == self.foreign;
            });
        }
        // Nothing but usage: no choice at all, or choices that had ended before and say nothing more.
        let silent = choices.is_none_or(|choices| choices.is_empty_array()) || ended && self.text_bytes == heard;
        let report = usage.or_else(|| {
            groq.and_then(|groq: Value<'_>| groq.member("usage"))
                .filter(Value::is_object)
        });
        if let Some(report) = report {
            self.count(&report, silent);
        }
        if failed {
            let said = json::read(data).ok().and_then(|whole| error::read_value(&whole));
            return Verdict::Error(said.unwrap_or_else(|| Said {
                message: String::from_utf8_lossy(data).into_owned(),
                ..Said::default()
            }));
        }
        if foreign {
            return Verdict::Malformed;
        }
        match placeholder {
            _ if self.include_usage => Verdict::Pass,
            _ if usage.is_some() && silent => Verdict::Drop,
            Some(placeholder) => Verdict::Without(placeholder),
            None => Verdict::Pass,
        }
    }

    /// Takes a report that came alone, or with what a choice says.
    fn count(&mut self, report: &Value<'_>, alone: bool) {
        let moment = Moment {
            bytes: self.text_bytes,
            ended: self.complete(),
            of_one: !alone && self.begun.count_ones() > 1,
        };
        self.counts
            .take(usage::report(report.raw().to_vec(), &self.quirks), moment);
    }

    fn hear_choice(&mut self, choice: &Value<'_>) -> Option<Form> {
        let (mut index, mut chat, mut text) = (0, false, false);
        choice.members(|member| match &*member.name {
            "index" => index = member.value.as_u64().unwrap_or_default().min(127),
            "delta" => {
                chat |= member.value.is_object();
                self.text_bytes += text_bytes(&member.value);
            }
            // Of an answer that came whole.
            "message" => chat |= member.value.is_object(),
            // Of a legacy completion.
            "text" => {
                text = member.value.raw().starts_with(b"\"");
                self.text_bytes += member.value.text_bytes;
            }
            "finish_reason" => {
                if let Some(reason) = member.value.as_str() {
                    self.ended |= 1 << index;
                    self.finish_reason.get_or_insert_with(|| reason.into_owned());
                }
            }
            _ => {}
        });
        self.begun |= 1 << index;
        Form::of(chat, text)
    }
}

/// Bytes of what a model wrote in a message or a delta, in whatever shape.
#[must_use]
pub fn text_bytes(message: &Value<'_>) -> u64 {
    weight::of_message(message)
}

#[cfg(test)]
mod tests;

//! Writes the few edits of a request between bytes that stay as they are.

use std::{borrow::Cow, ops::Range};

use bytes::Bytes;
use domain::catalog::{ProviderKind, Quirks};

use super::{Limit, Member, Parameter, Place, Places, Scanned, forbidden};
use crate::wire::{
    canonical::Dropped,
    edits::{Edit, apart, apply},
    openai::encode::chat_id,
    refused::Refused,
    traces,
};

impl Place {
    pub(in crate::wire) fn of(member: &Member<'_>) -> Self {
        Self {
            name: member.name_span.clone(),
            end: member.value.span().end,
            comma_before: member.comma_before,
        }
    }

    /// The bytes to take away so that valid JSON stays. `model` always stays: members before it go with the comma that
    /// follows them, members after it with the comma before. So removed neighbours never fight over a comma.
    pub(in crate::wire) fn removal(&self, body: &[u8], model: &Range<usize>) -> Range<usize> {
        if self.name.start < model.start {
            let comma = memchr::memchr(b',', &body[self.end..]).map_or(self.end, |skipped| self.end + skipped + 1);
            self.name.start..comma
        } else {
            self.comma_before.unwrap_or(self.name.start)..self.end
        }
    }

    pub(in crate::wire) fn shift(&mut self, by: usize) {
        shift(&mut self.name, by);
        self.end += by;
        self.comma_before = self.comma_before.map(|comma| comma + by);
    }
}

fn shift(span: &mut Range<usize>, by: usize) {
    *span = span.start + by..span.end + by;
}

impl Places {
    /// All places counted from the start of the body, not from what follows its byte order mark.
    pub(super) fn shifted(mut self, by: usize) -> Self {
        if by > 0 {
            shift(&mut self.body, by);
            shift(&mut self.model_span, by);
            if let Some(options) = &mut self.stream_options {
                options.place.shift(by);
                shift(&mut options.value, by);
                if let Some(span) = &mut options.include_usage {
                    shift(span, by);
                }
            }
            let limits = [&mut self.max_completion_tokens, &mut self.older].into_iter().flatten();
            limits
                .chain(self.sampling.iter_mut().chain(&mut self.usual).map(|(_, place)| place))
                .for_each(|place| place.shift(by));
            for limit in [&mut self.max_tokens, &mut self.completion_limit].into_iter().flatten() {
                shift(&mut limit.value, by);
            }
        }
        self
    }

    /// What the model refuses of it; nothing is looked up for a request that says nothing which any refuses.
    pub(in crate::wire) fn refused(&self, kind: ProviderKind, slug: &str, quirks: &Quirks) -> Refused {
        // The newer name is OpenAI's own; of services that speak like it each says by its quirks what it knows.
        let limited = kind == ProviderKind::Openai && self.said_limit().is_some();
        let traces = !traces::may_be_its_own(slug);
        match limited || !self.sampling.is_empty() || !self.usual.is_empty() {
            true => Refused {
                newer_limit: limited && Refused::by(kind, slug, quirks, self.thinks).newer_limit,
                traces,
                ..Refused::by(kind, slug, quirks, self.thinks)
            },
            false => Refused {
                traces,
                ..Refused::NOTHING
            },
        }
    }

    /// The older limit, where it says something.
    fn said_limit(&self) -> Option<(&Place, &Limit)> {
        let limit = self.max_tokens.as_ref().filter(|limit| limit.tokens.is_some())?;
        Some((self.older.as_ref()?, limit))
    }

    /// What is left out of it, by name.
    pub(in crate::wire) fn left_out(&self, refused: Refused) -> Vec<Dropped> {
        let twice = refused.newer_limit && self.said_limit().is_some() && self.counts_newer();
        let said = self.sampling.iter().map(|(parameter, _)| parameter);
        let limit = twice.then(|| Dropped("max_tokens".to_owned()));
        refused.told(said).chain(limit).collect()
    }

    /// What the provider refuses whatever the model, and is therefore left out, by name.
    pub(in crate::wire) fn forbidden(&self, body: &[u8], quirks: &Quirks) -> impl Iterator<Item = Dropped> + use<> {
        forbidden::said(body, &self.body, &quirks.forbidden_fields)
            .into_iter()
            .map(Dropped)
    }

    /// The newer limit says something.
    fn counts_newer(&self) -> bool {
        self.completion_limit.as_ref().is_some_and(|limit| !limit.null)
    }

    /// See [`Scanned::rewrite_for`].
    pub(in crate::wire) fn rewrite(
        &self,
        asked: &Scanned,
        body: &Bytes,
        slug: &str,
        quirks: &Quirks,
        cap: Option<u64>,
        refused: Refused,
    ) -> Bytes {
        let mut edits: Vec<Edit> = Vec::with_capacity(3);
        if asked.model != slug {
            edits.push((
                self.model_span.clone(),
                Cow::Owned(serde_json::Value::from(slug).to_string().into_bytes()),
            ));
        }
        self.edit_stream_options(asked, body, quirks, &mut edits);
        self.edit_limits(body, quirks, cap, refused.newer_limit, &mut edits);
        // What no request to this provider may hold goes anyway.
        let forbidden = |name: &str| {
            quirks
                .forbidden_fields
                .iter()
                .any(|field| !field.in_messages && field.name == name)
        };
        let goes = |(parameter, _): &&(Parameter, Place)| {
            refused.parameters.contains(parameter) && !forbidden(parameter.as_str())
        };
        let usual = self.usual.iter().filter(|_| refused.even_usual);
        for (_, place) in self.sampling.iter().chain(usual).filter(goes) {
            edits.push((place.removal(body, &self.model_span), Cow::Borrowed(b"")));
        }
        let gone = forbidden::removals(body, &self.body, &self.model_span, &quirks.forbidden_fields);
        edits.extend(gone.into_iter().map(|span| (span, Cow::Borrowed(&b""[..]))));
        if refused.traces && asked.chat {
            let ids = traces::ids(body, &self.body, &["id", "tool_call_id"], |id| chat_id(id, quirks));
            let ids = apart(&mut edits, ids);
            edits.extend(ids);
        }
        apply(body, &self.body, &mut edits)
    }

    fn edit_limits(&self, body: &[u8], quirks: &Quirks, cap: Option<u64>, newer_only: bool, edits: &mut Vec<Edit>) {
        let (older, newer) = (self.max_tokens.as_ref(), self.completion_limit.as_ref());
        // The fields that reach the provider: which one, and whose value stands there.
        let mut fields = [older.map(|limit| (limit, limit)), newer.map(|limit| (limit, limit))];
        if let Some((place, newer)) = self
            .max_completion_tokens
            .as_ref()
            .zip(newer)
            .filter(|_| quirks.max_tokens_only)
        {
            if let Some(older) = older {
                // Both were given: the older name is the one that the provider knows.
                edits.push((place.removal(body, &self.model_span), Cow::Borrowed(b"")));
                fields = [Some((older, if older.null { newer } else { older })), None];
            } else {
                edits.push((place.name.clone(), Cow::Borrowed(b"\"max_tokens\"")));
            }
        }
        if let Some((place, limit)) = self.said_limit().filter(|_| newer_only && !quirks.max_tokens_only) {
            match newer {
                // Both were given: the newer name is the one that the model knows.
                Some(newer) => {
                    edits.push((place.removal(body, &self.model_span), Cow::Borrowed(b"")));
                    fields = [None, Some((newer, if newer.null { limit } else { newer }))];
                }
                None => edits.push((place.name.clone(), Cow::Borrowed(b"\"max_completion_tokens\""))),
            }
        }
        let number = |tokens: u64| Cow::Owned(tokens.to_string().into_bytes());
        let mut put = |limit: &Limit, text| edits.push((limit.value.clone(), text));
        for (field, said) in fields.into_iter().flatten() {
            match cap.filter(|cap| said.tokens.is_some_and(|tokens| tokens > *cap)) {
                Some(cap) => put(field, number(cap)),
                None if field != said => put(field, Cow::Owned(body[said.value.clone()].to_vec())),
                None => {}
            }
        }
        let said = |(_, said): &(&Limit, &Limit)| said.tokens.is_some();
        if let Some(cap) = cap.filter(|_| !fields.iter().flatten().any(said)) {
            // What stands there is `null`. Of the older field it may stay where the newer one counts.
            let empty = if quirks.max_tokens_only {
                fields[0].or(fields[1])
            } else {
                fields[1]
            };
            match empty {
                Some((field, _)) => {
                    edits.retain(|(span, _)| *span != field.value);
                    edits.push((field.value.clone(), number(cap)));
                }
                None => {
                    let name = if quirks.max_tokens_only {
                        "max_tokens"
                    } else {
                        "max_completion_tokens"
                    };
                    let open = self.open(body);
                    edits.push((open..open, Cow::Owned(format!("\"{name}\":{cap},").into_bytes())));
                }
            }
        }
    }

    /// Where the first member may be put in. One follows: `model`.
    fn open(&self, body: &[u8]) -> usize {
        let bracket = memchr::memchr(b'{', &body[self.body.clone()]);
        self.body.start + bracket.map_or(0, |at| at + 1)
    }

    fn edit_stream_options(&self, asked: &Scanned, body: &[u8], quirks: &Quirks, edits: &mut Vec<Edit>) {
        match &self.stream_options {
            Some(options) if !quirks.stream_options => {
                edits.push((options.place.removal(body, &self.model_span), Cow::Borrowed(b"")));
            }
            _ if !asked.stream || !quirks.stream_options || asked.include_usage => {}
            None => {
                let open = self.open(body);
                edits.push((
                    open..open,
                    Cow::Borrowed(b"\"stream_options\":{\"include_usage\":true},"),
                ));
            }
            Some(options) => edits.push(match &options.include_usage {
                Some(value) => (value.clone(), Cow::Borrowed(b"true")),
                None if !options.object => (options.value.clone(), Cow::Borrowed(b"{\"include_usage\":true}")),
                None => {
                    let open = options.value.start + 1;
                    let text: &[u8] = if options.empty {
                        b"\"include_usage\":true"
                    } else {
                        b"\"include_usage\":true,"
                    };
                    (open..open, Cow::Borrowed(text))
                }
            }),
        }
    }
}

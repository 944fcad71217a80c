//! Writes the few edits of a request between bytes that stay as they are.

use std::{borrow::Cow, ops::Range};

use bytes::Bytes;
use domain::catalog::{Abilities, ProviderKind};

use super::{
    super::models::{self, Thinking},
    Scanned,
};
use crate::wire::{
    canonical::Dropped,
    edits::{Edit, apply},
    refused::Refused,
    traces,
};

/// The least that a model may be given to think with.
pub(super) const LEAST_BUDGET: u64 = 1_024;

fn shift(span: &mut Range<usize>, by: usize) {
    *span = span.start + by..span.end + by;
}

fn number(tokens: u64) -> Cow<'static, [u8]> {
    Cow::Owned(tokens.to_string().into_bytes())
}

impl Scanned {
    /// All places counted from the start of the body, not from what follows its byte order mark.
    pub(super) fn shifted(mut self, by: usize) -> Self {
        if by > 0 {
            shift(&mut self.body, by);
            shift(&mut self.model_span, by);
            for number in [&mut self.max_tokens, &mut self.budget].into_iter().flatten() {
                shift(&mut number.span, by);
            }
            let places = self.sampling.iter_mut().map(|(_, place)| place);
            places.chain(&mut self.thinking).for_each(|place| place.shift(by));
            self.strange.shift(by);
            self.invented.iter_mut().for_each(|cut| shift(cut, by));
        }
        self
    }

    /// What the model refuses of it; nothing is looked up for a request that says nothing which any refuses.
    pub(in crate::wire) fn refused(&self, slug: &str) -> Refused {
        let traces = !self.strange.cuts.is_empty() && !traces::may_be_its_own(slug);
        let parameters = match self.sampling.is_empty() {
            true => Refused::NOTHING.parameters,
            false => Abilities::of(ProviderKind::Anthropic, slug).refuses,
        };
        Refused {
            parameters,
            traces,
            thoughts: traces
                && self.strange.unproven_call
                && self.thinking.is_some()
                && models::abilities(slug).thinking == Thinking::Budget,
            newer_limit: false,
            even_usual: false,
        }
    }

    /// What is left out of it, by name.
    pub(in crate::wire) fn left_out(&self, refused: Refused) -> Vec<Dropped> {
        let strange = refused.traces.then(|| Dropped("messages[].reasoning".to_owned()));
        let sources = (!self.invented.is_empty()).then(|| Dropped("messages[].citations".to_owned()));
        let thoughts = refused.thoughts.then(|| Dropped("reasoning".to_owned()));
        let said = self.sampling.iter().map(|(parameter, _)| parameter);
        refused
            .told(said)
            .chain(strange)
            .chain(sources)
            .chain(thoughts)
            .collect()
    }

    /// The body for a provider that calls the model `slug`: at most one copy, and none when nothing is to be changed. With a
    /// `cap`, no answer may have more tokens: the client's limit beyond it is lowered, and where there is none it is added.
    #[must_use]
    pub(crate) fn rewrite(&self, body: &Bytes, slug: &str, cap: Option<u64>, refused: Refused) -> Bytes {
        let mut edits: Vec<Edit> = Vec::with_capacity(3);
        if self.model != slug {
            let name = serde_json::Value::from(slug).to_string();
            edits.push((self.model_span.clone(), Cow::Owned(name.into_bytes())));
        }
        if let Some(cap) = cap {
            self.limit(body, cap, refused.thoughts, &mut edits);
        }
        let sources = self.invented.iter().cloned();
        edits.extend(sources.map(|cut| (cut, Cow::Borrowed(&b""[..]))));
        if refused.traces {
            let cuts = self.strange.cuts.iter().cloned();
            edits.extend(cuts.map(|cut| (cut, Cow::Borrowed(&b""[..]))));
        }
        if let Some(place) = self.thinking.as_ref().filter(|_| refused.thoughts) {
            edits.push((place.removal(body, &self.model_span), Cow::Borrowed(b"")));
        }
        for (_, place) in self
            .sampling
            .iter()
            .filter(|(parameter, _)| refused.parameters.contains(parameter))
        {
            edits.push((place.removal(body, &self.model_span), Cow::Borrowed(b"")));
        }
        apply(body, &self.body, &mut edits)
    }

    fn limit(&self, body: &[u8], cap: u64, thoughtless: bool, edits: &mut Vec<Edit>) {
        match &self.max_tokens {
            Some(limit) if limit.tokens.is_some_and(|tokens| tokens <= cap) => return,
            Some(limit) => edits.push((limit.span.clone(), number(cap))),
            None => {
                // A member follows: `model`.
                let bracket = memchr::memchr(b'{', &body[self.body.clone()]);
                let open = self.body.start + bracket.map_or(0, |at| at + 1);
                edits.push((open..open, Cow::Owned(format!("\"max_tokens\":{cap},").into_bytes())));
            }
        }
        // What a model thinks with must stay below its limit. Credit for less than that is refused before (`least_output`).
        if let Some(budget) = &self.budget
            && budget.tokens.is_some_and(|tokens| tokens >= cap)
            && cap > LEAST_BUDGET
            && !thoughtless
        {
            edits.push((budget.span.clone(), number(cap - 1)));
        }
    }
}

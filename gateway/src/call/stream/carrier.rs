//! Turns pieces of the provider's stream into pieces for the client, listening to each event on the way.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::stretch::Stretch;
use crate::{
    CredentialEntry,
    call::{CallError, attempt::secret_of, estimate, fault, room::Growing, task::Context},
    providers::Body,
    wire::{
        ear::Ear,
        ndjson,
        openai::stream::Verdict,
        speech::Kept,
        sse::{self, Batch, TooLarge},
        unstreamed,
    },
};

/// Largest event that is carried. Pictures within events are the largest there are.
const EVENT_LIMIT: usize = 16 << 20;

/// The stream that is made of a whole answer, and its pieces for the client.
const COPIES: usize = 2;

/// What a batch of events comes to.
#[derive(Default)]
pub(super) struct Heard {
    /// Pieces for the client: one, unless an event in the middle is not for them.
    pub pieces: Vec<Bytes>,
    /// The last word as it came; empty where the end is written anew.
    pub done: Option<Bytes>,
    /// The stream must end here.
    pub failed: Option<CallError>,
}

/// How the provider's stream is cut.
enum Framer {
    Events(sse::Framer),
    Lines(ndjson::Framer),
}

impl Framer {
    fn push(&mut self, piece: Bytes) -> Result<Batch, TooLarge> {
        match self {
            Self::Events(framer) => framer.push(piece),
            Self::Lines(framer) => framer.push(&piece),
        }
    }

    fn finish(&mut self) -> Batch {
        match self {
            Self::Events(framer) => framer.finish(),
            Self::Lines(framer) => framer.finish(),
        }
    }
}

/// The provider's side.
pub(super) struct Carrier<'a, 'c> {
    pub context: &'a Context<'c>,
    pub ear: Ear,
    framer: Framer,
    /// What has come of an answer that is no stream.
    whole: Option<BytesMut>,
    /// What that takes of the memory, with the stream that is made of it.
    growing: Growing<'c>,
    credential: Option<Arc<CredentialEntry>>,
}

impl<'a, 'c> Carrier<'a, 'c> {
    /// `dropped`: what the provider was not told.
    pub fn new(
        context: &'a Context<'c>,
        credential: Option<Arc<CredentialEntry>>,
        (kept, dropped): (&Kept, &[String]),
        whole: bool,
    ) -> Self {
        let opening = estimate::opening(context.scanned, dropped);
        let quirks = &context.candidate.provider.quirks;
        Self {
            context,
            ear: context.speech.ear(quirks, || context.ids(), opening, kept),
            framer: match context.speech.wire.sends_lines() {
                true => Framer::Lines(ndjson::Framer::new(EVENT_LIMIT)),
                false => Framer::Events(sse::Framer::new(EVENT_LIMIT)),
            },
            whole: whole.then(BytesMut::new),
            growing: Growing::of(context.room, COPIES),
            credential,
        }
    }

    fn provider(&self) -> &str {
        &self.context.candidate.provider.title
    }

    fn hear(&mut self, batch: &Batch) -> Heard {
        let mut heard = Heard::default();
        let mut open = Stretch::default();
        let close = |open: &mut Stretch, ear: &mut Ear, pieces: &mut Vec<Bytes>| {
            pieces.extend(open.take(&batch.bytes));
            let written = ear.written();
            if !written.is_empty() {
                pieces.push(written.into());
            }
        };
        let mut events = batch.events();
        while let Some(event) = events.next() {
            let span = event.span.clone();
            let verdict = self.ear.hear(&event);
            if verdict == Verdict::Drop && !self.ear.passes() {
                continue;
            }
            match &verdict {
                Verdict::Pass => {
                    open.pass(&span);
                    continue;
                }
                Verdict::Without(part) => {
                    open.pass_without(&event, part, &batch.bytes);
                    continue;
                }
                _ => close(&mut open, &mut self.ear, &mut heard.pieces),
            }
            match verdict {
                Verdict::Pass | Verdict::Without(_) | Verdict::Drop => continue,
                Verdict::Done if self.ear.passes() => heard.done = Some(batch.bytes.slice(span)),
                Verdict::Done => self.end_anew(&mut heard),
                Verdict::Error(said) => {
                    let secret = secret_of(self.credential.as_deref());
                    let error = fault::reported(self.context.speech, &said, secret, self.provider());
                    heard.failed = Some(match self.ear.passes() {
                        true => {
                            let stream = fault::Stream {
                                dialect: self.context.speech.dialect,
                                ids: self.context.ids(),
                                passed: self.ear.passed(),
                            };
                            fault::as_it_came(error, &event, secret, stream)
                        }
                        false => error,
                    });
                    // What it came to may be on its way already.
                    while self.ear.says_more()
                        && let Some(event) = events.next()
                    {
                        let _ = self.ear.hear(&event);
                    }
                }
                Verdict::Malformed => {
                    heard.failed = Some(fault::unreadable(self.provider(), "an event of the stream is not JSON"));
                }
            }
            return heard;
        }
        close(&mut open, &mut self.ear, &mut heard.pieces);
        heard
    }

    /// The last word has come of an answer that is written anew.
    fn end_anew(&mut self, heard: &mut Heard) {
        match self.ear.defect() {
            None => heard.done = Some(Bytes::new()),
            Some(defect) => heard.failed = Some(fault::defective(self.provider(), &defect)),
        }
    }

    /// The next piece of the provider's stream, heard. `None` at its end.
    pub async fn next(&mut self, body: &mut Body) -> Result<Option<Heard>, CallError> {
        match body.next().await {
            Ok(Some(piece)) if self.whole.is_some() => self.gather(&piece),
            Ok(Some(piece)) => match self.framer.push(piece) {
                Ok(batch) => Ok(Some(self.hear(&batch))),
                Err(large) => Err(fault::unreadable(self.provider(), &large.to_string())),
            },
            Ok(None) => Ok(None),
            // A connection that breaks after the last word has broken nothing.
            Err(_) if self.ear.complete() => Ok(None),
            Err(broken) => {
                tracing::warn!(call = %self.context.call, provider = self.provider(), %broken, "a stream broke off");
                Err(fault::interrupted(self.provider()))
            }
        }
    }

    fn gather(&mut self, piece: &[u8]) -> Result<Option<Heard>, CallError> {
        let whole = self.whole.get_or_insert_default();
        if whole.len() + piece.len() > EVENT_LIMIT {
            return Err(fault::unreadable(
                self.provider(),
                "it is no stream, and larger than 16 MB",
            ));
        }
        self.growing.reach(whole.len() + piece.len())?;
        whole.extend_from_slice(piece);
        Ok(Some(Heard::default()))
    }

    /// The answer came whole: the stream that is made of it.
    fn unstreamed(&mut self, whole: &[u8]) -> Heard {
        let stream = unstreamed::as_stream(self.context.speech.wire, whole);
        let batch = stream.and_then(|stream| self.framer.push(stream.into()).ok());
        let Some(batch) = batch else {
            return Heard {
                failed: Some(fault::unreadable(self.provider(), "it is neither a stream nor JSON")),
                ..Heard::default()
            };
        };
        let mut heard = self.hear(&batch);
        if heard.done.is_none() && heard.failed.is_none() {
            match (self.ear.complete(), self.ear.passes()) {
                (true, false) => self.end_anew(&mut heard),
                (true, true) => heard.done = Some(Bytes::from_static(self.context.speech.last_frame())),
                (false, _) => heard.failed = Some(fault::unreadable(self.provider(), "it has no answer in it")),
            }
        }
        if heard.failed.is_some() {
            // Nothing of it was sent, so it can be told by a status.
            heard.pieces.clear();
        }
        heard
    }

    /// The stream has ended without its last word: what is left of it, and whether that is an end at all.
    pub fn finish(&mut self) -> Heard {
        if let Some(whole) = self.whole.take() {
            return self.unstreamed(&whole);
        }
        let batch = self.framer.finish();
        let mut heard = self.hear(&batch);
        if self.ear.passes()
            && let Some(last) = heard.pieces.pop()
        {
            // Its blank line never came.
            heard.pieces.push([&last, &b"\n\n"[..]].concat().into());
        }
        // Half an event is no event: whether that matters depends on what came before.
        heard.failed = heard.failed.filter(|error| error.code != fault::UNREADABLE);
        if let Some(last) = heard.done.take() {
            heard.done = Some(match self.ear.passes() {
                true => [&last, &b"\n\n"[..]].concat().into(),
                false => last,
            });
        } else if self.ear.complete() && !self.ear.passes() {
            self.end_anew(&mut heard);
        } else if self.ear.complete() {
            heard.done = Some(Bytes::from_static(self.context.speech.last_frame()));
        } else {
            if self.ear.passes() {
                heard.pieces.clear();
            }
            heard
                .failed
                .get_or_insert_with(|| fault::interrupted(&self.context.candidate.provider.title));
        }
        heard
    }
}

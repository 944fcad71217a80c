//! Turns pieces of the provider's stream into pieces for the client, listening to each event on the way.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;

use crate::{
    CredentialEntry,
    call::{CallError, attempt::secret_of, fault, task::Context},
    providers::Body,
    wire::{
        openai::stream::{Listener, Verdict},
        sse::{Batch, Framer},
    },
};

/// Largest event that is carried. Pictures within events are the largest there are.
const EVENT_LIMIT: usize = 16 << 20;
const DONE: &[u8] = b"data: [DONE]\n\n";

/// What a batch of events comes to.
#[derive(Default)]
pub(super) struct Heard {
    /// Pieces for the client: one, unless an event in the middle is not for them.
    pub pieces: Vec<Bytes>,
    /// `[DONE]` as it came.
    pub done: Option<Bytes>,
    /// The stream must end here.
    pub failed: Option<CallError>,
}

/// The provider's side.
pub(super) struct Carrier<'a, 'c> {
    pub context: &'a Context<'c>,
    pub listener: Listener,
    framer: Framer,
    credential: Option<Arc<CredentialEntry>>,
}

impl<'a, 'c> Carrier<'a, 'c> {
    pub fn new(context: &'a Context<'c>, credential: Option<Arc<CredentialEntry>>) -> Self {
        let listener = Listener::new(context.scanned.include_usage);
        Self {
            context,
            listener,
            framer: Framer::new(EVENT_LIMIT),
            credential,
        }
    }

    fn provider(&self) -> &str {
        &self.context.candidate.provider.title
    }

    fn hear(&mut self, batch: &Batch) -> Heard {
        let mut heard = Heard::default();
        let mut open: Option<Range<usize>> = None;
        let mut close = |open: &mut Option<Range<usize>>| {
            if let Some(span) = open.take() {
                heard.pieces.push(batch.bytes.slice(span));
            }
        };
        for event in batch.events() {
            let span = event.span.clone();
            let verdict = self.listener.hear(&event);
            if verdict == Verdict::Pass {
                open = Some(open.map_or(span.start, |open| open.start)..span.end);
                continue;
            }
            close(&mut open);
            match verdict {
                Verdict::Pass | Verdict::Drop => continue,
                Verdict::Done => heard.done = Some(batch.bytes.slice(span)),
                Verdict::Error(said) => {
                    heard.failed = Some(fault::reported(
                        &said,
                        secret_of(self.credential.as_deref()),
                        self.provider(),
                    ));
                }
                Verdict::Malformed => {
                    heard.failed = Some(fault::unreadable(self.provider(), "an event of the stream is not JSON"));
                }
            }
            return heard;
        }
        close(&mut open);
        heard
    }

    /// The next piece of the provider's stream, heard. `None` at its end.
    pub async fn next(&mut self, body: &mut Body) -> Result<Option<Heard>, CallError> {
        match body.next().await {
            Ok(Some(piece)) => match self.framer.push(piece) {
                Ok(batch) => Ok(Some(self.hear(&batch))),
                Err(large) => Err(fault::unreadable(self.provider(), &large.to_string())),
            },
            Ok(None) => Ok(None),
            // A connection that breaks after the last word has broken nothing.
            Err(_) if self.listener.complete() => Ok(None),
            Err(broken) => {
                tracing::warn!(call = %self.context.call, provider = self.provider(), %broken, "a stream broke off");
                Err(fault::interrupted(self.provider()))
            }
        }
    }

    /// The stream has ended without `[DONE]`: what is left of it, and whether that is an end at all.
    pub fn finish(&mut self) -> Heard {
        let batch = self.framer.finish();
        let mut heard = self.hear(&batch);
        if let Some(last) = heard.pieces.pop() {
            // Its blank line never came.
            heard.pieces.push([&last, &b"\n\n"[..]].concat().into());
        }
        // Half an event is no event: whether that matters depends on what came before.
        heard.failed = heard.failed.filter(|error| error.code != fault::UNREADABLE);
        if heard.done.is_some() || self.listener.complete() {
            heard.done = Some(Bytes::from_static(DONE));
        } else {
            heard.pieces.clear();
            heard
                .failed
                .get_or_insert_with(|| fault::interrupted(&self.context.candidate.provider.title));
        }
        heard
    }
}

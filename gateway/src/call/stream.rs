//! Carries a streamed answer: bytes in, complete events out, unchanged and at once, while a listener reads the usage.
//!
//! Every piece that the provider sends becomes one message to the client as soon as it completes an event; nothing waits
//! for more and nothing is merged. Only `[DONE]` is held back until the row is durable. After the first byte an error can
//! only be told within the stream: as a last event with `error` and without `[DONE]`.

use std::{pin::Pin, sync::Arc};

use ::http::{
    HeaderValue,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};
use bytes::Bytes;
use domain::call::CallState;
use tokio::{
    sync::oneshot,
    time::{Instant, sleep_until, timeout},
};

use super::{
    CallError,
    attempt::{Reached, secret_of},
    estimate, fault,
    record::Record,
    task::{self, Context, Ending, Head, Leave},
    whole::{Deadlines, is_type},
};
use crate::{
    CredentialEntry, http,
    providers::Body,
    recorder::Opened,
    wire::{
        openai::{
            error,
            stream::{Listener, Verdict},
        },
        sse::{Batch, Framer},
    },
};

/// Largest event that is carried. Pictures within events are the largest there are.
const EVENT_LIMIT: usize = 16 << 20;
/// After `[DONE]` the connection is read to its end, so that it can be used again, but not longer than this.
const REST: std::time::Duration = std::time::Duration::from_millis(500);
const DONE: &[u8] = b"data: [DONE]\n\n";

/// What a batch of events comes to.
#[derive(Default)]
struct Heard {
    /// Pieces for the client: one, unless an event in the middle is not for them.
    pieces: Vec<Bytes>,
    /// `[DONE]` as it came.
    done: Option<Bytes>,
    /// The stream must end here.
    failed: Option<CallError>,
}

struct Carrier<'a, 'c> {
    context: &'a Context<'c>,
    listener: Listener,
    framer: Framer,
    credential: Option<Arc<CredentialEntry>>,
}

impl Carrier<'_, '_> {
    fn provider(&self) -> &str {
        &self.context.candidate.provider.title
    }

    fn hear(&mut self, batch: &Batch) -> Heard {
        let mut heard = Heard::default();
        let mut open: Option<std::ops::Range<usize>> = None;
        let mut close = |open: &mut Option<std::ops::Range<usize>>| {
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
                    ))
                }
                Verdict::Malformed => {
                    heard.failed = Some(fault::unreadable(self.provider(), "an event of the stream is not JSON"))
                }
            }
            return heard;
        }
        close(&mut open);
        heard
    }

    /// The next piece of the provider's stream, heard. `None` at its end.
    async fn next(&mut self, body: &mut Body) -> Result<Option<Heard>, CallError> {
        match body.next().await {
            Ok(Some(piece)) => match self.framer.push(piece) {
                Ok(batch) => Ok(Some(self.hear(&batch))),
                Err(large) => Err(fault::unreadable(self.provider(), &large.to_string())),
            },
            Ok(None) => Ok(None),
            // A connection that breaks after the last word has broken nothing.
            Err(_) if self.listener.complete() => Ok(None),
            Err(broken) => {
                tracing::warn!(provider = self.provider(), %broken, "a stream broke off");
                Err(fault::interrupted(self.provider()))
            }
        }
    }

    /// The stream has ended without `[DONE]`: what is left of it, and whether that is an end at all.
    fn finish(&mut self) -> Heard {
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

/// The client's side.
struct Client {
    head: Option<oneshot::Sender<Result<Head, CallError>>>,
    opened: Option<Opened>,
    /// It has left, and the provider's policy is to let it finish.
    gone: bool,
}

impl Client {
    /// Hands over a piece; the first one brings the head, once the row is durable.
    async fn give(
        &mut self,
        context: &Context<'_>,
        record: &mut Record,
        headers: &::http::HeaderMap,
        piece: Bytes,
    ) -> Result<(), Ending> {
        if let Some(opened) = self.opened.take() {
            task::opened(opened).await?;
        }
        if self.gone {
            return Ok(());
        }
        if let Some(head) = self.head.take() {
            let timing = record.first_byte_to_client(200);
            if !piece.is_empty() {
                // The channel is empty, so there is room; a client that has left shows at the next line.
                let _ = context.sender.try_send(piece);
            }
            let head_sent = head.send(Ok(Head {
                status: ::http::StatusCode::OK,
                headers: headers.clone(),
                timing,
                body: None,
            }));
            self.gone = head_sent.is_err();
        } else {
            self.gone = context.sender.send(piece).await.is_err();
        }
        if self.gone && context.cancels {
            Err(Ending::Left(Leave::Client))
        } else {
            Ok(())
        }
    }
}

/// Carries the stream to its end and settles the call.
pub(super) async fn carry(
    context: &Context<'_>,
    mut record: Record,
    head: oneshot::Sender<Result<Head, CallError>>,
    opened: Opened,
    mut leave: Pin<&mut impl Future<Output = Leave>>,
    reached: Reached,
) {
    let provider = &context.candidate.provider;
    let Reached {
        incoming,
        credential,
        sent,
    } = reached;
    if is_type(&incoming.headers, |kind| kind == "text/event-stream") == Some(false) {
        let error = fault::unreadable(&provider.title, "it is not a stream of events by its content type");
        return task::end_early(context, record, Some(head), error.into()).await;
    }
    let mut headers = http::answer_headers(&incoming.headers);
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/event-stream; charset=utf-8"),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    let mut body = incoming.body;
    let mut client = Client {
        head: Some(head),
        opened: Some(opened),
        gone: false,
    };
    let listener = Listener::new(context.scanned.include_usage);
    let mut carrier = Carrier {
        context,
        listener,
        framer: Framer::new(EVENT_LIMIT),
        credential,
    };
    let ending = pump(
        &mut carrier,
        &mut body,
        &mut client,
        &mut record,
        &headers,
        leave.as_mut(),
        sent,
    )
    .await;

    // What was cut off is not read any further: this stops the provider.
    let rest = if ending.is_ok() { Some(body) } else { None };
    if let (Err(ending), Some(head)) = (&ending, client.head.take()) {
        let ending = match ending {
            Ending::Failed(error) => Ending::Failed(error.clone()),
            Ending::Left(why) => Ending::Left(*why),
        };
        return task::end_early(context, record, Some(head), ending).await;
    }
    let listener = carrier.listener;
    let consumed = estimate::consumed(
        listener.usage.as_deref(),
        &provider.quirks,
        context.scanned,
        listener.text_bytes,
    );
    record.consumed(consumed, listener.finish_reason.as_deref());
    let (state, last) = match ending {
        Ok(done) => (CallState::Succeeded, Some(done)),
        Err(Ending::Failed(error)) => (CallState::Failed, Some(fail(&mut record, &error))),
        Err(Ending::Left(Leave::Shutdown)) => (CallState::Interrupted, Some(fail(&mut record, &task::shutting_down()))),
        Err(Ending::Left(Leave::Client | Leave::Stopped)) => (CallState::Cancelled, None),
    };
    record.settle(context.inner, state).await;
    if let Some(last) = last {
        // A slow client gets it when it has read the rest; one that has left needs it no more.
        let _ = timeout(provider_patience(context), context.sender.send(last)).await;
    }
    if let Some(mut body) = rest {
        // Whatever follows is of no interest, only the connection is.
        let _ = timeout(REST, async { while let Ok(Some(_)) = body.next().await {} }).await;
    }
}

fn provider_patience(context: &Context<'_>) -> std::time::Duration {
    std::time::Duration::from_millis(context.candidate.provider.timeouts.total_ms.into())
}

fn fail(record: &mut Record, error: &CallError) -> Bytes {
    record.fail(error);
    error::event(&error.message, error::kind(error.fault, error.status), &error.code)
}

/// Moves pieces until the stream ends; gives the last event, which is held back.
async fn pump(
    carrier: &mut Carrier<'_, '_>,
    body: &mut Body,
    client: &mut Client,
    record: &mut Record,
    headers: &::http::HeaderMap,
    mut leave: Pin<&mut impl Future<Output = Leave>>,
    sent: Instant,
) -> Result<Bytes, Ending> {
    let context = carrier.context;
    let provider = &context.candidate.provider;
    let deadlines = Deadlines::new(&provider.timeouts, sent);
    let mut silence = std::pin::pin!(sleep_until(deadlines.next(true).0));
    let mut first = true;
    loop {
        let (deadline, what) = deadlines.next(first);
        silence.as_mut().reset(deadline);
        let heard = tokio::select! {
            biased;
            why = leave.as_mut() => return Err(Ending::Left(why)),
            heard = carrier.next(body) => heard?,
            () = silence.as_mut() => return Err(fault::timed_out(&provider.title, what).into()),
        };
        if std::mem::take(&mut first) {
            record.first_byte_of_provider();
        }
        if client.head.is_some() {
            record.waited_until_now();
        }
        let ended = heard.is_none();
        let heard = heard.unwrap_or_else(|| carrier.finish());
        for piece in heard.pieces {
            tokio::select! {
                biased;
                given = client.give(context, record, headers, piece) => given?,
                why = leave.as_mut() => return Err(Ending::Left(why)),
                () = tokio::time::sleep_until(deadlines.total()) => return Err(fault::timed_out(&provider.title, "the client reads too slowly").into()),
            }
        }
        if let Some(error) = heard.failed {
            return Err(error.into());
        }
        if let Some(done) = heard.done {
            if client.head.is_some() {
                // A stream of nothing but `[DONE]` still needs its head.
                client.give(context, record, headers, Bytes::new()).await?;
            }
            return Ok(done);
        }
        if ended {
            return Err(fault::interrupted(&provider.title).into());
        }
    }
}

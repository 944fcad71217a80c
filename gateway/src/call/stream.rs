//! Carries a streamed answer: bytes in, complete events out, at once, while an ear reads the usage. Where both sides speak the
//! same, the events go on unchanged; else they are written anew (`wire::ear`).
//!
//! Every piece that the provider sends becomes one message to the client as soon as it completes an event; nothing waits
//! for more and nothing is merged. Only the last word is held back until the row is durable. After the first byte an error can
//! only be told within the stream: as a last event, in the client's dialect, and without that word.

mod allowance;
mod carrier;
mod stretch;

use std::{pin::Pin, time::Duration};

use ::http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};
use bytes::Bytes;
use domain::call::{CallState, Fault};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};

use super::{
    CallError,
    attempt::Reached,
    estimate, fault,
    pinned::Keeper,
    record::{Logged, Record},
    task::{self, Answer, Context, Ending, Head, HeadSender, Leave},
    whole::{Deadlines, is_json, is_type},
};
use crate::{
    http,
    providers::Body,
    recorder::Opened,
    step::{self, Step},
    wire::{canonical::Counted, ear::Ear, speech},
};
use allowance::Allowance;
use carrier::Carrier;

/// After `[DONE]` the connection is read to its end, so that it can be used again, but not longer than this.
const REST: Duration = Duration::from_millis(500);
/// A client of a stream that is written anew hears something so often, although its model may think for minutes: proxies cut off what
/// is silent, and some clients ask again where no head has come within a minute.
#[cfg(not(test))]
const QUIET: Duration = Duration::from_secs(15);
#[cfg(test)]
const QUIET: Duration = Duration::from_millis(1_500);
/// What it hears: a comment, which every reader of events passes over.
const KEEP_ALIVE: &[u8] = b": keep-alive\n\n";
/// When the answer has ended and its reader leaves before the provider has told what it came to, that is waited for so long:
/// thoughts that nobody saw are part of it. So is what OpenAI's `error` event leaves to the `response.failed` behind it.
const REPORT: Duration = Duration::from_secs(2);

/// The client's side.
struct Client<'a> {
    head: &'a mut HeadSender,
    sender: &'a mpsc::Sender<Bytes>,
    opened: Option<Opened>,
    /// What the provider could not be told.
    dropped: Vec<String>,
    /// It has left, and the provider's policy is to let it finish.
    gone: bool,
}

impl Client<'_> {
    /// Hands over a piece; the first one brings the head, once the row is durable.
    async fn give(
        &mut self,
        context: &Context<'_>,
        record: &mut Record,
        headers: &HeaderMap,
        piece: Bytes,
    ) -> Result<(), Ending> {
        if let Some(opened) = self.opened.take() {
            task::opened(context.call, opened).await?;
        }
        if self.gone {
            return Ok(());
        }
        if let Some(head) = self.head.take() {
            let timing = record.first_byte_to_client(200);
            if !piece.is_empty() {
                // The channel is empty, so there is room; a client that has left shows at the next line.
                let _ = self.sender.try_send(piece);
            }
            let head_sent = head.send(Ok(Head {
                status: StatusCode::OK,
                headers: headers.clone(),
                timing,
                max_tokens: record.funds().own_cap(),
                dropped: std::mem::take(&mut self.dropped),
                body: None,
            }));
            self.gone = head_sent.is_err();
            step::reached(Step::FirstByte);
        } else {
            self.gone = self.sender.send(piece).await.is_err();
        }
        if self.gone && context.cancels {
            Err(Ending::Left(Leave::Client))
        } else {
            Ok(())
        }
    }
}

/// Carries the stream to its end and settles the call. Gives what the client is told when nothing of it came to pass.
pub(super) async fn carry(
    context: &Context<'_>,
    record: &mut Record,
    (head, sender): (&mut HeadSender, &mpsc::Sender<Bytes>),
    opened: Opened,
    mut leave: Pin<&mut impl Future<Output = Leave>>,
    reached: Reached,
) -> Option<Answer> {
    let provider = &context.candidate.provider;
    let keeper = Keeper::of(context, &reached);
    let Reached {
        incoming,
        credential,
        sent,
        dropped,
        kept,
    } = reached;
    let is_stream = |kind: &str| context.speech.wire.streams_as(kind);
    // Some servers answer as a whole whatever was asked; that is cut into the events of a stream.
    let whole =
        !context.speech.wire.streams_as("application/json") && is_type(&incoming.headers, is_json) == Some(true);
    if !whole && is_type(&incoming.headers, is_stream) == Some(false) {
        let error = fault::unreadable(&provider.title, "it is not a stream by its content type");
        return Some(Err(task::end_early(context, record, error.into()).await));
    }
    let headers = answer_headers(context, record, &incoming.headers);
    let mut body = incoming.body;
    let mut client = Client {
        head,
        sender,
        opened: Some(opened),
        dropped,
        gone: false,
    };
    let mut carrier = Carrier::new(context, credential, (&kept, &client.dropped), whole);
    let ending = pump(
        &mut carrier,
        &mut body,
        &mut client,
        record,
        &headers,
        leave.as_mut(),
        sent,
    )
    .await;

    let may_follow = match &ending {
        Err(Ending::Left(_)) => carrier.ear.complete(),
        Err(Ending::Failed(_)) => carrier.ear.says_more(),
        _ => false,
    };
    if may_follow {
        let _ = timeout(REPORT, report(&mut carrier, &mut body)).await;
    }

    // What was cut off is not read any further: this stops the provider.
    let rest = if ending.is_ok() { Some(body) } else { None };
    let ending = match ending {
        Err(ending) if head.is_some() => return Some(Err(task::end_early(context, record, ending).await)),
        ending => ending,
    };
    let ear = &mut carrier.ear;
    consume(context, record, ear, &ending);
    if let (Some(keeper), Ok(_), Some((id, _))) = (keeper, &ending, ear.passed()) {
        record.keep(keeper.kept(Some(id), record.counted()));
    }
    let (state, mut last) = last_word(context, ear, record, ending);
    let logged = record.settle(context.inner, state).await;
    if state == CallState::Succeeded {
        if logged == Logged::Refused {
            // The end of the stream is what makes it a success.
            last = Some(fail(context, ear, record, &task::unlisted()));
            let _ = record.settle(context.inner, CallState::Failed).await;
        } else if !ear.passes() {
            last = Some(ear.end(record.end()).into());
        }
    }
    // The line feed that belongs to its end may be on its way yet.
    let cut = rest.is_some() && ear.passes() && last.as_deref().is_some_and(|last| last.ends_with(b"\r"));
    if let Some(last) = last {
        step::reached(Step::LastByte);
        // A slow client gets it when it has read the rest; one that has left needs it no more.
        let _ = timeout(provider_patience(context), sender.send(last)).await;
    }
    if let Some(body) = rest {
        let _ = timeout(REST, finish(body, sender, cut)).await;
    }
    None
}

/// The headers of an answer that is streamed.
fn answer_headers(context: &Context<'_>, record: &Record, told: &HeaderMap) -> HeaderMap {
    let mut headers = http::answer_headers(told, context.speech, record.marks());
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/event-stream; charset=utf-8"),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.extend(record.limit_headers(context.inner).unwrap_or_default());
    headers
}

/// Writes down what the answer came to, however it ended.
fn consume(context: &Context<'_>, record: &mut Record, ear: &Ear, ending: &Result<Bytes, Ending>) {
    let provider = &context.candidate.provider;
    // What came when the credit had ended did not go to the client.
    let paid_for = match (ending, record.funds().covered()) {
        (Err(Ending::Failed(error)), Some(covered)) if error.fault == Fault::Credit => estimate::output_bytes(covered),
        _ => u64::MAX,
    };
    let (report, written) = (ear.report(), ear.text_bytes());
    let bills_on = provider.bills_on || !context.speech.wire.facts().cancel_stops_billing;
    let left_behind = bills_on && matches!(ending, Err(Ending::Left(_)));
    let counted = match ear.counted() {
        counted if ending.is_ok() => counted.at_end(report.as_ref(), written),
        // Where leaving stops no billing, the provider counts on: only a proper end is the whole of it.
        Counted::All if left_behind => Counted::UpTo(written),
        counted => counted,
    };
    if left_behind {
        tracing::info!(call = %context.call, provider = &*provider.title, "an answer was cut off that its provider may bill whole; its usage is estimated");
    }
    let consumed = estimate::consumed(
        context.call,
        report.as_ref(),
        &context.asked(record),
        written.min(paid_for),
        counted,
    );
    record.consumed(consumed, ear.finish_reason());
}

/// How the call has ended, and the last event of its stream.
fn last_word(
    context: &Context<'_>,
    ear: &mut Ear,
    record: &mut Record,
    ending: Result<Bytes, Ending>,
) -> (CallState, Option<Bytes>) {
    match ending {
        Ok(done) => (CallState::Succeeded, Some(done)),
        Err(Ending::Failed(error)) => (CallState::Failed, Some(fail(context, ear, record, &error))),
        Err(Ending::Left(Leave::Shutdown)) => (
            CallState::Interrupted,
            Some(fail(context, ear, record, &task::shutting_down())),
        ),
        Err(Ending::Left(Leave::Withdrawn(why))) => (
            CallState::Cancelled,
            Some(fail(context, ear, record, &task::withdrawn(why))),
        ),
        Err(Ending::Left(Leave::Client | Leave::Stopped)) => (CallState::Cancelled, None),
    }
}

/// Whatever follows the end is of no interest, only the connection is; but for the line feed after a carriage return that was
/// the last to be `cut` off.
async fn finish(mut body: Body, sender: &mpsc::Sender<Bytes>, mut cut: bool) {
    while let Ok(Some(piece)) = body.next().await {
        if std::mem::take(&mut cut) && piece.starts_with(b"\n") {
            let _ = sender.try_send(piece.slice(..1));
        }
    }
}

/// Reads on until the provider has told what the answer came to, or says no more.
async fn report(carrier: &mut Carrier<'_, '_>, body: &mut Body) {
    while carrier.ear.counted() != Counted::All {
        match carrier.next(body).await {
            Ok(Some(heard)) if heard.done.is_none() && heard.failed.is_none() => {}
            _ => return,
        }
    }
}

fn provider_patience(context: &Context<'_>) -> Duration {
    Duration::from_millis(context.candidate.provider.timeouts.total_ms.into())
}

/// The last event of a stream that fails.
fn fail(context: &Context<'_>, ear: &mut Ear, record: &mut Record, error: &CallError) -> Bytes {
    record.fail(error);
    let problem = error.problem(None, None);
    let written = ear.fail(&problem.within()).map(Bytes::from);
    let written = written.or_else(|| error.event.as_deref().cloned());
    let last = || speech::last_words(context.speech.dialect, &problem, context.ids(), ear.passed());
    written.unwrap_or_else(last)
}

/// Moves pieces until the stream ends; gives the last event, which is held back.
async fn pump(
    carrier: &mut Carrier<'_, '_>,
    body: &mut Body,
    client: &mut Client<'_>,
    record: &mut Record,
    headers: &HeaderMap,
    mut leave: Pin<&mut impl Future<Output = Leave>>,
    sent: Instant,
) -> Result<Bytes, Ending> {
    let context = carrier.context;
    let provider = &context.candidate.provider;
    let deadlines = Deadlines::new(&provider.timeouts, true, sent);
    let mut silence = std::pin::pin!(sleep_until(deadlines.next(true).0));
    // Where bytes pass, the provider's own signs of life do.
    let mut quiet = std::pin::pin!(sleep_until(Instant::now() + QUIET));
    let speaks = !carrier.ear.passes();
    let mut first = true;
    let mut allowance = Allowance::default();
    loop {
        let (deadline, what) = deadlines.next(first);
        silence.as_mut().reset(deadline);
        let heard = loop {
            tokio::select! {
                biased;
                why = leave.as_mut() => return Err(Ending::Left(why)),
                heard = carrier.next(body) => break heard?,
                () = silence.as_mut() => return Err(fault::timed_out(&provider.title, what).into()),
                () = quiet.as_mut(), if speaks => {
                    let sign = Bytes::from_static(KEEP_ALIVE);
                    tokio::select! {
                        biased;
                        given = client.give(context, record, headers, sign) => given?,
                        why = leave.as_mut() => return Err(Ending::Left(why)),
                        () = silence.as_mut() => return Err(fault::timed_out(&provider.title, what).into()),
                    }
                    quiet.as_mut().reset(Instant::now() + QUIET);
                }
            }
        };
        if std::mem::take(&mut first) {
            record.first_byte_of_provider();
        }
        if client.head.is_some() {
            record.waited_until_now();
        }
        let ended = heard.is_none();
        let heard = heard.unwrap_or_else(|| carrier.finish());
        allowance.check(context, record, carrier.ear.text_bytes()).await?;
        if speaks && !heard.pieces.is_empty() {
            quiet.as_mut().reset(Instant::now() + QUIET);
        }
        for piece in heard.pieces {
            tokio::select! {
                biased;
                given = client.give(context, record, headers, piece) => given?,
                why = leave.as_mut() => return Err(Ending::Left(why)),
                () = tokio::time::sleep_until(deadlines.total()) => return Err(fault::timed_out(&provider.title, "the client reads too slowly").into()),
            }
        }
        record.delivers(carrier.ear.text_bytes());
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

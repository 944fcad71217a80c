//! The task that owns a call from its opening to its settled row, whatever the client does.

use std::{panic::AssertUnwindSafe, pin::pin, time::Duration};

use ::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use domain::{
    call::{CallState, Door, Fault},
    id::{CallId, UserId},
    provider::DisconnectPolicy,
    time::Timestamp,
};
use futures_util::FutureExt as _;
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use super::{
    CallError, CallRequest, Timing,
    attempt::{self, Reached},
    estimate,
    pinned::Keeper,
    record::{Logged, Record},
    running::Stop,
    stream, whole,
};
use crate::{
    Candidate, Inner,
    recorder::Opened,
    step::{self, Step},
    store::responses::Place,
    wire::{
        Scanned,
        canonical::Ids,
        speech::{self, Speech},
    },
};

/// The first byte of a stream waits for its row no longer than this.
const OPEN_LIMIT: Duration = Duration::from_secs(10);

/// What the caller gets first.
pub(super) struct Head {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub timing: Timing,
    /// The limit that the provider was told, where it is not the client's own.
    pub max_tokens: Option<u64>,
    /// What of the request the provider could not be told.
    pub dropped: Vec<String>,
    /// The whole answer; absent for a stream.
    pub body: Option<Bytes>,
}

/// Where the head of the answer goes; empty once it is there.
pub(super) type HeadSender = Option<oneshot::Sender<Result<Head, CallError>>>;

/// A call that is about to run.
pub(super) struct Task {
    pub scanned: Scanned,
    pub speech: Speech,
    pub candidate: Candidate,
    /// Where the answer lies that it goes on with.
    pub place: Option<Place>,
    pub request: CallRequest,
    pub head: HeadSender,
    /// To the client. Its receiver lives as long as the client does, before and after the head.
    pub sender: mpsc::Sender<Bytes>,
}

/// Why a call ends before its answer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leave {
    /// The client has left.
    Client,
    /// Somebody pressed Stop.
    Stopped,
    /// The hub shuts down and its patience is over.
    Shutdown,
}

/// An ending that is not the proper one.
#[derive(Debug)]
pub(super) enum Ending {
    Failed(CallError),
    Left(Leave),
}

impl From<CallError> for Ending {
    fn from(error: CallError) -> Self {
        Self::Failed(error)
    }
}

/// What `whole` and `stream` need of the call.
pub(super) struct Context<'a> {
    pub inner: &'a Inner,
    pub call: CallId,
    pub started_at: Timestamp,
    pub speech: Speech,
    /// Who asks.
    pub person: UserId,
    /// Of the client's own, what goes on to a provider that speaks the same dialect.
    pub headers: &'a HeaderMap,
    pub scanned: &'a Scanned,
    pub candidate: &'a Candidate,
    /// Where the answer lies that it goes on with.
    pub place: Option<Place>,
    pub sender: &'a mpsc::Sender<Bytes>,
    /// A client that leaves ends the call.
    pub cancels: bool,
}

impl Context<'_> {
    /// What an answer that is told anew is called.
    pub fn ids(&self) -> Ids {
        ids(self.call, self.started_at, self.scanned)
    }
}

fn ids(call: CallId, at: Timestamp, scanned: &Scanned) -> Ids {
    Ids {
        call: call.to_string(),
        model: scanned.model.clone(),
        created: at.seconds(),
    }
}

pub(super) fn shutting_down() -> CallError {
    CallError::new(
        Fault::Hub,
        503,
        "shutting_down",
        "The hub is shutting down. Try again in a moment.",
    )
}

/// A defect of the hub: nothing that its caller could do better.
pub(super) fn internal_error() -> CallError {
    CallError::new(
        Fault::Hub,
        500,
        "internal_error",
        "Something went wrong in the hub. Try again; if it stays, give its operator the request id.",
    )
}

/// The answer is there, and its row is refused: without a row there is no answer.
pub(super) fn unlisted() -> CallError {
    CallError::new(
        Fault::Hub,
        500,
        "call_not_listed",
        "The hub could not write this call to its log, so its answer is not delivered. Give its operator the request id.",
    )
}

/// Returns when the call should end before its answer does.
async fn wait_for_leave(stop: &Stop, sender: &mpsc::Sender<Bytes>, cancels: bool) -> Leave {
    let left = async {
        if cancels {
            sender.closed().await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        by_shutdown = stop.wished() => if by_shutdown { Leave::Shutdown } else { Leave::Stopped },
        () = left => Leave::Client,
    }
}

impl Task {
    pub async fn run(mut self, inner: &Inner, mut record: Record) {
        let Some(place) = inner.calls.enter(self.request.id, self.request.caller.user) else {
            return refuse(inner, &mut record, &mut self.head, shutting_down()).await;
        };
        step::reached(Step::Accepted);
        // What a panic leaves half done is settled below and then dropped.
        let carried = AssertUnwindSafe(self.carry(inner, &place.stop, &mut record)).catch_unwind();
        if carried.await.is_err() {
            self.end_after_panic(inner, &mut record).await;
        }
        if !record.is_written() {
            inner.calls.leave(&[(self.request.id, self.request.caller.user)]);
        }
    }

    async fn carry(&mut self, inner: &Inner, stop: &Stop, record: &mut Record) {
        let Self {
            scanned,
            speech,
            candidate,
            place,
            request,
            head,
            sender,
        } = self;
        // The row of a stream is on its way to the disk while the provider is asked: its first byte waits for it.
        let opened = match record.begin(inner).await {
            Ok(opened) => opened,
            Err(error) => return refuse(inner, record, head, error).await,
        };
        let cancels = candidate.provider.disconnect == DisconnectPolicy::Cancel || request.door == Door::Playground;
        let mut leave = pin!(wait_for_leave(stop, sender, cancels));
        let context = Context {
            inner,
            call: request.id,
            started_at: request.arrived_at,
            speech: *speech,
            person: request.caller.user,
            headers: &request.headers,
            scanned,
            candidate,
            place: *place,
            sender,
            cancels,
        };

        let body = std::mem::take(&mut request.body);
        let reached = tokio::select! {
            biased;
            why = &mut leave => Err(Ending::Left(why)),
            reached = attempt::reach(&context, body, record) => reached.map_err(Ending::Failed),
        };
        match reached {
            Err(ending) => end_early(&context, record, head, ending).await,
            Ok(reached) => match opened {
                Some(opened) => stream::carry(&context, record, head, opened, leave, reached).await,
                None => carry_whole(&context, record, head, leave, reached).await,
            },
        }
    }

    /// A defect ended the call in the middle. It must not stand as open until the process ends, and its client must hear of
    /// it. The panic's own text may quote what was being handled, so only its place is logged, by the server's panic hook.
    async fn end_after_panic(&mut self, inner: &Inner, record: &mut Record) {
        tracing::error!(call = %self.request.id, "the task of a call panicked; the call is settled as failed");
        if record.is_settled() {
            return;
        }
        let error = internal_error();
        if record.reached_provider() && !record.knows_usage() {
            record.consumed(
                estimate::consumed(self.request.id, None, None, &self.scanned, 0, false),
                None,
            );
        }
        record.fail(&error);
        let _ = record.settle(inner, CallState::Failed).await;
        match self.head.take() {
            Some(head) => drop(head.send(Err(error))),
            None => {
                let ids = ids(self.request.id, self.request.arrived_at, &self.scanned);
                let last = speech::last_words(self.speech.dialect, &error.problem(None, None), ids, None);
                let patience = Duration::from_millis(self.candidate.provider.timeouts.total_ms.into());
                let _ = timeout(patience, self.sender.send(last)).await;
            }
        }
    }
}

async fn carry_whole(
    context: &Context<'_>,
    record: &mut Record,
    head: &mut HeadSender,
    leave: std::pin::Pin<&mut impl Future<Output = Leave>>,
    reached: Reached,
) {
    let (status, headers) = (
        reached.incoming.status,
        crate::http::answer_headers(&reached.incoming.headers, context.speech),
    );
    let dropped = reached.dropped.clone();
    let keeper = Keeper::of(context, &reached);
    let read = tokio::select! {
        biased;
        why = leave => Err(Ending::Left(why)),
        read = whole::read(context, record, reached) => read.map_err(Ending::Failed),
    };
    let (body, content) = match read {
        Err(ending) => return end_early(context, record, head, ending).await,
        Ok(heard) => heard,
    };
    if let Some(keeper) = keeper {
        keeper
            .remember(context.inner, whole::id(&body).as_deref(), record.counted())
            .await;
    }
    record.first_byte_to_client(status.as_u16());
    let answer = match record.settle(context.inner, CallState::Succeeded).await {
        Logged::Yes | Logged::Late => Ok(Head {
            status,
            headers,
            timing: record.timing(),
            max_tokens: record.funds().own_cap(),
            dropped,
            body: Some(context.speech.tell(
                content,
                body,
                record.end(),
                || context.ids(),
                estimate::opening(context.scanned),
            )),
        }),
        Logged::Refused => {
            let error = unlisted();
            record.answer_instead(&error);
            let _ = record.settle(context.inner, CallState::Failed).await;
            Err(error)
        }
    };
    if let Some(head) = head.take() {
        // A client that has left does not get it; the row says what happened upstream.
        let _ = head.send(answer);
    }
}

/// Waits until the row of a stream is durable.
pub(super) async fn opened(call: CallId, opened: Opened) -> Result<(), CallError> {
    match timeout(OPEN_LIMIT, opened.committed()).await {
        Ok(Ok(())) => {
            step::reached(Step::HoldCommitted);
            Ok(())
        }
        Ok(Err(_)) | Err(_) => {
            tracing::error!(%call, "a call's row could not be written; its answer is not delivered");
            Err(CallError::new(
                Fault::Hub,
                503,
                "journal_behind",
                "The hub cannot write its log at the moment. Try again in a few seconds.",
            ))
        }
    }
}

async fn refuse(inner: &Inner, record: &mut Record, head: &mut HeadSender, error: CallError) {
    record.fail(&error);
    let _ = record.settle(inner, CallState::Failed).await;
    if let Some(head) = head.take() {
        // A client that has left needs no answer.
        let _ = head.send(Err(error));
    }
}

/// Ends a call before any of its answer went to the client.
pub(super) async fn end_early(context: &Context<'_>, record: &mut Record, head: &mut HeadSender, ending: Ending) {
    let (mut error, state) = match ending {
        Ending::Failed(error) => (Some(error), CallState::Failed),
        Ending::Left(Leave::Shutdown) => (Some(shutting_down()), CallState::Interrupted),
        Ending::Left(Leave::Client | Leave::Stopped) => (None, CallState::Cancelled),
    };
    if record.reached_provider() {
        // It was sent and perhaps worked on.
        record.consumed(
            estimate::consumed(context.call, None, None, context.scanned, 0, false),
            None,
        );
    }
    if let Some(error) = &mut error {
        record.fail(error);
        // The error is what the client gets first.
        error.timing = Some(record.first_byte_to_client(error.status));
    }
    // An error is delivered whether its row is written or not: it promises nothing.
    let _ = record.settle(context.inner, state).await;
    if let Some(head) = head.take() {
        // Whoever pressed Stop may still listen.
        let stopped = || CallError::new(Fault::Caller, 499, "cancelled", "The call was stopped.");
        let _ = head.send(Err(error.unwrap_or_else(stopped)));
    }
}

//! What owns a call from its opening to its settled row, whatever the client does: a stream is a task of its own; a call that
//! is answered as a whole is carried along by its caller, and becomes a task when that leaves (`carried`).

mod context;
mod ends;

use std::{panic::AssertUnwindSafe, pin::pin, sync::Arc, time::Duration};

use ::http::{HeaderMap, HeaderValue, StatusCode, header::CONTENT_TYPE};
use bytes::Bytes;
use domain::{
    call::{CallState, Door, Endpoint},
    provider::DisconnectPolicy,
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
    heavy::heavy,
    pinned::Keeper,
    record::{Logged, Record},
    running::{Asking, Stop, Withdrawn},
    stream, whole,
};
use crate::{
    Candidate, Inner,
    step::{self, Step},
    store::responses::Place,
    wire::{
        Scanned,
        named::Wanted,
        speech::{self, Speech},
    },
};

pub(super) use context::Context;
use context::ids;
use ends::end_unsent;
pub(super) use ends::{end_early, internal_error, opened, shutting_down, unlisted, withdrawn};

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

/// What the caller of `Gateway::call` gets.
pub(super) type Answer = Result<Head, CallError>;

/// Where the head of a stream goes; empty once it is there.
pub(super) type HeadSender = Option<oneshot::Sender<Answer>>;

/// A call that is about to run.
pub(super) struct Task {
    pub scanned: Scanned,
    pub speech: Speech,
    pub candidate: Candidate,
    /// Files that are to be fetched first.
    pub named: Vec<Wanted>,
    /// Where the answer lies that it goes on with, once that was found.
    pub place: Option<Place>,
    pub request: CallRequest,
    /// The client of a stream; absent when the answer comes as a whole.
    pub client: Option<Client>,
    /// It is decided how it is paid.
    pub is_funded: bool,
}

/// The client of a stream.
pub(super) struct Client {
    pub head: HeadSender,
    /// Its receiver lives as long as the client does, before and after the head.
    pub sender: mpsc::Sender<Bytes>,
}

/// Why a call ends before its answer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leave {
    /// The client has left.
    Client,
    /// Somebody pressed Stop.
    Stopped,
    /// Whoever called may not any more: their key was taken from them or narrowed, they have signed out, or they or who pays are suspended.
    Withdrawn(Withdrawn),
    /// The hub shuts down and its patience is over.
    Shutdown,
}

/// An ending that is not the proper one.
#[derive(Debug)]
pub(super) enum Ending {
    Failed(CallError),
    Left(Leave),
}

impl Ending {
    /// What its client is told, unless it has left or somebody pressed Stop; and how the call stands then.
    fn told(self) -> (Option<CallError>, CallState) {
        match self {
            Self::Failed(error) => (Some(error), CallState::Failed),
            Self::Left(Leave::Shutdown) => (Some(shutting_down()), CallState::Interrupted),
            Self::Left(Leave::Withdrawn(why)) => (Some(withdrawn(why)), CallState::Cancelled),
            Self::Left(Leave::Client | Leave::Stopped) => (None, CallState::Cancelled),
        }
    }
}

impl From<CallError> for Ending {
    fn from(error: CallError) -> Self {
        Self::Failed(error)
    }
}

/// Returns when the call should end before its answer does. The client of a stream has left when its receiver is gone; of
/// others `carried` tells.
pub(super) async fn wait_for_leave(stop: &Stop, sender: Option<&mpsc::Sender<Bytes>>, cancels: bool) -> Leave {
    match sender.filter(|_| cancels) {
        Some(sender) => tokio::select! {
            leave = stop.wished(cancels) => leave,
            () = sender.closed() => Leave::Client,
        },
        None => stop.wished(cancels).await,
    }
}

impl Task {
    /// Runs the call to its end, and gives the answer unless its head was sent.
    pub async fn run(&mut self, inner: &Inner, mut record: Box<Record>) -> Option<Answer> {
        let caller = self.request.caller;
        let asking = Asking {
            caller,
            from: self.request.from,
            session: self.request.session,
            provider: Arc::clone(&self.candidate.provider),
            slug: Arc::clone(&self.candidate.slug),
        };
        let Some(place) = inner.calls.enter(self.request.id, asking.clone()) else {
            return Some(Err(
                Box::pin(end_unsent(inner, &mut record, shutting_down().into())).await
            ));
        };
        // Whoever was suspended between being let in and this line is found by nobody else.
        if let Some(why) = inner.snapshot.load().withdrawn(&asking) {
            place.stop.withdraw(why);
        }
        step::reached(Step::Accepted);
        // What a panic leaves half done is settled below and then dropped.
        let carried = AssertUnwindSafe(self.carry(inner, &place.stop, &mut record)).catch_unwind();
        let answer = match carried.await {
            Ok(answer) => answer,
            Err(_) => Box::pin(self.end_after_panic(inner, &mut record)).await,
        };
        if !record.is_written() {
            inner.calls.leave(&[(self.request.id, caller.account())]);
        }
        answer
    }

    /// The same in a task of its own, which sends the answer.
    pub async fn run_beside(mut self: Box<Self>, inner: &Inner, record: Box<Record>) {
        let answer = self.run(inner, record).await;
        if let (Some(answer), Some(head)) = (answer, self.client.and_then(|client| client.head)) {
            // A client that has left needs no answer.
            let _ = head.send(answer);
        }
    }

    async fn carry(&mut self, inner: &Inner, stop: &Stop, record: &mut Record) -> Option<Answer> {
        if !self.is_funded
            && let Err(ending) = Box::pin(self.prepare(inner, stop, record)).await
        {
            return Some(Err(Box::pin(end_unsent(inner, record, ending)).await));
        }
        let Self {
            scanned,
            speech,
            candidate,
            place,
            request,
            client,
            ..
        } = self;
        // The row of a stream is on its way to the disk while the provider is asked: its first byte waits for it.
        let opened = match record.begin(inner).await {
            Ok(opened) => opened,
            Err(error) => return Some(Err(Box::pin(end_unsent(inner, record, error.into())).await)),
        };
        let asks_to_cancel =
            candidate.provider.disconnect == DisconnectPolicy::Cancel || request.door == Door::Playground;
        let cancels = asks_to_cancel && !comes_to_its_end(request, scanned);
        let (mut head, sender) = match client {
            Some(Client { head, sender }) => (Some(head), Some(&*sender)),
            None => (None, None),
        };
        let mut leave = pin!(wait_for_leave(stop, sender, cancels));
        let body = std::mem::take(&mut request.body);
        let served = (*speech, &*candidate, *place);
        let reached = {
            let context = Context::new(inner, request, scanned, served, cancels);
            tokio::select! {
                biased;
                why = &mut leave => Err(Ending::Left(why)),
                reached = attempt::reach(&context, body, record) => reached.map_err(Ending::Failed),
            }
        };
        // Nothing is sent again after this, and the answer may take long.
        scanned.answered();
        request.room.shrink(scanned.kept());
        let context = Context::new(inner, request, scanned, served, cancels);
        match (reached, opened, head.take().zip(sender)) {
            (Err(ending), ..) => Some(Err(Box::pin(end_early(&context, record, ending)).await)),
            (Ok(reached), Some(opened), Some((head, sender))) => {
                Box::pin(stream::carry(&context, record, (head, sender), opened, leave, reached)).await
            }
            (Ok(reached), ..) => Some(carry_whole(&context, record, leave, reached).await),
        }
    }

    /// A defect ended the call in the middle. It must not stand as open until the process ends, and its client must hear of
    /// it. The panic's own text may quote what was being handled, so only its place is logged, by the server's panic hook.
    async fn end_after_panic(&mut self, inner: &Inner, record: &mut Record) -> Option<Answer> {
        tracing::error!(call = %self.request.id, "the task of a call panicked; the call is settled as failed");
        let error = internal_error();
        if record.is_settled() {
            return Some(Err(error));
        }
        if record.reached_provider() && !record.knows_usage() {
            record.consumed(estimate::unreported(&self.scanned, record.delivered()), None);
        }
        record.fail(&error);
        let _ = record.settle(inner, CallState::Failed).await;
        match &self.client {
            Some(Client { head: None, sender }) => {
                let ids = ids(self.request.id, self.request.arrived_at, &self.scanned);
                let last = speech::last_words(self.speech.dialect, &error.problem(None, None), ids, None);
                let patience = Duration::from_millis(self.candidate.provider.timeouts.total_ms.into());
                let _ = timeout(patience, sender.send(last)).await;
                None
            }
            _ => Some(Err(error)),
        }
    }
}

/// Whoever leaves. Pictures are drawn and billed whether anybody waits for them or not. What was read of a document, a film, a sound or
/// a picture can be a hundred times what it is estimated as, and only the report tells.
fn comes_to_its_end(request: &CallRequest, scanned: &Scanned) -> bool {
    request.dialect.endpoint() == Endpoint::Images || scanned.files.count > 0
}

async fn carry_whole(
    context: &Context<'_>,
    record: &mut Record,
    leave: std::pin::Pin<&mut impl Future<Output = Leave>>,
    reached: Reached,
) -> Answer {
    // What is told anew is the hub's own answer, and no part of another, however the provider names it.
    let status = match context.speech.passes() {
        true => reached.incoming.status,
        false => StatusCode::OK,
    };
    let mut headers = crate::http::answer_headers(&reached.incoming.headers, context.speech, record.marks());
    if whole::came_as_stream(&reached.incoming.headers, context.speech) {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    headers.extend(record.limit_headers(context.inner).unwrap_or_default());
    let dropped = reached.dropped.clone();
    let keeper = Keeper::of(context, &reached);
    let read = tokio::select! {
        biased;
        why = leave => Err(Ending::Left(why)),
        read = whole::read(context, record, reached) => read.map_err(Ending::Failed),
    };
    let (body, content) = match read {
        Err(ending) => return Err(Box::pin(end_early(context, record, ending)).await),
        Ok(heard) => heard,
    };
    if let Some(keeper) = keeper {
        let id = heavy(body.len(), || whole::id(&body));
        record.keep(keeper.kept(id.as_deref(), record.counted()));
    }
    record.first_byte_to_client(status.as_u16());
    // A client that has left does not get the answer; the row says what happened upstream.
    let opening = estimate::opening(context.scanned, &dropped);
    match record.settle(context.inner, CallState::Succeeded).await {
        Logged::Yes | Logged::Late => {
            let end = record.end();
            let told = heavy(body.len(), || {
                context.speech.tell(content, body, end, || context.ids(), &opening)
            });
            Ok(Head {
                status,
                headers,
                timing: record.timing(),
                max_tokens: record.funds().own_cap(),
                dropped,
                body: Some(context.room.hand_over(told)),
            })
        }
        Logged::Refused => {
            let error = unlisted();
            record.answer_instead(&error);
            let _ = Box::pin(record.settle(context.inner, CallState::Failed)).await;
            Err(error)
        }
    }
}

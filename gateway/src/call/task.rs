//! The task that owns a call from its opening to its settled row, whatever the client does.

use std::{pin::pin, time::Duration};

use ::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use domain::{
    call::{CallState, Door, Endpoint, Fault},
    provider::DisconnectPolicy,
};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use super::{
    CallError, CallRequest, Timing,
    attempt::{self, Reached},
    estimate,
    record::Record,
    running::Stop,
    stream, whole,
};
use crate::{Candidate, Inner, recorder::Opened, wire::openai::request::Scanned};

/// The first byte of a stream waits for its row no longer than this.
const OPEN_LIMIT: Duration = Duration::from_secs(10);

/// What the caller gets first.
pub(super) struct Head {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub timing: Timing,
    /// The whole answer; absent for a stream.
    pub body: Option<Bytes>,
}

/// A call that is about to run.
pub(super) struct Task {
    pub scanned: Scanned,
    pub candidate: Candidate,
    pub request: CallRequest,
    pub head: oneshot::Sender<Result<Head, CallError>>,
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
    pub endpoint: Endpoint,
    pub scanned: &'a Scanned,
    pub candidate: &'a Candidate,
    pub sender: &'a mpsc::Sender<Bytes>,
    /// A client that leaves ends the call.
    pub cancels: bool,
}

pub(super) fn shutting_down() -> CallError {
    CallError::new(
        Fault::Hub,
        503,
        "shutting_down",
        "The hub is shutting down. Try again in a moment.",
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
    pub async fn run(self, inner: &Inner, mut record: Record) {
        let Self {
            scanned,
            candidate,
            request,
            head,
            sender,
        } = self;
        let Some(place) = inner.calls.enter(request.id, request.caller.user) else {
            return refuse(inner, record, head, shutting_down()).await;
        };
        // The row is on its way to the disk while the provider is asked.
        let opened = inner.recorder.open(record.row());
        let cancels = candidate.provider.disconnect == DisconnectPolicy::Cancel || request.door == Door::Playground;
        let mut leave = pin!(wait_for_leave(&place.stop, &sender, cancels));
        let context = Context {
            inner,
            endpoint: request.endpoint,
            scanned: &scanned,
            candidate: &candidate,
            sender: &sender,
            cancels,
        };

        let reached = tokio::select! {
            biased;
            why = &mut leave => Err(Ending::Left(why)),
            reached = attempt::reach(inner, &request, &scanned, &candidate, &mut record) => reached.map_err(Ending::Failed),
        };
        match reached {
            Err(ending) => end_early(&context, record, Some(head), ending).await,
            Ok(reached) if scanned.stream => stream::carry(&context, record, head, opened, leave, reached).await,
            Ok(reached) => carry_whole(&context, record, head, opened, leave, reached).await,
        }
    }
}

async fn carry_whole(
    context: &Context<'_>,
    mut record: Record,
    head: oneshot::Sender<Result<Head, CallError>>,
    _opened: Opened,
    leave: std::pin::Pin<&mut impl Future<Output = Leave>>,
    reached: Reached,
) {
    let (status, headers) = (
        reached.incoming.status,
        crate::http::answer_headers(&reached.incoming.headers),
    );
    let read = tokio::select! {
        biased;
        why = leave => Err(Ending::Left(why)),
        read = whole::read(context, &mut record, reached) => read.map_err(Ending::Failed),
    };
    match read {
        Err(ending) => end_early(context, record, Some(head), ending).await,
        Ok(body) => {
            record.first_byte_to_client(status.as_u16());
            let timing = record.settle(context.inner, CallState::Succeeded).await;
            // A client that has left does not get it; the row says what happened upstream.
            let _ = head.send(Ok(Head {
                status,
                headers,
                timing,
                body: Some(body),
            }));
        }
    }
}

/// Waits until the row of a stream is durable.
pub(super) async fn opened(opened: Opened) -> Result<(), CallError> {
    match timeout(OPEN_LIMIT, opened.committed()).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => {
            tracing::error!("a call's row could not be written; its answer is not delivered");
            Err(CallError::new(
                Fault::Hub,
                503,
                "journal_behind",
                "The hub cannot write its log at the moment. Try again in a few seconds.",
            ))
        }
    }
}

async fn refuse(inner: &Inner, mut record: Record, head: oneshot::Sender<Result<Head, CallError>>, error: CallError) {
    record.fail(&error);
    record.settle(inner, CallState::Failed).await;
    // A client that has left needs no answer.
    let _ = head.send(Err(error));
}

/// Ends a call before any of its answer went to the client.
pub(super) async fn end_early(
    context: &Context<'_>,
    mut record: Record,
    head: Option<oneshot::Sender<Result<Head, CallError>>>,
    ending: Ending,
) {
    let error = match ending {
        Ending::Failed(error) => Some((error, CallState::Failed)),
        Ending::Left(Leave::Shutdown) => Some((shutting_down(), CallState::Interrupted)),
        Ending::Left(Leave::Client | Leave::Stopped) => None,
    };
    let reached = record.reached_provider();
    if reached {
        // It was sent and perhaps worked on.
        record.consumed(
            estimate::consumed(None, &context.candidate.provider.quirks, context.scanned, 0),
            None,
        );
    }
    match error {
        Some((error, state)) => {
            record.fail(&error);
            record.settle(context.inner, state).await;
            if let Some(head) = head {
                let _ = head.send(Err(error));
            }
        }
        None => {
            record.settle(context.inner, CallState::Cancelled).await;
            if let Some(head) = head {
                // Whoever pressed Stop may still listen.
                let _ = head.send(Err(CallError::new(
                    Fault::Caller,
                    499,
                    "cancelled",
                    "The call was stopped.",
                )));
            }
        }
    }
}

//! How calls end that have nothing more to deliver, and what their clients are told.

use std::time::Duration;

use domain::{call::Fault, id::CallId};
use tokio::time::timeout;

use super::{Context, Ending};
use crate::{
    Inner,
    call::{CallError, KeyProblem, estimate, record::Record, running::Withdrawn},
    recorder::Opened,
    step::{self, Step},
};

/// The first byte of a stream waits for its row no longer than this.
const OPEN_LIMIT: Duration = Duration::from_secs(10);

/// No call begins any more.
pub(in crate::call) fn shutting_down() -> CallError {
    CallError::new(
        Fault::Hub,
        503,
        "shutting_down",
        "The hub is shutting down. Try again in a moment.",
    )
}

/// Whoever called may not any more. What was written until then is charged, as when somebody presses Stop.
pub(in crate::call) fn withdrawn(why: Withdrawn) -> CallError {
    let (status, code, sentence) = match why {
        Withdrawn::Key(problem) => (problem.status(), problem.code(), problem.to_string()),
        Withdrawn::Model => (
            403,
            "model_not_allowed",
            "This API key may not ask this model any more. `GET /v1/models` lists those that it may ask; whoever keeps the key can allow more in the console under API keys.".to_owned(),
        ),
        Withdrawn::Person => (
            KeyProblem::Suspended.status(),
            KeyProblem::Suspended.code(),
            "You are suspended, or have a role that asks no models. Ask an admin of this hub.".to_owned(),
        ),
        Withdrawn::SignedOut => (401, "signed_out", "You have signed out, or were signed out. Sign in again.".to_owned()),
    };
    CallError::new(
        Fault::Key,
        status,
        code,
        format!("The call was ended while it ran. {sentence}"),
    )
}

/// A defect of the hub: nothing that its caller could do better.
pub(in crate::call) fn internal_error() -> CallError {
    CallError::new(
        Fault::Hub,
        500,
        "internal_error",
        "Something went wrong in the hub. Try again; if it stays, give its operator the request id.",
    )
}

/// The answer is there, and its row is refused: without a row there is no answer.
pub(in crate::call) fn unlisted() -> CallError {
    CallError::new(
        Fault::Hub,
        500,
        "call_not_listed",
        "The hub could not write this call to its log, so its answer is not delivered. Give its operator the request id.",
    )
}

/// Waits until the row of a stream is durable.
pub(in crate::call) async fn opened(call: CallId, opened: Opened) -> Result<(), CallError> {
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

/// Ends a call for which nothing was sent. Gives what its client is told.
pub(super) async fn end_unsent(inner: &Inner, record: &mut Record, ending: Ending) -> CallError {
    let (error, state) = ending.told();
    if let Some(error) = &error {
        record.fail(error);
    }
    record.settle_unsent(inner, state).await;
    error.unwrap_or_else(stopped)
}

/// Ends a call before any of its answer went to the client. Gives what the client is told; whoever pressed Stop may still
/// listen.
pub(in crate::call) async fn end_early(context: &Context<'_>, record: &mut Record, ending: Ending) -> CallError {
    let (mut error, state) = ending.told();
    if record.reached_provider() && !record.knows_usage() {
        // It was sent and perhaps worked on.
        record.consumed(estimate::unreported(context.scanned, 0), None);
    }
    if let Some(error) = &mut error {
        record.fail(error);
        // The error is what the client gets first.
        error.timing = Some(record.first_byte_to_client(error.status));
    }
    // An error is delivered whether its row is written or not: it promises nothing.
    let _ = record.settle(context.inner, state).await;
    error.unwrap_or_else(stopped)
}

fn stopped() -> CallError {
    CallError::new(Fault::Caller, 499, "cancelled", "The call was stopped.")
}

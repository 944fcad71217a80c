//! A call that is answered as a whole, carried along by whoever asked: nobody has to be woken for it who is not awake
//! already. When the caller leaves in the middle, the call becomes a task of its own, which ends it as the provider's policy
//! says: a client that leaves cannot undo the record. Used by `accept`.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use domain::id::CallId;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::{
    record::Record,
    task::{Answer, Task, internal_error},
};
use crate::Inner;

/// A running call within its caller's future. Dropping it hands the call over to a task.
pub(super) struct Carried {
    inner: Arc<Inner>,
    call: CallId,
    /// Until it is over.
    work: Option<Pin<Box<dyn Future<Output = Answer> + Send>>>,
    /// A shutdown waits for the call, carried or not.
    _token: TaskTrackerToken,
}

impl Carried {
    /// To be awaited at once.
    pub fn new(inner: &Arc<Inner>, mut task: Box<Task>, record: Box<Record>) -> Self {
        let (call, owner) = (task.request.id, Arc::clone(inner));
        // Without an answer ends only what sent it before, as streams do.
        let work = async move { task.run(&owner, record).await.unwrap_or_else(|| Err(internal_error())) };
        Self {
            inner: Arc::clone(inner),
            call,
            work: Some(Box::pin(work)),
            _token: inner.tasks.token(),
        }
    }
}

impl Future for Carried {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer> {
        // Taken out meanwhile: what panics is gone, and not tried again when this is dropped.
        let Some(mut work) = self.work.take() else {
            return Poll::Ready(Err(internal_error()));
        };
        let polled = work.as_mut().poll(context);
        if polled.is_pending() {
            self.work = Some(work);
        }
        polled
    }
}

impl Drop for Carried {
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            self.inner.calls.client_left(self.call);
            self.inner.tasks.adopt(async move { drop(work.await) });
        }
    }
}

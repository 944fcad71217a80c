//! What a call needs before it may go on: its hold, its row on the way to the disk, and more credit while a stream grows.
//! Called by `task` and `stream`.

use std::time::Duration;

use tokio::{sync::oneshot::error::TryRecvError, time::timeout};

use super::{Record, SETTLE_LIMIT};
use crate::{
    Error, Inner,
    call::{CallError, refused, task},
    ledger::{Admitted, Done, Growth},
    recorder::Opened,
    step::{self, Step},
};

/// A call waits to be admitted no longer than this.
const ADMISSION_LIMIT: Duration = Duration::from_secs(10);

impl Record {
    /// Puts the row of a call that cannot be admitted yet on the way to the disk.
    pub fn list(&mut self, inner: &Inner) {
        inner.recorder.begin(self.row.clone(), false);
        self.listed = true;
    }

    /// Begins the call: admits it where that needs credit, and puts its row on the way to the disk. The row of a stream is
    /// waited for before its first byte.
    pub async fn begin(&mut self, inner: &Inner) -> Result<Option<Opened>, CallError> {
        let mut admitted = Admitted::InMemory;
        if let Some(wish) = self.funds.wish() {
            // What only some calls do is boxed, so that the future of all others is small: it is moved.
            let asked = Box::pin(inner.admit(&mut self.row, wish));
            let asked = timeout(ADMISSION_LIMIT.min(inner.outage), asked).await;
            admitted = asked
                .unwrap_or(Err(Error::LedgerBehind))
                .map_err(|error| refused::refused(inner, self.row.caller(), error))?;
            self.funds
                .admitted(self.row.money.hold.map(|hold| hold.amount).unwrap_or_default());
        } else if self.funds.is_allocated() {
            let ready = Box::pin(inner.prepare(self.row.account)).await;
            ready.map_err(|error| refused::refused(inner, self.row.caller(), error))?;
        }
        let opened = match (self.row.streamed, admitted) {
            (true, Admitted::InMemory) => Some(inner.recorder.open(self.row.clone(), self.listed)),
            (true, Admitted::Written) => Some(Opened::written()),
            (false, Admitted::InMemory) => {
                inner.recorder.begin(self.row.clone(), self.listed);
                None
            }
            (false, Admitted::Written) => None,
        };
        if admitted == Admitted::InMemory {
            step::reached(Step::HoldQueued);
        }
        Ok(opened)
    }

    /// Asks for credit for one more step of the answer. Whether it is there shows [`Record::grown`].
    pub async fn grow(&mut self, inner: &Inner) -> Result<(), CallError> {
        let held = self.row.money.hold.map(|hold| hold.amount).unwrap_or_default();
        let wish = self.funds.step(held).ok_or_else(|| {
            tracing::error!(call = %self.row.id, "a longer answer has no price");
            task::internal_error()
        })?;
        if wish.most.is_zero() {
            self.funds.admitted(held);
            return Ok(());
        }
        match inner.extend_call(&self.row, wish).await {
            Growth::Now(done) => self.take_over(inner, done),
            Growth::Later(done) => {
                self.growing = Some(done);
                Ok(())
            }
        }
    }

    /// More was asked for, and its answer was not taken over yet.
    pub fn is_growing(&self) -> bool {
        self.growing.is_some()
    }

    /// Takes over what was asked for. None: nothing was, or its answer is not here and is not waited for.
    pub async fn grown(&mut self, inner: &Inner, wait: bool) -> Option<Result<(), CallError>> {
        let mut growing = self.growing.take()?;
        let done = if wait {
            let done = timeout(SETTLE_LIMIT, growing).await;
            done.ok().and_then(Result::ok)
        } else {
            match growing.try_recv() {
                Ok(done) => Some(done),
                Err(TryRecvError::Empty) => {
                    self.growing = Some(growing);
                    return None;
                }
                Err(TryRecvError::Closed) => None,
            }
        };
        Some(self.take_over(inner, done.unwrap_or(Err(Error::LedgerBehind))))
    }

    fn take_over(&mut self, inner: &Inner, done: Done) -> Result<(), CallError> {
        match done.and_then(|effects| effects.ok_or(Error::LedgerBehind)) {
            Ok(effects) => {
                self.row.money.note(&effects, None);
                self.funds
                    .admitted(self.row.money.hold.map(|hold| hold.amount).unwrap_or_default());
                Ok(())
            }
            Err(error) => Err(refused::refused(inner, self.row.caller(), error)),
        }
    }
}

//! The end of a call: booked where it is paid, written with its row, and waited for no longer than the client can be kept.
//! Called by whatever ends one.

use std::time::Duration;

use domain::{call::CallState, ledger::Refusal};
use tokio::time::timeout;

use super::{Record, SETTLE_LIMIT, micros};
use crate::{
    Error, Inner,
    call::patience::while_it_gets_on,
    ledger::{Again, Books, End},
    recorder::RecorderError,
    step::{self, Step},
};

/// The error of a call for which nothing was sent waits for its row no longer than this: it may have waited to be admitted before.
const UNSENT_LIMIT: Duration = Duration::from_secs(5);

/// Whether the end of a call is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(in crate::call) enum Logged {
    /// It is.
    Yes,
    /// Not in time. It may come to stand there, with a mark that its answer was ahead of it.
    Late,
    /// The database refuses it: the call must not look like a success to anybody.
    Refused,
}

impl Record {
    /// Writes the end of the call; returns when that is durable, or when it takes too long. A call whose end was refused
    /// may be settled once more, with another end.
    pub async fn settle(&mut self, inner: &Inner, state: CallState) -> Logged {
        self.end_as(state);
        let written = timeout(SETTLE_LIMIT, self.write_end(inner)).await;
        let logged = self.ended(inner, written.ok());
        if logged == Logged::Late {
            inner.ahead.note(self.row.id);
        }
        logged
    }

    /// The same of a call for which nothing was sent: its error leaves without the row when the database stands still.
    pub async fn settle_unsent(&mut self, inner: &Inner, state: CallState) {
        self.end_as(state);
        // The row of a call that holds nothing is a matter of the recorder alone.
        let holds = self.row.money.hold.is_some();
        let gets_on = || match holds {
            true => inner.gets_on(),
            false => inner.recorder.progress().gets_on(),
        };
        let written = while_it_gets_on(UNSENT_LIMIT, gets_on, self.write_end(inner)).await;
        // It promises nothing, whether its row is written or not.
        let _ = self.ended(inner, written);
    }

    fn end_as(&mut self, state: CallState) {
        let failure = self.row.failure.clone();
        self.end_attempt(failure);
        self.row.state = state;
        // What it came to is known now.
        self.row.money.estimate = None;
        self.row.duration = Some(micros(self.arrived.elapsed()));
        self.row.attempts = i64::try_from(self.attempts.len()).unwrap_or(i64::MAX);
    }

    /// `written`: none when that took too long.
    fn ended(&mut self, inner: &Inner, written: Option<Result<(), RecorderError>>) -> Logged {
        let call = self.row.id;
        // Not before: what a panic leaves half done is settled once more.
        self.settled = true;
        // Whatever became of its row, the call runs no more.
        if self.limits.as_mut().is_some_and(|limits| limits.frees()) {
            inner.settle_limits(&self.row);
        }
        match written {
            Some(Ok(())) => {
                self.written = true;
                if self.row.streamed {
                    // The request's own line was written when its answer began.
                    let duration_ms = self.arrived.elapsed().as_micros() as f64 / 1000.0;
                    let state = self.row.state.as_str();
                    tracing::info!(%call, state, duration_ms, "a stream has ended");
                }
                Logged::Yes
            }
            Some(Err(error)) => {
                tracing::error!(%call, %error, "the end of a call is not in the log");
                Logged::Refused
            }
            None => {
                tracing::error!(%call, "the end of a call was not written in time; the answer leaves without it");
                Logged::Late
            }
        }
    }

    /// Books the end and writes it. What cannot be booked stands in the log all the same: the answer is there, and that it
    /// is not paid is for the operator to know.
    async fn write_end(&mut self, inner: &Inner) -> Result<(), RecorderError> {
        #[cfg(test)]
        crate::call::tests::panic_as_asked(&self.row);
        let sent = self.is_on_its_way();
        if let Some(end) = self.funds.end(&mut self.row, sent)
            && Box::pin(self.book_end(inner, end)).await
        {
            return Ok(());
        }
        inner.recorder.settle(self.row.clone(), self.attempts.clone()).await
    }

    /// Books the end, and writes the row with it. `false` when it was not, and the row is to be written without.
    async fn book_end(&mut self, inner: &Inner, end: End) -> bool {
        step::reached(Step::BeforeSettle);
        match inner.end_call(self.row.clone(), self.attempts.clone(), end).await {
            Ok(effects) => {
                step::reached(Step::SettleCommitted);
                self.row.money.note(&effects, self.row.money.hold);
                return true;
            }
            Err(Error::Ledger(Refusal::NoHold { .. })) => {
                // Few calls come here, and what they need makes the future of none larger.
                match Box::pin(inner.end_again(self.row.clone(), self.attempts.clone(), end)).await {
                    Ok(Again::Booked(effects)) => {
                        self.row.money.note(&effects, self.row.money.hold);
                        return true;
                    }
                    Ok(Again::Before(effects)) => {
                        tracing::warn!(call = %self.row.id, ?end, seq = effects.seq.0, "a call had been ended before");
                        self.row.money.note(&effects, self.row.money.hold);
                    }
                    Err(error) => {
                        self.not_booked(&error, end);
                        if matches!(error, Error::Ledger(Refusal::NoHold { .. })) {
                            self.row.money.forget_hold();
                        }
                    }
                }
            }
            Err(error) => {
                self.not_booked(&error, end);
                if let (Error::Quarantine { .. }, Books::Shared(_)) = (&error, &inner.books) {
                    // Where that was decided in memory alone it is void, and the books say so. What stands in the row stays there.
                    self.row.money.forget_hold();
                }
            }
        }
        false
    }

    fn not_booked(&mut self, error: &Error, end: End) {
        tracing::error!(call = %self.row.id, %error, ?end, "the end of a call could not be booked; it is not charged");
        self.row.money.forget_end();
    }
}

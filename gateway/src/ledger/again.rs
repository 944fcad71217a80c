//! The end of a call that holds nothing any more. Either it was ended before: then that stands. Or its hold was given back while it
//! still ran, as its process was taken for dead: then its charge is booked all the same, once, out of what can be spent. What that
//! does not reach is a loss; a call never makes debt.

use std::collections::HashSet;

use domain::{
    id::CallId,
    ledger::{Command, CommandKind, Effects, Refusal},
    time::Micros,
};
use tokio::sync::Mutex;

use super::{Books, CallRows, End, order};
use crate::{
    Error, Inner,
    store::{
        calls::{AttemptRow, CallRow},
        ledger::ended,
    },
};

/// No call runs for so long, so nothing that comes later is its end.
const LATEST: Micros = Micros::from_days(1);

/// What an end came to.
pub(crate) enum Again {
    /// It is booked now, and its rows are written.
    Booked(Effects),
    /// It was booked before, and nothing is written now.
    Before(Effects),
}

/// Calls of this process whose late charge was queued. A call has one process, so this keeps each from being charged twice, whoever
/// waits. Few calls ever come here, so none is forgotten.
#[derive(Default)]
pub(crate) struct Ended(Mutex<HashSet<CallId>>);

impl Inner {
    /// Ends a call whose end was refused as it has no open hold.
    ///
    /// # Errors
    /// [`Error::Ledger`] when nothing was ever booked of it, [`Error::LedgerBehind`] when its late charge is on its way; the database's.
    pub(crate) async fn end_again(&self, row: CallRow, attempts: Vec<AttemptRow>, end: End) -> Result<Again, Error> {
        let (account, call) = (row.account, row.id);
        if matches!(self.books, Books::Owned(_)) {
            // What was decided before may still be on its way.
            self.recorder.drained().await;
        }
        // Held until it is durable: whoever comes next finds it.
        let mut ended = self.ended.0.lock().await;
        let before = ended::of_call(&self.store, account, call).await?;
        let before = before.ok_or(Error::Ledger(Refusal::NoHold { call }))?;
        let (CommandKind::Release, End::Settle(charge)) = (before.kind, end) else {
            return Ok(Again::Before(before));
        };
        if self.clock.now().since(before.booked_at).0 > LATEST.0 {
            return Ok(Again::Before(before));
        }
        if !ended.insert(call) {
            // Whoever asked for it before has not waited, and it is still on its way to the disk.
            return Err(Error::LedgerBehind);
        }
        tracing::warn!(%call, %charge, "a call that was taken for lost has ended; it is charged late");
        let rows = CallRows {
            row: Box::new(row),
            attempts,
        };
        let effects = self
            .book_call(order(account, Command::Late { call, charge }), Some(rows))
            .await?;
        super::calls::tell_of_a_loss(call, account, &effects);
        Ok(Again::Booked(effects))
    }
}

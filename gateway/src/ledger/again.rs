//! The end of a call that holds nothing any more. Either it was ended before: then that stands. Or its hold was given back while it
//! still ran, as its process was taken for dead: then its charge is booked all the same, once, out of what can be spent. What that
//! does not reach is a loss; a call never makes debt. So it is with a call that was admitted in memory, by a memory that was void, on an
//! account that was blocked meanwhile.

use std::{collections::HashSet, sync::PoisonError};

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

/// Calls of this process that end in another way than the usual one. Few ever come here, so none is forgotten.
#[derive(Default)]
pub(crate) struct Ended {
    /// Their late charge was queued. A call has one process, so this keeps each from being charged twice, whoever waits.
    late: Mutex<HashSet<CallId>>,
    /// They were admitted in memory, and the books refuse what they hold.
    unheld: std::sync::Mutex<HashSet<CallId>>,
}

impl Ended {
    /// A call runs, and the books refuse what it holds.
    pub fn note_unheld(&self, call: CallId) {
        self.unheld.lock().unwrap_or_else(PoisonError::into_inner).insert(call);
    }

    fn is_unheld(&self, call: CallId) -> bool {
        self.unheld
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(&call)
    }
}

impl Inner {
    /// Ends a call whose end was refused as it has no open hold.
    ///
    /// # Errors
    /// [`Error::Ledger`] when nothing was ever booked of it, [`Error::LedgerBehind`] when its late charge is on its way; the database's.
    pub(crate) async fn end_again(
        &self,
        mut row: CallRow,
        attempts: Vec<AttemptRow>,
        end: End,
    ) -> Result<Again, Error> {
        let (account, call) = (row.account, row.id);
        if matches!(self.books, Books::Owned(_)) {
            // What was decided before may still be on its way.
            self.recorder.drained().await;
        }
        // Held until it is durable: whoever comes next finds it.
        let mut late = self.ended.late.lock().await;
        let charge = match (ended::of_call(&self.store, account, call).await?, end) {
            (None, End::Settle(charge)) if self.ended.is_unheld(call) => {
                row.money.pays_without_hold();
                charge
            }
            (None, _) => return Err(Error::Ledger(Refusal::NoHold { call })),
            (Some(before), End::Settle(charge))
                if before.kind == CommandKind::Release && self.clock.now().since(before.booked_at).0 <= LATEST.0 =>
            {
                charge
            }
            (Some(before), _) => return Ok(Again::Before(before)),
        };
        if !late.insert(call) {
            // Whoever asked for it before has not waited, and it is still on its way to the disk.
            return Err(Error::LedgerBehind);
        }
        tracing::warn!(%call, %charge, "a call that holds nothing any more has ended; it is charged late");
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

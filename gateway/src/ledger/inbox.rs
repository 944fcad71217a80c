//! Orders of commands for the server that owns the ledger. A command leaves its order and waits; PostgreSQL tells the server,
//! on SQLite it looks every 100 ms, which costs one look at an empty index. Should the server end meanwhile, the command takes its place
//! and books what waits. Each order has a seal by the hub's keys, which a mere writer to the database has not.

use std::time::Duration;

use domain::{
    id::pack,
    ledger::{Command, Effects},
    time::Timestamp,
};
use tokio::time::{Instant, sleep};

use super::{Answer, Books, Job, Order, direct, lift};
use crate::{
    Error, Inner, OpenError,
    store::{
        self, INBOX_CHANNEL, Store,
        ledger::inbox::{self, Answered, Waiting},
    },
};

/// How often the owner looks.
const PAUSE: Duration = Duration::from_millis(100);
/// How often a command looks for its answer.
const ANSWER_PAUSE: Duration = Duration::from_millis(20);
/// How long a command waits.
const PATIENCE: Duration = Duration::from_secs(30);

/// Books what comes, for ever. For the owner.
pub(crate) async fn serve(inner: &Inner) {
    let mut listener = None;
    loop {
        inner.store.told(INBOX_CHANNEL, &mut listener, PAUSE).await;
        if let Err(error) = book_waiting(inner).await {
            tracing::error!(%error, "orders of the command line could not be booked");
            sleep(Duration::from_secs(1)).await;
        }
    }
}

/// Books every order that waits, oldest first.
async fn book_waiting(inner: &Inner) -> Result<(), Error> {
    for Waiting { id, wanted, seal } in inbox::waiting(&inner.store).await? {
        // Whoever can write to the database is not whoever may book: what is booked here gets the hub's own hash.
        if seal.is_none_or(|seal| seal != inner.keys.order_seal(id, &wanted)) {
            tracing::error!(
                order = id,
                "an order for the ledger has not the seal of this hub's keys; it is not booked"
            );
            let words = "The order has not the seal of this hub's keys. Use the server's own binary.";
            answer_alone(inner, id, &Answer::Failed(words.to_owned())).await?;
            continue;
        }
        let Ok(mut order) = serde_json::from_str::<Order>(&wanted) else {
            match serde_json::from_str::<lift::Wanted>(&wanted) {
                Ok(wanted) => lift::of_inbox(inner, &wanted.lift, id).await?,
                Err(_) => {
                    let words = "This server does not understand the order. Use the server's own binary.";
                    answer_alone(inner, id, &Answer::Failed(words.to_owned())).await?;
                }
            }
            continue;
        };
        begins_at_once(&mut order.command, id, inner.clock.now());
        let mut job = Job {
            inbox: Some(id),
            ..Job::of(order, None)
        };
        let done = match &inner.books {
            Books::Owned(owned) => owned.run(inner, job).await,
            Books::Shared(_) | Books::Direct => direct::run(inner, &mut job).await,
        };
        match done {
            // Whoever waits is told by the answer.
            Ok(_) | Err(Error::Ledger(_) | Error::Quarantine { .. } | Error::NoAccount) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What was to begin when it was ordered begins when it is booked: the clock of whoever ordered it may be ahead of the hub's. `id` is the order's.
fn begins_at_once(command: &mut Command, id: i64, now: Timestamp) {
    if let Command::Grant(grant) = command
        && grant.effective_at > now
        // Ids begin with the time.
        && pack(grant.effective_at.milliseconds(), 0, 0) <= id
    {
        grant.effective_at = now;
    }
}

/// Leaves an order, and waits for what comes of it.
pub(super) async fn leave_order(inner: &Inner, job: Job) -> Result<Effects, Error> {
    let (Some(order), None) = (&job.order, &job.call) else {
        // Calls run in servers, and servers own or lock rows.
        return Err(Error::LedgerBehind);
    };
    // Servers leave none, and nobody is looked at who has a shell.
    inner
        .still_may(order.seen, (&order.actor, order.address.as_deref()))
        .await?;
    let wanted = serde_json::to_string(order).unwrap_or_default();
    leave(inner, &wanted).await?.effects()
}

/// Leaves what is wanted, as JSON, and waits for the answer.
pub(super) async fn leave(inner: &Inner, wanted: &str) -> Result<Answer, Error> {
    let now = inner.clock.now();
    let id = inner.ids.next(now);
    let seal = inner.keys.order_seal(id, wanted);
    inbox::put(&inner.store, (id, wanted, &seal), now).await?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(outcome) = inbox::outcome(&inner.store, id).await? {
            return serde_json::from_str(&outcome).map_err(|_| unreadable());
        }
        if !stand_in(inner).await? {
            if Instant::now() > deadline {
                return Err(Error::LedgerBehind);
            }
            sleep(ANSWER_PAUSE).await;
        }
    }
}

/// Should the server have ended, its place is free: books what waits. False while it has not.
async fn stand_in(inner: &Inner) -> Result<bool, Error> {
    match &inner.store {
        Store::Sqlite(pools) => {
            let Some(lock) = store::server_file(pools).map_err(|error| lock_failed(&error))? else {
                return Ok(false);
            };
            let booked = book_waiting(inner).await;
            drop(lock);
            booked.map(|()| true)
        }
        Store::Postgres(_) => match book_waiting(inner).await {
            Err(Error::LedgerOwned) => Ok(false),
            booked => booked.map(|()| true),
        },
    }
}

impl Answer {
    /// What came of an order.
    pub(super) fn effects(self) -> Result<Effects, Error> {
        match self {
            Self::Done(effects) => Ok(*effects),
            Self::Refused(refusal) => Err(refusal.into()),
            Self::Failed(reason) => Err(Error::Answered(reason)),
            Self::Lifted(_) | Self::InService | Self::Unsound(_) => Err(unreadable()),
        }
    }
}

fn unreadable() -> Error {
    let (table, column) = ("ledger_inbox", "outcome");
    store::StoreError::Row { table, column }.into()
}

/// Writes an answer with nothing else.
pub(super) async fn answer_alone(inner: &Inner, id: i64, answer: &Answer) -> Result<(), Error> {
    let mut tx = inner.store.begin().await?;
    inbox::answer(&mut tx, &answered(inner, id, answer)).await?;
    Ok(tx.commit().await?)
}

pub(super) fn answered(inner: &Inner, id: i64, answer: &Answer) -> Answered {
    Answered {
        id,
        at: inner.clock.now(),
        outcome: serde_json::to_string(answer).unwrap_or_default(),
    }
}

pub(super) fn lock_failed(error: &OpenError) -> Error {
    Error::Answered(error.to_string())
}

#[cfg(test)]
mod tests {
    use domain::{
        id::LotId,
        ledger::{Grant, LotKind},
        money::Amount,
    };

    use super::*;

    #[test]
    fn what_was_to_begin_at_once_begins_by_the_clock_of_whoever_books() {
        let (ordered, hour) = (1_800_000_000_000_000, 3_600_000_000);
        let id = pack(Timestamp(ordered).milliseconds(), 1, 1);
        let begins = |at: i64, now: i64| {
            let mut command = Command::Grant(Grant {
                lot: LotId::from_number(1),
                kind: LotKind::Paid,
                amount: Amount::ZERO,
                priority: 50,
                effective_at: Timestamp(at),
                expires_at: None,
                source: String::new(),
                reason: String::new(),
            });
            begins_at_once(&mut command, id, Timestamp(now));
            match command {
                Command::Grant(grant) => grant.effective_at.0,
                _ => 0,
            }
        };
        // By a clock that is an hour ahead of the hub's, by one that is behind, and for later.
        assert_eq!(begins(ordered, ordered - hour), ordered - hour);
        assert_eq!(begins(ordered, ordered + hour), ordered);
        assert_eq!(begins(ordered + hour, ordered), ordered + hour);
    }
}

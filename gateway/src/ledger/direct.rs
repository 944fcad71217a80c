//! Booking without memory: lock the account's row, load, decide, commit. Any number of processes may do this on PostgreSQL
//! while none owns the ledger; on an SQLite file only whoever holds the server's lock.

use domain::{
    ledger::{Effects, Refusal},
    limit::Counters,
};

use super::{
    Books, Desk, Job,
    by_hand::{self, Look},
    shared::Asking,
};
use crate::{
    Error, Inner,
    store::{
        Tx, calls,
        ledger::{self, Found, Locked, inbox, journal, order},
    },
};

/// What came of a job in somebody's transaction.
pub(super) enum Within {
    /// There was nothing to be done, or somebody has done it.
    Nothing,
    /// What was due was written also when the order is refused.
    Done(Result<Effects, Refusal>),
    /// A server keeps the account (`store::ledger::keep`).
    Kept,
}

/// Does a job in a transaction of its own.
pub(super) async fn run(inner: &Inner, job: &mut Job) -> Result<Option<Effects>, Error> {
    let mut asking = Asking::new(job.account);
    loop {
        if let Books::Shared(shared) = &inner.books {
            shared.let_go(job.account);
        }
        if let Some(done) = once(inner, job).await? {
            return done.transpose().map_err(Error::from);
        }
        asking.ask(inner).await?;
        tokio::time::sleep(asking.pause()).await;
    }
}

/// None: a server keeps the account.
async fn once(inner: &Inner, job: &mut Job) -> Result<Option<Option<Result<Effects, Refusal>>>, Error> {
    let mut tx = inner.store.begin().await?;
    if let Some(order) = &job.order {
        by_hand::still_may(inner, &mut tx, order).await?;
    }
    if !order::share(&mut tx).await? {
        return Err(Error::LedgerOwned);
    }
    let result = within(inner, &mut tx, job).await;
    if let Err(error @ (Error::Quarantine { .. } | Error::NoAccount)) = result {
        return refuse(inner, job, tx, error).await;
    }
    let result = match result? {
        Within::Kept => {
            // Whoever asks for it needs the same lock.
            tx.rollback().await?;
            return Ok(None);
        }
        Within::Nothing => None,
        Within::Done(result) => Some(result),
    };
    if let Some(Err(Refusal::Broken(violation))) = &result {
        drop(tx);
        tracing::error!(account = %job.account, %violation, "the books of an account are broken; it is taken out of service");
        ledger::quarantine(&inner.store, job.account, &violation.to_string()).await?;
    } else {
        if let Some(answered) = result.as_ref().and_then(|result| job.answered(inner, result)) {
            inbox::answer(&mut tx, &answered).await?;
        }
        tx.commit().await?;
    }
    Ok(Some(result))
}

/// An account that cannot be booked on answers its order all the same, or it would be tried for ever.
async fn refuse<T>(inner: &Inner, job: &Job, mut tx: Tx, error: Error) -> Result<T, Error> {
    if let Some(id) = job.inbox {
        let answer = super::Answer::Failed(error.to_string());
        inbox::answer(&mut tx, &super::inbox::answered(inner, id, &answer)).await?;
        tx.commit().await?;
    }
    Err(error)
}

/// Does a job in this transaction.
pub(super) async fn within(inner: &Inner, tx: &mut Tx, job: &mut Job) -> Result<Within, Error> {
    match ledger::lock(tx, job.account).await? {
        Locked::Yes => {}
        Locked::NoAccount => return Err(Error::NoAccount),
        Locked::Kept => return Ok(Within::Kept),
    }
    // Others read the inbox as well, and whoever answers an order of it has booked it under this lock.
    if let Some(id) = job.inbox
        && !inbox::waits(tx, id).await?
    {
        return Ok(Within::Nothing);
    }
    if let Some(order) = job.order.as_ref().filter(|order| by_hand::is_by_hand(order)) {
        match by_hand::look(tx, order, inner.clock.now()).await? {
            Look::Before(answer) => return Ok(Within::Done(*answer)),
            Look::New(order) => job.order = Some(*order),
        }
    }
    let mut desk = match ledger::load(tx, job.account).await? {
        None => return Err(Error::NoAccount),
        Some(Found::Broken(reason)) => {
            return Err(Error::Quarantine {
                account: job.account,
                reason,
            });
        }
        Some(Found::Sound { account, chain }) => Desk {
            account: *account,
            chain,
        },
    };
    // Commands run no calls, so none comes with a claim.
    let (booked, result) = desk.run(inner, &mut Counters::default(), job);
    if matches!(result, Some(Ok(_)))
        && let Some(call) = &job.call
    {
        let rows = calls::Rows {
            new: Vec::new(),
            known: vec![&call.row],
            attempts: call.attempts.iter().collect(),
        };
        calls::write(tx, &rows).await?;
    }
    journal::write(tx, &booked.iter().collect::<Vec<_>>()).await?;
    Ok(result.map_or(Within::Nothing, Within::Done))
}

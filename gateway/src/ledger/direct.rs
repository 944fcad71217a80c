//! Booking without memory: lock the account's row, load, decide, commit. Any number of processes may do this on PostgreSQL
//! while none owns the ledger; on an SQLite file only whoever holds the server's lock.

use domain::{
    ledger::{Effects, Refusal},
    limit::Counters,
};

use super::{
    Desk, Job,
    by_hand::{self, Look},
};
use crate::{
    Error, Inner,
    store::{
        Tx, calls,
        ledger::{self, Found, inbox, journal, order},
    },
};

/// Does a job in a transaction of its own.
pub(super) async fn run(inner: &Inner, job: &mut Job) -> Result<Option<Effects>, Error> {
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
    let result = result?;
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
    Ok(result.transpose()?)
}

/// An account that cannot be booked on answers its order all the same, or it would be tried for ever.
async fn refuse(inner: &Inner, job: &Job, mut tx: Tx, error: Error) -> Result<Option<Effects>, Error> {
    if let Some(id) = job.inbox {
        let answer = super::Answer::Failed(error.to_string());
        inbox::answer(&mut tx, &super::inbox::answered(inner, id, &answer)).await?;
        tx.commit().await?;
    }
    Err(error)
}

/// Does a job in this transaction. What was due is written also when the order is refused. None: there was nothing to be done, or somebody
/// has done it.
pub(super) async fn within(
    inner: &Inner,
    tx: &mut Tx,
    job: &mut Job,
) -> Result<Option<Result<Effects, Refusal>>, Error> {
    if !ledger::lock(tx, job.account).await? {
        return Err(Error::NoAccount);
    }
    // Others read the inbox as well, and whoever answers an order of it has booked it under this lock.
    if let Some(id) = job.inbox
        && !inbox::waits(tx, id).await?
    {
        return Ok(None);
    }
    if let Some(order) = job.order.as_ref().filter(|order| by_hand::is_by_hand(order)) {
        match by_hand::look(tx, order, inner.clock.now()).await? {
            Look::Before(answer) => return Ok(Some(*answer)),
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
    Ok(result)
}

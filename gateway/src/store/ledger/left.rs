//! What a sweeper should have done long ago: calls and holds that nobody runs any more, lots that ended and still hold
//! something. For the verifier.

use domain::{
    id::{AccountId, CallId, LotId},
    time::{Micros, Timestamp},
};

use crate::store::{Store, StoreError, fetch_all, lock};

/// A call that should not be open, or hold anything.
#[derive(sqlx::FromRow)]
struct CallRow {
    id: i64,
    account_id: i64,
    state: String,
    hold: i64,
}

/// A call that should not be open, or hold anything.
pub(crate) struct LeftCall {
    pub call: CallId,
    pub account: AccountId,
    pub open: bool,
    /// It holds credit, so many nano-USD.
    pub held: i64,
}

/// Since when something stands there, and what is looked at.
#[derive(Clone, Copy)]
pub(crate) struct Since {
    /// What has ended by then was seen by the servers that run.
    pub seen: Timestamp,
    /// No call that began by then can still run.
    pub longest: Timestamp,
    /// All accounts when there is none.
    pub account: Option<AccountId>,
}

/// When the servers that run have looked last for what is left, by the time of the one that is furthest behind. Those that had begun less than
/// `since` before do not count. None: there are no others.
pub(crate) async fn servers_looked_at(store: &Store, since: Micros) -> Result<Option<Timestamp>, StoreError> {
    Ok(looks(store, since).await?.into_iter().min())
}

/// The time of each server that runs, as it wrote it down last.
pub(crate) async fn times_of_servers(store: &Store) -> Result<Vec<Timestamp>, StoreError> {
    looks(store, Micros(1)).await
}

/// When each server that runs has looked last, so long after it began or longer. Those of releases that did not write it down are not among them:
/// to their rows that was when they began.
async fn looks(store: &Store, since: Micros) -> Result<Vec<Timestamp>, StoreError> {
    let servers = fetch_all!(
        store,
        (i64, i64),
        "SELECT id, seen_at FROM process WHERE kind = 'serve' AND ended_at IS NULL AND seen_at - started_at >= $1",
        since.0
    )?;
    // On an SQLite file there is one, and after its death it looks no more. A dead one among others on PostgreSQL keeps back none of them.
    let living = lock::living(store).await?;
    let runs = |id: i64| matches!(store, Store::Sqlite(_)) || living.contains(&id);
    let running = servers.into_iter().filter(|(id, _)| runs(*id));
    Ok(running.map(|(_, at)| Timestamp(at)).collect())
}

/// Calls that stand as open, or hold credit, though they have ended, their process has, or no call takes so long. At most a thousand.
pub(crate) async fn calls(store: &Store, since: Since) -> Result<Vec<LeftCall>, StoreError> {
    let rows: Vec<CallRow> = fetch_all!(
        store,
        CallRow,
        "SELECT c.id, COALESCE(c.account_id, c.person_id) AS account_id, c.state, CASE WHEN c.hold_seq IS NULL OR c.settle_seq IS NOT NULL THEN 0
            ELSE COALESCE(c.hold_amount, 0) END AS hold
         FROM call c LEFT JOIN process p ON p.id = c.process_id
         WHERE c.id IN (SELECT id FROM call WHERE state <> 'succeeded' AND state = 'open'
               UNION SELECT id FROM call WHERE account_id IS NOT NULL AND hold_seq IS NOT NULL AND settle_seq IS NULL)
           AND (p.ended_at <= $1 OR (p.id IS NULL AND c.started_at <= $1) OR c.started_at <= $2
             OR (c.state <> 'open' AND c.started_at + COALESCE(c.duration_us, 0) <= $1))
           AND ($3 = 0 OR COALESCE(c.account_id, c.person_id) = $3)
         ORDER BY c.id LIMIT 1000",
        since.seen.microseconds(),
        since.longest.microseconds(),
        since.account.map_or(0, AccountId::number)
    )?;
    let left = |row: CallRow| LeftCall {
        call: CallId::from_number(row.id),
        account: AccountId::from_number(row.account_id),
        open: row.state == "open",
        held: row.hold,
    };
    Ok(rows.into_iter().map(left).collect())
}

/// Lots that have ended, still hold something that no open hold can ask for, and stand on accounts in service on which nothing was booked since: what is
/// booked may have ended the last such hold, and each booking begins with what has expired. At most a thousand.
pub(crate) async fn lots(store: &Store, since: Since) -> Result<Vec<(AccountId, LotId, i64)>, StoreError> {
    let rows = fetch_all!(
        store,
        (i64, i64, i64),
        "SELECT l.account_id, l.id, l.remaining FROM lot l JOIN account a ON a.id = l.account_id
         WHERE l.spent = 0 AND l.expires_at IS NOT NULL AND l.expires_at <= $1 AND a.booked_at <= $1 AND a.quarantine IS NULL
           AND NOT EXISTS (SELECT 1 FROM call c WHERE c.account_id = l.account_id AND c.hold_seq IS NOT NULL
             AND c.settle_seq IS NULL AND c.authorised_at < l.expires_at)
           AND ($2 = 0 OR l.account_id = $2)
         ORDER BY l.id LIMIT 1000",
        since.seen.microseconds(),
        since.account.map_or(0, AccountId::number)
    )?;
    let named = |(account, lot, remaining)| (AccountId::from_number(account), LotId::from_number(lot), remaining);
    Ok(rows.into_iter().map(named).collect())
}

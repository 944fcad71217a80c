//! What the verifier reads beside the journal: the calls of an account with the transactions that ended them, and its hourly
//! sums.

use domain::{
    id::{AccountId, CallId, ProcessId},
    time::{Micros, Timestamp},
};

use super::read::STEP;
use crate::store::{
    StoreError, Tx, buckets,
    buckets::Buckets,
    tx_fetch_all, tx_fetch_optional,
    usage::{COUNTED_SINCE, Sums},
};

/// What a call says of its consumption and its money, and the transaction that it names as its end.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct CallRow {
    pub id: i64,
    pub state: String,
    /// One, when it was closed for a dead process; when its end came all the same, late.
    pub lost: i64,
    pub late: i64,
    pub started_at: i64,
    pub project_id: i64,
    pub key_id: Option<i64>,
    pub model_served: Option<String>,
    pub provider_id: Option<i64>,
    #[sqlx(flatten)]
    pub usage: Buckets,
    pub usage_source: String,
    pub drawn: Option<String>,
    pub account_id: Option<i64>,
    pub price_id: Option<i64>,
    pub authorised_at: Option<i64>,
    pub settle_seq: Option<i64>,
    pub charge: Option<i64>,
    pub cost: Option<i64>,
    pub loss: Option<i64>,
    pub funding: String,
    pub duration_us: Option<i64>,
    pub first_byte_us: Option<i64>,
    pub overhead_us: Option<i64>,
    /// How often a provider was tried, and how many of these attempts stand there.
    pub attempts: i64,
    pub attempts_there: i64,
    /// Of that transaction; absent when there is none that is about this call.
    pub kind: Option<String>,
    /// As JSON, for an allocation only.
    pub command: Option<String>,
}

impl CallRow {
    /// Nobody has written its end: it was closed for a process that was dead, and charged nothing.
    pub fn ended_with_its_process(&self) -> bool {
        self.state == "interrupted" && self.lost == 1 && self.late == 0 && self.charge.is_none()
    }
}

/// The next calls that an account pays or would pay, oldest first.
pub(crate) async fn calls(tx: &mut Tx, account: AccountId, after: CallId) -> Result<Vec<CallRow>, StoreError> {
    let limit = i64::try_from(STEP).unwrap_or(i64::MAX);
    Ok(tx_fetch_all!(
        tx,
        CallRow,
        // Those that the account's own person made, and the few that it pays for somebody else: each has an index in the order
        // of ids.
        concat!(
            "SELECT c.id, c.state, c.lost, c.late, c.started_at, COALESCE(c.project_id, c.person_id) AS project_id, c.key_id, c.model_served, c.provider_id, ",
            buckets!("c."),
            ", c.usage_source, c.drawn, c.account_id, c.price_id, c.authorised_at, c.settle_seq, c.charge, c.cost, c.loss, c.funding, c.duration_us,
            c.first_byte_us, c.overhead_us, c.attempts,
            (SELECT COUNT(*) FROM attempt a WHERE a.call_id = c.id) AS attempts_there, t.kind,
            CASE t.kind WHEN 'allocate' THEN t.command END AS command
         FROM (SELECT * FROM (SELECT * FROM call WHERE person_id = $1 AND id > $2 AND COALESCE(account_id, person_id) = $1
                              ORDER BY id LIMIT $3) AS own
               UNION ALL
               SELECT * FROM (SELECT * FROM call WHERE account_id = $1 AND id > $2 AND account_id <> person_id
                              ORDER BY id LIMIT $3) AS others) c
         LEFT JOIN ledger_transaction t ON t.account_id = c.account_id AND t.seq = c.settle_seq AND t.call_id = c.id
         ORDER BY c.id LIMIT $3"
        ),
        account.number(),
        after.number(),
        limit
    )?)
}

/// Transactions that ended calls whose rows do not name them: their numbers and the calls.
pub(crate) async fn without_call(
    tx: &mut Tx,
    account: AccountId,
    most: usize,
) -> Result<Vec<(i64, CallId)>, StoreError> {
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = tx_fetch_all!(
        tx,
        (i64, i64),
        "SELECT t.seq, t.call_id FROM ledger_transaction t LEFT JOIN call c ON c.id = t.call_id AND c.settle_seq = t.seq AND c.account_id = t.account_id
         WHERE t.account_id = $1 AND t.kind IN ('settle', 'release', 'allocate', 'late') AND t.call_id IS NOT NULL AND c.id IS NULL
           AND NOT (t.kind = 'release' AND EXISTS (SELECT 1 FROM ledger_transaction l WHERE l.call_id = t.call_id AND l.kind = 'late'))
         ORDER BY t.seq LIMIT $2",
        account.number(),
        limit
    )?;
    Ok(rows
        .into_iter()
        .map(|(seq, call)| (seq, CallId::from_number(call)))
        .collect())
}

/// Servers that ran at this moment or within `span` of it, each with its end, where that is known.
pub(crate) async fn servers_at(
    tx: &mut Tx,
    moment: Timestamp,
    span: Micros,
) -> Result<Vec<(ProcessId, Option<Timestamp>)>, StoreError> {
    let rows = tx_fetch_all!(
        tx,
        (i64, Option<i64>),
        "SELECT id, ended_at FROM process WHERE kind = 'serve' AND started_at <= $1 AND (ended_at IS NULL OR ended_at >= $2)",
        moment.plus(span).microseconds(),
        moment.plus(Micros(-span.0)).microseconds()
    )?;
    let row = |(id, end): (i64, Option<i64>)| (ProcessId::from_number(id), end.map(Timestamp));
    Ok(rows.into_iter().map(row).collect())
}

/// Whether a process ran a call that began between these moments.
pub(crate) async fn ran_a_call(
    tx: &mut Tx,
    process: ProcessId,
    from: Timestamp,
    until: Option<Timestamp>,
) -> Result<bool, StoreError> {
    // Ids begin with the time, in milliseconds.
    let id = |moment: Timestamp| domain::id::pack(moment.milliseconds() + 1, 0, 0);
    let found = tx_fetch_optional!(
        tx,
        (i64,),
        "SELECT id FROM call WHERE id > $1 AND id < $2 AND process_id = $3 LIMIT 1",
        id(from),
        until.map_or(i64::MAX, id),
        process.number()
    )?;
    Ok(found.is_some())
}

/// Whether a server had to forget what it had decided on an account and not written, whose last transaction there is of between these moments.
pub(crate) async fn was_forgotten(
    tx: &mut Tx,
    account: AccountId,
    from: Timestamp,
    until: Timestamp,
) -> Result<bool, StoreError> {
    let found = tx_fetch_optional!(
        tx,
        (i64,),
        "SELECT booked_at FROM ledger_forgotten WHERE account_id = $1 AND booked_at BETWEEN $2 AND $3 LIMIT 1",
        account.number(),
        from.microseconds(),
        until.microseconds()
    )?;
    Ok(found.is_some())
}

/// The sums of an hour.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct HourRow {
    pub hour: i64,
    pub project_id: i64,
    pub key_id: i64,
    pub model: String,
    pub provider_id: i64,
    #[sqlx(flatten)]
    pub sums: Sums,
}

/// The hourly sums of an account, of hours that begin at this moment or later.
pub(crate) async fn hours(
    tx: &mut Tx,
    account: AccountId,
    since: Option<Timestamp>,
) -> Result<Vec<HourRow>, StoreError> {
    Ok(tx_fetch_all!(
        tx,
        HourRow,
        concat!(
            "SELECT hour, project_id, key_id, model, provider_id, calls, errors, ",
            buckets!(),
            ", images, estimated, estimated_charge, charge, cost, duration_us, first_byte_us, overhead_us
             FROM usage_hour WHERE account_id = $1 AND hour >= $2 ORDER BY hour"
        ),
        account.number(),
        since.map_or(i64::MIN, Timestamp::microseconds)
    )?)
}

/// When the last server ended that did not count all that the sums of hours tell of. None: there was none. One that runs ends when time does.
pub(crate) async fn counts_less_until(tx: &mut Tx) -> Result<Option<Timestamp>, StoreError> {
    let ended = tx_fetch_optional!(
        tx,
        (Option<i64>,),
        "SELECT MAX(COALESCE(ended_at, $2)) FROM process WHERE kind = 'serve' AND COALESCE(migration, 0) < $1",
        COUNTED_SINCE,
        i64::MAX
    )?;
    Ok(ended.and_then(|(ended,)| ended).map(Timestamp))
}

//! Writes calls and attempts in batches: one statement for many rows, one transaction for a batch. Texts are bound as what
//! they are, shared: a borrowed text is copied for SQLite's thread.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use domain::{
    call::CallState,
    id::{CallId, CredentialId, KeyId, PriceId, ProviderId},
    ledger::Seq,
    money::Amount,
    time::Timestamp,
};
use sqlx::{Database, Encode, Row as _, Type};

use super::{AttemptRow, CallRow};
use crate::store::{
    StoreError, Tx, buckets,
    buckets::Buckets,
    insert::{Insert, Values, pieces, word},
    limits, responses, usage,
};

pub(in crate::store) static NEW_CALLS: Insert = Insert::new(CALL_COLUMNS, "");
/// Answers with the calls whose rows did not stand.
static UNSEEN_CALLS: Insert = Insert::new(CALL_COLUMNS, " ON CONFLICT (id) DO NOTHING RETURNING id");
static CALLS: Insert = Insert::new(CALL_COLUMNS, CALL_CONFLICT);
pub(in crate::store) static ATTEMPTS: Insert = Insert::new(ATTEMPT_COLUMNS, ATTEMPT_CONFLICT);

const CALL_COLUMNS: &str = concat!(
    "INSERT INTO call (id, process_id, started_at, endpoint, door, streamed, state, status, person_id, key_id,
    model_asked, model_served, provider_id, provider, finish_reason, ",
    buckets!(),
    ", provider_kind, usage_source, raw_usage, first_byte_us, duration_us,
    overhead_us, fault, error_code, error_message, agent, attempts, account_id, price_id, funding, hold_seq, hold_amount,
    authorised_at, settle_seq, charge, cost, loss, dialect, dropped, project_id, limited, estimated_cost,
    drawn)"
);

/// A call that stands already is completed. One that a sweeper closed meanwhile is completed too: we know better, but for what
/// the ledger has booked of it. A beginning that comes after the end (the two may go through different writers) changes nothing.
const CALL_CONFLICT: &str = concat!(
    " ON CONFLICT (id) DO UPDATE SET state = excluded.state, status = excluded.status,
    streamed = excluded.streamed, model_served = excluded.model_served, provider_id = excluded.provider_id,
    provider = excluded.provider, finish_reason = excluded.finish_reason, ",
    buckets!("", " = excluded."),
    ", provider_kind = excluded.provider_kind, usage_source = excluded.usage_source,
    raw_usage = excluded.raw_usage, first_byte_us = excluded.first_byte_us, duration_us = excluded.duration_us,
    overhead_us = excluded.overhead_us, fault = excluded.fault, error_code = excluded.error_code,
    error_message = excluded.error_message, attempts = excluded.attempts, dropped = excluded.dropped, drawn = excluded.drawn,
    price_id = COALESCE(excluded.price_id, call.price_id),
    funding = CASE excluded.funding WHEN 'none' THEN call.funding ELSE excluded.funding END,
    hold_seq = COALESCE(excluded.hold_seq, call.hold_seq),
    hold_amount = COALESCE(excluded.hold_amount, call.hold_amount),
    authorised_at = COALESCE(excluded.authorised_at, call.authorised_at),
    settle_seq = COALESCE(excluded.settle_seq, call.settle_seq), charge = COALESCE(excluded.charge, call.charge),
    cost = COALESCE(excluded.cost, call.cost), loss = COALESCE(excluded.loss, call.loss),
    limited = COALESCE(excluded.limited, call.limited),
    estimated_cost = COALESCE(excluded.estimated_cost, call.estimated_cost),
    late = CASE call.lost WHEN 1 THEN 1 ELSE call.late END
    WHERE call.process_id = excluded.process_id AND (excluded.state <> 'open' OR call.state = 'open')"
);

const ATTEMPT_COLUMNS: &str =
    "INSERT INTO attempt (id, call_id, number, provider_id, provider, credential_id, credential, model,
    started_at, status, first_byte_us, duration_us, upstream_request_id, fault, error_code, error_message)";
/// A batch whose commit was not confirmed is written again.
const ATTEMPT_CONFLICT: &str = " ON CONFLICT (call_id, number) DO NOTHING";

macro_rules! ahead {
    ($those:literal) => {
        concat!(
            "UPDATE call SET ahead = 1 WHERE id ",
            $those,
            " AND state <> 'open' RETURNING id"
        )
    };
}
const AHEAD_SQLITE: &str = ahead!("IN (SELECT value FROM json_each($1))");
const AHEAD_POSTGRES: &str = ahead!("= ANY($1)");

/// What is written together.
#[derive(Debug, Default)]
pub(crate) struct Rows<'a> {
    /// Calls that no row was written of. One that stands all the same is refused (`StoreError::is_unique_violation`): to look
    /// for none is what makes them cheaper.
    pub new: Vec<&'a CallRow>,
    /// Calls whose rows may stand already, and are completed.
    pub known: Vec<&'a CallRow>,
    /// Attempts of either.
    pub attempts: Vec<&'a AttemptRow>,
}

impl Rows<'_> {
    /// No call counts as new any longer. `false` when none did.
    pub fn doubt(&mut self) -> bool {
        let believed = !self.new.is_empty();
        self.known.append(&mut self.new);
        believed
    }
}

/// Writes all rows, remembers what providers keep, and adds the calls that have ended to the sums of their hours and to what counts against limits. A call may end twice, when a sweeper took its
/// process for dead: then the sums get the difference.
pub(crate) async fn write(tx: &mut Tx, rows: &Rows<'_>) -> Result<(), StoreError> {
    let Rows { new, known, attempts } = rows;
    let known = &take_back(tx, known).await?;
    match tx {
        Tx::Sqlite(tx) => {
            for piece in pieces(new) {
                NEW_CALLS.of(&piece, bind_call).execute(&mut **tx).await?;
            }
            for piece in pieces(known) {
                CALLS.of(&piece, bind_call).execute(&mut **tx).await?;
            }
            for piece in pieces(attempts) {
                ATTEMPTS.of(&piece, bind_attempt).execute(&mut **tx).await?;
            }
        }
        Tx::Postgres(tx) => {
            for piece in pieces(new) {
                NEW_CALLS.of(&piece, bind_call).execute(&mut **tx).await?;
            }
            for piece in pieces(known) {
                CALLS.of(&piece, bind_call).execute(&mut **tx).await?;
            }
            for piece in pieces(attempts) {
                ATTEMPTS.of(&piece, bind_attempt).execute(&mut **tx).await?;
            }
        }
    }
    let calls = || new.iter().chain(&rows.known).copied();
    responses::remember(tx, calls()).await?;
    usage::add(tx, calls()).await?;
    limits::add(tx, calls()).await
}

/// Marks the calls among these that have ended: their answers left before their end was written. Gives those.
pub(crate) async fn mark_ahead(tx: &mut Tx, calls: &[CallId]) -> Result<BTreeSet<CallId>, StoreError> {
    let ids: Vec<i64> = calls.iter().map(|call| call.number()).collect();
    let marked: Vec<(i64,)> = match tx {
        Tx::Sqlite(tx) => {
            sqlx::query_as(AHEAD_SQLITE)
                .bind(serde_json::to_string(&ids).unwrap_or_default())
                .fetch_all(&mut **tx)
                .await?
        }
        Tx::Postgres(tx) => sqlx::query_as(AHEAD_POSTGRES).bind(ids).fetch_all(&mut **tx).await?,
    };
    Ok(marked.into_iter().map(|(id,)| CallId::from_number(id)).collect())
}

/// Takes out of all sums what these calls have added to them before, and answers with those that are not written yet.
///
/// On PostgreSQL somebody else may be about to write the end of the same call, and a row that does not stand yet cannot be locked.
/// So it is put there: whoever puts it there has the call to itself, and the other one waits for that and finds it.
async fn take_back<'a>(tx: &mut Tx, known: &[&'a CallRow]) -> Result<Vec<&'a CallRow>, StoreError> {
    let mut known = known.to_vec();
    let standing = usage::take_back(tx, known.iter().copied()).await?;
    if let Tx::Postgres(postgres) = tx {
        let unseen = |call: &CallRow| call.state != CallState::Open && !standing.contains(&call.id);
        let mut missing: Vec<&CallRow> = known.iter().copied().filter(|call| unseen(call)).collect();
        missing.sort_unstable_by_key(|call| call.id);
        let mut ours: HashSet<CallId> = HashSet::new();
        for piece in pieces(&missing) {
            for row in UNSEEN_CALLS.of(&piece, bind_call).fetch_all(&mut **postgres).await? {
                ours.insert(CallId::from_number(row.try_get(0)?));
            }
        }
        known.retain(|call| !ours.contains(&call.id));
        let theirs = missing.into_iter().filter(|call| !ours.contains(&call.id));
        usage::take_back(tx, theirs).await?;
    }
    limits::take_back(tx, &known).await?;
    Ok(known)
}

pub(in crate::store) fn bind_call<'q, DB: Database, V: Values<'q, DB>>(query: V, row: &&'q CallRow) -> V
where
    i64: Encode<'q, DB> + Type<DB>,
    Option<i64>: Encode<'q, DB> + Type<DB>,
    &'q str: Encode<'q, DB> + Type<DB>,
    Option<&'q str>: Encode<'q, DB> + Type<DB>,
    Arc<str>: Encode<'q, DB> + Type<DB>,
    Option<Arc<str>>: Encode<'q, DB> + Type<DB>,
{
    let row: &'q CallRow = row;
    let (failure, money) = (row.failure.as_ref(), &row.money);
    let query = query
        .put(row.id.number())
        .put(row.process.number())
        .put(row.started_at.microseconds())
        .put(word(row.endpoint.as_str()))
        .put(word(row.door.as_str()))
        .put(i64::from(row.streamed))
        .put(word(row.state.as_str()))
        .put(row.status.map(i64::from))
        .put(row.user.number())
        .put(row.key.map(KeyId::number))
        .put(Arc::clone(&row.model_asked))
        .put(row.model_served.clone())
        .put(row.provider_id.map(ProviderId::number))
        .put(row.provider.clone())
        .put(row.finish_reason.clone());
    let used = Buckets::from(&row.usage).listed();
    used.into_iter()
        .fold(query, Values::put)
        .put(row.provider_kind.map(|kind| word(kind.as_str())))
        .put(word(row.usage_source.as_str()))
        .put(row.raw_usage.clone())
        .put(row.first_byte.map(|span| span.0))
        .put(row.duration.map(|span| span.0))
        .put(row.overhead.map(|span| span.0))
        .put(failure.map(|failure| failure.fault.as_str()))
        .put(failure.map(|failure| failure.code.as_str()))
        .put(failure.map(|failure| failure.message.as_str()))
        .put(row.agent.clone())
        .put(row.attempts)
        .put(row.account.number())
        .put(money.price.map(PriceId::number))
        .put(word(money.funding.as_str()))
        .put(money.held_after.map(|Seq(seq)| seq))
        .put(money.hold.map(|hold| hold.amount.nano()))
        .put(
            money
                .hold
                .map(|hold| hold.authorised_at)
                .or(money.priced_at)
                .map(Timestamp::microseconds),
        )
        .put(money.settled_by.map(|Seq(seq)| seq))
        .put(money.charge.map(Amount::nano))
        .put(money.cost.map(Amount::nano))
        .put(money.loss.map(Amount::nano))
        .put(word(row.dialect.as_str()))
        .put(row.dropped.as_deref())
        .put(row.project.number())
        .put(row.limited.as_ref().map(|limited| limited.text()))
        .put(money.estimate.map(Amount::nano))
        .put(row.drawn.as_ref().map(|drawn| Arc::<str>::from(drawn.to_string())))
}

pub(in crate::store) fn bind_attempt<'q, DB: Database, V: Values<'q, DB>>(query: V, row: &&'q AttemptRow) -> V
where
    i64: Encode<'q, DB> + Type<DB>,
    Option<i64>: Encode<'q, DB> + Type<DB>,
    &'q str: Encode<'q, DB> + Type<DB>,
    Option<&'q str>: Encode<'q, DB> + Type<DB>,
    Arc<str>: Encode<'q, DB> + Type<DB>,
    Option<Arc<str>>: Encode<'q, DB> + Type<DB>,
{
    let row: &'q AttemptRow = row;
    let failure = row.failure.as_ref();
    query
        .put(row.id.number())
        .put(row.call.number())
        .put(row.number)
        .put(row.provider_id.number())
        .put(Arc::clone(&row.provider))
        .put(row.credential_id.map(CredentialId::number))
        .put(row.credential.clone())
        .put(Arc::clone(&row.model))
        .put(row.started_at.microseconds())
        .put(row.status.map(i64::from))
        .put(row.first_byte.map(|span| span.0))
        .put(row.duration.0)
        .put(row.upstream_request_id.clone())
        .put(failure.map(|failure| failure.fault.as_str()))
        .put(failure.map(|failure| failure.code.as_str()))
        .put(failure.map(|failure| failure.message.as_str()))
}

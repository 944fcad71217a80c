//! What counts against limits: added in the transaction that writes the end of a call, like the sums of hours. A call that ends
//! twice, as a sweeper took its process for dead, adds the difference.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    call::CallState,
    id::{CallId, LimitId},
    limit::{Bucket, Counters, Spent, Taking},
    money::Amount,
    time::Timestamp,
};
use sqlx::{Database, Encode, Type, query::Query};

use crate::store::{
    Store, StoreError, Tx,
    calls::CallRow,
    fetch_all,
    insert::{Insert, pieces},
};

/// What a call has reserved of limits, as its row says it.
#[derive(Debug, PartialEq, Eq)]
pub struct Limited {
    /// Of each limit.
    pub takings: Vec<Taking>,
    /// The same as JSON.
    text: Arc<str>,
}

impl Limited {
    /// None for nothing.
    #[must_use]
    pub fn of(takings: Vec<Taking>) -> Option<Arc<Self>> {
        // Plain numbers and words: there is nothing that could not be written.
        let text = serde_json::to_string(&takings).unwrap_or_default().into();
        (!takings.is_empty()).then(|| Arc::new(Self { takings, text }))
    }

    /// For the row.
    pub(in crate::store) fn text(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }
}

/// What a row says; one that cannot be read counts nowhere.
fn read(text: &str) -> Vec<Taking> {
    serde_json::from_str(text).unwrap_or_else(|error| {
        tracing::error!(%error, "what a call has reserved of limits cannot be read");
        Vec::new()
    })
}

impl CallRow {
    /// What counts of it when it has ended.
    #[must_use]
    pub fn spent(&self) -> Spent {
        let tokens = self.usage.input_total().saturating_add(self.usage.output_total());
        Spent {
            tokens: i64::try_from(tokens).unwrap_or(i64::MAX),
            charge: self.money.charge.map_or(0, Amount::nano),
        }
    }
}

static COUNTS: Insert = Insert::new(
    "INSERT INTO limit_count (limit_id, bucket, used)",
    " ON CONFLICT (limit_id, bucket) DO UPDATE SET used = limit_count.used + excluded.used",
);

/// By limit and bucket. In this order rows are written by everybody, so nobody waits in a circle.
type Sums = BTreeMap<(LimitId, Timestamp), i64>;

fn count(sums: &mut Sums, takings: &[Taking], spent: Spent, sign: i64) {
    for taking in takings {
        let used = spent.counts(taking.measure);
        if used != 0 {
            let sum = sums.entry((taking.limit, taking.bucket)).or_default();
            *sum = sum.saturating_add(sign * used);
        }
    }
}

/// Adds the calls among these that have ended. What they had reserved is free.
pub(crate) async fn add<'a>(tx: &mut Tx, calls: impl Iterator<Item = &'a CallRow>) -> Result<(), StoreError> {
    let (mut sums, mut ended) = (Sums::new(), Vec::new());
    for call in calls.filter(|call| call.state != CallState::Open) {
        if let Some(limited) = &call.limited {
            count(&mut sums, &limited.takings, call.spent(), 1);
            ended.push(call.id.number());
        }
    }
    write(tx, sums).await?;
    free(tx, &ended).await
}

/// The calls of a list of ids, which each database takes in its own way.
macro_rules! of_calls {
    ($head:literal, $sqlite:literal, $postgres:literal) => {
        (concat!($head, $sqlite), concat!($head, $postgres))
    };
}
const ENDED: (&str, &str) = of_calls!(
    "SELECT limited, input_uncached + cache_read + cache_write_5m + cache_write_1h + input_audio + input_image + output_text
        + output_reasoning + output_audio + output_image, COALESCE(charge, 0) FROM call
     WHERE state <> 'open' AND limited IS NOT NULL AND id ",
    "IN (SELECT value FROM json_each($1))",
    "= ANY($1)"
);
const FREE: (&str, &str) = of_calls!(
    "DELETE FROM limit_taking WHERE call_id ",
    "IN (SELECT value FROM json_each($1))",
    "= ANY($1)"
);

/// Takes out of the counts what calls added that have ended before and now end in another way. To be called before their rows are
/// written.
pub(crate) async fn take_back(tx: &mut Tx, calls: &[&CallRow]) -> Result<(), StoreError> {
    let ids: Vec<i64> = calls
        .iter()
        .filter(|call| call.state != CallState::Open && call.limited.is_some())
        .map(|call| call.id.number())
        .collect();
    if ids.is_empty() {
        return Ok(());
    }
    let ended: Vec<(String, i64, i64)> = match tx {
        Tx::Sqlite(tx) => {
            let list = serde_json::to_string(&ids).unwrap_or_default();
            sqlx::query_as(ENDED.0).bind(list).fetch_all(&mut **tx).await?
        }
        Tx::Postgres(tx) => sqlx::query_as(ENDED.1).bind(ids).fetch_all(&mut **tx).await?,
    };
    let mut sums = Sums::new();
    for (limited, tokens, charge) in ended {
        count(&mut sums, &read(&limited), Spent { tokens, charge }, -1);
    }
    write(tx, sums).await
}

/// Adds calls that ended with their process: they were admitted, and what they used nobody knows. What they had reserved is free.
pub(crate) async fn add_lost(tx: &mut Tx, calls: &[(CallId, Option<String>)]) -> Result<(), StoreError> {
    let (mut sums, mut ended) = (Sums::new(), Vec::new());
    for (call, limited) in calls {
        if let Some(limited) = limited {
            count(&mut sums, &read(limited), Spent::default(), 1);
            ended.push(call.number());
        }
    }
    write(tx, sums).await?;
    free(tx, &ended).await
}

/// Adds something that counts as a request and is no call.
pub(crate) async fn add_request(tx: &mut Tx, takings: &[Taking]) -> Result<(), StoreError> {
    let mut sums = Sums::new();
    count(&mut sums, takings, Spent::default(), 1);
    write(tx, sums).await
}

async fn free(tx: &mut Tx, calls: &[i64]) -> Result<(), StoreError> {
    match tx {
        _ if calls.is_empty() => {}
        // There is one server, which has it in memory.
        Tx::Sqlite(_) => {}
        Tx::Postgres(tx) => {
            sqlx::query(FREE.1).bind(calls).execute(&mut **tx).await?;
        }
    }
    Ok(())
}

async fn write(tx: &mut Tx, sums: Sums) -> Result<(), StoreError> {
    let rows: Vec<(LimitId, Timestamp, i64)> = sums
        .into_iter()
        .map(|((limit, bucket), sum)| (limit, bucket, sum))
        .collect();
    match tx {
        Tx::Sqlite(tx) => {
            for piece in pieces(&rows) {
                COUNTS.of(&piece, bind).execute(&mut **tx).await?;
            }
        }
        Tx::Postgres(tx) => {
            for piece in pieces(&rows) {
                COUNTS.of(&piece, bind).execute(&mut **tx).await?;
            }
        }
    }
    Ok(())
}

fn bind<'q, DB: Database>(
    query: Query<'q, DB, DB::Arguments>,
    (limit, bucket, sum): &'q (LimitId, Timestamp, i64),
) -> Query<'q, DB, DB::Arguments>
where
    i64: Encode<'q, DB> + Type<DB>,
{
    query.bind(limit.number()).bind(bucket.microseconds()).bind(*sum)
}

fn put(counters: &mut Counters, rows: Vec<(i64, i64, i64)>) {
    for (limit, bucket, used) in rows {
        let counts = Bucket { used, reserved: 0 };
        counters.of(LimitId::from_number(limit)).load(Timestamp(bucket), counts);
    }
}

/// Everything that was used.
pub(crate) async fn all_counts(store: &Store) -> Result<Counters, StoreError> {
    let mut counters = Counters::default();
    let rows = fetch_all!(store, (i64, i64, i64), "SELECT limit_id, bucket, used FROM limit_count")?;
    put(&mut counters, rows);
    Ok(counters)
}

/// What was used of one limit.
pub(crate) async fn counts_of(store: &Store, counters: &mut Counters, limit: LimitId) -> Result<(), StoreError> {
    let query = "SELECT limit_id, bucket, used FROM limit_count WHERE limit_id = $1";
    put(counters, fetch_all!(store, (i64, i64, i64), query, limit.number())?);
    Ok(())
}

/// What the calls that run have reserved, of whatever limit.
pub(crate) async fn open(store: &Store) -> Result<Vec<Taking>, StoreError> {
    let query = "SELECT limited FROM call WHERE state <> 'succeeded' AND state = 'open' AND limited IS NOT NULL";
    let rows = fetch_all!(store, (String,), query)?;
    Ok(rows.iter().flat_map(|(limited,)| read(limited)).collect())
}

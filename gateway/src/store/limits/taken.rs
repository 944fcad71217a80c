//! What servers that share the ledger have let running calls reserve. Whoever decides locks the limits first, in the order of
//! their ids, and reads what was used and what is reserved with one statement: both are of one moment then, and what ends
//! meanwhile counts once, as the one or as the other.

use domain::{
    id::{CallId, LimitId},
    limit::{Bucket, Counters, Taking},
    time::Timestamp,
};
use sqlx::{Database, Encode, Type, query::Query};

use crate::store::{
    StoreError, Tx,
    insert::{Insert, pieces},
};

/// What a call has reserved of one limit.
pub(crate) struct Taken {
    pub call: CallId,
    pub taking: Taking,
}

static TAKINGS: Insert = Insert::new(
    "INSERT INTO limit_taking (limit_id, call_id, bucket, reserved)",
    " ON CONFLICT (limit_id, call_id) DO UPDATE SET reserved = excluded.reserved",
);

/// Locks these limits and reads what counts against them, but for what the calls have reserved that are admitted in this
/// transaction: it may be tried again after a commit that was not confirmed. Only servers on PostgreSQL share the ledger.
pub(crate) async fn load(tx: &mut Tx, limits: &[LimitId], but: &[CallId]) -> Result<Counters, StoreError> {
    let mut counters = Counters::default();
    let (Tx::Postgres(tx), false) = (tx, limits.is_empty()) else {
        return Ok(counters);
    };
    let ids: Vec<i64> = limits.iter().map(|limit| limit.number()).collect();
    let but: Vec<i64> = but.iter().map(|call| call.number()).collect();
    sqlx::query("SELECT id FROM usage_limit WHERE id = ANY($1) ORDER BY id FOR UPDATE")
        .bind(&ids)
        .execute(&mut **tx)
        .await?;
    let rows: Vec<(i64, i64, i64, i64)> = sqlx::query_as(
        "SELECT limit_id, bucket, used, CAST(0 AS BIGINT) FROM limit_count WHERE limit_id = ANY($1)
         UNION ALL
         SELECT limit_id, bucket, CAST(0 AS BIGINT), CAST(SUM(reserved) AS BIGINT) FROM limit_taking
         WHERE limit_id = ANY($1) AND NOT (call_id = ANY($2)) GROUP BY limit_id, bucket",
    )
    .bind(&ids)
    .bind(&but)
    .fetch_all(&mut **tx)
    .await?;
    for (limit, bucket, used, reserved) in rows {
        let counts = Bucket { used, reserved };
        counters.of(LimitId::from_number(limit)).load(Timestamp(bucket), counts);
    }
    Ok(counters)
}

/// Writes what calls have reserved from now on.
pub(crate) async fn write(tx: &mut Tx, taken: &[Taken]) -> Result<(), StoreError> {
    if let Tx::Postgres(tx) = tx {
        for piece in pieces(taken) {
            TAKINGS.of(&piece, bind).execute(&mut **tx).await?;
        }
    }
    Ok(())
}

fn bind<'q, DB: Database>(query: Query<'q, DB, DB::Arguments>, taken: &'q Taken) -> Query<'q, DB, DB::Arguments>
where
    i64: Encode<'q, DB> + Type<DB>,
{
    query
        .bind(taken.taking.limit.number())
        .bind(taken.call.number())
        .bind(taken.taking.bucket.microseconds())
        .bind(taken.taking.reserved)
}

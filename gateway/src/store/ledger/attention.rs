//! Calls that somebody should look at, by the index that holds only those.

use domain::{id, money::Amount, time::Timestamp};

use crate::{
    Attention,
    store::{Store, StoreError, calls::concern::concern, fetch_all},
};

#[derive(sqlx::FromRow)]
struct Row {
    losses: i64,
    loss: i64,
    late: i64,
    ahead: i64,
    unbilled: i64,
    estimated: i64,
    at_most: i64,
    doubted: i64,
}

const COUNTS: &str = concat!(
    "SELECT COUNT(CASE WHEN ",
    concern!(loss),
    " THEN 1 END) AS losses, CAST(COALESCE(SUM(loss), 0) AS BIGINT) AS loss, COUNT(CASE WHEN ",
    concern!(late),
    " THEN 1 END) AS late, COUNT(CASE WHEN ",
    concern!(ahead),
    " THEN 1 END) AS ahead, COUNT(CASE WHEN ",
    concern!(unbilled),
    " THEN 1 END) AS unbilled, CAST(COALESCE(SUM(CASE WHEN ",
    concern!(unbilled),
    // Of calls of before there was an estimate, what they can have cost.
    " THEN COALESCE(estimated_cost, hold_amount) END), 0) AS BIGINT) AS estimated, CAST(COALESCE(SUM(CASE WHEN ",
    concern!(unbilled),
    " THEN hold_amount END), 0) AS BIGINT) AS at_most, COUNT(CASE WHEN ",
    concern!(doubted),
    " THEN 1 END) AS doubted FROM call WHERE id >= $1 AND ",
    concern!(any),
);

/// Of calls that began since.
pub(crate) async fn of_calls(store: &Store, since: Timestamp) -> Result<Attention, StoreError> {
    // Ids begin with the time.
    let first = id::pack(since.milliseconds(), 0, 0);
    let rows: Vec<Row> = fetch_all!(store, Row, COUNTS, first)?;
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    let sum = |nano: i64| Amount::from_nano(nano).unwrap_or_default();
    Ok(rows.first().map_or_else(Attention::default, |row| Attention {
        losses: count(row.losses),
        loss: sum(row.loss),
        late: count(row.late),
        ahead: count(row.ahead),
        unbilled: count(row.unbilled),
        estimated: sum(row.estimated),
        at_most: sum(row.at_most),
        doubted: count(row.doubted),
    }))
}

//! Calls that somebody should look at, by the index that holds only those.

use domain::{money::Amount, time::Timestamp};

use crate::{
    Attention,
    store::{Store, StoreError, fetch_all},
};

#[derive(sqlx::FromRow)]
struct Row {
    losses: i64,
    loss: i64,
    late: i64,
    unbilled: i64,
    at_most: i64,
}

/// Of calls that began since.
pub(crate) async fn of_calls(store: &Store, since: Timestamp) -> Result<Attention, StoreError> {
    let rows: Vec<Row> = fetch_all!(
        store,
        Row,
        "SELECT COUNT(CASE WHEN loss > 0 THEN 1 END) AS losses, CAST(COALESCE(SUM(loss), 0) AS BIGINT) AS loss,
            CAST(COALESCE(SUM(late), 0) AS BIGINT) AS late,
            COUNT(CASE WHEN lost = 1 AND late = 0 AND hold_seq IS NOT NULL AND charge IS NULL THEN 1 END) AS unbilled,
            CAST(COALESCE(SUM(CASE WHEN lost = 1 AND late = 0 AND hold_seq IS NOT NULL AND charge IS NULL
                THEN hold_amount END), 0) AS BIGINT) AS at_most
         FROM call WHERE started_at >= $1 AND (lost = 1 OR late = 1 OR loss > 0)",
        since.microseconds()
    )?;
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    let sum = |nano: i64| Amount::from_nano(nano).unwrap_or_default();
    Ok(rows.first().map_or_else(Attention::default, |row| Attention {
        losses: count(row.losses),
        loss: sum(row.loss),
        late: count(row.late),
        unbilled: count(row.unbilled),
        at_most: sum(row.at_most),
    }))
}

//! What was booked, written on PostgreSQL in one journey: `journal_write` (migration 0036) takes each column as an array. Statement by
//! statement a batch took eight journeys, which is what its time went to.

use domain::{
    id::{CallId, LotId},
    time::Timestamp,
};
use sqlx::PgConnection;

use super::parts::Parts;
use crate::store::StoreError;

/// Its arguments in their order, by the columns of `lot`, `ledger_entry`, `ledger_transaction` and `account`.
const WRITE: &str = "SELECT journal_write($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
    $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35)";

/// Gives how many accounts stood where the batch begins, and were moved.
pub(super) async fn write(tx: &mut PgConnection, parts: &Parts<'_>) -> Result<u64, StoreError> {
    let Parts {
        lots,
        entries,
        lines,
        steps,
    } = parts;
    if lots.is_empty() && lines.is_empty() {
        return Ok(0);
    }
    macro_rules! column {
        ($rows:expr, $row:pat => $value:expr) => {
            $rows.iter().map(|$row| $value).collect::<Vec<_>>()
        };
    }
    let moved: i64 = sqlx::query_scalar(WRITE)
        .bind(column!(lots, (_, lot) => lot.id.number()))
        .bind(column!(lots, (account, _) => account.number()))
        .bind(column!(lots, (_, lot) => lot.kind.as_str()))
        .bind(column!(lots, (_, lot) => i64::from(lot.priority)))
        .bind(column!(lots, (_, lot) => lot.amount.nano()))
        .bind(column!(lots, (_, lot) => lot.remaining.nano()))
        .bind(column!(lots, (_, lot) => lot.effective_at.microseconds()))
        .bind(column!(lots, (_, lot) => lot.expires_at.map(Timestamp::microseconds)))
        .bind(column!(lots, (_, lot) => lot.created_at.microseconds()))
        .bind(column!(lots, (_, lot) => lot.source.as_str()))
        .bind(column!(entries, (effects, ..) => effects.account.number()))
        .bind(column!(entries, (effects, ..) => effects.seq.0))
        .bind(column!(entries, (_, n, _) => *n))
        .bind(column!(entries, (.., entry) => entry.account.as_str()))
        .bind(column!(entries, (.., entry) => entry.lot.map(LotId::number)))
        .bind(column!(entries, (.., entry) => entry.amount.nano()))
        .bind(column!(lines, (effects, _) => effects.account.number()))
        .bind(column!(lines, (effects, _) => effects.seq.0))
        .bind(column!(lines, (effects, _) => effects.kind.as_str()))
        .bind(column!(lines, (effects, _) => effects.booked_at.microseconds()))
        .bind(column!(lines, (_, line) => line.call.map(CallId::number)))
        .bind(column!(lines, (_, line) => &*line.command))
        .bind(column!(lines, (_, line) => &*line.actor))
        .bind(column!(lines, (effects, _) => effects.after.balance.nano()))
        .bind(column!(lines, (effects, _) => effects.after.held.nano()))
        .bind(column!(lines, (effects, _) => effects.after.debt.nano()))
        .bind(column!(lines, (_, line) => &*line.hash))
        .bind(column!(steps, step => step.account.number()))
        .bind(column!(steps, step => step.before))
        .bind(column!(steps, step => step.last.seq.0))
        .bind(column!(steps, step => step.last.booked_at.microseconds()))
        .bind(column!(steps, step => &*step.line.hash))
        .bind(column!(steps, step => step.last.after.balance.nano()))
        .bind(column!(steps, step => step.last.after.debt.nano()))
        .bind(column!(steps, step => step.last.after.status.as_str()))
        .fetch_one(tx)
        .await?;
    Ok(u64::try_from(moved).unwrap_or_default())
}

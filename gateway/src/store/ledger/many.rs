//! Many accounts at once, for the batches of a shared ledger: locked in the order of their ids, so that two processes never
//! wait for each other in a circle, then loaded with as few statements as for one.

use std::collections::HashMap;

use domain::id::AccountId;
use sqlx::{Postgres, Transaction};

use super::{AccountRow, Found, LotRow, assemble, hold, load, lock};
use crate::store::{StoreError, Tx};

#[derive(sqlx::FromRow)]
struct Locked {
    id: i64,
    #[sqlx(flatten)]
    account: AccountRow,
}

/// A lot, or a hold, which has no kind.
#[derive(sqlx::FromRow)]
struct Part {
    account_id: i64,
    id: i64,
    kind: Option<String>,
    priority: i64,
    amount: i64,
    remaining: i64,
    since: i64,
    expires_at: Option<i64>,
    created_at: i64,
    source: String,
}

/// Locks and loads accounts, given in the order of their ids. Those that there are not are left out.
pub(crate) async fn lock_and_load(tx: &mut Tx, ids: &[AccountId]) -> Result<Vec<(AccountId, Found)>, StoreError> {
    if let Tx::Postgres(tx) = tx {
        return together(tx, ids).await;
    }
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        if lock(tx, *id).await?
            && let Some(account) = load(tx, *id).await?
        {
            found.push((*id, account));
        }
    }
    Ok(found)
}

async fn together(
    tx: &mut Transaction<'static, Postgres>,
    ids: &[AccountId],
) -> Result<Vec<(AccountId, Found)>, StoreError> {
    let ids: Vec<i64> = ids.iter().map(|id| id.number()).collect();
    let locked: Vec<Locked> = sqlx::query_as(
        "SELECT id, status, quarantine, seq, booked_at, chain, balance, debt,
            created_at FROM account WHERE id = ANY($1) ORDER BY id FOR UPDATE",
    )
    .bind(&ids)
    .fetch_all(&mut **tx)
    .await?;
    // Lots and holds are of the same moment, and one journey.
    let rows: Vec<Part> = sqlx::query_as(
        "SELECT account_id, id, kind, priority, amount, remaining, effective_at AS since, expires_at, created_at, source
         FROM lot WHERE account_id = ANY($1) AND remaining > 0
         UNION ALL
         SELECT account_id, id, NULL, 0, hold_amount, 0, authorised_at, NULL, 0, '' FROM call
         WHERE account_id = ANY($1) AND hold_seq IS NOT NULL AND settle_seq IS NULL",
    )
    .bind(&ids)
    .fetch_all(&mut **tx)
    .await?;
    let mut lots: HashMap<i64, Vec<LotRow>> = HashMap::new();
    let mut holds: HashMap<i64, Vec<(i64, i64, i64)>> = HashMap::new();
    for row in rows {
        let Some(kind) = row.kind else {
            let hold = (row.id, row.amount, row.since);
            holds.entry(row.account_id).or_default().push(hold);
            continue;
        };
        lots.entry(row.account_id).or_default().push(LotRow {
            id: row.id,
            kind,
            priority: row.priority,
            amount: row.amount,
            remaining: row.remaining,
            effective_at: row.since,
            expires_at: row.expires_at,
            created_at: row.created_at,
            source: row.source,
        });
    }
    let found = locked.into_iter().map(|row| {
        let lots = lots.remove(&row.id).unwrap_or_default();
        let holds = holds.remove(&row.id).unwrap_or_default();
        (AccountId::from_number(row.id), one(row.id, row.account, lots, holds))
    });
    Ok(found.collect())
}

/// Rows that cannot be read concern their own account and no other.
fn one(id: i64, account: AccountRow, lots: Vec<LotRow>, holds: Vec<(i64, i64, i64)>) -> Found {
    if let Some(reason) = account.quarantine {
        return Found::Broken(reason);
    }
    let lots = lots.into_iter().map(LotRow::lot).collect::<Result<Vec<_>, _>>();
    let holds = holds.into_iter().map(|(call, held, at)| hold(call, held, at));
    let found = lots.and_then(|lots| {
        let holds = holds.collect::<Result<Vec<_>, _>>()?;
        assemble(AccountId::from_number(id), account, lots, holds)
    });
    found.unwrap_or_else(|error| Found::Broken(error.to_string()))
}

//! Many accounts at once, for the batches of a shared ledger: locked in the order of their ids, so that two processes never
//! wait for each other in a circle, then loaded. On PostgreSQL all of it is one journey (`ledger_take`, migration 0040).

use std::collections::HashMap;

use domain::id::{AccountId, ProcessId};

use super::{AccountRow, Found, Locked, LotRow, assemble, hold, load, lock, order};
use crate::store::{PgLine, StoreError, Tx};

/// An account, a lot or a hold.
#[derive(sqlx::FromRow)]
struct Row {
    /// None says that an owner reigns, and nothing else.
    account_id: Option<i64>,
    id: Option<i64>,
    created_at: Option<i64>,
    /// Of accounts alone.
    status: Option<String>,
    quarantine: Option<String>,
    seq: Option<i64>,
    booked_at: Option<i64>,
    chain: Option<String>,
    balance: Option<i64>,
    debt: Option<i64>,
    /// Of lots alone.
    kind: Option<String>,
    priority: Option<i64>,
    /// Of lots and holds.
    amount: Option<i64>,
    remaining: Option<i64>,
    since: Option<i64>,
    expires_at: Option<i64>,
    source: Option<String>,
    /// Of accounts alone; the last two are the same in each.
    moved: Option<i64>,
    epoch: Option<i64>,
    server_since: Option<i64>,
    /// Whoever keeps the account, where that is another process; in a row of its own.
    keeper_id: Option<i64>,
}

/// When something was read: of another era nothing of it is believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Era {
    /// The number of the ledger's order (`ledger_owner.epoch`).
    pub epoch: i64,
    /// Since when the database's server runs, in microseconds. One that took another's place may know less than that one.
    pub server_since: i64,
}

/// Accounts under lock.
#[derive(Default)]
pub(crate) struct Loaded {
    /// By their ids.
    pub found: Vec<(AccountId, Found)>,
    /// When, and `account.moved` of each: whoever keeps accounts in memory is told by these whether they still stand there. Nothing
    /// on SQLite, where nobody does.
    pub era: Era,
    pub moved: HashMap<AccountId, i64>,
    /// Of these, those that other processes keep (`keep`): nothing is to be booked on them.
    pub elsewhere: Vec<AccountId>,
}

/// What was found of an account.
#[derive(Default)]
struct Parts {
    account: Option<AccountRow>,
    lots: Vec<LotRow>,
    /// Call, amount, and when it was authorised.
    holds: Vec<(i64, i64, i64)>,
}

/// To be asked first in a transaction that books without owning ([`order::share`]): locks and loads accounts, given in the order of
/// their ids. Those that there are not are left out. None when an owner reigns.
pub(crate) async fn lock_and_load(
    tx: &mut Tx,
    ids: &[AccountId],
    process: ProcessId,
) -> Result<Option<Loaded>, StoreError> {
    if let Tx::Postgres(tx) = tx {
        return together(tx, ids, process).await;
    }
    let mut loaded = Loaded::default();
    for id in ids {
        if lock(tx, *id).await? == Locked::Yes
            && let Some(account) = load(tx, *id).await?
        {
            loaded.found.push((*id, account));
        }
    }
    Ok(Some(loaded))
}

async fn together(tx: &mut PgLine, ids: &[AccountId], process: ProcessId) -> Result<Option<Loaded>, StoreError> {
    let numbers: Vec<i64> = ids.iter().map(|id| id.number()).collect();
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM ledger_take($1, $2, $3)")
        .bind(order::LEDGER)
        .bind(numbers)
        .bind(process.number())
        .fetch_all(tx)
        .await?;
    let mut parts: HashMap<i64, Parts> = HashMap::with_capacity(ids.len());
    let mut loaded = Loaded::default();
    for row in rows {
        let Some(account) = row.account_id else {
            return Ok(None);
        };
        if row.keeper_id.is_some() {
            loaded.elsewhere.push(AccountId::from_number(account));
            continue;
        }
        if let (Some(moved), Some(epoch), Some(server_since)) = (row.moved, row.epoch, row.server_since) {
            loaded.moved.insert(AccountId::from_number(account), moved);
            loaded.era = Era { epoch, server_since };
        }
        let parts = parts.entry(account).or_default();
        row.sort_into(parts).ok_or(StoreError::Row {
            table: "account",
            column: "id",
        })?;
    }
    let found = ids.iter().filter_map(|id| {
        let Parts { account, lots, holds } = parts.remove(&id.number())?;
        Some((*id, one(*id, account?, lots, holds)))
    });
    loaded.found = found.collect();
    Ok(Some(loaded))
}

impl Row {
    /// None where a value is missing that its table demands.
    fn sort_into(self, parts: &mut Parts) -> Option<()> {
        if let Some(status) = self.status {
            parts.account = Some(AccountRow {
                status,
                quarantine: self.quarantine,
                seq: self.seq?,
                booked_at: self.booked_at?,
                chain: self.chain?,
                balance: self.balance?,
                debt: self.debt?,
                created_at: self.created_at?,
            });
        } else if let Some(kind) = self.kind {
            parts.lots.push(LotRow {
                id: self.id?,
                kind,
                priority: self.priority?,
                amount: self.amount?,
                remaining: self.remaining?,
                effective_at: self.since?,
                expires_at: self.expires_at,
                created_at: self.created_at?,
                source: self.source?,
            });
        } else {
            parts.holds.push((self.id?, self.amount?, self.since?));
        }
        Some(())
    }
}

/// Rows that cannot be read concern their own account and no other.
fn one(id: AccountId, account: AccountRow, lots: Vec<LotRow>, holds: Vec<(i64, i64, i64)>) -> Found {
    if let Some(reason) = account.quarantine {
        return Found::Broken(reason);
    }
    let lots = lots.into_iter().map(LotRow::lot).collect::<Result<Vec<_>, _>>();
    let holds = holds.into_iter().map(|(call, held, at)| hold(call, held, at));
    let found = lots.and_then(|lots| {
        let holds = holds.collect::<Result<Vec<_>, _>>()?;
        assemble(id, account, lots, holds)
    });
    found.unwrap_or_else(|error| Found::Broken(error.to_string()))
}

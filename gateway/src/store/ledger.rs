//! Tables `account` and `lot`: the state of accounts as the ledger needs it. `journal` writes what was booked, `read` is for
//! pages and the verifier, `inbox` holds what commands want booked by the server that owns the ledger, `order` knows who that is.
//!
//! Only `crate::ledger` and the recorder write here.

mod after;
pub(crate) mod attention;
pub(crate) mod by_hand;
pub(crate) mod charge;
pub(crate) mod check;
pub(crate) mod ended;
pub(crate) mod facts;
pub(crate) mod inbox;
pub(crate) mod journal;
pub(crate) mod keep;
pub(crate) mod left;
pub(crate) mod lots;
mod many;
pub(crate) mod order;
pub(crate) mod purses;
pub(crate) mod read;
pub(crate) mod statement;
pub(crate) mod stored;
pub(crate) mod unowned;
pub(crate) mod verify;
pub(crate) mod voided;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use domain::{
    id::{AccountId, CallId, LotId},
    ledger::{Account, Effects, Hold, HoldChange, Lot, LotKind, Seq, Status, Totals},
    money::Amount,
    time::Timestamp,
};

pub(crate) use many::{Era, lock_and_load};

use super::{Store, StoreError, Tx, execute, fetch_all, tx_execute, tx_fetch_all, tx_fetch_optional};

/// An account as it was found.
pub(crate) enum Found {
    /// It can be booked on.
    Sound {
        /// Its state.
        account: Box<Account>,
        /// The hash of its last transaction.
        chain: Arc<str>,
    },
    /// It cannot, for this reason.
    Broken(String),
}

#[derive(sqlx::FromRow)]
pub(super) struct AccountRow {
    pub status: String,
    pub quarantine: Option<String>,
    pub seq: i64,
    pub booked_at: i64,
    pub chain: String,
    pub balance: i64,
    pub debt: i64,
    pub created_at: i64,
}

#[derive(sqlx::FromRow)]
pub(super) struct LotRow {
    id: i64,
    kind: String,
    priority: i64,
    amount: i64,
    remaining: i64,
    effective_at: i64,
    expires_at: Option<i64>,
    created_at: i64,
    source: String,
}

impl LotRow {
    pub fn lot(self) -> Result<Lot, StoreError> {
        let unknown = |column| StoreError::Row { table: "lot", column };
        Ok(Lot {
            id: LotId::from_number(self.id),
            kind: LotKind::parse(&self.kind).ok_or(unknown("kind"))?,
            priority: i32::try_from(self.priority).map_err(|_| unknown("priority"))?,
            amount: amount(self.amount, "lot", "amount")?,
            remaining: amount(self.remaining, "lot", "remaining")?,
            effective_at: Timestamp(self.effective_at),
            expires_at: self.expires_at.map(Timestamp),
            created_at: Timestamp(self.created_at),
            source: self.source,
        })
    }
}

/// An amount in a column.
pub(super) fn amount(nano: i64, table: &'static str, column: &'static str) -> Result<Amount, StoreError> {
    Amount::from_nano(nano).ok_or(StoreError::Row { table, column })
}

/// Makes the account of a person who is being added, in the same transaction.
pub(super) async fn open_account(tx: &mut Tx, person: i64, now: Timestamp) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "INSERT INTO account (id, person_id, booked_at, created_at) VALUES ($1, $1, $2, $2)",
        person,
        now.microseconds()
    )?;
    Ok(())
}

/// Whoever has these accounts in memory has something else by now. To be said under their locks.
pub(crate) async fn count_moves(tx: &mut Tx, accounts: &[AccountId]) -> Result<(), StoreError> {
    let Tx::Postgres(tx) = tx else { return Ok(()) };
    if !accounts.is_empty() {
        let numbers: Vec<i64> = accounts.iter().map(|account| account.number()).collect();
        let sql = "UPDATE account SET moved = moved + 1 WHERE id = ANY($1)";
        sqlx::query(sql).bind(numbers).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Accounts on which holds were opened or extended that the rows of their calls did not take, as the calls had ended before.
pub(crate) async fn without_their_holds(
    tx: &mut Tx,
    effects: impl Iterator<Item = &Effects>,
) -> Result<HashSet<AccountId>, StoreError> {
    let mut wanted = HashMap::new();
    for one in effects {
        match one.hold {
            Some(HoldChange::Opened { call, hold } | HoldChange::Extended { call, hold }) => {
                wanted.insert(call, (one.account, hold.amount.nano()));
            }
            Some(HoldChange::Closed { call }) => {
                wanted.remove(&call);
            }
            None => {}
        }
    }
    let Tx::Postgres(tx) = tx else {
        return Ok(HashSet::new());
    };
    if !wanted.is_empty() {
        let calls: Vec<i64> = wanted.keys().map(|call| call.number()).collect();
        let sql = "SELECT id, hold_amount FROM call WHERE id = ANY($1) AND (hold_seq IS NOT NULL AND settle_seq IS NULL) IS TRUE";
        let rows: Vec<(i64, i64)> = sqlx::query_as(sql).bind(calls).fetch_all(&mut **tx).await?;
        for (call, held) in rows {
            let call = CallId::from_number(call);
            if wanted.get(&call).is_some_and(|(_, wanted)| *wanted == held) {
                wanted.remove(&call);
            }
        }
    }
    Ok(wanted.into_values().map(|(account, _)| account).collect())
}

/// What became of locking an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Locked {
    Yes,
    /// There is none.
    NoAccount,
    /// A server keeps it (`keep`), this one or another: nothing is to be booked on it.
    Kept,
}

/// Locks an account's row until the transaction ends: whoever books comes one after another.
pub(crate) async fn lock(tx: &mut Tx, id: AccountId) -> Result<Locked, StoreError> {
    // Written as it is, like the lock of a change.
    let sql = "UPDATE account SET seq = seq WHERE id = $1 RETURNING CAST(CASE WHEN keeper_id IS NULL THEN 0 ELSE 1 END AS BIGINT)";
    let kept = tx_fetch_optional!(tx, (i64,), sql, id.number())?;
    Ok(match kept {
        None => Locked::NoAccount,
        Some((0,)) => Locked::Yes,
        Some(_) => Locked::Kept,
    })
}

/// The row of an account.
pub(super) async fn row(tx: &mut Tx, id: AccountId) -> Result<Option<AccountRow>, StoreError> {
    Ok(tx_fetch_optional!(
        tx,
        AccountRow,
        "SELECT status, quarantine, seq, booked_at, chain, balance, debt, created_at FROM account WHERE id = $1",
        id.number()
    )?)
}

/// Open holds of an account.
pub(super) async fn holds(tx: &mut Tx, id: AccountId) -> Result<Vec<(CallId, Hold)>, StoreError> {
    let rows: Vec<(i64, i64, i64)> = tx_fetch_all!(
        tx,
        (i64, i64, i64),
        "SELECT id, hold_amount, authorised_at FROM call
         WHERE account_id = $1 AND hold_seq IS NOT NULL AND settle_seq IS NULL",
        id.number()
    )?;
    rows.into_iter().map(|(call, held, at)| hold(call, held, at)).collect()
}

fn hold(call: i64, held: i64, at: i64) -> Result<(CallId, Hold), StoreError> {
    Ok((
        CallId::from_number(call),
        Hold {
            amount: amount(held, "call", "hold_amount")?,
            authorised_at: Timestamp(at),
        },
    ))
}

/// The whole state of an account; none when there is no such account.
pub(crate) async fn load(tx: &mut Tx, id: AccountId) -> Result<Option<Found>, StoreError> {
    let Some(found) = row(tx, id).await? else {
        return Ok(None);
    };
    if let Some(reason) = found.quarantine {
        return Ok(Some(Found::Broken(reason)));
    }
    let lots = tx_fetch_all!(
        tx,
        LotRow,
        "SELECT id, kind, priority, amount, remaining, effective_at, expires_at, created_at, source
         FROM lot WHERE account_id = $1 AND spent = 0",
        id.number()
    )?;
    let lots: Vec<Lot> = lots.into_iter().map(LotRow::lot).collect::<Result<_, _>>()?;
    let holds = holds(tx, id).await?;
    assemble(id, found, lots, holds).map(Some)
}

/// An account of its rows.
fn assemble(id: AccountId, found: AccountRow, lots: Vec<Lot>, holds: Vec<(CallId, Hold)>) -> Result<Found, StoreError> {
    let held = holds
        .iter()
        .try_fold(Amount::ZERO, |sum, (_, hold)| sum.checked_add(hold.amount));
    let latest = holds.iter().map(|(_, hold)| hold.authorised_at).max();
    // A hold has moved the account's clock too, and only its own row says so.
    let booked_at = latest.map_or(Timestamp(found.booked_at), |at| at.max(Timestamp(found.booked_at)));
    let totals = Totals {
        balance: amount(found.balance, "account", "balance")?,
        held: held.ok_or(StoreError::Row {
            table: "call",
            column: "hold_amount",
        })?,
        debt: amount(found.debt, "account", "debt")?,
        status: Status::parse(&found.status).ok_or(StoreError::Row {
            table: "account",
            column: "status",
        })?,
    };
    Ok(
        match Account::load(id, Seq(found.seq), booked_at, totals, lots, holds) {
            Ok(account) => Found::Sound {
                account: Box::new(account),
                chain: found.chain.into(),
            },
            Err(violation) => Found::Broken(violation.to_string()),
        },
    )
}

/// Accounts that admit no call.
pub(crate) async fn blocked(store: &Store) -> Result<HashSet<AccountId>, StoreError> {
    let rows = fetch_all!(store, (i64,), "SELECT id FROM account WHERE status = 'blocked'")?;
    Ok(rows.into_iter().map(|(id,)| AccountId::from_number(id)).collect())
}

/// Takes an account out of service.
pub(crate) async fn quarantine(store: &Store, id: AccountId, reason: &str) -> Result<(), StoreError> {
    execute!(
        store,
        "UPDATE account SET quarantine = $2, moved = moved + 1 WHERE id = $1 AND quarantine IS NULL",
        id.number(),
        reason
    )?;
    Ok(())
}

/// Puts an account back into service that stands as it stood when its books were proved. False when it does not.
pub(crate) async fn lift_quarantine(tx: &mut Tx, id: AccountId, proved: &read::Standing) -> Result<bool, StoreError> {
    let changed = tx_execute!(
        tx,
        "UPDATE account SET quarantine = NULL, moved = moved + 1 WHERE id = $1 AND seq = $2 AND chain = $3 AND quarantine = $4",
        id.number(),
        proved.seq,
        proved.chain.as_str(),
        proved.quarantine.as_deref()
    )?;
    Ok(changed == 1)
}

/// The next accounts in service after this one with a lot that has ended and still holds something, by their ids. None when
/// there are no more.
pub(crate) async fn with_ended_lots(
    store: &Store,
    now: Timestamp,
    after: AccountId,
) -> Result<Vec<AccountId>, StoreError> {
    let rows = fetch_all!(
        store,
        (i64,),
        "SELECT DISTINCT l.account_id FROM lot l JOIN account a ON a.id = l.account_id
         WHERE l.spent = 0 AND l.expires_at IS NOT NULL AND l.expires_at <= $1 AND a.quarantine IS NULL AND l.account_id > $2
         ORDER BY l.account_id LIMIT 1000",
        now.microseconds(),
        after.number()
    )?;
    Ok(rows.into_iter().map(|(id,)| AccountId::from_number(id)).collect())
}

/// The next holds after that of this call of calls that have ended without their end being booked: their process has died.
/// Of accounts in service only. None when there are no more.
pub(crate) async fn left_holds(store: &Store, after: CallId) -> Result<Vec<(AccountId, CallId)>, StoreError> {
    let rows = fetch_all!(
        store,
        (i64, i64),
        "SELECT c.account_id, c.id FROM call c JOIN account a ON a.id = c.account_id
         WHERE c.hold_seq IS NOT NULL AND c.settle_seq IS NULL AND c.state <> 'open' AND a.quarantine IS NULL AND c.id > $1
         ORDER BY c.id LIMIT 1000",
        after.number()
    )?;
    let both = |(account, call)| (AccountId::from_number(account), CallId::from_number(call));
    Ok(rows.into_iter().map(both).collect())
}

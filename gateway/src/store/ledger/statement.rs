//! Reads that tell why a balance changed. No read goes through an account's calls one by one: balances at a moment are found
//! by halving, what is not about calls has an index of its own, and what calls took is summed by the hour.

use domain::{
    credit::{KindChange, Share, Stood},
    id::{AccountId, KeyId},
    ledger::CommandKind,
    money::{Amount, Money},
    time::Timestamp,
};

use super::amount;
use crate::store::{StoreError, Tx, tx_fetch_all, tx_fetch_optional};

/// The last transaction of an account before a moment, and what stood after it: nothing before the first.
///
/// `last` is the account's last number. Numbers have no gaps and moments never go back, so a few looks find it.
pub(crate) async fn before(
    tx: &mut Tx,
    account: AccountId,
    moment: Timestamp,
    last: i64,
) -> Result<(i64, Stood), StoreError> {
    let (mut low, mut high) = (0, last);
    let mut stood = Stood::default();
    while low < high {
        let middle = low + (high - low + 1) / 2;
        let row = tx_fetch_optional!(
            &mut *tx,
            (i64, i64, i64),
            "SELECT booked_at, balance, debt FROM ledger_transaction WHERE account_id = $1 AND seq = $2",
            account.number(),
            middle
        )?;
        match row {
            Some((booked_at, balance, debt)) if booked_at < moment.microseconds() => {
                low = middle;
                stood = Stood {
                    balance: amount(balance, "ledger_transaction", "balance")?,
                    debt: amount(debt, "ledger_transaction", "debt")?,
                };
            }
            _ => high = middle - 1,
        }
    }
    Ok((low, stood))
}

/// What everything that is not about calls did to balance and debt, by kind, after one number and up to another.
pub(crate) async fn changes(
    tx: &mut Tx,
    account: AccountId,
    after: i64,
    last: i64,
) -> Result<Vec<KindChange>, StoreError> {
    // The first condition on the kind is that of an index, word for word; charges that came late are in it and about calls.
    let rows = tx_fetch_all!(
        tx,
        (String, i64, i64),
        "SELECT t.kind, CAST(COALESCE(SUM(CASE WHEN e.ledger_account = 'credit' THEN -e.amount ELSE 0 END), 0) AS BIGINT),
           CAST(COALESCE(SUM(CASE WHEN e.ledger_account = 'receivable' THEN e.amount ELSE 0 END), 0) AS BIGINT) FROM ledger_transaction t
         JOIN ledger_entry e ON e.account_id = t.account_id AND e.seq = t.seq
         WHERE t.account_id = $1 AND t.seq > $2 AND t.seq <= $3
           AND t.kind <> 'settle' AND t.kind <> 'release' AND t.kind <> 'extend' AND t.kind <> 'allocate' AND t.kind <> 'late' AND e.ledger_account IN ('credit', 'receivable')
         GROUP BY t.kind ORDER BY t.kind",
        account.number(),
        after,
        last
    )?;
    let read = |(kind, change, debt): (String, i64, i64)| {
        let kind = CommandKind::parse(&kind).ok_or(StoreError::Row {
            table: "ledger_transaction",
            column: "kind",
        })?;
        Ok(KindChange {
            kind,
            change: Money::from_nano(change),
            debt: Money::from_nano(debt),
        })
    };
    rows.into_iter().map(read).collect()
}

/// What all models together were charged through all keys, from the beginning of an hour on.
pub(crate) async fn charged(tx: &mut Tx, account: AccountId, from: Timestamp) -> Result<Amount, StoreError> {
    let row = tx_fetch_optional!(
        tx,
        (i64,),
        "SELECT CAST(COALESCE(SUM(charge), 0) AS BIGINT) FROM usage_hour WHERE account_id = $1 AND hour >= $2",
        account.number(),
        from.microseconds()
    )?;
    amount(row.map_or(0, |(sum,)| sum), "usage_hour", "charge")
}

#[derive(sqlx::FromRow)]
struct ShareRow {
    model: String,
    key_id: i64,
    key_name: Option<String>,
    calls: i64,
    charge: i64,
}

/// What models took through keys from the beginning of an hour on, the dearest first, at most so many.
pub(crate) async fn shares(
    tx: &mut Tx,
    account: AccountId,
    from: Timestamp,
    most: i64,
) -> Result<Vec<Share>, StoreError> {
    let rows = tx_fetch_all!(
        tx,
        ShareRow,
        "SELECT u.model, u.key_id, k.name AS key_name, CAST(SUM(u.calls) AS BIGINT) AS calls, CAST(SUM(u.charge) AS BIGINT) AS charge
         FROM usage_hour u LEFT JOIN api_key k ON k.id = u.key_id
         WHERE u.account_id = $1 AND u.hour >= $2
         GROUP BY u.model, u.key_id, k.name HAVING SUM(u.charge) > 0 ORDER BY 5 DESC, u.model, u.key_id LIMIT $3",
        account.number(),
        from.microseconds(),
        most
    )?;
    let share = |row: ShareRow| {
        Ok(Share {
            model: row.model,
            key: (row.key_id != 0).then(|| KeyId::from_number(row.key_id)),
            key_name: row.key_name,
            calls: row.calls,
            charge: amount(row.charge, "usage_hour", "charge")?,
        })
    };
    rows.into_iter().map(share).collect()
}

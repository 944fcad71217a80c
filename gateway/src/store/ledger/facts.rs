//! What the row of a charged call says of what is billed. The hash of its transaction is taken over it as well (`ledger::told`), so it cannot
//! be changed afterwards unseen: a charge keeps its evidence.

use domain::id::AccountId;

use crate::store::{StoreError, Tx, buckets, buckets::Buckets, calls::CallRow, tx_fetch_all};

/// When, for whom, by whom, at which price, and how much.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct CallFacts {
    pub started_at: i64,
    pub person_id: i64,
    pub key_id: Option<i64>,
    pub project_id: Option<i64>,
    pub provider_id: Option<i64>,
    pub price_id: Option<i64>,
    pub cost: Option<i64>,
    pub drawn: Option<String>,
    #[sqlx(flatten)]
    pub usage: Buckets,
}

impl From<&CallRow> for CallFacts {
    fn from(row: &CallRow) -> Self {
        Self {
            started_at: row.started_at.microseconds(),
            person_id: row.user.number(),
            key_id: row.key.map(domain::id::KeyId::number),
            project_id: Some(row.project.number()),
            provider_id: row.provider_id.map(domain::id::ProviderId::number),
            price_id: row.money.price.map(domain::id::PriceId::number),
            cost: row.money.cost.map(domain::money::Amount::nano),
            drawn: row.drawn.as_ref().map(ToString::to_string),
            usage: Buckets::from(&row.usage),
        }
    }
}

#[derive(sqlx::FromRow)]
struct Charged {
    seq: i64,
    #[sqlx(flatten)]
    facts: CallFacts,
}

/// Of the calls that were charged by an account's transactions from behind this one to that one, with the transactions' numbers.
pub(crate) async fn charged(
    tx: &mut Tx,
    account: AccountId,
    (behind, last): (i64, i64),
) -> Result<Vec<(i64, CallFacts)>, StoreError> {
    let rows = tx_fetch_all!(
        tx,
        Charged,
        concat!(
            "SELECT t.seq, c.started_at, c.person_id, c.key_id, c.project_id, c.provider_id, c.price_id, c.cost, c.drawn, ",
            buckets!("c."),
            " FROM ledger_transaction t JOIN call c ON c.id = t.call_id
             WHERE t.account_id = $1 AND t.seq > $2 AND t.seq <= $3 AND t.kind IN ('settle', 'late', 'allocate')"
        ),
        account.number(),
        behind,
        last
    )?;
    Ok(rows.into_iter().map(|row| (row.seq, row.facts)).collect())
}

//! What names an account that there is not, for the verifier, who goes from account to account.

use domain::id::AccountId;

use crate::store::{Store, StoreError, fetch_all};

/// Rows of one table that name an account that there is not.
pub(crate) struct Unowned {
    pub account: AccountId,
    pub table: String,
    pub rows: u64,
}

/// All of them, as of one moment; of many the first. A person without an account is such a row as well.
pub(crate) async fn rows(store: &Store, most: usize) -> Result<Vec<Unowned>, StoreError> {
    let found = fetch_all!(
        store,
        (String, i64, i64),
        "SELECT named.place, named.account_id, named.found FROM (
            SELECT 'ledger_transaction' AS place, account_id, COUNT(*) AS found FROM ledger_transaction GROUP BY account_id
            UNION ALL SELECT 'ledger_entry', account_id, COUNT(*) FROM ledger_entry GROUP BY account_id
            UNION ALL SELECT 'lot', account_id, COUNT(*) FROM lot GROUP BY account_id
            UNION ALL SELECT 'usage_hour', account_id, COUNT(*) FROM usage_hour GROUP BY account_id
            UNION ALL SELECT 'call', COALESCE(account_id, person_id), COUNT(*) FROM call GROUP BY COALESCE(account_id, person_id)
            UNION ALL SELECT 'person', id, CAST(1 AS BIGINT) FROM person) AS named
         WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.id = named.account_id)
         ORDER BY named.account_id, named.place LIMIT $1",
        i64::try_from(most).unwrap_or(i64::MAX)
    )?;
    let unowned = |(table, account, rows): (String, i64, i64)| Unowned {
        account: AccountId::from_number(account),
        table,
        rows: rows.unsigned_abs(),
    };
    Ok(found.into_iter().map(unowned).collect())
}

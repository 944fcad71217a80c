//! What belongs to no account. Nobody would find it otherwise: all else is read account by account.

use super::{LedgerFinding, MOST_FINDINGS};
use crate::{
    Error,
    store::{
        Store,
        ledger::unowned::{self, Unowned},
    },
};

/// What names an account that there is not.
pub(super) async fn look(store: &Store) -> Result<Vec<LedgerFinding>, Error> {
    let found = unowned::rows(store, MOST_FINDINGS).await?;
    Ok(found.into_iter().map(finding).collect())
}

fn finding(Unowned { account, table, rows }: Unowned) -> LedgerFinding {
    LedgerFinding {
        account: Some(account),
        seq: None,
        problem: format!("There is no such account, and `{table}` names it {rows} times."),
    }
}

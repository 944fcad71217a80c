//! An account that is out of service, as whoever looks after money sees it: its figures as they are stored, and why nothing is booked
//! on it. They are shown, and nothing is decided by them.

use domain::{
    credit::Balance,
    id::AccountId,
    ledger::{Lot, Status},
    money::{Amount, Money},
};

use super::MISSING;
use crate::{
    Error,
    store::{Tx, ledger::stored},
};

/// What is stored. A figure that cannot be is shown as nothing, a lot that cannot be read is left out, and `reason` says so.
pub(super) async fn as_stored(tx: &mut Tx, account: AccountId, reason: String) -> Result<Balance, Error> {
    let stored = stored::account(tx, account).await?.ok_or(MISSING)?;
    let mut damage = reason;
    let mut figure = |what: &str, nano: i64| {
        Amount::from_nano(nano).unwrap_or_else(|| {
            damage.push_str(&format!("; its {what} is stored as {nano} nano-USD"));
            Amount::ZERO
        })
    };
    let (balance, debt) = (figure("balance", stored.balance), figure("debt", stored.debt));
    let held = figure("sum of holds", stored.held);
    let status = Status::parse(&stored.status).unwrap_or_else(|| {
        damage.push_str("; its status cannot be read");
        Status::Blocked
    });
    let read = stored.lots.len();
    let mut lots: Vec<Lot> = stored.lots.into_iter().flatten().collect();
    if lots.len() < read {
        damage.push_str(&format!("; {} of its lots cannot be read", read - lots.len()));
    }
    lots.sort_by_key(Lot::burn_key);
    Ok(Balance {
        account,
        status,
        // Nothing is admitted.
        spendable: Money::ZERO,
        balance,
        held,
        debt,
        lots,
        // What has ended cannot be told from what is stored wrongly.
        ended_lots: Vec::new(),
        damage: Some(damage),
    })
}

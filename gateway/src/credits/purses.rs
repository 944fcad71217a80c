//! What many people have to spend, for the list of users.

use std::collections::HashMap;

use domain::{
    access::MoneyReader,
    id::{AccountId, UserId},
    ledger::Status,
    money::{Amount, Money},
};

use super::Credits;
use crate::{Error, ledger::account_of, store::ledger::purses};

/// What somebody has to spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purse {
    /// Whether the account admits calls.
    pub status: Status,
    /// What a new call can be admitted for; below zero when more is held or owed than is alive.
    pub spendable: Money,
    /// What it owes.
    pub debt: Amount,
    /// The account is out of service: its figures may be wrong.
    pub quarantined: bool,
}

impl Credits<'_> {
    /// What each of these people has to spend; nothing of those who are none. However many they are, the database is asked once.
    ///
    /// # Errors
    /// The database's.
    pub async fn purses(&self, _: &MoneyReader, users: &[UserId]) -> Result<HashMap<UserId, Purse>, Error> {
        let accounts: Vec<AccountId> = users.iter().map(|user| account_of(*user)).collect();
        let mut tx = self.inner.store.begin_read().await?;
        let rows = purses::of(&mut tx, &accounts, self.inner.clock.now()).await?;
        let found: HashMap<AccountId, Purse> = rows
            .iter()
            .map(|row| (AccountId::from_number(row.id), purse(row)))
            .collect();
        let theirs = |user: &UserId| Some((*user, *found.get(&account_of(*user))?));
        Ok(users.iter().filter_map(theirs).collect())
    }
}

/// What cannot be is shown as nothing, and its account as out of service: one damaged row takes no list away.
fn purse(row: &purses::PurseRow) -> Purse {
    let status = Status::parse(&row.status);
    let spendable = row
        .alive
        .checked_sub(row.held)
        .and_then(|left| left.checked_sub(row.debt));
    let debt = Amount::from_nano(row.debt);
    Purse {
        status: status.unwrap_or(Status::Blocked),
        spendable: spendable.map(Money::from_nano).unwrap_or_default(),
        debt: debt.unwrap_or_default(),
        quarantined: row.quarantined != 0 || status.is_none() || spendable.is_none() || debt.is_none(),
    }
}

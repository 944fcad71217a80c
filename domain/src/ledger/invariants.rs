//! What is true of every account after every command. Checked when an account is loaded and by the verifier.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Account, CommandKind, LedgerAccount};
use crate::{
    id::{CallId, LotId},
    money::Amount,
};

/// A contradiction in the books.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "violation", rename_all = "snake_case")]
pub enum Violation {
    /// The entries of a transaction do not add up to zero.
    #[error("a transaction does not add up to zero")]
    Unbalanced,
    /// An entry that this kind of command never posts.
    #[error("`{}` must not post to {account} that way", kind.as_str())]
    IllegalEntry {
        /// The command.
        kind: CommandKind,
        /// The account.
        account: LedgerAccount,
    },
    /// An entry of nothing.
    #[error("an entry on {account} is zero")]
    EmptyEntry {
        /// The account.
        account: LedgerAccount,
    },
    /// A credit entry without its lot, or another entry with one.
    #[error("an entry on {account} names a lot where it must not, or names none where it must")]
    LotOfEntry {
        /// The account.
        account: LedgerAccount,
    },
    /// The balance is not the sum of the lots.
    #[error("the balance is {stored}, the lots hold {lots}")]
    Balance {
        /// The stored sum.
        stored: Amount,
        /// The sum of the lots; the largest amount if that is beyond it.
        lots: Amount,
    },
    /// The held sum is not the sum of the holds.
    #[error("{stored} is held, the holds are {holds}")]
    Held {
        /// The stored sum.
        stored: Amount,
        /// The sum of the holds; the largest amount if that is beyond it.
        holds: Amount,
    },
    /// A lot holds nothing, or more than it ever held.
    #[error("{lot} holds nothing or more than its amount")]
    Remaining {
        /// The lot.
        lot: LotId,
    },
    /// A lot ends before it begins.
    #[error("{lot} ends before it begins")]
    Period {
        /// The lot.
        lot: LotId,
    },
    /// A lot does not stand behind the lots that are used before it.
    #[error("{lot} is out of order")]
    Order {
        /// The lot.
        lot: LotId,
    },
    /// A lot stands twice.
    #[error("{lot} is there twice")]
    Twice {
        /// The lot.
        lot: LotId,
    },
    /// A lot or a hold is from the future.
    #[error("a lot or hold is newer than the last command")]
    Future,
    /// The open holds are more than the lots that are to pay for them.
    #[error("{held} is held, and only {covered} was there for it when {latest} was admitted")]
    Uncovered {
        /// The sum of open holds.
        held: Amount,
        /// The latest call that was admitted for something.
        latest: CallId,
        /// What remains in lots that have begun and end after that moment.
        covered: Amount,
    },
}

/// Everything that is wrong with an account; nothing, unless there is a defect or somebody wrote to the database.
/// The last check is the sentence at the head of [`super`], from which it follows that every hold can be paid.
#[must_use]
pub fn violations(account: &Account) -> Vec<Violation> {
    let mut found = Vec::new();
    let now = account.booked_at();
    let totals = account.totals();

    let lots = sum(account.lots().iter().map(|lot| lot.remaining));
    if lots != Some(totals.balance) {
        found.push(Violation::Balance {
            stored: totals.balance,
            lots: lots.unwrap_or(Amount::MAX),
        });
    }
    let holds = sum(account.holds().map(|(_, hold)| hold.amount));
    if holds != Some(totals.held) {
        found.push(Violation::Held {
            stored: totals.held,
            holds: holds.unwrap_or(Amount::MAX),
        });
    }
    for lot in account.lots() {
        if lot.remaining.is_zero() || lot.remaining > lot.amount {
            found.push(Violation::Remaining { lot: lot.id });
        }
        if !lot.outlives(lot.effective_at) {
            found.push(Violation::Period { lot: lot.id });
        }
    }
    for pair in account
        .lots()
        .windows(2)
        .filter(|pair| pair[0].burn_key() >= pair[1].burn_key())
    {
        found.push(Violation::Order { lot: pair[1].id });
    }
    let mut seen = BTreeSet::new();
    for lot in account.lots().iter().filter(|lot| !seen.insert(lot.id)) {
        found.push(Violation::Twice { lot: lot.id });
    }
    let newest = account.lots().iter().map(|lot| lot.created_at);
    if newest
        .chain(account.holds().map(|(_, hold)| hold.authorised_at))
        .any(|moment| moment > now)
    {
        found.push(Violation::Future);
    }

    let needy = account.holds().filter(|(_, hold)| !hold.amount.is_zero());
    if let Some((latest, hold)) = needy.max_by_key(|(_, hold)| hold.authorised_at) {
        let paying = account.lots().iter().filter(|lot| lot.pays(hold.authorised_at, now));
        let covered = sum(paying.map(|lot| lot.remaining)).unwrap_or(Amount::MAX);
        if totals.held > covered {
            found.push(Violation::Uncovered {
                held: totals.held,
                latest,
                covered,
            });
        }
    }
    found
}

fn sum(amounts: impl IntoIterator<Item = Amount>) -> Option<Amount> {
    amounts.into_iter().try_fold(Amount::ZERO, Amount::checked_add)
}

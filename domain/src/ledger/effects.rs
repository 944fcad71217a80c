//! What an applied command does: everything that storage writes, and nothing that it would have to work out.

use serde::{Deserialize, Serialize};

use super::{CommandKind, Hold, LedgerAccount, Lot, Seq, Totals};
use crate::{
    id::{AccountId, CallId, LotId},
    money::{Amount, Money},
    time::Timestamp,
};

/// The result of one command. Stored in order, the effects of an account give its whole state and history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effects {
    /// On which account.
    pub account: AccountId,
    /// The command's number; of a hold, the number of the command before it.
    pub seq: Seq,
    /// When it was booked: the caller's now, or the moment of the command before, whichever is later.
    pub booked_at: Timestamp,
    /// Which command it was.
    pub kind: CommandKind,
    /// The ledger transaction, in order. Empty: the command moves no money and there is no transaction.
    pub entries: Vec<Entry>,
    /// Lots that are new or changed, as they are now, also when nothing is left in them.
    pub lots: Vec<Lot>,
    /// The hold that was opened, extended or closed.
    pub hold: Option<HoldChange>,
    /// What else came out of it.
    pub outcome: Outcome,
    /// The account's row afterwards. Its balance is the running balance of the ledger page.
    pub after: Totals,
    /// It was booked before, and this is what came of it then. Nothing is booked now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub booked_before: bool,
}

impl Effects {
    /// The call that was admitted by this, and what it holds.
    #[must_use]
    pub const fn opens(&self) -> Option<(CallId, Hold)> {
        match self.hold {
            Some(HoldChange::Opened { call, hold }) => Some((call, hold)),
            _ => None,
        }
    }

    /// How much debt credit repaid by it.
    #[must_use]
    pub fn repaid(&self) -> Amount {
        let receivable = self
            .entries
            .iter()
            .filter(|entry| entry.account == LedgerAccount::Receivable);
        receivable
            .filter(|_| self.kind != CommandKind::WriteOff)
            .map(|entry| entry.amount.negated().or_zero())
            .fold(Amount::ZERO, |sum, amount| {
                sum.checked_add(amount).unwrap_or(Amount::MAX)
            })
    }
}

/// One line of a ledger transaction; the lines of a transaction add up to zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The account in the chart.
    pub account: LedgerAccount,
    /// The lot, for [`LedgerAccount::Credit`] and for nothing else.
    pub lot: Option<LotId>,
    /// Debit above zero, credit below.
    pub amount: Money,
}

/// What happened to a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum HoldChange {
    /// A call was admitted.
    Opened {
        /// The call.
        call: CallId,
        /// Its hold.
        hold: Hold,
    },
    /// A running call was admitted for more.
    Extended {
        /// The call.
        call: CallId,
        /// Its hold as it is now.
        hold: Hold,
    },
    /// A call ended.
    Closed {
        /// The call.
        call: CallId,
    },
}

/// What a command tells beyond the books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Done as asked.
    Done,
    /// A call was settled.
    Settled(Settlement),
    /// A charge was given back.
    Corrected {
        /// The call.
        call: CallId,
        /// What went where, from the last lot that paid to the first.
        returned: Vec<Returned>,
    },
    /// Credit was taken: by an expiry, a void, an adjustment.
    Taken {
        /// How much.
        amount: Amount,
    },
    /// A refund or dispute was booked.
    Debited {
        /// What was still there.
        taken: Amount,
        /// What became debt.
        owed: Amount,
    },
}

/// How a call was paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// The call.
    pub call: CallId,
    /// What it costs: paid and loss together.
    pub charge: Amount,
    /// What the account paid.
    pub paid: Amount,
    /// What nobody paid. Above zero the hold was too small: the caller raises an alert.
    pub loss: Amount,
    /// Which lots paid, in the order in which they did. A correction goes through it backwards.
    pub spent: Vec<Spent>,
}

/// What one lot paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// The lot.
    pub lot: LotId,
    /// How much.
    pub amount: Amount,
}

/// What a correction gave back of one lot's part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// The lot that had paid.
    pub from: LotId,
    /// The lot that got it: the same, or the new one when that had ended.
    pub to: LotId,
    /// How much.
    pub amount: Amount,
}

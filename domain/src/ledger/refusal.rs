//! Why a command is not applied. The account is then exactly as it was.

use serde::{Deserialize, Serialize};

use super::Violation;
use crate::{
    id::{CallId, LotId},
    limit::OverLimit,
    money::{Amount, Money},
    time::Timestamp,
};

/// A command that was understood and is not applied. The sentence says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "refusal", rename_all = "snake_case")]
pub enum Refusal {
    /// Not enough credit.
    #[error(transparent)]
    Shortage(Shortage),
    /// A limit is in the way; of this and all others nothing was taken.
    #[error("{0}")]
    Limit(OverLimit),
    /// The account admits no calls.
    #[error("This account is blocked. Ask an admin.")]
    Blocked,
    /// The call has been admitted already.
    #[error("{call} already has a hold.")]
    HoldExists {
        /// The call.
        call: CallId,
    },
    /// The call is not running: never admitted, or ended. Storage knows which, and the first result.
    #[error("{call} has no open hold.")]
    NoHold {
        /// The call.
        call: CallId,
    },
    /// The id of a new lot is in use.
    #[error("{lot} exists already. Take a new id.")]
    LotExists {
        /// The lot.
        lot: LotId,
    },
    /// Nothing is left in the lot, or it never was on this account. Storage knows which.
    #[error("Nothing is left in {lot}.")]
    NoLot {
        /// The lot.
        lot: LotId,
    },
    /// Everything in the lot may be needed by running calls or is owed.
    #[error("All of {lot} may be needed by running calls ({held} held) or is owed. Try again when they have ended.")]
    NothingToVoid {
        /// The lot.
        lot: LotId,
        /// The sum of open holds.
        held: Amount,
    },
    /// The lot has not ended, or a running call may still use it.
    #[error("{lot} is not to expire yet.")]
    NotDue {
        /// The lot.
        lot: LotId,
    },
    /// A lot that would end before it can be spent.
    #[error("A lot must end after it begins, and in the future.")]
    Period,
    /// A lot's end can only be put off.
    #[error("A lot's end can only be put off, to a moment in the future. Choose a later one.")]
    NotLater {
        /// Its present end.
        expires_at: Option<Timestamp>,
    },
    /// An amount that must be more than zero is zero.
    #[error("The amount must be more than zero.")]
    ZeroAmount,
    /// More than the account owes.
    #[error("The account owes {debt}; no more than that can be written off.")]
    BeyondDebt {
        /// What it owes.
        debt: Amount,
    },
    /// More than the call was charged, less what was given back already.
    #[error("No more than {correctable} of this call can be given back.")]
    BeyondCorrectable {
        /// What is left to give back.
        correctable: Amount,
    },
    /// What is said about the call's settle cannot be true.
    #[error("The parts of the settled call do not fit {lot}. Verify the ledger.")]
    WrongParts {
        /// The lot that they do not fit.
        lot: LotId,
    },
    /// Something else was booked under the name that this was to be booked under. Storage knows it.
    #[error(
        "Another change was booked under this name, so this one was not booked. Choose a new name for it; what was booked stands in the account's ledger."
    )]
    OtherUnderName,
    /// A sum beyond what is ever booked.
    #[error("The amount is too large: no sum of an account may exceed {}.", Amount::MAX)]
    TooLarge,
    /// The decision contradicts the books: a defect of ours. The account must be taken out of service.
    #[error("The books of this account are broken: {0}")]
    Broken(Violation),
}

/// The facts about missing credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("This needs {needed} credits and {} can be spent.", spendable.or_zero())]
pub struct Shortage {
    /// What was asked for.
    pub needed: Amount,
    /// What can be spent; below zero when more is held or owed than is there.
    pub spendable: Money,
    /// The sum of open holds, but for that of the call that asks for more.
    pub held: Amount,
    /// What the account owes.
    pub debt: Amount,
    /// If every other running call ended without a charge, it would be enough: asking again later may help.
    pub waiting_helps: bool,
}

impl Shortage {
    /// Whether so much can be spent where this is there.
    ///
    /// # Errors
    /// What is short.
    pub fn unless_affordable(needed: Amount, spendable: Money, held: Amount, debt: Amount) -> Result<(), Self> {
        if needed.money() <= spendable {
            return Ok(());
        }
        Err(Self {
            needed,
            spendable,
            held,
            debt,
            // As `needed ≤ spendable + held`; the difference of two amounts always fits.
            waiting_helps: needed.nano() - held.nano() <= spendable.nano(),
        })
    }
}

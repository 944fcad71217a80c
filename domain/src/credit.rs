//! Credit as people see it: what an account has, and the lines of its ledger. Made by `gateway`, shown by the console and
//! the command line.

mod balance;
mod beside;
mod charge;
mod lots;
mod outlook;
mod statement;
mod usage;

pub use balance::Balance;
pub use beside::Beside;
pub use charge::{CallCharge, CallCost};
pub use lots::{LotGone, LotOrigin, LotView};
pub use outlook::{Left, Outlook};
pub use statement::{KindChange, Pace, Share, Statement, Stood};
pub use usage::DayUsage;

use serde::{Deserialize, Serialize};

use crate::{
    access::Actor,
    id::CallId,
    ledger::{Adjustment, Command, CommandKind, Seq},
    money::{Amount, Money},
    time::Timestamp,
};

/// One line of an account's ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerLine {
    /// Its number, from 1 on.
    pub seq: Seq,
    /// When it was booked.
    pub booked_at: Timestamp,
    /// What happened.
    pub kind: CommandKind,
    /// What it did to the balance.
    pub change: Money,
    /// The balance afterwards.
    pub balance: Amount,
    /// The debt afterwards.
    pub debt: Amount,
    /// What it did to the debt: above zero it made some, below zero some was repaid or given up.
    pub debt_change: Money,
    /// The call that it is about.
    pub call: Option<CallId>,
    /// The model that this call was about.
    pub model: Option<String>,
    /// What its key is called; absent in the playground.
    pub key: Option<String>,
    /// What the project is called that the call was of; absent of calls from before there were any.
    pub project: Option<String>,
    /// Who did it.
    pub actor: Actor,
    /// The command, with all that was asked for.
    pub command: Command,
}

impl LedgerLine {
    /// Why it was done, where somebody said so.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.command.reason()
    }

    /// What it moved past the balance: an allocated cost, debt that was made, repaid or given up. Without it a line of nothing
    /// would stand there for something.
    #[must_use]
    pub fn beside(&self) -> Option<Beside> {
        let (more, less) = (self.debt_change.or_zero(), self.debt_change.negated().or_zero());
        let beside = match &self.command {
            Command::Allocate { charge, .. } => Beside::Allocated(*charge),
            Command::WriteOff { amount, .. } => Beside::GivenUp(*amount),
            _ if less.is_zero() => Beside::Owed(more),
            _ => Beside::Repaid(less),
        };
        (!beside.amount().is_zero()).then_some(beside)
    }
}

/// A grant as somebody asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantDraft {
    /// Where the credit comes from.
    pub kind: crate::ledger::LotKind,
    /// How much.
    pub amount: Amount,
    /// Its place in the burn order; none for the kind's own.
    pub priority: Option<i32>,
    /// When it ends; none for never.
    pub expires_at: Option<Timestamp>,
    /// Why.
    pub reason: String,
}

/// A change by hand of what an account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correction {
    /// More.
    Add(Amount),
    /// Less.
    Take(Amount),
}

impl Correction {
    /// As the ledger takes it; `lot` names the lot that more credit comes in.
    #[must_use]
    pub const fn adjustment(self, lot: crate::id::LotId) -> Adjustment {
        match self {
            Self::Add(amount) => Adjustment::Add { lot, amount },
            Self::Take(amount) => Adjustment::Take { amount },
        }
    }
}

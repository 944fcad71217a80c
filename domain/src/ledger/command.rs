//! What can be asked of an account. Commands are stored as JSON with their number and replayed by the verifier.

use serde::{Deserialize, Serialize};

use super::{LedgerAccount, Lot, LotKind};
use crate::{
    id::{CallId, LotId},
    money::Amount,
    time::Timestamp,
};

/// One command. Amounts cannot be negative; what else can be wrong is a [`super::Refusal`].
///
/// Uniqueness beyond the account's open state (one settle per call, one lot per source) is kept by storage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Credit comes in.
    Grant(Grant),
    /// Admits a call for at most so much. A zero amount asks only whether the account is blocked.
    Hold {
        /// The call.
        call: CallId,
        /// The most it may cost.
        amount: Amount,
    },
    /// Admits a running call for more.
    Extend {
        /// The call.
        call: CallId,
        /// How much more it may cost.
        by: Amount,
    },
    /// Ends a call with its charge, which may be zero.
    Settle {
        /// The call.
        call: CallId,
        /// What it costs.
        charge: Amount,
    },
    /// Ends a call that is not charged.
    Release {
        /// The call.
        call: CallId,
    },
    /// Charges a call whose hold had been given back before it ended: it was taken for lost.
    Late {
        /// The call.
        call: CallId,
        /// What it costs.
        charge: Amount,
    },
    /// Books the end of a lot. Made by [`super::Account::due_expiry`].
    Expire {
        /// The lot.
        lot: LotId,
    },
    /// Takes back as much of a lot as no running call may need.
    Void {
        /// The lot.
        lot: LotId,
        /// Why.
        reason: String,
    },
    /// Lets a lot live longer.
    ExtendLot {
        /// The lot.
        lot: LotId,
        /// Its new end; none for never.
        expires_at: Option<Timestamp>,
        /// Why.
        reason: String,
    },
    /// Adds or takes credit by hand.
    Adjust {
        /// Which way.
        adjustment: Adjustment,
        /// Why.
        reason: String,
    },
    /// Gives back what a settled call was charged, or a part.
    Correct {
        /// The call.
        call: CallId,
        /// How much to give back.
        amount: Amount,
        /// What the call's settle took, in its order.
        parts: Vec<SettledPart>,
        /// The id of a new lot, for what cannot go back into a lot that has ended.
        lot: LotId,
        /// Why.
        reason: String,
    },
    /// Admits no more calls.
    Block {
        /// Why.
        reason: String,
    },
    /// Admits calls again.
    Unblock {
        /// Why.
        reason: String,
    },
    /// Enterprise mode: books a call's charge as a cost of ours. Needs no hold and no credit.
    Allocate {
        /// The call.
        call: CallId,
        /// What it costs.
        charge: Amount,
    },
    /// Gives up debt.
    WriteOff {
        /// How much.
        amount: Amount,
        /// Which loss it is.
        loss: LossKind,
        /// Why.
        reason: String,
    },
    /// A refund or dispute takes money back: credit as far as it can be spent, the rest becomes debt.
    Debit {
        /// How much.
        amount: Amount,
        /// Why.
        reason: String,
    },
}

impl Command {
    /// The call that it is about.
    #[must_use]
    pub const fn call(&self) -> Option<CallId> {
        match self {
            Self::Hold { call, .. }
            | Self::Extend { call, .. }
            | Self::Settle { call, .. }
            | Self::Release { call }
            | Self::Late { call, .. }
            | Self::Correct { call, .. }
            | Self::Allocate { call, .. } => Some(*call),
            _ => None,
        }
    }

    /// Why, where whoever asks has to say so.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Grant(Grant { reason, .. })
            | Self::Void { reason, .. }
            | Self::ExtendLot { reason, .. }
            | Self::Adjust { reason, .. }
            | Self::Correct { reason, .. }
            | Self::Block { reason }
            | Self::Unblock { reason }
            | Self::WriteOff { reason, .. }
            | Self::Debit { reason, .. } => Some(reason),
            _ => None,
        }
    }
}

/// Credit that comes in as a new lot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The id of the new lot.
    pub lot: LotId,
    /// Where the credit comes from.
    pub kind: LotKind,
    /// How much; not zero.
    pub amount: Amount,
    /// Its place in the burn order.
    pub priority: i32,
    /// When it can first be spent; a moment in the past means at once.
    pub effective_at: Timestamp,
    /// When it ends; none for never.
    pub expires_at: Option<Timestamp>,
    /// What made it, unique among all lots.
    pub source: String,
    /// Why.
    pub reason: String,
}

/// A change of credit by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Adjustment {
    /// More credit, in a new lot without end.
    Add {
        /// The id of the new lot.
        lot: LotId,
        /// How much.
        amount: Amount,
    },
    /// Less credit: exactly so much, from lots in burn order, or nothing.
    Take {
        /// How much.
        amount: Amount,
    },
}

/// What one lot paid for a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettledPart {
    /// The lot as storage holds it *now*, also when nothing is left in it. If something is left, the account's own
    /// state counts.
    pub lot: Lot,
    /// What it paid.
    pub spent: Amount,
    /// What earlier corrections of this call gave back of that.
    pub corrected: Amount,
    /// Somebody has voided the lot since it was made: nothing comes back into it. Orders of before this was asked lack it, and
    /// mean what they meant then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub voided: bool,
}

/// Which loss a written-off debt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LossKind {
    /// They do not pay.
    BadDebt,
    /// A dispute is lost.
    Dispute,
}

impl LossKind {
    pub(super) const fn account(self) -> LedgerAccount {
        match self {
            Self::BadDebt => LedgerAccount::BadDebt,
            Self::Dispute => LedgerAccount::DisputeLoss,
        }
    }
}

macro_rules! kinds {
    ($($pattern:pat => $kind:ident = $word:literal;)+) => {
        /// Which command it is; also the kind of its ledger transaction.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum CommandKind {
            $(#[doc = concat!("`", $word, "`, see [`Command`].")] $kind,)+
        }

        impl CommandKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind),+];

            /// The word in storage and JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $word,)+
                }
            }

            /// The kind that this word names.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
            }
        }

        impl CommandKind {
            /// Whether the command takes a number and stands in the journal: all but a hold do. A hold moves no money. It
            /// stands in the row of its call, which may be written later than what is booked meanwhile, and one that is
            /// lost in a crash leaves no gap.
            #[must_use]
            pub const fn is_journaled(self) -> bool {
                !matches!(self, Self::Hold)
            }
        }

        impl Command {
            /// Which command it is.
            #[must_use]
            pub const fn kind(&self) -> CommandKind {
                match self {
                    $($pattern => CommandKind::$kind,)+
                }
            }
        }
    };
}

kinds! {
    Self::Grant(_) => Grant = "grant";
    Self::Hold { .. } => Hold = "hold";
    Self::Extend { .. } => Extend = "extend";
    Self::Settle { .. } => Settle = "settle";
    Self::Release { .. } => Release = "release";
    Self::Late { .. } => Late = "late";
    Self::Expire { .. } => Expire = "expire";
    Self::Void { .. } => Void = "void";
    Self::ExtendLot { .. } => ExtendLot = "extend_lot";
    Self::Adjust { .. } => Adjust = "adjust";
    Self::Correct { .. } => Correct = "correct";
    Self::Block { .. } => Block = "block";
    Self::Unblock { .. } => Unblock = "unblock";
    Self::Allocate { .. } => Allocate = "allocate";
    Self::WriteOff { .. } => WriteOff = "write_off";
    Self::Debit { .. } => Debit = "debit";
}

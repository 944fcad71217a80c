//! A lot with where it came from.

use serde::{Deserialize, Serialize};

use crate::{
    access::Actor,
    ledger::{Lot, Seq},
    money::Amount,
};

/// A lot as people see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LotView {
    /// The lot itself.
    #[serde(flatten)]
    pub lot: Lot,
    /// The transaction that made it and why, if it is among the newest that were looked at.
    pub origin: Option<LotOrigin>,
    /// What went out of it other than for calls.
    pub gone: LotGone,
}

impl LotView {
    /// What calls took, less what was given back of that; and what repaid debt as a call came to its end.
    #[must_use]
    pub fn used(&self) -> Amount {
        let LotGone {
            expired,
            voided,
            taken,
            repaid,
        } = self.gone;
        let rest = self.lot.amount.less(self.lot.remaining);
        rest.less(expired).less(voided).less(taken).less(repaid)
    }
}

/// What went out of a lot other than for calls. With what calls took and what remains, it is the lot's amount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LotGone {
    /// It came to its end.
    pub expired: Amount,
    /// Taken back as a lot.
    pub voided: Amount,
    /// Taken by an adjustment, or by a payment that was taken back.
    pub taken: Amount,
    /// It repaid debt when credit came in.
    pub repaid: Amount,
}

/// How a lot came to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LotOrigin {
    /// Its transaction.
    pub seq: Seq,
    /// Who made it.
    pub actor: Actor,
    /// Why.
    pub reason: String,
}

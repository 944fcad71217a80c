//! A lot with where it came from.

use serde::{Deserialize, Serialize};

use crate::{
    access::Actor,
    ledger::{Lot, Seq},
};

/// A lot as people see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LotView {
    /// The lot itself.
    #[serde(flatten)]
    pub lot: Lot,
    /// The transaction that made it and why, if it is among the newest that were looked at.
    pub origin: Option<LotOrigin>,
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

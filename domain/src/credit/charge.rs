//! What a call was charged and how that came about, as the page of a call shows it.

use serde::{Deserialize, Serialize};

use crate::{
    call::{Funding, Unbilled},
    id::PriceId,
    ledger::{Seq, Spent},
    money::{Amount, MarginPpm},
    price::{Dimension, Receipt},
    time::Timestamp,
};

/// The money side of one call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallCharge {
    /// Who pays.
    pub funding: Funding,
    /// What it holds, while it runs.
    pub held: Option<Amount>,
    /// It was lost with the process that ran it, and not billed.
    pub unbilled: Option<Unbilled>,
    /// Its end came after its hold had been given back.
    pub late: bool,
    /// Its answer left before its end was in the books.
    pub ahead: bool,
    /// What it was charged; absent while it runs and when nothing was charged.
    pub charge: Option<Amount>,
    /// Of that, what nobody paid: it was beyond what was held and could be spent.
    pub loss: Amount,
    /// What was given back since.
    pub given_back: Amount,
    /// The transaction that ended it.
    pub seq: Option<Seq>,
    /// Which lots paid, in the order in which they did.
    pub spent: Vec<Spent>,
    /// The price version that was frozen when it began.
    pub price: Option<PriceId>,
    /// From when on that version held.
    pub priced_from: Option<Timestamp>,
    /// The charge computed again from the stored quantities and that version.
    pub receipt: Option<Receipt>,
    /// What the provider bills. For admins only.
    pub cost: Option<CallCost>,
    /// What it used and has no cost in that version, so that what it cost is not known. For admins only.
    pub uncosted: Option<Dimension>,
}

/// The operator's side of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallCost {
    /// What the provider bills, as it was booked.
    pub cost: Amount,
    /// The margin that lies in every price of the version, where it is one.
    pub margin: Option<MarginPpm>,
    /// The cost computed again.
    pub receipt: Option<Receipt>,
}

impl CallCharge {
    /// What the account paid.
    #[must_use]
    pub fn paid(&self) -> Amount {
        self.charge.unwrap_or_default().less(self.loss)
    }

    /// The charge that the receipt arrives at is the one that was booked. None when there is nothing to compare.
    #[must_use]
    pub fn adds_up(&self) -> Option<bool> {
        Some(self.receipt.as_ref()?.total == self.charge?)
    }
}

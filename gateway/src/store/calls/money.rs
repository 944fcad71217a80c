//! What a call has to do with money, as its row says it. It is taken over from what the ledger decided, at the moment of the
//! decision, and written with the row.

use domain::{
    call::Funding,
    id::PriceId,
    ledger::{Effects, Hold, HoldChange, Outcome, Seq},
    money::Amount,
    time::Timestamp,
};

/// The columns about money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallMoney {
    /// The price version that was in force when it was admitted.
    pub price: Option<PriceId>,
    /// When that was, where nothing is held: a hold is dated.
    pub priced_at: Option<Timestamp>,
    /// How it is paid.
    pub funding: Funding,
    /// The account's last transaction at the moment of the hold.
    pub held_after: Option<Seq>,
    /// The hold with all that it was extended by.
    pub hold: Option<Hold>,
    /// The transaction that ended the hold or booked the cost.
    pub settled_by: Option<Seq>,
    /// What the account is charged.
    pub charge: Option<Amount>,
    /// What the provider bills for it, by the price version.
    pub cost: Option<Amount>,
    /// The part of the charge that nobody paid.
    pub loss: Option<Amount>,
    /// While it runs: what the provider will probably bill.
    pub estimate: Option<Amount>,
}

impl CallMoney {
    /// Takes over what was decided. `held` is the call's hold before that.
    pub(crate) fn note(&mut self, effects: &Effects, held: Option<Hold>) {
        match effects.hold {
            Some(HoldChange::Opened { hold, .. }) => {
                self.funding = Funding::Credit;
                self.held_after = Some(effects.seq);
                self.hold = Some(hold);
            }
            Some(HoldChange::Extended { hold, .. }) => self.hold = Some(hold),
            Some(HoldChange::Closed { .. }) => {
                self.hold = held;
                self.settled_by = Some(effects.seq);
            }
            None => self.settled_by = Some(effects.seq),
        }
        if let Outcome::Settled(settlement) = &effects.outcome {
            self.charge = Some(settlement.charge);
            self.loss = Some(settlement.loss);
        }
    }

    /// What was decided was not booked.
    pub(crate) fn forget_end(&mut self) {
        (self.settled_by, self.charge, self.loss) = (None, None, None);
    }

    /// The books know nothing of what it holds: the row is not to put it there. A hold that stands in the row stays there.
    pub(crate) fn forget_hold(&mut self) {
        (self.funding, self.held_after, self.hold) = (Funding::None, None, None);
    }

    /// It was admitted, the books know nothing of what it holds, and it pays all the same.
    pub(crate) fn pays_without_hold(&mut self) {
        self.forget_hold();
        self.funding = Funding::Credit;
    }

    /// It holds credit, and nothing has ended that.
    pub(crate) const fn holds(&self) -> bool {
        self.hold.is_some() && self.settled_by.is_none()
    }
}

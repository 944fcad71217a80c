//! How the charge of a call came about: computed again from what the call's row says was used and the price version that
//! was frozen when it began.

use domain::{
    access::{Capability, Viewer},
    call::{CallDetail, Unbilled},
    credit::{CallCharge, CallCost},
    ledger::Spent,
    money::MarginPpm,
    price::{Dimension, PriceError, PriceSheet, Receipt, Tariff},
    usage::UsageSource,
};

use super::{Credits, MISSING};
use crate::{
    Calls, Error,
    store::ledger::{by_hand, charge},
};

impl Credits<'_> {
    /// The money side of a call that this viewer sees; what the provider bills not for members.
    ///
    /// # Errors
    /// [`domain::refusal::Refusal::NotFound`] for what is not theirs; the database's.
    pub async fn of_call(&self, viewer: &Viewer, detail: &CallDetail) -> Result<CallCharge, Error> {
        if !Calls(self.inner).sees(viewer, &detail.call).await? {
            return Err(MISSING);
        }
        let of_payer = viewer.id == detail.call.payer() || viewer.may(Capability::ReadMoney);
        let call = detail.call.id;
        let mut tx = self.inner.store.begin_read().await?;
        let Some(money) = charge::of_call(&mut tx, call).await? else {
            return Ok(CallCharge::default());
        };
        let version = match money.price {
            Some(price) => charge::version(&mut tx, price).await?,
            None => None,
        };
        let (mut spent, mut given_back) = (Vec::new(), Default::default());
        if let Some(account) = money.account {
            let parts = by_hand::parts(&mut tx, account, call).await?;
            let one = |part: domain::ledger::SettledPart| Spent {
                lot: part.lot.id,
                amount: part.spent,
            };
            // Which lots there are is the payer's own matter.
            spent = parts.into_iter().filter(|_| of_payer).map(one).collect();
            given_back = by_hand::given_back(&mut tx, account, call).await?;
        }
        let receipt = |tariff: &Tariff| receipt(detail, tariff);
        let charged = money.charge.is_some();
        let bills = viewer.may(Capability::ReadMoney);
        let cost = money.cost.filter(|_| bills).map(|cost| CallCost {
            cost,
            margin: version.as_ref().and_then(|version| one_margin(&version.sheet)),
            receipt: version.as_ref().and_then(|version| receipt(version.sheet.cost())),
        });
        let uncosted = version
            .as_ref()
            .filter(|_| bills && money.cost.is_none())
            .and_then(|version| unpriced(detail, version.sheet.cost()));
        Ok(CallCharge {
            funding: money.funding,
            held: money.hold.filter(|_| money.ended_by.is_none()),
            unbilled: money
                .hold
                .filter(|_| money.lost && !money.late && money.charge.is_none())
                .map(|at_most| Unbilled {
                    estimated_cost: money.estimate.filter(|_| bills),
                    at_most,
                }),
            late: money.late,
            ahead: money.ahead,
            charge: money.charge,
            loss: money.loss,
            given_back,
            seq: money.ended_by,
            spent,
            price: money.price,
            priced_from: version.as_ref().map(|version| version.effective_from),
            receipt: version
                .as_ref()
                .filter(|_| charged)
                .and_then(|version| receipt(version.sheet.sell())),
            cost,
            uncosted,
        })
    }
}

/// The margin that lies between the costs and the prices of a version, where it is the same for all of them: not the one that was typed,
/// which a price that was chosen has nothing to do with.
fn one_margin(sheet: &PriceSheet) -> Option<MarginPpm> {
    let (low, high) = sheet.margins()?;
    (low == high).then_some(low)
}

/// What the call used, priced. None where nothing was used, and where it cannot be priced.
fn receipt(detail: &CallDetail, tariff: &Tariff) -> Option<Receipt> {
    priced(detail, tariff)?.ok()
}

/// What the call used and has no price there.
fn unpriced(detail: &CallDetail, tariff: &Tariff) -> Option<Dimension> {
    match priced(detail, tariff)? {
        Err(PriceError::Unpriced(what)) => Some(what),
        _ => None,
    }
}

fn priced(detail: &CallDetail, tariff: &Tariff) -> Option<Result<Receipt, PriceError>> {
    if detail.call.usage_source == UsageSource::None {
        return None;
    }
    let quantities = tariff.quantities(detail.call.usage, detail.call.drawn.as_ref());
    Some(tariff.price(&quantities))
}

//! How a call ends, by what it used: what it cost, and what is charged for it.

use domain::{
    call::{CallState, Endpoint, Funding},
    price::Tariff,
};

use super::Funds;
use crate::{ledger::End, store::calls::CallRow};

impl Funds {
    /// How the call ends, by what its row says. Writes cost and charge into the row.
    ///
    /// What was delivered is charged, and so is the question of whoever leaves when it is on its way (`sent`): the provider has
    /// read it, and the next one may be cheaper for it. What the provider was asked for in vain is not charged: an attempt that
    /// failed, an answer without a word and without an end.
    pub fn end(&self, row: &mut CallRow, sent: bool) -> Option<End> {
        let price = self.price.as_ref()?;
        let drawn = row.drawn.as_ref();
        let priced = |tariff: &Tariff| tariff.total(&tariff.quantities(row.usage, drawn));
        if !row.usage.is_empty() || drawn.is_some_and(|drawn| drawn.count > 0) {
            row.money.cost = priced(price.sheet.cost()).ok();
        }
        let held = row.money.hold.is_some();
        match self.funding {
            Funding::None => None,
            _ if row.money.settled_by.is_some() => None,
            Funding::Credit if !held => None,
            Funding::Credit if !is_owed(row, sent) => Some(End::Release),
            Funding::Allocated if !is_owed(row, sent) => None,
            funding => {
                let charge = match priced(price.sheet.sell()) {
                    Ok(total) => total,
                    Err(error) => {
                        tracing::error!(call = %row.id, %error, "what a call used cannot be priced; it is not charged");
                        return held.then_some(End::Release);
                    }
                };
                if funding == Funding::Allocated {
                    row.money.charge = Some(charge);
                    row.money.funding = Funding::Allocated;
                    Some(End::Allocate(charge))
                } else {
                    Some(End::Settle(charge))
                }
            }
        }
    }
}

/// There is an answer, or a part of one that went to the client; or the client has left after it was asked for. Of an answer that
/// comes as a whole no part goes to the client. Who asks for pictures and gets none has no answer.
fn is_owed(row: &CallRow, sent: bool) -> bool {
    let said = row.usage.output_total() > 0;
    match row.state {
        CallState::Succeeded => match row.endpoint {
            Endpoint::Chat => said || row.finish_reason.is_some(),
            Endpoint::Embeddings => true,
            Endpoint::Images => row.drawn.as_ref().is_some_and(|drawn| drawn.count > 0),
        },
        CallState::Open => false,
        // Where the right to ask was taken away meanwhile, the attempt has failed, and what came before that is owed.
        CallState::Cancelled => sent || said && row.streamed,
        CallState::Failed | CallState::Interrupted => said && row.streamed,
    }
}

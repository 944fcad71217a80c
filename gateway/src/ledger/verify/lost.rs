//! Holds that no call tells of. Who decides in memory (an owner of the ledger, a server that keeps an account) writes a hold a moment after
//! it has admitted it, so what it books in that moment may count a hold that is never written: if it dies, or has to forget what it decided.
//! Only then: a hold that nothing explains is credit that nobody can spend.

use domain::{
    id::AccountId,
    time::{Micros, Timestamp},
};

use super::replay::Lost;
use crate::{
    Error,
    store::{Tx, ledger::verify},
};

/// Within this span a server has written its holds, or is dead.
const WRITTEN: Micros = Micros::from_seconds(300);

/// The first of these of an account that no end of a server explains, and nothing that one had to forget.
pub(super) async fn unexplained(
    tx: &mut Tx,
    account: AccountId,
    lost: &[Lost],
    now: Timestamp,
) -> Result<Option<Lost>, Error> {
    for one in lost {
        let moment = Timestamp(one.booked_at);
        if now.since(moment).0 > WRITTEN.0
            && !may_have_died(tx, moment).await?
            && !verify::was_forgotten(tx, account, moment, moment.plus(WRITTEN)).await?
        {
            return Ok(Some(*one));
        }
    }
    Ok(None)
}

/// Whether a server that ran then gave no sign of life after it had to have written its holds. When it died is often not known:
/// its end is noticed when the next one starts.
async fn may_have_died(tx: &mut Tx, moment: Timestamp) -> Result<bool, Error> {
    for (server, end) in verify::servers_at(tx, moment, WRITTEN).await? {
        if !verify::ran_a_call(tx, server, moment.plus(WRITTEN), end).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

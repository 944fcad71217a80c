//! What the sweeper of a server should have seen to: open calls and holds that nobody runs any more, credit that has ended
//! and is not booked so. It looks every 30 seconds, and is given ten times that, by its own time: a time of day that it does not believe,
//! or that was set since it died, ends nothing.

use domain::{
    id::{AccountId, LotId},
    money::Amount,
    time::Micros,
};

use super::LedgerFinding;
use crate::{
    Error,
    store::{
        Store,
        ledger::left::{self, LeftCall, Since},
    },
};

/// What had ended so long before a server looked last was seen by every one that runs so long.
const SEEN: Micros = Micros::from_seconds(300);
/// No call takes so long.
const LONGEST: Micros = Micros::from_days(1);

/// What was left, on one account or on all. Nothing, where no server has been there so long.
pub(super) async fn look(store: &Store, account: Option<AccountId>) -> Result<Vec<LedgerFinding>, Error> {
    let Some(looked_at) = left::servers_looked_at(store, SEEN).await? else {
        return Ok(Vec::new());
    };
    let since = Since {
        seen: looked_at.plus(Micros(-SEEN.0)),
        longest: looked_at.plus(Micros(-LONGEST.0)),
        account,
    };
    let calls = left::calls(store, since).await?;
    let lots = left::lots(store, since).await?.into_iter().map(of_lot);
    Ok(calls.iter().map(of_call).chain(lots).collect())
}

fn of_call(left: &LeftCall) -> LedgerFinding {
    let LeftCall { call, .. } = left;
    let held = Amount::from_nano(left.held).filter(|held| !held.is_zero());
    let problem = match (left.open, held) {
        (true, Some(held)) => format!("{call} stands as open and holds {held}, and nobody runs it any more."),
        (true, None) => format!("{call} stands as open, and nobody runs it any more."),
        (false, Some(held)) => format!("{call} has ended and still holds {held}."),
        (false, None) => format!("{call} has ended, and its hold of nothing was not given back."),
    };
    LedgerFinding {
        account: Some(left.account),
        seq: None,
        problem,
    }
}

fn of_lot((account, lot, remaining): (AccountId, LotId, i64)) -> LedgerFinding {
    let remaining = Amount::from_nano(remaining).unwrap_or_default();
    LedgerFinding {
        account: Some(account),
        seq: None,
        problem: format!("{lot} ended long ago, and the {remaining} that it holds is not booked as expired."),
    }
}

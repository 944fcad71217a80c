//! Why a balance changed, and how fast credit is used.

use domain::{
    access::Viewer,
    credit::{Pace, Share, Statement},
    id::UserId,
    money::Amount,
    time::{Micros, Timestamp},
};

use super::{Credits, MISSING, read::visible};
use crate::{
    Error,
    ledger::account_of,
    store::{
        StoreError, Tx,
        ledger::{read, statement},
    },
};

/// Over how many days the pace is taken, at the most.
const PACE: Micros = Micros::from_days(14);
/// Over how many days the pace of late is taken.
const LATELY: Micros = Micros::from_days(3);
/// Shares that are named.
const SHARES: i64 = 50;
const DAY: i64 = Micros::from_days(1).0;

/// A day so far, and the days before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// From midnight in UTC until now.
    pub today: Statement,
    /// Which models and keys took most today.
    pub shares: Vec<Share>,
    /// What all models and keys were charged today, those that are not named and what credit did not pay included.
    pub charged: Amount,
    /// How fast credit is used, over the last two weeks.
    pub pace: Pace,
    /// How fast it is used of late, over the last days.
    pub lately: Pace,
}

impl Credits<'_> {
    /// Why somebody's balance changed today, and how long it may last. Members see their own.
    ///
    /// # Errors
    /// [`domain::refusal::Refusal::NotFound`], also for what is not theirs; [`Error::Quarantine`]; the database's.
    pub async fn day(&self, viewer: &Viewer, user: UserId) -> Result<Day, Error> {
        visible(viewer, user)?;
        let (account, now) = (account_of(user), self.inner.clock.now());
        let midnight = Timestamp(now.0 - now.0.rem_euclid(DAY));
        let mut tx = self.inner.store.begin_read().await?;
        let balance = self.balance_in(&mut tx, viewer, account).await?;
        let standing = read::standing(&mut tx, account).await?.ok_or(MISSING)?;
        let since = |span: Micros| now.plus(Micros(-span.0)).max(Timestamp(standing.created_at));
        let (begin, near) = (since(PACE), since(LATELY));
        // The present moment itself is within.
        let end = now.plus(Micros(1));
        let today = between(&mut tx, user, (midnight, end), standing.seq).await?;
        let all = between(&mut tx, user, (begin, end), standing.seq).await?;
        let lately = between(&mut tx, user, (near, end), standing.seq).await?;
        Ok(Day {
            // As the balance has it, which counts nothing that has ended.
            today: today.without_ended(balance.ended_sum()),
            shares: statement::shares(&mut tx, account, midnight, SHARES).await?,
            charged: statement::charged(&mut tx, account, midnight).await?,
            pace: Pace::of(all.spent, now.since(begin), &balance, now),
            lately: Pace::of(lately.spent, now.since(near), &balance, now),
        })
    }
}

async fn between(
    tx: &mut Tx,
    user: UserId,
    period: (Timestamp, Timestamp),
    last: i64,
) -> Result<Statement, StoreError> {
    let account = account_of(user);
    let (first, opening) = statement::before(tx, account, period.0, last).await?;
    let (end, closing) = statement::before(tx, account, period.1, last).await?;
    let changes = statement::changes(tx, account, first, end).await?;
    Statement::of(period, (opening, closing), &changes).ok_or(StoreError::Row {
        table: "ledger_entry",
        column: "amount",
    })
}

//! Credit as people see it: what somebody has, in which lots, and the lines of their ledger. Members see their own,
//! everybody else all.

use domain::{
    access::{Capability, Viewer},
    credit::{Balance, LedgerLine, LotView},
    id::{AccountId, UserId},
    page::{Cursor, Page, PageSize},
    time::Timestamp,
};

use super::{Credits, MISSING, damaged};
use crate::{
    Error,
    call_log::page_of,
    ledger::account_of,
    store::{
        StoreError, Tx,
        ledger::{Found, load, lots, read, statement},
    },
};

/// Lots with nothing left that are shown.
const EMPTY_LOTS: i64 = 20;
/// Transactions that are looked through for the origins of lots.
const ORIGINS: i64 = 500;

impl Credits<'_> {
    /// What somebody has. Members see their own; whoever looks after money also that of an account that is out of service, with
    /// what is wrong with it.
    ///
    /// # Errors
    /// [`domain::refusal::Refusal::NotFound`], also for what is not theirs; [`Error::Quarantine`] for members; the database's.
    pub async fn balance(&self, viewer: &Viewer, user: UserId) -> Result<Balance, Error> {
        visible(viewer, user)?;
        let mut tx = self.inner.store.begin_read().await?;
        self.balance_in(&mut tx, viewer, account_of(user)).await
    }

    pub(super) async fn balance_in(&self, tx: &mut Tx, viewer: &Viewer, id: AccountId) -> Result<Balance, Error> {
        let found = match load(tx, id).await {
            // One that holds what there is not is shown all the same.
            Err(error @ StoreError::Row { .. }) => Some(Found::Broken(error.to_string())),
            found => found?,
        };
        let account = match found {
            None => return Err(MISSING),
            Some(Found::Broken(reason)) if viewer.may(Capability::ReadMoney) => {
                return damaged::as_stored(tx, id, reason).await;
            }
            Some(Found::Broken(reason)) => return Err(Error::Quarantine { account: id, reason }),
            Some(Found::Sound { account, .. }) => account,
        };
        Ok(Balance::of(&account, self.inner.clock.now()))
    }

    /// Somebody's lots: those with something left in the order in which they are used, then those that have ended and wait for
    /// that to be booked, then the newest of those with nothing left. Members see their own.
    ///
    /// # Errors
    /// As [`Credits::balance`].
    pub async fn lots(&self, viewer: &Viewer, user: UserId) -> Result<Vec<LotView>, Error> {
        visible(viewer, user)?;
        let account = account_of(user);
        let mut tx = self.inner.store.begin_read().await?;
        let balance = self.balance_in(&mut tx, viewer, account).await?;
        let mut all = balance.lots;
        all.extend(balance.ended_lots);
        all.extend(lots::empty(&mut tx, account, EMPTY_LOTS).await?);
        Ok(lots::with_origins(&mut tx, account, all, ORIGINS).await?)
    }

    /// One page of somebody's ledger, newest first. Members see their own.
    ///
    /// # Errors
    /// [`domain::refusal::Refusal::NotFound`] for what is not theirs; the database's.
    pub async fn ledger(
        &self,
        viewer: &Viewer,
        user: UserId,
        cursor: Cursor,
        size: PageSize,
    ) -> Result<Page<LedgerLine>, Error> {
        visible(viewer, user)?;
        let rows = read::page(&self.inner.store, account_of(user), cursor, size).await?;
        Ok(page_of(rows, cursor, size, |line| line.seq.0))
    }
}

impl Credits<'_> {
    /// Between which numbers the lines of somebody's ledger stand that were booked from one moment to before another: after
    /// the first and up to the last. Numbers have no gaps. Members see their own.
    ///
    /// # Errors
    /// As [`Credits::ledger`].
    pub async fn ledger_between(
        &self,
        viewer: &Viewer,
        user: UserId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<(i64, i64), Error> {
        visible(viewer, user)?;
        let account = account_of(user);
        let mut tx = self.inner.store.begin_read().await?;
        let last = read::standing(&mut tx, account).await?.ok_or(MISSING)?.seq;
        let (first, _) = statement::before(&mut tx, account, from, last).await?;
        let (last, _) = statement::before(&mut tx, account, until, last).await?;
        Ok((first, last.max(first)))
    }
}

/// Members have no business with the credit of others.
pub(super) fn visible(viewer: &Viewer, user: UserId) -> Result<(), Error> {
    if viewer.id == user || viewer.may(Capability::ReadMoney) {
        Ok(())
    } else {
        Err(MISSING)
    }
}

//! Credit: what people have, and what admins change of it. Each change is a command of the ledger, and stands in the list of
//! changes with it.

use domain::{
    access::{Admin, Viewer},
    account::User,
    credit::{Balance, Correction, GrantDraft, LedgerLine},
    id::{LotId, UserId},
    ledger::{Command, Effects, Grant, LotKind, Status},
    money::Amount,
    page::{Cursor, Page, PageSize},
    refusal::{Refusal, Thing},
    setting::Setting,
    time::{Micros, Timestamp},
};

use crate::{
    Error, Inner, LedgerReport, Origin,
    call_log::page_of,
    ledger::{self, Order, account_of},
    store::{
        Change,
        ledger::{Found, load, read},
        people, settings,
    },
};

/// Use-cases about credit.
pub struct Credits<'a>(pub(crate) &'a Inner);

const MISSING: Error = Error::Refused(Refusal::NotFound { what: Thing::User });

impl Credits<'_> {
    /// Gives credit. Answers the lot that it came in.
    ///
    /// # Errors
    /// [`Error::Ledger`] when the ledger refuses it; [`Refusal::NotFound`].
    pub async fn grant(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        user: UserId,
        draft: GrantDraft,
    ) -> Result<(LotId, Effects), Error> {
        let now = self.0.clock.now();
        let lot = LotId::from_number(self.0.ids.next(now));
        let grant = Grant {
            lot,
            kind: draft.kind,
            amount: draft.amount,
            priority: draft.priority.unwrap_or(draft.kind.default_priority()),
            effective_at: now,
            expires_at: draft.expires_at,
            source: format!("grant:{lot}"),
            reason: draft.reason,
        };
        let effects = self.by_hand(admin, origin, user, Command::Grant(grant)).await?;
        Ok((lot, effects))
    }

    /// Takes back what is left in a lot, as far as no running call may need it.
    ///
    /// # Errors
    /// As [`Credits::grant`].
    pub async fn void(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        user: UserId,
        lot: LotId,
        reason: &str,
    ) -> Result<Effects, Error> {
        let reason = reason.to_owned();
        self.by_hand(admin, origin, user, Command::Void { lot, reason }).await
    }

    /// Lets a lot live longer.
    ///
    /// # Errors
    /// As [`Credits::grant`].
    pub async fn extend(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        user: UserId,
        lot: LotId,
        expires_at: Option<Timestamp>,
        reason: &str,
    ) -> Result<Effects, Error> {
        let reason = reason.to_owned();
        let command = Command::ExtendLot {
            lot,
            expires_at,
            reason,
        };
        self.by_hand(admin, origin, user, command).await
    }

    /// Adds or takes credit by hand.
    ///
    /// # Errors
    /// As [`Credits::grant`].
    pub async fn adjust(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        user: UserId,
        correction: Correction,
        reason: &str,
    ) -> Result<Effects, Error> {
        let lot = LotId::from_number(self.0.ids.next(self.0.clock.now()));
        let command = Command::Adjust {
            adjustment: correction.adjustment(lot),
            reason: reason.to_owned(),
        };
        self.by_hand(admin, origin, user, command).await
    }

    /// Admits no more calls of somebody, or admits them again.
    ///
    /// # Errors
    /// As [`Credits::grant`].
    pub async fn set_status(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        user: UserId,
        status: Status,
        reason: &str,
    ) -> Result<Effects, Error> {
        let reason = reason.to_owned();
        let command = match status {
            Status::Blocked => Command::Block { reason },
            Status::Active => Command::Unblock { reason },
        };
        self.by_hand(admin, origin, user, command).await
    }

    async fn by_hand(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        user: UserId,
        command: Command,
    ) -> Result<Effects, Error> {
        let person = people::get(&self.0.store, user).await?.ok_or(MISSING)?;
        let order = Order {
            account: account_of(user),
            command,
            actor: admin.actor().clone(),
            address: origin.address.map(str::to_owned),
            name: Some(person.email.to_string()),
        };
        self.0.book(order).await
    }

    /// What somebody has. Members see their own.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], also for what is not theirs; [`Error::Quarantine`]; the database's.
    pub async fn balance(&self, viewer: &Viewer, user: UserId) -> Result<Balance, Error> {
        visible(viewer, user)?;
        let id = account_of(user);
        let mut tx = self.0.store.begin_read().await?;
        let account = match load(&mut tx, id).await? {
            None => return Err(MISSING),
            Some(Found::Broken(reason)) => return Err(Error::Quarantine { account: id, reason }),
            Some(Found::Sound { account, .. }) => account,
        };
        let totals = account.totals();
        Ok(Balance {
            account: id,
            status: totals.status,
            spendable: account.spendable(self.0.clock.now()),
            balance: totals.balance,
            held: totals.held,
            debt: totals.debt,
            lots: account.lots().to_vec(),
        })
    }

    /// One page of somebody's ledger, newest first. Members see their own.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for what is not theirs; the database's.
    pub async fn ledger(
        &self,
        viewer: &Viewer,
        user: UserId,
        cursor: Cursor,
        size: PageSize,
    ) -> Result<Page<LedgerLine>, Error> {
        visible(viewer, user)?;
        let rows = read::page(&self.0.store, account_of(user), cursor, size).await?;
        Ok(page_of(rows, cursor, size, |line| line.seq.0))
    }

    /// Proves the books of one account, or of all, from what is stored. May run beside a live server.
    ///
    /// # Errors
    /// The database's. What is wrong with the books is in the report.
    pub async fn verify(&self, _: &Admin, user: Option<UserId>) -> Result<LedgerReport, Error> {
        ledger::verify(&self.0.store, &self.0.keys, user.map(account_of)).await
    }
}

/// Members have no business with the credit of others.
fn visible(viewer: &Viewer, user: UserId) -> Result<(), Error> {
    if viewer.id == user || viewer.admin().is_ok() {
        Ok(())
    } else {
        Err(MISSING)
    }
}

impl Inner {
    /// Gives a person who is being added the credit that the settings say, in the same transaction. Its source is unique, so
    /// nobody gets it twice.
    pub(crate) async fn welcome(&self, change: &mut Change<'_>, user: &User) -> Result<(), Error> {
        let mut value = async |setting: Setting| {
            let stored = settings::get_in(&mut change.tx, setting.as_str()).await?;
            Ok::<_, Error>(stored.unwrap_or_else(|| setting.default_value().to_owned()))
        };
        let amount: Amount = value(Setting::StarterCredit).await?.parse().unwrap_or_default();
        let days: i64 = value(Setting::StarterDays).await?.parse().unwrap_or_default();
        if amount.is_zero() {
            return Ok(());
        }
        let at = change.at;
        let grant = Grant {
            lot: LotId::from_number(change.next_id()),
            kind: LotKind::Starter,
            amount,
            priority: LotKind::Starter.default_priority(),
            effective_at: at,
            expires_at: (days > 0).then(|| at.plus(Micros::from_days(days))),
            source: format!("starter:{}", user.id),
            reason: "starter credit".to_owned(),
        };
        self.book_within(change, ledger::order(user.id, Command::Grant(grant)))
            .await?;
        Ok(())
    }
}

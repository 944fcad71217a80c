//! Credit: what is changed of it by hand, by whoever keeps money. Each change is a command of the ledger, and stands in the list of changes with
//! it. Reading is in `credits/read.rs` and the files beside it, what new people get in `credits/welcome.rs`.

mod books;
mod damaged;
mod purses;
mod read;
mod receipt;
mod statement;
mod welcome;

pub use purses::Purse;
pub use statement::Day;

use domain::{
    access::Money,
    credit::{Correction, GrantDraft},
    id::{CallId, LotId, UserId},
    ledger::{Command, Effects, Grant, LedgerAccount, LossKind, Status},
    money::Amount,
    refusal::{Invalid, Refusal, Thing},
    time::Timestamp,
};

use crate::{
    Error, Inner, Origin,
    ledger::{Lift, Order, account_of},
    store::{
        ledger::{lots, voided},
        people,
    },
};

/// Use-cases about credit.
pub struct Credits<'a> {
    inner: &'a Inner,
    /// Changes are booked once under this name.
    once: Option<&'a str>,
}

/// The longest name of an order, in characters.
const LONGEST_NAME: usize = 100;
const MISSING: Error = Error::Refused(Refusal::NotFound { what: Thing::User });

impl<'a> Credits<'a> {
    pub(crate) const fn new(inner: &'a Inner) -> Self {
        Self { inner, once: None }
    }

    /// The same, but a change is booked once for its account under this name, however often it is asked for: a form that is
    /// sent twice, or a script that tries again. Whoever asks for the same again gets the first answer; whoever asks for
    /// something else under the name is refused, and nothing is booked ([`domain::ledger::Refusal::OtherUnderName`]).
    /// An empty name is none, and changes under what is no name ([`Credits::is_name`]) are refused.
    #[must_use]
    pub fn once(self, name: &'a str) -> Self {
        let once = Some(name).filter(|name| !name.is_empty());
        Self { once, ..self }
    }

    /// Whether a change can be booked once under this name: 1 to 100 printable characters.
    #[must_use]
    pub fn is_name(text: &str) -> bool {
        (1..=LONGEST_NAME).contains(&text.chars().count()) && !text.contains(char::is_control)
    }

    /// A name for a form that is being shown, for [`Credits::once`]. No two are the same.
    #[must_use]
    pub fn new_form(&self) -> String {
        format!("form:{}", self.inner.ids.next(self.inner.clock.now()))
    }

    /// Gives credit. Answers the lot that it came in.
    ///
    /// # Errors
    /// [`Error::Ledger`] when the ledger refuses it; [`Refusal::NotFound`].
    pub async fn grant(
        &self,
        money: &Money,
        origin: Origin<'_>,
        user: UserId,
        draft: GrantDraft,
    ) -> Result<(LotId, Effects), Error> {
        let now = self.inner.clock.now();
        let lot = LotId::from_number(self.inner.ids.next(now));
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
        let effects = self.by_hand(money, origin, user, Command::Grant(grant)).await?;
        Ok((new_lot(&effects).unwrap_or(lot), effects))
    }

    /// Takes back what is left in a lot, as far as no running call may need it. A lot that was voided and holds nothing is left
    /// as it is: the effects are then those of a command that moves nothing, under the number of the void.
    ///
    /// # Errors
    /// As [`Credits::grant`]; [`Refusal::NotFound`] also for a lot that is none of theirs.
    pub async fn void(
        &self,
        money: &Money,
        origin: Origin<'_>,
        user: UserId,
        lot: LotId,
        reason: &str,
    ) -> Result<Effects, Error> {
        let reason = reason.to_owned();
        let done = self.by_hand(money, origin, user, Command::Void { lot, reason }).await;
        if matches!(done, Err(Error::Ledger(domain::ledger::Refusal::NoLot { .. })))
            && let Some(before) = voided::before(&self.inner.store, account_of(user), lot).await?
        {
            return Ok(before);
        }
        self.of_their_lot(user, lot, done).await
    }

    /// Lets a lot live longer.
    ///
    /// # Errors
    /// As [`Credits::void`].
    pub async fn extend(
        &self,
        money: &Money,
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
        let done = self.by_hand(money, origin, user, command).await;
        self.of_their_lot(user, lot, done).await
    }

    /// The ledger knows lots with something left. Storage knows those with nothing left from those that never were theirs.
    async fn of_their_lot(&self, user: UserId, lot: LotId, done: Result<Effects, Error>) -> Result<Effects, Error> {
        if matches!(done, Err(Error::Ledger(domain::ledger::Refusal::NoLot { .. })))
            && !lots::is_of(&self.inner.store, account_of(user), lot).await?
        {
            return Err(Refusal::NotFound { what: Thing::Lot }.into());
        }
        done
    }

    /// Adds or takes credit by hand.
    ///
    /// # Errors
    /// As [`Credits::grant`].
    pub async fn adjust(
        &self,
        money: &Money,
        origin: Origin<'_>,
        user: UserId,
        correction: Correction,
        reason: &str,
    ) -> Result<Effects, Error> {
        let command = Command::Adjust {
            adjustment: correction.adjustment(self.new_lot_id()),
            reason: reason.to_owned(),
        };
        self.by_hand(money, origin, user, command).await
    }

    /// Gives back what a settled call was charged, or a part: into the lots that paid, the last one first.
    ///
    /// # Errors
    /// As [`Credits::grant`]; more than the call took, less what was given back before, is refused.
    pub async fn correct(
        &self,
        money: &Money,
        origin: Origin<'_>,
        user: UserId,
        call: CallId,
        amount: Amount,
        reason: &str,
    ) -> Result<Effects, Error> {
        let command = Command::Correct {
            call,
            amount,
            // Filled in by the ledger, in the moment in which it decides.
            parts: Vec::new(),
            lot: self.new_lot_id(),
            reason: reason.to_owned(),
        };
        self.by_hand(money, origin, user, command).await
    }

    /// Books that a payment was taken back: credit goes as far as it can be spent, the rest becomes debt.
    ///
    /// # Errors
    /// As [`Credits::grant`].
    pub async fn debit(
        &self,
        money: &Money,
        origin: Origin<'_>,
        user: UserId,
        amount: Amount,
        reason: &str,
    ) -> Result<Effects, Error> {
        let reason = reason.to_owned();
        self.by_hand(money, origin, user, Command::Debit { amount, reason })
            .await
    }

    /// Gives up debt.
    ///
    /// # Errors
    /// As [`Credits::grant`]; no more than is owed can be given up.
    pub async fn write_off(
        &self,
        money: &Money,
        origin: Origin<'_>,
        user: UserId,
        amount: Amount,
        loss: LossKind,
        reason: &str,
    ) -> Result<Effects, Error> {
        let command = Command::WriteOff {
            amount,
            loss,
            reason: reason.to_owned(),
        };
        self.by_hand(money, origin, user, command).await
    }

    /// Admits no more calls of somebody, or admits them again.
    ///
    /// # Errors
    /// As [`Credits::grant`].
    pub async fn set_status(
        &self,
        money: &Money,
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
        let effects = self.by_hand(money, origin, user, command).await?;
        // What was booked is in the list of changes already; this tells every process to read again who is blocked, whatever was taken
        // from whoever ordered it since.
        let change = self.inner.change(money.actor(), Origin::at(origin.address)).await?;
        self.inner.finish(change).await?;
        Ok(effects)
    }

    /// Puts an account back into service, once its books are proved to be sound. Gives why it was out of it. Works beside a
    /// running server.
    ///
    /// # Errors
    /// [`Error::InService`]; [`Error::Unsound`] with what is wrong; [`Error::LedgerBehind`] when the server that owns the ledger
    /// does not answer; [`Refusal::NotFound`]; the database's.
    pub async fn lift_quarantine(
        &self,
        money: &Money,
        origin: Origin<'_>,
        user: UserId,
        reason: &str,
    ) -> Result<String, Error> {
        let person = people::get(&self.inner.store, user).await?.ok_or(MISSING)?;
        let lift = Lift {
            account: account_of(user),
            actor: money.actor().clone(),
            address: origin.address.map(str::to_owned),
            name: person.email.to_string(),
            reason: reason.to_owned(),
            seen: origin.seen,
        };
        self.inner.lift(lift).await
    }

    fn new_lot_id(&self) -> LotId {
        LotId::from_number(self.inner.ids.next(self.inner.clock.now()))
    }

    async fn by_hand(
        &self,
        money: &Money,
        origin: Origin<'_>,
        user: UserId,
        command: Command,
    ) -> Result<Effects, Error> {
        // Cut off, it would be the name of another change.
        if self.once.is_some_and(|name| !Self::is_name(name)) {
            return Err(Refusal::Invalid(Invalid::Once).into());
        }
        let person = people::get(&self.inner.store, user).await?.ok_or(MISSING)?;
        let order = Order {
            account: account_of(user),
            command,
            actor: money.actor().clone(),
            address: origin.address.map(str::to_owned),
            name: Some(person.email.to_string()),
            once: self.once.map(str::to_owned),
            seen: origin.seen,
        };
        self.inner.book(order).await
    }
}

/// The lot that a grant has made: the one that credit came into first. One that was booked before has made another than
/// the one that was thought of now.
fn new_lot(effects: &Effects) -> Option<LotId> {
    let credited =
        |entry: &&domain::ledger::Entry| entry.account == LedgerAccount::Credit && entry.amount.is_negative();
    effects.entries.iter().find(credited).and_then(|entry| entry.lot)
}

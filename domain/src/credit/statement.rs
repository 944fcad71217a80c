//! Why a balance changed within a period: what stood at its beginning, what came and went, what stood at its end. The lines
//! add up, because what calls took is what is left when everything else is known.

use serde::{Deserialize, Serialize};

use super::{Balance, Left, Outlook};
use crate::{
    id::KeyId,
    ledger::CommandKind,
    money::{Amount, Money},
    time::{Micros, Timestamp},
};

/// A period of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// From this moment on.
    pub from: Timestamp,
    /// Before this moment.
    pub until: Timestamp,
    /// The balance at the beginning.
    pub opening: Amount,
    /// Grants, with what of them repaid debt.
    pub granted: Money,
    /// Charges that were given back.
    pub given_back: Money,
    /// Adjustments by hand, either way.
    pub adjusted: Money,
    /// What lots lost at their end.
    pub expired: Money,
    /// Lots that were taken back.
    pub voided: Money,
    /// Payments that were taken back, as far as credit went.
    pub charged_back: Money,
    /// What repaid debt.
    pub repaid: Money,
    /// What else is not about calls.
    pub other: Money,
    /// What calls took.
    pub spent: Money,
    /// The balance at the end.
    pub closing: Amount,
}

/// What stood at one end of a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stood {
    /// The balance.
    pub balance: Amount,
    /// The debt.
    pub debt: Amount,
}

/// What one kind of commands that are not about calls did within a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindChange {
    /// Which.
    pub kind: CommandKind,
    /// To the balance.
    pub change: Money,
    /// To the debt.
    pub debt: Money,
}

impl KindChange {
    /// What it did before credit that came in repaid debt. Other debt than that is made or given up, past the balance.
    fn gross(self) -> Option<Money> {
        match self.makes_debt() {
            true => Some(self.change),
            false => self.change.checked_sub(self.debt),
        }
    }

    const fn makes_debt(self) -> bool {
        matches!(self.kind, CommandKind::Debit | CommandKind::WriteOff)
    }
}

impl Statement {
    /// What the period says, from both of its ends and the sums by kind of everything that is not about calls. None when the
    /// sums are beyond what can be booked, which sound books never are.
    #[must_use]
    pub fn of(
        (from, until): (Timestamp, Timestamp),
        (opening, closing): (Stood, Stood),
        changes: &[KindChange],
    ) -> Option<Self> {
        let sum = |wanted: &dyn Fn(CommandKind) -> bool| {
            let mut of_kind = changes.iter().filter(|change| wanted(change.kind));
            of_kind.try_fold(Money::ZERO, |sum, change| sum.checked_add(change.gross()?))
        };
        let one = |kind: CommandKind| sum(&|other| other == kind);
        let all = sum(&|_| true)?;
        let named = [
            CommandKind::Grant,
            CommandKind::Correct,
            CommandKind::Adjust,
            CommandKind::Expire,
            CommandKind::Void,
            CommandKind::Debit,
        ];
        // What debts were made and given up, and is not owed at the end, was repaid: also as calls came to their ends.
        let mut made = changes.iter().filter(|change| change.makes_debt());
        let made = made.try_fold(Money::ZERO, |sum, change| sum.checked_add(change.debt))?;
        let owed = closing.debt.money().checked_sub(opening.debt.money())?;
        let repaid = owed.checked_sub(made)?;
        let (opening, closing) = (opening.balance, closing.balance);
        let moved = closing.money().checked_sub(opening.money())?;
        Some(Self {
            from,
            until,
            opening,
            granted: one(CommandKind::Grant)?,
            given_back: one(CommandKind::Correct)?,
            adjusted: one(CommandKind::Adjust)?,
            expired: one(CommandKind::Expire)?,
            voided: one(CommandKind::Void)?,
            charged_back: one(CommandKind::Debit)?,
            repaid,
            other: sum(&|kind| !named.contains(&kind))?,
            spent: moved.checked_sub(all)?.checked_sub(repaid)?,
            closing,
        })
    }

    /// The same when so much has ended that is not booked yet: it is told as expired, and is not in the balance any more.
    #[must_use]
    pub fn without_ended(self, ended: Amount) -> Self {
        Self {
            expired: Money::from_nano(self.expired.nano().saturating_sub(ended.nano())),
            closing: self.closing.less(ended),
            ..self
        }
    }

    /// What it changed in all.
    #[must_use]
    pub fn change(&self) -> Money {
        // Two amounts: their difference always fits.
        Money::from_nano(self.closing.nano() - self.opening.nano())
    }
}

/// What one model took through one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// The model's public name.
    pub model: String,
    /// The key; absent for the playground.
    pub key: Option<KeyId>,
    /// What the key is called.
    pub key_name: Option<String>,
    /// Calls.
    pub calls: i64,
    /// What they were charged.
    pub charge: Amount,
}

/// How fast credit is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// Over about how many days it was looked at: at least one.
    pub days: i64,
    /// What a day took in the mean, rounded down.
    pub per_day: Amount,
    /// How long something can be spent: lots are used in their order, and end. None where nothing can be now, and where nothing
    /// is used and does not end.
    pub left: Option<Left>,
}

impl Pace {
    /// The pace of what was spent until now within so long a time, and what becomes of what there is. Of less than a day it is taken
    /// that the rest of it brings nothing.
    #[must_use]
    pub fn of(spent: Money, span: Micros, balance: &Balance, now: Timestamp) -> Self {
        let day = Micros::from_days(1).0;
        let span = span.0.max(day);
        let days = span.saturating_add(day / 2) / day;
        // What was spent is below zero in a statement.
        let spent = Money::from_nano(spent.nano().saturating_neg()).or_zero();
        let per_day = i64::try_from(i128::from(spent.nano()) * i128::from(day) / i128::from(span));
        let per_day = per_day.ok().and_then(Amount::from_nano).unwrap_or_default();
        let left = Outlook::of(balance, per_day, now).left;
        Self { days, per_day, left }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{id::AccountId, ledger::Status};

    fn amount(text: &str) -> Amount {
        text.parse().unwrap_or_default()
    }

    fn money(text: &str) -> Money {
        text.parse().unwrap_or_default()
    }

    #[test]
    fn the_lines_add_up_to_the_closing_balance() {
        let change = |kind, change, debt| KindChange {
            kind,
            change: money(change),
            debt: money(debt),
        };
        // Of 8 that were granted 3 repaid debt; of 4 that became debt 1 was given up, and 0.25 repaid as a call ended.
        let changes = [
            change(CommandKind::Grant, "5", "-3"),
            change(CommandKind::Adjust, "-1", "0"),
            change(CommandKind::Expire, "-0.25", "0"),
            change(CommandKind::Debit, "-0.5", "4"),
            change(CommandKind::WriteOff, "0", "-1"),
            change(CommandKind::Correct, "0.000000001", "0"),
        ];
        let moments = (Timestamp(0), Timestamp(1));
        let stood = |balance, debt| Stood {
            balance: amount(balance),
            debt: amount(debt),
        };
        let told = Statement::of(moments, (stood("10", "0.5"), stood("12.5", "0.25")), &changes);
        let Some(told) = told else { panic!("it adds up") };
        assert_eq!((told.granted, told.repaid), (money("8"), money("-3.25")));
        assert_eq!(told.spent, money("-0.500000001"));
        assert_eq!(
            (told.charged_back, told.other, told.voided),
            (money("-0.5"), Money::ZERO, Money::ZERO)
        );
        let lines = [
            told.granted,
            told.given_back,
            told.adjusted,
            told.expired,
            told.voided,
            told.charged_back,
            told.repaid,
            told.other,
            told.spent,
        ];
        let sum = lines.into_iter().try_fold(told.opening.money(), Money::checked_add);
        assert_eq!(sum, Some(told.closing.money()));
        assert_eq!(told.change(), money("2.5"));
        // What has ended and waits to be booked leaves them adding up.
        let ended = told.without_ended(amount("2"));
        assert_eq!((ended.expired, ended.closing), (money("-2.25"), amount("10.5")));
    }

    #[test]
    fn a_pace_is_a_mean_over_days() {
        let balance = Balance {
            account: AccountId::from_number(1),
            status: Status::Active,
            spendable: Money::ZERO,
            balance: Amount::ZERO,
            held: Amount::ZERO,
            debt: Amount::ZERO,
            lots: Vec::new(),
            ended_lots: Vec::new(),
            damage: None,
        };
        let pace = |spent, span| {
            let pace = Pace::of(money(spent), span, &balance, Timestamp(0));
            (pace.days, pace.per_day)
        };
        let week = Micros::from_days(7);
        assert_eq!(pace("-14", week), (7, amount("2")));
        assert_eq!(pace("-1", Micros(5)), (1, amount("1")));
        // Of a day and a half, and of a moment more than a day.
        assert_eq!(pace("-3", Micros(week.0 / 14 * 3)), (2, amount("2")));
        assert_eq!(pace("-3", Micros(week.0 / 7 + 1)), (1, amount("2.999999999")));
        // Less than a nano-USD a day is nothing, and so is what was given back.
        assert_eq!(pace("-0.000000001", week).1, Amount::ZERO);
        assert_eq!(pace("3", week).1, Amount::ZERO);
    }
}

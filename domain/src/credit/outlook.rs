//! What becomes of credit when so much of it is used every day: lots are used in their order, and they end.

use serde::{Deserialize, Serialize};

use super::Balance;
use crate::{
    id::LotId,
    ledger::Lot,
    money::{Amount, Money},
    time::{Micros, Timestamp},
};

const DAY: Micros = Micros::from_days(1);
/// Nobody looks farther ahead.
const FARTHEST: Micros = Micros::from_days(100_000);

/// How long something can be spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// The nearest number of days; none for less than one.
    pub days: i64,
    /// What is left then expires; it is not used up.
    pub expires: bool,
}

impl Left {
    fn after(span: Micros, expires: bool) -> Self {
        let nearest = (span.0 + DAY.0 / 2 - 1) / DAY.0;
        Self {
            days: if span < DAY { 0 } else { nearest },
            expires,
        }
    }
}

/// What becomes of the credit of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outlook {
    /// How long something can be spent. None where nothing can be now, and where nothing ends it.
    pub left: Option<Left>,
    /// What lots lose by their ends.
    pub lost: Vec<(LotId, Amount)>,
}

impl Outlook {
    /// What becomes of what an account has now, when no more comes in. What is held or owed is taken to be gone.
    #[must_use]
    pub fn of(balance: &Balance, per_day: Amount, now: Timestamp) -> Self {
        let mut lots = open(balance, now);
        let mut outlook = Self::default();
        let (mut at, end) = (now, now.plus(FARTHEST));
        while at < end {
            let expired = outlook.expire(&mut lots, at);
            let change = lots.iter().filter_map(|one| one.changes_after(at)).min();
            let next = match lots.iter_mut().find(|one| one.can_be_used(at)) {
                Some(one) => {
                    let used_up = one.used_up(at, per_day);
                    let next = used_up.into_iter().chain(change).min();
                    one.use_until(next.unwrap_or(end), at, per_day);
                    next
                }
                None => {
                    let left = Left::after(at.since(now), expired);
                    let told = outlook.left.or((balance.spendable > Money::ZERO).then_some(left));
                    outlook.left = told;
                    change
                }
            };
            let Some(next) = next else { return outlook };
            at = next.min(end);
        }
        let far = (balance.spendable > Money::ZERO).then_some(Left::after(FARTHEST, false));
        outlook.left = outlook.left.or(far);
        outlook
    }

    /// Whether what has ended by now had something left.
    fn expire(&mut self, lots: &mut [Open<'_>], at: Timestamp) -> bool {
        let before = self.lost.len();
        for one in lots.iter_mut().filter(|one| one.left > 0 && !one.lot.outlives(at)) {
            let nano = i64::try_from(one.left / i128::from(DAY.0)).ok();
            self.lost
                .push((one.lot.id, nano.and_then(Amount::from_nano).unwrap_or(Amount::MAX)));
            one.left = 0;
        }
        self.lost.len() > before
    }
}

/// A lot as it is used up.
struct Open<'a> {
    lot: &'a Lot,
    /// In nano-USD times the microseconds of a day, so that a pace by the day is whole by the microsecond.
    left: i128,
}

/// The lots without what is held or owed, which goes first and by their order.
fn open<'a>(balance: &'a Balance, now: Timestamp) -> Vec<Open<'a>> {
    let exact = |nano: i64| i128::from(nano) * i128::from(DAY.0);
    let alive = balance.lots.iter().filter(|lot| lot.is_alive(now));
    let alive: i128 = alive.map(|lot| exact(lot.remaining.nano())).sum();
    let mut gone = (alive - exact(balance.spendable.nano())).max(0);
    let one = |lot: &'a Lot| {
        let mut left = exact(lot.remaining.nano());
        if lot.is_alive(now) {
            let taken = left.min(gone);
            (left, gone) = (left - taken, gone - taken);
        }
        Open { lot, left }
    };
    balance.lots.iter().map(one).collect()
}

impl Open<'_> {
    fn can_be_used(&self, at: Timestamp) -> bool {
        self.left > 0 && self.lot.is_alive(at)
    }

    /// When it begins or ends next.
    fn changes_after(&self, at: Timestamp) -> Option<Timestamp> {
        let moments = [Some(self.lot.effective_at), self.lot.expires_at];
        let next = moments.into_iter().flatten().filter(|moment| *moment > at).min();
        next.filter(|_| self.left > 0)
    }

    /// When nothing is left of it, at a pace.
    fn used_up(&self, at: Timestamp, per_day: Amount) -> Option<Timestamp> {
        let pace = i128::from(per_day.nano());
        let whole = self.left.checked_div(pace)? + i128::from(self.left % pace != 0);
        Some(at.plus(Micros(i64::try_from(whole).unwrap_or(i64::MAX))))
    }

    fn use_until(&mut self, next: Timestamp, at: Timestamp, per_day: Amount) {
        let used = i128::from(per_day.nano()) * i128::from(next.since(at).0);
        self.left = (self.left - used).max(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        id::AccountId,
        ledger::{LotKind, Status},
    };

    const NOW: Timestamp = Timestamp(1_795_442_520_000_000);

    fn in_days(days: i64) -> Timestamp {
        NOW.plus(Micros::from_days(days))
    }

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    /// Lots with so much left, from and until so many days from now; of the sum so much is held.
    fn balance(lots: &[(&str, i64, Option<i64>)], held: &str) -> Balance {
        let lot = |(number, (left, from, until)): (i64, &(&str, i64, Option<i64>))| Lot {
            id: LotId::from_number(number),
            kind: LotKind::Admin,
            priority: 40,
            amount: amount(left),
            remaining: amount(left),
            effective_at: in_days(*from),
            expires_at: until.map(in_days),
            created_at: NOW,
            source: number.to_string(),
        };
        let lots: Vec<Lot> = (1..).zip(lots).map(lot).collect();
        let sum = |lots: &mut dyn Iterator<Item = &Lot>| {
            lots.fold(Amount::ZERO, |sum, lot| sum.checked_add(lot.remaining).unwrap())
        };
        let alive = sum(&mut lots.iter().filter(|lot| lot.is_alive(NOW)));
        Balance {
            account: AccountId::from_number(1),
            status: Status::Active,
            spendable: alive.money().checked_sub(amount(held).money()).unwrap(),
            balance: sum(&mut lots.iter()),
            held: amount(held),
            debt: Amount::ZERO,
            lots,
            ended_lots: Vec::new(),
            damage: None,
        }
    }

    fn left(lots: &[(&str, i64, Option<i64>)], held: &str, per_day: &str) -> Option<(i64, bool)> {
        let left = Outlook::of(&balance(lots, held), amount(per_day), NOW).left;
        left.map(|left| (left.days, left.expires))
    }

    #[test]
    fn credit_lasts_until_it_is_used_up_or_expires_whichever_comes_first() {
        assert_eq!(left(&[("5", -1, Some(9))], "0", "0.0054"), Some((9, true)));
        assert_eq!(left(&[("5", -1, Some(9))], "0", "1"), Some((5, false)));
        assert_eq!(left(&[("5", -1, None)], "0", "0.0054"), Some((926, false)));
        // One after the other: what remains of the first is lost, the second lasts on.
        let both = [("5", -1, Some(2)), ("3", -1, None)];
        assert_eq!(left(&both, "0", "1"), Some((5, false)));
        // What begins later counts when it comes in time, and not after a gap.
        assert_eq!(left(&[("2", -1, None), ("2", 1, None)], "0", "1"), Some((4, false)));
        assert_eq!(left(&[("2", -1, None), ("2", 3, None)], "0", "1"), Some((2, false)));
        // Used up in the moment in which it ends is used up.
        assert_eq!(left(&[("3", -1, Some(3))], "0", "1"), Some((3, false)));
        assert_eq!(left(&[("1", -1, None)], "0", "3"), Some((0, false)));
    }

    #[test]
    fn nothing_to_spend_lasts_no_time_and_nothing_spent_ends_by_expiry_alone() {
        assert_eq!(left(&[], "0", "1"), None);
        assert_eq!(left(&[("5", -1, None)], "5", "1"), None);
        assert_eq!(left(&[("5", 2, None)], "0", "1"), None);
        assert_eq!(left(&[("5", -1, None)], "0", "0"), None);
        assert_eq!(left(&[("5", -1, Some(9)), ("1", -1, None)], "0", "0"), None);
        assert_eq!(left(&[("5", -1, Some(9))], "0", "0"), Some((9, true)));
        // So far ahead nobody looks.
        assert_eq!(
            left(&[("1000000", -1, None)], "0", "0.000000001"),
            Some((100_000, false))
        );
    }

    #[test]
    fn what_is_held_is_gone_and_the_rest_of_a_lot_is_lost_at_its_end() {
        let lots = [("5", -1, Some(2)), ("4", -1, Some(3)), ("1", -1, None)];
        assert_eq!(left(&lots, "4.5", "1"), Some((4, false)));
        let lost = |held, per_day| Outlook::of(&balance(&lots, held), amount(per_day), NOW).lost;
        let one = |lot, left| (LotId::from_number(lot), amount(left));
        assert_eq!(lost("0", "1"), [one(1, "3"), one(2, "3")]);
        assert_eq!(lost("4", "1"), [one(2, "2")]);
        assert_eq!(lost("0", "0"), [one(1, "5"), one(2, "4")]);
        assert_eq!(lost("0", "5"), []);
    }
}

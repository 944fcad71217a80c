//! Beginnings of calls that nobody waits for. They rest for a moment: most calls end before it is over, and the row of the
//! end holds all that the row of the beginning would, so one write does for both.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::Duration,
};

use domain::id::{AccountId, CallId};
use tokio::time::Instant;

use crate::store::calls::CallRow;

/// How long a beginning rests. A call that lasts longer stands in the log while it runs.
const REST: Duration = Duration::from_millis(25);

/// What rests.
#[derive(Default)]
pub(crate) struct Resting {
    rows: HashMap<CallId, Box<CallRow>>,
    /// Oldest first. Names calls that have ended meanwhile, too.
    order: VecDeque<(Instant, CallId)>,
    /// The writer sleeps until it is woken, as nothing rested when it looked.
    asleep: bool,
}

impl Resting {
    /// Lays a beginning down. `true` when the writer has to be woken for it.
    pub fn lay(&mut self, row: Box<CallRow>, now: Instant) -> bool {
        self.order.push_back((now + REST, row.id));
        self.rows.insert(row.id, row);
        std::mem::take(&mut self.asleep)
    }

    /// Nothing rests: no call began a moment ago that has not ended.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The writer goes to sleep: until then, or until it is woken.
    pub fn sleep(&mut self) -> Option<Instant> {
        let until = self.next();
        self.asleep = until.is_none();
        until
    }

    /// The call has ended: its beginning need not be written. `false` when it has been.
    pub fn forget(&mut self, call: CallId) -> bool {
        self.rows.remove(&call).is_some()
    }

    /// Hands out that of this call, if it rests.
    pub fn take_one(&mut self, call: CallId) -> Option<Box<CallRow>> {
        self.rows.remove(&call)
    }

    /// Hands out those of these accounts.
    pub fn take_of<'a>(&'a mut self, accounts: &'a HashSet<AccountId>) -> impl Iterator<Item = Box<CallRow>> + use<'a> {
        let rows = (!accounts.is_empty()).then(|| self.rows.extract_if(|_, row| accounts.contains(&row.account)));
        rows.into_iter().flatten().map(|(_, row)| row)
    }

    /// When the next beginning has rested.
    fn next(&mut self) -> Option<Instant> {
        while let Some((until, call)) = self.order.front() {
            if self.rows.contains_key(call) {
                return Some(*until);
            }
            self.order.pop_front();
        }
        None
    }

    /// Hands out what has rested by `now`; everything when there is no `now`.
    pub fn take(&mut self, now: Option<Instant>) -> impl Iterator<Item = Box<CallRow>> {
        std::iter::from_fn(move || {
            let until = self.next()?;
            if now.is_some_and(|now| until > now) {
                return None;
            }
            self.order.pop_front().and_then(|(_, call)| self.rows.remove(&call))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(id: i64) -> Box<CallRow> {
        Box::new(CallRow::sample(CallId::from_number(id)))
    }

    fn numbers(rows: impl Iterator<Item = Box<CallRow>>) -> Vec<i64> {
        rows.map(|row| row.id.number()).collect()
    }

    proptest! {
        /// Every beginning is written once, when its time has come, unless its call has ended before.
        #[test]
        fn each_beginning_is_written_or_forgotten(ends in proptest::collection::vec(proptest::option::of(0_u64..60), 1..40)) {
            let start = Instant::now();
            let at = |millisecond: u64| start + Duration::from_millis(millisecond);
            let mut resting = Resting::default();
            let mut written = Vec::new();
            let mut forgotten = Vec::new();
            for time in 0..200 {
                if let Some(end) = ends.get(time as usize) {
                    resting.lay(row(time as i64), at(time));
                    prop_assert!(resting.next().is_some(), "{end:?}");
                }
                for (began, end) in ends.iter().enumerate() {
                    let began = began as u64;
                    if end.is_some_and(|span| began + span == time) && resting.forget(CallId::from_number(began as i64)) {
                        forgotten.push(began as i64);
                    }
                }
                written.extend(numbers(resting.take(Some(at(time)))));
            }
            let long = |span: &Option<u64>| span.is_none_or(|span| Duration::from_millis(span) > REST);
            let expected: Vec<i64> = (0..).zip(&ends).filter(|(_, span)| long(span)).map(|(began, _)| began).collect();
            prop_assert_eq!(&written, &expected);
            prop_assert_eq!(written.len() + forgotten.len(), ends.len());
            prop_assert!(resting.take(None).next().is_none());
        }
    }

    #[test]
    fn those_of_a_call_and_of_accounts_are_handed_out_once() {
        let mut resting = Resting::default();
        let now = Instant::now();
        for id in 0..6 {
            let mut row = row(id);
            row.account = AccountId::from_number(id % 3);
            resting.lay(row, now);
        }
        let one = resting.take_one(CallId::from_number(4)).unwrap();
        assert_eq!(one.id.number(), 4);
        assert!(resting.take_one(one.id).is_none());
        let accounts = HashSet::from([1, 2].map(AccountId::from_number));
        let mut taken = numbers(resting.take_of(&accounts));
        taken.sort_unstable();
        assert_eq!(taken, [1, 2, 5]);
        assert!(resting.take_of(&HashSet::new()).next().is_none());
        assert_eq!(numbers(resting.take(None)), [0, 3]);
    }

    #[test]
    fn nothing_rests_when_the_hub_stops() {
        let mut resting = Resting::default();
        let now = Instant::now();
        for id in 0..3 {
            resting.lay(row(id), now);
        }
        assert!(resting.take(Some(now)).next().is_none());
        assert_eq!(numbers(resting.take(None)), [0, 1, 2]);
    }
}

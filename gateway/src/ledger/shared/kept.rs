//! Accounts that this server keeps (`store::ledger::keep`): it alone books on them, so their calls are admitted and their ends decided in
//! memory, in microseconds, and written behind. An account is kept once it has been used by nobody else for a while and often, and
//! given back when it rests, when somebody else wants it, or when something is asked that is not decided here.
//!
//! The rows of calls that were admitted so rest for a moment (`Resting`): most calls end before it is over. All that was decided goes to the
//! worker under the same lock, so that it is written in its order (`written_behind`).

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use domain::{
    id::{AccountId, CallId},
    ledger::{Command, Effects, Hold},
    limit::Counters,
    money::Amount,
};
use tokio::sync::{Notify, mpsc, oneshot};

use super::{
    Asked, Decided, Done, Queue,
    memory::{Known, Memory},
    quick::{is_too_much, is_usual},
};
use crate::{
    Inner,
    ledger::{CallRows, Desk, Job, order},
    recorder::Resting,
    store::{
        calls::CallRow,
        ledger::{
            Era,
            keep::{Place, TRUST},
        },
    },
};

/// An account that was not used for so long is given back: others wait no longer than this for one that rests.
const IDLE: Duration = Duration::from_millis(100);
/// How often it is looked for such.
const LOOK: Duration = Duration::from_millis(20);
/// Accounts at the most.
const MOST: usize = 4_096;

/// An account that is kept.
struct Keeping {
    /// Ahead of the database by what is on its way there.
    desk: Desk,
    /// What `moved` was when it began to be kept.
    from: i64,
    /// Where it stands in the database.
    place: Place,
    /// When the last write on it began that was confirmed.
    trusted: Instant,
    used: Instant,
    /// It is being given back: nothing more is decided on it here.
    leaves: bool,
}

#[derive(Default)]
struct Inside {
    era: Era,
    accounts: HashMap<AccountId, Keeping>,
    /// Of these, those that are being given back.
    leaving: HashSet<AccountId>,
    /// Calls that were admitted and stand nowhere.
    resting: Resting,
    /// The worker need not wait for anything: an account leaves.
    hurry: bool,
    /// Accounts, kept or not, that somebody changes in another way.
    changed: HashSet<AccountId>,
    looked: Option<Instant>,
}

/// The accounts of this server.
#[derive(Default)]
pub(super) struct Kept {
    inside: Mutex<Inside>,
    wakes: Notify,
}

/// What a round of the worker has to do.
#[derive(Default)]
pub(super) struct Round {
    pub era: Era,
    /// What is to be written as it was decided.
    pub decided: Vec<Asked>,
    /// Where the accounts of these stand.
    pub places: HashMap<AccountId, Place>,
    /// Accounts that are to be given back after that, and from when on they are kept.
    pub leaving: Vec<(AccountId, i64)>,
    /// What is to be decided in the ordinary way.
    pub others: Vec<Asked>,
}

impl Keeping {
    /// Whether it may be decided on here. What is due is booked in the ordinary way.
    fn decides(&self, inner: &Inner, now: Instant) -> bool {
        let due = || self.desk.account.due_expiry(inner.clock.now()).is_some();
        !self.leaves && now.saturating_duration_since(self.trusted) < TRUST && !due()
    }
}

impl Inside {
    /// The worker is to give an account back, if it is kept.
    fn leave(&mut self, account: AccountId) {
        if let Some(keeping) = self.accounts.get_mut(&account) {
            keeping.leaves = true;
            self.leaving.insert(account);
        }
    }

    fn forget(&mut self, account: AccountId) {
        self.accounts.remove(&account);
        self.leaving.remove(&account);
    }

    /// Decides a job that is of the usual kind and granted; any other is left as it is.
    fn decide(&mut self, inner: &Inner, asked: &mut Asked) {
        let now = Instant::now();
        let Some(keeping) = self.accounts.get_mut(&asked.job.account) else {
            return;
        };
        if !keeping.decides(inner, now) || !can_be_decided(inner, &asked.job, &keeping.desk) {
            return;
        }
        let Some(call) = asked.job.order.as_ref().and_then(|order| order.command.call()) else {
            return;
        };
        let held = keeping.desk.account.hold(call);
        let (booked, result) = keeping.desk.run(inner, &mut Counters::default(), &mut asked.job);
        let Some(Ok(effects)) = result else {
            // Nothing is due and it was looked at before: its books contradict themselves. Under its lock that is found again.
            self.leave(asked.job.account);
            return;
        };
        keeping.used = now;
        let rested = self.resting.take_one(call);
        if let (Some(rested), Some(ended)) = (&rested, &mut asked.job.call) {
            // It holds by that row alone.
            ended.row.money.held_after = rested.money.held_after;
            ended.row.money.funding = rested.money.funding;
            asked.job.afloat = held.map(|hold| hold.amount);
        }
        asked.decided = Some(Decided {
            booked,
            result: Ok(Some(effects)),
            new: rested.is_some(),
        });
    }

    /// The hold of a call that rests, as it is written.
    fn hold_of(row: Box<CallRow>, tell: oneshot::Sender<Done>) -> Asked {
        let amount = row.money.hold.map(|hold| hold.amount).unwrap_or_default();
        let call = row.id;
        let rows = CallRows {
            row,
            attempts: Vec::new(),
        };
        let mut job = Job::of(order(rows.row.account, Command::Hold { call, amount }), Some(rows));
        // Should it have to be decided once more, it gets what there is: its call runs.
        job.least = Some(Amount::ZERO);
        Asked {
            admitted: true,
            decided: Some(Decided {
                booked: Vec::new(),
                result: Ok(None),
                new: true,
            }),
            ..Asked::new(job, tell)
        }
    }
}

/// It begins or ends a call in the usual way, and is granted.
fn can_be_decided(inner: &Inner, job: &Job, desk: &Desk) -> bool {
    let now = inner.clock.now();
    if !is_usual(job) || is_too_much(job, desk, now) {
        return false;
    }
    let held = |call: &CallId| desk.account.hold(*call).is_some();
    match job.order.as_ref().map(|order| &order.command) {
        Some(Command::Hold { call, .. }) => !held(call),
        Some(Command::Settle { call, .. } | Command::Release { call }) => held(call),
        _ => false,
    }
}

impl Kept {
    /// Admits a call in memory, with its row. None: it is to be asked for in the ordinary way.
    pub fn admit(&self, inner: &Inner, job: &mut Job) -> Option<Effects> {
        let now = Instant::now();
        let mut inside = self.lock();
        let keeping = inside.accounts.get_mut(&job.account)?;
        if !keeping.decides(inner, now) || !can_be_decided(inner, job, &keeping.desk) {
            return None;
        }
        let (booked, result) = keeping.desk.run(inner, &mut Counters::default(), job);
        let Some(Ok(effects)) = result.filter(|_| booked.iter().all(|one| one.line.is_none())) else {
            // Its books contradict themselves, or something was due by now. Nothing of it has left this memory, which is given up.
            inside.leave(job.account);
            return None;
        };
        keeping.used = now;
        let row = job.call.take()?.row;
        if inside.resting.lay(row, tokio::time::Instant::now()) {
            self.wakes.notify_one();
        }
        Some(effects)
    }

    /// Decides a job where that can be done in memory, and sends it to the worker.
    pub fn send(&self, inner: &Inner, mut asked: Asked, queue: &Queue) {
        let mut inside = self.lock();
        let order = asked.job.order.as_ref().map(|order| &order.command);
        if matches!(order, Some(Command::Settle { .. } | Command::Release { .. })) && !queue.is_closed() {
            inside.decide(inner, &mut asked);
        }
        // Where nobody is at work any more the dropped sender tells.
        let _ = queue.send(asked);
    }

    /// Sends the row of a call that was admitted in memory to the worker, to be written at once. Behind all that was decided before, if it
    /// is on its way already.
    pub fn open(&self, account: AccountId, call: CallId, tell: oneshot::Sender<Done>, queue: &Queue) {
        let mut inside = self.lock();
        let row = inside.resting.take_one(call);
        let _ = queue.send(match row {
            Some(row) => Inside::hold_of(row, tell),
            None => Asked {
                decided: Some(Decided::barrier()),
                ..Asked::new(Job::to_look(account), tell)
            },
        });
    }

    /// Somebody of this server changes an account in another way: the worker is to forget it, and gives it back if it is kept.
    pub fn let_go(&self, account: AccountId) {
        let mut inside = self.lock();
        inside.changed.insert(account);
        inside.leave(account);
        inside.hurry = true;
        self.wakes.notify_one();
    }

    /// All are to be given back: the hub ends.
    pub fn let_all_go(&self) {
        let mut inside = self.lock();
        let all: Vec<AccountId> = inside.accounts.keys().copied().collect();
        for account in all {
            inside.leave(account);
        }
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.lock().accounts.is_empty()
    }

    /// Returns when there may be something to do that nobody has sent.
    pub async fn due(&self) {
        let until = {
            let mut inside = self.lock();
            if std::mem::take(&mut inside.hurry) {
                return;
            }
            let look = (!inside.accounts.is_empty()).then(|| tokio::time::Instant::now() + LOOK);
            let rested = inside.resting.sleep();
            rested.into_iter().chain(look).min()
        };
        match until {
            Some(until) => tokio::select! {
                () = tokio::time::sleep_until(until) => {}
                () = self.wakes.notified() => {}
            },
            None => self.wakes.notified().await,
        }
    }

    /// Sorts what has arrived and all that is in the queue, so that nothing is missing of what was decided before anything that is
    /// decided here.
    pub fn sort(
        &self,
        inner: &Inner,
        memory: &mut Memory,
        queue: &mut mpsc::UnboundedReceiver<Asked>,
        mut arrived: Vec<Asked>,
    ) -> Round {
        let now = Instant::now();
        let mut guard = self.lock();
        let inside = &mut *guard;
        for account in std::mem::take(&mut inside.changed) {
            memory.forget_one(account);
            if inside.accounts.contains_key(&account) {
                memory.doubt(account);
            }
        }
        if inside.accounts.is_empty() && arrived.iter().all(|asked| asked.decided.is_none()) {
            return Round {
                others: arrived,
                ..Round::default()
            };
        }
        while let Ok(more) = queue.try_recv() {
            arrived.push(more);
        }
        let look = inside
            .looked
            .is_none_or(|looked| now.saturating_duration_since(looked) >= LOOK);
        if look {
            inside.looked = Some(now);
            let idle = |keeping: &Keeping| now.saturating_duration_since(keeping.used) >= IDLE;
            let accounts = inside.accounts.iter().filter(|(_, keeping)| idle(keeping));
            for account in accounts.map(|(account, _)| *account).collect::<Vec<_>>() {
                inside.leave(account);
            }
        }
        let mut round = Round {
            era: inside.era,
            ..Round::default()
        };
        // What was decided before comes before what is decided now.
        let (decided, asked): (Vec<Asked>, Vec<Asked>) = arrived.into_iter().partition(|asked| asked.decided.is_some());
        round.decided = decided;
        for mut asked in asked.into_iter().filter(|asked| !asked.is_given_up()) {
            inside.decide(inner, &mut asked);
            if asked.decided.is_some() {
                round.decided.push(asked);
                continue;
            }
            let account = asked.job.account;
            if inside.accounts.contains_key(&account) {
                // It would be kept again, and given back again.
                inside.leave(account);
                memory.doubt(account);
            }
            round.others.push(asked);
        }
        let hold_of = |row| Inside::hold_of(row, nobody());
        let rested = inside.resting.take(Some(tokio::time::Instant::now()));
        round.decided.extend(rested.map(hold_of));
        let leaving = inside.resting.take_of(&inside.leaving);
        round.decided.extend(leaving.map(hold_of));
        let place = |account: &AccountId| Some((*account, inside.accounts.get(account)?.place));
        round.places = round
            .decided
            .iter()
            .filter_map(|asked| place(&asked.job.account))
            .collect();
        let leaving = inside.leaving.iter();
        round.leaving = leaving
            .filter_map(|account| Some((*account, inside.accounts.get(account)?.from)))
            .collect();
        round
    }

    /// These accounts stand there now; the write began then.
    pub fn confirm(&self, places: &HashMap<AccountId, Place>, begun: Instant) {
        let mut inside = self.lock();
        for (account, place) in places {
            if let Some(keeping) = inside.accounts.get_mut(account) {
                (keeping.place, keeping.trusted) = (*place, begun);
            }
        }
    }

    /// Somebody else wants these: they are given back in the next round.
    pub fn are_wanted(&self, accounts: impl Iterator<Item = AccountId>) {
        let mut inside = self.lock();
        for account in accounts {
            inside.leave(account);
        }
        inside.hurry |= !inside.leaving.is_empty();
    }

    /// They are given back, and nothing of them is on its way.
    pub fn forget(&self, keepings: &[(AccountId, i64)]) {
        let mut inside = self.lock();
        for (account, from) in keepings {
            if inside
                .accounts
                .get(account)
                .is_some_and(|keeping| keeping.from == *from)
            {
                inside.forget(*account);
            }
        }
    }

    /// What was decided on these and not written is void. Gives what is to be decided once more, in its order, beginning with the holds of calls
    /// that run; what else was in the queue; and from when on they were kept.
    pub fn lose(
        &self,
        accounts: &HashSet<AccountId>,
        decided: Vec<Asked>,
        queue: &mut mpsc::UnboundedReceiver<Asked>,
    ) -> (Vec<Asked>, Vec<Asked>, Vec<(AccountId, i64)>) {
        let mut inside = self.lock();
        let rows = inside.resting.take_of(accounts);
        let mut again: Vec<Asked> = rows.map(|row| Inside::hold_of(row, nobody())).collect();
        again.extend(decided);
        let mut others = Vec::new();
        while let Ok(asked) = queue.try_recv() {
            match accounts.contains(&asked.job.account) {
                true => again.push(asked),
                false => others.push(asked),
            }
        }
        let from = |account: &AccountId| Some((*account, inside.accounts.get(account)?.from));
        let keepings: Vec<(AccountId, i64)> = accounts.iter().filter_map(from).collect();
        for account in accounts {
            inside.forget(*account);
        }
        drop(inside);
        for asked in &mut again {
            asked.decided = None;
        }
        (again, others, keepings)
    }

    /// Those of these accounts, read in this era, that may be kept.
    pub fn room_for(&self, era: Era, accounts: HashSet<AccountId>) -> Vec<AccountId> {
        let inside = self.lock();
        let fits = inside.accounts.is_empty() || inside.era == era && inside.accounts.len() < MOST;
        accounts
            .into_iter()
            .filter(|account| fits && !inside.accounts.contains_key(account))
            .collect()
    }

    /// Keeps an account from now on; it was taken then.
    pub fn put(&self, era: Era, account: AccountId, known: Known, taken: Instant) {
        let mut inside = self.lock();
        inside.era = era;
        let place = known.place();
        let keeping = Keeping {
            desk: known.desk,
            from: place.moved,
            place,
            trusted: taken,
            used: Instant::now(),
            leaves: false,
        };
        inside.accounts.insert(account, keeping);
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        // A panic under this lock would be a defect in `apply`, which changes nothing before it has decided.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nobody waits.
fn nobody() -> oneshot::Sender<Done> {
    oneshot::channel().0
}

/// What a call holds by the rows of these that begin calls: evidence of a batch in which nothing else is booked.
pub(super) fn holds(decided: &[Asked]) -> Vec<(CallId, Hold)> {
    let rows = decided.iter().filter_map(|asked| asked.job.call.as_ref());
    rows.filter(|call| call.row.money.holds())
        .filter_map(|call| Some((call.row.id, call.row.money.hold?)))
        .collect()
}

#[cfg(test)]
mod tests;

//! Booking by the one owner of the ledger: accounts in memory, loaded on first use; decisions under one lock; effects queued
//! in that order and written by the recorder.
//!
//! Memory is ahead of the database by what is queued. Should the database refuse what was decided, the recorder gives the
//! account up, and nothing is booked on it any more; the others are not touched.
//!
//! Accounts that nobody has used for long are forgotten when there are many (`desks`), and read again when they are used.

mod desks;

use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::{
    id::{AccountId, LimitId},
    ledger::{Effects, Refusal},
    limit::{self, Counters, Spent, Taking},
    time::Timestamp,
};

use super::{
    Desk, Job, Order,
    by_hand::{self, Look},
};
use crate::{
    Error, Inner,
    limits::Claim,
    recorder::{Booking, Opened},
    step::{self, Step},
    store::{
        Tx,
        ledger::{self, Found},
    },
};
use desks::Desks;
pub(crate) use desks::OnItsWay;

/// What was decided, and what tells when it is durable, where anything is to be written.
type Decided = (Option<Result<Effects, Refusal>>, Option<Opened>);

/// What an owner decides by, all under one lock.
struct Kept {
    desks: Desks,
    /// What counts against limits.
    counters: Counters,
}

/// The accounts of an owner, and what counts against limits.
pub(crate) struct Owned {
    kept: Mutex<Kept>,
    /// One account is loaded after the other, so that none is loaded twice.
    loading: tokio::sync::Mutex<()>,
    /// One order by hand after the other, so that each sees what came of the one before.
    by_hand: tokio::sync::Mutex<()>,
}

impl Owned {
    /// With no account in memory, and never with more than this many that are idle.
    pub fn new(most: usize) -> Self {
        Self {
            kept: Mutex::new(Kept {
                desks: Desks::new(most),
                counters: Counters::default(),
            }),
            loading: tokio::sync::Mutex::default(),
            by_hand: tokio::sync::Mutex::default(),
        }
    }

    /// Does a job. What it books is durable when this returns. What is not by hand is decided and queued before the first
    /// wait, once the account is in memory.
    ///
    /// What calls do not need is boxed, here and below: futures are moved, and those of calls are to be small.
    pub async fn run(&self, inner: &Inner, mut job: Job) -> Result<Option<Effects>, Error> {
        if inner.deposed.is_cancelled() || !job.is_of_a_running_call() && !inner.recorder.accepts() {
            return Err(Error::LedgerBehind);
        }
        if let Err(error) = self.load(inner, job.account).await {
            return Box::pin(self.answer_failed(inner, &job, error)).await;
        }
        let until_durable = match job.order.as_ref().filter(|order| by_hand::is_by_hand(order)) {
            Some(_) => Some(self.by_hand.lock().await),
            None => None,
        };
        // Until it is decided nobody takes anything from whoever orders it.
        let mut locked = None;
        if let (Some(_), Some(order)) = (&until_durable, &job.order) {
            let (tx, look) = Box::pin(look_before(inner, order)).await?;
            match look {
                Look::Before(answer) => {
                    drop(tx);
                    return Box::pin(self.answer_again(inner, &job, *answer)).await;
                }
                Look::New(order) => job.order = Some(*order),
            }
            locked = Some(tx);
        }
        let account = job.account;
        let (result, written) = loop {
            if let Some(decided) = self.decide(inner, &mut job) {
                break decided;
            }
            // Forgotten since it was read, as others came.
            if let Err(error) = self.load(inner, account).await {
                return Box::pin(self.answer_failed(inner, &job, error)).await;
            }
        };
        drop(job);
        if let Some(tx) = locked {
            // The recorder writes by the same lock. What was decided is booked whatever becomes of this transaction, which wrote nothing.
            let _ = Box::pin(tx.rollback()).await;
        }
        if let Some(Err(refusal)) = &result {
            give_up_broken(inner, account, refusal).await?;
        }
        if let Some(written) = written
            && written.committed().await.is_err()
        {
            // Somebody else keeps the ledger now, and no account is to blame.
            if inner.deposed.is_cancelled() {
                return Err(Error::LedgerBehind);
            }
            return Err(Error::Quarantine {
                account,
                reason: "the database refused what was decided".to_owned(),
            });
        }
        Ok(result.transpose()?)
    }

    /// Admits a call, or a running one for more: decided in memory, and written behind. A hold is no part of the journal; it
    /// stands in the call's row, which is handed to the recorder only after this.
    pub async fn admit(&self, inner: &Inner, mut job: Job) -> Result<Effects, Error> {
        if inner.deposed.is_cancelled() || !job.is_of_a_running_call() && !inner.recorder.accepts() {
            return Err(Error::LedgerBehind);
        }
        let account = job.account;
        let result = loop {
            self.load(inner, account).await?;
            // Not there: forgotten since it was read, as others came.
            if let Some(result) = self.decide_admission(inner, &mut job) {
                break result.ok_or(Error::NoAccount)?;
            }
        };
        if let Err(refusal) = &result {
            give_up_broken(inner, account, refusal).await?;
        }
        Ok(result?)
    }

    /// Brings an account into memory, so that what follows needs no wait.
    pub async fn prepare(&self, inner: &Inner, account: AccountId) -> Result<(), Error> {
        self.load(inner, account).await
    }

    /// The decision, and in the queue what has to be written of it, under one lock. None: the account is not in memory.
    fn decide_admission(&self, inner: &Inner, job: &mut Job) -> Option<Option<Result<Effects, Refusal>>> {
        let Kept { desks, counters } = &mut *self.lock();
        let place = desks.get(job.account)?;
        let (mut booked, result) = place.desk.run(inner, counters, job);
        booked.retain(|one| one.line.is_some());
        if !booked.is_empty() {
            let call = job.call.take().filter(|_| matches!(result, Some(Ok(_))));
            let booking = Booking {
                booked,
                answered: None,
                _on_its_way: Some(place.on_its_way.clone()),
            };
            // Whoever waits for the call's end waits for this, too.
            drop(inner.recorder.book(call, booking));
        }
        Some(result)
    }

    /// The decision and its place in the queue, under one lock. None: the account is not in memory.
    fn decide(&self, inner: &Inner, job: &mut Job) -> Option<Decided> {
        let Kept { desks, counters } = &mut *self.lock();
        let place = desks.get(job.account)?;
        let ends = job.brings_an_end();
        let (booked, result) = place.desk.run(inner, counters, job);
        let answered = result.as_ref().and_then(|result| job.answered(inner, result));
        let call = job.call.take().filter(|_| matches!(result, Some(Ok(_))));
        let nothing = booked.is_empty() && answered.is_none();
        let booking = Booking {
            booked,
            answered,
            _on_its_way: Some(place.on_its_way.clone()),
        };
        let written = (!nothing).then(|| inner.recorder.book(call, booking));
        if ends {
            step::reached(Step::SettleQueued);
        }
        Some((result, written))
    }

    /// Reads an account unless it is in memory, and says no when it is out of service.
    async fn load(&self, inner: &Inner, account: AccountId) -> Result<(), Error> {
        if !self.lock().desks.contains(account) {
            Box::pin(self.read(inner, account)).await?;
        }
        if inner.recorder.gave_up(account) {
            return Err(Error::Quarantine {
                account,
                reason: "the database refused what was decided".to_owned(),
            });
        }
        Ok(())
    }

    async fn read(&self, inner: &Inner, account: AccountId) -> Result<(), Error> {
        let _one_at_a_time = self.loading.lock().await;
        if self.lock().desks.contains(account) {
            return Ok(());
        }
        let mut tx = inner.store.begin_read().await?;
        let desk = match ledger::load(&mut tx, account).await? {
            None => return Err(Error::NoAccount),
            Some(Found::Broken(reason)) => return Err(Error::Quarantine { account, reason }),
            Some(Found::Sound { account, chain }) => Desk {
                account: *account,
                chain,
            },
        };
        self.lock().desks.put(account, desk);
        Ok(())
    }

    /// The answer that was given before, or that something else has the name; an order from the inbox waits for one.
    async fn answer_again(
        &self,
        inner: &Inner,
        job: &Job,
        result: Result<Effects, Refusal>,
    ) -> Result<Option<Effects>, Error> {
        if let Some(answered) = job.answered(inner, &result) {
            let booking = Booking::of_answer(answered);
            let _ = inner.recorder.book(None, booking).committed().await;
        }
        Ok(Some(result?))
    }

    /// An order from the inbox is answered whatever becomes of it, or it would be tried for ever.
    async fn answer_failed(&self, inner: &Inner, job: &Job, error: Error) -> Result<Option<Effects>, Error> {
        if let Some(id) = job.inbox
            && matches!(error, Error::Quarantine { .. } | Error::NoAccount)
        {
            let answer = super::Answer::Failed(error.to_string());
            let booking = Booking::of_answer(super::inbox::answered(inner, id, &answer));
            let _ = inner.recorder.book(None, booking).committed().await;
        }
        Err(error)
    }

    /// No account is loaded and nothing is decided by hand as long as this is held.
    pub async fn stand_still(&self) -> (tokio::sync::MutexGuard<'_, ()>, tokio::sync::MutexGuard<'_, ()>) {
        (self.by_hand.lock().await, self.loading.lock().await)
    }

    /// Forgets an account: what is booked next begins with what is stored.
    pub fn forget(&self, inner: &Inner, account: AccountId) {
        self.lock().desks.remove(account);
        inner.recorder.serve_again(account);
    }

    /// Takes of limits for a call that needs no credit.
    pub fn claim(&self, inner: &Inner, claim: &Claim) -> Result<(), Refusal> {
        let mut kept = self.lock();
        let now = inner.clock.now();
        let granted = claim.offer(&kept.counters, now).map_err(Refusal::Limit)?;
        claim.take(&mut kept.counters, granted, now);
        Ok(())
    }

    /// Whether its limits refuse a call as they stand.
    pub fn look(&self, inner: &Inner, claim: &Claim) -> Result<(), Refusal> {
        let now = inner.clock.now();
        claim
            .offer(&self.lock().counters, now)
            .map(drop)
            .map_err(Refusal::Limit)
    }

    /// A call has ended: what it used takes the place of what it had reserved.
    pub fn settle_limits(&self, takings: &[Taking], spent: Spent) {
        limit::settle(&mut self.lock().counters, takings, spent);
    }

    /// Takes over what is stored of limits, before the first call.
    pub fn load_limits(&self, counters: Counters) {
        self.lock().counters = counters;
    }

    /// Forgets what counts in no window any more: so long ago, or of limits that there are no more.
    pub fn tidy_limits(&self, oldest: impl Fn(LimitId) -> Option<Timestamp>) {
        self.lock().counters.retain(|id, counter| match oldest(id) {
            Some(oldest) => {
                counter.forget_before(oldest);
                !counter.is_empty()
            }
            None => counter.is_in_use(),
        });
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // A panic under this lock would be a defect in `apply`, which changes nothing before it has decided.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What came of an order by hand before. Whoever asked for it may have left without waiting. And whether whoever gives it may still do so:
/// as long as the transaction is open they may.
async fn look_before(inner: &Inner, order: &Order) -> Result<(Box<Tx>, Look), Error> {
    inner.recorder.drained().await;
    let mut tx = match order.seen {
        Some(_) => inner.store.begin().await?,
        None => inner.store.begin_read().await?,
    };
    by_hand::still_may(inner, &mut tx, order).await?;
    let look = by_hand::look(&mut tx, order, inner.clock.now()).await?;
    Ok((Box::new(tx), look))
}

/// An account whose books contradict themselves is taken out of service.
async fn give_up_broken(inner: &Inner, account: AccountId, refusal: &Refusal) -> Result<(), Error> {
    if let Refusal::Broken(violation) = refusal {
        tracing::error!(%account, %violation, "the books of an account are broken; it is taken out of service");
        inner.recorder.give_up(account);
        Box::pin(ledger::quarantine(&inner.store, account, &violation.to_string())).await?;
    }
    Ok(())
}

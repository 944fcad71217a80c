//! One batch of the shared ledger: decided by memory (`quick`), or under the locks of its accounts (`locked`). What the database
//! refuses is tried account by account, then without the texts of its rows; what it refuses then takes its account out of service. A commit that was not confirmed is looked
//! for by something of it, under the locks of its accounts: it may still be under way when nobody sees it yet.
//!
//! Ends of running calls are tried until they are booked, whoever waits: the answer is with its client. Calls that are not
//! admitted yet are given up when the database stays away.

use std::{collections::HashMap, time::Duration};

use domain::{id::AccountId, ledger::Violation};
use tokio::{
    sync::oneshot,
    time::{Instant, sleep},
};

use super::{
    Asked, Done, is_hold, locked,
    memory::Memory,
    quick::{self, Quick},
};
use crate::{
    Error, Inner,
    ledger::Job,
    progress::Progress,
    recorder::reduced,
    store::{
        Store, StoreError,
        ledger::{self, journal::Evidence},
    },
};

/// The first pause before another try; it doubles.
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// A commit that may have come to be: what would stand there then, and what came of the jobs.
pub(super) struct Unconfirmed {
    pub evidence: Evidence,
    pub done: Vec<Done>,
}

/// Why a try came to nothing.
pub(super) enum Failure {
    /// The database's reason.
    Store(StoreError),
    /// The books of an account contradict themselves.
    Broken(AccountId, Violation),
}

impl<E: Into<StoreError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Store(error.into())
    }
}

/// Books and tells all who wait. Gives back the calls that were admitted for somebody who does not wait any longer.
pub(super) async fn book(inner: &Inner, progress: &Progress, memory: &mut Memory, asked: Vec<Asked>) -> Vec<Job> {
    let mut left = Vec::new();
    let now = inner.anchor.now(&inner.clock);
    for mut part in quick::apart(memory, now, asked) {
        // Whoever gave up waiting to be admitted is not admitted; the part before may have taken long.
        part.retain(|asked| !(asked.tell.is_closed() && is_hold(&asked.job)));
        if !part.is_empty() {
            left.append(&mut together(inner, progress, memory, part).await);
        }
    }
    left
}

async fn together(inner: &Inner, progress: &Progress, memory: &mut Memory, mut asked: Vec<Asked>) -> Vec<Job> {
    let done = match patiently(inner, progress, memory, &mut asked).await {
        Ok(done) => done,
        // Something in the batch is refused: each account by itself. The order within each stays.
        Err(_) => {
            asked.sort_by_key(|asked| asked.job.account);
            let mut done = Vec::with_capacity(asked.len());
            for group in asked.chunk_by_mut(|one, next| one.job.account == next.job.account) {
                done.extend(of_account(inner, progress, memory, group).await);
            }
            done
        }
    };
    let mut left = Vec::new();
    for (Asked { job, tell, .. }, done) in asked.into_iter().zip(done) {
        if let Err(Ok(Some(_))) = tell.send(done)
            && is_hold(&job)
        {
            left.push(job);
        }
    }
    left
}

async fn of_account(inner: &Inner, progress: &Progress, memory: &mut Memory, jobs: &mut [Asked]) -> Vec<Done> {
    if let Ok(done) = patiently(inner, progress, memory, jobs).await {
        return done;
    }
    for call in jobs.iter_mut().filter_map(|asked| asked.job.call.as_mut()) {
        *call.row = reduced::call(&call.row);
        call.attempts = call.attempts.iter().map(reduced::attempt).collect();
    }
    let error = match patiently(inner, progress, memory, jobs).await {
        Ok(done) => return done,
        Err(error) => error,
    };
    let Some(account) = jobs.first().map(|asked| asked.job.account) else {
        return Vec::new();
    };
    let reason = format!("the database refused a booking: {error}");
    take_out(inner, account, &reason).await;
    let quarantine = |_: &Asked| {
        Err(Error::Quarantine {
            account,
            reason: reason.clone(),
        })
    };
    jobs.iter().map(quarantine).collect()
}

/// False when that could not be written down.
async fn take_out(inner: &Inner, account: AccountId, reason: &str) -> bool {
    tracing::error!(%account, reason, "an account is taken out of service");
    let written = ledger::quarantine(&inner.store, account, reason).await;
    if let Err(error) = &written {
        tracing::error!(%error, %account, "that the account is out of service could not be written down");
    }
    written.is_ok()
}

/// Tries until it is done, or until the database refuses a row. Only a hub that has closed its database leaves ends unbooked.
async fn patiently(
    inner: &Inner,
    progress: &Progress,
    memory: &mut Memory,
    jobs: &mut [Asked],
) -> Result<Vec<Done>, StoreError> {
    let mut pause = PAUSE;
    let deadline = Instant::now() + inner.outage;
    let mut unconfirmed = Vec::new();
    loop {
        let error = match attempt(inner, progress, memory, jobs, &mut unconfirmed).await {
            Ok(done) => return Ok(done),
            Err(Failure::Broken(account, violation)) => {
                if !take_out(inner, account, &violation.to_string()).await {
                    // It is found broken again and again until that can be written down.
                    sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                continue;
            }
            Err(Failure::Store(error)) if error.blames_a_row() => return Err(error),
            Err(Failure::Store(error)) => error,
        };
        // Whoever is reached next may be another than was here before, and know less.
        memory.forget();
        if error.is_closed() {
            tracing::error!(
                jobs = jobs.len(),
                "the hub has closed its database; these bookings are lost"
            );
            return Ok(behind(jobs));
        }
        tracing::error!(%error, jobs = jobs.len(), "booking failed; trying again");
        if Instant::now() > deadline {
            // What may be committed is no more to be given up.
            if !unconfirmed.is_empty() {
                leave_beginnings(jobs);
            } else if !give_up_beginnings(jobs) {
                return Ok(behind(jobs));
            }
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn behind(jobs: &[Asked]) -> Vec<Done> {
    jobs.iter().map(|_| Err(Error::LedgerBehind)).collect()
}

/// Whoever waits to be admitted, or admitted for more, waits no longer. False when nothing else is to be booked.
fn give_up_beginnings(jobs: &mut [Asked]) -> bool {
    for Asked { job, tell, .. } in &mut *jobs {
        if !job.ends_a_call() {
            (job.order, job.call, job.least, job.claim) = (None, None, None, None);
            let nobody = oneshot::channel().0;
            // Who has left needs no answer.
            let _ = std::mem::replace(tell, nobody).send(Err(Error::LedgerBehind));
        }
    }
    jobs.iter().any(|asked| asked.job.ends_a_call())
}

/// Whoever waits to be admitted waits no longer. Whether they are is found out later, and then it is given back.
fn leave_beginnings(jobs: &mut [Asked]) {
    for Asked { tell, .. } in jobs.iter_mut().filter(|asked| is_hold(&asked.job)) {
        let nobody = oneshot::channel().0;
        // Who has left, or has been told, needs no answer.
        let _ = std::mem::replace(tell, nobody).send(Err(Error::LedgerBehind));
    }
}

/// One try: what each job came to, committed.
async fn attempt(
    inner: &Inner,
    progress: &Progress,
    memory: &mut Memory,
    jobs: &mut [Asked],
    unconfirmed: &mut Vec<Unconfirmed>,
) -> Result<Vec<Done>, Failure> {
    let mut accounts: Vec<AccountId> = jobs.iter().map(|asked| asked.job.account).collect();
    accounts.sort_unstable();
    accounts.dedup();
    let mut stood = HashMap::new();
    if let (Store::Postgres(pool), true) = (&inner.store, unconfirmed.is_empty()) {
        match quick::book(inner, pool, memory, &accounts, jobs).await {
            Quick::Done(done) => return Ok(done),
            Quick::Not(places) => stood = places,
            Quick::Away(error) => return Err(Failure::Store(error)),
            Quick::Unknown(error, may_be) => {
                unconfirmed.push(may_be);
                return Err(Failure::Store(error));
            }
        }
        progress.moved();
    }
    locked::book(inner, progress, memory, jobs, (&accounts, &stood), unconfirmed).await
}

//! One batch of the shared ledger: decided by memory (`quick`), or under the locks of its accounts (`locked`). What the database
//! refuses is tried account by account, then without the texts of its rows; what it refuses then takes its account out of service. A commit that was not confirmed is looked
//! for by something of it, under the locks of its accounts: it may still be under way when nobody sees it yet.
//!
//! Ends of running calls are tried until they are booked, whoever waits: the answer is with its client. Calls that are not
//! admitted yet are given up when the database stays away.

use std::collections::{HashMap, HashSet};

use domain::{
    id::{AccountId, CallId},
    ledger::{Seq, Violation},
};
use tokio::{sync::oneshot, time::Instant};

use super::{
    Asked, Done, is_hold, locked,
    memory::Memory,
    quick::{self, Quick},
};
use crate::{
    Error, Inner,
    backoff::Backoff,
    ledger::Job,
    progress::Progress,
    recorder::reduced,
    store::{
        Store, StoreError,
        ledger::{self, journal::Evidence},
    },
};

/// Between tries.
const BACKOFF: Backoff = Backoff::of_millis(50, 2_000);

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
    /// Other servers keep these accounts.
    Elsewhere(Vec<AccountId>),
}

/// Why something is not booked as it is.
enum Stop {
    /// The database blames a row.
    Row(StoreError),
    /// Other servers keep these accounts.
    Elsewhere(Vec<AccountId>),
}

/// What is left of a batch.
#[derive(Default)]
pub(super) struct Left {
    /// Calls that were admitted for somebody who does not wait any longer.
    pub admitted: Vec<Job>,
    /// What is asked on accounts that other servers keep, in its order.
    pub elsewhere: Vec<Asked>,
    /// Calls that hold anew what they held in a memory that is void, and after which transaction.
    pub anew: Vec<(CallId, Seq)>,
}

impl<E: Into<StoreError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Store(error.into())
    }
}

/// Books and tells all who wait.
pub(super) async fn book(inner: &Inner, progress: &Progress, memory: &mut Memory, asked: Vec<Asked>) -> Left {
    let mut left = Left::default();
    let now = inner.clock.now();
    for mut part in quick::apart(memory, now, asked) {
        // The part before may have taken long.
        part.retain(|asked| !asked.is_given_up());
        together(inner, progress, memory, part, &mut left).await;
    }
    left
}

async fn together(inner: &Inner, progress: &Progress, memory: &mut Memory, mut asked: Vec<Asked>, left: &mut Left) {
    while !asked.is_empty() {
        match patiently(inner, progress, memory, &mut asked).await {
            Ok(done) => return tell(asked, done, left),
            Err(Stop::Elsewhere(accounts)) => {
                let (theirs, ours) = asked
                    .into_iter()
                    .partition(|asked| accounts.contains(&asked.job.account));
                left.elsewhere.extend::<Vec<_>>(theirs);
                asked = ours;
            }
            // Something in the batch is refused: each account by itself. The order within each stays.
            Err(Stop::Row(_)) => {
                asked.sort_by_key(|asked| asked.job.account);
                while let Some(first) = asked.first() {
                    let account = first.job.account;
                    let others = asked.partition_point(|asked| asked.job.account == account);
                    let rest = asked.split_off(others);
                    let mut group = std::mem::replace(&mut asked, rest);
                    match of_account(inner, progress, memory, &mut group).await {
                        Some(done) => tell(group, done, left),
                        None => left.elsewhere.append(&mut group),
                    }
                }
            }
        }
    }
}

fn tell(asked: Vec<Asked>, done: Vec<Done>, left: &mut Left) {
    // Those know by now what they hold.
    let ends = asked.iter().filter(|asked| asked.job.ends_a_call());
    let ended: HashSet<CallId> = match asked.iter().any(|asked| asked.admitted) {
        true => ends.filter_map(|asked| Some(asked.job.call.as_ref()?.row.id)).collect(),
        false => HashSet::new(),
    };
    for (asked, done) in asked.into_iter().zip(done) {
        let holds = is_hold(&asked.job);
        if let (true, Ok(Some(effects))) = (asked.admitted, &done) {
            let call = asked.job.call.as_ref().map(|call| call.row.id);
            left.anew.extend(
                call.filter(|call| !ended.contains(call))
                    .map(|call| (call, effects.seq)),
            );
        }
        if let Err(Ok(Some(_))) = asked.tell.send(done)
            && holds
            && !asked.admitted
        {
            left.admitted.push(asked.job);
        }
    }
}

/// None: another server keeps it.
async fn of_account(inner: &Inner, progress: &Progress, memory: &mut Memory, jobs: &mut [Asked]) -> Option<Vec<Done>> {
    match patiently(inner, progress, memory, jobs).await {
        Ok(done) => return Some(done),
        Err(Stop::Elsewhere(_)) => return None,
        Err(Stop::Row(_)) => {}
    }
    for call in jobs.iter_mut().filter_map(|asked| asked.job.call.as_mut()) {
        *call.row = reduced::call(&call.row);
        call.attempts = call.attempts.iter().map(reduced::attempt).collect();
    }
    let error = match patiently(inner, progress, memory, jobs).await {
        Ok(done) => return Some(done),
        Err(Stop::Elsewhere(_)) => return None,
        Err(Stop::Row(error)) => error,
    };
    let account = jobs.first()?.job.account;
    let reason = format!("the database refused a booking: {error}");
    take_out(inner, account, &reason).await;
    let quarantine = |_: &Asked| {
        Err(Error::Quarantine {
            account,
            reason: reason.clone(),
        })
    };
    Some(jobs.iter().map(quarantine).collect())
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
) -> Result<Vec<Done>, Stop> {
    let mut backoff = BACKOFF;
    let deadline = Instant::now() + inner.outage;
    let mut unconfirmed = Vec::new();
    loop {
        let error = match attempt(inner, progress, memory, jobs, &mut unconfirmed).await {
            Ok(done) => return Ok(done),
            Err(Failure::Broken(account, violation)) => {
                if !take_out(inner, account, &violation.to_string()).await {
                    // It is found broken again and again until that can be written down.
                    backoff.wait().await;
                }
                continue;
            }
            Err(Failure::Elsewhere(accounts)) => return Err(Stop::Elsewhere(accounts)),
            Err(Failure::Store(error)) if error.blames_a_row() => return Err(Stop::Row(error)),
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
        backoff.wait().await;
    }
}

fn behind(jobs: &[Asked]) -> Vec<Done> {
    jobs.iter().map(|_| Err(Error::LedgerBehind)).collect()
}

/// Whoever waits to be admitted, or admitted for more, waits no longer. False when nothing else is to be booked.
fn give_up_beginnings(jobs: &mut [Asked]) -> bool {
    for Asked { job, tell, .. } in jobs.iter_mut().filter(|asked| !asked.admitted) {
        if !job.ends_a_call() {
            (job.order, job.call, job.least, job.claim) = (None, None, None, None);
            let nobody = oneshot::channel().0;
            // Who has left needs no answer.
            let _ = std::mem::replace(tell, nobody).send(Err(Error::LedgerBehind));
        }
    }
    jobs.iter().any(|asked| asked.admitted || asked.job.ends_a_call())
}

/// Whoever waits to be admitted waits no longer. Whether they are is found out later, and then it is given back.
fn leave_beginnings(jobs: &mut [Asked]) {
    for Asked { tell, .. } in jobs.iter_mut().filter(|asked| is_hold(&asked.job) && !asked.admitted) {
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

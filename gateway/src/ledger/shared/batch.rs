//! One batch of the shared ledger in one transaction. What the database refuses is tried account by account, then without
//! the texts of its rows; what it refuses then takes its account out of service. A commit that was not confirmed is looked
//! for by something of it, under the locks of its accounts: it may still be under way when nobody sees it yet.
//!
//! Ends of running calls are tried until they are booked, whoever waits: the answer is with its client. Calls that are not
//! admitted yet are given up when the database stays away.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use domain::{
    id::{AccountId, CallId, LimitId},
    ledger::{Refusal, Violation},
    limit::Counters,
};
use tokio::{
    sync::oneshot,
    time::{Instant, sleep},
};

use super::{Asked, Done, is_hold};
use crate::{
    Error, Inner,
    ledger::{Desk, Job},
    limits::Claim,
    progress::Progress,
    recorder::reduced,
    store::{
        StoreError, Tx,
        calls::{self, Rows},
        ledger::{
            self, Found, inbox,
            journal::{self, Evidence},
        },
        limits::{self, Taken},
    },
};

/// The first pause before another try; it doubles.
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// A commit that may have come to be: what would stand there then, and what came of the jobs.
struct Unconfirmed {
    evidence: Evidence,
    done: Vec<Done>,
}

/// Why a try came to nothing.
enum Failure {
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
pub(super) async fn book(inner: &Inner, progress: &Progress, mut asked: Vec<Asked>) -> Vec<Job> {
    if asked.is_empty() {
        return Vec::new();
    }
    let done = match patiently(inner, progress, &mut asked).await {
        Ok(done) => done,
        // Something in the batch is refused: each account by itself. The order within each stays.
        Err(_) => {
            asked.sort_by_key(|asked| asked.job.account);
            let mut done = Vec::with_capacity(asked.len());
            for group in asked.chunk_by_mut(|one, next| one.job.account == next.job.account) {
                done.extend(of_account(inner, progress, group).await);
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

async fn of_account(inner: &Inner, progress: &Progress, jobs: &mut [Asked]) -> Vec<Done> {
    if let Ok(done) = patiently(inner, progress, jobs).await {
        return done;
    }
    for call in jobs.iter_mut().filter_map(|asked| asked.job.call.as_mut()) {
        *call.row = reduced::call(&call.row);
        call.attempts = call.attempts.iter().map(reduced::attempt).collect();
    }
    let error = match patiently(inner, progress, jobs).await {
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
async fn patiently(inner: &Inner, progress: &Progress, jobs: &mut [Asked]) -> Result<Vec<Done>, StoreError> {
    let mut pause = PAUSE;
    let deadline = Instant::now() + inner.outage;
    let mut unconfirmed = None;
    loop {
        let error = match attempt(inner, progress, jobs, &mut unconfirmed).await {
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
        if error.is_closed() {
            tracing::error!(
                jobs = jobs.len(),
                "the hub has closed its database; these bookings are lost"
            );
            return Ok(behind(jobs));
        }
        tracing::error!(%error, jobs = jobs.len(), "booking failed; trying again");
        // What may be committed is no more to be given up.
        if unconfirmed.is_none() && Instant::now() > deadline && !give_up_beginnings(jobs) {
            return Ok(behind(jobs));
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

/// One try: what each job came to, committed.
async fn attempt(
    inner: &Inner,
    progress: &Progress,
    jobs: &mut [Asked],
    unconfirmed: &mut Option<Unconfirmed>,
) -> Result<Vec<Done>, Failure> {
    let mut tx = inner.store.begin_batch().await?;
    let mut accounts: Vec<AccountId> = jobs.iter().map(|asked| asked.job.account).collect();
    accounts.sort_unstable();
    accounts.dedup();
    progress.moved();
    let Some(found) = ledger::lock_and_load(&mut tx, &accounts).await? else {
        return Ok(jobs.iter().map(|_| Err(Error::LedgerOwned)).collect());
    };
    progress.moved();
    // Whoever tried before held these locks until it was over: by now it stands, or never will.
    if let Some(before) = unconfirmed
        && journal::stands(&mut tx, &before.evidence).await?
    {
        return Ok(std::mem::take(&mut before.done));
    }
    *unconfirmed = None;
    let mut counters = counters(&mut tx, jobs).await?;
    progress.moved();
    let mut desks: HashMap<AccountId, Result<Desk, String>> = found
        .into_iter()
        .map(|(id, found)| {
            let desk = match found {
                Found::Broken(reason) => Err(reason),
                Found::Sound { account, chain } => Ok(Desk {
                    account: *account,
                    chain,
                }),
            };
            (id, desk)
        })
        .collect();
    let mut booked = Vec::with_capacity(jobs.len());
    let mut results = Vec::with_capacity(jobs.len());
    for Asked { job, .. } in &mut *jobs {
        let account = job.account;
        let desk = match desks.get_mut(&account) {
            None => {
                results.push(Err(Error::NoAccount));
                continue;
            }
            Some(Err(reason)) => {
                let reason = reason.clone();
                results.push(Err(Error::Quarantine { account, reason }));
                continue;
            }
            Some(Ok(desk)) => desk,
        };
        let (mut lines, result) = desk.run(inner, &mut counters, job);
        if let Some(Err(Refusal::Broken(violation))) = result {
            return Err(Failure::Broken(account, violation));
        }
        booked.append(&mut lines);
        if let Some(answered) = result.as_ref().and_then(|result| job.answered(inner, result)) {
            inbox::answer(&mut tx, &answered).await?;
        }
        results.push(result.transpose().map_err(Error::from));
    }
    let rows = rows(jobs, &results);
    calls::write(&mut tx, &rows).await?;
    progress.moved();
    limits::write_taken(&mut tx, &taken(jobs, &results)).await?;
    journal::write(&mut tx, &booked.iter().collect::<Vec<_>>()).await?;
    progress.moved();
    let line = booked.iter().find_map(|one| Some((one, one.line.as_ref()?)));
    let evidence = match line {
        Some((one, line)) => Evidence::Line(one.effects.account, one.effects.seq, line.hash.clone()),
        None => Evidence::Holds(booked.iter().filter_map(|one| one.effects.opens()).collect()),
    };
    // What was only claimed leaves no evidence. It is decided once more, and what it has taken is its own.
    match tx.commit().await {
        Ok(()) => Ok(results),
        Err(error) => {
            *unconfirmed = Some(Unconfirmed {
                evidence,
                done: results,
            });
            Err(Failure::Store(error))
        }
    }
}

/// What counts against the limits that these jobs claim. They are locked after the accounts, in the order of their ids.
async fn counters(tx: &mut Tx, jobs: &[Asked]) -> Result<Counters, StoreError> {
    let claims = || {
        jobs.iter()
            .filter_map(|asked| Some((asked.job.claim.as_ref()?, &asked.job)))
    };
    let mut ids: Vec<LimitId> = claims().flat_map(|(claim, _)| claim.ids()).collect();
    ids.sort_unstable();
    ids.dedup();
    let begin = claims().filter(|(claim, _)| claim.before.is_none());
    let begin: Vec<CallId> = begin.filter_map(|(_, job)| Some(job.call.as_ref()?.row.id)).collect();
    limits::load(tx, &ids, &begin).await
}

/// What was taken of them.
fn taken(jobs: &[Asked], results: &[Done]) -> Vec<Taken> {
    let mut taken = Vec::new();
    for (Asked { job, .. }, result) in jobs.iter().zip(results) {
        if let (Ok(_), Some(had), Some(call)) = (result, job.claim.as_ref().and_then(Claim::had), &job.call) {
            let call = call.row.id;
            taken.extend(had.takings.into_iter().map(|taking| Taken { call, taking }));
        }
    }
    // The same call may have begun and grown; the last counts, and comes last.
    let mut seen = HashSet::new();
    taken.reverse();
    taken.retain(|taken| seen.insert((taken.taking.limit, taken.call)));
    taken.sort_unstable_by_key(|taken| (taken.taking.limit, taken.call));
    taken
}

/// The rows of what was booked; of each call only the last one counts. None is believed to be new, not even that of a call which
/// was admitted just now: whoever waited for it may have given up and written its end, and that end stands.
fn rows<'a>(jobs: &'a [Asked], results: &[Done]) -> Rows<'a> {
    let mut places: HashMap<CallId, usize> = HashMap::with_capacity(jobs.len());
    let mut rows = Rows::default();
    for (asked, result) in jobs.iter().zip(results) {
        let Some(call) = &asked.job.call else { continue };
        match result {
            Ok(Some(_)) => {}
            Ok(None) if asked.job.only_claims() => {}
            _ => continue,
        }
        match places.get(&call.row.id) {
            Some(place) => rows.known[*place] = &call.row,
            None => {
                places.insert(call.row.id, rows.known.len());
                rows.known.push(&call.row);
            }
        }
        rows.attempts.extend(&call.attempts);
    }
    rows
}

//! A batch in one transaction, under the locks of its accounts, which are read for it.

use std::collections::{HashMap, HashSet};

use domain::{
    id::{AccountId, CallId, LimitId},
    ledger::{Effects, Refusal},
    limit::Counters,
};

use super::{
    Asked, Done,
    batch::{Failure, Unconfirmed},
    is_hold,
    memory::{Known, Memory, Pace},
};
use crate::{
    Error, Inner,
    ledger::Desk,
    limits::Claim,
    progress::Progress,
    store::{
        StoreError, Tx,
        calls::{self, Rows},
        ledger::{
            self, Found, inbox,
            journal::{self, Booked, Evidence},
            keep::Place,
        },
        limits::{self, Taken},
    },
};

/// What each job came to, committed. `stood`: where memory took the accounts to stand that was not believed.
pub(super) async fn book(
    inner: &Inner,
    progress: &Progress,
    memory: &mut Memory,
    jobs: &mut [Asked],
    (accounts, stood): (&[AccountId], &HashMap<AccountId, Place>),
    unconfirmed: &mut Vec<Unconfirmed>,
) -> Result<Vec<Done>, Failure> {
    let mut tx = inner.store.begin_batch().await?;
    progress.moved();
    let Some(loaded) = ledger::lock_and_load(&mut tx, accounts, inner.process).await? else {
        return Ok(jobs.iter().map(|_| Err(Error::LedgerOwned)).collect());
    };
    progress.moved();
    // Whoever tried before held these locks until it was over: by now it stands, or never will.
    for before in &mut *unconfirmed {
        if journal::stands(&mut tx, &before.evidence).await? {
            return Ok(std::mem::take(&mut before.done));
        }
    }
    if !unconfirmed.is_empty() {
        // But for what was decided by memory, and may not have come to its locks yet. It will find that the accounts have moved.
        ledger::count_moves(&mut tx, accounts).await?;
    }
    if !loaded.elsewhere.is_empty() {
        tx.commit().await?;
        return Err(Failure::Elsewhere(loaded.elsewhere));
    }
    let counted = !unconfirmed.is_empty();
    for (account, found) in &loaded.found {
        let moved = loaded.moved.get(account);
        if let (Some(stood), Found::Sound { account: now, .. }, Some(moved)) = (stood.get(account), found, moved)
            && *stood
                != (Place {
                    seq: now.seq(),
                    moved: *moved,
                })
        {
            memory.doubt(*account);
        }
    }
    let mut counters = counters(&mut tx, jobs).await?;
    progress.moved();
    let mut desks: HashMap<AccountId, Result<Desk, String>> = loaded
        .found
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
    // Calls that hold anew what they held in a memory that is void. Rows of their ends may come along that know only of that.
    let mut anew: HashMap<CallId, Effects> = HashMap::new();
    for Asked {
        job, tell, admitted, ..
    } in &mut *jobs
    {
        let account = job.account;
        if counted && tell.is_closed() && is_hold(job) && !*admitted {
            // It stands nowhere, and nobody waits for it.
            results.push(Ok(None));
            continue;
        }
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
        if let Some(mut hold) = job.hold_anew(&desk.account) {
            let (mut lines, result) = desk.run(inner, &mut counters, &mut hold);
            match (&result, &mut job.call) {
                (Some(Ok(effects)), Some(call)) => call.row.money.note(effects, None),
                (Some(Err(_)), Some(call)) => inner.ended.note_unheld(call.row.id),
                _ => {}
            }
            // Of its call the row of the end is written.
            lines.iter_mut().for_each(|one| one.in_row = true);
            booked.append(&mut lines);
        }
        if let (true, Some(call)) = (job.brings_an_end(), &mut job.call)
            && let Some(effects) = anew.remove(&call.row.id)
        {
            call.row.money.note(&effects, None);
        }
        let (mut lines, result) = desk.run(inner, &mut counters, job);
        match (*admitted, &result, &job.call) {
            (true, Some(Ok(effects)), Some(call)) => drop(anew.insert(call.row.id, effects.clone())),
            (true, Some(Err(_)), Some(call)) => inner.ended.note_unheld(call.row.id),
            _ => {}
        }
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
    let missed = ledger::without_their_holds(&mut tx, booked.iter().map(|one| &one.effects)).await?;
    let evidence = evidence(&booked);
    // What was only claimed leaves no evidence. It is decided once more, and what it has taken is its own.
    match tx.commit().await {
        Ok(()) => {
            for account in accounts {
                memory.forget_one(*account);
            }
            if !counted && !loaded.moved.is_empty() {
                desks.retain(|account, _| !missed.contains(account));
                memory.put(loaded.era, known(desks, &loaded.moved, &booked));
            }
            Ok(results)
        }
        Err(error) => {
            unconfirmed.push(Unconfirmed {
                evidence,
                done: results,
            });
            Err(Failure::Store(error))
        }
    }
}

/// What stands there once these are committed.
pub(super) fn evidence(booked: &[Booked]) -> Evidence {
    let line = booked.iter().find_map(|one| Some((one, one.line.as_ref()?)));
    match line {
        Some((one, line)) => Evidence::Line(one.effects.account, one.effects.seq, line.hash.clone()),
        None => Evidence::Holds(booked.iter().filter_map(|one| one.effects.opens()).collect()),
    }
}

/// Where the accounts stand now. A hold has moved its account (`journal::write`).
fn known(
    desks: HashMap<AccountId, Result<Desk, String>>,
    moved: &HashMap<AccountId, i64>,
    booked: &[Booked],
) -> Vec<(AccountId, Known)> {
    let held: HashSet<AccountId> = booked
        .iter()
        .filter(|one| one.line.is_none())
        .map(|one| one.effects.account)
        .collect();
    let stands = |(account, desk): (AccountId, Result<Desk, String>)| {
        let moved = moved.get(&account)? + i64::from(held.contains(&account));
        Some((
            account,
            Known {
                desk: desk.ok()?,
                moved,
                pace: Pace::default(),
            },
        ))
    };
    desks.into_iter().filter_map(stands).collect()
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

//! A batch of the shared ledger that is decided by memory and written in one journey. Only calls that begin and end in the usual way
//! come here, and nothing that is refused: what refuses may have come to an end since. Everything else, and what was decided by a memory
//! that is not true any more, goes by `locked`, under the locks of its accounts. Accounts whose calls come here and accounts whose
//! calls do not are booked apart, so that these do not slow those down.

use std::{
    collections::{HashMap, HashSet},
    time::Instant,
};

use domain::{call::CallState, id::AccountId, ledger::Command, limit::Counters, time::Timestamp};

use super::{
    Asked, Done,
    batch::Unconfirmed,
    memory::{Known, Memory},
};
use crate::{
    Error, Inner,
    ledger::{Desk, Job},
    store::{
        Pg, StoreError,
        journey::{self, Batch, Places, Writer},
        ledger::{journal::Booked, keep::Place},
    },
};

/// What came of it.
pub(super) enum Quick {
    /// All is written.
    Done(Vec<Done>),
    /// Nothing is written. Where memory took its accounts to stand when it was not believed.
    Not(HashMap<AccountId, Place>),
    /// Nothing is written: the database cannot be reached.
    Away(StoreError),
    /// It may be written.
    Unknown(StoreError, Unconfirmed),
}

/// Whose jobs all can be decided by memory, and the others. The order of jobs on an account stays.
pub(super) fn apart(memory: &Memory, now: Timestamp, asked: Vec<Asked>) -> [Vec<Asked>; 2] {
    let mut others: HashSet<AccountId> = HashSet::new();
    for Asked { job, .. } in &asked {
        let known = memory.of(job.account).filter(|_| is_usual(job));
        if known.is_none_or(|known| is_too_much(job, &known.desk, now)) {
            others.insert(job.account);
        }
    }
    let (usual, others) = asked
        .into_iter()
        .partition(|asked| !others.contains(&asked.job.account));
    [usual, others]
}

/// Tries. What comes with the jobs may have changed when nothing is written; whoever decides anew writes it anew.
pub(super) async fn book(
    inner: &Inner,
    pool: &Pg,
    memory: &mut Memory,
    accounts: &[AccountId],
    jobs: &mut [Asked],
) -> Quick {
    let nothing = || Quick::Not(HashMap::new());
    if !jobs.iter().all(|asked| is_usual(&asked.job)) {
        return nothing();
    }
    let Some(mut known) = memory.take(accounts) else {
        return nothing();
    };
    let stood: HashMap<AccountId, Place> = known.iter().map(|(account, known)| (*account, known.place())).collect();
    let (booked, done) = match decide(inner, &mut known, jobs) {
        Ok(decided) => decided,
        Err(refused) => {
            // It will be refused again. Whoever comes along need not wait for that.
            memory.doubt(refused);
            return nothing();
        }
    };
    let mut batch = Batch {
        booked: booked.iter().collect(),
        ..Batch::default()
    };
    for call in jobs.iter().filter_map(|asked| asked.job.call.as_ref()) {
        match call.row.state {
            CallState::Open => batch.new.push(&call.row),
            _ => batch.ended.push(&call.row),
        }
        batch.attempts.extend(&call.attempts);
    }
    batch.new.sort_unstable_by_key(|row| row.id);
    batch.ended.sort_unstable_by_key(|row| row.id);
    let places = Places {
        era: memory.era(),
        places: &stood,
    };
    let mut connection = match pool.acquire().await {
        Ok(connection) => connection,
        Err(error) => return Quick::Away(error.into()),
    };
    match journey::write(&mut connection, &batch, Writer::Sharer(places)).await {
        Ok(true) => {
            let now = Instant::now();
            for one in known.values_mut() {
                one.moved += 1;
                one.pace.step(now);
            }
            memory.confirm(accounts);
            memory.put(memory.era(), known);
            Quick::Done(done)
        }
        Ok(false) => Quick::Not(stood),
        Err(error) if error.is_refusal() => Quick::Not(stood),
        Err(error) => {
            let evidence = super::locked::evidence(&booked);
            Quick::Unknown(error, Unconfirmed { evidence, done })
        }
    }
}

/// What is to be written, if all is granted; else an account on which something is not. Each account has something booked: it
/// was asked for.
fn decide(
    inner: &Inner,
    known: &mut HashMap<AccountId, Known>,
    jobs: &mut [Asked],
) -> Result<(Vec<Booked>, Vec<Done>), AccountId> {
    let mut booked = Vec::with_capacity(jobs.len());
    let mut done = Vec::with_capacity(jobs.len());
    for Asked { job, .. } in jobs {
        let account = job.account;
        let known = known.get_mut(&account).ok_or(account)?;
        let (mut lines, result) = known.desk.run(inner, &mut Counters::default(), job);
        booked.append(&mut lines);
        let Some(Ok(effects)) = result else {
            return Err(account);
        };
        done.push(Ok::<_, Error>(Some(effects)));
    }
    Ok((booked, done))
}

/// It will be refused, as far as memory knows: whoever has no credit left asks again and again.
pub(super) fn is_too_much(job: &Job, desk: &Desk, now: Timestamp) -> bool {
    let account = &desk.account;
    match job.order.as_ref().map(|order| &order.command) {
        Some(Command::Hold { amount, .. }) => account.spendable(now).or_zero() < job.least.unwrap_or(*amount),
        _ => false,
    }
}

/// A call begins or ends, without limits; its rows come along.
pub(super) fn is_usual(job: &Job) -> bool {
    let (Some(order), Some(call)) = (&job.order, &job.call) else {
        return false;
    };
    let alone = job.claim.is_none() && job.inbox.is_none() && order.once.is_none() && order.name.is_none();
    let open = call.row.state == CallState::Open;
    let plain = call.row.limited.is_none() && call.row.kept.is_none();
    let usual = match order.command {
        Command::Hold { .. } => open && call.attempts.is_empty(),
        Command::Settle { .. } | Command::Release { .. } => !open,
        _ => false,
    };
    alone && plain && usual
}

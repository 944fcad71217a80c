//! Writes what was decided in memory on accounts that are kept (`kept`), in its order. It is written as it was decided or, where the database
//! says that an account is not this server's any more or not what it takes it to be, not at all: then what was decided on that account
//! is decided once more in the ordinary way.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::Instant,
};

use domain::{call::CallState, id::AccountId, ledger::Seq};
use tokio::sync::mpsc;

use super::{
    Asked, is_hold,
    kept::{self, Kept, Round},
};
use crate::{
    Error, Inner,
    backoff::Backoff,
    ledger::Job,
    progress::Progress,
    store::{
        Pg, StoreError,
        journey::{self, Batch, Places, Writer},
        ledger::{
            Era,
            journal::Evidence,
            keep::{self, Place, Standing},
        },
    },
};

/// Jobs a transaction at the most.
const BATCH: usize = 512;
/// Between tries.
const BACKOFF: Backoff = Backoff::of_millis(20, 2_000);
/// So often a part is tried that is refused although its account is in order.
const TRIES: u32 = 2;

/// What is left to do after a round's decided part.
#[derive(Default)]
pub(super) struct Left {
    /// Calls that were admitted for somebody who does not wait any longer.
    pub admitted: Vec<Job>,
    /// To be decided once more, in this order.
    pub again: Vec<Asked>,
    /// Was in the queue, and is no matter of this.
    pub others: Vec<Asked>,
    /// Accounts that are to be given back after that, if they are this server's.
    pub lost: Vec<(AccountId, i64)>,
    /// Accounts that somebody else wants.
    pub wanted: Vec<AccountId>,
}

/// Who writes, and on what.
pub(super) struct Writes<'a> {
    pub inner: &'a Inner,
    pub pool: &'a Pg,
    pub progress: &'a Progress,
    pub kept: &'a Kept,
}

/// Whether the database says no.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Refused {
    /// It says nothing.
    No,
    /// To where an account stands.
    Place,
    /// To a row.
    Row,
}

/// Why a part is not simply written.
enum Void {
    /// It is refused, and more than one account may be to blame.
    Divide,
    /// These accounts are lost, and what was decided on them and not written is void.
    Lost {
        accounts: HashSet<AccountId>,
        written: bool,
    },
    /// The hub has closed its database.
    Closed,
}

impl Void {
    /// These, and nothing is written.
    const fn lost(accounts: HashSet<AccountId>) -> Self {
        Self::Lost {
            accounts,
            written: false,
        }
    }
}

impl Writes<'_> {
    /// Writes the decided part of a round and tells all who wait, then gives the accounts back that leave.
    pub async fn write(&self, queue: &mut mpsc::UnboundedReceiver<Asked>, round: &mut Round) -> Left {
        let mut left = Left::default();
        let mut parts = in_parts(std::mem::take(&mut round.decided));
        while let Some(part) = parts.pop_front() {
            match self.part(round, &part, &mut left).await {
                Ok(()) => left.admitted.extend(tell(part)),
                Err(Void::Divide) => by_account(part, &mut parts),
                Err(Void::Lost { accounts, written }) => {
                    if written {
                        left.admitted.extend(tell(part));
                    } else {
                        parts.push_front(part);
                    }
                    self.lose(queue, &accounts, &mut parts, &mut left);
                    round.leaving.retain(|(account, _)| !accounts.contains(account));
                }
                Err(Void::Closed) => {
                    parts.push_front(part);
                    let jobs: Vec<Asked> = parts.drain(..).flatten().collect();
                    tracing::error!(
                        jobs = jobs.len(),
                        "the hub has closed its database; these bookings are lost"
                    );
                    for asked in jobs {
                        let _ = asked.tell.send(Err(Error::LedgerBehind));
                    }
                }
            }
        }
        self.give_back(&round.leaving).await;
        left
    }

    /// Takes what was decided on these accounts out of the parts.
    fn lose(
        &self,
        queue: &mut mpsc::UnboundedReceiver<Asked>,
        accounts: &HashSet<AccountId>,
        parts: &mut VecDeque<Vec<Asked>>,
        left: &mut Left,
    ) {
        tracing::warn!(
            accounts = accounts.len(),
            "what was decided in memory is void; it is decided once more"
        );
        let mut void = Vec::new();
        for part in parts.iter_mut() {
            let (theirs, others) = std::mem::take(part)
                .into_iter()
                .partition(|asked| accounts.contains(&asked.job.account));
            void.extend::<Vec<_>>(theirs);
            *part = others;
        }
        parts.retain(|part| !part.is_empty());
        let (again, others, keepings) = self.kept.lose(accounts, void, queue);
        left.again.extend(again);
        left.others.extend(others);
        left.lost.extend(keepings);
    }

    /// What cannot be written down now others find out by themselves (`keep::PATIENCE`).
    pub async fn give_back(&self, keepings: &[(AccountId, i64)]) {
        if keepings.is_empty() {
            return;
        }
        if let Err(error) = keep::give_back(self.pool, self.inner.process, keepings).await {
            tracing::warn!(%error, accounts = keepings.len(), "accounts that are not kept any more could not be given back");
        }
        self.kept.forget(keepings);
    }

    /// Writes one part in one transaction. The round says where its accounts stand afterwards.
    async fn part(&self, round: &mut Round, part: &[Asked], left: &mut Left) -> Result<(), Void> {
        let batch = batch(part);
        if batch.booked.is_empty() && batch.new.is_empty() && batch.ended.is_empty() {
            // Whoever asks only whether all before it is written.
            return Ok(());
        }
        let mut mine = HashMap::new();
        let mut unknown = HashSet::new();
        for asked in part.iter().filter(|asked| asked.writes()) {
            match round.places.get(&asked.job.account) {
                Some(place) => drop(mine.insert(asked.job.account, *place)),
                None => drop(unknown.insert(asked.job.account)),
            }
        }
        if !unknown.is_empty() {
            return Err(Void::lost(unknown));
        }
        let lines = batch.booked.iter().filter(|one| one.line.is_some());
        let ends: HashMap<AccountId, Seq> = lines.map(|one| (one.effects.account, one.effects.seq)).collect();
        let evidence = evidence(part, &batch);
        let (mut backoff, mut tries) = (BACKOFF, 0);
        loop {
            let begun = Instant::now();
            let written = self.once(round.era, &mine, &batch).await;
            self.progress.moved();
            let refused = match written {
                Ok(true) => {
                    for (account, place) in &mut mine {
                        place.moved += 1;
                        place.seq = ends.get(account).copied().unwrap_or(place.seq);
                    }
                    self.kept.confirm(&mine, begun);
                    round.places.extend(mine);
                    return Ok(());
                }
                Ok(false) => Refused::Place,
                Err(error) if error.is_closed() => return Err(Void::Closed),
                Err(error) if error.is_refusal() => Refused::Row,
                Err(error) => {
                    tracing::error!(%error, jobs = part.len(), "booking failed; trying again");
                    backoff.wait().await;
                    Refused::No
                }
            };
            let give_up = tries >= TRIES;
            let standing = self.look(round.era, (&mine, give_up), (&ends, &evidence)).await?;
            let wanted = taken_over(&standing, &mut mine, &ends);
            let nobody_was_there = wanted.is_empty();
            self.kept.are_wanted(wanted.iter().copied());
            left.wanted.extend(wanted);
            if standing.written {
                self.kept.confirm(&mine, begun);
            }
            round.places.extend(&mine);
            match standing {
                Standing { written, lost, .. } if !lost.is_empty() => {
                    return Err(Void::Lost {
                        accounts: lost,
                        written,
                    });
                }
                Standing { written: true, .. } => return Ok(()),
                _ => {}
            }
            if refused == Refused::Row || refused == Refused::Place && nobody_was_there {
                // Nothing is in its way, and it is not taken.
                if mine.len() > 1 {
                    return Err(Void::Divide);
                }
                tries += 1;
            }
        }
    }

    async fn once(&self, era: Era, mine: &HashMap<AccountId, Place>, batch: &Batch<'_>) -> Result<bool, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let places = Places { era, places: mine };
        journey::write(&mut connection, batch, Writer::Sharer(places)).await
    }

    /// How the accounts of a part stand that was not written, or may be; asked until the database answers. `give_up`: they are not kept any more.
    async fn look(
        &self,
        era: Era,
        (mine, give_up): (&HashMap<AccountId, Place>, bool),
        written: (&HashMap<AccountId, Seq>, &Evidence),
    ) -> Result<Standing, Void> {
        let mut backoff = BACKOFF;
        loop {
            let inner = self.inner;
            match keep::look(&inner.store, inner.process, era, (mine, give_up), written).await {
                Ok(standing) => {
                    self.progress.moved();
                    return Ok(standing);
                }
                Err(error) if error.is_closed() => return Err(Void::Closed),
                Err(error) => {
                    tracing::error!(%error, "where accounts stand could not be looked up; trying again");
                    backoff.wait().await;
                }
            }
        }
    }
}

/// Takes over where the accounts stand by a look. Gives those that somebody has asked for, as they have moved by more than the look and what was
/// written.
fn taken_over(
    standing: &Standing,
    mine: &mut HashMap<AccountId, Place>,
    ends: &HashMap<AccountId, Seq>,
) -> Vec<AccountId> {
    let mut wanted = Vec::new();
    for (account, place) in mine {
        let Some(moved) = standing.moved.get(account) else {
            continue;
        };
        if *moved > place.moved + 1 + i64::from(standing.written) {
            wanted.push(*account);
        }
        place.moved = *moved;
        if standing.written {
            place.seq = ends.get(account).copied().unwrap_or(place.seq);
        }
    }
    wanted
}

/// Parts of which each goes into one transaction.
fn in_parts(mut decided: Vec<Asked>) -> VecDeque<Vec<Asked>> {
    let mut parts = VecDeque::new();
    while decided.len() > BATCH {
        let rest = decided.split_off(BATCH);
        parts.push_back(std::mem::replace(&mut decided, rest));
    }
    parts.push_back(decided);
    parts
}

/// Each account by itself; the order within each stays.
fn by_account(mut part: Vec<Asked>, parts: &mut VecDeque<Vec<Asked>>) {
    part.sort_by_key(|asked| asked.job.account);
    while let Some(last) = part.last() {
        let account = last.job.account;
        let from = part.partition_point(|asked| asked.job.account != account);
        parts.push_front(part.split_off(from));
    }
}

/// What is written of decided jobs, on each account in its order.
fn batch(part: &[Asked]) -> Batch<'_> {
    let mut batch = Batch::default();
    for asked in part {
        let Some(decided) = &asked.decided else { continue };
        batch.booked.extend(&decided.booked);
        let Some(call) = &asked.job.call else { continue };
        match call.row.state {
            CallState::Open => batch.new.push(&call.row),
            _ if decided.new => batch.new.push(&call.row),
            _ => batch.ended.push(&call.row),
        }
        batch.attempts.extend(&call.attempts);
    }
    // Whatever was decided by others than the worker stands before what was decided by it (`Kept::sort`), so this moves nothing from one part
    // to another.
    batch.booked.sort_by_key(|one| (one.effects.account, one.effects.seq));
    batch.new.sort_unstable_by_key(|row| row.id);
    batch.ended.sort_unstable_by_key(|row| row.id);
    batch
}

/// What stands there once it is written.
fn evidence(part: &[Asked], batch: &Batch<'_>) -> Evidence {
    let line = batch.booked.iter().find_map(|one| Some((one, one.line.as_ref()?)));
    match line {
        Some((one, line)) => Evidence::Line(one.effects.account, one.effects.seq, line.hash.clone()),
        None => Evidence::Holds(kept::holds(part)),
    }
}

/// Tells all who wait. Gives the calls that were admitted for somebody who does not wait any longer.
fn tell(part: Vec<Asked>) -> Vec<Job> {
    let mut left = Vec::new();
    for Asked {
        job,
        tell,
        decided,
        admitted,
        ..
    } in part
    {
        let Some(decided) = decided else { continue };
        if let Err(Ok(Some(_))) = tell.send(decided.result)
            && is_hold(&job)
            && !admitted
        {
            left.push(job);
        }
    }
    left
}

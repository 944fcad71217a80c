//! Writes one batch: all of it in one commit. A database that does not answer is waited for without end: of what was booked
//! memory has gone on, and no call may be missing in the log. Whoever waits for a row gives up long before (`call::record`), and new
//! calls are refused meanwhile, so what waits does not grow. A row that the database refuses is written without its texts, and
//! does not take the others with it. What it refuses of the ledger takes the account out of service, and nothing else.

use std::{collections::HashMap, sync::atomic::Ordering};

use domain::{call::CallState, id::AccountId};

use super::{Ack, Booking, Entry, RecorderError, State, reduced};
use crate::{
    backoff::Backoff,
    store::{
        Store, StoreError,
        calls::{self, AttemptRow, CallRow, Rows},
        journey,
        ledger::{
            self,
            inbox::{self, Answered},
            journal::{self, Booked},
            order,
        },
        process, script,
    },
};

/// Between tries.
const BACKOFF: Backoff = Backoff::of_millis(100, 2_000);

/// One call of a batch, or one booking without a call, with all who wait for it.
#[derive(Default)]
struct Work {
    row: Option<Box<CallRow>>,
    /// No row of this call was written before.
    new: bool,
    attempts: Vec<AttemptRow>,
    bookings: Vec<Booking>,
    acks: Vec<Ack>,
}

impl Work {
    /// The account that it books on.
    fn account(&self) -> Option<AccountId> {
        let mut booked = self.bookings.iter().flat_map(|booking| &booking.booked);
        booked.next().map(|booked| booked.effects.account)
    }

    /// The same with the row's texts left out.
    fn reduce(&mut self) {
        if let Some(row) = &mut self.row {
            **row = reduced::call(row);
        }
        self.attempts = self.attempts.iter().map(reduced::attempt).collect();
    }

    fn tell(self, outcome: Result<(), RecorderError>) {
        for ack in self.acks {
            // Whoever no longer waits needs no answer.
            let _ = ack.send(outcome);
        }
    }
}

/// Writes a batch and tells all who wait.
pub(super) async fn write(store: &Store, state: &State, batch: Vec<Entry>) {
    let work = join(batch);
    match patiently(store, state, &work).await {
        Ok(()) => tell_all(work, Ok(())),
        Err(error) if error.blames_a_row() => apart(store, state, work).await,
        Err(error) => not_written(store, state, work, &error).await,
    }
}

/// No row is to blame: somebody else keeps the ledger, or the database is closed.
async fn not_written(store: &Store, state: &State, work: Vec<Work>, error: &StoreError) {
    if matches!(error, StoreError::Deposed) {
        tracing::error!("another process keeps the ledger that this one owned; nothing is booked here any more");
        state.deposed.cancel();
        without_books(store, state, work).await;
    } else {
        tracing::error!(%error, rows = work.len(), "the hub has closed its database; these calls are not in the log");
        tell_all(work, Err(RecorderError));
    }
}

fn tell_all(work: Vec<Work>, outcome: Result<(), RecorderError>) {
    for work in work {
        work.tell(outcome);
    }
}

/// Joins what concerns one call: its end replaces its beginning.
fn join(batch: Vec<Entry>) -> Vec<Work> {
    let mut places: HashMap<i64, usize> = HashMap::with_capacity(batch.len());
    let mut work: Vec<Work> = Vec::with_capacity(batch.len());
    for entry in batch {
        let Entry {
            row,
            new,
            attempts,
            booking,
            ack,
        } = entry;
        let number = row.as_ref().map(|row| row.id.number());
        let place = match number.and_then(|number| places.get(&number)) {
            Some(place) => *place,
            None => {
                if let Some(number) = number {
                    places.insert(number, work.len());
                }
                work.push(Work::default());
                work.len() - 1
            }
        };
        if let Some(known) = work.get_mut(place) {
            known.row = row.or(known.row.take());
            known.new |= new;
            known.attempts.extend(attempts);
            if !booking.booked.is_empty() || booking.answered.is_some() {
                known.bookings.push(booking);
            }
            known.acks.extend(ack);
        }
    }
    work
}

/// Something in the batch is refused: calls are written one by one, what is booked account by account.
async fn apart(store: &Store, state: &State, work: Vec<Work>) {
    let mut accounts: Vec<(AccountId, Vec<Work>)> = Vec::new();
    for mut work in work {
        match work.account() {
            Some(account) => match accounts.iter_mut().find(|(known, _)| *known == account) {
                Some((_, same)) => same.push(work),
                None => accounts.push((account, vec![work])),
            },
            None => {
                let outcome = alone(store, state, &mut work).await;
                work.tell(outcome);
            }
        }
    }
    for (account, work) in accounts {
        of_account(store, state, account, work).await;
    }
}

/// Writes what concerns one account: as it is, else without texts, else without what was booked.
async fn of_account(store: &Store, state: &State, account: AccountId, mut work: Vec<Work>) {
    let mut outcome = patiently(store, state, &work).await;
    if outcome.as_ref().is_err_and(StoreError::blames_a_row) && work.iter().any(|work| work.row.is_some()) {
        work.iter_mut().for_each(Work::reduce);
        outcome = patiently(store, state, &work).await;
    }
    let error = match outcome {
        Ok(()) => return tell_all(work, Ok(())),
        Err(error) if error.blames_a_row() => error,
        Err(error) => return not_written(store, state, work, &error).await,
    };
    tracing::error!(%error, %account, "the database refuses what was decided; the account is taken out of service");
    state.give_up(account);
    let reason = format!("the database refused a booking: {error}");
    if let Err(error) = ledger::quarantine(store, account, &reason).await {
        tracing::error!(%error, %account, "that the account is out of service could not be written down");
    }
    without_books(store, state, work).await;
}

/// The log of calls goes on without the books. Whoever waits for a booking writes the row of its call as it is then; where
/// nobody waits any more it is written here.
async fn without_books(store: &Store, state: &State, work: Vec<Work>) {
    for mut work in work {
        let booked = !work.bookings.is_empty();
        // What it holds was decided by a memory that is worth nothing any more.
        let unfounded = state.deposed.is_cancelled() && work.row.as_ref().is_some_and(|row| row.money.holds());
        let outcome = match &mut work.row {
            // Whoever waits for its beginning gives it up, and its end is written.
            Some(row) if unfounded && row.state == CallState::Open => Err(RecorderError),
            Some(row) if !booked || work.acks.iter().all(Ack::is_closed) => {
                if booked {
                    row.money.forget_end();
                    work.bookings.clear();
                }
                if unfounded {
                    row.money.forget_hold();
                }
                alone(store, state, &mut work).await
            }
            _ => Err(RecorderError),
        };
        work.tell(outcome);
    }
}

/// Writes the row of one call, or an answer to an order: as it is, else without the row's texts.
async fn alone(store: &Store, state: &State, work: &mut Work) -> Result<(), RecorderError> {
    let mut outcome = patiently(store, state, std::slice::from_ref(work)).await;
    if let Err(error) = outcome.as_ref()
        && error.blames_a_row()
        && let Some(row) = &work.row
    {
        tracing::error!(%error, call = %row.id, "the database refuses the row of a call; it is written without its texts");
        work.reduce();
        outcome = patiently(store, state, std::slice::from_ref(work)).await;
    }
    outcome.map_err(|error| {
        let call = work.row.as_ref().map(|row| row.id.to_string());
        tracing::error!(%error, call, "a call could not be written to the log");
        RecorderError
    })
}

/// Writes rows in one transaction. Tries again without end, unless a row is to blame, or the hub has closed its database. A commit
/// that was not confirmed is looked for before it is tried again, under a lock that it held.
async fn patiently(store: &Store, state: &State, work: &[Work]) -> Result<(), StoreError> {
    let calls = |new| {
        let those = work.iter().filter(move |work| work.new == new);
        those.filter_map(|work| work.row.as_deref())
    };
    let mut rows = Rows {
        new: calls(true).collect(),
        known: calls(false).collect(),
        attempts: work.iter().flat_map(|work| &work.attempts).collect(),
    };
    // Calls ended in any order. In that of their ids each row comes behind the last one, which moves no other.
    rows.new.sort_unstable_by_key(|row| row.id);
    rows.attempts
        .sort_unstable_by_key(|attempt| (attempt.call, attempt.number));
    let bookings = || work.iter().flat_map(|work| &work.bookings);
    let mut booked: Vec<&Booked> = bookings().flat_map(|booking| &booking.booked).collect();
    // Calls were joined; on each account the order is that of its numbers. A hold has the number that it comes after.
    booked.sort_by_key(|booked| (booked.effects.account, booked.effects.seq));
    let answers: Vec<&Answered> = bookings().filter_map(|booking| booking.answered.as_ref()).collect();
    let mut backoff = BACKOFF;
    let mut first = None;
    loop {
        let batch = state.batch.fetch_add(1, Ordering::Relaxed) + 1;
        let Err(error) = in_one(store, state, (batch, first), &rows, &booked, &answers).await else {
            return Ok(());
        };
        first.get_or_insert(batch);
        // From now on nothing is known to be new: what could not be confirmed may have been written.
        let believed = rows.doubt();
        if believed && error.is_unique_violation() {
            continue;
        }
        if error.blames_a_row() || error.is_closed() || matches!(error, StoreError::Deposed) {
            return Err(error);
        }
        tracing::error!(%error, rows = rows.known.len(), booked = booked.len(), "writing calls failed; trying again");
        backoff.wait().await;
    }
}

/// Writes all of it in one transaction. It has a number; that of the first try of the same rows
/// comes with it, if there was one.
async fn in_one(
    store: &Store,
    state: &State,
    (batch, first): (i64, Option<i64>),
    rows: &Rows<'_>,
    booked: &[&Booked],
    answers: &[&Answered],
) -> Result<(), StoreError> {
    if let (Store::Sqlite(pools), None) = (store, first)
        && answers.is_empty()
        && let Some(kind) = script::Kind::of(rows, booked)
    {
        match script::write(pools, kind, (rows, booked), state.process, batch).await {
            // Of what is booked it has to be known which account is to blame.
            Err(error) if !booked.is_empty() && error.blames_a_row() && !error.is_unique_violation() => {}
            done => return done,
        }
    }
    // Holds are written with rows alone, and are as much the owner's decision as what is booked.
    let holds = rows.new.iter().chain(&rows.known).any(|row| row.money.holds());
    let decided = !booked.is_empty() || holds;
    if let (Store::Postgres(pool), None) = (store, first)
        && answers.is_empty()
        && let Some(whole) = journey::Batch::of(rows, booked)
    {
        let writer = journey::Writer::Recorder {
            process: state.process,
            batch,
            epoch: state.epoch.filter(|_| decided),
        };
        let mut connection = pool.acquire().await?;
        match journey::write(&mut connection, &whole, writer).await {
            Ok(true) => return Ok(()),
            // Of what is refused it has to be known what is to blame.
            Ok(false) => {}
            Err(error) if error.is_refusal() => {}
            Err(error) => return Err(error),
        }
    }
    let mut tx = store.begin_batch().await?;
    state.progress.moved();
    if let Some(first) = first
        && process::last_batch(&mut tx, state.process).await? >= first
    {
        return Ok(());
    }
    if let Some(epoch) = state.epoch.filter(|_| decided || !answers.is_empty()) {
        order::still_owns(&mut tx, epoch).await?;
    }
    calls::write(&mut tx, rows).await?;
    state.progress.moved();
    journal::write(&mut tx, booked).await?;
    for answered in answers {
        inbox::answer(&mut tx, answered).await?;
    }
    process::count_batch(&mut tx, state.process, batch).await?;
    state.progress.moved();
    tx.commit().await
}

//! The one writer of call rows, and of what the owner of the ledger books. Calls queue their rows in memory; one task writes
//! them in batches, one commit a batch. What was booked on an account is written in its order, never without what came before.
//!
//! While a commit waits for the disk the next batch gathers, so the cost of a commit is shared by all who wait for it.
//! A beginning that nobody waits for rests for a moment (`resting`), since the row of the end holds all of it. `batch` does
//! the writing and knows what to do when the database does not want a row.

mod batch;
pub(crate) mod reduced;
mod resting;

use std::{
    collections::HashSet,
    sync::{
        Arc, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Instant,
};

use domain::id::{AccountId, CallId, ProcessId};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout_at,
};
use tokio_util::sync::CancellationToken;

pub(crate) use self::resting::Resting;
use crate::{
    ledger::{CallRows, Done, OnItsWay},
    progress::Progress,
    store::{
        Store,
        calls::{AttemptRow, CallRow},
        ledger::{inbox::Answered, journal::Booked},
    },
};

/// Rows a transaction at the most.
const BATCH: usize = 512;
/// How often the writer looks for more rows before it writes a batch to SQLite, which works with the hub's own processors: the fewer
/// batches, the less work.
const ROUNDS: usize = 24;
/// The same for PostgreSQL, which works while the hub does: who waits for everybody makes both wait for each other in turn.
const ROUNDS_POSTGRES: usize = 2;
/// How many of them may bring nothing while calls are about to end.
const IN_VAIN: usize = 4;
/// More rows than this waiting, and new calls are refused.
const QUEUE_LIMIT: i64 = 50_000;

/// What the ledger wants written, all of it or nothing.
#[derive(Debug, Default)]
pub(crate) struct Booking {
    /// In its order, all on one account.
    pub booked: Vec<Booked>,
    /// The answer to the order from the inbox that it comes from.
    pub answered: Option<Answered>,
    /// As long as this is not written the account stays in the owner's memory.
    pub _on_its_way: Option<OnItsWay>,
}

impl Booking {
    /// An order is answered, and nothing is booked.
    pub fn of_answer(answered: Answered) -> Self {
        Self {
            answered: Some(answered),
            ..Self::default()
        }
    }
}

/// A row could not be written. The reason is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the call could not be written to the log")]
pub struct RecorderError;

type Ack = oneshot::Sender<Result<(), RecorderError>>;

/// What comes in.
enum Arrival {
    /// A beginning rests, the first for a while.
    Rests,
    /// A row that is to be written at once.
    Write(Entry),
}

/// What is written.
struct Entry {
    row: Option<Box<CallRow>>,
    /// No row of this call was written before.
    new: bool,
    attempts: Vec<AttemptRow>,
    booking: Booking,
    /// Whoever waits for it.
    ack: Option<Ack>,
}

/// The door to the writer.
pub struct Recorder {
    queue: std::sync::Mutex<Option<mpsc::UnboundedSender<Arrival>>>,
    state: Arc<State>,
    writer: tokio::sync::Mutex<Option<tokio::task::JoinHandle<()>>>,
}

struct State {
    process: ProcessId,
    /// Beginnings that nobody waits for. Laid down and taken away by the calls themselves, which wakes nobody.
    resting: std::sync::Mutex<Resting>,
    /// The last batch that was tried.
    batch: AtomicI64,
    waiting: AtomicI64,
    progress: Progress,
    /// Accounts whose bookings the database has refused: what is in memory of them is not what is stored.
    given_up: std::sync::Mutex<HashSet<AccountId>>,
    /// In which this process owns the ledger on PostgreSQL.
    epoch: Option<i64>,
    /// Somebody else keeps the ledger now: what is in memory of it is worth nothing any more.
    deposed: CancellationToken,
}

impl State {
    fn resting(&self) -> MutexGuard<'_, Resting> {
        // Nothing is left half done under this lock.
        self.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give_up(&self, account: AccountId) {
        if let Ok(mut accounts) = self.given_up.lock() {
            accounts.insert(account);
        }
    }
}

/// A call that was opened: its row is on the way to the database.
pub struct Opened(Way);

/// Who writes it.
enum Way {
    Recorder(oneshot::Receiver<Result<(), RecorderError>>),
    /// A shared ledger, with what it holds.
    Ledger(oneshot::Receiver<Done>),
    /// It is committed already.
    Written,
}

impl Opened {
    /// A row that is committed already.
    pub(crate) const fn written() -> Self {
        Self(Way::Written)
    }

    /// One that the ledger writes.
    pub(crate) const fn by_ledger(done: oneshot::Receiver<Done>) -> Self {
        Self(Way::Ledger(done))
    }

    /// Waits until the row is committed. Needed before the first byte of a stream. What only begins may not have reached the disk
    /// (`store::unsynced`), and outlives this process all the same.
    ///
    /// # Errors
    /// [`RecorderError`].
    pub async fn committed(self) -> Result<(), RecorderError> {
        match self.0 {
            Way::Recorder(written) => written.await.unwrap_or(Err(RecorderError)),
            Way::Ledger(done) => match done.await {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => {
                    tracing::error!(%error, "what a call holds is not in the books");
                    Err(RecorderError)
                }
                Err(_) => Err(RecorderError),
            },
            Way::Written => Ok(()),
        }
    }
}

impl Recorder {
    /// Starts the writer.
    ///
    /// `epoch`: in which this process owns the ledger on PostgreSQL. `deposed` is cancelled when it does so no more.
    pub(crate) fn start(store: Store, process: ProcessId, epoch: Option<i64>, deposed: CancellationToken) -> Self {
        let (queue, entries) = mpsc::unbounded_channel();
        let state = Arc::new(State {
            process,
            resting: std::sync::Mutex::default(),
            batch: AtomicI64::new(0),
            waiting: AtomicI64::new(0),
            progress: Progress::new(),
            given_up: std::sync::Mutex::default(),
            epoch,
            deposed,
        });
        #[expect(
            clippy::disallowed_methods,
            reason = "the recorder outlives the tracked tasks: it writes their last rows"
        )]
        let writer = tokio::spawn(run(store, entries, Arc::clone(&state)));
        Self {
            queue: std::sync::Mutex::new(Some(queue)),
            state,
            writer: tokio::sync::Mutex::new(Some(writer)),
        }
    }

    /// Takes the row of a call that begins, and writes it unless the call ends at once. `again`: it was taken before, and may
    /// be written.
    pub fn begin(&self, row: CallRow, again: bool) {
        if again && !self.forget(row.id) {
            drop(self.queue(Some(Box::new(row)), false, Vec::new(), Booking::default()));
            return;
        }
        self.state.waiting.fetch_add(1, Ordering::Relaxed);
        if self.state.resting().lay(Box::new(row), tokio::time::Instant::now()) {
            self.send(Arrival::Rests);
        }
    }

    /// The end of a call is on its way, and holds all that its beginning would. Whether no row of the call was written.
    pub fn forget(&self, call: CallId) -> bool {
        let forgotten = self.state.resting().forget(call);
        if forgotten {
            self.state.waiting.fetch_sub(1, Ordering::Relaxed);
        }
        forgotten
    }

    /// Writes the row of a call that begins, for somebody who waits for it. `again`: it was taken before, and may be written.
    pub fn open(&self, row: CallRow, again: bool) -> Opened {
        let new = self.forget(row.id) || !again;
        Opened(Way::Recorder(self.queue(
            Some(Box::new(row)),
            new,
            Vec::new(),
            Booking::default(),
        )))
    }

    /// Writes the end of a call with its attempts. It is queued at once; the future ends when it is durable.
    ///
    /// # Errors
    /// [`RecorderError`].
    pub fn settle(
        &self,
        row: CallRow,
        attempts: Vec<AttemptRow>,
    ) -> impl Future<Output = Result<(), RecorderError>> + Send + use<> {
        // Nothing of the row is kept in the future, which is moved about.
        let new = self.forget(row.id);
        Opened(Way::Recorder(self.queue(
            Some(Box::new(row)),
            new,
            attempts,
            Booking::default(),
        )))
        .committed()
    }

    /// Writes what the ledger has decided, with the rows of the call that it is about. Called under the owner's lock, so
    /// that the queue has the order of the decisions.
    pub(crate) fn book(&self, call: Option<CallRows>, booking: Booking) -> Opened {
        let (row, attempts) = call.map_or((None, Vec::new()), |call| (Some(call.row), call.attempts));
        let admitted = booking.booked.iter().any(|one| one.effects.opens().is_some());
        let new = row.as_ref().is_some_and(|row| self.forget(row.id) || admitted);
        Opened(Way::Recorder(self.queue(row, new, attempts, booking)))
    }

    /// Returns when everything that was queued before is written, or given up.
    pub(crate) async fn drained(&self) {
        // The first may share its batch with what came before and be told while that is still being written; the second
        // comes into a later one.
        for _ in 0..2 {
            let _ = self.book(None, Booking::default()).committed().await;
        }
    }

    /// The database refuses what was decided on this account: nothing more is booked on it.
    pub(crate) fn give_up(&self, account: AccountId) {
        self.state.give_up(account);
    }

    /// What was decided on this account and not stored is forgotten: it is booked on again.
    pub(crate) fn serve_again(&self, account: AccountId) {
        if let Ok(mut accounts) = self.state.given_up.lock() {
            accounts.remove(&account);
        }
    }

    /// In which this process owns the ledger on PostgreSQL.
    pub(crate) fn epoch(&self) -> Option<i64> {
        self.state.epoch
    }

    /// Whether nothing more is booked on this account.
    pub(crate) fn gave_up(&self, account: AccountId) -> bool {
        // A poisoned lock tells nothing any more, so nothing is booked.
        self.state
            .given_up
            .lock()
            .map_or(true, |accounts| accounts.contains(&account))
    }

    /// `new`: no row of this call was written before.
    fn queue(
        &self,
        row: Option<Box<CallRow>>,
        new: bool,
        attempts: Vec<AttemptRow>,
        booking: Booking,
    ) -> oneshot::Receiver<Result<(), RecorderError>> {
        let (ack, answer) = oneshot::channel();
        self.send(Arrival::Write(Entry {
            row,
            new,
            attempts,
            booking,
            ack: Some(ack),
        }));
        answer
    }

    /// Whether rows are written as fast as they come. If not, new calls must be refused.
    #[must_use]
    pub fn accepts(&self) -> bool {
        self.state.progress.is_open()
            && !self.state.deposed.is_cancelled()
            && self.state.waiting.load(Ordering::Relaxed) < QUEUE_LIMIT
    }

    /// How it gets on.
    pub(crate) fn progress(&self) -> &Progress {
        &self.state.progress
    }

    /// Writes what is queued and ends the writer.
    pub(crate) async fn finish(&self) {
        drop(self.queue.lock().map(|mut queue| queue.take()));
        if let Some(writer) = self.writer.lock().await.take() {
            let _ = writer.await;
        }
    }

    fn send(&self, arrival: Arrival) {
        self.state.waiting.fetch_add(1, Ordering::Relaxed);
        let sent = match self.queue.lock() {
            Ok(queue) => queue.as_ref().is_some_and(|queue| queue.send(arrival).is_ok()),
            Err(_) => false,
        };
        if !sent {
            // The dropped arrival tells its caller; nothing else waits.
            self.state.waiting.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// Lets whoever is about to write come along: as long as each round of the runtime's other work brings more rows, a commit
/// now would only make them wait for the next one. Where calls have begun a moment ago, a few rounds may bring nothing: their
/// providers are answering. Where nothing else is to be done this takes no time.
async fn gather(
    arrivals: &mut mpsc::UnboundedReceiver<Arrival>,
    arrived: &mut Vec<Arrival>,
    state: &State,
    rounds: usize,
) {
    let writes = |some: &[Arrival]| some.iter().any(|arrival| matches!(arrival, Arrival::Write(_)));
    if !writes(arrived) {
        return;
    }
    let mut in_vain = 0;
    for _ in 0..rounds {
        if arrived.len() >= BATCH {
            return;
        }
        tokio::task::yield_now().await;
        let before = arrived.len();
        while arrived.len() < BATCH
            && let Ok(arrival) = arrivals.try_recv()
        {
            arrived.push(arrival);
        }
        if !writes(&arrived[before..]) {
            in_vain += 1;
            if in_vain > IN_VAIN || state.resting().is_empty() {
                return;
            }
        }
    }
}

async fn run(store: Store, mut arrivals: mpsc::UnboundedReceiver<Arrival>, state: Arc<State>) {
    let mut arrived = Vec::with_capacity(BATCH);
    let rounds = match store {
        Store::Sqlite(_) => ROUNDS,
        Store::Postgres(_) => ROUNDS_POSTGRES,
    };
    loop {
        let until = state.resting().sleep();
        let next = arrivals.recv_many(&mut arrived, BATCH);
        let goes_on = match until {
            // Time is up for the oldest that rests: no news, and work all the same.
            Some(until) => timeout_at(until, next).await.map_or(true, |count| count > 0),
            None => next.await > 0,
        };
        gather(&mut arrivals, &mut arrived, &state, rounds).await;
        let mut batch = Vec::with_capacity(arrived.len());
        for arrival in arrived.drain(..) {
            match arrival {
                Arrival::Rests => {
                    state.waiting.fetch_sub(1, Ordering::Relaxed);
                }
                Arrival::Write(entry) => batch.push(entry),
            }
        }
        // When the hub stops, nothing rests any longer.
        let by = goes_on.then(tokio::time::Instant::now);
        batch.extend(state.resting().take(by).map(|row| Entry {
            row: Some(row),
            new: true,
            attempts: Vec::new(),
            booking: Booking::default(),
            ack: None,
        }));
        if !batch.is_empty() {
            let size = i64::try_from(batch.len()).unwrap_or_default();
            state.progress.begin(Instant::now());
            batch::write(&store, &state, batch).await;
            state.progress.end();
            state.waiting.fetch_sub(size, Ordering::Relaxed);
            if arrivals.is_empty() {
                // What fails here is tried again, and told, by the next batch.
                let _ = store.expect_beginnings().await;
            }
        }
        if !goes_on {
            return;
        }
    }
}

//! Booking by a server that shares the ledger with others on PostgreSQL. What is asked at the same time is booked in one
//! transaction (`shared/locked.rs`): it locks the accounts in the order of their ids, loads them, decides in the order in
//! which it was asked, and commits once for all. While a commit waits for the disk the next batch gathers.
//!
//! Each queue remembers how it left its accounts. Calls that begin and end in the usual way are decided by that, and written only if the
//! accounts still stand there (`shared/quick.rs`): one journey to the database instead of ten.
//!
//! Accounts are dealt to a few queues by their numbers, so that those of one account stay in order and the disk has more
//! than one commit to wait for.

mod batch;
mod locked;
mod memory;
mod quick;

use std::{
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicI64, Ordering},
    },
    time::Instant,
};

use domain::{
    call::{CallState, Failure, Fault},
    id::AccountId,
    ledger::{Command, Effects},
};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use self::memory::Memory;
use super::Job;
use crate::{
    Error, Inner,
    progress::Progress,
    step::{self, Step},
};

/// Queues, each with a connection of its own while it books: few, so that batches are large, and a commit's cost is shared by many.
const QUEUES: usize = 2;
/// How often a queue lets the others go first before it books.
const ROUNDS: usize = 24;
/// Jobs a transaction at the most.
const BATCH: usize = 256;
/// More jobs than this waiting, and new calls are refused.
const QUEUE_LIMIT: i64 = 20_000;

/// What came of a job.
pub(crate) type Done = Result<Option<Effects>, Error>;

/// A job, and who waits for it.
pub(super) struct Asked {
    pub job: Job,
    pub tell: oneshot::Sender<Done>,
    /// When it was asked for.
    pub at: Instant,
}

impl Asked {
    fn new(job: Job, tell: oneshot::Sender<Done>) -> Self {
        let at = Instant::now();
        Self { job, tell, at }
    }
}

type Queue = mpsc::UnboundedSender<Asked>;

/// The door to those who book.
pub(crate) struct Shared {
    queues: Mutex<Vec<Queue>>,
    /// Taken when the work begins.
    asked: Mutex<Vec<mpsc::UnboundedReceiver<Asked>>>,
    workers: Mutex<Vec<JoinHandle<()>>>,
    state: Arc<State>,
}

struct State {
    waiting: AtomicI64,
    /// Of each queue.
    progress: [Progress; QUEUES],
}

impl Shared {
    /// With nobody at work yet.
    pub fn new() -> Self {
        let (queues, asked) = (0..QUEUES).map(|_| mpsc::unbounded_channel()).unzip();
        Self {
            queues: Mutex::new(queues),
            asked: Mutex::new(asked),
            workers: Mutex::default(),
            state: Arc::new(State {
                waiting: AtomicI64::new(0),
                progress: std::array::from_fn(|_| Progress::new()),
            }),
        }
    }

    /// Begins to work. The tasks end with the hub, or with [`Shared::finish`].
    pub fn start(&self, hub: &Arc<Inner>) {
        let (Ok(mut asked), Ok(mut workers)) = (self.asked.lock(), self.workers.lock()) else {
            return;
        };
        for (number, asked) in asked.drain(..).enumerate() {
            let work = work(Arc::downgrade(hub), Arc::clone(&self.state), number, asked);
            #[expect(
                clippy::disallowed_methods,
                reason = "it outlives the tracked tasks: it books the ends of their calls"
            )]
            workers.push(tokio::spawn(work));
        }
    }

    /// Queues a job. It is booked also when nobody waits any longer, but for a call that is not admitted yet.
    pub fn ask(&self, job: Job) -> oneshot::Receiver<Done> {
        let (tell, done) = oneshot::channel();
        let (begins, ends) = (is_hold(&job), job.brings_an_end());
        let queue = queue_of(job.account);
        self.state.waiting.fetch_add(1, Ordering::Relaxed);
        let sent = match self.queues.lock() {
            Ok(queues) => queues
                .get(queue)
                .is_some_and(|queue| queue.send(Asked::new(job, tell)).is_ok()),
            Err(_) => false,
        };
        if !sent {
            // The dropped sender tells.
            self.state.waiting.fetch_sub(1, Ordering::Relaxed);
        }
        if begins {
            step::reached(Step::HoldQueued);
        } else if ends {
            step::reached(Step::SettleQueued);
        }
        done
    }

    /// Does a job. What it books is durable when this returns; it is queued before the first wait.
    pub async fn run(&self, job: Job) -> Done {
        if !job.is_of_a_running_call() && !self.accepts_on(job.account) {
            return Err(Error::LedgerBehind);
        }
        self.ask(job).await.unwrap_or(Err(Error::LedgerBehind))
    }

    /// Whether jobs are done as fast as they come. If not, new calls must be refused.
    pub fn accepts(&self) -> bool {
        self.state.progress.iter().all(Progress::is_open) && self.has_room()
    }

    /// The same for those of one account: other queues are no matter to it.
    fn accepts_on(&self, account: AccountId) -> bool {
        let queue = self.state.progress.get(queue_of(account));
        queue.is_none_or(Progress::is_open) && self.has_room()
    }

    fn has_room(&self) -> bool {
        self.state.waiting.load(Ordering::Relaxed) < QUEUE_LIMIT
    }

    /// How each queue gets on.
    pub fn progress(&self) -> &[Progress] {
        &self.state.progress
    }

    /// Books what is queued and ends the work.
    pub async fn finish(&self) {
        drop(self.queues.lock().map(|mut queues| queues.clear()));
        let workers = self.workers.lock().map(|mut workers| std::mem::take(&mut *workers));
        for worker in workers.unwrap_or_default() {
            let _ = worker.await;
        }
    }
}

async fn work(hub: Weak<Inner>, state: Arc<State>, number: usize, mut asked: mpsc::UnboundedReceiver<Asked>) {
    let Some(progress) = state.progress.get(number) else {
        return;
    };
    let mut arrived = Vec::with_capacity(BATCH);
    let mut memory = Memory::default();
    while asked.recv_many(&mut arrived, BATCH).await > 0 {
        let Some(inner) = hub.upgrade() else { return };
        gather(&mut asked, &mut arrived).await;
        let count = i64::try_from(arrived.len()).unwrap_or_default();
        let oldest = arrived.iter().map(|asked| asked.at).min();
        progress.begin(oldest.unwrap_or_else(Instant::now));
        let left = batch::book(&inner, progress, &mut memory, std::mem::take(&mut arrived)).await;
        if !left.is_empty() {
            batch::book(
                &inner,
                progress,
                &mut memory,
                left.into_iter().filter_map(given_back).collect(),
            )
            .await;
        }
        progress.end();
        state.waiting.fetch_sub(count, Ordering::Relaxed);
    }
}

/// Numbers are made of the time, and what is left to tell those of one moment apart is nearly always zero: all of it has a say.
const fn queue_of(account: AccountId) -> usize {
    let mixed = account.number().cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 32) as usize % QUEUES
}

/// Lets whoever is about to ask come along: as long as each round of the runtime's other work brings more, a transaction now would
/// only make them wait for the next one. Where nothing else is to be done this takes no time.
async fn gather(asked: &mut mpsc::UnboundedReceiver<Asked>, arrived: &mut Vec<Asked>) {
    for _ in 0..ROUNDS {
        tokio::task::yield_now().await;
        let before = arrived.len();
        while arrived.len() < BATCH
            && let Ok(more) = asked.try_recv()
        {
            arrived.push(more);
        }
        if arrived.len() == before {
            return;
        }
    }
}

/// It admits a call.
fn is_hold(job: &Job) -> bool {
    match &job.order {
        Some(order) => matches!(order.command, Command::Hold { .. }),
        None => job.claim.as_ref().is_some_and(|claim| claim.before.is_none()),
    }
}

/// The end of a call whose caller gave up while it was being admitted.
fn given_back(mut job: Job) -> Option<Asked> {
    let order = job.order.as_mut()?;
    let call = order.command.call()?;
    order.command = Command::Release { call };
    // What it was admitted for is asked of nobody any more.
    (job.claim, job.least) = (None, None);
    let row = &mut job.call.as_mut()?.row;
    row.state = CallState::Failed;
    row.failure = Some(Failure {
        fault: Fault::Hub,
        code: "ledger_behind".to_owned(),
        message: "The hub could not book this call in time.".to_owned(),
    });
    let (tell, _) = oneshot::channel();
    Some(Asked::new(job, tell))
}

#[cfg(test)]
mod tests {
    use domain::{id::CallId, limit::Ask, money::Amount, time::Timestamp};

    use super::*;
    use crate::{
        ids::IdSource,
        ledger::{CallRows, order},
        limits::Claim,
        store::calls::CallRow,
    };

    /// It was admitted and has claimed already: to claim anew would take a place that nobody gives back.
    #[test]
    fn who_has_left_is_given_back_what_they_hold_and_claims_nothing() {
        let row = CallRow::sample(CallId::from_number(7));
        let amount = Amount::from_nano(5).unwrap();
        let command = Command::Hold { call: row.id, amount };
        let rows = CallRows {
            row: Box::new(row.clone()),
            attempts: Vec::new(),
        };
        let mut job = Job::of(order(row.account, command), Some(rows));
        job.least = Some(amount);
        job.claim = Some(Claim::new(Vec::new().into(), Ask::default(), None));
        assert!(is_hold(&job));
        let back = given_back(job).unwrap().job;
        assert!(matches!(&back.order, Some(order) if order.command == Command::Release { call: row.id }));
        assert!(back.claim.is_none() && back.least.is_none() && !is_hold(&back));
        assert!(back.call.is_some_and(|call| call.row.state == CallState::Failed));
    }

    /// People that come one after the other have numbers that end alike.
    #[test]
    fn accounts_are_dealt_to_all_queues() {
        let ids = IdSource::new(5);
        let begin = 1_900_000_000_000_000;
        let mut dealt = [0; QUEUES];
        for person in 0..1_000 {
            let number = ids.next(Timestamp(begin + person * 7_000_000));
            dealt[queue_of(AccountId::from_number(number))] += 1;
        }
        assert!(dealt.iter().all(|queue| *queue > 1_000 / QUEUES / 2), "{dealt:?}");
    }
}

//! Booking by a server that shares the ledger with others on PostgreSQL. What is asked at the same time is booked in one
//! transaction (`shared/locked.rs`): it locks the accounts in the order of their ids, loads them, decides in the order in
//! which it was asked, and commits once for all. While a commit waits for the disk the next batch gathers.
//!
//! It remembers how it left its accounts. Calls that begin and end in the usual way are decided by that, and written only if the
//! accounts still stand there (`shared/quick.rs`): one journey to the database instead of ten.
//!
//! An account that nobody else uses, and that is used often, is kept for a while (`shared/kept.rs`): nobody else books on it, so its calls are
//! admitted in memory and written behind (`shared/written_behind.rs`), as an owner of the whole ledger does it. What another server wants is given
//! back; whoever wants it waits for that (`shared/elsewhere.rs`).
//!
//! All of it is one queue with one connection: the larger a batch, the less it takes of each call.

mod batch;
mod elsewhere;
mod kept;
mod locked;
mod memory;
mod quick;
mod worker;
mod written_behind;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Instant,
};

use domain::{
    call::{CallState, Failure, Fault},
    id::{AccountId, CallId},
    ledger::{Command, Effects},
};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use self::kept::Kept;
use super::Job;
use crate::{
    Error, Inner,
    progress::Progress,
    step::{self, Step},
    store::ledger::journal::Booked,
};
pub(super) use elsewhere::Asking;

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
    /// It begins a call that goes on already, whoever waits for it to be written.
    pub admitted: bool,
    /// It was decided in memory, on an account that is kept.
    pub decided: Option<Decided>,
    /// As long as it is there it is counted.
    counted: Option<Counted>,
}

/// Counts what waits.
struct Counted(Arc<AtomicI64>);

impl Counted {
    fn of(waiting: &Arc<AtomicI64>) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(waiting))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What was decided, and is to be written so.
pub(super) struct Decided {
    pub booked: Vec<Booked>,
    pub result: Done,
    /// No row of its call was written before.
    pub new: bool,
}

impl Decided {
    /// Nothing: whoever asks waits for what comes before.
    const fn barrier() -> Self {
        Self {
            booked: Vec::new(),
            result: Ok(None),
            new: false,
        }
    }
}

impl Asked {
    fn new(job: Job, tell: oneshot::Sender<Done>) -> Self {
        Self {
            job,
            tell,
            at: Instant::now(),
            admitted: false,
            decided: None,
            counted: None,
        }
    }

    /// Something of it is written.
    fn writes(&self) -> bool {
        self.job.call.is_some() || self.decided.as_ref().is_some_and(|decided| !decided.booked.is_empty())
    }

    /// Whoever gave up waiting to be admitted is not admitted.
    fn is_given_up(&self) -> bool {
        !self.admitted && self.tell.is_closed() && is_hold(&self.job)
    }
}

type Queue = mpsc::UnboundedSender<Asked>;

/// The door to whoever books.
pub(crate) struct Shared {
    /// None: nobody is at work any more.
    queue: Mutex<Option<Queue>>,
    /// Taken when the work begins.
    asked: Mutex<Option<mpsc::UnboundedReceiver<Asked>>>,
    worker: Mutex<Option<JoinHandle<()>>>,
    state: Arc<State>,
}

struct State {
    waiting: Arc<AtomicI64>,
    keeps_after: u32,
    kept: Kept,
    progress: Progress,
}

impl Shared {
    /// With nobody at work yet.
    ///
    /// `keeps_after`: an account is kept after so many batches.
    pub fn new(keeps_after: u32) -> Self {
        let (queue, asked) = mpsc::unbounded_channel();
        Self {
            queue: Mutex::new(Some(queue)),
            asked: Mutex::new(Some(asked)),
            worker: Mutex::default(),
            state: Arc::new(State {
                waiting: Arc::default(),
                keeps_after,
                kept: Kept::default(),
                progress: Progress::new(),
            }),
        }
    }

    /// Begins to work. The task ends with the hub, or with [`Shared::finish`].
    pub fn start(&self, hub: &Arc<Inner>) {
        let (Ok(mut asked), Ok(mut worker)) = (self.asked.lock(), self.worker.lock()) else {
            return;
        };
        if let Some(asked) = asked.take() {
            let work = worker::work(Arc::downgrade(hub), Arc::clone(&self.state), asked);
            #[expect(
                clippy::disallowed_methods,
                reason = "it outlives the tracked tasks: it books the ends of their calls"
            )]
            let task = tokio::spawn(work);
            *worker = Some(task);
        }
    }

    /// Queues a job. It is booked also when nobody waits any longer, but for a call that is not admitted yet.
    pub fn ask(&self, inner: &Inner, job: Job) -> oneshot::Receiver<Done> {
        let (tell, done) = oneshot::channel();
        let (begins, ends) = (is_hold(&job), job.brings_an_end());
        let mut asked = Asked::new(job, tell);
        asked.counted = Some(Counted::of(&self.state.waiting));
        if let Some(queue) = self.queue() {
            self.state.kept.send(inner, asked, &queue);
        }
        if begins {
            step::reached(Step::HoldQueued);
        } else if ends {
            step::reached(Step::SettleQueued);
        }
        done
    }

    fn queue(&self) -> Option<Queue> {
        self.queue.lock().ok()?.clone()
    }

    /// Admits a call in memory, on an account that is kept; its row rests. None: it is to be asked for.
    pub fn admit(&self, inner: &Inner, job: &mut Job) -> Option<Effects> {
        if !self.accepts() {
            return None;
        }
        self.state.kept.admit(inner, job)
    }

    /// Writes the row of a call that was admitted in memory.
    pub fn open(&self, account: AccountId, call: CallId) -> oneshot::Receiver<Done> {
        let (tell, done) = oneshot::channel();
        if let Some(queue) = self.queue() {
            self.state.kept.open(account, call, tell, &queue);
        }
        done
    }

    /// An account that is kept is given back soon: somebody wants it who books in another way.
    pub fn let_go(&self, account: AccountId) {
        self.state.kept.let_go(account);
    }

    /// Does a job. What it books is durable when this returns; it is queued before the first wait.
    pub async fn run(&self, inner: &Inner, job: Job) -> Done {
        if !job.is_of_a_running_call() && !self.accepts() {
            return Err(Error::LedgerBehind);
        }
        self.ask(inner, job).await.unwrap_or(Err(Error::LedgerBehind))
    }

    /// Whether jobs are done as fast as they come. If not, new calls must be refused.
    pub fn accepts(&self) -> bool {
        self.state.progress.is_open() && self.state.waiting.load(Ordering::Relaxed) < QUEUE_LIMIT
    }

    /// How it gets on.
    pub fn progress(&self) -> &Progress {
        &self.state.progress
    }

    /// Books what is queued and ends the work.
    pub async fn finish(&self) {
        drop(self.queue.lock().map(|mut queue| queue.take()));
        let worker = self.worker.lock().ok().and_then(|mut worker| worker.take());
        if let Some(worker) = worker {
            let _ = worker.await;
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
    use domain::{id::CallId, limit::Ask, money::Amount};

    use super::*;
    use crate::{
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
}

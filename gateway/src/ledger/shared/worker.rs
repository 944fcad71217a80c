//! Whoever does what is asked of a shared ledger: batch after batch, as long as the hub lives. What was decided in memory is written first, then
//! everything else is decided and booked.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Weak},
    time::Instant,
};

use domain::{
    id::{AccountId, CallId},
    ledger::Seq,
};
use tokio::sync::mpsc;

use super::{
    Asked, BATCH, State, batch,
    elsewhere::Elsewhere,
    given_back,
    kept::Kept,
    memory::{Known, Memory},
    written_behind::Writes,
};
use crate::{
    Inner,
    ledger::Job,
    progress::Progress,
    store::{
        Pg, Store,
        ledger::{Era, keep},
    },
};

/// How often the worker lets the others go first before it books: PostgreSQL works while the hub does, and who waits for everybody makes both
/// wait for each other in turn.
const ROUNDS: usize = 1;

/// Works until nothing more comes and all of it is done.
pub(super) async fn work(hub: Weak<Inner>, state: Arc<State>, queue: mpsc::UnboundedReceiver<Asked>) {
    let mut worker = Worker {
        progress: &state.progress,
        kept: &state.kept,
        keeps_after: state.keeps_after,
        queue,
        memory: Memory::default(),
        elsewhere: Elsewhere::default(),
        carried: Vec::new(),
        anew: HashMap::new(),
    };
    let mut arrived = Vec::with_capacity(BATCH);
    loop {
        let goes_on = worker.news(&mut arrived).await;
        let Some(inner) = hub.upgrade() else { return };
        if !goes_on {
            worker.kept.let_all_go();
        }
        if !arrived.is_empty() {
            gather(&mut worker.queue, &mut arrived).await;
        }
        worker.round(&inner, std::mem::take(&mut arrived)).await;
        if !goes_on && worker.kept.is_empty() && worker.elsewhere.is_empty() && worker.carried.is_empty() {
            return;
        }
    }
}

/// Whoever does what is asked.
struct Worker<'a> {
    progress: &'a Progress,
    kept: &'a Kept,
    keeps_after: u32,
    queue: mpsc::UnboundedReceiver<Asked>,
    memory: Memory,
    elsewhere: Elsewhere,
    /// Came out of the queue before its turn.
    carried: Vec<Asked>,
    /// Calls whose holds, decided in memory, were void, and after which transaction they hold now. Few ever come here.
    anew: HashMap<CallId, Seq>,
}

impl Worker<'_> {
    /// Waits for something to do. False when nothing more comes.
    async fn news(&mut self, arrived: &mut Vec<Asked>) -> bool {
        if !self.carried.is_empty() {
            arrived.append(&mut self.carried);
            return true;
        }
        let next = self.elsewhere.next();
        let again = async {
            match next {
                Some(next) => tokio::time::sleep_until(next.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            count = self.queue.recv_many(arrived, BATCH) => match count {
                0 => {
                    // The hub ends: what waits for other servers waits for them alone.
                    if let Some(next) = next {
                        tokio::time::sleep_until(next.into()).await;
                    }
                    false
                }
                _ => true,
            },
            () = self.kept.due() => true,
            () = again => true,
        }
    }

    /// What was decided is written, then everything else is decided and booked.
    async fn round(&mut self, inner: &Inner, arrived: Vec<Asked>) {
        let Store::Postgres(pool) = &inner.store else { return };
        let oldest = arrived.iter().map(|asked| asked.at).min();
        let mut round = self.kept.sort(inner, &mut self.memory, &mut self.queue, arrived);
        for asked in &mut round.decided {
            self.know_hold(&mut asked.job);
        }
        let others = self.elsewhere.divert(std::mem::take(&mut round.others), Instant::now());
        if round.decided.is_empty() && round.leaving.is_empty() && others.is_empty() {
            return;
        }
        self.progress.begin(oldest.unwrap_or_else(Instant::now));
        let writes = Writes {
            inner,
            pool,
            progress: self.progress,
            kept: self.kept,
        };
        let left = writes.write(&mut self.queue, &mut round).await;
        for account in left
            .wanted
            .into_iter()
            .chain(left.lost.iter().map(|(account, _)| *account))
        {
            self.memory.doubt(account);
        }
        // Their accounts may be kept: decided like everything else.
        self.carried = left.admitted.into_iter().filter_map(given_back).collect();
        self.carried.extend(left.others);
        let mut asked = left.again;
        asked.extend(others);
        let mut accounts = self.book(inner, asked).await;
        writes.give_back(&left.lost).await;
        for (account, _) in left.lost {
            accounts.remove(&account);
        }
        self.keep_ripe(inner, pool, accounts).await;
        self.progress.end();
    }

    /// The row of a call that ends says after which transaction it holds.
    fn know_hold(&mut self, job: &mut Job) {
        if let (true, Some(call)) = (job.brings_an_end(), &mut job.call)
            && let Some(seq) = self.anew.remove(&call.row.id)
        {
            call.row.money.held_after = Some(seq);
        }
    }

    /// In the ordinary way. Gives the accounts that were asked on.
    async fn book(&mut self, inner: &Inner, mut asked: Vec<Asked>) -> HashSet<AccountId> {
        let accounts: HashSet<AccountId> = asked.iter().map(|asked| asked.job.account).collect();
        let mut elsewhere: Vec<Asked> = Vec::new();
        while !asked.is_empty() {
            let rest = asked.split_off(asked.len().min(BATCH));
            let mut part = std::mem::replace(&mut asked, rest);
            // Behind what waits already.
            let waits: HashSet<AccountId> = elsewhere.iter().map(|asked| asked.job.account).collect();
            elsewhere.extend(part.extract_if(.., |asked| waits.contains(&asked.job.account)));
            let mut left = self.batch(inner, part).await;
            elsewhere.append(&mut left.elsewhere);
            let back: Vec<Asked> = left.admitted.into_iter().filter_map(given_back).collect();
            elsewhere.extend(self.batch(inner, back).await.elsewhere);
        }
        self.elsewhere.wait(inner, elsewhere).await;
        accounts
    }

    async fn batch(&mut self, inner: &Inner, mut asked: Vec<Asked>) -> batch::Left {
        for asked in &mut asked {
            self.know_hold(&mut asked.job);
        }
        let mut left = batch::book(inner, self.progress, &mut self.memory, asked).await;
        self.anew.extend(left.anew.drain(..));
        left
    }

    /// Keeps those of these accounts that nobody else uses and that are used often.
    async fn keep_ripe(&mut self, inner: &Inner, pool: &Pg, accounts: HashSet<AccountId>) {
        let era = self.memory.era();
        let may_be_kept = self.kept.room_for(era, accounts);
        let ripe = self.memory.take_ripe(may_be_kept, self.keeps_after);
        self.keep(inner, pool, era, ripe).await;
    }

    async fn keep(&self, inner: &Inner, pool: &Pg, era: Era, mut ripe: HashMap<AccountId, Known>) {
        if ripe.is_empty() {
            return;
        }
        let places = ripe.iter().map(|(account, known)| (*account, known.place())).collect();
        let begun = Instant::now();
        match keep::keep(pool, inner.process, era, &places).await {
            Ok(kept) => {
                for account in kept {
                    if let Some(mut known) = ripe.remove(&account) {
                        known.moved += 1;
                        self.kept.put(era, account, known, begun);
                    }
                }
            }
            // Should it be kept all the same, others ask for it in vain, and it is read again here.
            Err(error) => tracing::warn!(%error, "accounts could not be kept"),
        }
    }
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

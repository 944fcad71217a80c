//! The kill harness: a hub under load from many clients is killed without warning and started again, and what clients were
//! told is compared with the log and the books: every call costs money, and some accounts are near zero all the time.
//! `it/durability.rs` does it for seconds, `make soak` (`src/bin/soak.rs`) for minutes.
//!
//! `load` is the clients and what they saw, `poor` the accounts that run out, `check` the comparison, `vitals` memory and
//! files of the process, `soak` the repetition.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise, and this is part of tests"
)]

use std::time::Duration;

mod check;
mod load;
mod poor;
pub mod soak;
mod vitals;

pub use vitals::Vitals;

use crate::client::Answer;
use crate::hub::{Cluster, Hub, Kind};
use crate::stage::{Stage, call_id, saying, streamed};
use crate::till;
use load::Load;
use poor::Poor;

/// Streams that are under way at each kill.
const OPEN: usize = 6;

/// What one round came to; everything that was promised held.
#[derive(Debug, Clone, Copy, Default)]
pub struct Round {
    /// Calls whose end a client received.
    pub finished: usize,
    /// Calls that stand as interrupted by the kill.
    pub interrupted: usize,
    /// Calls that were refused because the credit had run out, or cut off by its end.
    pub penniless: usize,
    /// Calls that were charged although their client got no whole answer and had not left: the kill came after the settle.
    pub cut: usize,
    /// The process a third of the way into the load.
    pub early: Vitals,
    /// The process just before its end.
    pub late: Vitals,
}

/// A hub that is there to be killed.
#[derive(Debug)]
pub struct Victim {
    stage: Stage,
    poor: Vec<Poor>,
    clients: usize,
}

impl Victim {
    /// A running hub over a fresh database, for this many clients at a time.
    pub async fn start(kind: Kind, clients: usize) -> Self {
        Self::start_with(Hub::new(kind).await, clients).await
    }

    /// The same with a hub that has been given its database and settings.
    pub async fn start_with(mut hub: Hub, clients: usize) -> Self {
        // Minutes of debug lines would weigh more than what is measured.
        hub.set("HUB_LOG", "warn");
        let mut stage = Stage::prepare_with(hub).await;
        for model in ["gpt-4o-mini", "slow-writer", "fault-500"] {
            till::price(&stage, model, "1", "2").await;
        }
        till::grant(&stage.hub, "1000000").await;
        till::sell(&stage.hub).await;
        let poor = poor::make(&stage).await;
        stage.hub.serve().await;
        Self { stage, poor, clients }
    }

    /// Memory and files of the process as it is now.
    #[must_use]
    pub fn vitals(&self) -> Vitals {
        Vitals::of(self.stage.hub.process())
    }

    /// Load for this long, kill, restart, compare.
    ///
    /// # Panics
    /// When the log does not hold what clients were told, a call of the dead process still stands as open, or a connection broke before
    /// the kill.
    pub async fn round(&mut self, length: Duration) -> Round {
        let before = self.begin().await;
        let load = self.load();
        poor::feed_for(&self.stage.hub, &self.poor, length / 3).await;
        let early = self.vitals();
        poor::feed_for(&self.stage.hub, &self.poor, length - length / 3).await;
        let late = self.vitals();
        let open = self.open_streams().await;
        load.kill_is_coming();
        self.stage.hub.take_process().kill().await;
        let seen = load.end().await;
        assert_eq!(seen.snapped, [""; 0], "connections broke while the hub lived");
        self.stage.hub.serve().await;
        let ids: Vec<String> = open.iter().map(|(id, _)| id.clone()).collect();
        let found = check::compare(&self.stage, &seen, &ids, &before).await;
        self.bound(&found);
        Round {
            finished: seen.finished.len(),
            interrupted: found.interrupted,
            penniless: seen.penniless,
            cut: found.cut,
            early,
            late,
        }
    }

    /// Load all along, while the database is killed and comes back. Gives how many calls came to their end; all that was
    /// promised held.
    ///
    /// # Panics
    /// When the log does not hold what clients were told, or the hub does not go on.
    pub async fn database_round(&mut self, cluster: &mut Cluster, length: Duration) -> usize {
        let newest = self.begin().await;
        let load = self.load();
        tokio::time::sleep(length).await;
        cluster.kill().await;
        cluster.resume().await;
        self.stage.hub.until_ready().await;
        let before = load.finished();
        // It goes on: this many more calls come to their end.
        while load.finished() < before + self.clients {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let seen = load.stop().await;
        let found = check::compare(&self.stage, &seen, &[], &newest).await;
        self.bound(&found);
        seen.finished.len()
    }

    /// Each client had one call under way at the most when something was killed.
    fn bound(&self, found: &check::Found) {
        assert!(
            found.cut <= self.clients,
            "{} calls were charged whose answers were cut off, by one kill for {} clients",
            found.cut,
            self.clients
        );
    }

    /// Before the load. Gives the newest call so far: those of the round have higher ids.
    async fn begin(&self) -> String {
        self.stage.upstream.forget_ended();
        poor::feed(&self.stage.hub, &self.poor).await;
        let newest = self.stage.hub.json(&["call", "list", "--limit", "1"], "").await;
        newest[0]["id"].as_str().unwrap_or_default().to_owned()
    }

    /// Clients with the keys of the rich one and the poor ones.
    fn load(&self) -> Load {
        let poor = self.poor.iter().map(|one| one.key.clone());
        let keys = std::iter::once(self.stage.key.clone()).chain(poor).collect();
        Load::begin(&self.stage, keys, self.clients)
    }

    /// Streams that do not end by themselves before the kill, each with its first piece read.
    async fn open_streams(&self) -> Vec<(String, Answer)> {
        let mut open = Vec::new();
        while open.len() < OPEN {
            let body = streamed(saying("slow-writer", "write 9000 words"));
            let mut answer = self.stage.chat(&body).send().await.unwrap();
            // A hub whose disk is behind refuses calls for a moment.
            if answer.status == 200 && answer.chunk().await.unwrap().is_some() {
                open.push((call_id(&answer), answer));
            }
        }
        open
    }
}

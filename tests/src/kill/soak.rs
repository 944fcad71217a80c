//! Rounds of kills for minutes on one database, with the growth of the process watched; a summary at the end.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::{Duration, Instant};

use super::{Round, Victim, Vitals};
use crate::hub::{Hub, Kind};

/// A process may have grown by this much within a round, once its caches are warm.
const MEMORY_GROWTH: u64 = 32 * 1024;
/// And by this many files for each client: one connection of theirs, one to the provider.
const FILES_A_CLIENT: usize = 2;
/// Files that come and go with the database.
const OTHER_FILES: usize = 32;
/// A fresh process over the grown database may hold this much more than the first one over an empty database.
const START_GROWTH: u64 = 24 * 1024;

/// What to do.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// How long.
    pub length: Duration,
    /// Clients at a time.
    pub clients: usize,
    /// Decides when the kills come.
    pub seed: u64,
}

impl Plan {
    /// A seed that nobody has chosen.
    #[must_use]
    pub fn any_seed() -> u64 {
        RandomState::new().build_hasher().finish()
    }
}

/// What it came to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Summary {
    kills: usize,
    finished: usize,
    interrupted: usize,
    penniless: usize,
    cut: usize,
    first_start: Vitals,
    last_start: Vitals,
    highest: Vitals,
}

/// On which database, and how its ledger is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A file, which has one server.
    Sqlite,
    /// PostgreSQL, where servers share the ledger.
    PostgresShared,
    /// PostgreSQL, where one server owns the ledger.
    PostgresOwned,
}

impl Way {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Sqlite, Self::PostgresShared, Self::PostgresOwned];

    /// A hub that is kept this way, for this many clients.
    pub async fn victim(self, clients: usize) -> Victim {
        let (kind, ledger) = match self {
            Self::Sqlite => (Kind::Sqlite, None),
            Self::PostgresShared => (Kind::Postgres, Some("shared")),
            Self::PostgresOwned => (Kind::Postgres, Some("owned")),
        };
        let mut hub = Hub::new(kind).await;
        if let Some(ledger) = ledger {
            hub.set("HUB_LEDGER", ledger);
        }
        Victim::start_with(hub, clients).await
    }
}

/// Kills a hub that is kept this way again and again.
///
/// # Panics
/// When a promise is broken.
pub async fn run(way: Way, plan: Plan, mut say: impl FnMut(&str)) -> Summary {
    let begin = Instant::now();
    let mut victim = way.victim(plan.clients).await;
    let mut chance = Chance(plan.seed);
    let mut summary = Summary {
        first_start: victim.vitals(),
        ..Summary::default()
    };
    while begin.elapsed() < plan.length || summary.kills == 0 {
        // Mostly short lives, to be killed in all states; one in five is long enough for a leak to show.
        let seconds = if chance.below(5) == 0 {
            20 + chance.below(20)
        } else {
            1 + chance.below(8)
        };
        let length = Duration::from_millis(seconds * 1000 + chance.below(1000));
        let round = victim.round(length).await;
        judge(&round, plan.clients);
        let start = victim.vitals();
        assert!(
            start.memory < summary.first_start.memory + START_GROWTH,
            "a fresh process holds {start}; the first one held {}",
            summary.first_start
        );
        summary.kills += 1;
        summary.finished += round.finished;
        summary.interrupted += round.interrupted;
        summary.penniless += round.penniless;
        summary.cut += round.cut;
        summary.last_start = start;
        summary.highest = summary.highest.highest(round.early).highest(round.late);
        say(&format!(
            "{way:?}: {:4.0} s  kill {:3} after {:4.1} s: {} calls came to their end, {} interrupted; {}",
            begin.elapsed().as_secs_f64(),
            summary.kills,
            length.as_secs_f64(),
            round.finished,
            round.interrupted,
            round.late
        ));
    }
    summary
}

/// The process did not grow while the load stayed the same.
fn judge(round: &Round, clients: usize) {
    let (early, late) = (round.early, round.late);
    assert!(
        late.memory < early.memory + MEMORY_GROWTH,
        "the process grew under even load from {early} to {late}"
    );
    let most = FILES_A_CLIENT * clients + early.files.min(OTHER_FILES) + OTHER_FILES;
    assert!(late.files < most, "{late} for {clients} clients");
}

impl std::fmt::Display for Summary {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{} kills; {} calls came to their end before one and all are in the log with their tokens; {} stand as \
             interrupted, none as open; {} found no credit left, {} had been settled when they were cut off. A fresh process held {} at first and {} at last; under load at most {}.",
            self.kills,
            self.finished,
            self.interrupted,
            self.penniless,
            self.cut,
            self.first_start,
            self.last_start,
            self.highest
        )
    }
}

/// Chance that a seed repeats (SplitMix64).
#[derive(Debug)]
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

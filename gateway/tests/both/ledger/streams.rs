//! The same random commands in all ways come to the same state; and so they do when an owner gets many at once, so that
//! what is decided is written in batches that end at random places, when it forgets the account whenever nothing of it is open, when a
//! server that shares the ledger keeps the account, and when one that does not gets many at once.

use std::{
    collections::BTreeMap,
    future::{Future as _, ready},
    hash::{BuildHasher as _, Hasher as _, RandomState},
    task::{Context, Poll, Waker},
};

use domain::{
    id::UserId,
    ledger::{Effects, LotKind},
};
use futures_util::future::{Either, join_all};
use gateway::{Error, ProcessKind};
use proptest::{
    collection::vec,
    prelude::ProptestConfig,
    strategy::{Strategy as _, ValueTree as _},
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};

use super::{
    bank::{Bank, nano},
    keeper::keepers,
    stalled::until,
};
use crate::hub::Database;

#[path = "streams/deed.rs"]
mod deed;

use deed::{Deed, Till};

/// The same streams that `domain` goes through in memory.
#[path = "../../../../domain/src/ledger/tests/streams.rs"]
#[expect(
    dead_code,
    reason = "what only the rules themselves can be asked for is not asked of a hub"
)]
mod wishes;

use wishes::{FAR, Step, Wish, any_stream};

/// Streams that are always the same, and so long that all is met that must be.
const KNOWN: u64 = 2;
const KNOWN_STEPS: usize = 300;
/// Streams that nobody has seen before.
const NEW: u64 = 2;
const NEW_STEPS: usize = 100;
const SECOND: i64 = 1_000_000;
/// Steps of each that are about calls alone.
const CALL_STEPS: usize = 60;
/// In the order in which the test goes through them.
const WAYS: [&str; 10] = [
    "owned",
    "direct",
    "shared on PostgreSQL",
    "owned on PostgreSQL",
    "owned, many at once",
    "owned on PostgreSQL, many at once",
    "owned, with room for one account",
    "shared on PostgreSQL, kept",
    "owned, with a clock that seldom moves",
    "shared on PostgreSQL, many at once",
];
/// Where accounts are kept as soon as that can be.
const AT_ONCE: u32 = 1;
/// Where none is ever kept.
const NEVER: u32 = u32::MAX;
/// Commands under way at a time.
const MANY: usize = 12;

/// By how much a step moves the clock. The farthest ones end every lot, and are short enough for calls to run on.
fn seconds(step: &Step) -> i64 {
    if step.clock == FAR { 90 } else { step.clock }
}

/// Steps, and where they are cut into runs of the server.
type Stream = (Vec<Step>, Vec<usize>);

/// Debt, and a part of it that is written off: by chance alone that is rare.
fn indebted() -> Vec<Step> {
    let step = |wish| Step {
        clock: 1,
        tidy: true,
        wish,
    };
    let dispute = true;
    Vec::from([
        step(Wish::Debit { amount: 5 }),
        step(Wish::WriteOff { amount: 2, dispute }),
    ])
}

/// Calls alone, and credit for all of them, most of which is gone at the end: an account whose calls are refused, or that is changed in
/// another way, is not kept for a while.
fn calls(runner: &mut TestRunner) -> Vec<Step> {
    let step = |wish| Step {
        clock: 1,
        tidy: true,
        wish,
    };
    let is_usual = |step: &Step| {
        matches!(
            step.wish,
            Wish::Hold { .. } | Wish::Settle { .. } | Wish::Release { .. }
        )
    };
    let mut all = Vec::from([step(Wish::Grant {
        kind: LotKind::Paid,
        amount: 10_000,
        priority: 50,
        begins: 0,
        life: None,
    })]);
    while all.len() < CALL_STEPS {
        let more = any_stream().new_tree(runner).unwrap().current();
        all.extend(more.into_iter().filter(is_usual));
    }
    all.extend([Wish::Extend { pick: 1, by: 2 }, Wish::Void { pick: 0 }].map(step));
    all
}

/// Streams that are always the same, then others by a seed that nobody has chosen.
fn streams() -> (u64, Vec<Stream>) {
    let seed = match std::env::var("HUB_TEST_SEED") {
        Ok(seed) => seed.parse().expect("HUB_TEST_SEED is a number"),
        Err(_) => RandomState::new().build_hasher().finish(),
    };
    let by = |seed: u64| {
        let rng = TestRng::from_seed(RngAlgorithm::XorShift, &[seed.to_be_bytes(); 2].concat());
        TestRunner::new_with_rng(ProptestConfig::default(), rng)
    };
    // Several of those that `domain` goes through one after the other: a fresh account in seven ways takes its time.
    let stream = |(mut runner, steps): (TestRunner, usize)| {
        let mut all = indebted();
        all.extend(calls(&mut runner));
        while all.len() < steps {
            all.extend(any_stream().new_tree(&mut runner).unwrap().current());
        }
        let splits = vec(0..30_usize, 1..60).new_tree(&mut runner).unwrap().current();
        (all, splits)
    };
    let known = (0..KNOWN).map(|seed| (by(seed + 1), KNOWN_STEPS));
    let new = (0..NEW).map(|number| (by(seed.wrapping_add(number)), NEW_STEPS));
    let streams = known.chain(new).map(stream);
    (seed, streams.collect())
}

/// What a command came to, without the ids that differ between databases.
fn told(result: Result<Effects, Error>) -> String {
    match result {
        Ok(effects) => {
            let entries: Vec<String> = effects
                .entries
                .iter()
                .map(|entry| format!("{} {}", entry.account, entry.amount))
                .collect();
            format!(
                "{} {} at {}: {entries:?} {:?}",
                effects.seq.0,
                effects.kind.as_str(),
                effects.booked_at.0,
                effects.after
            )
        }
        Err(Error::Ledger(refusal)) => serde_json::to_value(&refusal).unwrap()["refusal"].to_string(),
        // A lot of nobody.
        Err(Error::Refused(refusal)) => refusal.to_string(),
        Err(other) => panic!("{other}"),
    }
}

/// What came of a stream.
struct Ran {
    /// What each command came to.
    log: Vec<String>,
    /// What was done: wishes with the calls that they were about, and the seconds before each.
    deeds: Vec<(i64, Deed)>,
    /// Calls that were admitted in memory on an account that is kept.
    in_memory: usize,
}

/// One after the other. Between any two somebody asks on the account of `other`, in vain.
async fn run(bank: &Bank, steps: &[Step], other: Option<UserId>) -> Ran {
    let (mut log, mut deeds) = (Vec::new(), Vec::new());
    let mut till = Till::new(bank);
    till.admits = bank.database.keeps_after == AT_ONCE;
    let mut passed = 0;
    for step in steps {
        let seconds = seconds(step);
        passed += seconds;
        bank.pass(seconds * SECOND);
        let Some(deed) = till.choose(&step.wish) else { continue };
        let result = till.act(&deed).await;
        till.remember(&deed, result.is_ok());
        log.push(told(result));
        deeds.push((std::mem::take(&mut passed), deed));
        if let Some(user) = other {
            let row = bank.row_of(user);
            let refused = bank.hub.ledger().hold(row, nano(1)).await;
            assert!(matches!(refused, Err(Error::Ledger(_))), "{refused:?}");
        }
    }
    let in_memory = till.in_memory.get();
    Ran { log, deeds, in_memory }
}

/// The same deeds, with a clock that moves before changes by hand alone. Whoever shares the ledger decides when it books and not when it is
/// asked, so the clock stands while commands are under way.
fn with_a_clock_that_stands(deeds: &[(i64, Deed)]) -> Vec<(i64, Deed)> {
    let mut passed = 0;
    let stands = deeds.iter().map(|(seconds, deed)| {
        passed += seconds;
        let seconds = if deed.is_alone() {
            std::mem::take(&mut passed)
        } else {
            0
        };
        (seconds, deed.clone())
    });
    stands.collect()
}

/// The same deeds, so many under way at a time. An owner decides what is about calls before the first wait, and whoever shares the ledger
/// and keeps no account decides in the order in which it was asked, so the order is the
/// same; the writer is let in at random places between them. Changes by hand wait for what is queued, and come alone.
async fn run_at_once(bank: &Bank, many: usize, deeds: &[(i64, Deed)], splits: &[usize]) -> Vec<String> {
    let till = Till::with_calls(bank, deeds);
    let mut log = Vec::new();
    let (mut running, mut busy) = (Vec::new(), Vec::new());
    for ((seconds, deed), yields) in deeds.iter().zip(splits.iter().cycle()) {
        // Through this door the row of a call does not know what it holds, as that of a real one does: what one command about it
        // has written is there before the next.
        let waits = deed.call().is_some_and(|call| busy.contains(&call));
        if deed.is_alone() || running.len() >= many || waits {
            busy.clear();
            log.extend(join_all(std::mem::take(&mut running)).await);
        }
        busy.extend(deed.call());
        bank.pass(seconds * SECOND);
        let mut one = Box::pin(async {
            let result = till.act(deed).await;
            told(result)
        });
        // Decided here, and waited for later.
        match one.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => running.push(Either::Left(ready(done))),
            Poll::Pending => running.push(Either::Right(one)),
        }
        if deed.is_alone() {
            log.extend(join_all(std::mem::take(&mut running)).await);
        }
        for _ in 0..*yields {
            tokio::task::yield_now().await;
        }
    }
    log.extend(join_all(running).await);
    log
}

/// The state without ids.
async fn state(bank: &Bank) -> String {
    let balance = bank.balance().await;
    let lots: Vec<String> = balance
        .lots
        .iter()
        .map(|lot| {
            format!(
                "{:?} {} {} {} {:?}",
                lot.kind, lot.priority, lot.amount, lot.remaining, lot.expires_at
            )
        })
        .collect();
    format!(
        "{} {} {} {} {:?} {lots:?}",
        balance.spendable, balance.balance, balance.held, balance.debt, balance.status
    )
}

/// The books are sound now, and after a new start, which books what is due then and gives back what calls of the dead process
/// held.
async fn sound(bank: Bank, way: usize, steps: &[Step]) {
    let problems = bank.problems().await;
    assert!(problems.is_empty(), "{problems:?} in {}, after {steps:#?}", WAYS[way]);
    let bank = bank.again().await;
    let problems = bank.problems().await;
    assert!(
        problems.is_empty(),
        "{problems:?} after a new start in {}, {steps:#?}",
        WAYS[way]
    );
}

#[tokio::test]
async fn the_same_commands_in_all_ways_come_to_the_same_state() {
    let (seed, streams) = streams();
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    let mut in_memory = 0;
    println!("HUB_TEST_SEED={seed} does the same again");
    for (steps, splits) in streams {
        let one_by_one = async |way: usize, database: Database, kind| {
            let other = database.accounts_in_memory == 1;
            let bank = Bank::open_as(database, kind).await;
            let other = match other {
                true => Some(bank.another("other@example.com").await),
                false => None,
            };
            let Ran { log, deeds, in_memory } = run(&bank, &steps, other).await;
            until("nothing rests in memory", async || keepers(&bank).await.is_empty()).await;
            let found = (log, state(&bank).await);
            sound(bank, way, &steps).await;
            (found, deeds, in_memory)
        };
        let (owned, done, _) = one_by_one(0, Database::sqlite(), ProcessKind::Serve).await;
        let at_once = async |way: usize, database: Database, many: usize, deeds: &[(i64, Deed)]| {
            let bank = Bank::open(database).await;
            let log = run_at_once(&bank, many, deeds, &splits).await;
            let found = (log, state(&bank).await);
            sound(bank, way, &steps).await;
            found
        };
        let (shared, reigned, reigned_too, mut eager, mut unkept) = tokio::join!(
            Database::postgres(),
            Database::postgres_owned(),
            Database::postgres_owned(),
            Database::postgres(),
            Database::postgres()
        );
        (eager.keeps_after, unkept.keeps_after) = (AT_ONCE, NEVER);
        // Most of the time each waits for a disk.
        let mut room_for_one = Database::sqlite();
        room_for_one.accounts_in_memory = 1;
        let stands = with_a_clock_that_stands(&done);
        let (direct, shared, reigned, many, many_too, forgetful, kept, still, many_shared) = tokio::join!(
            one_by_one(1, Database::sqlite(), ProcessKind::Command),
            one_by_one(2, shared, ProcessKind::Serve),
            one_by_one(3, reigned, ProcessKind::Serve),
            at_once(4, Database::sqlite(), MANY, &done),
            at_once(5, reigned_too, MANY, &done),
            one_by_one(6, room_for_one, ProcessKind::Serve),
            one_by_one(7, eager, ProcessKind::Serve),
            at_once(8, Database::sqlite(), 1, &stands),
            at_once(9, unkept, MANY, &stands),
        );
        in_memory += kept.2;
        let all = [
            owned,
            direct.0,
            shared.0,
            reigned.0,
            many,
            many_too,
            forgetful.0,
            kept.0,
        ];
        for (way, other) in WAYS.iter().zip(&all) {
            assert_eq!(&all[0], other, "owned and {way} differ: {steps:#?}");
        }
        assert_eq!(still, many_shared, "{} and {} differ: {steps:#?}", WAYS[8], WAYS[9]);
        for line in &all[0].0 {
            let word = line.split(' ').nth(1).unwrap_or(line).to_owned();
            *met.entry(word).or_default() += 1;
        }
    }
    for word in [
        "grant",
        "hold",
        "extend",
        "settle",
        "release",
        "void",
        "extend_lot",
        "adjust",
        "correct",
        "debit",
        "write_off",
        "allocate",
        "late",
        "block",
        "\"shortage\"",
        "\"no_hold\"",
        "\"beyond_correctable\"",
        "\"beyond_debt\"",
    ] {
        assert!(met.contains_key(word), "{word}: {met:?}");
    }
    assert!(in_memory > 0, "no call was admitted in memory");
}

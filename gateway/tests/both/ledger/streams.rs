//! The same random commands in all ways come to the same state; and so they do when an owner gets many at once, so that
//! what is decided is written in batches that end at random places, and when it forgets the account whenever nothing of it is open.

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

use super::bank::{Bank, nano};
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
/// In the order in which the test goes through them.
const WAYS: [&str; 7] = [
    "owned",
    "direct",
    "shared on PostgreSQL",
    "owned on PostgreSQL",
    "owned, many at once",
    "owned on PostgreSQL, many at once",
    "owned, with room for one account",
];
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
        Err(other) => panic!("{other}"),
    }
}

/// One after the other. Gives what each came to, and what was done: wishes with the calls that they were about. Between any two
/// somebody asks on the account of `other`, in vain.
async fn run(bank: &Bank, steps: &[Step], other: Option<UserId>) -> (Vec<String>, Vec<(i64, Deed)>) {
    let (mut log, mut deeds) = (Vec::new(), Vec::new());
    let mut till = Till::new(bank);
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
    (log, deeds)
}

/// The same deeds, many under way at a time. An owner decides what is about calls before the first wait, so the order is the
/// same; the writer is let in at random places between them. Changes by hand wait for what is queued, and come alone.
async fn run_many_at_once(bank: &Bank, deeds: &[(i64, Deed)], splits: &[usize]) -> Vec<String> {
    let till = Till::with_calls(bank, deeds);
    let mut log = Vec::new();
    let (mut running, mut busy) = (Vec::new(), Vec::new());
    for ((seconds, deed), yields) in deeds.iter().zip(splits.iter().cycle()) {
        // Through this door the row of a call does not know what it holds, as that of a real one does: what one command about it
        // has written is there before the next.
        let waits = deed.call().is_some_and(|call| busy.contains(&call));
        if deed.is_alone() || running.len() >= MANY || waits {
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
    println!("HUB_TEST_SEED={seed} does the same again");
    for (steps, splits) in streams {
        let one_by_one = async |way: usize, database: Database, kind| {
            let other = database.accounts_in_memory == 1;
            let bank = Bank::open_as(database, kind).await;
            let other = match other {
                true => Some(bank.another("other@example.com").await),
                false => None,
            };
            let (log, deeds) = run(&bank, &steps, other).await;
            let found = (log, state(&bank).await);
            sound(bank, way, &steps).await;
            (found, deeds)
        };
        let (owned, done) = one_by_one(0, Database::sqlite(), ProcessKind::Serve).await;
        let many_at_once = async |way: usize, database: Database| {
            let bank = Bank::open(database).await;
            let log = run_many_at_once(&bank, &done, &splits).await;
            let found = (log, state(&bank).await);
            sound(bank, way, &steps).await;
            found
        };
        let (shared, reigned, reigned_too) = tokio::join!(
            Database::postgres(),
            Database::postgres_owned(),
            Database::postgres_owned()
        );
        // Most of the time each waits for a disk.
        let mut room_for_one = Database::sqlite();
        room_for_one.accounts_in_memory = 1;
        let (direct, shared, reigned, many, many_too, forgetful) = tokio::join!(
            one_by_one(1, Database::sqlite(), ProcessKind::Command),
            one_by_one(2, shared, ProcessKind::Serve),
            one_by_one(3, reigned, ProcessKind::Serve),
            many_at_once(4, Database::sqlite()),
            many_at_once(5, reigned_too),
            one_by_one(6, room_for_one, ProcessKind::Serve),
        );
        let all = [owned, direct.0, shared.0, reigned.0, many, many_too, forgetful.0];
        for (way, other) in WAYS.iter().zip(&all) {
            assert_eq!(&all[0], other, "owned and {way} differ: {steps:#?}");
        }
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
}

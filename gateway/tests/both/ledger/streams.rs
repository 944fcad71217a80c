//! The same random commands in all ways come to the same state; and so they do when an owner gets many at once, so that
//! what is decided is written in batches that end at random places, and when it forgets the account whenever nothing of it is open.

use std::{
    collections::BTreeMap,
    future::{Future as _, ready},
    task::{Context, Poll, Waker},
};

use domain::{
    id::UserId,
    ledger::{Effects, LotKind},
};
use futures_util::future::{Either, join_all};
use gateway::{Error, ProcessKind};
use proptest::{collection::vec, option, prelude::*, strategy::ValueTree as _, test_runner::TestRunner};

use super::bank::{Bank, nano};
use crate::hub::Database;

#[path = "streams/deed.rs"]
mod deed;

use deed::{Deed, Till};

const STREAMS: usize = 3;
const STEPS: usize = 100;
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

#[derive(Clone, Debug)]
enum Wish {
    Grant(LotKind, i64, i32, Option<i64>),
    Hold(i64),
    Extend(usize, i64),
    Settle(usize, i64),
    Release(usize),
    Void(usize),
    ExtendLot(usize, Option<i64>),
    Add(i64),
    Take(i64),
    Correct(usize, i64),
    Debit(i64),
    WriteOff(i64),
    Allocate(i64),
    Block,
    Unblock,
}

fn wish() -> impl Strategy<Value = Wish> {
    let kinds = [LotKind::Promo, LotKind::Paid, LotKind::Admin, LotKind::Correction];
    let pick = 0..1_000_usize;
    prop_oneof![
        12 => (prop::sample::select(kinds.to_vec()), 0..13_i64, 0..3_i32, option::weighted(0.7, 1..15_i64))
            .prop_map(|(kind, amount, priority, life)| Wish::Grant(kind, amount, priority, life)),
        18 => (0..8_i64).prop_map(Wish::Hold),
        6 => (pick.clone(), 0..4_i64).prop_map(|(pick, by)| Wish::Extend(pick, by)),
        14 => (pick.clone(), 0..10_i64).prop_map(|(pick, charge)| Wish::Settle(pick, charge)),
        5 => pick.clone().prop_map(Wish::Release),
        5 => pick.clone().prop_map(Wish::Void),
        8 => (pick.clone(), option::weighted(0.7, 0..40_i64)).prop_map(|(pick, end)| Wish::ExtendLot(pick, end)),
        6 => (pick, 0..6_i64).prop_map(|(pick, amount)| Wish::Correct(pick, amount)),
        3 => (0..12_i64).prop_map(Wish::Debit),
        5 => (0..4_i64).prop_map(Wish::WriteOff),
        4 => (1..9_i64).prop_map(Wish::Allocate),
        3 => (0..6_i64).prop_map(Wish::Add),
        4 => (0..6_i64).prop_map(Wish::Take),
        1 => Just(Wish::Block),
        3 => Just(Wish::Unblock),
    ]
}

fn stream(runner: &mut TestRunner) -> Vec<(i64, Wish)> {
    let clock = prop_oneof![30 => 0..3_i64, 2 => -8..0_i64];
    vec((clock, wish()), STEPS).new_tree(runner).unwrap().current()
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
async fn run(bank: &Bank, steps: &[(i64, Wish)], other: Option<UserId>) -> (Vec<String>, Vec<(i64, Deed)>) {
    let (mut log, mut deeds) = (Vec::new(), Vec::new());
    let mut till = Till::new(bank);
    let mut passed = 0;
    for (seconds, wish) in steps {
        passed += seconds;
        bank.pass(seconds * SECOND);
        let Some(deed) = till.choose(wish) else { continue };
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
async fn sound(bank: Bank, way: usize, steps: &[(i64, Wish)]) {
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
    let mut runner = TestRunner::deterministic();
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..STREAMS {
        let steps = stream(&mut runner);
        let splits = vec(0..30_usize, STEPS).new_tree(&mut runner).unwrap().current();
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

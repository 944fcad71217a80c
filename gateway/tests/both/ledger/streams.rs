//! The same random commands, on several accounts at once, in all ways come to the same state, which is that of `domain`'s `apply`: the
//! verifier applies what stands in each journal again. And so they do when an owner gets many at once, so that
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
    time::Micros,
};
use futures_util::future::{Either, join_all};
use gateway::{Error, ProcessKind};
use proptest::{
    collection::vec,
    prelude::{ProptestConfig, any},
    sample::Index,
    strategy::{Strategy as _, ValueTree as _},
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};

use super::{
    bank::{Bank, ROOT, nano},
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
const NEW: u64 = 4;
const NEW_STEPS: usize = 120;
/// Accounts in each.
const PEOPLE: usize = 3;
const SECOND: i64 = 1_000_000;
const FAR_SECONDS: i64 = FAR / SECOND;
/// Steps on the first account that are about calls alone.
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

/// By how much a step moves the clock: in `domain` it counts microseconds, here seconds, so that the far steps stay as far and end the lots
/// that corrections make.
fn seconds(step: &Step) -> i64 {
    if step.clock == FAR { FAR_SECONDS } else { step.clock }
}

/// Whether a far step is among those that moved the clock by so much.
const fn is_far(seconds: i64) -> bool {
    seconds > FAR_SECONDS / 2
}

/// Steps, each on the account of somebody, and where they are cut into runs of the server.
type Stream = (Vec<(usize, Step)>, Vec<usize>);
/// What is done on whose account, so many seconds after the one before.
type Deeds = Vec<(i64, usize, Deed)>;

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
    // Several of those that `domain` goes through one after the other: a fresh account in ten ways takes its time.
    let stream = |(mut runner, steps): (TestRunner, usize)| {
        let mut of_each: Vec<Vec<Step>> = Vec::new();
        for person in 0..PEOPLE {
            let mut all = indebted();
            if person == 0 {
                all.extend(calls(&mut runner));
            }
            while all.len() < steps / PEOPLE {
                all.extend(any_stream().new_tree(&mut runner).unwrap().current());
            }
            of_each.push(all);
        }
        let splits = vec(0..30_usize, 1..60).new_tree(&mut runner).unwrap().current();
        (mixed(of_each, &mut runner), splits)
    };
    let known = (0..KNOWN).map(|seed| (by(seed + 1), KNOWN_STEPS));
    let new = (0..NEW).map(|number| (by(seed.wrapping_add(number)), NEW_STEPS));
    let streams = known.chain(new).map(stream);
    (seed, streams.collect())
}

/// The steps on all accounts, in the order of each, by turns that come by chance.
fn mixed(of_each: Vec<Vec<Step>>, runner: &mut TestRunner) -> Vec<(usize, Step)> {
    let mut left: Vec<_> = of_each
        .into_iter()
        .map(|steps| steps.into_iter().peekable())
        .enumerate()
        .collect();
    let mut all = Vec::new();
    while !left.is_empty() {
        let pick = any::<Index>().new_tree(runner).unwrap().current().index(left.len());
        let (person, steps) = &mut left[pick];
        all.extend(steps.next().map(|step| (*person, step)));
        if steps.peek().is_none() {
            drop(left.remove(pick));
        }
    }
    all
}

/// The people whose accounts a stream is about.
async fn people(bank: &Bank) -> Vec<UserId> {
    let mut people = Vec::from([bank.user]);
    for number in 1..PEOPLE {
        people.push(bank.another(&format!("person-{number}@example.com")).await);
    }
    people
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
    /// What was done: wishes with the calls that they were about.
    deeds: Deeds,
    /// Calls that were admitted in memory on an account that is kept.
    in_memory: usize,
}

/// One after the other. Between any two somebody asks on the account of `other`, in vain.
async fn run(bank: &Bank, people: &[UserId], steps: &[(usize, Step)], other: Option<UserId>) -> Ran {
    let (mut log, mut deeds) = (Vec::new(), Vec::new());
    let mut tills: Vec<Till<'_>> = people.iter().map(|user| Till::new(bank, *user)).collect();
    for till in &mut tills {
        till.admits = bank.database.keeps_after == AT_ONCE;
    }
    let mut passed = 0;
    for (person, step) in steps {
        let seconds = seconds(step);
        passed += seconds;
        bank.pass(seconds * SECOND);
        let till = &mut tills[*person];
        let Some(deed) = till.choose(&step.wish) else { continue };
        let result = till.act(&deed).await;
        till.remember(&deed, result.is_ok());
        log.push(told(result));
        deeds.push((std::mem::take(&mut passed), *person, deed));
        if let Some(user) = other {
            let row = bank.row_of(user);
            let refused = bank.hub.ledger().hold(row, nano(1)).await;
            assert!(matches!(refused, Err(Error::Ledger(_))), "{refused:?}");
        }
    }
    // No call runs for so long as a far step takes, and the verifier knows that.
    for (person, till) in tills.iter().enumerate() {
        for deed in till.overdue() {
            log.push(told(till.act(&deed).await));
            deeds.push((0, person, deed));
        }
    }
    let in_memory = tills.iter().map(|till| till.in_memory.get()).sum();
    Ran { log, deeds, in_memory }
}

/// The same deeds, with a clock that moves far, and before changes by hand, alone. Whoever shares the ledger decides when it books and not when it is
/// asked, so the clock stands while commands are under way.
fn with_a_clock_that_stands(deeds: &Deeds) -> Deeds {
    let mut passed = 0;
    let stands = deeds.iter().map(|(seconds, person, deed)| {
        passed += seconds;
        let seconds = if deed.is_alone() || is_far(*seconds) {
            std::mem::take(&mut passed)
        } else {
            0
        };
        (seconds, *person, deed.clone())
    });
    stands.collect()
}

/// Tills that know the calls that these deeds are about.
fn tills<'a>(bank: &'a Bank, people: &[UserId], deeds: &Deeds) -> Vec<Till<'a>> {
    let begin = bank.now();
    let moments = deeds.iter().scan(begin, |now, (seconds, ..)| {
        *now = now.plus(Micros(seconds * SECOND));
        Some(*now)
    });
    let moments: Vec<_> = moments.collect();
    let till = |(place, user): (usize, &UserId)| {
        let mut till = Till::new(bank, *user);
        let all = deeds.iter().zip(&moments);
        till.foresee(
            all.filter(|((_, person, _), _)| *person == place)
                .map(|((.., deed), at)| (*at, deed)),
        );
        till
    };
    people.iter().enumerate().map(till).collect()
}

/// The same deeds, so many under way at a time. An owner decides what is about calls before the first wait, and whoever shares the ledger
/// and keeps no account decides in the order in which it was asked, so the order is the
/// same; the writer is let in at random places between them. Changes by hand wait for what is queued, and come alone.
async fn run_at_once(bank: &Bank, people: &[UserId], many: usize, deeds: &Deeds, splits: &[usize]) -> Vec<String> {
    let tills = tills(bank, people, deeds);
    let mut log = Vec::new();
    let (mut running, mut busy) = (Vec::new(), Vec::new());
    for ((seconds, person, deed), yields) in deeds.iter().zip(splits.iter().cycle()) {
        let till = &tills[*person];
        let call = deed.call().map(|call| (*person, call));
        // Through this door the row of a call does not know what it holds, as that of a real one does: what one command about it
        // has written is there before the next.
        let waits = call.is_some_and(|call| busy.contains(&call));
        if deed.is_alone() || is_far(*seconds) || running.len() >= many || waits {
            busy.clear();
            log.extend(join_all(std::mem::take(&mut running)).await);
        }
        busy.extend(call);
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
    // By another clock other calls may have been let in, which nobody has ended.
    for till in &tills {
        for deed in till.left().await {
            log.push(told(till.act(&deed).await));
        }
    }
    log
}

/// The state of all accounts, without ids.
async fn states(bank: &Bank, people: &[UserId]) -> Vec<String> {
    let mut states = Vec::new();
    for user in people {
        states.push(state(bank, *user).await);
    }
    states
}

async fn state(bank: &Bank, user: UserId) -> String {
    let balance = bank.balance_of(user).await;
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
async fn sound(bank: Bank, way: usize, steps: &[(usize, Step)]) {
    // After a far step there is something to do for a sweeper.
    bank.sweep().await;
    let problems = problems(&bank).await;
    assert!(problems.is_empty(), "{problems:?} in {}, after {steps:#?}", WAYS[way]);
    let bank = bank.again().await;
    let problems = self::problems(&bank).await;
    assert!(
        problems.is_empty(),
        "{problems:?} after a new start in {}, {steps:#?}",
        WAYS[way]
    );
}

async fn problems(bank: &Bank) -> Vec<String> {
    let report = bank.hub.credits().verify(&ROOT.money_reader(), None).await.unwrap();
    assert!(report.accounts >= PEOPLE as u64, "{report:?}");
    report.findings.into_iter().map(|finding| finding.problem).collect()
}

#[tokio::test]
async fn the_same_commands_in_all_ways_come_to_the_same_state() {
    let (seed, streams) = streams();
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    let (mut in_memory, mut commands) = (0, 0);
    println!("HUB_TEST_SEED={seed} does the same again");
    for (steps, splits) in streams {
        let one_by_one = async |way: usize, database: Database, kind| {
            let other = database.accounts_in_memory == 1;
            let bank = Bank::open_as(database, kind).await;
            let people = people(&bank).await;
            let other = match other {
                true => Some(bank.another("other@example.com").await),
                false => None,
            };
            let Ran { log, deeds, in_memory } = run(&bank, &people, &steps, other).await;
            until("nothing rests in memory", async || keepers(&bank).await.is_empty()).await;
            let found = (log, states(&bank, &people).await);
            sound(bank, way, &steps).await;
            (found, deeds, in_memory)
        };
        let (owned, done, _) = one_by_one(0, Database::sqlite(), ProcessKind::Serve).await;
        let at_once = async |way: usize, database: Database, many: usize, deeds: &Deeds| {
            let bank = Bank::open(database).await;
            let people = people(&bank).await;
            let log = run_at_once(&bank, &people, many, deeds, &splits).await;
            let found = (log, states(&bank, &people).await);
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
        commands += done.len() * WAYS.len();
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
    println!("{commands} commands in all ways together");
}

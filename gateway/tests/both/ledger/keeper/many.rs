//! Many at once on an account that is kept: what was decided is written in its order, whoever waits, and adds up.

use std::{
    future::Future as _,
    hash::{BuildHasher as _, Hasher as _, RandomState},
    task::{Context, Waker},
    time::Duration,
};

use domain::ledger::Outcome;
use futures_util::future::join_all;
use gateway::{CallRow, Error};
use sqlx::Connection as _;

use super::{OLDER, OLDER_ENDS, admitted_in_memory, balance_is, eager, ended, keeping, lock_account, settle};
use crate::ledger::{
    bank::{Bank, nano},
    remembered::Beside,
    stalled::until,
};

/// So many that they are written in several parts, and in no order: whoever waits to be admitted stands among those that end.
#[tokio::test]
async fn what_many_have_asked_for_meanwhile_is_written_in_its_order() {
    let bank = keeping(100_000).await;
    let running = admitted_in_memory(&bank, 1).await;
    let ledger = bank.hub.ledger();
    let rows: Vec<CallRow> = (0..1_300).map(|_| bank.row()).collect();
    let somebody = lock_account(&bank, bank.user).await;
    for row in &rows {
        let (_, in_memory) = ledger.admit(row.clone(), nano(3)).await.unwrap();
        assert!(in_memory);
    }
    let each = rows.iter().enumerate().map(async |(number, row)| {
        if number % 3 == 0 {
            ledger.hold(bank.row(), nano(1)).await.unwrap();
        }
        settle(&bank, row.clone(), 2).await.unwrap();
    });
    let ((), ()) = tokio::join!(
        async {
            join_all(each).await;
        },
        async {
            somebody.close().await.unwrap();
        }
    );
    settle(&bank, running, 1).await.unwrap();
    until("all holds are written", async || bank.balance().await.held == nano(434)).await;
    balance_is(&bank, 100_000 - 2_601, 434).await;
    assert_eq!(
        bank.database.numbers("SELECT COUNT(*) FROM ledger_forgotten").await,
        [0]
    );
    bank.is_sound().await;
}

/// Ends have gathered on an account that was not kept. Then it is, and others end before those are decided.
#[tokio::test]
async fn what_is_decided_at_once_comes_before_what_waits() {
    let bank = Bank::open(eager().await).await;
    bank.grant(100_000, None).await.unwrap();
    let ledger = bank.hub.ledger();
    // Nothing is kept as long as it runs.
    bank.database.execute(OLDER).await;
    let rows: Vec<CallRow> = (0..1_300).map(|_| bank.row()).collect();
    let held = join_all(rows.iter().map(|row| ledger.hold(row.clone(), nano(1)))).await;
    assert!(held.iter().all(Result::is_ok));
    let (waiting, others) = rows.split_at(900);
    let somebody = lock_account(&bank, bank.user).await;
    let mut ends: Vec<_> = waiting
        .iter()
        .map(|row| Box::pin(settle(&bank, row.clone(), 1)))
        .collect();
    let mut context = Context::from_waker(Waker::noop());
    for end in &mut ends {
        assert!(end.as_mut().poll(&mut context).is_pending());
    }
    bank.database.execute(OLDER_ENDS).await;
    somebody.close().await.unwrap();
    for row in others {
        let mut end = Box::pin(settle(&bank, row.clone(), 1));
        assert!(end.as_mut().poll(&mut context).is_pending());
        ends.push(end);
        tokio::task::yield_now().await;
    }
    let ended = join_all(ends).await;
    assert!(ended.iter().all(Result::is_ok));
    balance_is(&bank, 100_000 - 1_300, 0).await;
    assert_eq!(
        bank.database.numbers("SELECT COUNT(*) FROM ledger_forgotten").await,
        [0]
    );
    bank.is_sound().await;
}

/// Whoever asked has left by the time that it is written, on an account that is kept all the while.
#[tokio::test]
async fn who_has_left_is_given_back_what_they_hold_in_memory() {
    let bank = keeping(10).await;
    let running = admitted_in_memory(&bank, 2).await;
    let ledger = bank.hub.ledger();
    let somebody = lock_account(&bank, bank.user).await;
    let gone = bank.row();
    let asked = tokio::time::timeout(Duration::from_millis(30), ledger.hold(gone.clone(), nano(3))).await;
    assert!(asked.is_err());
    let (_, in_memory) = ledger.admit(bank.row(), nano(1)).await.unwrap();
    assert!(in_memory);
    somebody.close().await.unwrap();
    settle(&bank, running, 2).await.unwrap();
    // It was given back, or whoever books saw in time that nobody waits.
    let runs = format!(
        "SELECT COUNT(*) FROM call WHERE id = {} AND settle_seq IS NULL",
        gone.id.number()
    );
    until("nobody holds for who has left", async || {
        bank.database.numbers(&runs).await == [0] && bank.balance().await.held == nano(1)
    })
    .await;
    balance_is(&bank, 8, 1).await;
    assert_eq!(
        bank.database.numbers("SELECT COUNT(*) FROM ledger_forgotten").await,
        [0]
    );
    bank.is_sound().await;
}

/// What came of the calls of many at once.
#[derive(Default)]
struct Sums {
    in_memory: usize,
    calls: usize,
    refused: usize,
    charged: i64,
}

/// Calls one after the other, each with what it holds, asks for more and costs by chance.
async fn calls_by_chance(
    bank: &Bank,
    hub: &gateway::Gateway,
    row: impl Fn() -> CallRow,
    (count, pause): (usize, i64),
    mut chance: Chance,
) -> Sums {
    let ledger = hub.ledger();
    let mut sums = Sums::default();
    for _ in 0..count {
        if pause > 0 {
            tokio::time::sleep(Duration::from_millis(chance.below(pause).unsigned_abs())).await;
        }
        let (row, amount) = (row(), chance.below(20));
        match ledger.admit(row.clone(), nano(amount)).await {
            Ok((_, in_memory)) => sums.in_memory += usize::from(in_memory),
            Err(Error::Ledger(_)) => {
                sums.refused += 1;
                continue;
            }
            Err(error) => panic!("{error}"),
        }
        sums.calls += 1;
        if chance.below(8) == 0 {
            tokio::time::sleep(Duration::from_millis(chance.below(60).unsigned_abs())).await;
        }
        if chance.below(20) == 0 {
            // It may be refused.
            let _ = ledger.extend(row.account, row.id, nano(chance.below(10))).await;
        }
        if chance.below(6) == 0 {
            ledger.release(ended(row), Vec::new()).await.unwrap();
            continue;
        }
        // No more than it holds, so that all of it is paid.
        let charge = chance.below(amount + 1);
        let row = bank.priced(ended(row), charge);
        let effects = ledger.settle(row, Vec::new(), nano(charge)).await.unwrap();
        let Outcome::Settled(settled) = effects.outcome else {
            panic!("{effects:?}")
        };
        assert!(settled.loss.is_zero(), "{settled:?}");
        sums.charged += charge;
    }
    sums
}

/// Numbers that nobody has chosen, or those of a seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 1).cast_signed() % limit.max(1)
    }
}

/// A server keeps an account when it can, another uses it now and then, somebody changes it by hand and all of it is asked for
/// again and again. Nothing is spent twice, nothing is lost, and the books tell of each call once.
#[tokio::test]
async fn calls_of_two_servers_by_chance_add_up() {
    let seed = match std::env::var("HUB_TEST_SEED") {
        Ok(seed) => seed.parse().expect("HUB_TEST_SEED is a number"),
        Err(_) => RandomState::new().build_hasher().finish() | 1,
    };
    println!("HUB_TEST_SEED={seed} begins with the same numbers");
    let bank = keeping(2_000).await;
    let beside = Beside::open(&bank).await;
    let mut chances = (1..).map(|number: u64| Chance(seed.wrapping_mul(number * 2 + 1)));
    let mut next = || chances.next().expect("there is no end of numbers");
    let here: Vec<_> = (0..5)
        .map(|_| calls_by_chance(&bank, &bank.hub, || bank.row(), (150, 0), next()))
        .collect();
    // Now and then, so that the other keeps it meanwhile.
    let there = calls_by_chance(&bank, &beside.hub, || beside.row(bank.user), (6, 400), next());
    let mut chance = next();
    let by_hand = async {
        let mut given = 0;
        for _ in 0..12 {
            tokio::time::sleep(Duration::from_millis(chance.below(50).unsigned_abs())).await;
            let amount = 1 + chance.below(50);
            bank.grant(amount, None).await.unwrap();
            given += amount;
            tokio::time::sleep(Duration::from_millis(chance.below(30).unsigned_abs())).await;
            let asked = "UPDATE account SET moved = moved + 1 WHERE keeper_id IS NOT NULL";
            bank.database.execute(asked).await;
        }
        given
    };
    let (here, there, given) = tokio::join!(join_all(here), there, by_hand);
    let mut all = Sums::default();
    for sums in here.iter().chain([&there]) {
        all.in_memory += sums.in_memory;
        all.calls += sums.calls;
        all.refused += sums.refused;
        all.charged += sums.charged;
    }
    assert!(
        all.in_memory > 20,
        "few calls were admitted in memory: {}",
        all.in_memory
    );
    assert_eq!(all.calls + all.refused, 5 * 150 + 6);
    println!("{} of {} calls in memory", all.in_memory, all.calls);
    balance_is(&bank, 2_000 + given - all.charged, 0).await;
    assert_eq!(
        bank.database.numbers("SELECT COUNT(*) FROM ledger_forgotten").await,
        [0]
    );
    beside.hub.shutdown(Duration::ZERO).await;
    bank.is_sound().await;
}

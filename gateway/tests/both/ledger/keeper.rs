//! A server that shares the ledger keeps an account to itself: its calls are admitted in memory and written behind, nobody else spends what
//! they hold, and it is given back to whoever else wants it.

#[path = "keeper/many.rs"]
mod many;
#[path = "keeper/void.rs"]
mod void;

use std::time::Duration;

use domain::{
    call::CallState,
    credit::Correction,
    id::{CallId, UserId},
};
use futures_util::future::join_all;
use gateway::{CallRow, Error};
use sqlx::{Connection as _, PgConnection};
use tokio::time::timeout;

use super::{
    bank::{Bank, nano},
    remembered::Beside,
    stalled::until,
};
use crate::hub::Database;

/// Nobody waits so long here.
const LONG: Duration = Duration::from_secs(60);
/// A server of the release before runs.
const OLDER: &str = "INSERT INTO process (id, kind, started_at, seen_at) VALUES (7, 'serve', 0, 0)";
const OLDER_ENDS: &str = "UPDATE process SET ended_at = 1 WHERE id = 7";

fn ended(mut row: CallRow) -> CallRow {
    row.state = CallState::Succeeded;
    row
}

fn is_refused<T>(done: &Result<T, Error>) -> bool {
    matches!(done, Err(Error::Ledger(_)))
}

/// A server that keeps an account as soon as it can.
async fn eager() -> Database {
    let mut database = Database::postgres().await;
    database.keeps_after = 1;
    database
}

async fn keeping(amount: i64) -> Bank {
    let bank = Bank::open(eager().await).await;
    bank.grant(amount, None).await.unwrap();
    bank
}

/// Calls that cost nothing, until one is admitted in memory; which one that is.
async fn admitted_in_memory(bank: &Bank, amount: i64) -> CallRow {
    let ledger = bank.hub.ledger();
    for _ in 0..200 {
        let row = bank.row();
        let (_, in_memory) = ledger.admit(row.clone(), nano(amount)).await.unwrap();
        if in_memory {
            return row;
        }
        ledger.release(ended(row), Vec::new()).await.unwrap();
    }
    panic!("the account is never kept");
}

async fn settle(bank: &Bank, row: CallRow, charge: i64) -> Result<domain::ledger::Effects, Error> {
    let row = bank.priced(ended(row), charge);
    bank.hub.ledger().settle(row, Vec::new(), nano(charge)).await
}

pub(super) async fn keepers(bank: &Bank) -> Vec<i64> {
    let keepers = "SELECT keeper_id FROM account WHERE keeper_id IS NOT NULL";
    bank.database.numbers(keepers).await
}

/// What its row says that a call holds.
async fn written(bank: &Bank, call: CallId) -> Vec<i64> {
    let sql = format!(
        "SELECT hold_amount FROM call WHERE id = {} AND hold_seq IS NOT NULL",
        call.number()
    );
    bank.database.numbers(&sql).await
}

async fn balance_is(bank: &Bank, balance: i64, held: i64) {
    let found = bank.balance().await;
    assert_eq!((found.balance, found.held), (nano(balance), nano(held)));
}

async fn charges(bank: &Bank) -> Vec<i64> {
    let charges = "SELECT charge FROM call WHERE charge IS NOT NULL ORDER BY charge";
    bank.database.numbers(charges).await
}

/// So long after it no hold is on its way any more, and the server is seen to be alive.
async fn long_after(bank: &Bank) {
    bank.pass(400_000_000);
    let row = bank.row();
    bank.hub.ledger().hold(row.clone(), nano(0)).await.unwrap();
    bank.hub.ledger().release(ended(row), Vec::new()).await.unwrap();
}

/// Keeps an account's row from everybody as long as it lives.
async fn lock_account(bank: &Bank, user: UserId) -> PgConnection {
    let mut somebody = PgConnection::connect(&bank.database.url).await.unwrap();
    let lock = format!("BEGIN; UPDATE account SET seq = seq WHERE id = {}", user.number());
    sqlx::raw_sql(sqlx::AssertSqlSafe(lock))
        .execute(&mut somebody)
        .await
        .unwrap();
    somebody
}

/// Nothing of it can be written as somebody has its row; a call is admitted all the same, and written when that is over.
#[tokio::test]
async fn a_call_is_admitted_before_anything_of_it_is_written() {
    let bank = keeping(100).await;
    let (first, second) = admitted_while_locked(&bank).await;
    // They run on, and so their rows tell of them after a moment.
    until("both holds are written", async || {
        written(&bank, first.id).await == [4] && written(&bank, second.id).await == [5]
    })
    .await;
    settle(&bank, first, 3).await.unwrap();
    settle(&bank, second, 5).await.unwrap();
    // One that ends at once is written with its end.
    let third = admitted_in_memory(&bank, 6).await;
    settle(&bank, third, 6).await.unwrap();
    balance_is(&bank, 86, 0).await;
    assert_eq!(charges(&bank).await, [3, 5, 6]);
    bank.is_sound().await;
}

/// Two calls, of 4 and 5, the second of which is admitted while somebody has the account's row. On a machine that stands still meanwhile
/// the account is given back before, and it begins again.
async fn admitted_while_locked(bank: &Bank) -> (CallRow, CallRow) {
    for _ in 0..20 {
        let (first, second) = (admitted_in_memory(bank, 4).await, bank.row());
        let somebody = lock_account(bank, bank.user).await;
        let ledger = bank.hub.ledger();
        let mut admitted = std::pin::pin!(ledger.admit(second.clone(), nano(5)));
        let at_once = timeout(Duration::from_secs(2), admitted.as_mut()).await;
        somebody.close().await.unwrap();
        if let Ok(admitted) = at_once {
            assert!(admitted.unwrap().1, "in memory");
            return (first, second);
        }
        assert!(!admitted.await.unwrap().1, "it waited for the row");
        for row in [first, second] {
            ledger.release(ended(row), Vec::new()).await.unwrap();
        }
    }
    panic!("the account is never kept for long enough");
}

/// An account that is not used is nobody's after a moment.
#[tokio::test]
async fn an_account_that_rests_is_given_back() {
    let bank = keeping(100).await;
    let row = admitted_in_memory(&bank, 4).await;
    until("it is given back", async || keepers(&bank).await.is_empty()).await;
    assert_eq!(written(&bank, row.id).await, [4]);
    settle(&bank, row, 4).await.unwrap();
    bank.is_sound().await;
}

/// What is admitted in memory counts for everybody: the other server waits until it is told.
#[tokio::test]
async fn two_servers_do_not_spend_what_one_has_admitted_in_memory() {
    let bank = keeping(10).await;
    let beside = Beside::open(&bank).await;
    let there = beside.hub.ledger();
    let first = admitted_in_memory(&bank, 7).await;
    let too_much = there.hold(beside.row(bank.user), nano(4)).await;
    assert!(is_refused(&too_much), "{too_much:?}");
    let second = beside.row(bank.user);
    there.hold(second.clone(), nano(3)).await.unwrap();
    balance_is(&bank, 10, 10).await;
    settle(&bank, first, 7).await.unwrap();
    let second = bank.priced(ended(second), 3);
    there.settle(second, Vec::new(), nano(3)).await.unwrap();
    balance_is(&bank, 0, 0).await;
    beside.hub.shutdown(Duration::ZERO).await;
    bank.is_sound().await;
}

/// Both keep it in turn, with as much as is needed for 37 of 200 that all run on.
#[tokio::test]
async fn two_servers_at_once_admit_as_many_as_can_be_paid() {
    let bank = keeping(37 * 5).await;
    let beside = Beside::open(&bank).await;
    let (here, there) = (bank.hub.ledger(), beside.hub.ledger());
    let (mut admitted, mut refused) = (0, 0);
    for _ in 0..10 {
        let calls = (0..5).map(|_| async {
            // A moment apart, so that each has it for a while.
            let mut done = Vec::new();
            for _ in 0..2 {
                done.push(here.admit(bank.row(), nano(5)).await.map(drop));
            }
            for _ in 0..2 {
                done.push(there.admit(beside.row(bank.user), nano(5)).await.map(drop));
            }
            done
        });
        for done in join_all(calls).await.into_iter().flatten() {
            match done {
                Ok(()) => admitted += 1,
                Err(Error::Ledger(_)) => refused += 1,
                Err(other) => panic!("{other}"),
            }
        }
    }
    assert_eq!((admitted, refused), (37, 200 - 37));
    until("all holds are written", async || {
        bank.balance().await.held == nano(37 * 5)
    })
    .await;
    beside.hub.shutdown(Duration::ZERO).await;
    bank.is_sound().await;
}

/// Somebody changes the account by hand, here and beside it, and finds what was admitted in memory.
#[tokio::test]
async fn changes_by_hand_find_what_was_admitted_in_memory() {
    let bank = keeping(10).await;
    let beside = Beside::open(&bank).await;
    let first = admitted_in_memory(&bank, 7).await;
    let take = async |hub: &gateway::Gateway, amount| {
        let money = super::bank::ROOT.money();
        let correction = Correction::Take(nano(amount));
        let here = gateway::Origin::default();
        hub.credits()
            .adjust(&money, here, bank.user, correction, "because")
            .await
    };
    let too_much = take(&bank.hub, 4).await;
    assert!(is_refused(&too_much), "{too_much:?}");
    assert_eq!(written(&bank, first.id).await, [7]);
    take(&bank.hub, 1).await.unwrap();
    let second = admitted_in_memory(&bank, 1).await;
    let too_much = take(&beside.hub, 2).await;
    assert!(is_refused(&too_much), "{too_much:?}");
    take(&beside.hub, 1).await.unwrap();
    settle(&bank, first, 7).await.unwrap();
    settle(&bank, second, 1).await.unwrap();
    balance_is(&bank, 0, 0).await;
    beside.hub.shutdown(Duration::ZERO).await;
    bank.is_sound().await;
}

/// A hub that ends leaves no account behind that is kept.
#[tokio::test]
async fn who_ends_keeps_nothing() {
    let bank = keeping(10).await;
    let row = admitted_in_memory(&bank, 4).await;
    let bank = bank.again().await;
    assert!(keepers(&bank).await.is_empty());
    assert_eq!(written(&bank, row.id).await, [4]);
    bank.is_sound().await;
}

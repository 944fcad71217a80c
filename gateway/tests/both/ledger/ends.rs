//! What ends without anybody asking: credit, and the calls of processes that have died.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use domain::{
    call::CallState,
    id::ProcessId,
    ledger::{CommandKind, Outcome},
};
use gateway::{Origin, clock::Clock};

use super::bank::{Bank, ROOT, nano};
use crate::hub::in_all_ways;

#[tokio::test]
async fn expired_credit_is_booked_at_the_next_start_and_was_never_spendable() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(10, Some(1_000)).await.unwrap();
        bank.grant(5, None).await.unwrap();
        bank.pass(999);
        assert_eq!(bank.balance().await.spendable.nano(), 15);
        bank.pass(1);
        assert_eq!(
            bank.balance().await.spendable.nano(),
            5,
            "the instant of the end is behind it"
        );
        // Nor does it count before that is booked: it stands apart, behind what can be used, and the day tells it as expired.
        let balance = bank.balance().await;
        assert_eq!(
            (balance.balance, balance.lots.len(), balance.ended_sum()),
            (nano(5), 1, nano(10))
        );
        let credits = bank.hub.credits();
        let lots = credits.lots(&bank.viewer(), bank.user).await.unwrap();
        let left: Vec<_> = lots.iter().map(|view| view.lot.remaining.nano()).collect();
        assert_eq!(left, [5, 10]);
        let today = credits.day(&bank.viewer(), bank.user).await.unwrap().today;
        assert_eq!((today.closing, today.expired.nano()), (nano(5), -10));
        let bank = bank.again().await;
        let balance = bank.balance().await;
        assert_eq!(
            (balance.balance, balance.lots.len(), balance.ended_sum()),
            (nano(5), 1, nano(0))
        );
        let kinds = "SELECT COUNT(*) FROM ledger_transaction WHERE kind = 'expire'";
        assert_eq!(bank.database.numbers(kinds).await, [1]);
        bank.is_sound().await;
    })
    .await;
}

/// What the call held is free when it ends, and goes to what is owed: out of a lot, and into no revenue.
#[tokio::test]
async fn the_end_of_a_call_that_costs_nothing_repays_a_debt() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(6, None).await.unwrap();
        let row = bank.row();
        bank.hub.ledger().hold(row.clone(), nano(6)).await.unwrap();
        let (credits, here) = (bank.hub.credits(), Origin::default());
        let debited = credits
            .debit(&ROOT.money(), here, bank.user, nano(4), "charged back")
            .await;
        assert_eq!(debited.unwrap().after.debt, nano(4));
        let row = bank.priced(row, 0);
        let after = bank.hub.ledger().settle(row, Vec::new(), nano(0)).await.unwrap().after;
        assert_eq!((after.balance, after.debt), (nano(2), nano(0)));
        let balance = bank.balance().await;
        assert_eq!((balance.balance, balance.debt), (nano(2), nano(0)));
        bank.is_sound().await;
    })
    .await;
}

#[tokio::test]
async fn what_the_calls_of_a_dead_process_held_is_given_back() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(10, None).await.unwrap();
        let mut lost = bank.row();
        lost.process = ProcessId::from_number(12_345);
        bank.hub.ledger().hold(lost.clone(), nano(9)).await.unwrap();
        assert_eq!(bank.balance().await.spendable.nano(), 1);
        let bank = bank.again().await;
        let balance = bank.balance().await;
        assert_eq!((balance.spendable.nano(), balance.held), (10, nano(0)));
        assert_eq!(
            bank.database
                .numbers("SELECT COUNT(*) FROM call WHERE state = 'interrupted'")
                .await,
            [1]
        );
        lost.state = CallState::Succeeded;
        let late = bank
            .hub
            .ledger()
            .settle(bank.priced(lost, 1), Vec::new(), nano(1))
            .await;
        // It ran all the same, somewhere.
        assert_eq!(late.unwrap().kind, CommandKind::Late);
        assert_eq!(bank.balance().await.spendable.nano(), 9);
        bank.is_sound().await;
    })
    .await;
}

/// A hold may be lost with the process that admitted it: its row was not written yet. What was booked meanwhile stands.
#[tokio::test]
async fn a_hold_that_was_lost_leaves_sound_books() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        let (lot, _) = bank.grant(10, None).await.unwrap();
        let row = bank.row();
        bank.hub.ledger().hold(row.clone(), nano(4)).await.unwrap();
        let void = bank
            .hub
            .credits()
            .void(&super::ROOT.money(), Default::default(), bank.user, lot, "x")
            .await
            .unwrap();
        assert_eq!(void.after.balance, nano(4));
        bank.database.execute("DELETE FROM call").await;
        bank.is_sound().await;
        let bank = bank.again().await;
        assert_eq!(bank.balance().await.spendable.nano(), 4);
        // A row that names a hold which cannot have been is found.
        let next = bank.row();
        bank.hub.ledger().hold(next, nano(4)).await.unwrap();
        bank.database.execute("UPDATE call SET hold_amount = 5").await;
        assert!(!bank.problems().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_call_is_settled_once_however_often_it_is_asked_for() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(10, None).await.unwrap();
        let mut row = bank.row();
        bank.hub.ledger().hold(row.clone(), nano(4)).await.unwrap();
        row.state = CallState::Succeeded;
        let ledger = bank.hub.ledger();
        let settles = (0..20).map(|_| ledger.settle(bank.priced(row.clone(), 3), Vec::new(), nano(3)));
        let results = futures_util::future::join_all(settles).await;
        // Each is told what came of the first.
        let told: Vec<_> = results.into_iter().map(|result| result.unwrap().seq.0).collect();
        assert_eq!(told, [2; 20]);
        let mut other = row.clone();
        other.state = CallState::Failed;
        let released = ledger.release(other, Vec::new()).await.unwrap();
        assert_eq!((released.seq.0, released.kind), (2, CommandKind::Settle));
        let (charge, taken) = match released.outcome {
            Outcome::Settled(settled) => (settled.charge, settled.spent[0].amount),
            other => panic!("{other:?}"),
        };
        assert_eq!((charge, taken), (nano(3), nano(3)));
        assert_eq!(bank.balance().await.balance, nano(7));
        assert_eq!(
            bank.database
                .numbers("SELECT charge FROM call WHERE state = 'succeeded'")
                .await,
            [3]
        );
        bank.is_sound().await;
    })
    .await;
}

/// A clock that somebody has set forward by a day neither takes credit away nor keeps it from being spent: the hub goes by its own time.
#[tokio::test]
async fn no_expiry_is_booked_by_a_clock_that_was_set() {
    in_all_ways(async |database| {
        let (wall, steady) = (
            Arc::new(AtomicI64::new(1_800_000_000_000_000)),
            Arc::new(AtomicI64::new(0)),
        );
        let clock = Clock::Apart {
            wall: Arc::clone(&wall),
            steady: Arc::clone(&steady),
        };
        let bank = Bank::open_by(database, clock, Arc::clone(&wall)).await;
        let hour = 3_600_000_000;
        bank.grant(10, Some(hour)).await.unwrap();
        let expired = "SELECT COUNT(*) FROM ledger_transaction WHERE kind = 'expire'";

        // Somebody sets the clock forward by a day, calls come and go, and it is put right again.
        bank.pass(24 * hour);
        assert_eq!(bank.balance().await.spendable, nano(10).money());
        let row = bank.row();
        bank.hub.ledger().hold(row.clone(), nano(1)).await.unwrap();
        bank.hub
            .ledger()
            .settle(bank.priced(row, 1), Vec::new(), nano(1))
            .await
            .unwrap();
        assert_eq!(bank.database.numbers(expired).await, [0]);
        bank.pass(-24 * hour);
        bank.grant(1, None).await.unwrap();
        assert_eq!(bank.database.numbers(expired).await, [0]);
        assert_eq!(bank.balance().await.spendable, nano(10).money());

        // The day really passes.
        bank.pass(24 * hour);
        steady.fetch_add(24 * hour, Ordering::Relaxed);
        bank.grant(1, None).await.unwrap();
        assert_eq!(bank.database.numbers(expired).await, [1]);
        bank.is_sound().await;
    })
    .await;
}

/// What really ends while the time of day is wrong cannot be spent, and is booked when the time is right again.
#[tokio::test]
async fn what_ends_while_the_clock_is_wrong_is_booked_when_it_is_right() {
    in_all_ways(async |database| {
        let (wall, steady) = (
            Arc::new(AtomicI64::new(1_800_000_000_000_000)),
            Arc::new(AtomicI64::new(0)),
        );
        let clock = Clock::Apart {
            wall: Arc::clone(&wall),
            steady: Arc::clone(&steady),
        };
        let bank = Bank::open_by(database, clock, wall).await;
        let hour = 3_600_000_000;
        bank.grant(10, Some(hour)).await.unwrap();
        let expired = "SELECT COUNT(*) FROM ledger_transaction WHERE kind = 'expire'";
        bank.pass(24 * hour);
        steady.fetch_add(2 * hour, Ordering::Relaxed);
        bank.grant(1, None).await.unwrap();
        bank.hub.sweep().await;
        assert_eq!(bank.database.numbers(expired).await, [0]);
        assert_eq!(bank.balance().await.spendable, nano(1).money());
        // What the page says can be spent can be: what was granted meanwhile, and no more.
        let (row, more) = (bank.row(), bank.row());
        bank.hub.ledger().hold(row.clone(), nano(1)).await.unwrap();
        assert!(bank.hub.ledger().hold(more, nano(1)).await.is_err());
        bank.hub.ledger().release(row, Vec::new()).await.unwrap();

        bank.pass(-22 * hour);
        bank.grant(1, None).await.unwrap();
        assert_eq!(bank.database.numbers(expired).await, [1]);
        bank.is_sound().await;
    })
    .await;
}

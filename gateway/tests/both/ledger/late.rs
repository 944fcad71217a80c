//! Calls that were taken for lost, gave back what they held, and end by themselves after that.

use std::time::Duration;

use domain::{
    call::CallState,
    credit::Correction,
    ledger::{CommandKind, Outcome, Refusal},
    time::Micros,
};
use gateway::{CallRow, Error, Origin};
use tokio::time::timeout;

use super::bank::{Bank, ROOT, nano};
use crate::hub::in_all_ways;

/// The process of a call is taken for dead: the call is closed, and what it held is given back.
async fn take_for_dead(bank: &Bank) {
    let process = bank.database.numbers("SELECT MAX(process_id) FROM call").await[0];
    let open = "WHERE state = 'open'";
    bank.database
        .execute(&format!("UPDATE call SET process_id = 12345 {open}"))
        .await;
    bank.hub.sweep().await;
    bank.database
        .execute(&format!("UPDATE call SET process_id = {process}"))
        .await;
}

fn ended(bank: &Bank, mut row: CallRow, charge: i64) -> CallRow {
    row.state = CallState::Succeeded;
    bank.priced(row, charge)
}

#[tokio::test]
async fn a_call_that_was_taken_for_lost_is_charged_late_and_once() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(10, None).await.unwrap();
        let ledger = bank.hub.ledger();
        let ended = |row, charge| ended(&bank, row, charge);
        let (first, second, third) = (bank.row(), bank.row(), bank.row());
        ledger.hold(first.clone(), nano(4)).await.unwrap();
        take_for_dead(&bank).await;
        assert_eq!(bank.balance().await.held, nano(0));
        let settles = (0..20).map(|_| ledger.settle(ended(first.clone(), 3), Vec::new(), nano(3)));
        for told in futures_util::future::join_all(settles).await {
            let told = told.unwrap();
            assert_eq!((told.kind, told.seq.0), (CommandKind::Late, 3));
        }
        assert_eq!(bank.balance().await.balance, nano(7));
        let flagged = "SELECT COUNT(*) FROM call WHERE late = 1 AND lost = 1 AND charge = 3 AND loss = 0";
        assert_eq!(bank.database.numbers(flagged).await, [1]);
        assert_eq!(
            bank.database
                .numbers("SELECT CAST(SUM(charge) AS BIGINT) FROM usage_hour")
                .await,
            [3]
        );
        bank.is_sound().await;
        // How somebody changes the call, how back, and at which numbers that is found: at what gave back its hold and at the late charge.
        for (change, back, wrong) in [
            ("settle_seq = 2", "settle_seq = 3", &[2, 3][..]),
            ("settle_seq = 4", "settle_seq = 3", &[2, 3]),
            ("charge = 2", "charge = 3", &[2, 3]),
        ] {
            let (change, back) = (format!("UPDATE call SET {change}"), format!("UPDATE call SET {back}"));
            bank.database.execute(&change).await;
            let problems = bank.problems().await;
            let found = |wrong: &i64| problems.iter().any(|(seq, _)| *seq == Some(*wrong));
            assert!(wrong.iter().all(found), "{change}: {problems:?}");
            bank.database.execute(&back).await;
        }
        // What it took can be given back, and no more.
        let credits = bank.hub.credits();
        let back = async |amount| {
            let (here, amount) = (Origin::default(), nano(amount));
            credits
                .correct(&ROOT.money(), here, bank.user, first.id, amount, "because")
                .await
        };
        let more = back(4).await;
        assert!(
            matches!(more, Err(Error::Ledger(Refusal::BeyondCorrectable { .. }))),
            "{more:?}"
        );
        back(3).await.unwrap();
        assert_eq!(bank.balance().await.balance, nano(10));
        bank.adjust(Correction::Take(nano(3))).await.unwrap();

        // Out of what can be spent and nothing else: what other calls hold stays theirs, and nobody owes anything.
        ledger.hold(second.clone(), nano(6)).await.unwrap();
        take_for_dead(&bank).await;
        ledger.hold(third.clone(), nano(6)).await.unwrap();
        let told = ledger.settle(ended(second, 5), Vec::new(), nano(5)).await.unwrap();
        let Outcome::Settled(settled) = told.outcome else {
            panic!("{told:?}");
        };
        assert_eq!(
            (settled.paid, settled.loss, told.after.debt),
            (nano(1), nano(4), nano(0))
        );
        ledger.settle(ended(third, 6), Vec::new(), nano(6)).await.unwrap();
        assert_eq!(bank.balance().await.balance, nano(0));
        bank.is_sound().await;

        // A day later nothing is its end any more, and one that is not charged needs nothing booked.
        bank.grant(10, None).await.unwrap();
        let (old, free) = (bank.row(), bank.row());
        ledger.hold(old.clone(), nano(2)).await.unwrap();
        ledger.hold(free.clone(), nano(2)).await.unwrap();
        take_for_dead(&bank).await;
        let told = ledger.release(free, Vec::new()).await.unwrap();
        assert_eq!(told.kind, CommandKind::Release);
        bank.pass(Micros::from_days(1).0 + 1);
        let told = ledger.settle(ended(old, 2), Vec::new(), nano(2)).await.unwrap();
        assert_eq!(told.kind, CommandKind::Release);
        assert_eq!(bank.balance().await.balance, nano(10));
        // One that was never admitted.
        let never = ledger.settle(ended(bank.row(), 1), Vec::new(), nano(1)).await;
        assert!(matches!(never, Err(Error::Ledger(Refusal::NoHold { .. }))), "{never:?}");
        bank.is_sound().await;
    })
    .await;
}

/// Whoever waits for the end may leave at any moment, and what it asked for may be on its way to the disk then.
#[tokio::test]
async fn a_late_charge_is_booked_once_whoever_stops_waiting() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(100, None).await.unwrap();
        let ledger = bank.hub.ledger();
        for round in 1..=5 {
            let row = bank.row();
            ledger.hold(row.clone(), nano(4)).await.unwrap();
            take_for_dead(&bank).await;
            let settle = || ledger.settle(ended(&bank, row.clone(), 3), Vec::new(), nano(3));
            let leaving = (1..40).map(|half| timeout(Duration::from_micros(500 * half), settle()));
            futures_util::future::join_all(leaving).await;
            let told = settle().await.unwrap();
            assert_eq!(told.kind, CommandKind::Late);
            assert_eq!(bank.balance().await.balance, nano(100 - 3 * round));
        }
        let late = "SELECT COUNT(*) FROM ledger_transaction WHERE kind = 'late'";
        assert_eq!(bank.database.numbers(late).await, [5]);
        bank.is_sound().await;
    })
    .await;
}

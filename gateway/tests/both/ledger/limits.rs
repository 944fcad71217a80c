//! The ledger at its limits: the largest amounts, rows that the database does not take, a disk that stands still, a copy.

use std::time::Duration;

use domain::call::CallState;
use futures_util::future::join_all;
use gateway::Error;
use sqlx::{Connection as _, SqliteConnection};

use super::bank::{Bank, ROOT, nano};
use crate::{
    hub::{Database, in_all_ways},
    log::{ask, simulated},
};

#[tokio::test]
async fn the_largest_amount_is_stored_to_the_last_digit_and_nothing_goes_beyond() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        let most = 1_i64 << 62;
        bank.grant(most, None).await.unwrap();
        let beyond = bank.grant(most, None).await;
        assert!(matches!(beyond, Err(Error::Ledger(_))), "{beyond:?}");
        let row = bank.row();
        bank.hub.ledger().hold(row.clone(), nano(most)).await.unwrap();
        bank.hub
            .ledger()
            .settle(bank.priced(row, 1), Vec::new(), nano(1))
            .await
            .unwrap();
        assert_eq!(bank.database.numbers("SELECT amount FROM lot").await, [most]);
        assert_eq!(bank.database.numbers("SELECT remaining FROM lot").await, [most - 1]);
        assert_eq!(bank.database.numbers("SELECT balance FROM account").await, [most - 1]);
        if bank.database.url.starts_with("sqlite") {
            for table in ["ledger_entry", "ledger_transaction"] {
                let real = format!("SELECT COUNT(*) FROM {table} WHERE typeof(amount) = 'real'");
                assert_eq!(bank.database.numbers(&real).await, [0]);
            }
        }
        bank.is_sound().await;
    })
    .await;
}

/// An end that the database will not take, not even without texts, stops its own account and no other.
#[tokio::test]
async fn a_poisoned_end_stops_its_own_account_only() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        let other = bank.another("other@example.com").await;
        bank.grant(100, None).await.unwrap();
        bank.grant_to(other, 100, None).await.unwrap();
        let poison = if bank.database.url.starts_with("sqlite") {
            "CREATE TRIGGER poison BEFORE INSERT ON call WHEN NEW.charge = 13 BEGIN SELECT RAISE(ABORT, 'no'); END"
        } else {
            "ALTER TABLE call ADD CONSTRAINT poison CHECK (charge <> 13)"
        };
        bank.database.execute(poison).await;
        let ledger = bank.hub.ledger();
        let bad = bank.row();
        ledger.hold(bad.clone(), nano(20)).await.unwrap();
        let mut rows = Vec::new();
        for _ in 0..20 {
            let row = bank.row_of(other);
            ledger.hold(row.clone(), nano(2)).await.unwrap();
            rows.push(bank.priced(row, 2));
        }
        let (good, bad) = tokio::join!(
            join_all(rows.into_iter().map(|row| ledger.settle(row, Vec::new(), nano(2)))),
            ledger.settle(bank.priced(bad, 13), Vec::new(), nano(13)),
        );
        assert!(good.iter().all(Result::is_ok), "{good:?}");
        assert!(matches!(bad, Err(Error::Quarantine { .. })), "{bad:?}");
        let next = ledger.hold(bank.row(), nano(1)).await;
        assert!(matches!(next, Err(Error::Quarantine { .. })), "{next:?}");
        let report = bank.hub.credits().verify(&ROOT.money_reader(), None).await.unwrap();
        assert_eq!(report.findings.len(), 1, "{report:?}");
        assert!(report.findings[0].problem.contains("out of service"), "{report:?}");
        ledger.hold(bank.row_of(other), nano(1)).await.unwrap();
    })
    .await;
}

/// Somebody holds the file's lock, as a disk that stands still would.
#[tokio::test]
async fn a_disk_that_stands_still_refuses_new_calls_and_books_those_that_run() {
    let bank = Bank::open(Database::sqlite()).await;
    simulated(&bank.hub).await;
    bank.grant(10, None).await.unwrap();
    let row = bank.row();
    let ledger = bank.hub.ledger();
    ledger.hold(row.clone(), nano(4)).await.unwrap();
    let mut disk = SqliteConnection::connect(&bank.database.url).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut disk).await.unwrap();
    let mut row = bank.priced(row, 3);
    row.state = CallState::Succeeded;
    let meanwhile = async {
        // Too far behind.
        let mut looks = 0;
        while bank.hub.ready().await.unwrap() {
            looks += 1;
            assert!(looks < 1_000, "it never notices");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let echo = r#"{"model":"simulated/echo","messages":[{"role":"user","content":"x"}]}"#;
        let (_, refused) = ask(&bank.hub, echo).await;
        let refused = refused.unwrap_err();
        assert_eq!((refused.status, refused.code.as_ref()), (503, "journal_behind"));
        let hold = ledger.hold(bank.row(), nano(1)).await;
        assert!(matches!(hold, Err(Error::LedgerBehind)), "{hold:?}");
        sqlx::raw_sql("ROLLBACK").execute(&mut disk).await.unwrap();
    };
    let (settled, ()) = tokio::join!(ledger.settle(row, Vec::new(), nano(3)), meanwhile);
    assert!(settled.is_ok(), "{settled:?}");
    let balance = bank.balance().await;
    assert_eq!((balance.balance, balance.held), (nano(7), nano(0)));
    bank.is_sound().await;
}

/// Made while calls are admitted and settled.
#[tokio::test]
async fn a_copy_of_the_file_beside_a_live_server_is_sound() {
    let bank = Bank::open(Database::sqlite()).await;
    bank.grant(1_000, None).await.unwrap();
    let ledger = bank.hub.ledger();
    let calls = (0..100).map(async |_| {
        let row = bank.row();
        ledger.hold(row.clone(), nano(5)).await.unwrap();
        ledger.settle(bank.priced(row, 2), Vec::new(), nano(2)).await.unwrap();
    });
    let (_, copy) = tokio::join!(join_all(calls), bank.database.copied());
    bank.is_sound().await;
    let restored = copy.serve().await;
    let report = restored.credits().verify(&ROOT.money_reader(), None).await.unwrap();
    assert_eq!(report.findings, []);
    assert!(report.transactions > 0, "{report:?}");
    // What had been admitted was given back at its start; the rest of the account is there to be spent.
    let balance = restored.credits().balance(&bank.viewer(), bank.user).await.unwrap();
    assert_eq!(balance.held, nano(0));
    let charged = copy
        .numbers("SELECT CAST(COALESCE(SUM(charge), 0) AS BIGINT) FROM call")
        .await[0];
    assert_eq!(balance.balance, nano(1_000 - charged));
}

//! Accounts that were taken out of service come back into it, and only when their books are sound.

use domain::call::CallState;
use futures_util::FutureExt as _;
use gateway::{Error, Origin, ProcessKind};

use super::bank::{Bank, MONEY, nano};
use crate::hub::{Database, in_all_ways};

/// From now on the database refuses every transaction of 3.
async fn poison(database: &Database) {
    let statement = if database.url.starts_with("sqlite") {
        "CREATE TRIGGER poison BEFORE INSERT ON ledger_transaction WHEN NEW.amount = 3 BEGIN SELECT RAISE(ABORT, 'no'); END"
    } else {
        "ALTER TABLE ledger_transaction ADD CONSTRAINT poison CHECK (amount <> 3)"
    };
    database.execute(statement).await;
}

async fn cure(database: &Database) {
    let statement = if database.url.starts_with("sqlite") {
        "DROP TRIGGER poison"
    } else {
        "ALTER TABLE ledger_transaction DROP CONSTRAINT poison"
    };
    database.execute(statement).await;
}

#[tokio::test]
async fn an_account_comes_back_into_service_when_its_books_are_sound() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(10, None).await.unwrap();
        let mut row = bank.row();
        let ledger = bank.hub.ledger();
        ledger.hold(row.clone(), nano(4)).await.unwrap();
        poison(&bank.database).await;
        row.state = CallState::Succeeded;
        let row = bank.priced(row, 3);
        let refused = ledger.settle(row.clone(), Vec::new(), nano(3)).await;
        assert!(matches!(refused, Err(Error::Quarantine { .. })), "{refused:?}");
        let out = ledger.hold(bank.row(), nano(1)).await;
        assert!(matches!(out, Err(Error::Quarantine { .. })), "{out:?}");

        // Beside the server that has the account in memory.
        let command = bank.database.open(ProcessKind::Command).await.unwrap();
        let here = Origin::default();
        let credits = command.credits();
        let lift = || credits.lift_quarantine(&MONEY, here, bank.user, "mended");
        bank.database.execute("UPDATE account SET balance = balance + 1").await;
        match lift().await {
            Err(Error::Unsound { finding, .. }) => assert!(finding.starts_with("Balance"), "{finding}"),
            other => panic!("{other:?}"),
        }
        let still = ledger.hold(bank.row(), nano(1)).await;
        assert!(matches!(still, Err(Error::Quarantine { .. })), "{still:?}");
        bank.database.execute("UPDATE account SET balance = balance - 1").await;
        cure(&bank.database).await;
        let was = lift().await.unwrap();
        assert!(was.contains("refused"), "{was}");
        assert!(matches!(lift().await, Err(Error::InService { .. })));

        // The server goes on from what is stored: the call still holds, and is settled now.
        assert_eq!(bank.balance().await.held, nano(4));
        ledger.settle(row, Vec::new(), nano(3)).await.unwrap();
        assert_eq!(bank.balance().await.balance, nano(7));
        let audited =
            "SELECT COUNT(*) FROM audit WHERE action = 'account.lift_quarantine' AND after_json LIKE '%mended%'";
        assert_eq!(bank.database.numbers(audited).await, [1]);
        bank.is_sound().await;
        command.shutdown(std::time::Duration::ZERO).await;
    })
    .await;
}

/// The end of a call that cannot be booked stands in the log all the same, also when nobody waits for it any more.
#[tokio::test]
async fn an_end_that_cannot_be_booked_stands_in_the_log() {
    for database in [Database::sqlite(), Database::postgres_owned().await] {
        let bank = Bank::open(database).await;
        bank.grant(10, None).await.unwrap();
        let mut row = bank.row();
        let ledger = bank.hub.ledger();
        ledger.hold(row.clone(), nano(4)).await.unwrap();
        poison(&bank.database).await;
        row.state = CallState::Succeeded;
        let left = ledger.settle(bank.priced(row, 3), Vec::new(), nano(3)).now_or_never();
        assert!(left.is_none(), "nobody can have booked it");
        let listed = "SELECT COUNT(*) FROM call WHERE state = 'succeeded' AND charge IS NULL AND settle_seq IS NULL";
        for _ in 0..500 {
            if bank.database.numbers(listed).await == [1] {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert_eq!(bank.database.numbers(listed).await, [1]);
        assert_eq!(
            bank.problems().await.len(),
            1,
            "it is out of service, and nothing else is wrong"
        );
    }
}

/// Nobody serves, so the command does it itself; a server does it for its own console.
#[tokio::test]
async fn whoever_keeps_the_ledger_lifts() {
    for kind in [ProcessKind::Command, ProcessKind::Serve] {
        in_all_ways(async |database| {
            let bank = Bank::open_as(database, kind).await;
            bank.grant(10, None).await.unwrap();
            bank.database
                .execute("UPDATE account SET quarantine = 'looked odd'")
                .await;
            let credits = bank.hub.credits();
            let lift = || credits.lift_quarantine(&MONEY, Origin::default(), bank.user, "it was not");
            assert_eq!(lift().await.unwrap(), "looked odd");
            bank.grant(1, None).await.unwrap();
            let nobody = domain::id::UserId::from_number(1);
            let refused = credits.lift_quarantine(&MONEY, Origin::default(), nobody, "x").await;
            assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
            bank.is_sound().await;
        })
        .await;
    }
}

/// The books are held against the list of changes: an account that was put back to before a grant stays out of service. A list that
/// somebody else has written refuses nobody, but the entry says that it proved less.
#[tokio::test]
async fn an_account_that_was_put_back_stays_out_of_service() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(5, None).await.unwrap();
        bank.grant(6, None).await.unwrap();
        super::put_back::cut(&bank, 2).await;
        let bank = bank.again().await;
        bank.database
            .execute("UPDATE account SET quarantine = 'looked odd' WHERE balance = 5")
            .await;
        let credits = bank.hub.credits();
        let lift = || credits.lift_quarantine(&MONEY, Origin::default(), bank.user, "it was not");
        match lift().await {
            Err(Error::Unsound { finding, .. }) => {
                assert!(finding.starts_with("The list of changes tells of it (`credit.grant`"), "{finding}");
            }
            other => panic!("{other:?}"),
        }
        bank.database
            .execute(
                "DELETE FROM audit WHERE number = (SELECT MAX(number) FROM audit WHERE action = 'credit.grant')",
            )
            .await;
        assert_eq!(lift().await.unwrap(), "looked odd");
        let said = "SELECT COUNT(*) FROM audit WHERE action = 'account.lift_quarantine' AND after_json LIKE '%list_of_changes%'";
        assert_eq!(bank.database.numbers(said).await, [1]);
    })
    .await;
}

/// Whoever has an account in memory learns at its next booking that it is out of service, and books nothing; those that end in the
/// same moment on other accounts are booked.
#[tokio::test]
async fn nothing_is_booked_on_an_account_that_was_taken_out_of_service_meanwhile() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(10, None).await.unwrap();
        let other = bank.another("two@example.com").await;
        bank.grant_to(other, 10, None).await.unwrap();
        let (one, two) = (bank.row(), bank.row_of(other));
        let ledger = bank.hub.ledger();
        for row in [&one, &two] {
            ledger.hold(row.clone(), nano(4)).await.unwrap();
        }
        bank.database
            .execute(&format!(
                "UPDATE account SET quarantine = 'for a reason' WHERE id = {}",
                bank.user.number()
            ))
            .await;
        let settle = |mut row: gateway::CallRow| {
            row.state = CallState::Succeeded;
            ledger.settle(bank.priced(row, 3), Vec::new(), nano(3))
        };
        let (refused, booked) = tokio::join!(settle(one), settle(two));
        assert!(matches!(refused, Err(Error::Quarantine { .. })), "{refused:?}");
        assert_eq!(booked.unwrap().after.balance, nano(7));
        let standing = "SELECT seq * 100 + balance FROM account WHERE balance > 0 ORDER BY balance";
        assert_eq!(bank.database.numbers(standing).await, [207, 110]);
        let booked = "SELECT COUNT(*) FROM ledger_transaction";
        assert_eq!(bank.database.numbers(booked).await, [3]);
    })
    .await;
}

//! Commands beside the server that owns the ledger, and what becomes of them when it ends.

use domain::{
    credit::{Correction, GrantDraft},
    ledger::{LotKind, Refusal, Status},
};
use futures_util::future::join_all;
use gateway::{Error, Origin, ProcessKind};
use sqlx::{Connection as _, PgConnection};

use super::{
    bank::{Bank, MONEY, ROOT, nano},
    stalled::until,
};
use crate::hub::{Database, in_all_ways};

fn draft(amount: i64) -> GrantDraft {
    GrantDraft {
        kind: LotKind::Admin,
        amount: nano(amount),
        priority: None,
        expires_at: None,
        reason: "because".to_owned(),
    }
}

#[tokio::test]
async fn a_command_grants_voids_and_adjusts_while_the_server_holds_the_account() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        // From now on the server has the account in memory.
        bank.grant(10, None).await.unwrap();
        let row = bank.row();
        bank.hub.ledger().hold(row.clone(), nano(8)).await.unwrap();

        let command = bank.database.open(ProcessKind::Command).await.unwrap();
        let (credits, here) = (command.credits(), Origin::default());
        let (lot, granted) = credits.grant(&MONEY, here, bank.user, draft(5)).await.unwrap();
        assert_eq!((granted.after.balance, granted.after.held), (nano(15), nano(8)));
        let taken = credits
            .adjust(&MONEY, here, bank.user, Correction::Take(nano(3)), "x")
            .await
            .unwrap();
        assert_eq!(taken.seq.0, 3);
        let refused = credits
            .adjust(&MONEY, here, bank.user, Correction::Take(nano(5)), "x")
            .await;
        let Err(Error::Ledger(Refusal::Shortage(facts))) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(
            (facts.needed, facts.spendable.nano(), facts.held),
            (nano(5), 4, nano(8))
        );
        // The void takes what no running call may need.
        credits.void(&MONEY, here, bank.user, lot, "x").await.unwrap();
        let end = bank.now().plus(domain::time::Micros(9));
        let never = credits.extend(&MONEY, here, bank.user, lot, Some(end), "x").await;
        assert!(matches!(never, Err(Error::Ledger(_))), "{never:?}");
        credits
            .set_status(&MONEY, here, bank.user, Status::Blocked, "x")
            .await
            .unwrap();

        // The server knows all of it.
        let blocked = bank.hub.ledger().hold(bank.row(), nano(0)).await;
        assert!(matches!(blocked, Err(Error::Ledger(Refusal::Blocked))), "{blocked:?}");
        let settled = bank
            .hub
            .ledger()
            .settle(bank.priced(row, 8), Vec::new(), nano(8))
            .await
            .unwrap();
        assert_eq!((settled.after.balance, settled.after.held), (nano(2), nano(0)));
        bank.is_sound().await;
    })
    .await;
}

#[tokio::test]
async fn many_commands_at_once_are_each_booked_once() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(1, None).await.unwrap();
        let command = bank.database.open(ProcessKind::Command).await.unwrap();
        let credits = command.credits();
        let grants = (0..40).map(|_| credits.grant(&MONEY, Origin::default(), bank.user, draft(1)));
        assert!(join_all(grants).await.iter().all(Result::is_ok));
        assert_eq!(bank.balance().await.balance, nano(41));
        let waiting = "SELECT COUNT(*) FROM ledger_inbox WHERE done_at IS NULL";
        assert_eq!(bank.database.numbers(waiting).await, [0]);
        bank.is_sound().await;
    })
    .await;
}

#[tokio::test]
async fn an_order_that_an_ended_server_left_is_booked_by_who_comes_next() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        let command = bank.database.open(ProcessKind::Command).await.unwrap();
        let (credits, user) = (command.credits(), bank.user);
        // The server stops while an order may be on its way.
        let grant = credits.grant(&MONEY, Origin::default(), user, draft(7));
        let (granted, ()) = tokio::join!(grant, bank.hub.shutdown(std::time::Duration::ZERO));
        granted.unwrap();
        assert_eq!(bank.database.numbers("SELECT remaining FROM lot").await, [7]);
        let report = credits.verify(&ROOT.money_reader(), None).await.unwrap();
        assert_eq!((report.findings.len(), report.transactions), (0, 1));
    })
    .await;
}

/// Whoever can only write to the database leaves no order: what the owner books gets the hub's own hash.
#[tokio::test]
async fn an_order_without_the_seal_of_the_hubs_keys_is_not_booked() {
    for database in [Database::sqlite(), Database::postgres_owned().await] {
        let bank = Bank::open(database).await;
        bank.grant(1, None).await.unwrap();
        let command = bank.database.open(ProcessKind::Command).await.unwrap();
        let grant = command
            .credits()
            .grant(&MONEY, Origin::default(), bank.user, draft(2))
            .await;
        grant.unwrap();
        let forged = "INSERT INTO ledger_inbox (id, wanted, seal, created_at)
            SELECT id + 1, REPLACE(wanted, '\"amount\":', '\"amount\":9'), seal, created_at FROM ledger_inbox
            UNION ALL SELECT id + 2, wanted, seal, created_at FROM ledger_inbox
            UNION ALL SELECT id + 3, wanted, NULL, created_at FROM ledger_inbox";
        bank.database.execute(forged).await;
        until("all are answered", async || {
            let answered = "SELECT COUNT(*) FROM ledger_inbox WHERE outcome LIKE '%has not the seal%'";
            bank.database.numbers(answered).await == [3]
        })
        .await;
        assert_eq!(bank.balance().await.balance, nano(3));
        assert_eq!(
            bank.database.numbers("SELECT COUNT(*) FROM ledger_transaction").await,
            [2]
        );
        bank.is_sound().await;
    }
}

/// Commands that wait for an owner find it gone at the same moment, and each books whatever waits.
#[tokio::test]
async fn what_two_commands_book_for_an_owner_that_has_gone_is_booked_once() {
    let bank = Bank::open(Database::postgres_owned().await).await;
    bank.grant(100, None).await.unwrap();
    let commands = [
        bank.database.open(ProcessKind::Command).await.unwrap(),
        bank.database.open(ProcessKind::Command).await.unwrap(),
    ];
    bank.hub.shutdown(std::time::Duration::ZERO).await;
    // As long as somebody has the owner's lock they leave their orders.
    let mut owner = PgConnection::connect(&bank.database.url).await.unwrap();
    sqlx::raw_sql("SELECT pg_advisory_lock(1)")
        .execute(&mut owner)
        .await
        .unwrap();
    let take = async |at: usize| {
        let (user, correction) = (bank.user, Correction::Take(nano(1)));
        commands[at % 2]
            .credits()
            .adjust(&MONEY, Origin::default(), user, correction, "x")
            .await
    };
    let goes = async {
        let waiting = "SELECT COUNT(*) FROM ledger_inbox WHERE done_at IS NULL";
        while bank.database.numbers(waiting).await != [20] {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        owner.close().await.unwrap();
    };
    let (taken, ()) = tokio::join!(join_all((0..20).map(take)), goes);
    assert!(taken.iter().all(Result::is_ok), "{taken:?}");
    assert_eq!(bank.database.numbers("SELECT balance FROM account").await, [80]);
    let report = commands[0].credits().verify(&ROOT.money_reader(), None).await.unwrap();
    assert_eq!((report.findings.len(), report.transactions), (0, 21));
}

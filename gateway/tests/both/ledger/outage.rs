//! A PostgreSQL that goes away: what has ended is booked once when it is back, however long that takes and whoever waits.

use std::time::Duration;

use domain::call::CallState;
use gateway::{CallRow, Error};
use sqlx::{Connection as _, PgConnection};
use tokio::time::timeout;

use super::bank::{Bank, ROOT, nano};
use crate::{
    hub::Database,
    log::{ask, refuse, simulated, state_of},
    way::Way,
};

/// Nobody waits so long here.
const LONG: Duration = Duration::from_secs(60);

/// A bank whose database can be cut off, and is waited for so long by whoever wants to be admitted.
pub(super) async fn behind_a_way(mut database: Database, patience: Duration) -> (Bank, Way) {
    let way = Way::to(&database.url).await;
    database.way = Some(way.url.clone());
    database.outage = patience;
    (Bank::open(database).await, way)
}

/// Until a query gives something that is not 0; gives that.
pub(super) async fn until(database: &Database, query: &str) -> i64 {
    for _ in 0..1_000 {
        if let Some(found) = database.numbers(query).await.into_iter().find(|found| *found != 0) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it never comes: {query}");
}

pub(super) fn ended(mut row: CallRow) -> CallRow {
    row.state = CallState::Succeeded;
    row.model_served = Some("a/model".into());
    row
}

/// What is asked for here is waited for no longer than a moment, as calls do not wait longer than ten seconds.
async fn all_that_ended_is_booked(database: Database) {
    let (bank, way) = behind_a_way(database, Duration::from_millis(300)).await;
    bank.grant(10, None).await.unwrap();
    let (settled, released, refused) = (bank.row(), bank.row(), bank.row());
    let ledger = bank.hub.ledger();
    ledger.hold(settled.clone(), nano(4)).await.unwrap();
    ledger.hold(released.clone(), nano(3)).await.unwrap();

    way.cut();
    let moment = Duration::from_millis(100);
    let settled = bank.priced(ended(settled), 3);
    let (hold, settle, release) = tokio::join!(
        timeout(Duration::from_secs(60), ledger.hold(refused, nano(1))),
        timeout(moment, ledger.settle(settled, Vec::new(), nano(3))),
        timeout(moment, ledger.release(ended(released), Vec::new())),
    );
    assert!(settle.is_err() && release.is_err(), "nobody can have booked it");
    // One that shares the ledger says so when the outage is longer than what is waited; an owner has no use for the answer.
    assert!(
        matches!(hold, Ok(Err(Error::LedgerBehind | Error::Store(_)))),
        "{hold:?}"
    );
    // Longer than any limit.
    tokio::time::sleep(Duration::from_secs(1)).await;
    way.mend();

    until(&bank.database, "SELECT COUNT(*) FROM call WHERE charge = 3").await;
    until(
        &bank.database,
        "SELECT COUNT(*) FROM ledger_transaction WHERE kind = 'release'",
    )
    .await;
    let balance = bank.balance().await;
    assert_eq!((balance.balance, balance.held), (nano(7), nano(0)));
    let ends = "SELECT COUNT(*) FROM ledger_transaction WHERE kind IN ('settle', 'release')";
    assert_eq!(bank.database.numbers(ends).await, [2]);
    assert_eq!(
        bank.database
            .numbers("SELECT COUNT(*) FROM call WHERE state = 'open'")
            .await,
        [0]
    );
    bank.is_sound().await;
}

#[tokio::test]
async fn calls_that_ended_in_an_outage_are_charged_once_it_is_over() {
    all_that_ended_is_booked(Database::postgres().await).await;
}

/// From now on a commit that adds a row to this table stands still in the middle, until the gate is opened.
pub(super) async fn shut_gate(bank: &Bank, table: &str) -> PgConnection {
    bank.database
        .execute(&format!(
            "CREATE FUNCTION stand_still() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_advisory_xact_lock(4711, 1); RETURN NULL; END $$;
             CREATE CONSTRAINT TRIGGER gate AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION stand_still()"
        ))
        .await;
    let mut gate = PgConnection::connect(&bank.database.url).await.unwrap();
    sqlx::query("SELECT pg_advisory_lock(4711, 1)")
        .execute(&mut gate)
        .await
        .unwrap();
    gate
}

/// Breaks the connection whose commit stands still, and lets that come to its end after all.
pub(super) async fn break_connection(bank: &Bank, way: &Way, gate: PgConnection) {
    let others = "FROM pg_stat_activity WHERE datname = CURRENT_DATABASE() AND wait_event_type = 'Lock' AND wait_event";
    let stands = format!("SELECT client_port::BIGINT {others} = 'advisory'");
    let port = until(&bank.database, &stands).await;
    way.cut_one(u16::try_from(port).unwrap());
    // The hub tries again, and waits for what the first try still holds.
    until(&bank.database, &format!("SELECT COUNT(*) {others} <> 'advisory'")).await;
    gate.close().await.unwrap();
}

async fn a_commit_under_way_is_booked_once(database: Database) {
    let (bank, way) = behind_a_way(database, LONG).await;
    bank.grant(10, None).await.unwrap();
    let row = bank.row();
    bank.hub.ledger().hold(row.clone(), nano(4)).await.unwrap();
    let gate = shut_gate(&bank, "ledger_transaction").await;
    let row = bank.priced(ended(row), 3);
    let ledger = bank.hub.ledger();
    // What is asked in the same moment shares the commit.
    let begun = bank.row();
    let (settled, admitted, ()) = tokio::join!(
        ledger.settle(row, Vec::new(), nano(3)),
        ledger.hold(begun.clone(), nano(2)),
        break_connection(&bank, &way, gate)
    );
    assert!(settled.is_ok() && admitted.is_ok(), "{settled:?} {admitted:?}");
    let charges = "SELECT charge FROM call WHERE charge IS NOT NULL";
    assert_eq!(bank.database.numbers(charges).await, [3]);
    assert_eq!(bank.database.numbers("SELECT calls FROM usage_hour").await, [1]);
    let balance = bank.balance().await;
    assert_eq!((balance.balance, balance.held), (nano(7), nano(2)));
    ledger.release(ended(begun), Vec::new()).await.unwrap();
    bank.is_sound().await;
}

#[tokio::test]
async fn a_commit_that_is_under_way_when_its_connection_breaks_is_booked_once() {
    a_commit_under_way_is_booked_once(Database::postgres().await).await;
    a_commit_under_way_is_booked_once(Database::postgres_owned().await).await;
}

/// Holds have no line in the journal: the rows of their calls tell.
async fn holds_under_way_are_admitted_once(database: Database) {
    let (bank, way) = behind_a_way(database, LONG).await;
    bank.grant(10, None).await.unwrap();
    let gate = shut_gate(&bank, "call").await;
    let ledger = bank.hub.ledger();
    let (one, two) = (bank.row(), bank.row());
    let (first, second, ()) = tokio::join!(
        ledger.hold(one.clone(), nano(4)),
        ledger.hold(two, nano(2)),
        break_connection(&bank, &way, gate)
    );
    assert!(first.is_ok() && second.is_ok(), "{first:?} {second:?}");
    assert_eq!(bank.balance().await.held, nano(6));
    let settled = ledger.settle(bank.priced(ended(one), 4), Vec::new(), nano(4)).await;
    assert!(settled.is_ok(), "{settled:?}");
    assert_eq!(bank.balance().await.held, nano(2));
    bank.is_sound().await;
}

#[tokio::test]
async fn holds_that_are_under_way_when_their_connection_breaks_are_admitted_once() {
    holds_under_way_are_admitted_once(Database::postgres().await).await;
    holds_under_way_are_admitted_once(Database::postgres_owned().await).await;
}

/// Neither the end of a call nor the same without texts is taken, so its task goes and its row stands as open.
#[tokio::test]
async fn a_call_whose_end_could_not_be_written_is_closed() {
    crate::hub::in_all_ways(async |database| {
        let hub = database.serve().await;
        // Whoever asks.
        database
            .execute(
                "INSERT INTO person (id, email, role, created_at) VALUES (1, 'x', 'member', 1);
                 INSERT INTO account (id, person_id, booked_at, created_at) VALUES (1, 1, 1, 1)",
            )
            .await;
        simulated(&hub).await;
        refuse(&database, "@state IN ('succeeded', 'failed')").await;
        let stream = r#"{"model":"simulated/echo","stream":true,"messages":[{"role":"user","content":"x"}]}"#;
        let (id, answer) = ask(&hub, stream).await;
        let mut pieces = crate::log::stream(answer.unwrap());
        while pieces.recv().await.is_some() {}
        assert_eq!(state_of(&hub, id).await, "open");
        // Its task may still be about to leave.
        for _ in 0..500 {
            hub.sweep().await;
            if state_of(&hub, id).await == "interrupted" {
                let report = hub.credits().verify(&ROOT.money_reader(), None).await.unwrap();
                assert_eq!(report.findings, []);
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("it stands as open for ever");
    })
    .await;
}

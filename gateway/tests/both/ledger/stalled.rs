//! A ledger that is shared and does not get on: another transaction holds the row of an account. Whoever waits to be admitted
//! gives up, the server says that it is not ready, and nothing is left of it when the row is free.

use std::time::{Duration, Instant};

use bytes::Bytes;
use domain::{
    call::{Dialect, Door},
    setting::Setting,
};
use futures_util::future::join;
use gateway::{
    Error, Origin,
    call::{CallRequest, Caller, Room},
};
use sqlx::{Connection as _, PgConnection};

use super::bank::{Bank, ROOT, nano};
use crate::hub::Database;

/// Holds the rows of all accounts as long as it lives.
pub(super) async fn hold_rows(database: &Database) -> PgConnection {
    let mut connection = PgConnection::connect(&database.url).await.unwrap();
    sqlx::raw_sql("BEGIN; SELECT id FROM account FOR UPDATE")
        .execute(&mut connection)
        .await
        .unwrap();
    connection
}

pub(super) async fn until<F: Future<Output = bool>>(what: &str, mut seen: impl FnMut() -> F) {
    for _ in 0..1_000 {
        if seen().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it never comes: {what}");
}

/// A hub whose calls cost money and wait to be admitted for a moment.
async fn impatient() -> Bank {
    let mut database = Database::postgres().await;
    database.outage = Duration::from_millis(300);
    charging(database).await
}

/// A hub whose calls cost money.
pub(super) async fn charging(database: Database) -> Bank {
    let bank = Bank::open(database).await;
    let options = bank.hub.options();
    options
        .set(&ROOT.money(), Origin::default(), Setting::Mode, "service-provider")
        .await
        .unwrap();
    bank.grant(1_000, None).await.unwrap();
    bank
}

pub(super) fn embedding(bank: &Bank) -> CallRequest {
    CallRequest {
        dialect: Dialect::OpenaiEmbeddings,
        door: Door::Api,
        caller: Caller::of_person(bank.user),
        from: None,
        session: None,
        body: Bytes::from_static(br#"{"model":"a/model","input":"x"}"#),
        room: Room::default(),
        stream: false,
        headers: gateway::call::Passing::default(),
        agent: None,
        arrived: Instant::now(),
        arrived_at: bank.now(),
        id: bank.hub.new_call_id(),
    }
}

/// Its hold is in the batch that stands still, and is written after its end.
#[tokio::test]
async fn a_call_that_was_given_up_in_the_batch_that_stands_still_stays_ended() {
    let bank = impatient().await;
    let held = hold_rows(&bank.database).await;
    let request = embedding(&bank);
    let id = request.id.number();
    let error = bank.hub.call(request).await.unwrap_err();
    assert_eq!((error.status, &*error.code), (503, "ledger_behind"));
    held.close().await.unwrap();

    // Comes after it in the same queue.
    let next = bank.hub.ledger().hold(bank.row(), nano(1_000)).await;
    assert!(next.is_ok(), "{next:?}");
    let ended = format!(
        "SELECT COUNT(*) FROM call WHERE id = {id} AND state = 'failed' AND error_code = 'ledger_behind' AND hold_seq IS NULL"
    );
    assert_eq!(bank.database.numbers(&ended).await, [1]);
    bank.is_sound().await;
}

/// The call that finds out, and those behind it: nobody is kept longer than it takes to see that nothing gets on.
#[tokio::test]
async fn a_call_that_meets_a_database_that_stands_still_is_refused_within_seconds() {
    let bank = charging(Database::postgres().await).await;
    let mut still = hold_rows(&bank.database).await;
    // Nor is the row of the refused call taken.
    sqlx::raw_sql("LOCK TABLE call IN ACCESS EXCLUSIVE MODE")
        .execute(&mut still)
        .await
        .unwrap();
    let began = Instant::now();
    let (first, second) = join(bank.hub.call(embedding(&bank)), bank.hub.call(embedding(&bank))).await;
    for error in [first.unwrap_err(), second.unwrap_err()] {
        assert_eq!((error.status, &*error.code), (503, "ledger_behind"));
        assert!(error.retry_after.is_some(), "{error:?}");
    }
    // Two waits of a second each. Whoever waits as long as answers may wait for their rows is kept twice ten.
    assert!(began.elapsed() < Duration::from_secs(9), "{:?}", began.elapsed());
    // From now on it is known.
    let began = Instant::now();
    let error = bank.hub.call(embedding(&bank)).await.unwrap_err();
    assert_eq!(error.status, 503, "{error:?}");
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());

    still.close().await.unwrap();
    until("it gets on", async || bank.hub.ready().await.unwrap()).await;
    // Comes after them in the same queue.
    let next = bank.hub.ledger().hold(bank.row(), nano(1_000)).await;
    assert!(next.is_ok(), "{next:?}");
    let failed = "SELECT COUNT(*) FROM call WHERE state = 'failed' AND error_code = 'ledger_behind'";
    until("both are listed", async || bank.database.numbers(failed).await[0] >= 2).await;
    bank.is_sound().await;
}

/// Transactions of somebody else that write, one after the other, until this is dropped.
async fn keeps_moving(database: &Database) {
    let mut connection = PgConnection::connect(&database.url).await.unwrap();
    sqlx::raw_sql("CREATE TABLE elsewhere (n BIGINT)")
        .execute(&mut connection)
        .await
        .unwrap();
    loop {
        let write = "BEGIN; INSERT INTO elsewhere VALUES (1)";
        sqlx::raw_sql(write).execute(&mut connection).await.unwrap();
        tokio::time::sleep(Duration::from_millis(150)).await;
        sqlx::raw_sql("COMMIT").execute(&mut connection).await.unwrap();
    }
}

/// Longer than a standstill is borne: others write, so there is a use in waiting.
#[tokio::test]
async fn a_call_waits_for_locks_while_others_get_on() {
    let bank = charging(Database::postgres().await).await;
    let rows = hold_rows(&bank.database).await;
    let free = async {
        tokio::time::sleep(Duration::from_millis(4500)).await;
        rows.close().await.unwrap();
    };
    let call = async {
        let (error, ()) = join(bank.hub.call(embedding(&bank)), free).await;
        error.unwrap_err()
    };
    let error = tokio::select! {
        error = call => error,
        () = keeps_moving(&bank.database) => unreachable!(),
    };
    // It was admitted, and the provider is not there.
    assert_ne!(&*error.code, "ledger_behind", "{error:?}");
    let admitted = "SELECT COUNT(*) FROM call WHERE hold_seq IS NOT NULL";
    until("it is listed", async || bank.database.numbers(admitted).await == [1]).await;
    bank.is_sound().await;
}

#[tokio::test]
async fn a_call_whose_caller_gave_up_while_it_was_admitted_takes_nothing_and_breaks_nothing() {
    let bank = impatient().await;
    let held = hold_rows(&bank.database).await;
    let request = embedding(&bank);
    // One more in the same batch or behind it, whose caller leaves without a word.
    let gone = bank.row();
    let ledger = bank.hub.ledger();
    let left = tokio::time::timeout(Duration::from_millis(100), ledger.hold(gone.clone(), nano(5)));
    assert!(left.await.is_err(), "nobody can have admitted it");
    let error = bank.hub.call(request).await.unwrap_err();
    assert_eq!((error.status, &*error.code), (503, "ledger_behind"));
    let failed = "SELECT COUNT(*) FROM call WHERE state = 'failed' AND error_code = 'ledger_behind'";
    assert_eq!(bank.database.numbers(failed).await, [1]);

    held.close().await.unwrap();
    // Comes after it in the same queue.
    let next = bank.row();
    let (admitted, last) = join(ledger.hold(next.clone(), nano(1)), ledger.hold(bank.row(), nano(999))).await;
    assert!(admitted.is_ok() && last.is_ok(), "{admitted:?} {last:?}");
    assert_eq!(bank.balance().await.held, nano(1_000));
    let given_back = format!(
        "SELECT COUNT(*) FROM ledger_transaction WHERE kind = 'release' AND call_id = {}",
        gone.id.number()
    );
    assert_eq!(bank.database.numbers(&given_back).await, [1]);
    // The one whose caller was told, and the one whose caller had gone.
    assert_eq!(bank.database.numbers(failed).await, [2]);
    bank.is_sound().await;
}

#[tokio::test]
async fn a_shared_ledger_that_does_not_get_on_is_not_ready_and_refuses_new_calls() {
    let bank = Bank::open(Database::postgres().await).await;
    bank.grant(10, None).await.unwrap();
    assert!(bank.hub.ready().await.unwrap());
    let ledger = bank.hub.ledger();
    let running = bank.row();
    ledger.hold(running.clone(), nano(2)).await.unwrap();
    let held = hold_rows(&bank.database).await;
    let meanwhile = async {
        until("it is not ready", async || !bank.hub.ready().await.unwrap()).await;
        let refused = ledger.hold(bank.row(), nano(1)).await;
        assert!(matches!(refused, Err(Error::LedgerBehind)), "{refused:?}");
        held.close().await.unwrap();
    };
    // Ends of calls that run are taken all the same.
    let (waited, ended, ()) = tokio::join!(
        ledger.hold(bank.row(), nano(1)),
        ledger.settle(bank.priced(running, 2), Vec::new(), nano(2)),
        meanwhile
    );
    assert!(waited.is_ok() && ended.is_ok(), "{waited:?} {ended:?}");
    until("it is ready again", async || bank.hub.ready().await.unwrap()).await;
    bank.is_sound().await;
}

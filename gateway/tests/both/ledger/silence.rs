//! A way to PostgreSQL that freezes: connections stay, and nothing is heard on them any more, while new ones are served. Calls go on after a
//! while, each is charged once, whatever was on its way; whoever only waits for a lock is waited for; and the hub can be stopped.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use futures_util::future::join_all;
use gateway::{Error, ProcessKind};
use tokio::time::{sleep, timeout};

use super::{
    bank::{Bank, nano},
    outage::{ended, shut_gate, until},
    stalled::{hold_rows, until as until_it_is},
};
use crate::{hub::Database, way::Way};

/// Connections are given up when nothing is heard for so long.
const SILENCE: Duration = Duration::from_secs(1);
/// By then all is over that takes its time.
const BOUND: Duration = Duration::from_secs(60);
const CLIENTS: usize = 8;
const CALLS: usize = 12;

async fn behind_a_way(database: Database) -> (Bank, Way) {
    behind_a_way_as(database, "").await
}

/// With more in the address.
async fn behind_a_way_as(mut database: Database, more: &str) -> (Bank, Way) {
    let way = Way::to(&database.url).await;
    let sign = if way.url.contains('?') { '&' } else { '?' };
    database.way = Some(match more {
        "" => way.url.clone(),
        more => format!("{}{sign}{more}", way.url),
    });
    database.silence = SILENCE;
    let bank = Bank::open(database).await;
    bank.grant(1_000, None).await.unwrap();
    (bank, way)
}

/// One call after the other. Of those that nobody admits nothing is left.
async fn calls(bank: &Bank, done: &AtomicUsize) {
    let ledger = bank.hub.ledger();
    for _ in 0..CALLS {
        let row = loop {
            let row = bank.row();
            match ledger.hold(row.clone(), nano(1)).await {
                Ok(_) => break row,
                Err(Error::LedgerBehind) => sleep(Duration::from_millis(20)).await,
                Err(error) => panic!("{error}"),
            }
        };
        let row = bank.priced(ended(row), 1);
        ledger.settle(row, Vec::new(), nano(1)).await.unwrap();
        done.fetch_add(1, Ordering::SeqCst);
    }
}

async fn calls_go_on(database: Database) {
    let (bank, way) = behind_a_way(database).await;
    let done = AtomicUsize::new(0);
    let freeze = async {
        // Whenever some have ended, others are on their way.
        for enough in [CLIENTS, CLIENTS * CALLS / 2] {
            while done.load(Ordering::SeqCst) < enough {
                sleep(Duration::from_millis(1)).await;
            }
            way.freeze();
        }
    };
    let all = join_all((0..CLIENTS).map(|_| calls(&bank, &done)));
    let over = timeout(BOUND, async { tokio::join!(all, freeze) }).await;
    assert!(over.is_ok(), "{} calls ended", done.load(Ordering::SeqCst));

    let count = i64::try_from(CLIENTS * CALLS).unwrap();
    let charged = bank
        .database
        .numbers("SELECT COUNT(*) FROM call WHERE charge IS NOT NULL")
        .await;
    assert_eq!(charged, [count]);
    let balance = bank.balance().await;
    assert_eq!((balance.balance, balance.held), (nano(1_000 - count), nano(0)));
    bank.is_sound().await;
    // The proof that it lives was on such a connection, too.
    until_it_is("ready", async || bank.hub.ready().await.unwrap()).await;
}

#[tokio::test]
async fn calls_go_on_when_the_connections_of_a_sharer_freeze() {
    calls_go_on(Database::postgres().await).await;
}

#[tokio::test]
async fn calls_go_on_when_the_connections_of_an_owner_freeze() {
    calls_go_on(Database::postgres_owned().await).await;
}

/// Statement by statement, in one that stands in the middle and holds locks, and whose other end nobody ends.
#[tokio::test]
async fn what_a_frozen_connection_holds_is_let_go() {
    let mut database = Database::postgres().await;
    // Every batch goes that way.
    database.keeps_after = u32::MAX;
    let (bank, way) = behind_a_way(database).await;
    let held = hold_rows(&bank.database).await;
    let ledger = bank.hub.ledger();
    let row = bank.row();
    let meanwhile = async {
        let waits =
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = CURRENT_DATABASE() AND wait_event_type = 'Lock'";
        until(&bank.database, waits).await;
        // It comes to its locks unheard, in the middle of its transaction.
        way.freeze();
        drop(held);
    };
    let (hold, ()) = timeout(BOUND, async {
        tokio::join!(ledger.hold(row.clone(), nano(4)), meanwhile)
    })
    .await
    .unwrap();
    assert!(hold.is_ok(), "{hold:?}");
    let settled = ledger.settle(bank.priced(ended(row), 4), Vec::new(), nano(4)).await;
    assert!(settled.is_ok(), "{settled:?}");
    assert_eq!(bank.balance().await.balance, nano(996));
    bank.is_sound().await;
}

/// `sees`: what PostgreSQL is at work on can be seen.
async fn a_lock_is_waited_for((bank, way): (Bank, Way), sees: bool) {
    let row = bank.row();
    bank.hub.ledger().hold(row.clone(), nano(4)).await.unwrap();
    let gate = shut_gate(&bank, "ledger_transaction").await;
    let row = bank.priced(ended(row), 3);
    let ledger = bank.hub.ledger();
    let meanwhile = async {
        let waits =
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = CURRENT_DATABASE() AND wait_event_type = 'Lock'";
        until(&bank.database, waits).await;
        // Long after it was asked about for the first time nobody has tried once more.
        sleep(SILENCE * 4).await;
        assert_eq!(bank.database.numbers(waits).await, [1]);
        // And so it is when its answer will be lost: it is known once PostgreSQL has done with it.
        if sees {
            way.freeze();
        }
        drop(gate);
    };
    let (settled, ()) = timeout(BOUND, async {
        tokio::join!(ledger.settle(row, Vec::new(), nano(3)), meanwhile)
    })
    .await
    .unwrap();
    assert!(settled.is_ok(), "{settled:?}");
    let charges = "SELECT charge FROM call WHERE charge IS NOT NULL";
    assert_eq!(bank.database.numbers(charges).await, [3]);
    assert_eq!(bank.balance().await.balance, nano(997));
    bank.is_sound().await;
}

#[tokio::test]
async fn a_commit_that_waits_for_a_lock_is_no_silence() {
    a_lock_is_waited_for(behind_a_way(Database::postgres().await).await, true).await;
    a_lock_is_waited_for(behind_a_way(Database::postgres_owned().await).await, true).await;
}

#[tokio::test]
async fn a_lock_is_waited_for_whatever_the_connections_are_called() {
    // PostgreSQL writes other letters for these.
    let bank = behind_a_way_as(Database::postgres().await, "application_name=h%C3%BCb").await;
    a_lock_is_waited_for(bank, true).await;
}

#[tokio::test]
async fn a_lock_is_waited_for_where_postgresql_tells_nothing_of_its_work() {
    let database = Database::postgres().await;
    database
        .execute(
            "DO $$ BEGIN EXECUTE FORMAT('ALTER DATABASE %I SET track_activities = off', CURRENT_DATABASE()); END $$",
        )
        .await;
    a_lock_is_waited_for(behind_a_way(database).await, false).await;
}

/// What has ended is booked on the way, and another server can take its place at once.
async fn it_can_be_stopped(database: Database) {
    let (bank, way) = behind_a_way(database).await;
    let row = bank.row();
    bank.hub.ledger().hold(row.clone(), nano(4)).await.unwrap();
    way.freeze();
    let row = bank.priced(ended(row), 3);
    let ledger = bank.hub.ledger();
    // It is queued before it is waited for.
    let settle = ledger.settle(row, Vec::new(), nano(3));
    let stop = async {
        tokio::task::yield_now().await;
        bank.hub.shutdown(Duration::ZERO).await;
    };
    let (settled, ()) = timeout(BOUND, async { tokio::join!(settle, stop) }).await.unwrap();
    assert!(settled.is_ok(), "{settled:?}");
    let next = bank.database.open(ProcessKind::Serve).await.unwrap();
    let charges = "SELECT charge FROM call WHERE charge IS NOT NULL";
    assert_eq!(bank.database.numbers(charges).await, [3]);
    next.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn a_hub_whose_connections_are_frozen_can_be_stopped() {
    it_can_be_stopped(Database::postgres().await).await;
    it_can_be_stopped(Database::postgres_owned().await).await;
}

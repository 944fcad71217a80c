//! The row of a call is durable before its last byte: after a kill under load, every call whose end a client received is in
//! the log, and those that were open stand as interrupted.

use std::time::Duration;

use tests::hub::{Cluster, Hub};
use tests::kill::{Victim, soak::Way};
use tests::stage::{Stage, call_id, hello, on_both, streamed};

#[tokio::test]
async fn the_row_is_written_when_the_last_byte_arrives() {
    on_both(async |kind| {
        let mut stage = Stage::start(kind).await;
        let failing = hello("fault-500");
        for body in [
            hello("gpt-4o-mini"),
            streamed(hello("gpt-4o-mini")),
            streamed(hello("fault-cut-mid")),
            failing,
        ] {
            let answer = stage.chat(&body).send().await.unwrap();
            let id = call_id(&answer);
            answer.bytes().await.unwrap();
            // Nothing has time to be written any more.
            stage.hub.take_process().kill().await;
            let row = stage.listed(&id).await;
            let wanted = if body["model"] == "fake/gpt-4o-mini" {
                "succeeded"
            } else {
                "failed"
            };
            assert_eq!(row["state"], wanted, "{body}");
            assert_eq!(row["attempt_count"], 1);
            stage.hub.serve().await;
            assert_eq!(stage.row(&id).await["attempts"].as_array().unwrap().len(), 1);
        }
    })
    .await;
}

/// Load with four kills in it, of so many seconds before each: 20 in all on each database. `make soak` does this for minutes.
async fn killed_under_load(way: Way, seconds: [u64; 4]) {
    let mut victim = way.victim(24).await;
    let (mut finished, mut penniless) = (0, 0);
    for seconds in seconds {
        let round = victim.round(Duration::from_secs(seconds)).await;
        assert!(round.interrupted >= 6, "{round:?}");
        finished += round.finished;
        penniless += round.penniless;
    }
    assert!(finished > 125, "only {finished} calls came to an end: this was no load");
    assert!(
        penniless > 10,
        "only {penniless} calls found no credit left: nobody was near zero"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_under_load_loses_nothing_on_sqlite() {
    killed_under_load(Way::Sqlite, [2, 4, 6, 8]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_under_load_loses_nothing_on_postgres() {
    killed_under_load(Way::PostgresShared, [2, 2, 3, 3]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_under_load_loses_nothing_where_a_server_owns_the_ledger_on_postgres() {
    killed_under_load(Way::PostgresOwned, [2, 2, 3, 3]).await;
}

/// PostgreSQL is killed in the middle of a batch, and comes back. Whoever waited for it is served then.
async fn the_database_is_killed_under_load(order: &str) {
    let mut cluster = Cluster::start().await;
    let mut hub = Hub::on(&cluster);
    hub.set("HUB_LEDGER", order);
    let mut victim = Victim::start_with(hub, 16).await;
    for _ in 0..2 {
        let finished = victim.database_round(&mut cluster, Duration::from_secs(1)).await;
        assert!(finished > 30, "only {finished} calls came to an end: this was no load");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_of_the_database_loses_nothing_where_the_ledger_is_shared() {
    the_database_is_killed_under_load("shared").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_of_the_database_loses_nothing_where_the_ledger_is_owned() {
    the_database_is_killed_under_load("owned").await;
}

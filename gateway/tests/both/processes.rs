//! Processes: their numbers, and the proof that they live.

use std::time::{Duration, Instant};

use domain::id::{PROCESS_BITS, SEQUENCE_BITS, pack};
use gateway::{Gateway, ProcessKind};

use crate::{
    hub::{Database, on_both},
    log::{ask, simulated, state_of, stream},
};

/// Longer than anything takes on a busy machine; waiting ends at once when it has happened.
const SOON: Duration = Duration::from_secs(20);

/// By which number the newest process tells its ids from others'.
async fn newest_number(database: &Database) -> i64 {
    let ids = database
        .numbers("SELECT id FROM process ORDER BY started_at DESC, id DESC")
        .await;
    (ids[0] >> SEQUENCE_BITS) & ((1 << PROCESS_BITS) - 1)
}

/// The next process would get this number if it asked nobody.
async fn come_round_to(database: &Database, number: i64) {
    let before = number + (1 << PROCESS_BITS) - 1;
    database
        .execute(&format!("UPDATE counter SET value = {before} WHERE name = 'process'"))
        .await;
}

#[tokio::test]
async fn no_two_that_live_have_one_number() {
    on_both(async |database| {
        let _server = database.serve().await;
        let first = newest_number(&database).await;
        come_round_to(&database, first).await;
        let command = database.open(ProcessKind::Command).await.unwrap();
        assert_eq!(newest_number(&database).await, first + 1, "the server lives");
        come_round_to(&database, first).await;
        let other = database.open(ProcessKind::Command).await.unwrap();
        assert_eq!(
            newest_number(&database).await,
            first + 2,
            "the server and a command live"
        );

        // One that died without a word, and whose number comes round.
        let dead = pack(1_800_000_000_000, u16::try_from(first + 3).unwrap(), 0);
        database
            .execute(&format!(
                "INSERT INTO process (id, kind, started_at, seen_at) VALUES ({dead}, 'command', 1, 1)"
            ))
            .await;
        command.shutdown(Duration::ZERO).await;
        other.shutdown(Duration::ZERO).await;
        drop((command, other));
        come_round_to(&database, first + 3).await;
        let _third = database.open(ProcessKind::Command).await.unwrap();
        assert_eq!(newest_number(&database).await, first + 3, "the dead need none");
        assert_eq!(
            database
                .numbers("SELECT COUNT(*) FROM process WHERE ended_at IS NULL")
                .await,
            [2]
        );
    })
    .await;
}

/// Whoever notices the end of one may have a clock that is far behind: by that it would have ended before calls that it ran.
#[tokio::test]
async fn a_dead_process_did_not_end_before_it_was_seen_last() {
    on_both(async |database| {
        let ahead = 4_000_000_000_000_000_i64;
        database
            .execute(&format!(
                "INSERT INTO process (id, kind, started_at, seen_at) VALUES (5, 'command', 1, {ahead}), (6, 'command', 1, 1)"
            ))
            .await;
        let _other = database.open(ProcessKind::Command).await.unwrap();
        let ended = "SELECT id FROM process WHERE ended_at = seen_at AND (ended_at = 4000000000000000) = (id = 5) ORDER BY id";
        assert_eq!(database.numbers(ended).await, [5, 6]);
    })
    .await;
}

#[tokio::test]
async fn when_all_numbers_are_in_use_no_more_may_begin() {
    let database = Database::postgres().await;
    let _server = database.serve().await;
    // Each has its lock, held here, so none of them is dead.
    let mut holder = <sqlx::PgConnection as sqlx::Connection>::connect(&database.url)
        .await
        .unwrap();
    let all = 1 << PROCESS_BITS;
    let rows: Vec<String> = (0..all)
        .map(|number| format!("({}, 'command', 1, 1)", pack(1_800_000_000_000, number, 0)))
        .collect();
    database
        .execute(&format!(
            "INSERT INTO process (id, kind, started_at, seen_at) VALUES {}",
            rows.join(", ")
        ))
        .await;
    sqlx::query("SELECT pg_advisory_lock(id) FROM process WHERE kind = 'command'")
        .execute(&mut holder)
        .await
        .unwrap();
    let refused = database.open(ProcessKind::Command).await;
    assert!(matches!(refused, Err(gateway::OpenError::TooManyProcesses)));
    drop(holder);
}

/// Until the hub is ready.
async fn until_ready(hub: &Gateway) {
    let begin = Instant::now();
    while !hub.ready().await.unwrap() {
        assert!(begin.elapsed() < SOON, "it never becomes ready again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A process that is not there may have lost its connection a moment ago: nothing of it is closed at the first look.
#[tokio::test]
async fn the_calls_of_a_process_that_is_away_for_a_moment_are_left_alone() {
    let database = Database::postgres().await;
    let hub = database.serve().await;
    let away = pack(1_800_000_000_000, 77, 0);
    database
        .execute(&format!(
            "INSERT INTO process (id, kind, started_at, seen_at) VALUES ({away}, 'serve', 1, 1);
             INSERT INTO call (id, process_id, started_at, endpoint, door, streamed, state, person_id, model_asked)
                VALUES (1, {away}, 1, 'chat', 'api', 0, 'open', 1, 'm')"
        ))
        .await;
    let lost = "SELECT lost FROM call";
    hub.sweep().await;
    assert_eq!(database.numbers(lost).await, [0]);
    // It is there again; and of one that stands in no list nobody waits for more.
    let mut holder = <sqlx::PgConnection as sqlx::Connection>::connect(&database.url)
        .await
        .unwrap();
    sqlx::query("SELECT pg_advisory_lock($1)")
        .bind(away)
        .execute(&mut holder)
        .await
        .unwrap();
    hub.sweep().await;
    assert_eq!(database.numbers(lost).await, [0]);
    // A connection that is only dropped holds it until PostgreSQL has noticed.
    sqlx::query("SELECT pg_advisory_unlock($1)")
        .bind(away)
        .execute(&mut holder)
        .await
        .unwrap();
    database
        .execute("DELETE FROM process WHERE kind = 'serve' AND seen_at = 1")
        .await;
    hub.sweep().await;
    assert_eq!(database.numbers(lost).await, [1]);
}

#[tokio::test]
async fn a_lock_that_was_lost_is_taken_again_and_calls_go_on() {
    let database = Database::postgres().await;
    let hub = database.serve().await;
    simulated(&hub).await;
    let process = database.numbers("SELECT id FROM process").await[0];
    let holder = format!(
        "SELECT pid::BIGINT FROM pg_locks WHERE locktype = 'advisory' AND granted AND (classid::BIGINT << 32) | objid::BIGINT = {process}"
    );
    let before = database.numbers(&holder).await;
    assert_eq!(before.len(), 1);
    // Its answer takes about as long as it takes to notice.
    let slow = r#"{"model":"simulated/text","stream":true,"max_tokens":60,"simulated":{"pace_ms":50},"messages":[{"role":"user","content":"x"}]}"#;
    let (id, answer) = ask(&hub, slow).await;
    let mut pieces = stream(answer.unwrap());
    assert!(pieces.recv().await.is_some());

    database
        .numbers(&format!("SELECT 1::BIGINT FROM pg_terminate_backend({})", before[0]))
        .await;
    // Another replica takes this one for dead, and closes its open calls.
    let other = database.serve().await;
    // Which it does when the process does not come back in time: here one that no list knows.
    database.execute("UPDATE call SET process_id = 12345").await;
    other.sweep().await;
    assert_eq!(database.numbers("SELECT lost FROM call").await, [1]);
    database
        .execute(&format!("UPDATE call SET process_id = {process}"))
        .await;
    until_ready(&hub).await;
    let after = database.numbers(&holder).await;
    assert!(after.len() == 1 && after != before, "{before:?} {after:?}");
    let begin = Instant::now();
    while database
        .numbers("SELECT COUNT(*) FROM process WHERE ended_at IS NULL")
        .await
        != [2]
    {
        assert!(begin.elapsed() < SOON, "it still stands as ended");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    let mut last = None;
    while let Some(piece) = pieces.recv().await {
        last = Some(piece);
    }
    assert_eq!(last.as_deref(), Some(&b"data: [DONE]\n\n"[..]));
    assert_eq!(state_of(&hub, id).await, "succeeded");
    // It was closed, and has ended by itself after that: it says so, and is counted once.
    assert_eq!(database.numbers("SELECT late FROM call").await, [1]);
    let counted = "SELECT CAST(SUM(calls * 10 + errors) AS BIGINT) FROM usage_hour";
    assert_eq!(database.numbers(counted).await, [10]);
    assert!(
        ask(
            &hub,
            r#"{"model":"simulated/echo","messages":[{"role":"user","content":"x"}]}"#
        )
        .await
        .1
        .is_ok()
    );
    assert!(other.ready().await.unwrap());
}

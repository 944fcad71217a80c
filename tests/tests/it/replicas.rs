//! PostgreSQL knows a server by a lock that a connection holds. Connections break; the server goes on.

use std::time::Instant;

use tests::hub::{Kind, database};
use tests::stage::{SOON, Stage, hello};

/// The connection that holds the lock of the server.
async fn holder(stage: &Stage) -> Vec<i64> {
    let query =
        "SELECT l.pid::BIGINT FROM pg_locks l JOIN process p ON p.id = (l.classid::BIGINT << 32) | l.objid::BIGINT
        WHERE l.locktype = 'advisory' AND l.granted AND p.kind = 'serve'
          AND l.database = (SELECT oid FROM pg_database WHERE datname = CURRENT_DATABASE())";
    database::numbers(&stage.hub.database_url, query).await
}

#[tokio::test]
async fn a_server_whose_lock_was_lost_becomes_ready_again() {
    let stage = Stage::start(Kind::Postgres).await;
    for _ in 0..2 {
        let before = holder(&stage).await;
        assert_eq!(before.len(), 1, "one server holds one lock");
        let end = format!("SELECT pg_terminate_backend({})", before[0]);
        database::execute(&stage.hub.database_url, &end).await;
        let begin = Instant::now();
        loop {
            let now = holder(&stage).await;
            let ready = stage.hub.get("/readyz").send().await.unwrap().status;
            if now.len() == 1 && now != before && ready == 200 {
                break;
            }
            assert!(
                begin.elapsed() < SOON,
                "not ready again: {ready}, {now:?}\n{}",
                stage.hub.log()
            );
            // Calls do not wait for it.
            assert_eq!(stage.chat(&hello("gpt-4o-mini")).send().await.unwrap().status, 200);
        }
    }
    assert_eq!(stage.chat(&hello("gpt-4o-mini")).send().await.unwrap().status, 200);
}

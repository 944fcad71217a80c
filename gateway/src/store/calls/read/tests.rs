//! No list works harder because the log is longer. Measured in the steps of SQLite's own machine, which are the same on
//! every computer.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use domain::{
    call::{CallFilter, CallState, Concern, Endpoint},
    id::{KeyId, ProjectId, ProviderId, UserId},
    page::{Cursor, PageSize},
    time::Timestamp,
};
use sqlx::{Connection as _, QueryBuilder, Sqlite, SqliteConnection};

use super::{super::concern::concern, *};

/// Small, so that a short log exceeds it.
const SIZE: i64 = 100;
const CAP: i64 = 100;

/// A log of so many calls, all alike.
async fn log(calls: i64) -> SqliteConnection {
    let mut database = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    sqlx::migrate!("../migrations/sqlite").run(&mut database).await.unwrap();
    sqlx::query(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
         INSERT INTO call (id, process_id, started_at, endpoint, door, streamed, state, person_id, key_id, model_asked, model_served, provider_id, project_id)
         SELECT i, 1, 0, 'chat', 'api', 0, 'succeeded', 1, 1, 'p/common', 'p/common', 1, 5 FROM n",
    )
    .bind(calls)
    .execute(&mut database)
    .await
    .unwrap();
    sqlx::query("UPDATE call SET late = 1 WHERE id % 2 = 0")
        .execute(&mut database)
        .await
        .unwrap();
    database
}

/// How many steps a statement takes to its end.
async fn steps(database: &mut SqliteConnection, mut query: QueryBuilder<Sqlite>) -> u64 {
    let counter = Arc::new(AtomicU64::new(0));
    let counting = Arc::clone(&counter);
    let mut handle = database.lock_handle().await.unwrap();
    handle.set_progress_handler(1, move || {
        counting.fetch_add(1, Ordering::Relaxed);
        true
    });
    drop(handle);
    query.build().persistent(false).fetch_all(&mut *database).await.unwrap();
    database.lock_handle().await.unwrap().remove_progress_handler();
    counter.load(Ordering::Relaxed)
}

/// Every filter: each of its conditions absent, met by all calls, or met by none.
fn filters() -> Vec<CallFilter> {
    let mut filters = vec![CallFilter::default()];
    let mut each = |change: &dyn Fn(&mut CallFilter, bool)| {
        let before = filters.clone();
        for met in [true, false] {
            filters.extend(before.iter().cloned().map(|mut filter| {
                change(&mut filter, met);
                filter
            }));
        }
    };
    let number = |met: bool| if met { 1 } else { 999 };
    each(&|filter, met| filter.user = Some(UserId::from_number(number(met))));
    each(&|filter, met| filter.key = Some(KeyId::from_number(number(met))));
    each(&|filter, met| filter.provider = Some(ProviderId::from_number(number(met))));
    each(&|filter, met| filter.state = Some(if met { CallState::Succeeded } else { CallState::Failed }));
    each(&|filter, met| filter.endpoint = Some(if met { Endpoint::Chat } else { Endpoint::Embeddings }));
    each(&|filter, met| filter.model = Some(if met { "common" } else { "rare" }.to_owned()));
    // Beside a few of them a project, which all are of or none is.
    let some: Vec<_> = filters.iter().step_by(27).cloned().collect();
    for project in [5, 999] {
        filters.extend(some.iter().cloned().map(|filter| CallFilter {
            project: Some(ProjectId::from_number(project)),
            ..filter
        }));
    }
    // Beside a few of them each reason to look at a call: one that half of them have, and some that none has.
    let some: Vec<_> = filters.iter().step_by(27).cloned().collect();
    for concern in Concern::ALL {
        filters.extend(some.iter().cloned().map(|filter| CallFilter {
            concern: Some(concern),
            ..filter
        }));
    }
    filters
}

#[tokio::test]
async fn no_list_works_harder_in_a_longer_log() {
    let (mut short, mut long) = (log(1_000).await, log(4_000).await);
    let all = filters();
    assert_eq!(all.len(), 729 + 2 * 27 + 5 * 29);
    for mut filter in all {
        for (from, cursor) in [
            (None, Cursor::Newest),
            (Some(Timestamp(0)), Cursor::Before(900)),
            (None, Cursor::After(100)),
        ] {
            filter.from = from;
            let window = Window::of(&filter, cursor, SIZE);
            let queries: [&dyn Fn() -> QueryBuilder<Sqlite>; 3] = [
                &|| page_query(&window, PageSize::nearest(25)),
                &|| count_query(&window, CAP),
                &|| window.edge_query(),
            ];
            for query in queries {
                let (less, more) = (steps(&mut short, query()).await, steps(&mut long, query()).await);
                let text = query().sql().as_str().to_owned();
                assert!(
                    less > 0 && more <= less + less / 10 + 20,
                    "{less} and {more} steps: {text}"
                );
            }
        }
    }
}

#[tokio::test]
async fn every_index_of_the_list_is_there() {
    let mut database = log(1).await;
    for (column, index) in [
        ("person_id", "call_person"),
        ("key_id", "call_key"),
        ("provider_id", "call_provider"),
        ("state <> 'succeeded' AND state", "call_state"),
        ("project_id <> person_id AND project_id", "call_project"),
        ("account_id <> person_id AND account_id", "call_payer"),
    ] {
        let plan =
            format!("EXPLAIN QUERY PLAN SELECT id FROM call WHERE {column} = 1 AND id < 9 ORDER BY id DESC LIMIT 5");
        let lines: Vec<(i64, i64, i64, String)> = sqlx::query_as(sqlx::AssertSqlSafe(plan))
            .fetch_all(&mut database)
            .await
            .unwrap();
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(
            lines[0].3.starts_with("SEARCH call USING") && lines[0].3.contains(index),
            "{lines:?}"
        );
    }
    let concerned = concat!(
        "EXPLAIN QUERY PLAN SELECT id FROM call WHERE id < 9 AND ",
        concern!(any),
        " ORDER BY id DESC LIMIT 5"
    );
    let lines: Vec<(i64, i64, i64, String)> = sqlx::query_as(concerned).fetch_all(&mut database).await.unwrap();
    assert!(lines.len() == 1 && lines[0].3.contains("call_concern"), "{lines:?}");
}

//! Both sets of migrations make the same tables.

use std::path::PathBuf;

use sqlx::{Connection as _, PgConnection, SqliteConnection};

use crate::hub::{Database, on_both_empty};

#[tokio::test]
async fn both_databases_have_the_same_tables_and_columns() {
    let (sqlite, postgres) = (Database::sqlite(), Database::postgres().await);
    sqlite.serve().await;
    postgres.serve().await;
    let mut file = SqliteConnection::connect(&sqlite.url).await.unwrap();
    let here: Vec<(String, String, i64)> = sqlx::query_as(
        r#"SELECT t.name, c.name, c."notnull" FROM sqlite_master t, pragma_table_xinfo(t.name) c
           WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name NOT LIKE '_sqlx%' ORDER BY t.name, c.cid"#,
    )
    .fetch_all(&mut file)
    .await
    .unwrap();
    let mut server = PgConnection::connect(&postgres.url).await.unwrap();
    let there: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text, CASE is_nullable WHEN 'NO' THEN 1::bigint ELSE 0 END FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%' ORDER BY table_name COLLATE \"C\", ordinal_position",
    )
    .fetch_all(&mut server)
    .await
    .unwrap();
    assert!(here.len() > 100, "{here:?}");
    assert_eq!(here, there);
}

#[test]
fn both_folders_hold_the_same_names() {
    let names = |folder: &str| {
        let files = migrations(folder).into_iter();
        files
            .map(|path| path.file_name().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

/// The files of a folder, in their order.
fn migrations(folder: &str) -> Vec<PathBuf> {
    let path = format!("{}/../migrations/{folder}", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(path).unwrap();
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

/// Migrates a database in which nothing is yet. Just before the migration of this number somebody has used it.
async fn migrated(database: &Database, number: &str, used: impl AsyncFnOnce()) {
    let folder = match database.url.strip_prefix("sqlite://") {
        Some(path) => {
            std::fs::File::create(path).unwrap();
            "sqlite"
        }
        None => "postgres",
    };
    let mut used = Some(used);
    for path in migrations(folder) {
        if path.file_name().unwrap().to_string_lossy().starts_with(number) {
            used.take().unwrap()().await;
        }
        database.execute(&std::fs::read_to_string(&path).unwrap()).await;
    }
    assert!(used.is_none(), "there is no migration {number}");
}

/// A database that is older than the ledger, migrated as it stands.
#[tokio::test]
async fn who_was_there_before_the_ledger_gets_an_account() {
    on_both_empty(async |database| {
        let people = "INSERT INTO person (id, email, role, created_at) VALUES (7, 'a@example.com', 'admin', 70), (8, 'b@example.com', 'member', 80)";
        migrated(&database, "0003", async || database.execute(people).await).await;
        let accounts = "SELECT id * 1000 + created_at FROM account WHERE id = person_id AND seq = 0 AND balance = 0 ORDER BY id";
        assert_eq!(database.numbers(accounts).await, [7_070, 8_080]);
    })
    .await;
}

/// Calls from before hours were summed are summed when the database is migrated.
#[tokio::test]
async fn calls_from_before_the_sums_are_summed() {
    on_both_empty(async |database| {
        let calls = "INSERT INTO person (id, email, role, created_at) VALUES (7, 'a@example.com', 'admin', 70);
             INSERT INTO call (id, process_id, started_at, endpoint, door, streamed, state, person_id, model_asked, model_served,
                 input_uncached, output_text, duration_us)
             VALUES (1, 1, 3600000001, 'chat', 'api', 0, 'succeeded', 7, 'm', 'a/m', 3, 5, 10),
                 (2, 1, 7199999999, 'chat', 'api', 0, 'failed', 7, 'm', 'a/m', 4, 0, 20),
                 (3, 1, 7200000000, 'chat', 'api', 0, 'succeeded', 7, 'm', 'a/m', 1, 1, 1),
                 (4, 1, 7200000000, 'chat', 'api', 0, 'open', 7, 'm', NULL, 0, 0, NULL)";
        migrated(&database, "0006", async || database.execute(calls).await).await;
        let sums = "SELECT calls * 1000000 + errors * 100000 + input_uncached * 1000 + output_text * 100 + duration_us
                    FROM usage_hour WHERE account_id = 7 ORDER BY hour";
        assert_eq!(database.numbers(sums).await, [2_107_530, 1_001_101]);
    })
    .await;
}

/// Attempts of before lie by their call, each as it was, in whichever order their ids were given.
#[tokio::test]
async fn attempts_of_before_stay_as_they_were() {
    on_both_empty(async |database| {
        // Every column, of each third one with nothing where nothing may be.
        let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)";
        let fill = format!(
            "INSERT INTO person (id, email, role, created_at) VALUES (7, 'a@example.com', 'admin', 70);
             {many} INSERT INTO call (id, process_id, started_at, endpoint, door, streamed, state, person_id, model_asked, attempts)
                SELECT i, 1, 3600000001, 'chat', 'api', 0, 'failed', 7, 'm', 2 FROM n;
             {many} INSERT INTO attempt (id, call_id, number, provider_id, provider, credential_id, credential, model, started_at, status,
                    first_byte_us, duration_us, upstream_request_id, fault, error_code, error_message)
                SELECT 900000 - i * 2 + k, i, 3 - k, 4, 'p', CASE WHEN i % 3 > 0 THEN i END, CASE WHEN i % 3 > 0 THEN 'c' END, 'm' || i, i + k,
                    CASE WHEN i % 3 > 0 THEN 500 END, i, i * 2, 'r' || i, 'provider', 'code', 'text' FROM n, (SELECT 1 AS k UNION ALL SELECT 2) AS both_of_them"
        );
        let told = "SELECT id + call_id * 3 + number * 5 + COALESCE(credential_id, 1) * 7 + started_at * 11 + COALESCE(status, 2) * 13
            + first_byte_us * 17 + duration_us * 19 + LENGTH(provider || COALESCE(credential, 'none') || model || upstream_request_id || fault
            || error_code || error_message) * 23 FROM attempt ORDER BY call_id, number";
        let mut before = Vec::new();
        let used = async || {
            database.execute(&fill).await;
            before = database.numbers(told).await;
        };
        migrated(&database, "0026", used).await;
        assert_eq!(before.len(), 6_000);
        assert!(before == database.numbers(told).await, "attempts were changed");
        assert_eq!(database.numbers("SELECT COUNT(*) FROM call WHERE estimated_cost IS NULL").await, [3_000]);
        let twice = "INSERT INTO attempt (id, call_id, number, provider_id, provider, model, started_at, duration_us) VALUES (1, 9, 1, 4, 'p', 'm', 1, 1)";
        assert!(database.refuses(twice).await, "a call has each number once");
    })
    .await;
}

/// A journal of before stays as it was, and nothing can be changed in it, or added to what stands, as before.
#[tokio::test]
async fn a_journal_of_before_stays_as_it_was() {
    on_both_empty(async |database| {
        // Of every kind, in another order than that of their numbers, the last of each six without a call.
        let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)";
        let fill = format!(
            "INSERT INTO person (id, email, role, created_at) VALUES (7, 'a@example.com', 'admin', 70);
             INSERT INTO account (id, person_id, booked_at, created_at) VALUES (7, 7, 70, 70);
             INSERT INTO lot (id, account_id, kind, priority, amount, remaining, effective_at, created_at, source)
                VALUES (5, 7, 'paid', 1, 10, 10, 70, 70, 'grant:5');
             {many} INSERT INTO ledger_entry (account_id, seq, n, ledger_account, lot_id, amount)
                SELECT 7, i, k, CASE k WHEN 1 THEN 'credit' ELSE 'revenue_usage' END, CASE k WHEN 1 THEN 5 END, i * (3 - 2 * k)
                FROM n, (SELECT 1 AS k UNION ALL SELECT 2) AS both_of_them;
             {many} INSERT INTO ledger_transaction (account_id, seq, kind, booked_at, call_id, command, actor, balance, held, debt, hash)
                SELECT 7, i, CASE i % 6 WHEN 1 THEN 'settle' WHEN 2 THEN 'release' WHEN 3 THEN 'allocate' WHEN 4 THEN 'late'
                        WHEN 5 THEN 'correct' ELSE 'grant' END,
                    90000 - i, CASE WHEN i % 6 > 0 THEN i * 2 END, 'c' || i, 'a' || i, i, i * 2, i * 3, 'h' || (i * 7) FROM n ORDER BY i % 10"
        );
        let told = "SELECT seq * 3 + booked_at * 5 + COALESCE(call_id, 1) * 7 + balance * 11 + held * 13 + debt * 17
            + LENGTH(kind || command || actor || hash) * 19 FROM ledger_transaction WHERE account_id = 7 ORDER BY seq";
        let mut before = Vec::new();
        let used = async || {
            database.execute(&fill).await;
            before = database.numbers(told).await;
        };
        migrated(&database, "0034", used).await;
        assert_eq!(before.len(), 1_200);
        assert!(before == database.numbers(told).await, "the journal was changed");
        let line = |seq: i64, kind: &str, call: i64| {
            format!(
                "INSERT INTO ledger_transaction (account_id, seq, kind, booked_at, call_id, command, actor, balance, held, debt, hash)
                 VALUES (7, {seq}, '{kind}', 1, {call}, '', '', 0, 0, 0, '')"
            )
        };
        let entry = |seq: i64| format!("INSERT INTO ledger_entry (account_id, seq, n, ledger_account, amount) VALUES (7, {seq}, 9, 'credit', 1)");
        for wrong in [
            "UPDATE ledger_transaction SET held = 1 WHERE seq = 1".to_owned(),
            "DELETE FROM ledger_transaction WHERE seq = 1".to_owned(),
            entry(1),
            format!("{}; {}", entry(1_201), line(1_201, "grant", 1)),
            // A number twice, an end of a call beside each that it may have, a second charge that came late.
            line(1_200, "grant", 1),
            line(1_201, "release", 2),
            line(1_201, "allocate", 4),
            line(1_201, "settle", 6),
            line(1_201, "late", 8),
        ] {
            assert!(database.refuses(&wrong).await, "{wrong}");
        }
        for right in [line(1_201, "late", 2), line(1_202, "correct", 10), line(1_203, "settle", 8)] {
            database.execute(&right).await;
        }
    })
    .await;
}

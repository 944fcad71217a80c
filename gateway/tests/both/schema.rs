//! Both sets of migrations make the same tables.

use sqlx::{Connection as _, PgConnection, SqliteConnection};

use crate::hub::Database;

#[tokio::test]
async fn both_databases_have_the_same_tables_and_columns() {
    let (sqlite, postgres) = (Database::sqlite(), Database::postgres().await);
    sqlite.serve().await;
    postgres.serve().await;
    let mut file = SqliteConnection::connect(&sqlite.url).await.unwrap();
    let here: Vec<(String, String, i64)> = sqlx::query_as(
        r#"SELECT t.name, c.name, c."notnull" FROM sqlite_master t, pragma_table_info(t.name) c
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
        let path = format!("{}/../migrations/{folder}", env!("CARGO_MANIFEST_DIR"));
        let mut names: Vec<_> = std::fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

//! Opening: bad surroundings are refused with a sentence, good ones are left as they are.

use domain::{access::Admin, key::Scope};
use gateway::{Gateway, MasterKey, OpenError, ProcessKind};
use sqlx::Connection as _;

use crate::hub::{Database, FROM, on_both, on_both_empty};

#[tokio::test]
async fn another_master_key_is_refused() {
    on_both(async |mut database| {
        database.serve().await.shutdown(std::time::Duration::ZERO).await;
        let right = std::mem::replace(&mut database.master_key, MasterKey::generate().unwrap());
        assert!(matches!(
            database.open(ProcessKind::Command).await,
            Err(OpenError::WrongMasterKey)
        ));
        database.master_key = right;
        assert!(database.open(ProcessKind::Command).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_rotated_master_key_opens_everything_and_the_old_one_nothing() {
    on_both(async |mut database| {
        let hub = database.serve().await;
        let viewer = crate::hub::admin(&hub, "root@example.com").await;
        let key = hub
            .keys()
            .create(
                &viewer.key_holder().unwrap(),
                gateway::Origin::default(),
                &"ci".parse().unwrap(),
            )
            .await
            .unwrap();
        let new = MasterKey::generate().unwrap();
        hub.rotate_master_key(&Admin::command_line(), &new).await.unwrap();
        assert!(
            hub.authenticate(key.secret.expose(), Scope::Inference, FROM).is_ok(),
            "a running server goes on"
        );
        hub.shutdown(std::time::Duration::ZERO).await;
        let old = std::mem::replace(&mut database.master_key, new);
        let again = database.serve().await;
        assert!(
            again.authenticate(key.secret.expose(), Scope::Inference, FROM).is_ok(),
            "keys live on"
        );
        again.shutdown(std::time::Duration::ZERO).await;
        database.master_key = old;
        assert!(matches!(
            database.open(ProcessKind::Command).await,
            Err(OpenError::WrongMasterKey)
        ));
    })
    .await;
}

#[tokio::test]
async fn a_hub_from_before_the_ledger_gets_its_key_by_the_right_master_key_only() {
    on_both(async |mut database| {
        database.serve().await.shutdown(std::time::Duration::ZERO).await;
        // As one from before: the list of changes, and prices, got theirs later.
        database.take_keys("label IN ('ledger', 'audit', 'price')").await;
        database.execute("UPDATE audit_chain SET seal = ''").await;
        let right = std::mem::replace(&mut database.master_key, MasterKey::generate().unwrap());
        assert!(matches!(
            database.open(ProcessKind::Serve).await,
            Err(OpenError::WrongMasterKey)
        ));
        let keys = "SELECT COUNT(*) FROM hub_key WHERE label = 'ledger'";
        assert_eq!(database.numbers(keys).await, [0]);
        database.master_key = right;
        database.serve().await.shutdown(std::time::Duration::ZERO).await;
        assert_eq!(database.numbers(keys).await, [1]);
        assert!(database.open(ProcessKind::Command).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    on_both(async |database| {
        database.serve().await.shutdown(std::time::Duration::ZERO).await;
        let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', true, '', 0)";
        if database.url.starts_with("sqlite") {
            sqlx::query(newer).execute(&mut sqlx::SqliteConnection::connect(&database.url).await.unwrap()).await.unwrap();
        } else {
            sqlx::query(newer).execute(&mut sqlx::PgConnection::connect(&database.url).await.unwrap()).await.unwrap();
        }
        let refused = database.open(ProcessKind::Serve).await;
        assert!(matches!(refused, Err(OpenError::NewerDatabase { found: 9999, .. })));
    })
    .await;
}

#[tokio::test]
async fn one_server_owns_a_file_and_many_share_a_postgres() {
    let file = Database::sqlite();
    let first = file.serve().await;
    assert!(matches!(
        file.open(ProcessKind::Serve).await,
        Err(OpenError::AlreadyRunning(_))
    ));
    assert!(
        file.open(ProcessKind::Command).await.is_ok(),
        "the command line works beside a server"
    );
    first.shutdown(std::time::Duration::ZERO).await;
    drop(first);
    assert!(file.open(ProcessKind::Serve).await.is_ok());

    let server = Database::postgres().await;
    let (one, two) = (server.serve().await, server.serve().await);
    assert!(one.ready().await.unwrap() && two.ready().await.unwrap());
}

#[tokio::test]
async fn migrating_is_done_once_and_refused_under_a_server() {
    on_both_empty(async |database| {
        let settings = database.settings(ProcessKind::Command);
        assert!(Gateway::migrate(&settings).await.unwrap(), "a new database");
        assert!(!Gateway::migrate(&settings).await.unwrap(), "nothing to do");
        let _hub = database.serve().await;
        assert!(matches!(
            Gateway::migrate(&settings).await,
            Err(OpenError::ServerRunning)
        ));
    })
    .await;
}

/// Servers on machines of their own, each with a folder of its own, and none was given the key: every one makes one.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_first_starts_with_keys_of_their_own_one_goes_on_and_its_key_opens_everything() {
    for _ in 0..6 {
        on_both(async |mut database| {
            let masters = [(); 4].map(|()| MasterKey::generate().unwrap());
            let settings = masters.clone().map(|master| {
                database.master_key = master;
                database.settings(ProcessKind::Command)
            });
            let opened = futures_util::future::join_all(settings.map(Gateway::open)).await;
            let mut winner = None;
            for (opened, master) in opened.into_iter().zip(masters) {
                match opened {
                    Ok(hub) => {
                        assert!(winner.replace(master).is_none(), "two keys cannot fit");
                        hub.shutdown(std::time::Duration::ZERO).await;
                    }
                    Err(error) => assert!(matches!(error, OpenError::WrongMasterKey), "{error}"),
                }
            }
            database.master_key = winner.expect("the database is lost to everybody");
            database.serve().await.shutdown(std::time::Duration::ZERO).await;
        })
        .await;
    }
}

/// Commands right after a first `serve`, or beside each other: nobody finds half a database.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_new_database_is_made_once_however_many_come() {
    on_both_empty(async |database| {
        let kinds = [ProcessKind::Serve].into_iter().chain([ProcessKind::Command; 5]);
        let opened = futures_util::future::join_all(kinds.map(|kind| database.open(kind))).await;
        for hub in opened {
            hub.unwrap().shutdown(std::time::Duration::ZERO).await;
        }
    })
    .await;
}

/// The tables are there, and the keys are not yet: whoever looks between two of them sees neither half.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_comes_while_the_keys_are_made_takes_none_for_lost() {
    for _ in 0..12 {
        on_both(async |database| {
            let opened =
                futures_util::future::join_all([ProcessKind::Command; 8].map(|kind| database.open(kind))).await;
            for hub in opened {
                hub.unwrap().shutdown(std::time::Duration::ZERO).await;
            }
        })
        .await;
    }
}

#[tokio::test]
async fn what_must_exist_is_not_made() {
    on_both_empty(async |database| {
        let settings = || database.settings(ProcessKind::Command);
        assert!(matches!(
            Gateway::open_existing(settings()).await,
            Err(OpenError::NoHub)
        ));
        assert!(Gateway::is_new(&settings()).await.unwrap());
        database.serve().await.shutdown(std::time::Duration::ZERO).await;
        assert!(Gateway::open_existing(settings()).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn an_unreachable_database_is_a_sentence_without_the_password() {
    let mut database = Database::sqlite();
    database.url = "postgres://hub:hunter2@127.0.0.1:1/hub".to_owned();
    let Err(error) = database.open(ProcessKind::Serve).await else {
        panic!("nothing listens on port 1")
    };
    let sentence = error.to_string();
    assert!(
        sentence.contains("127.0.0.1:1/hub") && !sentence.contains("hunter2"),
        "{sentence}"
    );
}

#[tokio::test]
async fn of_two_who_rotate_at_once_one_is_told_to_begin_again() {
    on_both(async |mut database| {
        let (one, two) = (
            database.open(ProcessKind::Command).await.unwrap(),
            database.open(ProcessKind::Command).await.unwrap(),
        );
        let (first, second) = (MasterKey::generate().unwrap(), MasterKey::generate().unwrap());
        let admin = Admin::command_line();
        let outcomes = tokio::join!(
            one.rotate_master_key(&admin, &first),
            two.rotate_master_key(&admin, &second)
        );
        let (winner, refused) = match outcomes {
            (Ok(()), Err(refused)) => (first, refused),
            (Err(refused), Ok(())) => (second, refused),
            other => panic!("{other:?}"),
        };
        assert!(matches!(refused, gateway::Error::MasterKeyChanged), "{refused:?}");
        assert!(refused.to_string().contains("Run the command again"));
        database.master_key = winner;
        assert!(database.open(ProcessKind::Command).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_new_database_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let file = folder.path().join("hub.db");
    let mut database = Database::sqlite();
    database.url = format!("sqlite://{}", file.display());
    let hub = database.serve().await;
    for name in ["hub.db", "hub.db-wal", "hub.db-shm"] {
        assert_eq!(mode(&folder.path().join(name)), 0o600, "{name}");
    }
    assert_eq!(mode(folder.path()), 0o755);
    hub.shutdown(std::time::Duration::ZERO).await;
    drop(hub);
    // Whoever has opened it to others knows why.
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    let _hub = database.serve().await;
    assert_eq!(mode(&file), 0o640);
}

/// What the newest PostgreSQL lets nobody but a database's owner do, and what no standby does.
#[tokio::test]
async fn a_user_without_rights_and_a_server_without_writes_are_told_what_is_missing() {
    on_both_empty(async |mut database| {
        if database.url.starts_with("sqlite") {
            return;
        }
        let name = database.url.rsplit_once('/').unwrap().1.split('?').next().unwrap();
        let poor = format!("{name}_poor");
        database
            .execute(&format!(
                "REVOKE CREATE ON SCHEMA public FROM PUBLIC; CREATE ROLE {poor} LOGIN PASSWORD 'none'"
            ))
            .await;
        let told = async |database: &Database| match database.open(ProcessKind::Serve).await {
            Ok(_) => panic!("it may not"),
            Err(error) => error.to_string(),
        };
        let right = database.url.clone();
        let host = right.rsplit_once('@').unwrap().1;
        database.way = Some(format!("postgres://{poor}:none@{host}"));
        let sentence = told(&database).await;
        assert!(
            sentence.contains("permission denied for schema public") && sentence.contains("OWNER TO"),
            "{sentence}"
        );
        assert!(!sentence.contains("migration"), "{sentence}");

        database
            .execute(&format!("ALTER ROLE {poor} SET default_transaction_read_only = on"))
            .await;
        let sentence = told(&database).await;
        assert!(
            sentence.contains("takes no changes") && sentence.contains("read-only"),
            "{sentence}"
        );
        database.way = None;
        database.execute(&format!("DROP ROLE {poor}")).await;
        database.serve().await.shutdown(std::time::Duration::ZERO).await;
    })
    .await;
}

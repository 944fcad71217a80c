//! What may be wrong with the files of an installation on SQLite, and with its configuration file.

use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use tests::hub::{Hub, Kind};
use tests::stage::{ADMIN, PASSWORD, on_both};

use super::says;

/// A key, so that what is wrong with the database is told.
const KEY: &str = "b3RoZXItbWFzdGVyLWtleS0zMi1ieXRlcy1sb25nISE=";

/// What every command says of the hub's files as they are, before it touches anything.
async fn each_says(hub: &Hub, words: &[&str]) {
    for command in [&["serve"][..], &["user", "list"], &["migrate"]] {
        let ran = hub.run(command, "").await;
        says(&ran, words);
        assert_eq!(ran.code, Some(4), "{command:?}: {}", ran.stderr);
    }
}

/// Whoever tidies up removes the file whose lock a running server holds. The next server would lock a new one of that name.
#[tokio::test]
async fn a_second_server_although_the_lock_file_is_gone() {
    let mut hub = Hub::new(Kind::Sqlite).await;
    hub.create_user(ADMIN, "admin", PASSWORD).await;
    hub.serve().await;
    let beside = hub.data().join("hub.db.lock");
    for _ in 0..2 {
        std::fs::remove_file(&beside).unwrap();
        let ran = hub.run(&["serve"], "").await;
        says(&ran, &["another", "hub.db"]);
        assert_eq!(ran.code, Some(4));
        let ran = hub.run(&["migrate"], "").await;
        says(&ran, &["Stop it first"]);
        assert!(beside.exists(), "it was made anew, which changes nothing");
    }
    // What a command books is left to that server, as before.
    std::fs::remove_file(&beside).unwrap();
    let grant = [
        "credits", "grant", "--user", ADMIN, "--amount", "5", "--kind", "promo", "--reason", "x",
    ];
    hub.json(&grant, "").await;
    assert_eq!(hub.get("/readyz").send().await.unwrap().status, 200);
    // The lock goes with the process, however it ends, and the books are sound.
    hub.kill_and_restart().await;
    hub.json(&["verify-ledger"], "").await;
}

/// Not even an administrator may write to files of the system that are for reading; others may not write to their own
/// when those are.
#[tokio::test]
async fn a_database_that_may_only_be_read() {
    let mut hub = Hub::new(Kind::Sqlite).await;
    hub.json(&["migrate"], "").await;
    let own = hub.data().join("hub.db");
    std::fs::set_permissions(&own, Permissions::from_mode(0o444)).unwrap();
    let may_not = |path: &Path| File::options().write(true).open(path).is_err();
    let mut tried = false;
    if may_not(&own) {
        tried = true;
        each_says(&hub, &["hub.db", "right to write", "HUB_DATABASE_URL"]).await;
    }
    let system = Path::new("/sys/kernel/notes");
    if system.exists() && may_not(system) {
        tried = true;
        hub.set("HUB_MASTER_KEY", KEY);
        hub.set("HUB_DATABASE_URL", "sqlite:///sys/kernel/notes");
        each_says(&hub, &["/sys/kernel/notes", "right to write", "HUB_DATABASE_URL"]).await;
    }
    assert!(tried, "this user may write everywhere, so nothing was tried");
}

/// Not even an administrator can make files in /sys.
#[tokio::test]
async fn a_folder_that_takes_no_database() {
    let file = tempfile::NamedTempFile::new().unwrap();
    for place in [file.path().join("data"), "/sys/hub-data".into()] {
        let path = place.join("hub.db").display().to_string();
        let mut hub = Hub::new(Kind::Sqlite).await;
        hub.set("HUB_DATABASE_URL", &format!("sqlite://{path}"));
        let ran = hub.run(&["serve"], "").await;
        says(&ran, &[&path]);
        assert_eq!(ran.code, Some(4));
    }
}

#[tokio::test]
async fn a_file_that_is_no_database() {
    let hub = Hub::new(Kind::Sqlite).await;
    let file = hub.data().join("hub.db");
    let noise: Vec<u8> = (0..9_000_u32).map(|number| (number % 251) as u8).collect();
    for content in [&b"a letter, not a database"[..], &noise] {
        std::fs::write(&file, content).unwrap();
        each_says(&hub, &["hub.db", "no SQLite database", "HUB_DATABASE_URL"]).await;
        assert_eq!(std::fs::read(&file).unwrap(), content, "it is left as it was");
        assert!(!hub.data().join("master.key").exists());
    }
    // An empty one is a beginning.
    std::fs::write(&file, "").unwrap();
    hub.create_user(ADMIN, "admin", PASSWORD).await;
}

#[tokio::test]
async fn a_damaged_database() {
    let hub = Hub::new(Kind::Sqlite).await;
    hub.json(&["migrate"], "").await;
    let file = hub.data().join("hub.db");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[100..20_000].fill(0xff);
    std::fs::write(&file, bytes).unwrap();
    each_says(&hub, &["hub.db", "damaged", "copy"]).await;
}

/// The place is told, and never what stands there: it may be a secret whose closing quote was forgotten.
#[tokio::test]
async fn a_configuration_file_that_cannot_be_read() {
    on_both(async |kind| {
        let hub = Hub::new(kind).await;
        let file = hub.work().join("hub.toml");
        for (content, words) in [
            ("log = \"debug\"\nlisten", ["hub.toml", "line 2", "name = "]),
            ("smtp_password = \"marked-secret\n", ["hub.toml", "line 1", "name = "]),
            ("log = marked-secret", ["hub.toml", "line 1", "quote"]),
            ("[mail\n", ["hub.toml", "line 1", "name = "]),
            ("lisen = \"marked-secret\"", ["hub.toml", "lisen", "listen?"]),
            ("listen = 1.5", ["HUB_LISTEN", "hub.toml", "text"]),
            (
                "[[identity_provider]]\nslug = 3",
                ["hub.toml", "identity_provider.slug", "text"],
            ),
        ] {
            std::fs::write(&file, content).unwrap();
            for command in [&["serve"][..], &["user", "list"], &["config"]] {
                let ran = hub.run(command, "").await;
                says(&ran, &words);
                assert_eq!(ran.code, Some(3), "{content}");
                assert!(!ran.stderr.contains("marked-secret"), "{}", ran.stderr);
                assert_eq!(ran.stderr.trim_end().lines().count(), 1, "{}", ran.stderr);
            }
        }
        std::fs::write(&file, b"log = \"\xff\"").unwrap();
        says(&hub.run(&["config"], "").await, &["hub.toml", "UTF-8"]);
    })
    .await;
}

//! Bad surroundings get one sentence that says what to do and an exit code, never a trace. What is wrong with the files of the
//! database stands in `files`.

use tests::hub::{Hub, Kind, Ran, database};
use tests::stage::on_both;

#[path = "surroundings/files.rs"]
mod files;

/// One sentence with these words, with the code for "could not be opened".
fn says(ran: &Ran, words: &[&str]) {
    let sentence = ran.complaint();
    for word in words {
        assert!(sentence.contains(word), "{word} in: {sentence}");
    }
    assert!(sentence.ends_with('.') || sentence.ends_with('!'), "{sentence}");
    assert!(sentence.len() < 400, "{sentence}");
}

#[tokio::test]
async fn a_taken_port() {
    on_both(async |kind| {
        let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = taken.local_addr().unwrap().to_string();
        let mut hub = Hub::new(kind).await;
        hub.set("HUB_LISTEN", &address);
        let ran = hub.run(&["serve"], "").await;
        says(&ran, &[&address, "HUB_LISTEN"]);
        assert_eq!(ran.code, Some(4));
        assert!(
            !hub.data().join("master.key").exists(),
            "a failed start leaves nothing behind"
        );
    })
    .await;
}

#[tokio::test]
async fn folders_that_cannot_be_written() {
    on_both(async |kind| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "x").unwrap();
        // Not even an administrator can make files in /sys.
        for place in [file.join("data"), "/sys/hub-data".into()] {
            let mut hub = Hub::new(kind).await;
            hub.set("HUB_DATA_DIR", &place.display().to_string());
            let ran = hub.run(&["serve"], "").await;
            says(&ran, &[&place.display().to_string(), "HUB_DATA_DIR"]);
        }
    })
    .await;
}

#[tokio::test]
async fn a_database_newer_than_the_binary() {
    on_both(async |kind| {
        let hub = Hub::new(kind).await;
        hub.json(&["migrate"], "").await;
        let checksum = if kind == Kind::Sqlite { "x'00'" } else { "'\\x00'" };
        let newer = format!(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (9999, 'of the future', TRUE, {checksum}, 1)"
        );
        database::execute(&hub.database_url, &newer).await;
        for command in [&["serve"][..], &["user", "list"][..], &["migrate"][..]] {
            let ran = hub.run(command, "").await;
            says(&ran, &["newer", "9999"]);
            assert_eq!(ran.code, Some(4));
        }
    })
    .await;
}

/// Commands that look, or change what is there, make no hub where there is none.
#[tokio::test]
async fn a_wrong_folder() {
    on_both(async |kind| {
        let mut hub = Hub::new(kind).await;
        for command in [
            &["provider", "list"][..],
            &["provider", "remove", "x"],
            &["model", "list"],
            &["model", "add", "--provider", "x", "--name", "y"],
            &["call", "list"],
            &["user", "list"],
            &["key", "list"],
            &["key", "create", "--user", "nobody@example.test", "--name", "x"],
            &["key", "revoke", "key_0000000000001"],
            &["secrets", "rotate"],
        ] {
            let ran = hub.run(command, "").await;
            says(&ran, &["no hub here", "HUB_DATA_DIR", "HUB_DATABASE_URL"]);
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(4), ""), "{command:?}");
            let left: Vec<_> = std::fs::read_dir(hub.data()).unwrap().collect();
            assert!(left.is_empty(), "{command:?} left {left:?}");
        }
        // A key without a database is no hub either.
        hub.set("HUB_MASTER_KEY", "b3RoZXItbWFzdGVyLWtleS0zMi1ieXRlcy1sb25nISE=");
        says(&hub.run(&["user", "list"], "").await, &["no hub here"]);
        hub.create_user("first@example.test", "admin", "a long password").await;
        assert_eq!(hub.json(&["user", "list"], "").await.as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_wrong_master_key() {
    on_both(async |kind| {
        let mut hub = Hub::new(kind).await;
        hub.create_user("first@example.test", "admin", "a long password").await;
        let other = "b3RoZXItbWFzdGVyLWtleS0zMi1ieXRlcy1sb25nISE=";
        hub.set("HUB_MASTER_KEY", other);
        for command in [&["serve"][..], &["user", "list"][..]] {
            let ran = hub.run(command, "").await;
            says(&ran, &["master key", "HUB_MASTER_KEY"]);
            assert!(!ran.stderr.contains(other));
        }
        // One that is no key is told by whatever reads the settings.
        hub.set("HUB_MASTER_KEY", "too-short-for-a-key");
        for command in [&["serve"][..], &["config"][..], &["user", "list"][..]] {
            let ran = hub.run(command, "").await;
            says(&ran, &["HUB_MASTER_KEY", "32 bytes in base64"]);
            assert!(
                !ran.stderr.contains("too-short-for-a-key") && !ran.stderr.contains('\u{1b}'),
                "{}",
                ran.stderr
            );
        }
        hub.unset("HUB_MASTER_KEY");
        hub.json(&["user", "list"], "").await;
        std::fs::remove_file(hub.data().join("master.key")).unwrap();
        let ran = hub.run(&["serve"], "").await;
        says(&ran, &["master"]);
        assert!(
            !hub.data().join("master.key").exists(),
            "no other key takes the lost one's place"
        );
    })
    .await;
}

#[tokio::test]
async fn a_postgres_that_cannot_be_reached() {
    let mut hub = Hub::new(Kind::Sqlite).await;
    hub.set("HUB_MASTER_KEY", "b3RoZXItbWFzdGVyLWtleS0zMi1ieXRlcy1sb25nISE=");
    for (url, word) in [
        ("postgres://me:marked-password@127.0.0.1:1/db", "127.0.0.1:1"),
        (
            "postgres://me:marked-password@no-such-host.invalid/db",
            "no-such-host.invalid",
        ),
        (
            "postgres://me:marked-password@127.0.0.1:99999/db",
            "invalid port number",
        ),
        ("postgres://me:a/marked-password@127.0.0.1/db", "%2F for /"),
        (
            "postgres://me:marked-password@127.0.0.1/db?sslmode=sometimes",
            "sometimes",
        ),
    ] {
        hub.set("HUB_DATABASE_URL", url);
        for command in [&["serve"][..], &["user", "list"][..]] {
            let begin = std::time::Instant::now();
            let ran = hub.run(command, "").await;
            says(&ran, &[word, "HUB_DATABASE_URL"]);
            assert!(!ran.stderr.contains("marked-password"), "{}", ran.stderr);
            assert!(
                begin.elapsed().as_secs() < 30,
                "it took {:?} to say so",
                begin.elapsed()
            );
        }
    }
    let server = database::server();
    let (base, _) = server.rsplit_once('/').unwrap();
    let (scheme, host) = (base.split_once("://").unwrap().0, base.rsplit_once('@').unwrap().1);
    hub.set(
        "HUB_DATABASE_URL",
        &format!("{scheme}://hub:marked-password@{host}/postgres"),
    );
    let ran = hub.run(&["serve"], "").await;
    says(&ran, &[host]);
    assert!(!ran.stderr.contains("marked-password"), "{}", ran.stderr);
}

#[tokio::test]
async fn a_second_server_on_the_same_file() {
    let mut hub = Hub::new(Kind::Sqlite).await;
    hub.serve().await;
    let ran = hub.run(&["serve"], "").await;
    says(&ran, &["another", "hub.db"]);
    assert_eq!(ran.code, Some(4));
    assert_eq!(hub.get("/readyz").send().await.unwrap().status, 200);
    // By another name it is the same file.
    let link = hub.work().join("link.db");
    std::os::unix::fs::symlink(hub.data().join("hub.db"), &link).unwrap();
    let mut command = hub.command_of(&["serve"]);
    command.env("HUB_DATABASE_URL", format!("sqlite://{}", link.display()));
    let output = command.output().await.unwrap();
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert!(
        sentence.contains("another") && sentence.contains("link.db"),
        "{sentence}"
    );
    assert_eq!(output.status.code(), Some(4));
    // The lock goes with the process, however it ends.
    hub.kill_and_restart().await;
    assert_eq!(hub.get("/readyz").send().await.unwrap().status, 200);
}

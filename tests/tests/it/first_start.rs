//! The first start makes the master key, and whatever comes between, the key that is left opens what is left: two at once, a
//! disk that is full, a process that is cut off.

use std::process::Stdio;

use futures_util::{StreamExt as _, stream};
use tests::hub::{Hub, Kind, binary};
use tests::stage::{ADMIN, PASSWORD, on_both};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};

const OTHER: &str = "b3RoZXItbWFzdGVyLWtleS0zMi1ieXRlcy1sb25nISE=";

/// Starts a server, and waits until it greets or ends: what it greets with, empty when it has ended.
async fn start(mut command: Command) -> (Child, String) {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut greeting = String::new();
    let said = child.stdout.take().unwrap();
    BufReader::new(said).read_line(&mut greeting).await.unwrap();
    (child, greeting)
}

async fn complaint(child: &mut Child) -> String {
    let mut said = String::new();
    let mut pipe = child.stderr.take().unwrap();
    pipe.read_to_string(&mut said).await.unwrap();
    assert!(!child.wait().await.unwrap().success(), "{said}");
    said
}

/// The key is in its place, and opens the database.
async fn opens(hub: &Hub) {
    let file = hub.data().join("master.key");
    assert!(file.exists() && !file.with_extension("key.new").exists());
    hub.json(&["user", "list"], "").await;
}

/// One that loses takes nothing from the one that runs.
#[tokio::test]
async fn two_first_servers_leave_a_key_that_fits() {
    on_both(async |kind| {
        let rounds = if kind == Kind::Sqlite { 20 } else { 10 };
        let round = async |_| {
            let mut hub = Hub::new(kind).await;
            hub.set("HUB_LOG", "error");
            // One server on either.
            hub.set("HUB_LEDGER", "owned");
            let serve = || start(hub.command_of(&["serve", "--json"]));
            let (one, two) = tokio::join!(serve(), serve());
            let ((mut winner, greeting), (mut loser, nothing)) = if one.1.is_empty() { (two, one) } else { (one, two) };
            assert!(greeting.contains("address") && nothing.is_empty(), "{nothing}");
            let told = complaint(&mut loser).await;
            assert!(told.contains("another"), "{told}");
            opens(&hub).await;
            winner.kill().await.unwrap();
            opens(&hub).await;
        };
        stream::iter(0..rounds)
            .map(round)
            .buffer_unordered(4)
            .collect::<()>()
            .await;
    })
    .await;
}

/// What two of them do to each other shows in one round of some. Where the key is a file, they take turns at it; where it is given,
/// nothing keeps them apart but the database.
#[tokio::test]
async fn first_commands_at_once_are_all_done_and_one_person_is_the_owner() {
    on_both(async |kind| {
        let rounds = if kind == Kind::Sqlite { 12 } else { 6 };
        stream::iter(0..rounds)
            .map(async |round| first_commands(kind, round % 2 == 0).await)
            .buffer_unordered(3)
            .collect::<()>()
            .await;
    })
    .await;
}

async fn first_commands(kind: Kind, key_is_given: bool) {
    let mut hub = Hub::new(kind).await;
    if key_is_given {
        hub.set("HUB_MASTER_KEY", OTHER);
    }
    let create = async |number: u32| {
        let email = format!("first-{number}@example.test");
        hub.create_user(&email, "admin", PASSWORD).await
    };
    tokio::join!(create(1), create(2), create(3), create(4));
    let people = hub.json(&["user", "list"], "").await;
    let owners = |role: &str| {
        let people = people.as_array().unwrap().iter();
        people.filter(|person| person["role"] == role).count()
    };
    assert_eq!((owners("owner"), owners("admin")), (1, 3), "{people}");
    if !key_is_given {
        opens(&hub).await;
    }
}

/// No file of it may grow over this many blocks: its writes fail, as on a disk that is full.
fn within(hub: &Hub, blocks: u32) -> Command {
    let plain = hub.command_of(&["serve", "--json"]);
    let mut limited = Command::new("sh");
    limited
        .arg("-c")
        .arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\""))
        .arg(binary())
        .args(plain.as_std().get_args())
        .current_dir(hub.work())
        .env_clear()
        .kill_on_drop(true);
    for (name, value) in plain.as_std().get_envs() {
        limited.env(name, value.unwrap_or_default());
    }
    limited
}

#[tokio::test]
async fn a_first_start_without_room_is_followed_by_one_with_room() {
    let mut begun = 0;
    for blocks in [8, 80, 400, 800, 1600] {
        for as_before in [false, true] {
            let mut hub = Hub::new(Kind::Sqlite).await;
            hub.set("HUB_LOG", "error");
            let (mut child, greeting) = start(within(&hub, blocks)).await;
            if !greeting.is_empty() {
                // There was room enough.
                child.kill().await.unwrap();
                continue;
            }
            complaint(&mut child).await;
            let length = std::fs::metadata(hub.data().join("hub.db")).map_or(0, |file| file.len());
            begun += u32::from(length > 0);
            assert!(!hub.data().join("master.key").exists());
            if as_before {
                // Versions before this one took the key back, and left what had come to the file.
                let _ = std::fs::remove_file(hub.data().join("master.key.new"));
            }
            hub.create_user(ADMIN, "admin", PASSWORD).await;
            opens(&hub).await;
        }
    }
    assert!(begun > 0, "a database was begun and left");
}

/// Between the database and the file.
#[tokio::test]
async fn a_first_start_that_was_cut_off_is_finished_and_another_key_is_not_taken_for_its() {
    on_both(async |kind| {
        let hub = Hub::new(kind).await;
        hub.create_user(ADMIN, "admin", PASSWORD).await;
        let file = hub.data().join("master.key");
        let next = file.with_extension("key.new");
        let key = std::fs::read_to_string(&file).unwrap();
        for command in [&["user", "list"][..], &["secrets", "rotate"]] {
            std::fs::rename(&file, &next).unwrap();
            hub.json(command, "").await;
            opens(&hub).await;
        }
        assert_ne!(std::fs::read_to_string(&file).unwrap(), key, "it was rotated");

        std::fs::remove_file(&file).unwrap();
        for left in [false, true] {
            if left {
                std::fs::write(&next, OTHER).unwrap();
            }
            for command in [&["user", "list"][..], &["serve"]] {
                let told = hub.run(command, "").await.complaint();
                // Where nothing lies in the folder, it may be the wrong one.
                let elsewhere = kind == Kind::Postgres && !left && command == ["user", "list"];
                let words = if elsewhere { "holds no master key" } else { "master.key" };
                assert!(told.contains(words), "{told}");
                assert!(elsewhere || told.contains("is missing"), "{told}");
                assert!(!file.exists() && next.exists() == left, "nothing is made or taken");
            }
        }
    })
    .await;
}

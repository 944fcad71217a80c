//! A disk that takes nothing for a while. Calls that need it are refused with 503 once the journal is old, also the one that met it first
//! where its hold is a commit; an answer that is there leaves after ten seconds without its settle, and all that ended is booked once when the disk is back.
//!
//! How true it is: on PostgreSQL all processes of a server of the test's own are stopped (SIGSTOP), which is what those that write
//! look like before such a disk, though those that only read would go on. On SQLite the database lies on a file system of its own,
//! which is frozen as a whole (`fsfreeze`): the hub's own writes wait in the kernel. That takes root and a loop device; where there is
//! neither, somebody else keeps the database's lock instead, which the hub sees as a busy database and not as a slow disk. The
//! test says which of the two it was.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use sqlx::{Connection as _, SqliteConnection};
use tests::hub::{Cluster, Hub, Kind};
use tests::stage::{SOON, Stage, call_id, hello};
use tests::till::{CREDIT, audit, balance, charged, grant, number, price, sell};

/// A file system in a file.
struct Disk {
    folder: tempfile::TempDir,
}

fn shell(script: &str) -> bool {
    let done = Command::new("sh").args(["-c", script]).output();
    done.is_ok_and(|done| done.status.success())
}

impl Disk {
    /// None where the system does not let us.
    fn make() -> Option<Self> {
        let disk = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let (image, place) = (disk.folder.path().join("image"), disk.place());
        std::fs::create_dir(&place).unwrap();
        let script = format!(
            "PATH=$PATH:/usr/sbin:/sbin && truncate -s 64M {0} && mkfs.ext4 -q {0} && mount -o loop {0} {1} && fsfreeze -f {1} && fsfreeze -u {1}",
            image.display(),
            place.display()
        );
        shell(&script).then_some(disk)
    }

    fn place(&self) -> PathBuf {
        self.folder.path().join("disk")
    }

    fn freeze(&self, option: &str) -> bool {
        shell(&format!(
            "PATH=$PATH:/usr/sbin:/sbin && fsfreeze {option} {}",
            self.place().display()
        ))
    }
}

impl Drop for Disk {
    /// Whatever became of the test: nothing may wait for this disk for ever.
    fn drop(&mut self) {
        self.freeze("-u");
        shell(&format!("umount -l {}", self.place().display()));
    }
}

/// What stands still.
enum Still {
    Disk(Disk),
    Lock(Option<SqliteConnection>),
    Cluster(Cluster),
}

impl Still {
    async fn begin(&mut self, hub: &Hub) {
        match self {
            Self::Disk(disk) => assert!(disk.freeze("-f")),
            Self::Lock(lock) => {
                let mut connection = SqliteConnection::connect(&hub.database_url).await.unwrap();
                sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut connection).await.unwrap();
                *lock = Some(connection);
            }
            Self::Cluster(cluster) => cluster.stand_still(),
        }
    }

    async fn end(&mut self) {
        match self {
            Self::Disk(disk) => assert!(disk.freeze("-u")),
            Self::Lock(lock) => {
                if let Some(lock) = lock.take() {
                    lock.close().await.unwrap();
                }
            }
            Self::Cluster(cluster) => cluster.go_on(),
        }
    }
}

async fn stands_still(hub: Hub, mut still: Still, owned: bool) {
    let mut stage = Stage::prepare_with(hub).await;
    price(&stage, "gpt-4o-mini", "1", "2").await;
    sell(&stage.hub).await;
    grant(&stage.hub, "1").await;
    stage.hub.serve().await;
    let body = hello("gpt-4o-mini");
    assert_eq!(stage.chat(&body).text().await.unwrap().0, 200);

    still.begin(&stage.hub).await;
    let begin = Instant::now();
    let first = stage.chat(&body).send();
    let first = tokio::spawn(async move {
        let answer = first.await.unwrap();
        (answer.status.as_u16(), call_id(&answer), answer.text().await.unwrap())
    });
    // Those that still got in wait; after a few seconds nobody gets in any more.
    let refusal: Value = loop {
        assert!(begin.elapsed() < SOON, "nobody is refused");
        let asked = stage.chat(&body).send();
        if let Ok(answer) = tokio::time::timeout(Duration::from_millis(300), asked).await {
            let answer = answer.unwrap();
            assert_eq!(answer.status, 503);
            break serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        }
    };
    // Whichever notices first: the books, or the log that is written with them.
    let code = refusal["error"]["code"].as_str().unwrap();
    assert!(["ledger_behind", "journal_behind"].contains(&code), "{refusal}");
    let (status, id, text) = tokio::time::timeout(SOON, first).await.unwrap().unwrap();
    // Who owns the ledger has admitted it in memory, and its answer is there: it leaves when it was kept for ten seconds.
    assert_eq!(status, if owned { 200 } else { 503 }, "{text}");
    let told = begin.elapsed();
    match owned {
        true => assert!(told >= Duration::from_secs(9), "{told:?}"),
        // Who shares it has promised nothing to anybody, and says so as soon as it is seen that nothing gets on.
        false => assert!(told < Duration::from_secs(9), "{told:?}"),
    }
    still.end().await;

    let back = Instant::now();
    while stage.chat(&body).text().await.unwrap().0 != 200 {
        assert!(back.elapsed() < SOON, "calls are refused though the disk is back");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let open = "SELECT COUNT(*) FROM call WHERE state = 'open' OR (hold_seq IS NOT NULL AND settle_seq IS NULL)";
    while number(&stage.hub, open).await > 0 {
        assert!(back.elapsed() < SOON, "a call is open, or holds something");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let of_first = stage.row(&id).await;
    assert_eq!(
        of_first["state"],
        if owned { "succeeded" } else { "failed" },
        "{of_first}"
    );
    assert_eq!(of_first["charge"].is_string(), owned, "{of_first}");
    assert_eq!(balance(&stage.hub).await, (CREDIT - charged(&stage.hub).await, 0));
    // Whose answer was ahead of the books is marked; who was refused was told nothing that is not there.
    let ahead = "SELECT COUNT(*) FROM call WHERE ahead = 1 AND charge > 0";
    while owned && number(&stage.hub, ahead).await == 0 {
        assert!(back.elapsed() < SOON, "the call is not marked");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    if !owned {
        assert_eq!(number(&stage.hub, "SELECT COUNT(*) FROM call WHERE ahead = 1").await, 0);
    }
    audit(&stage.hub).await;
}

#[tokio::test]
async fn a_disk_that_takes_nothing_costs_nobody_anything_on_sqlite() {
    let mut hub = Hub::new(Kind::Sqlite).await;
    let still = match Disk::make() {
        Some(disk) => {
            hub.database_url = format!("sqlite://{}", disk.place().join("hub.db").display());
            let url = hub.database_url.clone();
            hub.set("HUB_DATABASE_URL", &url);
            Still::Disk(disk)
        }
        None => Still::Lock(None),
    };
    let way = if matches!(still, Still::Disk(_)) {
        "its file system is frozen"
    } else {
        "somebody keeps its lock"
    };
    println!("the database stands still: {way}");
    stands_still(hub, still, true).await;
}

#[tokio::test]
async fn a_disk_that_takes_nothing_costs_nobody_anything_on_postgresql() {
    let cluster = Cluster::start().await;
    let hub = Hub::on(&cluster);
    stands_still(hub, Still::Cluster(cluster), false).await;
}

#[tokio::test]
async fn a_disk_that_takes_nothing_costs_nobody_anything_where_a_server_owns_the_ledger_on_postgresql() {
    let cluster = Cluster::start().await;
    let mut hub = Hub::on(&cluster);
    hub.set("HUB_LEDGER", "owned");
    stands_still(hub, Still::Cluster(cluster), true).await;
}

//! A PostgreSQL server of a test's own, to be killed and started again. Tests that leave it alone share the one of
//! `make test` (`database`).

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use sqlx::{Connection as _, PgConnection};
use tokio::process::{Child, Command};

/// Longer than any start takes on a busy machine, recovery from a kill included.
const START: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);

/// The server with its data.
#[derive(Debug)]
pub struct Cluster {
    folder: tempfile::TempDir,
    port: u16,
    server: Option<Child>,
}

impl Cluster {
    /// A running server with one empty database.
    ///
    /// # Panics
    /// When PostgreSQL's programs are missing or fail.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        if is_root().await {
            run(Command::new("chown").arg("postgres").arg(folder.path())).await;
        }
        let mut init = as_its_user(&program("initdb")).await;
        init.args([
            "-U",
            "hub",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
            "-D",
        ]);
        run(init.arg(folder.path().join("data")).current_dir(folder.path())).await;
        // Taken for a moment, so that it is free in the next one.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut cluster = Self {
            folder,
            port,
            server: None,
        };
        cluster.resume().await;
        cluster
    }

    /// Its database.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://hub@127.0.0.1:{}/postgres", self.port)
    }

    /// Kills it at once, as a crash would end it. Its backends notice and end.
    pub async fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().await.unwrap();
        }
    }

    /// Stops the server with all of its processes where they stand, as they would stand before a disk that takes nothing any more:
    /// whoever asks waits, and is not told of any failure.
    ///
    /// # Panics
    /// When they cannot be stopped.
    pub fn stand_still(&self) {
        assert!(self.signal("STOP"), "SIGSTOP does not reach PostgreSQL");
    }

    /// Lets them go on.
    ///
    /// # Panics
    /// When they cannot.
    pub fn go_on(&self) {
        assert!(self.signal("CONT"), "SIGCONT does not reach PostgreSQL");
    }

    fn signal(&self, name: &str) -> bool {
        let Some(pid) = self.server.as_ref().and_then(Child::id) else {
            return false;
        };
        // The server first: what it would begin meanwhile is not stopped. One of the others may end in just that moment.
        let script =
            format!("kill -{name} {pid} && {{ kill -{name} $(cat /proc/{pid}/task/*/children) 2>/dev/null; true; }}");
        let done = std::process::Command::new("sh").args(["-c", &script]).status();
        done.is_ok_and(|status| status.success())
    }

    /// Starts it again over the same data.
    ///
    /// # Panics
    /// When it does not come up.
    pub async fn resume(&mut self) {
        let begin = Instant::now();
        while self.server.is_none() {
            assert!(begin.elapsed() < START, "PostgreSQL did not start within {START:?}");
            self.server = self.tried(begin).await;
        }
    }

    /// Starts it and waits until it answers. None when it ended instead: backends of a killed server may still be there.
    async fn tried(&self, begin: Instant) -> Option<Child> {
        let folder = self.folder.path();
        let mut command = as_its_user(&program("postgres")).await;
        command
            .arg("-D")
            .arg(folder.join("data"))
            .args(["-p", &self.port.to_string()]);
        command.args([
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "log_min_messages=warning",
            "-c",
        ]);
        command.arg(format!("unix_socket_directories={}", folder.display()));
        command.current_dir(folder).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut server = command.spawn().unwrap();
        loop {
            if let Ok(connection) = PgConnection::connect(&self.url()).await {
                let _ = connection.close().await;
                return Some(server);
            }
            if server.try_wait().unwrap().is_some() {
                tokio::time::sleep(PAUSE).await;
                return None;
            }
            assert!(begin.elapsed() < START, "PostgreSQL does not answer after {START:?}");
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl Drop for Cluster {
    /// What stands still would not notice that its server is killed, and stay for ever.
    fn drop(&mut self) {
        self.signal("CONT");
    }
}

/// One of PostgreSQL's server programs, which Debian keeps off PATH.
fn program(name: &str) -> PathBuf {
    let find = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tools/find-postgres.sh");
    let found = std::process::Command::new(find).output().unwrap();
    assert!(
        found.status.success(),
        "PostgreSQL's server programs are missing; `make test` sets them up"
    );
    Path::new(String::from_utf8(found.stdout).unwrap().trim()).join(name)
}

async fn is_root() -> bool {
    let asked = Command::new("id").arg("-u").output().await.unwrap();
    asked.stdout.trim_ascii() == b"0"
}

/// PostgreSQL refuses to run as root.
async fn as_its_user(program: &Path) -> Command {
    if !is_root().await {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
        .arg(program);
    command
}

async fn run(command: &mut Command) {
    let done = command.output().await.unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command:?}: {said}");
}

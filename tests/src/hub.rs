//! The real binary as a process of its own over a fresh database: prepared through its command line, started on a free
//! port, killed, restarted. Output is kept in files, which suites search.
//!
//! The binary is the one named by HUB_TEST_BINARY or HUB_BINARY, else `aigne-hub` in the folder of cargo's that the test
//! was built into. The hub sees no variable of the surroundings but PATH, so that tests mean the same everywhere.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise, and this is part of tests"
)]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

mod cluster;
pub mod database;
mod mould;
mod process;
mod provider;

pub use cluster::Cluster;
pub use database::Kind;
pub use mould::Mould;
pub use process::Process;
pub use provider::NewProvider;

use crate::client::Call;

/// A hub: its folder, its database, its settings and, while it runs, its process.
#[derive(Debug)]
pub struct Hub {
    /// Which kind of database it has.
    pub kind: Kind,
    /// Its database's URL.
    pub database_url: String,
    folder: tempfile::TempDir,
    settings: BTreeMap<String, String>,
    process: Option<Process>,
}

/// What a command of the hub came to.
#[derive(Debug, Clone)]
pub struct Ran {
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it printed for programs.
    pub stdout: String,
    /// What it printed for people.
    pub stderr: String,
}

/// A folder for the data and one to be started in.
fn folders() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["data", "work"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    folder
}

impl Hub {
    /// A hub with a fresh database that does not run yet. Logs are at debug level, so that searching them means more.
    pub async fn new(kind: Kind) -> Self {
        let folder = folders();
        let database_url = database::fresh(kind, &folder.path().join("data")).await;
        Self::over(kind, &database_url, folder)
    }

    /// The same over the empty database of a PostgreSQL server that may be killed.
    #[must_use]
    pub fn on(cluster: &Cluster) -> Self {
        Self::over(Kind::Postgres, &cluster.url(), folders())
    }

    fn over(kind: Kind, database_url: &str, folder: tempfile::TempDir) -> Self {
        let data = folder.path().join("data").display().to_string();
        let mut hub = Self {
            kind,
            database_url: database_url.to_owned(),
            folder,
            settings: BTreeMap::new(),
            process: None,
        };
        hub.set("HUB_LISTEN", "127.0.0.1:0");
        hub.set("HUB_DATA_DIR", &data);
        hub.set("HUB_DATABASE_URL", database_url);
        hub.set("HUB_LOG", "debug");
        hub.set("HUB_POSTGRES_CONNECTIONS", "4");
        hub.set("HUB_DRAIN_SECONDS", "20");
        hub
    }

    /// Another installation on the same database: with a data folder of its own, and the same settings otherwise.
    #[must_use]
    pub fn twin(&self) -> Self {
        let folder = folders();
        let data = folder.path().join("data").display().to_string();
        let mut twin = Self {
            kind: self.kind,
            database_url: self.database_url.clone(),
            folder,
            settings: self.settings.clone(),
            process: None,
        };
        twin.set("HUB_DATA_DIR", &data);
        twin
    }

    /// Sets a variable for the next commands and starts.
    pub fn set(&mut self, name: &str, value: &str) {
        self.settings.insert(name.to_owned(), value.to_owned());
    }

    /// Unsets a variable.
    pub fn unset(&mut self, name: &str) {
        self.settings.remove(name);
    }

    /// The folder of its database and its master key.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The folder that it is started in.
    #[must_use]
    pub fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// Everything that servers have printed to the terminal so far.
    #[must_use]
    pub fn terminal(&self) -> String {
        std::fs::read_to_string(self.stdout()).unwrap_or_default()
    }

    /// Everything that servers have logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.stderr()).unwrap_or_default()
    }

    fn stdout(&self) -> PathBuf {
        self.folder.path().join("stdout.log")
    }

    fn stderr(&self) -> PathBuf {
        self.folder.path().join("stderr.log")
    }

    /// A command as it stands, to be run in its own way.
    #[must_use]
    pub fn command_of(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(arguments).current_dir(self.work()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(&self.settings).kill_on_drop(true);
        command
    }

    /// Starts the server and waits until it is ready.
    ///
    /// # Panics
    /// With its log, when it ends instead.
    pub async fn serve(&mut self) {
        self.serve_with(&[]).await;
    }

    /// The same with further arguments of `serve`.
    ///
    /// # Panics
    /// With its log, when it ends instead.
    pub async fn serve_with(&mut self, arguments: &[&str]) {
        let mut command = self.command_of(&[&["serve", "--json"], arguments].concat());
        match Process::start(&mut command, &self.stdout(), &self.stderr()).await {
            Ok(process) => self.process = Some(process),
            Err(status) => panic!("the hub ended at its start ({status}): {}", self.log()),
        }
    }

    /// Waits until it says that it is ready.
    ///
    /// # Panics
    /// When it does not come to that.
    pub async fn until_ready(&self) {
        let begin = std::time::Instant::now();
        while !matches!(self.get("/readyz").send().await, Ok(answer) if answer.status == 200) {
            assert!(
                begin.elapsed() < crate::stage::SOON,
                "the hub is not ready: {}",
                self.log()
            );
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    /// The running process.
    ///
    /// # Panics
    /// When it does not run.
    #[must_use]
    pub fn process(&self) -> &Process {
        self.process.as_ref().unwrap_or_else(|| panic!("the hub does not run"))
    }

    /// Takes the process, to kill it or to wait for it.
    ///
    /// # Panics
    /// When it does not run.
    pub fn take_process(&mut self) -> Process {
        self.process.take().unwrap_or_else(|| panic!("the hub does not run"))
    }

    /// Kills the server and starts it again on the same data.
    pub async fn kill_and_restart(&mut self) {
        self.take_process().kill().await;
        self.serve().await;
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.process().address()
    }

    /// Its address as browsers have it.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.address())
    }

    /// `GET path`.
    #[must_use]
    pub fn get(&self, path: &str) -> Call {
        Call::get(self.address(), path).promised()
    }

    /// `POST path` with a JSON body.
    #[must_use]
    pub fn post(&self, path: &str, body: &Value) -> Call {
        Call::post(self.address(), path, body).promised()
    }

    /// Runs a command as it stands, with `input` on its standard input.
    pub async fn run(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = self.command_of(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        if let Some(mut pipe) = child.stdin.take() {
            // A command that reads nothing has closed its end, which is no fault.
            let _ = pipe.write_all(format!("{input}\n").as_bytes()).await;
        }
        let output = child.wait_with_output().await.unwrap();
        Ran {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs a command with `--json` and gives its answer.
    ///
    /// # Panics
    /// When it fails or does not print one JSON value.
    pub async fn json(&self, arguments: &[&str], input: &str) -> Value {
        let ran = self.run(&[arguments, &["--json"]].concat(), input).await;
        assert_eq!(ran.code, Some(0), "{arguments:?} failed: {}{}", ran.stderr, ran.stdout);
        serde_json::from_str(&ran.stdout)
            .unwrap_or_else(|error| panic!("{arguments:?} did not print JSON ({error}): {}", ran.stdout))
    }

    /// Adds a person.
    pub async fn create_user(&self, email: &str, role: &str, password: &str) -> Value {
        let arguments = ["user", "create", "--email", email, "--role", role, "--password-stdin"];
        self.json(&arguments, password).await
    }

    /// Makes a key for a person.
    pub async fn create_key(&self, email: &str, name: &str) -> Value {
        self.json(&["key", "create", "--user", email, "--name", name], "").await
    }

    /// Connects an OpenAI-compatible provider.
    pub async fn add_provider(&self, name: &str, base_url: &str, credential: &str) -> Value {
        self.add_provider_of("openai-compatible", name, base_url, credential)
            .await
    }

    /// Adds a provider of this kind.
    pub async fn add_provider_of(&self, kind: &str, name: &str, base_url: &str, credential: &str) -> Value {
        self.provider(kind, name)
            .at(base_url)
            .credential(credential)
            .add()
            .await
    }

    /// The newest calls, as another process reads them from the database.
    pub async fn calls(&self) -> Vec<Value> {
        let listed = self.json(&["call", "list", "--limit", "100000"], "").await;
        listed.as_array().cloned().unwrap_or_default()
    }
}

impl Ran {
    /// A failure told in one sentence, without a trace; gives that sentence. With `--json` it is told in JSON, with the exit
    /// code.
    ///
    /// # Panics
    /// When it is anything else.
    #[must_use]
    pub fn complaint(&self) -> String {
        assert!(self.code.is_some_and(|code| code != 0), "it did not fail: {self:?}");
        assert_eq!(self.stdout, "", "a failure prints nothing for programs");
        let said = self.stderr.trim_end();
        let mut sentences: Vec<String> = Vec::new();
        for line in said.lines() {
            if let Some(sentence) = line.strip_prefix("aigne-hub: ") {
                sentences.push(sentence.to_owned());
            } else if line.starts_with("{\"error\":") {
                let told: Value = serde_json::from_str(line).unwrap();
                assert_eq!(told["error"]["exit_code"].as_i64(), self.code.map(i64::from), "{line}");
                sentences.push(told["error"]["message"].as_str().unwrap().to_owned());
            }
        }
        assert_eq!(sentences.len(), 1, "{said}");
        for word in ["panicked", "backtrace", "stack trace", "Error {", "Error("] {
            assert!(!said.contains(word), "{said}");
        }
        sentences.remove(0)
    }
}

/// The binary under test.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn binary() -> PathBuf {
    let named = ["HUB_TEST_BINARY", "HUB_BINARY"].into_iter().find_map(std::env::var_os);
    let path = named.map_or_else(beside_the_test, PathBuf::from);
    assert!(
        path.is_file(),
        "there is no {}; build it with `cargo build -p server`",
        path.display()
    );
    // Hubs are started in folders of their own.
    path.canonicalize().unwrap()
}

fn beside_the_test() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    // Tests lie in `deps`, programs one folder higher.
    let folder = own.parent().and_then(Path::parent).unwrap();
    folder.join("aigne-hub")
}

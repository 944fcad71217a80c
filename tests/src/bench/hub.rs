//! Sets a hub up for the bench through its command line alone, as an operator would: a user, a key, a provider.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::process;

/// A hub in a folder of its own; the folder goes when this is dropped.
pub(super) struct Hub {
    program: PathBuf,
    folder: tempfile::TempDir,
    /// Where it listens when started.
    pub(super) address: SocketAddr,
    /// A key of it.
    pub(super) key: String,
    /// That one, and those of other people.
    pub(super) keys: Vec<String>,
    database: String,
    order: Option<Order>,
}

/// Who keeps the ledger on PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Any number of servers.
    Shared,
    /// This one.
    Owned,
}

/// Where the hub of the bench keeps its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In a file of its own.
    Sqlite,
    /// In a fresh database of the server that the tests use.
    Postgres(Order),
}

impl Place {
    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "sqlite" => Some(Self::Sqlite),
            "shared" => Some(Self::Postgres(Order::Shared)),
            "owned" => Some(Self::Postgres(Order::Owned)),
            _ => None,
        }
    }
}

/// The batches in which a hub wrote calls and bookings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Batches {
    pub(super) all: u64,
    /// Over 50 ms.
    pub(super) long: u64,
    pub(super) longest: Duration,
}

impl Batches {
    fn and(self, other: Self) -> Self {
        Self {
            all: self.all + other.all,
            long: self.long + other.long,
            longest: self.longest.max(other.longest),
        }
    }
}

/// Whether calls cost money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Money {
    /// Nobody has set a price.
    Off,
    /// Every call holds and is settled.
    On,
}

const EMAIL: &str = "bench@example.test";

impl Hub {
    /// Makes the database, a user, a key, and a provider `fast` at `upstream`.
    pub(super) async fn prepare(program: &Path, address: SocketAddr, upstream: SocketAddr) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let database = format!("sqlite://{}", folder.path().join("hub.db").display());
        Self::over(program, address, upstream, folder, database, None).await
    }

    /// The same for so many people, with prices and credit or without.
    pub(super) async fn with_money(
        program: &Path,
        address: SocketAddr,
        upstream: SocketAddr,
        place: Place,
        money: Money,
        people: usize,
    ) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let (database, order) = match place {
            Place::Postgres(order) => {
                let database = crate::hub::database::fresh(crate::hub::Kind::Postgres, folder.path()).await;
                (database, Some(order))
            }
            Place::Sqlite => (format!("sqlite://{}", folder.path().join("hub.db").display()), None),
        };
        let mut hub = Self::over(program, address, upstream, folder, database, order).await?;
        let mut emails = vec![EMAIL.to_owned()];
        for number in 1..people {
            let email = format!("bench-{number}@example.test");
            let create = [
                "user",
                "create",
                "--email",
                &email,
                "--role",
                "member",
                "--password-stdin",
            ];
            hub.run(&create, "a long bench password 1!").await?;
            let key = hub.make_key(&email).await?;
            hub.keys.push(key);
            emails.push(email);
        }
        if money == Money::On {
            for model in super::fast::MODELS {
                let model = format!("fast/{model}");
                let set = [
                    "price",
                    "set",
                    "--model",
                    &model,
                    "--input-per-million",
                    "1",
                    "--output-per-million",
                    "2",
                ];
                hub.run(&set, "").await?;
            }
            for email in &emails {
                let grant = [
                    "credits", "grant", "--user", email, "--amount", "1000000", "--reason", "bench",
                ];
                hub.run(&grant, "").await?;
            }
            hub.run(&["settings", "set", "mode", "service-provider"], "").await?;
        }
        Ok(hub)
    }

    async fn make_key(&self, email: &str) -> io::Result<String> {
        let key = self
            .run(&["key", "create", "--user", email, "--name", "bench"], "")
            .await?;
        key["key"].as_str().map(str::to_owned).ok_or_else(|| {
            io::Error::other("`key create --json` did not print a \"key\"; the bench cannot call the hub without")
        })
    }

    async fn over(
        program: &Path,
        address: SocketAddr,
        upstream: SocketAddr,
        folder: tempfile::TempDir,
        database: String,
        order: Option<Order>,
    ) -> io::Result<Self> {
        let mut hub = Self {
            program: program.to_owned(),
            folder,
            address,
            key: String::new(),
            keys: Vec::new(),
            database,
            order,
        };
        hub.run(
            &[
                "user",
                "create",
                "--email",
                EMAIL,
                "--role",
                "admin",
                "--password-stdin",
            ],
            "a long bench password 1!",
        )
        .await?;
        hub.key = hub.make_key(EMAIL).await?;
        hub.keys.push(hub.key.clone());
        let base = format!("http://{upstream}/v1");
        let add = [
            "provider",
            "add",
            "--kind",
            "openai-compatible",
            "--name",
            "fast",
            "--base-url",
            &base,
        ];
        hub.run(&[&add[..], &["--credential-stdin"]].concat(), "sk-fast")
            .await?;
        Ok(hub)
    }

    /// Adds the same upstream once more, as a provider of this kind, in whose wire it answers.
    pub(super) async fn add_wire(&self, kind: &str, name: &str, upstream: SocketAddr) -> io::Result<()> {
        let base = format!("http://{upstream}");
        let mut add = vec!["provider", "add", "--kind", kind, "--name", name, "--base-url", &base];
        add.push("--credential-stdin");
        for model in super::fast::MODELS {
            add.extend(["--model", model]);
        }
        self.run(&add, "sk-fast").await.map(|_| ())
    }

    /// The command that serves.
    pub(super) fn serve(&self, core: Option<usize>) -> Command {
        let mut command = process::command(&self.program, core);
        command.arg("serve").stdout(Stdio::null()).stderr(Stdio::null());
        self.surround(&mut command);
        command
    }

    /// The same, with its log in a file: it tells of its batches when it is asked to end.
    pub(super) fn serve_and_tell(&self, core: Option<usize>) -> io::Result<Command> {
        let mut command = self.serve(core);
        command.stderr(std::fs::File::create(self.log())?);
        command.env("HUB_LOG_FORMAT", "json");
        Ok(command)
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("serve.log")
    }

    /// How long the batches took that it wrote, once it has ended when it was asked to.
    pub(super) fn batches(&self) -> io::Result<Batches> {
        let log = std::fs::read_to_string(self.log())?;
        let told: Vec<Batches> = log
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter_map(|line| {
                let number = |name: &str| line[name].as_u64();
                Some(Batches {
                    all: number("batches")?,
                    long: number("long")?,
                    longest: Duration::from_micros(number("longest_us")?),
                })
            })
            .collect();
        told.into_iter()
            .reduce(Batches::and)
            .ok_or_else(|| io::Error::other("the hub ended without a word about its batches"))
    }

    fn surround(&self, command: &mut Command) {
        command
            .env("HUB_LISTEN", self.address.to_string())
            .env("HUB_PUBLIC_URL", format!("http://{}", self.address))
            .env("HUB_DATA_DIR", self.folder.path())
            .env("HUB_DATABASE_URL", &self.database)
            .env_remove("DATABASE_URL")
            .current_dir(self.folder.path());
        match self.order {
            Some(Order::Shared) => command.env("HUB_LEDGER", "shared"),
            Some(Order::Owned) => command.env("HUB_LEDGER", "owned"),
            None => command.env_remove("HUB_LEDGER"),
        };
    }

    /// Runs one command of the hub with `--json`, `input` on its standard input, and reads its answer.
    async fn run(&self, arguments: &[&str], input: &str) -> io::Result<Value> {
        let mut command = Command::new(&self.program);
        command.args(arguments).arg("--json").kill_on_drop(true);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        self.surround(&mut command);
        let mut child = command.spawn()?;
        if let Some(mut pipe) = child.stdin.take() {
            // A command that reads nothing has closed its end, which is no fault.
            let _ = pipe.write_all(format!("{input}\n").as_bytes()).await;
        }
        let output = child.wait_with_output().await?;
        let name = arguments[..2].join(" ");
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(io::Error::other(format!("`aigne-hub {name}` failed: {}", said.trim())));
        }
        serde_json::from_slice(&output.stdout)
            .map_err(|error| io::Error::other(format!("`aigne-hub {name} --json` did not print JSON: {error}")))
    }
}

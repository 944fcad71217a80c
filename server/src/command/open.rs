//! Opens the engine from the configuration, for a server or for one command.

use std::time::Duration;

use gateway::{Gateway, OpenError, ProcessKind, Settings, secrets::MasterKey};

use super::{CommandError, first_key};
use crate::config::{self, Config, KeyTurn, LoadedKey};

/// How long a command waits for its last writes.
const LAST_WRITES: Duration = Duration::from_secs(5);

/// The engine of a server.
pub async fn server(config: &Config, public_url: &str) -> Result<Gateway, CommandError> {
    open(
        config,
        &Opening {
            public_url,
            kind: ProcessKind::Serve,
            turn: None,
            may_be_new: true,
        },
    )
    .await
}

/// In which way the engine is opened.
struct Opening<'a> {
    public_url: &'a str,
    kind: ProcessKind,
    /// The right to change the key's file, if this process holds it.
    turn: Option<&'a KeyTurn>,
    /// A hub is made where there is none yet.
    may_be_new: bool,
}

impl Opening<'_> {
    async fn by(&self, config: &Config, key: MasterKey) -> Result<Gateway, OpenError> {
        let settings = settings(config, key, self.public_url, self.kind);
        match self.may_be_new {
            true => Gateway::open(settings).await,
            false => Gateway::open_existing(settings).await,
        }
    }
}

/// Runs `work` with an engine, and closes it whatever came of it. Makes a hub where there is none yet.
pub async fn with<T>(
    config: &Config,
    work: impl AsyncFnOnce(&Gateway) -> Result<T, CommandError>,
) -> Result<T, CommandError> {
    with_turn(config, None, work).await
}

/// The same for work that may hold the right to change the key's file.
pub async fn with_turn<T>(
    config: &Config,
    turn: Option<&KeyTurn>,
    work: impl AsyncFnOnce(&Gateway) -> Result<T, CommandError>,
) -> Result<T, CommandError> {
    run(config, turn, true, work).await
}

async fn run<T>(
    config: &Config,
    turn: Option<&KeyTurn>,
    may_be_new: bool,
    work: impl AsyncFnOnce(&Gateway) -> Result<T, CommandError>,
) -> Result<T, CommandError> {
    let public_url = config.network.public_url_for(config.network.listen);
    let opening = Opening {
        public_url: &public_url,
        kind: ProcessKind::Command,
        turn,
        may_be_new,
    };
    let gateway = open(config, &opening).await?;
    let result = work(&gateway).await;
    gateway.shutdown(LAST_WRITES).await;
    result
}

/// Runs `work` with the engine of a hub that exists.
pub async fn existing<T>(
    config: &Config,
    work: impl AsyncFnOnce(&Gateway) -> Result<T, CommandError>,
) -> Result<T, CommandError> {
    must_have_begun(config)?;
    match run(config, None, false, work).await {
        Err(CommandError::Open(OpenError::NoHub)) => Err(empty()),
        other => other,
    }
}

/// Refuses in a wrong folder, and leaves nothing behind there: a list of nothing would look like a loss.
pub async fn must_exist(config: &Config) -> Result<(), CommandError> {
    must_have_begun(config)?;
    look_at(config)?;
    config.master_key()?;
    if Gateway::is_new(&asking(config)?).await? {
        return Err(empty());
    }
    Ok(())
}

/// What suffices to ask a database what it holds: that takes no key.
pub fn asking(config: &Config) -> Result<Settings, CommandError> {
    let none = MasterKey::generate().map_err(gateway::Error::from)?;
    Ok(settings(config, none, "", ProcessKind::Command))
}

fn empty() -> CommandError {
    CommandError::NothingHere("the database is empty".to_owned())
}

/// What can be seen without opening the database.
fn must_have_begun(config: &Config) -> Result<(), CommandError> {
    if let Some(file) = config.storage.sqlite_file() {
        if !file.exists() {
            return Err(CommandError::NothingHere(format!("{} does not exist", file.display())));
        }
    } else if !config.has_master_key() {
        let folder = config.storage.data_dir.display();
        return Err(CommandError::NothingHere(format!("{folder} holds no master key")));
    }
    Ok(())
}

/// A file that is no database is told before a key that is missing beside it.
pub fn look_at(config: &Config) -> Result<(), CommandError> {
    if let Some(file) = config.storage.sqlite_file().filter(|file| file.exists()) {
        Gateway::look_at(file)?;
    }
    Ok(())
}

/// A PostgreSQL that takes nothing is waited for so long by calls that are not admitted yet.
const OUTAGE: std::time::Duration = std::time::Duration::from_secs(30);

/// An account takes about a kilobyte of memory, and to read one again a fraction of a millisecond.
const ACCOUNTS_IN_MEMORY: usize = 50_000;

/// Much longer than a database that lives takes for a statement, and shorter than anybody waits for the hub.
const SILENCE: Duration = Duration::from_secs(10);

/// To keep an account and to give it back costs about as much as this many batches save.
const KEEPS_AFTER: u32 = 6;

/// What the engine needs to know.
pub fn settings(config: &Config, key: MasterKey, public_url: &str, process_kind: ProcessKind) -> Settings {
    Settings {
        database_url: config.storage.database_url.clone(),
        master_key: key,
        public_url: public_url.to_owned(),
        process_kind,
        sqlite_synchronous_full: config.storage.sqlite_synchronous_full,
        postgres_connections: config.storage.postgres_connections,
        silence: SILENCE,
        ledger: config.storage.ledger,
        accounts_in_memory: ACCOUNTS_IN_MEMORY,
        keeps_after: KEEPS_AFTER,
        outage: OUTAGE,
        fetch_allow: config.network.fetch_allow.clone(),
        identity_providers: config.identity_providers.clone(),
        mail: config.mail.clone(),
        #[cfg(debug_assertions)]
        clock: crate::config::set_clock::clock(),
        #[cfg(not(debug_assertions))]
        clock: gateway::clock::Clock::System,
    }
}

async fn open(config: &Config, opening: &Opening<'_>) -> Result<Gateway, CommandError> {
    look_at(config)?;
    if config.master_key()?.is_none() {
        let work = async |key| opening.by(config, key).await;
        if let Some(gateway) = first_key::with(config, opening.turn, opening.may_be_new, work).await? {
            return Ok(gateway);
        }
    }
    let LoadedKey { key, file } = present(config)?;
    match opening.by(config, key).await {
        Err(OpenError::WrongMasterKey) if file.is_some() => after_rotation(config, opening).await,
        opened => Ok(opened?),
    }
}

/// The master key, which was there a moment ago.
pub fn present(config: &Config) -> Result<LoadedKey, CommandError> {
    let file = config.key_place().map(|file| file.path).unwrap_or_default();
    Ok(config.master_key()?.ok_or_else(|| config::lost_key(&file))?)
}

/// Opens with the key that a rotation has left: one that ran just now has put it in the file's place, one that was cut off
/// between the database and the file has left it beside the file.
async fn after_rotation(config: &Config, opening: &Opening<'_>) -> Result<Gateway, CommandError> {
    let own = match opening.turn {
        Some(_) => None,
        // Waits for a rotation that is under way.
        None => config.key_turn().await?,
    };
    let LoadedKey { key, file } = present(config)?;
    let opened = match opening.by(config, key).await {
        Err(OpenError::WrongMasterKey) => None,
        other => Some(other?),
    };
    let next = file.as_ref().and_then(|file| Some((file, file.next_key()?)));
    let gateway = match (opened, next) {
        (Some(gateway), _) => gateway,
        (None, None) => return Err(OpenError::WrongMasterKey.into()),
        (None, Some((file, next))) => {
            let gateway = opening.by(config, next).await?;
            file.promote_next()?;
            tracing::warn!(path = %file.path.display(), "finished an interrupted rotation of the master key");
            gateway
        }
    };
    drop(own);
    Ok(gateway)
}

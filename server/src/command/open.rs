//! Opens the engine from the configuration, for a server or for one command.

use std::{sync::atomic::AtomicBool, time::Duration};

use gateway::{Gateway, OpenError, ProcessKind, Settings, secrets::MasterKey};

use super::CommandError;
use crate::config::{Config, LoadedKey};

/// How long a command waits for its last writes.
const LAST_WRITES: Duration = Duration::from_secs(5);

/// The engine of a server.
pub async fn server(config: &Config, public_url: &str) -> Result<Gateway, CommandError> {
    open(config, public_url, ProcessKind::Serve).await
}

/// Runs `work` with an engine, and closes it whatever came of it.
pub async fn with<T>(
    config: &Config,
    work: impl AsyncFnOnce(&Gateway) -> Result<T, CommandError>,
) -> Result<T, CommandError> {
    let public_url = config.network.public_url_for(config.network.listen);
    let gateway = open(config, &public_url, ProcessKind::Command).await?;
    let result = work(&gateway).await;
    gateway.shutdown(LAST_WRITES).await;
    result
}

/// What the engine needs to know.
pub fn settings(config: &Config, key: MasterKey, public_url: &str, process_kind: ProcessKind) -> Settings {
    Settings {
        database_url: config.storage.database_url.clone(),
        master_key: key,
        public_url: public_url.to_owned(),
        process_kind,
        sqlite_synchronous_full: config.storage.sqlite_synchronous_full,
        postgres_connections: config.storage.postgres_connections,
        clock: gateway::clock::Clock::System,
    }
}

async fn open(config: &Config, public_url: &str, kind: ProcessKind) -> Result<Gateway, CommandError> {
    let LoadedKey { key, file } = config.master_key()?;
    let opened = Gateway::open(settings(config, key, public_url, kind)).await;
    let Some(file) = file else { return Ok(opened?) };
    match opened {
        Ok(gateway) => {
            if file.created {
                tell_once(&file.path.display().to_string());
            }
            Ok(gateway)
        }
        Err(OpenError::WrongMasterKey) => {
            file.discard_if_created();
            // A rotation that was cut off between the database and the file has left the right key beside it.
            let Some(next) = file.next_key() else {
                return Err(OpenError::WrongMasterKey.into());
            };
            let gateway = Gateway::open(settings(config, next, public_url, kind)).await?;
            file.promote_next()?;
            tracing::warn!(path = %file.path.display(), "finished an interrupted rotation of the master key");
            Ok(gateway)
        }
        Err(error) => {
            file.discard_if_created();
            Err(error.into())
        }
    }
}

/// Names the new key file, because losing it loses every provider credential.
fn tell_once(path: &str) {
    static TOLD: AtomicBool = AtomicBool::new(false);
    if !TOLD.swap(true, std::sync::atomic::Ordering::Relaxed) {
        super::output::complain(&format!(
            "Made the master key file {path}. Keep a copy of its folder: without the key, the provider credentials in the database are lost."
        ));
    }
}

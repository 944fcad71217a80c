//! Whose turn it is to change the master key's file: one process at a time, by a lock on `master.key.lock` beside it.
//!
//! A rotation holds it from reading the old key to renaming the new one, and a first start from looking for a key to putting
//! its own in its place, with the database opened in between. Whoever finds either half done waits for its end before
//! finishing it.

use std::{
    fs::{self, File, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::{
    Config, ConfigError,
    master_key::{failed, unusable},
};

/// A rotation takes far less, and so does making a new database.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(20);

/// The right to change the key's file; given back when dropped, and when the process dies.
#[derive(Debug)]
pub struct KeyTurn {
    _locked: File,
}

impl Config {
    /// Waits for the right to change the key's file. `None` when the key comes from HUB_MASTER_KEY.
    ///
    /// # Errors
    /// [`ConfigError::KeyFile`].
    pub async fn key_turn(&self) -> Result<Option<KeyTurn>, ConfigError> {
        let Some(path) = self.key_path() else { return Ok(None) };
        let file = open(&path).map_err(|error| failed(&path, &error))?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(KeyTurn { _locked: file })),
                Err(TryLockError::Error(error)) => return Err(unusable(&path, &error.to_string())),
                Err(TryLockError::WouldBlock) if Instant::now() > deadline => {
                    return Err(unusable(
                        &path,
                        "another aigne-hub is changing it. Try again when that has ended",
                    ));
                }
                Err(TryLockError::WouldBlock) => sleep(PAUSE).await,
            }
        }
    }
}

fn open(key: &Path) -> io::Result<File> {
    if let Some(folder) = key.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let lock: PathBuf = key.with_extension("key.lock");
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(lock)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Raw, Source};

    #[tokio::test]
    async fn one_has_the_turn_until_it_is_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut raw = Raw::default();
        raw.set("HUB_DATA_DIR", folder.path().display().to_string(), Source::CommandLine);
        let config = Config::from_raw(raw).unwrap();
        let first = config.key_turn().await.unwrap();
        assert!(first.is_some());
        let mut second = std::pin::pin!(config.key_turn());
        let early = tokio::time::timeout(PAUSE * 5, second.as_mut()).await;
        assert!(early.is_err(), "it is somebody else's turn");
        drop(first);
        assert!(second.await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_key_from_the_environment_has_no_file_to_change() {
        let mut raw = Raw::default();
        let key = gateway::secrets::MasterKey::generate().unwrap().to_base64().to_string();
        raw.set("HUB_MASTER_KEY", key, Source::Environment("HUB_MASTER_KEY"));
        assert!(Config::from_raw(raw).unwrap().key_turn().await.unwrap().is_none());
    }
}

//! The master key: from the setting, or from a file of mode 0600 in the data folder that the first run makes.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use gateway::secrets::MasterKey;

use super::{Config, ConfigError, parse::refused};

/// A master key that can be used, and where it came from.
#[derive(Debug)]
pub struct LoadedKey {
    /// The key.
    pub key: MasterKey,
    /// The file it is in; absent when it came from HUB_MASTER_KEY.
    pub file: Option<KeyFile>,
}

/// The key's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile {
    /// Where it is.
    pub path: PathBuf,
    /// This run made it.
    pub created: bool,
}

impl KeyFile {
    /// Where a rotation leaves the next key before the database has changed over.
    #[must_use]
    pub fn next_path(&self) -> PathBuf {
        self.path.with_extension("key.new")
    }

    /// Takes back a file that this run made for a database that turned out to have another key.
    pub fn discard_if_created(&self) {
        if self.created {
            let _ = fs::remove_file(&self.path);
        }
    }

    /// The key that an interrupted rotation left behind, if there is one.
    #[must_use]
    pub fn next_key(&self) -> Option<MasterKey> {
        fs::read_to_string(self.next_path())
            .ok()
            .and_then(|text| MasterKey::from_base64(&text).ok())
    }

    /// Writes the key that is about to become the current one.
    ///
    /// # Errors
    /// [`ConfigError::KeyFile`].
    pub fn write_next(&self, key: &MasterKey) -> Result<(), ConfigError> {
        let path = self.next_path();
        let _ = fs::remove_file(&path);
        write_new(&path, key).map_err(|error| failed(&path, &error))
    }

    /// Takes the next key back: the database did not change over to it.
    pub fn discard_next(&self) {
        let _ = fs::remove_file(self.next_path());
    }

    /// Makes the next key the current one.
    ///
    /// # Errors
    /// [`ConfigError::KeyFile`].
    pub fn promote_next(&self) -> Result<(), ConfigError> {
        fs::rename(self.next_path(), &self.path).map_err(|error| failed(&self.path, &error))
    }
}

impl Config {
    fn key_file(&self) -> PathBuf {
        self.data_dir().join("master.key")
    }

    /// Where the key is kept. `None` when it comes from HUB_MASTER_KEY.
    pub(super) fn key_path(&self) -> Option<PathBuf> {
        let (text, _) = self.raw.get("HUB_MASTER_KEY");
        text.is_empty().then(|| self.key_file())
    }

    /// The master key. Makes the data folder and the key file when neither exists yet.
    ///
    /// # Errors
    /// A setting or a file that holds no key, or a folder that cannot be written.
    pub fn master_key(&self) -> Result<LoadedKey, ConfigError> {
        let (text, _) = self.raw.get("HUB_MASTER_KEY");
        if !text.is_empty() {
            let key = MasterKey::from_base64(text);
            let key = key.map_err(|_| {
                refused(
                    &self.raw,
                    "HUB_MASTER_KEY",
                    "32 bytes in base64, as `openssl rand -base64 32` prints them",
                )
            })?;
            return Ok(LoadedKey { key, file: None });
        }
        let path = self.key_file();
        match fs::read_to_string(&path) {
            Ok(text) => read(&text, path),
            // A file where a folder should be is told apart when the folder is made.
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                self.make(path)
            }
            Err(error) => Err(failed(&path, &error)),
        }
    }

    /// Whether there is a master key already, so that reading it makes none.
    #[must_use]
    pub fn has_master_key(&self) -> bool {
        !self.raw.get("HUB_MASTER_KEY").0.is_empty() || self.data_dir().join("master.key").exists()
    }

    /// The key that a rotation shall change to, where HUB_NEW_MASTER_KEY gives one.
    ///
    /// # Errors
    /// A text that is no key.
    pub fn new_master_key(&self) -> Result<Option<MasterKey>, ConfigError> {
        let key = self
            .raw
            .new_master_key
            .as_deref()
            .map(MasterKey::from_base64)
            .transpose();
        key.map_err(|_| ConfigError::Value {
            key: "HUB_NEW_MASTER_KEY",
            value: "(hidden)".to_owned(),
            source_name: "environment HUB_NEW_MASTER_KEY".to_owned(),
            allowed: "32 bytes in base64, as `openssl rand -base64 32` prints them".to_owned(),
        })
    }

    fn make(&self, path: PathBuf) -> Result<LoadedKey, ConfigError> {
        // A database that outlived its key cannot be opened with a fresh one; making one would only hide the loss.
        let holds_something = |file: &Path| std::fs::metadata(file).is_ok_and(|found| found.len() > 0);
        if self.storage.sqlite_file().is_some_and(holds_something) {
            return Err(unusable(
                &path,
                "it is missing, but the database exists already. Put the file back, or set HUB_MASTER_KEY to the key that the database was made with",
            ));
        }
        let folder = self.data_dir();
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|error| ConfigError::DataDir {
            path: folder.display().to_string(),
            reason: error.to_string(),
        })?;
        let key = MasterKey::generate().map_err(|error| unusable(&path, &error.to_string()))?;
        write_new(&path, &key).map_err(|error| failed(&path, &error))?;
        Ok(LoadedKey {
            key,
            file: Some(KeyFile { path, created: true }),
        })
    }
}

/// What the system says about the file, and what to do where that helps.
fn failed(path: &Path, error: &io::Error) -> ConfigError {
    let advice = if error.kind() == io::ErrorKind::PermissionDenied {
        ". Start as the user whom it belongs to, set HUB_DATA_DIR to a folder that this user may write to, or set HUB_MASTER_KEY"
    } else {
        ""
    };
    unusable(path, &format!("{error}{advice}"))
}

fn read(text: &str, path: PathBuf) -> Result<LoadedKey, ConfigError> {
    let open_to_others = fs::metadata(&path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0);
    if open_to_others {
        return Err(unusable(
            &path,
            &format!(
                "other users of this machine may read it. Run `chmod 600 {}`",
                path.display()
            ),
        ));
    }
    let key = MasterKey::from_base64(text)
        .map_err(|_| unusable(&path, "it does not hold 32 bytes in base64. Put the right file back"))?;
    Ok(LoadedKey {
        key,
        file: Some(KeyFile { path, created: false }),
    })
}

/// Writes a file that only this user may read, and that lasts before the database depends on it.
fn write_new(path: &Path, key: &MasterKey) -> io::Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    writeln!(file, "{}", key.to_base64().as_str())?;
    file.sync_all()
}

pub(super) fn unusable(path: &Path, reason: &str) -> ConfigError {
    ConfigError::KeyFile {
        path: path.display().to_string(),
        reason: reason.trim_end_matches('.').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Raw, Source};

    fn config(folder: &Path) -> Option<Config> {
        let mut raw = Raw::default();
        raw.set("HUB_DATA_DIR", folder.display().to_string(), Source::CommandLine);
        Config::from_raw(raw).ok()
    }

    #[test]
    fn the_first_run_makes_a_file_that_later_runs_read() {
        let Some((folder, config)) = tempfile::tempdir()
            .ok()
            .and_then(|folder| Some((config(&folder.path().join("new"))?, folder)))
            .map(|(config, folder)| (folder, config))
        else {
            unreachable!("a temporary folder can be made")
        };
        let first = config.master_key().map_err(|error| error.to_string());
        let file = folder.path().join("new/master.key");
        assert!(first.as_ref().is_ok_and(|loaded| loaded.file
            == Some(KeyFile {
                path: file.clone(),
                created: true
            })));
        assert!(fs::metadata(&file).is_ok_and(|found| found.permissions().mode() & 0o777 == 0o600));
        let second = config.master_key().map_err(|error| error.to_string());
        let texts = (
            first.map(|loaded| loaded.key.to_base64()),
            second.map(|loaded| loaded.key.to_base64()),
        );
        assert!(matches!(texts, (Ok(first), Ok(second)) if first == second));

        assert!(fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).is_ok());
        let error = config
            .master_key()
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default();
        assert!(error.contains("chmod 600"), "{error}");

        assert!(fs::remove_file(&file).is_ok() && fs::write(folder.path().join("new/hub.db"), "x").is_ok());
        let error = config
            .master_key()
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default();
        assert!(error.contains("is missing") && !file.exists(), "{error}");
    }

    #[test]
    fn a_setting_that_is_no_key_is_named_and_not_shown() {
        let mut raw = Raw::default();
        raw.set(
            "HUB_MASTER_KEY",
            "c2hvcnQ=".into(),
            Source::Environment("HUB_MASTER_KEY"),
        );
        let error = Config::from_raw(raw)
            .and_then(|config| config.master_key())
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default();
        assert!(
            error.contains("HUB_MASTER_KEY") && error.contains("32 bytes") && !error.contains("c2hvcnQ"),
            "{error}"
        );
    }
}

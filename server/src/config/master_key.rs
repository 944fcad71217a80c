//! The master key: from the setting, or from a file of mode 0600 in the data folder that the first start makes.
//!
//! A key that no database depends on yet stands in `master.key.new`: of a first start, and of a rotation. It takes its place as
//! `master.key` once the database holds what it opens. Both are done by whoever has the turn (`key_turn`), so what stands in
//! `master.key` is whole, fits, and is never taken back.

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
}

impl KeyFile {
    /// Where a first start or a rotation leaves its key before the database depends on it.
    #[must_use]
    pub fn next_path(&self) -> PathBuf {
        self.path.with_extension("key.new")
    }

    /// The key that a first start or a rotation left behind when it was cut off, if there is one.
    #[must_use]
    pub fn next_key(&self) -> Option<MasterKey> {
        fs::read_to_string(self.next_path())
            .ok()
            .and_then(|text| MasterKey::from_base64(&text).ok())
    }

    /// Writes the key that is about to become the current one. For whoever has the turn.
    ///
    /// # Errors
    /// [`ConfigError::KeyFile`].
    pub fn write_next(&self, key: &MasterKey) -> Result<(), ConfigError> {
        let path = self.next_path();
        let _ = fs::remove_file(&path);
        write_new(&path, key).map_err(|error| {
            // Half a key is none.
            self.discard_next();
            failed(&path, &error)
        })
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
        fs::rename(self.next_path(), &self.path).map_err(|error| failed(&self.path, &error))?;
        keep_name(&self.path);
        Ok(())
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

    /// The key's file, whether it is there or not. `None` when the key comes from HUB_MASTER_KEY.
    #[must_use]
    pub fn key_place(&self) -> Option<KeyFile> {
        self.key_path().map(|path| KeyFile { path })
    }

    /// The master key; `None` where no first start has made one yet. Makes nothing.
    ///
    /// # Errors
    /// A setting or a file that holds no key.
    pub fn master_key(&self) -> Result<Option<LoadedKey>, ConfigError> {
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
            return Ok(Some(LoadedKey { key, file: None }));
        }
        let path = self.key_file();
        match fs::read_to_string(&path) {
            Ok(text) => read(&text, path).map(Some),
            // A file where a folder should be is told apart when the folder is made.
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
            Err(error) => Err(failed(&path, &error)),
        }
    }

    /// Whether there is a master key, be it one that a first start has left before it could put it in its place.
    #[must_use]
    pub fn has_master_key(&self) -> bool {
        self.key_place()
            .is_none_or(|file| file.path.exists() || file.next_path().exists())
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

    /// Makes the data folder where it is missing.
    ///
    /// # Errors
    /// [`ConfigError::DataDir`].
    pub fn make_data_dir(&self) -> Result<(), ConfigError> {
        let folder = self.data_dir();
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|error| ConfigError::DataDir {
            path: folder.display().to_string(),
            reason: error.to_string(),
        })
    }
}

/// A database that outlived its key cannot be opened with a fresh one; to make one would only hide the loss.
#[must_use]
pub fn lost(path: &Path) -> ConfigError {
    unusable(
        path,
        "it is missing, but the database exists already. Put the file back, or set HUB_MASTER_KEY to the key that the database was made with",
    )
}

/// What the system says about the file, and what to do where that helps.
pub(super) fn failed(path: &Path, error: &io::Error) -> ConfigError {
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
        file: Some(KeyFile { path }),
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
    file.sync_all()?;
    keep_name(path);
    Ok(())
}

/// Has the disk keep a file's new name. Some file systems know no such thing, and keep it in their own time.
fn keep_name(path: &Path) {
    if let Some(Err(error)) = path.parent().map(|folder| fs::File::open(folder)?.sync_all()) {
        tracing::debug!(%error, path = %path.display(), "the folder of the master key could not be written out");
    }
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
    fn a_key_is_read_where_it_stands_and_nothing_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let config = config(&folder.path().join("new")).unwrap();
        assert!(config.master_key().unwrap().is_none() && !config.has_master_key());
        assert!(!folder.path().join("new").exists());

        config.make_data_dir().unwrap();
        let (file, key) = (config.key_place().unwrap(), MasterKey::generate().unwrap());
        file.write_next(&key).unwrap();
        // It counts only in its place.
        assert!(config.master_key().unwrap().is_none() && config.has_master_key());
        assert_eq!(file.next_key().map(|next| next.to_base64()), Some(key.to_base64()));
        file.promote_next().unwrap();
        assert!(!file.next_path().exists());
        let mode = fs::metadata(&file.path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let loaded = config.master_key().unwrap().unwrap();
        assert_eq!(
            (loaded.key.to_base64(), loaded.file),
            (key.to_base64(), Some(file.clone()))
        );

        fs::set_permissions(&file.path, fs::Permissions::from_mode(0o644)).unwrap();
        let error = config.master_key().unwrap_err().to_string();
        assert!(error.contains("chmod 600"), "{error}");
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

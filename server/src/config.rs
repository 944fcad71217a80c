//! Configuration: every setting once, from its default, a file, the environment or the command line, checked before use.
//!
//! [`keys`] lists the settings, [`source`] finds their text, one file per section turns text into values, [`show`] prints
//! them. Nothing else reads the environment. Called by `main` and by every command.

mod identity;
mod key_turn;
pub mod keys;
#[cfg(debug_assertions)]
pub mod last_step;
mod mail;
mod master_key;
mod nearest;
mod network;
mod parse;
mod process;
#[cfg(debug_assertions)]
pub mod set_clock;
mod show;
pub mod source;
mod storage;

use std::path::PathBuf;

use gateway::{FiledMail, FiledProvider};

pub use key_turn::KeyTurn;
pub use master_key::{KeyFile, LoadedKey, lost as lost_key};
pub use network::{NetworkSettings, reachable};
pub use process::{LogFormat, ProcessSettings};
pub use show::{as_json, as_text, as_values};
pub use source::{Overrides, Raw, Source};
pub use storage::StorageSettings;

/// Everything that can be set, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Addresses, limits and trust.
    pub network: NetworkSettings,
    /// Database, folder and master key.
    pub storage: StorageSettings,
    /// Logs, threads and the end of the process.
    pub process: ProcessSettings,
    /// Identity providers of the file.
    pub identity_providers: Vec<FiledProvider>,
    /// How mail is sent, where the configuration says so.
    pub mail: Option<FiledMail>,
    /// The texts these values came from, for `config`.
    pub raw: Raw,
}

/// Why the configuration cannot be used. Each sentence names the key and what is allowed.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A value outside what its key allows.
    #[error("{key} is {value:?} ({source_name}), but it must be {allowed}.")]
    Value {
        /// The setting.
        key: &'static str,
        /// What was given; masked where the key is a secret.
        value: String,
        /// Where it was given.
        source_name: String,
        /// What the key accepts.
        allowed: String,
    },
    /// A value of the environment that is no text.
    #[error("{0} in the environment is not UTF-8 text. Write it anew, or unset it.")]
    NotText(String),
    /// A key in the file that no setting has.
    #[error("{path} sets {found:?}, which is not a setting.{hint} `aigne-hub config` lists them all.")]
    UnknownKey {
        /// The file.
        path: String,
        /// The key in it.
        found: String,
        /// A similar key, as a sentence, or nothing.
        hint: String,
    },
    /// The file cannot be read.
    #[error("cannot read the configuration file {path}: {reason}. Check --config and HUB_CONFIG.")]
    Unreadable {
        /// The file.
        path: String,
        /// The system's words.
        reason: String,
    },
    /// The file is not TOML.
    #[error(
        "{path} is not valid TOML at line {line}, column {column}: {reason}. Write each setting on a line of its own as name = \"value\"."
    )]
    Syntax {
        /// The file.
        path: String,
        /// Where in it, from 1.
        line: usize,
        /// Where in the line, from 1.
        column: usize,
        /// The parser's words. Never the line itself: a secret may stand there.
        reason: String,
    },
    /// An identity provider of the file that cannot be used.
    #[error("{path}: {place} {}.", problem.trim_end_matches('.'))]
    IdentityProvider {
        /// The file.
        path: String,
        /// The field.
        place: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The key file of the master key cannot be used.
    #[error("cannot use the master key file {path}: {reason}.")]
    KeyFile {
        /// The file.
        path: String,
        /// What is wrong with it and what to do.
        reason: String,
    },
    /// The data folder cannot be made.
    #[error("cannot make the data folder {path}: {reason}. Set HUB_DATA_DIR to a folder that this user may write to.")]
    DataDir {
        /// The folder.
        path: String,
        /// The system's words.
        reason: String,
    },
}

impl Config {
    /// Reads and checks every setting.
    ///
    /// # Errors
    /// The first setting that cannot be used.
    pub fn load(overrides: &Overrides) -> Result<Self, ConfigError> {
        Self::from_raw(source::read(overrides)?)
    }

    /// Checks texts that were already found. Tests start here.
    ///
    /// # Errors
    /// The first setting that cannot be used.
    pub fn from_raw(raw: Raw) -> Result<Self, ConfigError> {
        Ok(Self {
            network: NetworkSettings::from_raw(&raw)?,
            storage: StorageSettings::from_raw(&raw)?,
            process: ProcessSettings::from_raw(&raw)?,
            identity_providers: raw.identity_providers.clone(),
            mail: mail::from_raw(&raw)?,
            raw,
        })
    }

    /// Variables that look like settings and are none; each is a sentence for the log.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.raw.warnings
    }

    /// The folder for what the hub keeps beside its database.
    #[must_use]
    pub fn data_dir(&self) -> &PathBuf {
        &self.storage.data_dir
    }
}

/// Whether somebody chose what to log; commands are quiet otherwise.
#[must_use]
pub fn is_log_set(config: &Config) -> bool {
    parse::is_set(&config.raw, "HUB_LOG")
}

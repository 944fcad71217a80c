//! Settings of storage: which database, which folder, which master key.

use std::path::{Path, PathBuf};

use gateway::LedgerOrder;

use super::{
    ConfigError, Raw,
    parse::{is_set, number, refused},
};

/// Where things are kept.
#[derive(Clone, Debug)]
pub struct StorageSettings {
    /// `sqlite://` with an absolute path, or `postgres://`.
    pub database_url: String,
    /// Absolute.
    pub data_dir: PathBuf,
    /// Whether SQLite waits for the disk at every commit.
    pub sqlite_synchronous_full: bool,
    /// Connections to PostgreSQL.
    pub postgres_connections: u32,
    /// How servers on PostgreSQL keep the order of the ledger.
    pub ledger: LedgerOrder,
}

impl StorageSettings {
    pub(super) fn from_raw(raw: &Raw) -> Result<Self, ConfigError> {
        let data_dir = absolute(Path::new(raw.get("HUB_DATA_DIR").0))
            .ok_or_else(|| refused(raw, "HUB_DATA_DIR", "the path of a folder"))?;
        let sqlite_synchronous_full = match raw.get("HUB_SQLITE_SYNCHRONOUS").0 {
            "full" => true,
            "normal" => false,
            _ => {
                return Err(refused(
                    raw,
                    "HUB_SQLITE_SYNCHRONOUS",
                    "full, or normal (faster; a power loss may cost the last moments of the log)",
                ));
            }
        };
        let connections = number(raw, "HUB_POSTGRES_CONNECTIONS", 2..=500)?;
        let ledger = match raw.get("HUB_LEDGER").0 {
            "shared" => LedgerOrder::Shared,
            "owned" => LedgerOrder::Owned,
            _ => {
                let allowed = "shared (any number of servers), or owned (one server, which keeps accounts in memory)";
                return Err(refused(raw, "HUB_LEDGER", allowed));
            }
        };
        Ok(Self {
            database_url: database_url(raw, &data_dir)?,
            data_dir,
            sqlite_synchronous_full,
            postgres_connections: u32::try_from(connections).unwrap_or(u32::MAX),
            ledger,
        })
    }

    /// The SQLite file, when there is one.
    #[must_use]
    pub fn sqlite_file(&self) -> Option<&Path> {
        self.database_url.strip_prefix("sqlite://").map(Path::new)
    }
}

fn database_url(raw: &Raw, data_dir: &Path) -> Result<String, ConfigError> {
    // Unset, the file lies in the data folder, so that one folder is the whole installation.
    if !is_set(raw, "HUB_DATABASE_URL") {
        return Ok(format!("sqlite://{}", data_dir.join("hub.db").display()));
    }
    let text = raw.get("HUB_DATABASE_URL").0;
    let wrong = || {
        refused(
            raw,
            "HUB_DATABASE_URL",
            "sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE",
        )
    };
    if let Some(path) = text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:")) {
        let plain = !path.is_empty() && !path.contains(['?', '#']) && path != ":memory:";
        let path = absolute(Path::new(path)).filter(|_| plain).ok_or_else(wrong)?;
        return Ok(format!("sqlite://{}", path.display()));
    }
    let postgres = text.starts_with("postgres://") || text.starts_with("postgresql://");
    if postgres { Ok(text.to_owned()) } else { Err(wrong()) }
}

/// The path from the root, whether or not it exists.
fn absolute(path: &Path) -> Option<PathBuf> {
    std::path::absolute(path).ok().filter(|_| !path.as_os_str().is_empty())
}

#[cfg(test)]
mod tests {
    use gateway::{MasterKey, ProcessKind};

    use super::*;
    use crate::{
        command::open,
        config::{Config, Source},
    };

    fn settings(pairs: &[(&'static str, &str)]) -> Result<StorageSettings, String> {
        let mut raw = Raw::default();
        for (key, text) in pairs {
            raw.set(key, (*text).to_owned(), Source::CommandLine);
        }
        StorageSettings::from_raw(&raw).map_err(|error| error.to_string())
    }

    #[test]
    fn the_database_lies_in_the_data_folder_unless_named() {
        let url = |pairs: &[(&'static str, &str)]| settings(pairs).map(|settings| settings.database_url);
        assert_eq!(
            url(&[("HUB_DATA_DIR", "/srv/hub")]),
            Ok("sqlite:///srv/hub/hub.db".into())
        );
        assert_eq!(
            url(&[("HUB_DATABASE_URL", "sqlite:///x/y.db"), ("HUB_DATA_DIR", "/srv")]),
            Ok("sqlite:///x/y.db".into())
        );
        assert!(url(&[]).is_ok_and(|url| url.starts_with("sqlite:///") && url.ends_with("/data/hub.db")));
        assert!(url(&[("HUB_DATABASE_URL", "sqlite://relative.db")]).is_ok_and(|url| url.starts_with("sqlite:///")));
    }

    /// What is configured is what the engine is opened with.
    #[test]
    fn commits_wait_for_the_disk_unless_that_is_configured_otherwise() {
        let waits = |text: Option<&str>| {
            let mut raw = Raw::default();
            if let Some(text) = text {
                raw.set("HUB_SQLITE_SYNCHRONOUS", text.to_owned(), Source::CommandLine);
            }
            let config = Config::from_raw(raw).map_err(|error| error.to_string())?;
            let key = MasterKey::generate().map_err(|error| error.to_string())?;
            let opened = open::settings(&config, key, "", ProcessKind::Serve);
            Ok::<bool, String>(opened.sqlite_synchronous_full)
        };
        assert_eq!(waits(None), Ok(true));
        assert_eq!(waits(Some("full")), Ok(true));
        assert_eq!(waits(Some("normal")), Ok(false));
        let error = waits(Some("off")).err().unwrap_or_default();
        assert!(error.contains("HUB_SQLITE_SYNCHRONOUS"), "{error}");
    }

    #[test]
    fn other_databases_are_refused_without_their_password() {
        let error = settings(&[("HUB_DATABASE_URL", "mysql://me:hidden@host/db")])
            .err()
            .unwrap_or_default();
        assert!(
            error.contains("HUB_DATABASE_URL") && error.contains("postgres://") && !error.contains("hidden"),
            "{error}"
        );
        assert!(settings(&[("HUB_DATABASE_URL", "sqlite://")]).is_err());
    }
}

//! The list of settings. To add one: a row here, a field in its section's file; `config` prints it by itself.

/// One setting.
#[derive(Debug)]
pub struct Key {
    /// The environment variable. The file uses the same word in lower case without `HUB_`.
    pub name: &'static str,
    /// What holds when nobody sets it; empty when that depends on other settings.
    pub default: &'static str,
    /// Never printed.
    pub secret: bool,
    /// One sentence for `config`.
    pub about: &'static str,
}

impl Key {
    /// The word for this setting in the configuration file.
    #[must_use]
    pub fn file_key(&self) -> String {
        self.name.trim_start_matches("HUB_").to_ascii_lowercase()
    }
}

const fn key(name: &'static str, default: &'static str, about: &'static str) -> Key {
    Key {
        name,
        default,
        secret: false,
        about,
    }
}

/// Every setting, in the order in which `config` prints them.
pub static KEYS: &[Key] = &[
    key("HUB_LISTEN", "127.0.0.1:8080", "Address and port to serve on."),
    key(
        "HUB_PUBLIC_URL",
        "",
        "How browsers reach the hub; by default http:// and the listen address.",
    ),
    key(
        "HUB_DATABASE_URL",
        "sqlite://data/hub.db",
        "sqlite://PATH (relative to the working folder) or postgres://.",
    ),
    key(
        "HUB_DATA_DIR",
        "data",
        "Folder for the master key file and, unless said otherwise, the SQLite file.",
    ),
    Key {
        name: "HUB_MASTER_KEY",
        default: "",
        secret: true,
        about: "32 bytes in base64; by default the file master.key in the data folder, made by the first run.",
    },
    key(
        "HUB_SQLITE_SYNCHRONOUS",
        "full",
        "full, or normal: faster, but a power loss may cost the last moments of the log.",
    ),
    key("HUB_POSTGRES_CONNECTIONS", "16", "Connections to PostgreSQL, 2 to 500."),
    key(
        "HUB_LEDGER",
        "shared",
        "On PostgreSQL: shared (any number of servers), or owned: one server, which keeps accounts in memory.",
    ),
    key(
        "HUB_BODY_LIMIT",
        "32MB",
        "Largest request body on /v1: bytes, KB or MB, 1KB to 1024MB.",
    ),
    key(
        "HUB_BODY_MEMORY",
        "512MB",
        "What all requests may take together, with what is fetched for them and what they are read into. One person may have three quarters of it, and always one of the largest bodies.",
    ),
    key(
        "HUB_CONNECTIONS",
        "8192",
        "Client connections at a time, 8 to 1000000. One address that is no trusted proxy may have three quarters of them.",
    ),
    key(
        "HUB_CLIENT_SECONDS",
        "60",
        "How long a client may stand still: send nothing of a body, take nothing of an answer; for a whole head of a request at most 15; 1 to 3600.",
    ),
    key(
        "HUB_TRUSTED_PROXIES",
        "",
        "Networks whose X-Forwarded-For is believed: 10.0.0.0/8, ::1.",
    ),
    key(
        "HUB_FETCH_ALLOW",
        "",
        "Networks that files named by their address may be fetched from although they are not public: 10.1.0.0/16.",
    ),
    key(
        "HUB_CORS_ORIGINS",
        "",
        "Web origins that may call /v1 from a browser: https://app.example.com, or *.",
    ),
    key(
        "HUB_SMTP_URL",
        "",
        "The server that takes mail: smtp://USER:PASSWORD@HOST:PORT with STARTTLS, smtps:// with TLS, smtp://HOST?tls=none without. Wins over the console.",
    ),
    Key {
        name: "HUB_SMTP_PASSWORD",
        default: "",
        secret: true,
        about: "The password for HUB_SMTP_URL, where it does not stand in it.",
    },
    key(
        "HUB_MAIL_FOLDER",
        "",
        "Instead of a server: a folder that each mail is written into, for trials.",
    ),
    key(
        "HUB_MAIL_FROM",
        "",
        "The sender of mail, such as Hub <hub@example.com>; with HUB_SMTP_URL or HUB_MAIL_FOLDER.",
    ),
    key(
        "HUB_DRAIN_SECONDS",
        "30",
        "How long running answers may take after a stop signal, 0 to 3600.",
    ),
    key(
        "HUB_WORKER_THREADS",
        "0",
        "Threads that serve requests; 0 means one per processor.",
    ),
    key(
        "HUB_LOG",
        "info",
        "What to log: a level, or target=level pairs: info,gateway=debug.",
    ),
    key("HUB_LOG_FORMAT", "text", "text or json."),
];

/// Variables that begin with HUB_ and are read elsewhere: by the finder of the file, by one command, by tests of ours.
pub static OTHER_VARIABLES: &[&str] = &["HUB_CONFIG", "HUB_NEW_MASTER_KEY"];

#[cfg(test)]
mod tests {
    use super::{KEYS, OTHER_VARIABLES};

    #[test]
    fn the_readme_tells_of_every_setting() {
        let readme = include_str!("../../../README.md");
        let told = |name: &str| readme.contains(&format!("`{name}`"));
        let names = KEYS.iter().map(|key| key.name).chain(OTHER_VARIABLES.iter().copied());
        let untold: Vec<_> = names.filter(|name| !told(name)).collect();
        assert_eq!(untold, [""; 0]);
    }

    #[test]
    fn names_are_unique_and_readable_in_both_places() {
        for (position, key) in KEYS.iter().enumerate() {
            assert!(key.name.starts_with("HUB_"), "{}", key.name);
            assert!(
                KEYS.iter().skip(position + 1).all(|other| other.name != key.name),
                "{} stands twice",
                key.name
            );
            assert!(!key.file_key().contains("hub_"));
        }
    }
}

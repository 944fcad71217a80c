//! The effective configuration as people may see it: each key, its value, where it was set. Secrets are masked. `config` prints
//! it, the console's settings show it ([`as_values`]).

use app::context::{Configured, ValueSource};

use super::{
    Config,
    keys::{KEYS, Key},
    parse::{is_set, without_password},
    source::Source,
};

/// The same as plain data, for a hub that is reached at `public_url`.
#[must_use]
pub fn as_values(config: &Config, public_url: &str) -> Vec<Configured> {
    let each = |key: &'static Key| Configured {
        name: key.name,
        file_key: key.file_key(),
        value: match key.name {
            "HUB_PUBLIC_URL" => public_url.to_owned(),
            _ => value(config, key),
        },
        source: match config.raw.get(key.name).1 {
            Source::Default => ValueSource::Default,
            Source::File(path) => ValueSource::File(path.display().to_string()),
            Source::Environment(name) => ValueSource::Environment(name.to_owned()),
            Source::CommandLine => ValueSource::CommandLine,
        },
    };
    KEYS.iter().map(each).collect()
}

/// A table for people.
#[must_use]
pub fn as_text(config: &Config) -> String {
    let width = KEYS.iter().map(|key| key.name.len()).max().unwrap_or_default();
    let lines = KEYS.iter().map(|key| {
        let (_, source) = config.raw.get(key.name);
        format!(
            "{:width$}  {}\n{:width$}  ({source}) {}\n",
            key.name,
            value(config, key),
            "",
            key.about
        )
    });
    let mut text: String = lines.collect();
    for provider in &config.identity_providers {
        let state = if provider.enabled { "enabled" } else { "disabled" };
        let (slug, issuer) = (&provider.draft.slug, provider.draft.way.issuer());
        text.push_str(&format!(
            "identity_provider {slug}  {issuer}\n{:width$}  (file) {state}\n",
            ""
        ));
    }
    text
}

/// The same as JSON: `{"HUB_LISTEN": {"value", "source", "about"}, …}`.
#[must_use]
pub fn as_json(config: &Config) -> serde_json::Value {
    let entries = KEYS.iter().map(|key| {
        let (_, source) = config.raw.get(key.name);
        let entry = serde_json::json!({ "value": value(config, key), "source": source.word(), "about": key.about });
        (key.name.to_owned(), entry)
    });
    serde_json::Value::Object(entries.collect())
}

fn value(config: &Config, key: &Key) -> String {
    if key.secret {
        return if is_set(&config.raw, key.name) {
            "***".to_owned()
        } else if key.name != "HUB_MASTER_KEY" {
            String::new()
        } else {
            format!("(file {})", config.data_dir().join("master.key").display())
        };
    }
    match key.name {
        "HUB_PUBLIC_URL" => config.network.public_url_for(config.network.listen),
        // A path holds no password, and may hold an at sign.
        "HUB_DATABASE_URL" if config.storage.sqlite_file().is_some() => config.storage.database_url.clone(),
        "HUB_DATABASE_URL" => without_password(&config.storage.database_url),
        // Never less than one body may have.
        "HUB_BODY_MEMORY" if config.network.body_memory == config.network.body_limit => {
            config.raw.get("HUB_BODY_LIMIT").0.to_owned()
        }
        "HUB_SMTP_URL" => without_password(config.raw.get(key.name).0),
        "HUB_DATA_DIR" => config.data_dir().display().to_string(),
        _ => config.raw.get(key.name).0.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Raw, Source};

    #[test]
    fn secrets_are_never_printed() {
        let mut raw = Raw::default();
        raw.set("HUB_MASTER_KEY", "bWFzdGVyLWtleQ==".into(), Source::CommandLine);
        raw.set(
            "HUB_DATABASE_URL",
            "postgres://me:hidden@host/db".into(),
            Source::CommandLine,
        );
        let Ok(config) = Config::from_raw(raw) else {
            unreachable!("both values are allowed")
        };
        let (text, json) = (as_text(&config), as_json(&config).to_string());
        let values = as_values(&config, "http://hub.example");
        for printed in [text, json, format!("{values:?}")] {
            assert!(
                !printed.contains("bWFzdGVyLWtleQ") && !printed.contains("hidden"),
                "{printed}"
            );
            assert!(printed.contains("postgres://me:***@host/db"), "{printed}");
        }
    }

    #[test]
    fn what_is_shown_is_what_holds() {
        let mut raw = Raw::default();
        raw.set("HUB_DATA_DIR", "/home/me@example.com/hub".into(), Source::CommandLine);
        raw.set("HUB_BODY_LIMIT", "1024MB".into(), Source::CommandLine);
        let config = Config::from_raw(raw).unwrap();
        let shown = as_json(&config);
        assert_eq!(
            shown["HUB_DATABASE_URL"]["value"],
            "sqlite:///home/me@example.com/hub/hub.db"
        );
        assert_eq!(shown["HUB_BODY_MEMORY"]["value"], "1024MB", "one body at least");
        let usual = as_json(&Config::from_raw(Raw::default()).unwrap());
        assert_eq!(usual["HUB_BODY_MEMORY"]["value"], "512MB");
    }

    #[test]
    fn the_console_knows_every_key_and_its_source() {
        let mut raw = Raw::default();
        raw.set("HUB_LISTEN", "127.0.0.1:1".into(), Source::CommandLine);
        raw.set("HUB_LOG", "warn".into(), Source::Environment("HUB_LOG"));
        raw.set("HUB_LOG_FORMAT", "json".into(), Source::File("/etc/hub.toml".into()));
        let Ok(config) = Config::from_raw(raw) else {
            unreachable!("all values are allowed")
        };
        let values = as_values(&config, "https://hub.example");
        let find = |name: &str| {
            let found = values.iter().find(|value| value.name == name);
            found.map(|found| (found.value.as_str(), found.source.clone()))
        };
        assert_eq!(find("HUB_LISTEN"), Some(("127.0.0.1:1", ValueSource::CommandLine)));
        assert_eq!(
            find("HUB_LOG"),
            Some(("warn", ValueSource::Environment("HUB_LOG".into())))
        );
        assert_eq!(
            find("HUB_LOG_FORMAT"),
            Some(("json", ValueSource::File("/etc/hub.toml".into())))
        );
        assert_eq!(
            find("HUB_PUBLIC_URL"),
            Some(("https://hub.example", ValueSource::Default))
        );
        let unknown: Vec<_> = KEYS
            .iter()
            .filter(|key| !app::pages::settings::knows(key.name))
            .map(|key| key.name)
            .collect();
        assert_eq!(
            unknown, [""; 0],
            "give them words in app/src/pages/settings/configured.rs"
        );
    }
}

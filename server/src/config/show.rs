//! Prints the effective configuration: each key, its value, where it was set. Secrets are masked.

use super::{
    Config,
    keys::{KEYS, Key},
    parse::{is_set, without_password},
};

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
        "HUB_DATABASE_URL" => without_password(&config.storage.database_url),
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
        for printed in [text, json] {
            assert!(
                !printed.contains("bWFzdGVyLWtleQ") && !printed.contains("hidden"),
                "{printed}"
            );
            assert!(printed.contains("postgres://me:***@host/db"), "{printed}");
        }
    }
}

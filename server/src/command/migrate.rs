//! `migrate`: brings the database up to date while no server runs. `serve` does the same when it starts.

use gateway::{Gateway, ProcessKind};
use serde_json::json;

use super::{CommandError, Outcome, open};
use crate::config::Config;

/// Migrates, or says that there is nothing to do.
pub async fn run(config: &Config) -> Result<Outcome, CommandError> {
    let loaded = open::master_key(config)?;
    let public_url = config.network.public_url_for(config.network.listen);
    let migrated = Gateway::migrate(&open::settings(config, loaded.key, &public_url, ProcessKind::Command)).await;
    if let (Err(_), Some(file)) = (&migrated, &loaded.file) {
        file.discard_if_created();
    }
    let sentence = if migrated? {
        "The database is up to date now."
    } else {
        "The database was up to date already."
    };
    Ok(Outcome {
        json: json!({ "up_to_date": true }),
        result: String::new(),
        sentence: sentence.to_owned(),
    })
}

//! `migrate`: brings the database up to date while no server runs. `serve` does the same when it starts.

use gateway::{Gateway, ProcessKind};
use serde_json::json;

use super::{CommandError, Outcome, first_key, open};
use crate::config::Config;

/// Migrates, or says that there is nothing to do.
pub async fn run(config: &Config) -> Result<Outcome, CommandError> {
    open::look_at(config)?;
    let public_url = config.network.public_url_for(config.network.listen);
    let migrate = async |key| Gateway::migrate(&open::settings(config, key, &public_url, ProcessKind::Command)).await;
    let made = match config.master_key()? {
        Some(_) => None,
        None => first_key::with(config, None, true, &migrate).await?,
    };
    let migrated = match made {
        Some(migrated) => migrated,
        None => migrate(open::present(config)?.key).await?,
    };
    let sentence = if migrated {
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

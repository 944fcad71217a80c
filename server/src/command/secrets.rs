//! `secrets rotate`: another master key. Works while a server runs; keys, sessions and credentials live on.
//!
//! The new key is written beside the old one first, then the database changes over, then the file is renamed: wherever
//! that is cut off, the next start finds the key that fits. Two rotations at once take turns at the file; where each has a
//! file of its own (or none), the database lets one of them through.

use clap::Subcommand;
use domain::access::Admin;
use gateway::secrets::MasterKey;
use serde_json::json;

use super::{CommandError, Outcome, open};
use crate::config::{Config, LoadedKey};

/// What can be done with the hub's own secrets.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Wrap the hub's keys by a new master key: HUB_NEW_MASTER_KEY, or a fresh one written to the key file.
    Rotate,
}

/// Runs one of them.
pub async fn run(config: &Config, command: &Command) -> Result<Outcome, CommandError> {
    let Command::Rotate = command;
    let given = config.new_master_key()?;
    open::must_exist(config).await?;
    let turn = config.key_turn().await?;
    // Opening first finishes a rotation that was cut off, so that its key is not overwritten below.
    open::with_turn(config, turn.as_ref(), async |gateway| {
        let LoadedKey { file, key: present, .. } = open::present(config)?;
        let new = match (given, &file) {
            (Some(key), _) if key == present => {
                let sentence = "HUB_NEW_MASTER_KEY is the key that the hub has already, so nothing would change. Set it to another, as `openssl rand -base64 32` prints one.";
                return Err(CommandError::Argument(sentence.to_owned()));
            }
            (Some(key), _) => key,
            (None, Some(_)) => MasterKey::generate().map_err(gateway::Error::from)?,
            (None, None) => {
                let sentence = "The master key comes from HUB_MASTER_KEY, so the hub cannot keep a new one by itself. Set HUB_NEW_MASTER_KEY to the new key, as `openssl rand -base64 32` prints one.";
                return Err(CommandError::Argument(sentence.to_owned()));
            }
        };
        if let Some(file) = &file {
            file.write_next(&new)?;
        }
        let rotated = gateway.rotate_master_key(&Admin::command_line(), &new).await;
        if let (Err(gateway::Error::MasterKeyChanged), Some(file)) = (&rotated, &file) {
            file.discard_next();
        }
        rotated?;
        let Some(file) = file else {
            let sentence = "Rotated the master key. Set HUB_MASTER_KEY to the new key before the next start or command.".to_owned();
            return Ok(Outcome { json: json!({ "rotated": true, "file": null }), result: String::new(), sentence });
        };
        file.promote_next()?;
        let path = file.path.display().to_string();
        let sentence = format!("Rotated the master key. The new one is in {path}; copies of the old file no longer open this database.");
        Ok(Outcome { json: json!({ "rotated": true, "file": path }), result: String::new(), sentence })
    })
    .await
}

//! `key create`, `key list`, `key revoke`.

use clap::Subcommand;
use domain::{
    access::Admin,
    id::KeyId,
    key::ApiKey,
    name::{Email, Label},
};
use gateway::Origin;
use serde_json::json;

use super::{CommandError, Outcome, open, user};
use crate::config::Config;

/// What can be done with API keys.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a key. It is printed once and never again.
    Create {
        /// The owner's e-mail address.
        #[arg(long, value_name = "EMAIL")]
        user: String,
        /// What the key is called.
        #[arg(long)]
        name: String,
    },
    /// List keys, without the keys.
    List {
        /// Only this person's.
        #[arg(long, value_name = "EMAIL")]
        user: Option<String>,
    },
    /// Refuse a key from now on.
    Revoke {
        /// Its id, as `key list` prints it.
        id: String,
    },
}

/// Runs one of them.
pub async fn run(config: &Config, command: Command) -> Result<Outcome, CommandError> {
    let admin = Admin::command_line();
    match command {
        Command::Create { user: email, name } => {
            let (email, name): (Email, Label) = (email.parse()?, name.parse()?);
            open::with(config, async |gateway| {
                let owner = user::find(gateway, &admin, &email).await?;
                let made = gateway
                    .keys()
                    .create_for(&admin, Origin::default(), owner.id, &name)
                    .await?;
                let json = json!({
                    "id": made.key.id, "key": made.secret.expose(), "name": made.key.name, "user": made.key.user_email,
                    "user_id": made.key.user_id, "hint": made.key.hint, "created_at": made.key.created_at,
                });
                let sentence = format!(
                    "Made {} for {}. The key is not shown again.",
                    made.key.id, made.key.user_email
                );
                Ok(Outcome {
                    json,
                    result: format!("{}\n", made.secret.expose()),
                    sentence,
                })
            })
            .await
        }
        Command::List { user } => {
            let email: Option<Email> = user.map(|email| email.parse()).transpose()?;
            open::existing(config, async |gateway| {
                let mut keys = gateway.keys().list_all(&admin.reader()).await?;
                keys.retain(|key| email.as_ref().is_none_or(|email| key.user_email == *email));
                let rows: Vec<Vec<String>> = keys.iter().map(row).collect();
                Ok(Outcome::table(
                    json!(keys),
                    &["id", "user", "name", "key", "state"],
                    &rows,
                ))
            })
            .await
        }
        Command::Revoke { id } => {
            let id: KeyId = id.parse()?;
            open::existing(config, async |gateway| {
                gateway.keys().revoke_any(&admin, Origin::default(), id).await?;
                Ok(Outcome {
                    json: json!({ "id": id, "revoked": true }),
                    result: String::new(),
                    sentence: format!("Revoked {id}."),
                })
            })
            .await
        }
    }
}

fn row(key: &ApiKey) -> Vec<String> {
    let state = if key.revoked_at.is_some() { "revoked" } else { "active" };
    vec![
        key.id.to_string(),
        key.user_email.to_string(),
        key.name.to_string(),
        key.hint.clone(),
        state.to_owned(),
    ]
}

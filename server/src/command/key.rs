//! `key create`, `key list`, `key rotate`, `key disable`, `key enable`, `key revoke`, `key delete`.

use clap::{Args, Subcommand};
use domain::{
    access::Admin,
    id::KeyId,
    key::{Addresses, Allowed, ApiKey, Expiry, Overlap, Scope, Scopes},
    name::{Email, Label},
    refusal::{Invalid, Refusal, Thing},
    time::{Micros, Timestamp},
};
use gateway::{Gateway, KeyDraft, NewKey, Origin};
use serde_json::json;

use super::{CommandError, Outcome, open, project, user};
use crate::config::Config;

/// What can be done with API keys.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a key. It is printed once and never again.
    Create(Wishes),
    /// List keys, without the keys.
    List {
        /// Only this person's.
        #[arg(long, value_name = "EMAIL")]
        user: Option<String>,
        /// Only of this project.
        #[arg(long, value_name = "NAME|proj_…")]
        project: Option<String>,
    },
    /// Give a key another secret, which is printed once. The old one goes on for a while.
    Rotate {
        /// Its id, as `key list` prints it.
        id: String,
        /// How long the old secret goes on: 0, 1h, 24h or 7d.
        #[arg(long, value_name = "0|1h|24h|7d", default_value = "24h")]
        overlap: String,
    },
    /// Switch a key off, until it is enabled again.
    Disable {
        /// Its id, as `key list` prints it.
        id: String,
    },
    /// Switch a key on again.
    Enable {
        /// Its id, as `key list` prints it.
        id: String,
    },
    /// Refuse a key from now on.
    Revoke {
        /// Its id, as `key list` prints it.
        id: String,
    },
    /// Refuse a key from now on and take it out of the lists. Its calls stay.
    Delete {
        /// Its id, as `key list` prints it.
        id: String,
    },
}

/// What is wished of a new key.
#[derive(Args, Debug)]
pub struct Wishes {
    /// The owner's e-mail address.
    #[arg(long, value_name = "EMAIL")]
    user: String,
    /// What the key is called.
    #[arg(long)]
    name: String,
    /// Of which project; the owner's personal one unless said.
    #[arg(long, value_name = "NAME|proj_…")]
    project: Option<String>,
    /// What it may do, once for each: inference, usage or manage. The first two unless said.
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<String>,
    /// A model that it may ask, or all of a provider's as `provider/*`, once for each. All unless said.
    #[arg(long, value_name = "PROVIDER/MODEL")]
    model: Vec<String>,
    /// An address or network that it may be used from, once for each. Everywhere unless said.
    #[arg(long, value_name = "ADDRESS[/BITS]")]
    address: Vec<String>,
    /// When it ends: never, a number of days like 30d, or its last day (UTC) like 2027-01-31.
    #[arg(long, value_name = "never|DAYS|DATE", default_value = "never")]
    expires: String,
}

impl Wishes {
    async fn draft(&self, gateway: &Gateway, admin: &Admin) -> Result<KeyDraft, CommandError> {
        let name: Label = self.name.parse()?;
        let usual = KeyDraft::named(&name);
        let scopes: Result<Scopes, CommandError> = self.scope.iter().map(|word| scope(word)).collect();
        Ok(KeyDraft {
            project: match &self.project {
                Some(text) => Some(project::find(gateway, admin, text).await?.id),
                None => None,
            },
            scopes: match self.scope.as_slice() {
                [] => usual.scopes,
                _ => scopes?,
            },
            allowed: Allowed::parse(&self.model.join("\n"))
                .map_err(|problem| CommandError::Argument(problem.to_string()))?,
            addresses: Addresses::parse(&self.address.join("\n"))
                .map_err(|problem| CommandError::Argument(problem.to_string()))?,
            expiry: expiry(&self.expires).ok_or_else(|| CommandError::Argument(Invalid::Expiry.to_string()))?,
            ..usual
        })
    }
}

/// Runs one of them.
pub async fn run(config: &Config, command: Command) -> Result<Outcome, CommandError> {
    let admin = Admin::command_line();
    let here = Origin::default();
    match command {
        Command::Create(wishes) => {
            let email: Email = wishes.user.parse()?;
            open::existing(config, async |gateway| {
                let owner = user::find(gateway, &admin, &email).await?;
                let draft = wishes.draft(gateway, &admin).await?;
                let made = gateway.keys().create_for_with(&admin, here, owner.id, &draft).await;
                let made = made.map_err(|error| not_in(&wishes, &email, error))?;
                let sentence = format!(
                    "Made {} for {}. The key is not shown again.",
                    made.key.id, made.key.user_email
                );
                Ok(shown_once(&made, sentence))
            })
            .await
        }
        Command::List { user, project } => {
            let email: Option<Email> = user.map(|email| email.parse()).transpose()?;
            open::existing(config, async |gateway| {
                let mut keys = gateway.keys().list_all(&admin.reader()).await?;
                if let Some(email) = &email {
                    // Of somebody unknown there is no list, not an empty one.
                    user::find(gateway, &admin, email).await?;
                }
                if let Some(text) = &project {
                    let id = project::find(gateway, &admin, text).await?.id;
                    keys.retain(|key| key.project_id == id);
                }
                keys.retain(|key| email.as_ref().is_none_or(|email| key.user_email == *email));
                let now = gateway.now();
                let rows: Vec<Vec<String>> = keys.iter().map(|key| row(key, now)).collect();
                Ok(Outcome::table(
                    json!(keys),
                    &["id", "user", "project", "name", "key", "state"],
                    &rows,
                ))
            })
            .await
        }
        Command::Rotate { id, overlap } => {
            let id: KeyId = id.parse()?;
            let overlap = Overlap::parse(&overlap).ok_or_else(|| {
                CommandError::Argument(format!("There is no overlap {overlap:?}. Choose 0, 1h, 24h or 7d."))
            })?;
            open::existing(config, async |gateway| {
                let rotated = gateway.keys().rotate_any(&admin, here, id, overlap).await?;
                let sentence = format!("Rotated {id}. The new secret is not shown again.");
                Ok(shown_once(&rotated, sentence))
            })
            .await
        }
        Command::Disable { id } => switch(config, &admin, &id, true).await,
        Command::Enable { id } => switch(config, &admin, &id, false).await,
        Command::Revoke { id } => {
            let id: KeyId = id.parse()?;
            open::existing(config, async |gateway| {
                gateway.keys().revoke_any(&admin, here, id).await?;
                Ok(done(json!({ "id": id, "revoked": true }), format!("Revoked {id}.")))
            })
            .await
        }
        Command::Delete { id } => {
            let id: KeyId = id.parse()?;
            open::existing(config, async |gateway| {
                gateway.keys().delete_any(&admin, here, id).await?;
                Ok(done(json!({ "id": id, "deleted": true }), format!("Deleted {id}.")))
            })
            .await
        }
    }
}

/// The project was found before: it is not there for its owner alone.
fn not_in(wishes: &Wishes, email: &Email, error: gateway::Error) -> CommandError {
    match (&wishes.project, error.refusal()) {
        (Some(project), Refusal::NotFound { what: Thing::Project }) => CommandError::NotInProject {
            email: email.clone(),
            project: project.clone(),
        },
        _ => error.into(),
    }
}

fn scope(word: &str) -> Result<Scope, CommandError> {
    Scope::parse(word).ok_or_else(|| {
        CommandError::Argument(format!(
            "There is no scope {word:?}. Choose inference, usage or manage."
        ))
    })
}

async fn switch(config: &Config, admin: &Admin, id: &str, disabled: bool) -> Result<Outcome, CommandError> {
    let id: KeyId = id.parse()?;
    open::existing(config, async |gateway| {
        let keys = gateway.keys();
        keys.set_any_disabled(admin, Origin::default(), id, disabled).await?;
        let word = if disabled { "Disabled" } else { "Enabled" };
        Ok(done(json!({ "id": id, "disabled": disabled }), format!("{word} {id}.")))
    })
    .await
}

fn done(json: serde_json::Value, sentence: String) -> Outcome {
    Outcome {
        json,
        result: String::new(),
        sentence,
    }
}

fn shown_once(new: &NewKey, sentence: String) -> Outcome {
    let key = &new.key;
    let json = json!({
        "id": key.id, "key": new.secret.expose(), "name": key.name, "user": key.user_email, "user_id": key.user_id,
        "project": key.project_name, "project_id": key.project_id, "hint": key.hint, "rules": key.rules, "created_at": key.created_at,
    });
    Outcome {
        json,
        result: format!("{}\n", new.secret.expose()),
        sentence,
    }
}

/// A word, or the last day on which a key works.
fn expiry(text: &str) -> Option<Expiry> {
    Expiry::parse(text).or_else(|| {
        let day: jiff::civil::Date = text.trim().parse().ok()?;
        let midnight = day.tomorrow().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        let end = midnight.timestamp().as_second();
        Some(Expiry::At(Timestamp(Micros::from_seconds(end).0)))
    })
}

fn row(key: &ApiKey, now: Timestamp) -> Vec<String> {
    vec![
        key.id.to_string(),
        key.user_email.to_string(),
        key.project_name.to_string(),
        key.name.to_string(),
        key.hint.clone(),
        key.state(now).as_str().to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_works_through_its_last_day() {
        assert_eq!(expiry("never"), Some(Expiry::Never));
        assert_eq!(expiry("30d"), Some(Expiry::Days(30)));
        // By `date -ud 2027-01-01 +%s`.
        let end = Timestamp(Micros::from_seconds(1_798_761_600).0);
        assert_eq!(expiry("2026-12-31"), Some(Expiry::At(end)));
        assert_eq!(expiry("soon"), None);
    }
}

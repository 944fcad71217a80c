//! `identity-provider add`, `identity-provider list`, `identity-provider remove`.

mod add;

use clap::Subcommand;
use domain::{access::Admin, identity::IdentityProvider};
use gateway::Origin;
use serde_json::{Value, json};

use super::{CommandError, Outcome, open};
use crate::config::Config;

/// What can be done with identity providers.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Let people sign in by another one.
    Add(Box<add::Arguments>),
    /// List them, those of the configuration file first.
    List,
    /// Remove one. Who was linked to it stays linked to its issuer, should that come back.
    Remove {
        /// Its name in addresses.
        slug: String,
    },
}

/// Runs one of them.
pub async fn run(config: &Config, command: Command) -> Result<Outcome, CommandError> {
    let admin = Admin::command_line();
    match command {
        Command::Add(arguments) => add::run(config, &arguments).await,
        Command::List => {
            open::existing(config, async |gateway| {
                let all = gateway.identity_providers().list(&admin.reader()).await?;
                let rows: Vec<Vec<String>> = all.iter().map(row).collect();
                let titles = ["slug", "title", "kind", "issuer", "people", "state"];
                let json: Vec<Value> = all.iter().map(told).collect();
                Ok(Outcome::table(json.into(), &titles, &rows))
            })
            .await
        }
        Command::Remove { slug } => {
            open::existing(config, async |gateway| {
                let providers = gateway.identity_providers();
                providers.delete(&admin, Origin::default(), &slug, &slug).await?;
                Ok(Outcome {
                    json: json!({ "slug": slug, "removed": true }),
                    result: String::new(),
                    sentence: format!("Removed {slug}: nobody signs in by it any more."),
                })
            })
            .await
        }
    }
}

/// A provider for programs. Its secret is not part of it.
fn told(provider: &IdentityProvider) -> Value {
    json!({
        "slug": provider.draft.slug, "title": provider.draft.title, "kind": provider.draft.way.kind(),
        "issuer": provider.draft.way.issuer(), "client_id": provider.draft.client_id, "has_secret": provider.has_secret,
        "scopes": provider.draft.scopes, "domains": provider.draft.domains, "roles": provider.draft.rules,
        "trusts_mail": provider.draft.trusts_mail, "enabled": provider.enabled, "people": provider.people,
        "source": if provider.id.is_some() { "console" } else { "file" },
    })
}

fn row(provider: &IdentityProvider) -> Vec<String> {
    let state = match (provider.shadowed, provider.enabled, provider.id) {
        (true, ..) => "replaced by the file's",
        (_, false, _) => "disabled",
        (_, true, None) => "enabled, from the file",
        (_, true, Some(_)) => "enabled",
    };
    vec![
        provider.draft.slug.to_string(),
        provider.draft.title.to_string(),
        provider.draft.way.kind().to_owned(),
        provider.draft.way.issuer().into_owned(),
        provider.people.to_string(),
        state.to_owned(),
    ]
}

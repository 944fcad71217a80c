//! `provider add`, `provider list`, `provider remove`.

mod add;

use clap::Subcommand;
use domain::{
    access::Admin,
    name::ProviderName,
    provider::Provider,
    refusal::{Refusal, Thing},
};
use gateway::{Gateway, Origin};
use serde_json::json;

use super::{CommandError, Outcome, open};
use crate::config::Config;

/// What can be done with providers.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Connect a provider, and add the models that it lists.
    Add(add::Arguments),
    /// List providers, without their credentials.
    List,
    /// Remove a provider with its credentials and models. Calls stay in the log.
    Remove {
        /// Its name, as `provider list` prints it.
        name: String,
    },
}

/// Runs one of them.
pub async fn run(config: &Config, command: Command) -> Result<Outcome, CommandError> {
    let admin = Admin::command_line();
    match command {
        Command::Add(arguments) => add::run(config, arguments, &admin).await,
        Command::List => {
            open::existing(config, async |gateway| {
                let providers = gateway.providers().list(&admin.reader()).await?;
                let rows: Vec<Vec<String>> = providers.iter().map(row).collect();
                Ok(Outcome::table(
                    json!(providers),
                    &["id", "name", "kind", "base url", "models", "state", "health"],
                    &rows,
                ))
            })
            .await
        }
        Command::Remove { name } => {
            let name: ProviderName = name.parse()?;
            open::existing(config, async |gateway| {
                let provider = find(gateway, &admin, &name).await?;
                gateway
                    .providers()
                    .delete(&admin, Origin::default(), provider.id, name.as_str())
                    .await?;
                Ok(Outcome {
                    json: json!({ "id": provider.id, "removed": true }),
                    result: String::new(),
                    sentence: format!("Removed {name}."),
                })
            })
            .await
        }
    }
}

fn row(provider: &Provider) -> Vec<String> {
    vec![
        provider.id.to_string(),
        provider.draft.name.to_string(),
        provider.draft.kind.as_str().to_owned(),
        provider
            .draft
            .base_url
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        format!("{} of {}", provider.models_enabled, provider.models),
        if provider.enabled { "enabled" } else { "disabled" }.to_owned(),
        provider.condition().to_string().to_lowercase(),
    ]
}

/// The provider with this name.
pub async fn find(gateway: &Gateway, admin: &Admin, name: &ProviderName) -> Result<Provider, CommandError> {
    let found = gateway
        .providers()
        .list(&admin.reader())
        .await?
        .into_iter()
        .find(|provider| provider.draft.name == *name);
    found.ok_or_else(|| Refusal::NotFound { what: Thing::Provider }.into())
}

//! `model list`, `model add`, `model set`.

use clap::Subcommand;
use domain::{
    access::Admin,
    name::{ModelSlug, ProviderName},
    provider::Model,
};
use gateway::Origin;
use serde_json::{Value, json};

use super::{CommandError, Outcome, open, price, provider};
use crate::config::Config;

/// What can be done with models.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List models of all providers.
    List,
    /// Add a model that its provider does not list.
    Add {
        /// The provider's name.
        #[arg(long)]
        provider: String,
        /// What the provider calls the model.
        #[arg(long)]
        name: String,
    },
    /// Say how many tokens a model takes in one call, prompt and answer together
    Set {
        /// The name that clients use: `provider/model`.
        #[arg(long)]
        model: String,
        /// The tokens; 0: not known.
        #[arg(long)]
        context_tokens: u32,
    },
}

/// Runs one of them.
pub async fn run(config: &Config, command: Command) -> Result<Outcome, CommandError> {
    let admin = Admin::command_line();
    match command {
        Command::List => {
            open::existing(config, async |gateway| {
                let models = gateway.models().list(&admin.reader()).await?;
                let rows: Vec<Vec<String>> = models.iter().map(row).collect();
                let json = models.iter().map(entry).collect();
                Ok(Outcome::table(json, &["name", "state", "source", "kind"], &rows))
            })
            .await
        }
        Command::Set { model, context_tokens } => {
            open::existing(config, async |gateway| {
                let found = price::find(gateway, &model).await?;
                let (models, tokens) = (gateway.models(), Some(context_tokens));
                let model = models.set_context(&admin, Origin::default(), found.id, tokens).await?;
                let name = model.public_name();
                let sentence = match model.context_tokens {
                    Some(tokens) => format!("{name} takes {tokens} tokens in one call."),
                    None => format!("How many tokens {name} takes is not known."),
                };
                Ok(Outcome {
                    json: entry(&model),
                    result: format!("{name}\n"),
                    sentence,
                })
            })
            .await
        }
        Command::Add { provider: owner, name } => {
            let (owner, slug): (ProviderName, ModelSlug) = (owner.parse()?, name.parse()?);
            open::existing(config, async |gateway| {
                let owner = provider::find(gateway, &admin, &owner).await?;
                let model = gateway.models().add(&admin, Origin::default(), owner.id, &slug).await?;
                let sentence = format!("Added {}.", model.public_name());
                Ok(Outcome {
                    json: entry(&model),
                    result: format!("{}\n", model.public_name()),
                    sentence,
                })
            })
            .await
        }
    }
}

/// A model with the name that clients use.
fn entry(model: &Model) -> Value {
    let mut entry = json!(model);
    if let Some(entry) = entry.as_object_mut() {
        entry.insert("name".to_owned(), model.public_name().into());
    }
    entry
}

fn row(model: &Model) -> Vec<String> {
    let state = match (model.provider_enabled, model.enabled) {
        (false, _) => "provider disabled",
        (true, false) => "disabled",
        (true, true) => "enabled",
    };
    let source = match model.source {
        domain::provider::ModelSource::Listed => "listed",
        domain::provider::ModelSource::Typed => "typed",
    };
    vec![
        model.public_name(),
        state.to_owned(),
        source.to_owned(),
        model.kind.as_str().to_owned(),
    ]
}

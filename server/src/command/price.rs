//! `price set`, `price list`, `price history`.

mod rates;
mod set;
mod show;
mod tier;

use clap::Subcommand;
use domain::{
    access::Admin,
    page::{Cursor, NameCursor, PageSize},
    price::{ModelPrice, PriceFilter, PriceState, Recorded},
    provider::Model,
    refusal::{Refusal, Thing},
};
use gateway::{Gateway, PricesOf};

use super::{CommandError, Outcome, open};
use crate::config::Config;

/// What can be done with prices.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Publish a version of a model's price. A version is whole: what is not named here has no price in it.
    Set(Box<set::Arguments>),
    /// List models with their prices per million tokens, cost -> sell.
    List {
        /// Only models without a price.
        #[arg(long, conflicts_with = "below_cost")]
        unpriced: bool,
        /// Only models that are sold below cost.
        #[arg(long)]
        below_cost: bool,
    },
    /// List the versions of a model's price, newest first; also of a model that is gone.
    History {
        /// Its name, as clients use it: provider/model.
        #[arg(long)]
        model: String,
        /// How many.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        limit: u32,
    },
}

/// Runs one of them.
pub async fn run(config: &Config, command: Command) -> Result<Outcome, CommandError> {
    match command {
        Command::Set(arguments) => {
            let (model, draft) = arguments.draft()?;
            open::existing(config, async |gateway| set::publish(gateway, &model, draft).await).await
        }
        Command::List { unpriced, below_cost } => {
            let state = match (unpriced, below_cost) {
                (true, _) => PriceState::Unpriced,
                (_, true) => PriceState::BelowCost,
                _ => PriceState::Any,
            };
            open::existing(config, async |gateway| Ok(show::list(&all(gateway, state).await?))).await
        }
        Command::History { model, limit } => {
            open::existing(config, async |gateway| {
                let versions = history(gateway, &model, limit as usize).await?;
                if versions.is_empty() {
                    // A name that never was is an error, a model without a price is not.
                    find(gateway, &model).await?;
                }
                let reader = Admin::command_line().money_reader();
                let states = gateway.prices().states(&reader, &versions).await?;
                Ok(show::history(&versions, &states))
            })
            .await
        }
    }
}

/// The model of this name.
pub(super) async fn find(gateway: &Gateway, name: &str) -> Result<Model, CommandError> {
    let models = gateway.models().list(&Admin::command_line().reader()).await?;
    let found = models.into_iter().find(|model| model.public_name() == name);
    Ok(found.ok_or(Refusal::NotFound { what: Thing::Model })?)
}

async fn all(gateway: &Gateway, state: PriceState) -> Result<Vec<ModelPrice>, CommandError> {
    let (reader, size) = (Admin::command_line().money_reader(), PageSize::nearest(100));
    let filter = PriceFilter {
        state,
        ..PriceFilter::default()
    };
    let (mut entries, mut cursor) = (Vec::new(), NameCursor::First);
    loop {
        let page = gateway.prices().list(&reader, &filter, &cursor, size).await?.page;
        entries.extend(page.rows);
        match page.older {
            Some(name) => cursor = NameCursor::After(name),
            None => return Ok(entries),
        }
    }
}

async fn history(gateway: &Gateway, name: &str, limit: usize) -> Result<Vec<Recorded>, CommandError> {
    let (reader, size) = (Admin::command_line().money_reader(), PageSize::nearest(100));
    let (mut versions, mut cursor) = (Vec::new(), Cursor::Newest);
    while versions.len() < limit {
        let page = gateway
            .prices()
            .history(&reader, PricesOf::Name(name), cursor, size)
            .await?;
        versions.extend(page.rows);
        match page.older.and_then(|id| id.parse().ok()) {
            Some(id) => cursor = Cursor::Before(id),
            None => break,
        }
    }
    versions.truncate(limit);
    Ok(versions)
}

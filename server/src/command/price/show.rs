//! Prices as tables and as JSON.

use domain::{
    access::Actor,
    price::{DamagedPrice, Dimension, ModelPrice, PriceVersion, Rates, Recorded},
    time::Timestamp,
};
use serde_json::{Value, json};

use crate::command::{Outcome, credits::moment};

/// Models with what they cost now.
pub fn list(entries: &[ModelPrice]) -> Outcome {
    let rows: Vec<Vec<String>> = entries.iter().map(row).collect();
    let json = entries.iter().map(entry).collect();
    Outcome::table(json, &["model", "input", "output", "margin %", "state", "next"], &rows)
}

fn entry(entry: &ModelPrice) -> Value {
    json!({
        "model": entry.model.public_name(), "model_id": entry.model.id, "unpriced": entry.is_unpriced(),
        "damaged": entry.damaged, "below_cost": entry.below_cost(), "lacking": entry.lacking(), "current": entry.current, "next": entry.next,
    })
}

fn row(entry: &ModelPrice) -> Vec<String> {
    let lacking: Vec<String> = entry.lacking().iter().map(ToString::to_string).collect();
    let state = match (entry.is_unpriced(), entry.below_cost().is_empty()) {
        _ if entry.damaged.is_some() => "damaged, unpriced".to_owned(),
        (true, _) => "unpriced".to_owned(),
        (false, _) if !lacking.is_empty() => format!("no price for {}", lacking.join(", ")),
        (false, false) => "below cost".to_owned(),
        (false, true) => "priced".to_owned(),
    };
    let current = entry.current.as_ref();
    let price = |dimension| current.map_or_else(|| "-".to_owned(), |version| pair(version, &dimension));
    let next = entry.next.as_ref().map(|version| moment(version.effective_from));
    vec![
        entry.model.public_name(),
        price(Dimension::Input),
        price(Dimension::Output),
        current.map_or_else(|| "-".to_owned(), |version| version.sheet.margin().to_string()),
        state,
        next.unwrap_or_default(),
    ]
}

/// `2.50 -> 3.00` per million.
fn pair(version: &PriceVersion, dimension: &Dimension) -> String {
    let text = |price: Option<domain::money::Price>| price.map_or_else(|| "-".to_owned(), |price| price.to_string());
    let (cost, sell) = (version.sheet.cost().base(), version.sheet.sell().base());
    format!("{} -> {}", text(cost.get(dimension)), text(sell.get(dimension)))
}

/// Versions of one model, each with all of its prices; of one that is damaged only that.
pub fn history(versions: &[Recorded], now: Timestamp) -> Outcome {
    let in_force = versions
        .iter()
        .flatten()
        .filter(|version| version.effective_from <= now)
        .max_by_key(|version| (version.effective_from, version.id));
    let in_force = in_force.map(|version| version.id);
    let rows: Vec<Vec<String>> = versions
        .iter()
        .map(|version| {
            let version = match version {
                Ok(version) => version,
                Err(damaged) => return damaged_row(damaged),
            };
            let state = match () {
                () if Some(version.id) == in_force => "in force",
                () if version.effective_from > now => "scheduled",
                () => "past",
            };
            vec![
                version.id.to_string(),
                moment(version.effective_from),
                state.to_owned(),
                prices(version),
                version.sheet.margin().to_string(),
                actor(&version.actor),
                version.reason.clone(),
                version.source.clone(),
            ]
        })
        .collect();
    let titles = [
        "id",
        "from",
        "state",
        "per million or piece",
        "margin %",
        "by",
        "reason",
        "source",
    ];
    let json = versions.iter().map(|version| match version {
        Ok(version) => json!(version),
        Err(damaged) => {
            let mut told = json!(damaged);
            told["damaged"] = true.into();
            told
        }
    });
    Outcome::table(json.collect(), &titles, &rows)
}

/// What else stands in such a row proves nothing, and is not shown in a terminal.
fn damaged_row(damaged: &DamagedPrice) -> Vec<String> {
    let (id, from) = (damaged.id.to_string(), moment(damaged.effective_from));
    let mut row = vec![id, from, "damaged".to_owned()];
    row.resize(8, String::new());
    row
}

fn prices(version: &PriceVersion) -> String {
    let (cost, sell) = (version.sheet.cost(), version.sheet.sell());
    let base = rates(Some(cost.base()), sell.base());
    let tiers = sell.tiers().iter().map(|tier| {
        let of_cost = cost.tiers().iter().find(|other| other.above == tier.above);
        format!(
            "above {}: {}",
            tier.above,
            rates(of_cost.map(|tier| &tier.rates), &tier.rates)
        )
    });
    std::iter::once(base).chain(tiers).collect::<Vec<_>>().join("; ")
}

/// What each dimension costs and is sold for, as it is typed: for a million, or for one of what is sold by the piece.
fn rates(cost: Option<&Rates>, sell: &Rates) -> String {
    let one = |(dimension, sell): (&Dimension, domain::money::Price)| {
        let cost = cost.and_then(|cost| cost.get(dimension));
        let cost = cost.map_or_else(|| "-".to_owned(), |cost| dimension.price_text(cost));
        format!("{dimension} {cost} -> {}", dimension.price_text(sell))
    };
    sell.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn actor(actor: &Actor) -> String {
    match actor {
        Actor::User { email, .. } => email.to_string(),
        Actor::CommandLine => "command line".to_owned(),
        Actor::System => "system".to_owned(),
    }
}

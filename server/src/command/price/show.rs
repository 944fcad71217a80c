//! Prices as tables and as JSON.

use std::collections::HashMap;

use domain::{
    access::Actor,
    id::PriceId,
    price::{BelowCost, DamagedPrice, Dimension, ModelPrice, PriceVersion, Rates, Recorded, Tariff, VersionState},
};
use serde_json::{Value, json};

use crate::command::{Outcome, credits::moment, moments};

/// Models with what they cost now.
pub fn list(entries: &[ModelPrice]) -> Outcome {
    let rows: Vec<Vec<String>> = entries.iter().map(row).collect();
    let json = entries.iter().map(entry).collect();
    let titles = [
        "model",
        "input",
        "output",
        "by the piece",
        "tiers",
        "margin %",
        "state",
        "next",
    ];
    Outcome::table(moments::told(json), &titles, &rows)
}

fn entry(entry: &ModelPrice) -> Value {
    let below: Vec<Value> = entry.below_cost().iter().map(below_cost).collect();
    json!({
        "model": entry.model.public_name(), "model_id": entry.model.id, "unpriced": entry.is_unpriced(),
        "damaged": entry.damaged, "below_cost": below, "lacking": entry.lacking(), "refuses_chats": entry.refuses_chats(),
        "uncosted": entry.uncosted(), "current": entry.current.as_ref().map(told), "next": entry.next.as_ref().map(told),
    })
}

/// In the unit in which it is sold.
fn below_cost(below: &BelowCost) -> Value {
    let text = |price| below.dimension.price_text(price);
    json!({
        "dimension": below.dimension, "above": below.above, "cost": text(below.cost), "sell": text(below.sell),
        "tokens": below.tokens,
    })
}

/// A version, with what is sold by the piece apart from what is sold by the million.
pub fn told(version: &PriceVersion) -> Value {
    let sheet = version.sheet.charged();
    let (cost, sell) = (sheet.cost(), sheet.sell());
    let mut told = json!(version);
    told["cost_per_million"] = tariff(cost, false);
    told["sell_per_million"] = tariff(sell, false);
    told["cost_per_piece"] = tariff(cost, true);
    told["sell_per_piece"] = tariff(sell, true);
    told
}

/// What a tariff has of either kind, as it is typed. Its tiers by the million are all there, those by the piece only where they say something.
fn tariff(tariff: &Tariff, by_piece: bool) -> Value {
    let rates = |rates: &Rates| -> serde_json::Map<String, Value> {
        let each = rates.iter().filter(|(dimension, _)| dimension.by_piece() == by_piece);
        each.map(|(dimension, price)| (dimension.to_string(), dimension.price_text(price).into()))
            .collect()
    };
    let tiers = tariff.tiers().iter().map(|tier| (tier.above, rates(&tier.rates)));
    let tiers: Vec<Value> = tiers
        .filter(|(_, rates)| !by_piece || !rates.is_empty())
        .map(|(above, rates)| json!({ "above": above, "rates": rates }))
        .collect();
    let mut told = json!({ "base": rates(tariff.base()), "rule": tariff.rule() });
    if !tiers.is_empty() {
        told["tiers"] = tiers.into();
    }
    told
}

fn row(entry: &ModelPrice) -> Vec<String> {
    let current = entry.current.as_ref();
    let price = |dimension| current.map_or_else(|| "-".to_owned(), |version| pair(version, &dimension));
    let next = entry.next.as_ref().map(|version| moment(version.effective_from));
    vec![
        entry.model.public_name(),
        price(Dimension::Input),
        price(Dimension::Output),
        current.map_or_else(|| "-".to_owned(), pieces),
        current.map_or_else(|| "-".to_owned(), tiers),
        current.map_or_else(|| "-".to_owned(), margin),
        state(entry),
        next.unwrap_or_default(),
    ]
}

/// Everything that is to be known of it.
fn state(entry: &ModelPrice) -> String {
    if entry.damaged.is_some() {
        return "damaged, unpriced".to_owned();
    }
    if entry.is_unpriced() {
        return "unpriced".to_owned();
    }
    let mut states = Vec::new();
    let (lacking, uncosted) = (entry.lacking(), entry.uncosted());
    if !lacking.is_empty() {
        states.push(format!("no price for {}", words(&lacking)));
    }
    if entry.refuses_chats() {
        states.push("no price for output: enough for embeddings alone".to_owned());
    }
    if !entry.below_cost().is_empty() {
        states.push("below cost".to_owned());
    }
    if !uncosted.is_empty() {
        states.push(format!("no cost for {}", words(&uncosted)));
    }
    if states.is_empty() {
        return "priced".to_owned();
    }
    states.join("; ")
}

/// Dimensions in a sentence.
pub fn words(dimensions: &[Dimension]) -> String {
    let words = dimensions.iter().map(ToString::to_string);
    words.collect::<Vec<_>>().join(", ")
}

/// The margin that lies between cost and price, or the lowest and the highest one.
fn margin(version: &PriceVersion) -> String {
    match version.sheet.margins() {
        None => "-".to_owned(),
        Some((low, high)) if low == high => low.to_string(),
        Some((low, high)) => format!("{low} to {high}"),
    }
}

/// `2.50 -> 3.00` per million.
fn pair(version: &PriceVersion, dimension: &Dimension) -> String {
    let (cost, sell) = (version.sheet.cost().base(), version.sheet.sell().base());
    match (cost.get(dimension), sell.get(dimension)) {
        (None, None) => "-".to_owned(),
        (None, Some(sell)) => format!("- -> {sell}"),
        (Some(cost), Some(sell)) => format!("{cost} -> {sell}"),
        (Some(cost), None) => format!("{cost} -> -"),
    }
}

/// What is sold by the piece: pictures, seconds, calls.
fn pieces(version: &PriceVersion) -> String {
    let of = |tariff: &Tariff| -> Rates {
        let each = tariff.base().iter().filter(|(dimension, _)| dimension.by_piece());
        each.map(|(dimension, price)| (dimension.clone(), price)).collect()
    };
    let (cost, sell) = (of(version.sheet.cost()), of(version.sheet.sell()));
    if sell.is_empty() {
        return "-".to_owned();
    }
    rates(Some(&cost), &sell)
}

/// Where tiers begin, and what they do: `above 200000 (whole)`.
fn tiers(version: &PriceVersion) -> String {
    let sell = version.sheet.sell();
    let above: Vec<String> = sell.tiers().iter().map(|tier| tier.above.to_string()).collect();
    if above.is_empty() {
        return "-".to_owned();
    }
    format!("above {} ({})", above.join(", "), sell.rule().as_str())
}

/// Versions of one name, each with its state and all of its prices; of one that is damaged only that.
pub fn history(versions: &[Recorded], states: &HashMap<PriceId, VersionState>) -> Outcome {
    let rows: Vec<Vec<String>> = versions
        .iter()
        .map(|version| {
            let version = match version {
                Ok(version) => version,
                Err(damaged) => return damaged_row(damaged),
            };
            let state = match states.get(&version.id) {
                Some(VersionState::InForce) => "in force",
                Some(VersionState::Scheduled) => "scheduled",
                Some(VersionState::Past) => "past",
                Some(VersionState::Replaced) => "replaced",
                Some(VersionState::Gone) | None => "model gone",
            };
            vec![
                version.id.to_string(),
                moment(version.effective_from),
                state.to_owned(),
                prices(version),
                margin(version),
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
        Ok(version) => told(version),
        Err(damaged) => {
            let mut told = json!(damaged);
            told["damaged"] = true.into();
            told
        }
    });
    Outcome::table(moments::told(json.collect()), &titles, &rows)
}

/// What else stands in such a row proves nothing, and is not shown in a terminal.
fn damaged_row(damaged: &DamagedPrice) -> Vec<String> {
    let (id, from) = (damaged.id.to_string(), moment(damaged.effective_from));
    let mut row = vec![id, from, "damaged".to_owned()];
    row.resize(8, String::new());
    row
}

fn prices(version: &PriceVersion) -> String {
    let sheet = version.sheet.charged();
    let (cost, sell) = (sheet.cost(), sheet.sell());
    let (base, rule) = (rates(Some(cost.base()), sell.base()), sell.rule().as_str());
    let tiers = sell.tiers().iter().map(|tier| {
        let of_cost = cost.tiers().iter().find(|other| other.above == tier.above);
        format!(
            "above {} ({rule}): {}",
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

//! What a version of a price holds, as it is sent and as it is told: USD for a million tokens, or for one piece of what is sold by
//! the piece (`second`, `request`, `image/…`). Always texts, never numbers.

use std::collections::BTreeMap;

use domain::{
    money::MarginPpm,
    price::{
        Base, Dimension, MOST_TIERS, Overrides, PriceDraft, PriceRefusal, PriceSheet, Rates, Tariff, Tier, TierRule,
    },
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::admin::{AdminError, Moment, query::sentence, words};

/// Prices by what is priced.
type Texts = BTreeMap<Dimension, String>;

fn rates(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<String> = Dimension::plain().map(|dimension| dimension.to_string()).collect();
    json_schema!({
        "type": "object",
        "description": format!(
            "Exact US dollars by what is priced: {} for a million, `second` and `request` and `image/1024x1024/hd` for one.",
            names.join(", ")
        ),
        "propertyNames": { "pattern": format!("^({}|image/[a-z0-9._-]+/[a-z0-9._-]+)$", names.join("|")) },
        "additionalProperties": { "type": "string", "pattern": r"^\d+(\.\d{1,12})?$" },
    })
}

fn percent(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": r"^-?\d+(\.\d{1,4})?$" })
}

/// What a version holds.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "PriceSheet")]
pub struct SheetEntry {
    /// What the provider bills.
    #[schemars(schema_with = "rates")]
    cost: Texts,
    /// What was put on top.
    #[schemars(schema_with = "percent")]
    margin_percent: MarginPpm,
    /// What accounts pay.
    #[schemars(schema_with = "rates")]
    sell: Texts,
    /// What differs for long prompts, by rising thresholds.
    tiers: Vec<TierEntry>,
    /// `whole`: a tier prices the whole call; `marginal`: only the input tokens beyond its threshold.
    #[schemars(schema_with = "words::tier_rule")]
    tier_rule: TierRule,
}

/// Prices of calls with more input tokens than a threshold. What is absent is as below it.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "PriceTier")]
struct TierEntry {
    above: u64,
    #[schemars(schema_with = "rates")]
    cost: Texts,
    #[schemars(schema_with = "rates")]
    sell: Texts,
}

impl SheetEntry {
    /// Of a version.
    pub fn of(sheet: &PriceSheet) -> Self {
        let sheet = sheet.charged();
        // Both lists have the same tiers.
        let tiers = sheet.cost().tiers().iter().zip(sheet.sell().tiers());
        let tiers = tiers.map(|(cost, sell)| TierEntry {
            above: cost.above,
            cost: texts(&cost.rates),
            sell: texts(&sell.rates),
        });
        Self {
            cost: texts(sheet.cost().base()),
            margin_percent: sheet.margin(),
            sell: texts(sheet.sell().base()),
            tiers: tiers.collect(),
            tier_rule: sheet.cost().rule(),
        }
    }
}

fn texts(rates: &Rates) -> Texts {
    let each = rates.iter();
    each.map(|(dimension, price)| (dimension.clone(), dimension.price_text(price)))
        .collect()
}

/// A version to publish.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPrice {
    /// What the provider bills.
    #[serde(default)]
    #[schemars(schema_with = "rates")]
    cost: Texts,
    /// What is put on top of cost, from -100 to 100000; 0 unless said.
    #[serde(default)]
    #[schemars(schema_with = "percent")]
    margin_percent: MarginPpm,
    /// What accounts pay, where that is not cost and margin.
    #[serde(default)]
    #[schemars(schema_with = "rates")]
    sell: Texts,
    /// What differs for long prompts.
    #[serde(default)]
    tiers: Vec<NewTier>,
    /// `whole` unless said. With `marginal` a tier has prices of input alone.
    #[serde(default)]
    #[schemars(schema_with = "words::tier_rule")]
    tier_rule: TierRule,
    /// From when; as soon as possible unless said.
    #[serde(default)]
    effective_from: Option<Moment>,
    /// Why; stands in the history.
    #[serde(default)]
    reason: String,
    /// Where the numbers come from.
    #[serde(default)]
    source: String,
    /// Publish although something is sold below cost.
    #[serde(default)]
    below_cost_ok: bool,
}

/// Prices of calls with more input tokens than a threshold.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewTier {
    above: u64,
    #[serde(default)]
    #[schemars(schema_with = "rates")]
    cost: Texts,
    #[serde(default)]
    #[schemars(schema_with = "rates")]
    sell: Texts,
}

impl NewPrice {
    /// What it comes to, upon whatever there is.
    ///
    /// # Errors
    /// The member that is wrong.
    pub fn draft(self) -> Result<PriceDraft, AdminError> {
        if self.tiers.len() > MOST_TIERS {
            return Err(AdminError::invalid("tiers", PriceRefusal::Tiers.to_string()));
        }
        let mut tiers = Vec::new();
        let mut overrides = Overrides {
            base: read("sell", self.sell)?,
            ..Overrides::default()
        };
        for (place, tier) in self.tiers.into_iter().enumerate() {
            tiers.push(Tier {
                above: tier.above,
                rates: read(&format!("tiers[{place}].cost"), tier.cost)?,
            });
            overrides
                .tiers
                .insert(tier.above, read(&format!("tiers[{place}].sell"), tier.sell)?);
        }
        tiers.sort_by_key(|tier| tier.above);
        let wrong = |problem: String| AdminError::invalid("tiers", sentence(&problem));
        let cost = Tariff::tiered(read("cost", self.cost)?, self.tier_rule, tiers)
            .map_err(|problem| wrong(problem.to_string()))?;
        let sheet = PriceSheet::publish(cost, self.margin_percent, &overrides)
            .map_err(|problem| AdminError::invalid("cost", problem.to_string()))?;
        Ok(PriceDraft {
            sheet,
            effective_from: self.effective_from.map(|at| at.0),
            reason: self.reason,
            source: self.source,
            base: Base::Any,
            below_cost_ok: self.below_cost_ok,
        })
    }
}

fn read(field: &str, texts: Texts) -> Result<Rates, AdminError> {
    let one = |(dimension, text): (Dimension, String)| match dimension.read_price(&text) {
        Ok(price) => Ok((dimension, price)),
        Err(problem) => Err(AdminError::invalid(
            &format!("{field}.{dimension}"),
            sentence(&problem.to_string()),
        )),
    };
    texts.into_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::body;

    fn draft(text: &str) -> Result<PriceDraft, String> {
        let told = |error: AdminError| String::from_utf8_lossy(&error.body()).into_owned();
        body::read::<NewPrice>(text.as_bytes())
            .and_then(NewPrice::draft)
            .map_err(told)
    }

    #[test]
    fn what_is_told_can_be_sent_again() {
        let sent = r#"{"cost":{"input":"0.15","output":"0.60","request":"0.04"},"margin_percent":"20","sell":{"output":"1.00"},
            "tiers":[{"above":1000,"cost":{"input":"0.30"},"sell":{"input":"0.50"}}],"tier_rule":"marginal"}"#;
        let first = draft(sent).expect("a draft").sheet;
        let told = serde_json::to_string(&SheetEntry::of(&first)).expect("JSON");
        assert!(
            told.contains(r#""request":"0.048""#),
            "a piece is priced by the piece: {told}"
        );
        assert_eq!(draft(&told).expect("a draft").sheet, first);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, field) in [
            (r#"{"cost":{"input":0.15}}"#, "cost.input"),
            (r#"{"cost":{"input":"0,15"}}"#, "cost.input"),
            (r#"{"cost":{"input":"-1"}}"#, "cost.input"),
            (r#"{"cost":{"input":"1e3"}}"#, "cost.input"),
            (r#"{"cost":{"input":"99999999999999999999999999999999"}}"#, "cost.input"),
            (r#"{"sell":{"output":"0.0000000000000001"}}"#, "sell.output"),
            (r#"{"margin_percent":"-101"}"#, "margin_percent"),
            (r#"{"tiers":[{"above":5},{"above":5}]}"#, "tiers"),
            (r#"{"tiers":[{"above":5,"cost":{"input":"x"}}]}"#, "tiers[0].cost.input"),
            (r#"{"effective_from":"soon"}"#, "effective_from"),
            (r#"{"model":"a/b"}"#, "model"),
        ] {
            let told = draft(text).err().unwrap_or_default();
            assert!(told.contains(&format!("\"field\":\"{field}\"")), "{text}: {told}");
        }
    }
}

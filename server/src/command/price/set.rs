//! `price set`: cost, margin, sell prices, tiers, from when, why.

use clap::Args;
use domain::{
    access::Admin,
    money::MarginPpm,
    price::{Base, Overrides, PriceDraft, PriceRefusal, PriceSheet, Tariff, Tier, TierRule},
    time::Timestamp,
};
use gateway::{Gateway, Origin};

use super::{rates::Flags, show, tier};
use crate::command::{CommandError, Outcome, credits::moment, moments};

/// What describes a version.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The model's name, as clients use it: provider/model.
    #[arg(long)]
    model: String,
    /// What is put on top of cost, like 20 or 12.5. Below zero it is a discount.
    #[arg(long, value_name = "PERCENT", default_value = "0", allow_hyphen_values = true)]
    margin_percent: String,
    #[command(flatten)]
    flags: Flags,
    /// Costs of calls with more input tokens than a threshold, like above=200000,input=3.00,output=15.00; may be repeated.
    #[arg(long = "tier", value_name = "ABOVE,PRICES")]
    tiers: Vec<String>,
    /// Sell prices in a tier, in place of cost plus margin, written like --tier; may be repeated.
    #[arg(long = "sell-tier", value_name = "ABOVE,PRICES")]
    sell_tiers: Vec<String>,
    /// What a tier prices: the whole call, or only the input tokens beyond its threshold.
    #[arg(long, default_value = "whole", value_parser = ["whole", "marginal"])]
    tier_rule: String,
    /// From when, as a moment like 2027-01-31T00:00:00Z. As soon as possible, when left out. What is scheduled cannot be withdrawn: publish
    /// another version for the same moment instead.
    #[arg(long, value_name = "MOMENT")]
    effective_from: Option<String>,
    /// Why; stands in the history.
    #[arg(long, default_value = "")]
    reason: String,
    /// Where the numbers come from, such as the address of a price list.
    #[arg(long, default_value = "")]
    source: String,
    /// Publish although something is sold below cost.
    #[arg(long)]
    below_cost_ok: bool,
}

impl Arguments {
    /// The model's name and what is to be published, or what is wrong with the arguments.
    pub fn draft(&self) -> Result<(String, PriceDraft), CommandError> {
        let margin: MarginPpm = self
            .margin_percent
            .parse()
            .map_err(|problem| CommandError::Argument(format!("--margin-percent: {problem}.")))?;
        let rule = match self.tier_rule.as_str() {
            "marginal" => TierRule::Marginal,
            _ => TierRule::Whole,
        };
        // By their thresholds, which rise.
        let tiers = tier::distinct("tier", &self.tiers)?.into_iter();
        let tiers = tiers.map(|(above, rates)| Tier { above, rates }).collect();
        let cost = Tariff::tiered(self.flags.cost()?, rule, tiers)
            .map_err(|problem| CommandError::Argument(format!("--tier: {problem}.")))?;
        let overrides = Overrides {
            base: self.flags.sell()?,
            tiers: tier::distinct("sell-tier", &self.sell_tiers)?,
        };
        let sheet = PriceSheet::publish(cost, margin, &overrides)
            .map_err(|problem| CommandError::Argument(problem.to_string()))?;
        if sheet.sell().base().is_empty() {
            return Err(CommandError::Argument(PriceRefusal::Empty.to_string()));
        }
        let draft = PriceDraft {
            sheet,
            effective_from: self.effective_from.as_deref().map(parse_moment).transpose()?,
            reason: self.reason.clone(),
            source: self.source.clone(),
            base: Base::Any,
            below_cost_ok: self.below_cost_ok,
        };
        Ok((self.model.clone(), draft))
    }
}

fn parse_moment(text: &str) -> Result<Timestamp, CommandError> {
    let moment: Result<jiff::Timestamp, _> = text.parse();
    moment.map(|moment| Timestamp(moment.as_microsecond())).map_err(|_| {
        CommandError::Argument(format!(
            "`{text}` is no moment. Write it with its zone, like 2027-01-31T00:00:00Z."
        ))
    })
}

/// Publishes it.
pub async fn publish(gateway: &Gateway, name: &str, draft: PriceDraft) -> Result<Outcome, CommandError> {
    let model = super::find(gateway, name).await?;
    let admin = Admin::command_line();
    let version = gateway
        .prices()
        .publish(&admin.money(), Origin::default(), model.id, draft)
        .await?;
    let from = if version.effective_from <= version.created_at {
        "from now on".to_owned()
    } else {
        format!("from {}", moment(version.effective_from))
    };
    let entry = gateway.prices().of_model(&admin.money_reader(), model.id).await?;
    let until = entry.and_then(|entry| entry.replaced_after(version.effective_from));
    let until = until.map(|at| format!(" It holds until {}: another price is scheduled for then.", moment(at)));
    let uncosted = version.sheet.uncosted();
    let uncosted = (!uncosted.is_empty()).then(|| {
        format!(
            " Warning: no cost for {}, so of calls that use it the hub will know no cost and no margin.",
            show::words(&uncosted)
        )
    });
    Ok(Outcome {
        json: moments::told(show::told(&version)),
        result: format!("{}\n", version.id),
        sentence: format!(
            "{name} has this price {from}.{}{}",
            until.unwrap_or_default(),
            uncosted.unwrap_or_default()
        ),
    })
}

//! What the form for a price sends: texts by name. The island edits them, the server function reads them again.

use std::collections::BTreeMap;

use domain::price::{Dimension, ImageKind, MOST_TIERS, PriceSheet, Tariff, TierRule};
use serde::{Deserialize, Serialize};

/// The margin's name.
pub const MARGIN: &str = "margin";
/// The tier rule's name.
pub const RULE: &str = "rule";
/// The name of the kind of picture that is to have fields.
pub const KIND: &str = "kind";
/// The most tiers that a form has room for.
pub const TIERS: usize = MOST_TIERS;

/// The most letters of a number in the form.
const LONGEST: usize = 40;
/// The most fields.
const MOST: usize = 2_000;

/// The base, or a tier by its place in the form.
pub type Level = Option<usize>;

/// The texts as they were typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PriceFields(BTreeMap<String, String>);

/// The name of a cost's field.
#[must_use]
pub fn cost(level: Level, dimension: &Dimension) -> String {
    name(level, "cost", &dimension.to_string())
}

/// The name of a chosen sell price's field.
#[must_use]
pub fn sell(level: Level, dimension: &Dimension) -> String {
    name(level, "sell", &dimension.to_string())
}

/// The name of a threshold's field.
#[must_use]
pub fn above(tier: usize) -> String {
    format!("t{tier}-above")
}

fn name(level: Level, kind: &str, word: &str) -> String {
    match level {
        None => format!("{kind}-{word}"),
        Some(tier) => format!("t{tier}-{kind}-{word}"),
    }
}

impl PriceFields {
    /// What the form shows of a version: its cost and margin, and those sell prices that do not follow from them. What is never charged
    /// may not stand in the next one.
    #[must_use]
    pub fn of(sheet: &PriceSheet) -> Self {
        let sheet = sheet.charged();
        let mut fields = Self::default();
        let (costs, sells) = (sheet.cost(), sheet.sell());
        fields.set(MARGIN, sheet.margin().to_string());
        fields.set(RULE, costs.rule().as_str());
        let levels = |tariff: &Tariff| {
            let tiers = tariff.tiers().iter().map(|tier| tier.rates.clone());
            std::iter::once(tariff.base().clone()).chain(tiers).collect::<Vec<_>>()
        };
        for (tier, at) in costs.tiers().iter().enumerate() {
            fields.set(&above(tier), at.above.to_string());
        }
        for (place, (costs, sells)) in levels(costs).into_iter().zip(levels(sells)).enumerate() {
            let level = place.checked_sub(1);
            for (dimension, price) in costs.iter() {
                fields.set(&cost(level, dimension), dimension.price_text(price));
            }
            for (dimension, price) in sells.iter() {
                let follows = costs.get(dimension).and_then(|cost| sheet.margin().on(cost));
                if follows != Some(price) {
                    fields.set(&sell(level, dimension), dimension.price_text(price));
                }
            }
        }
        fields
    }

    /// What the form of a model begins with that has no price.
    #[must_use]
    pub fn empty() -> Self {
        let mut fields = Self::default();
        fields.set(MARGIN, "0");
        fields
    }

    /// The same with room for pictures of these kinds.
    #[must_use]
    pub fn offering(mut self, kinds: Vec<ImageKind>) -> Self {
        for kind in kinds {
            self.0.entry(cost(None, &Dimension::Image(kind))).or_default();
        }
        self
    }

    /// Makes room for pictures of the kind that is typed, which then is typed no more. None where that is no kind.
    pub fn add_kind(&mut self) -> Option<Dimension> {
        let kind: ImageKind = self.get(KIND).to_lowercase().parse().ok()?;
        let image = Dimension::Image(kind);
        self.0.entry(cost(None, &image)).or_default();
        self.0.remove(KIND);
        Some(image)
    }

    /// What tiers do.
    #[must_use]
    pub fn rule(&self) -> TierRule {
        match self.get(RULE) {
            "marginal" => TierRule::Marginal,
            _ => TierRule::Whole,
        }
    }

    /// Something stands in a field of this dimension.
    #[must_use]
    pub fn has(&self, level: Level, dimension: &Dimension) -> bool {
        !self.get(&cost(level, dimension)).is_empty() || !self.get(&sell(level, dimension)).is_empty()
    }

    /// What a refused form left.
    #[must_use]
    pub const fn from_texts(texts: BTreeMap<String, String>) -> Self {
        Self(texts)
    }

    /// What a form sent: no more fields and letters than ours has. A number that was cut is none.
    #[must_use]
    pub fn from_form(sent: BTreeMap<String, String>) -> Self {
        let short = |text: String| text.chars().take(LONGEST + 1).collect::<String>();
        let known = sent.into_iter().filter(|(name, _)| name.len() <= 60).take(MOST);
        Self(known.map(|(name, text)| (name, short(text))).collect())
    }

    /// A field without the spaces around it; empty where there is none.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map(|text| text.trim()).unwrap_or_default()
    }

    /// Types into a field.
    pub fn set(&mut self, name: &str, text: impl Into<String>) {
        self.0.insert(name.to_owned(), text.into());
    }

    /// Every field with its text.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// Everything that has fields: every plain dimension, and the images that are named.
    #[must_use]
    pub fn dimensions(&self) -> Vec<Dimension> {
        let mut images: Vec<Dimension> = self
            .0
            .keys()
            .filter_map(|name| name.split_once("image/"))
            .filter_map(|(_, kind)| format!("image/{kind}").parse().ok())
            .collect();
        images.sort();
        images.dedup();
        Dimension::plain().chain(images).collect()
    }

    /// How many tiers have something in them.
    #[must_use]
    pub fn tiers(&self) -> usize {
        let used = |tier: usize| {
            let prefix = format!("t{tier}-");
            let mut filled = self.0.iter().filter(|(_, text)| !text.trim().is_empty());
            filled.any(|(name, _)| name.starts_with(&prefix))
        };
        (0..TIERS).rev().find(|tier| used(*tier)).map_or(0, |tier| tier + 1)
    }
}

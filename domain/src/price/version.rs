//! Versions of a model's price: what is published, what is kept of it, and why a version is refused.
//!
//! A version never changes. In force at a moment is the one that took effect last: the greatest `effective_from` that is
//! not later, and of several the greatest id. `gateway::prices` publishes them.

use serde::{Deserialize, Serialize};

use super::{BelowCost, Dimension, PriceSheet};
use crate::{
    access::Actor,
    catalog::Abilities,
    id::{ModelId, PriceId},
    provider::Model,
    time::{Micros, Timestamp},
};

/// A published version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceVersion {
    /// Its id. Of two versions the later one has the greater id.
    pub id: PriceId,
    /// Whose price it is.
    pub model_id: ModelId,
    /// The model's public name when it was published; it outlives the model.
    pub model: String,
    /// From when it is in force.
    pub effective_from: Timestamp,
    /// When it was published.
    pub created_at: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// Why.
    pub reason: String,
    /// Where the numbers come from.
    pub source: String,
    /// Cost, margin and sell prices.
    #[serde(flatten)]
    pub sheet: PriceSheet,
}

/// A row that is not as the hub has published it: changed, or written by somebody else. It is no price, and a model that it should be in
/// force for has none until another version is published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DamagedPrice {
    /// Its id, as it stands there; so with all the rest.
    pub id: PriceId,
    /// Whose price it would be.
    pub model_id: ModelId,
    /// What the model would have been called.
    pub model: String,
    /// From when it would be in force.
    pub effective_from: Timestamp,
    /// When it would have been published.
    pub created_at: Timestamp,
}

/// A version as it is stored.
pub type Recorded = Result<PriceVersion, DamagedPrice>;

/// What a version is now. Decided by what is in force for its model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionState {
    /// Calls that begin now are charged by it.
    InForce,
    /// It takes effect later.
    Scheduled,
    /// Another one has taken its place.
    Past,
    /// It would take effect later, and another one of the same moment does instead: it never charges anything.
    Replaced,
    /// Its model is gone, so it charges nothing any more.
    Gone,
}

/// What somebody wants to publish.
#[derive(Clone, Debug)]
pub struct PriceDraft {
    /// Cost, margin and sell prices.
    pub sheet: PriceSheet,
    /// From when; as soon as possible when absent.
    pub effective_from: Option<Timestamp>,
    /// Why, at most [`PriceDraft::LONGEST`] characters. May be empty.
    pub reason: String,
    /// Where the numbers come from, at most [`PriceDraft::LONGEST`] characters.
    pub source: String,
    /// What the asker has seen.
    pub base: Base,
    /// The asker has said yes to selling below cost.
    pub below_cost_ok: bool,
}

impl PriceDraft {
    /// Characters of a reason and of a source.
    pub const LONGEST: usize = 500;
    /// A version that replaces another is in force this long after its commit, so that every process has it by then.
    pub const LEAD: Micros = Micros::from_seconds(2);
}

/// Which newest version of the model the asker knew. Another one in between must not be replaced unseen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Base {
    /// Replace whatever there is.
    #[default]
    Any,
    /// Exactly this one, or none at all.
    Newest(Option<PriceId>),
}

/// Tiers of a version at the most; beyond it lies a mistake.
pub const MOST_TIERS: usize = 20;

/// Why a version is not published. Each sentence says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "problem", content = "detail", rename_all = "snake_case")]
pub enum PriceRefusal {
    /// Something is sold for less than it costs, and nobody has said yes to that.
    #[error("Sold below cost: {}. Raise these prices, or say explicitly that this is meant.", list(.0))]
    BelowCost(Vec<BelowCost>),
    /// Another version was published since the asker looked.
    #[error("Somebody has published another version of this price in the meantime. Look at it, then try again.")]
    Stale {
        /// The newest version now.
        newest: Option<PriceId>,
    },
    /// The past is charged already.
    #[error("A price takes effect now or later, not in the past. Leave the moment out for now.")]
    Past,
    /// Pages and tables tell moments by the second: two that look alike would be two.
    #[error("A price takes effect at a whole second. Leave the fraction out.")]
    Fraction,
    /// Nothing in it has a price.
    #[error("A version without any price says nothing. Give at least one price; 0 is one.")]
    Empty,
    /// More tiers than [`MOST_TIERS`].
    #[error("A price has at most {MOST_TIERS} tiers.")]
    Tiers,
    /// Prices in tiers that no call would ever be charged.
    #[error(
        "These prices in a tier would never be charged: {}. Pictures sold by the piece have no tiers, and under the tier rule `marginal` a tier prices input alone. Leave them out there.",
        words(.0)
    )]
    NeverCharged(Vec<Dimension>),
    /// A reason or source is too long or holds line breaks or the like.
    #[error("A reason and a source have at most 500 characters and no line breaks.")]
    Text,
}

fn words(dimensions: &[Dimension]) -> String {
    let each = dimensions.iter().map(ToString::to_string);
    each.collect::<Vec<_>>().join(", ")
}

fn list(below: &[BelowCost]) -> String {
    let each = below.iter().map(ToString::to_string);
    each.collect::<Vec<_>>().join(", ")
}

impl std::fmt::Display for BelowCost {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            dimension,
            above,
            cost,
            sell,
            tokens,
        } = self;
        let (sell, cost) = (dimension.price_text(*sell), dimension.price_text(*cost));
        let unit = if dimension.by_piece() { "each" } else { "per million" };
        write!(formatter, "{dimension} at {sell} costs {cost} {unit}")?;
        if let Some(tokens) = tokens {
            write!(formatter, " (a picture of {tokens} tokens, as is usual)")?;
        }
        match above {
            Some(above) => write!(formatter, " (above {above} input tokens)"),
            None => Ok(()),
        }
    }
}

/// A model with what it costs now and next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelPrice {
    /// The model.
    pub model: Model,
    /// The version in force; without one the model is unpriced.
    pub current: Option<PriceVersion>,
    /// What should be in force is this, which is not as the hub has published it.
    pub damaged: Option<PriceId>,
    /// The version that takes effect next.
    pub next: Option<PriceVersion>,
    /// When versions take effect later, each moment once, the first one first: whatever is published for a moment in between holds until
    /// then.
    pub scheduled: Vec<Timestamp>,
    /// The newest version of all, whether in force or not: what a draft is based on.
    pub newest: Option<PriceId>,
}

impl ModelPrice {
    /// No price is in force.
    #[must_use]
    pub const fn is_unpriced(&self) -> bool {
        self.current.is_none()
    }

    /// The first moment after this one at which a scheduled version takes the place of whatever is in force then.
    #[must_use]
    pub fn replaced_after(&self, moment: Timestamp) -> Option<Timestamp> {
        self.scheduled.iter().copied().find(|at| *at > moment)
    }

    /// What every call of the model uses and has no price now, while other things have one: the price is incomplete.
    #[must_use]
    pub fn lacking(&self) -> Vec<Dimension> {
        let slug = self.model.slug.as_str();
        let abilities = Abilities::of(self.model.kind, slug);
        self.current
            .as_ref()
            .map(|version| version.sheet.lacking(&abilities, slug))
            .unwrap_or_default()
    }

    /// Nobody knows what the model is for, and its price now is one for embeddings alone: each chat is refused where credit is needed.
    #[must_use]
    pub fn refuses_chats(&self) -> bool {
        let abilities = Abilities::of(self.model.kind, self.model.slug.as_str());
        let sheet = self.current.as_ref().map(|version| &version.sheet);
        sheet.is_some_and(|sheet| sheet.refuses_chats(&abilities))
    }

    /// What is sold now and has no cost.
    #[must_use]
    pub fn uncosted(&self) -> Vec<Dimension> {
        self.current
            .as_ref()
            .map(|version| version.sheet.uncosted())
            .unwrap_or_default()
    }

    /// What is sold below cost now.
    #[must_use]
    pub fn below_cost(&self) -> Vec<BelowCost> {
        self.current
            .as_ref()
            .map(|version| version.sheet.below_cost(self.model.slug.as_str()))
            .unwrap_or_default()
    }
}

/// Which models a list of prices shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PriceFilter {
    /// Part of the public name, in any case.
    pub search: Option<String>,
    /// The provider's name.
    pub provider: Option<String>,
    /// All, or those in one state.
    pub state: PriceState,
}

/// States that a list of prices can be narrowed to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PriceState {
    /// All.
    #[default]
    Any,
    /// Without a price in force, or with one that lacks what every call uses.
    Unpriced,
    /// Something of it is sold below cost.
    BelowCost,
    /// Another price takes effect later.
    Scheduled,
}

impl PriceFilter {
    /// Whether a list shows this model.
    #[must_use]
    pub fn shows(&self, entry: &ModelPrice) -> bool {
        let name = entry.model.public_name().to_lowercase();
        let search = self.search.as_deref().unwrap_or_default().to_lowercase();
        let provider = self.provider.as_deref();
        let state = match self.state {
            PriceState::Any => true,
            PriceState::Unpriced => entry.is_unpriced() || !entry.lacking().is_empty(),
            PriceState::BelowCost => !entry.below_cost().is_empty(),
            PriceState::Scheduled => entry.next.is_some(),
        };
        state && name.contains(&search) && provider.is_none_or(|name| name == entry.model.provider.as_str())
    }
}

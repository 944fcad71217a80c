//! From counted quantities to a charge: dimensions, tariffs with context tiers, receipts, upper bounds, margins.
//!
//! All of it is exact and pure. A receipt can be computed again at any time from the stored quantities and the
//! immutable price version, and gives the same charge to the last nano-USD. `gateway` freezes a [`PriceSheet`] when a
//! call begins, holds [`Tariff::bound`], and settles [`Tariff::price`]; the console shows the same receipts.

mod bound;
mod dimension;
mod drawn;
mod offer;
mod past;
mod quantities;
mod rates;
mod receipt;
mod sheet;
mod tariff;
mod version;

pub use bound::Bounds;
pub use dimension::{Dimension, ImageKind, UnknownDimension};
pub use drawn::Drawn;
pub use offer::{Offer, OfferFilter, OfferOrder};
pub use past::{Alike, Effect, Past, Shape};
pub use quantities::Quantities;
pub use rates::Rates;
pub use receipt::{Line, Receipt};
pub use sheet::{BelowCost, Overrides, PriceSheet};
pub use tariff::{InvalidTariff, Quote, Tariff, Tier, TierRule};
pub use version::{
    Base, DamagedPrice, MOST_TIERS, ModelPrice, PriceDraft, PriceFilter, PriceRefusal, PriceState, PriceVersion,
    Recorded, VersionState,
};

use serde::{Deserialize, Serialize};

/// Why quantities have no price.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "problem", content = "detail", rename_all = "snake_case")]
pub enum PriceError {
    /// Something was used that this version has no price for. That is not zero: without a price nothing is sold.
    #[error("There is no price for `{0}`. Publish a version that has one.")]
    Unpriced(Dimension),
    /// Quantities times prices are beyond what one call may come to ([`Amount::MOST_OF_A_CALL`]). Such counts or prices are nonsense and must
    /// be refused.
    ///
    /// [`Amount::MOST_OF_A_CALL`]: crate::money::Amount::MOST_OF_A_CALL
    #[error("These quantities cost more than can be booked. Check the counts and the prices.")]
    TooLarge,
    /// Cost and margin together are more than a price can be.
    #[error("The cost of `{0}` with the margin on it is more than a price can be. Check both.")]
    Margin(Dimension),
    /// A sell price was given for a context tier that the cost does not have.
    #[error("The cost has no tier above {above} input tokens. Add it to the cost or drop the sell price.")]
    NoSuchTier {
        /// The threshold that was named.
        above: u64,
    },
}

#[cfg(test)]
mod tests;

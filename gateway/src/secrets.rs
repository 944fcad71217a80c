//! Secrets: types that cannot be printed, the hub's own keys wrapped by the master key, and what is done with them.
//!
//! The master key wraps six random keys (label `api-key`, `session`, `credential`, `ledger`, `audit`, `price`); those do the work.
//! Rotation wraps them again and changes nothing else, so no API key, session or credential dies of it.

mod audit_seal;
mod hub_keys;
mod marks;
mod mask;
mod price_seal;
pub(crate) mod salted;
mod seal;
mod text;

pub use audit_seal::{AuditSeal, Chained};
pub use hub_keys::{AUDIT, HubKeys, KeyHash, LABELS, LEDGER, PRICE, hex, parse_hash};
pub(crate) use marks::Marks;
pub use mask::{gives_away, mask, mask_all, resembles_key};
pub use price_seal::{PriceSeal, SealedPrice};
pub use seal::{MasterKey, SealError, SealingKey};
pub use text::SecretText;

/// Fills an array from the system's source of chance.
///
/// # Errors
/// [`SealError::Chance`] when the system has none, which does not happen on a running machine.
pub fn random<const LENGTH: usize>() -> Result<[u8; LENGTH], SealError> {
    let mut bytes = [0_u8; LENGTH];
    #[expect(clippy::disallowed_methods, reason = "this is the one source of chance")]
    getrandom::fill(&mut bytes).map_err(|_| SealError::Chance)?;
    Ok(bytes)
}

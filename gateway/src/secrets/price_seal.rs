//! The key that seals price versions: one that was changed or added without it does not count. That holds while the key's row stands:
//! where it is missing, the next start makes another and seals what lies there (`store::prices::seal`), as it must for databases from
//! before there was one.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::{MasterKey, SealError, hex, hub_keys};

/// What of a version is sealed: everything that is stored of it.
#[derive(Debug, serde::Serialize)]
pub struct SealedPrice<'a> {
    /// The version's id.
    pub id: i64,
    /// The model's id.
    pub model_id: i64,
    /// The model's public name at the time.
    pub model: &'a str,
    /// In microseconds.
    pub effective_from: i64,
    /// In microseconds.
    pub created_at: i64,
    /// JSON.
    pub actor: &'a str,
    /// Why.
    pub reason: &'a str,
    /// From where the numbers are.
    pub source: &'a str,
    /// In parts per million.
    pub margin_ppm: Option<i64>,
    /// JSON.
    pub sheet: &'a str,
    /// Over what decides a charge.
    pub digest: &'a str,
}

/// Makes and checks seals of versions.
#[derive(Clone)]
pub struct PriceSeal(Hmac<Sha256>);

impl PriceSeal {
    /// A seal by this raw key.
    pub(super) fn new(key: &[u8]) -> Result<Self, SealError> {
        // HMAC takes keys of any length; the error cannot occur.
        Hmac::<Sha256>::new_from_slice(key)
            .map(Self)
            .map_err(|_| SealError::KeyShape)
    }

    /// A fresh key, wrapped for storage, and its seal.
    ///
    /// # Errors
    /// [`SealError::Chance`].
    pub fn generate(master: &MasterKey) -> Result<(String, Self), SealError> {
        hub_keys::generate(master, hub_keys::PRICE).and_then(|(wrapped, raw)| Ok((wrapped, Self::new(raw.as_slice())?)))
    }

    /// The seal of a version. JSON tells every field from its neighbours.
    #[must_use]
    pub fn of(&self, price: &SealedPrice<'_>) -> String {
        let told = serde_json::to_vec(price).unwrap_or_default();
        hex(&self.0.clone().chain_update(told).finalize().into_bytes())
    }
}

impl std::fmt::Debug for PriceSeal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("PriceSeal(…)")
    }
}

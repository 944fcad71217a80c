//! The key that chains the list of changes: each entry carries an HMAC over itself and the one before, and the end of the
//! chain carries one of its own, so that cutting entries off needs the key too.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::{MasterKey, SealError, hex, hub_keys};

/// What of an entry is chained: everything that is stored of it.
#[derive(Debug, serde::Serialize)]
pub struct Chained<'a> {
    /// Its place, from 1 on.
    pub number: i64,
    /// The entry's id.
    pub id: i64,
    /// When, in microseconds.
    pub at: i64,
    /// `user`, `command_line` or `system`.
    pub actor_kind: &'a str,
    /// The person.
    pub actor_id: Option<i64>,
    /// Their address at the time.
    pub actor_email: Option<&'a str>,
    /// From where.
    pub address: Option<&'a str>,
    /// What was done.
    pub action: &'a str,
    /// To what.
    pub subject: &'a str,
    /// What people call it.
    pub subject_name: &'a str,
    /// JSON.
    pub before_json: Option<&'a str>,
    /// JSON.
    pub after_json: Option<&'a str>,
    /// The key by which the person asked. Entries of before there were such keys were chained without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_key: Option<i64>,
}

/// Makes and checks links of the chain.
#[derive(Clone)]
pub struct AuditSeal(Hmac<Sha256>);

impl AuditSeal {
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
        hub_keys::generate(master, hub_keys::AUDIT).and_then(|(wrapped, raw)| Ok((wrapped, Self::new(raw.as_slice())?)))
    }

    /// The link of an entry to the one before, whose link is `before`.
    #[must_use]
    pub fn link(&self, before: &str, entry: &Chained<'_>) -> String {
        self.over(&("entry", before, entry))
    }

    /// Over the end of the chain: entries from before it, entries in it, its last link.
    #[must_use]
    pub fn end(&self, unchained: i64, entries: i64, last: &str) -> String {
        self.over(&("end", unchained, entries, last))
    }

    /// JSON tells every field from its neighbours.
    fn over(&self, told: &impl serde::Serialize) -> String {
        let told = serde_json::to_vec(told).unwrap_or_default();
        hex(&self.0.clone().chain_update(told).finalize().into_bytes())
    }
}

impl std::fmt::Debug for AuditSeal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("AuditSeal(…)")
    }
}

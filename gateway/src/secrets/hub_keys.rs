//! The hub's own random keys: one to recognise API keys, one for sessions, one for provider
//! credentials, one that chains the ledger, one that chains the list of changes, one that seals price versions.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{AuditSeal, MasterKey, PriceSeal, SealError, SealingKey, random};

/// What the database holds instead of an API key or a session token.
pub type KeyHash = [u8; 32];

/// The labels under which the keys are stored, in the order in which they are made.
pub const LABELS: [&str; 6] = ["api-key", "session", "credential", LEDGER, AUDIT, PRICE];

/// The label of the key that chains the ledger. Its wrapping tells whether all keys are there ([`HubKeys::unbound`]): without it no
/// book is sound, so nobody takes that word away unseen.
pub const LEDGER: &str = "ledger";
/// Its place.
const LEDGER_PLACE: usize = 3;

/// The label of the key that chains the list of changes. It is made together with the beginning of the chain.
pub const AUDIT: &str = "audit";

/// The label of the key that seals price versions. Versions from before it are sealed when it is made.
pub const PRICE: &str = "price";

/// The opened keys of a running hub.
pub struct HubKeys {
    raw: [Zeroizing<Vec<u8>>; LABELS.len()],
    /// By which the stored keys opened.
    wrapping: SealingKey,
    /// The ledger's key as it is stored, where its wrapping does not tell yet that all keys are there.
    unbound: Option<String>,
    api_key: Hmac<Sha256>,
    session: Hmac<Sha256>,
    ledger: Hmac<Sha256>,
    orders: Hmac<Sha256>,
    /// Chains the list of changes.
    pub audit: AuditSeal,
    /// Seals price versions.
    pub price: PriceSeal,
    /// Seals provider credentials.
    pub credential: SealingKey,
    /// Seals what sessions carry.
    pub session_data: SealingKey,
}

impl HubKeys {
    /// Opens the wrapped keys, in the order of [`LABELS`].
    ///
    /// # Errors
    /// [`SealError::Closed`] when the master key is another one.
    pub fn open(master: &MasterKey, wrapped: [&str; LABELS.len()]) -> Result<Self, SealError> {
        let wrapping = master.wrapping_key();
        let open = |index: usize| opened(&wrapping, LABELS[index], wrapped[index]);
        let raw = [open(0)?, open(1)?, open(2)?, open(3)?, open(4)?, open(5)?];
        let hmac = |key: &[u8], purpose: &str| {
            // HMAC takes keys of any length; the error cannot occur.
            Hmac::<Sha256>::new_from_slice(key)
                .map(|mac| mac.chain_update(purpose.as_bytes()))
                .map_err(|_| SealError::KeyShape)
        };
        let ledger = wrapped[LEDGER_PLACE];
        let bound = wrapping.open(ledger, ALL_THERE).is_ok();
        Ok(Self {
            unbound: (!bound).then(|| ledger.to_owned()),
            api_key: hmac(&raw[0], "api key\0")?,
            session: hmac(&raw[1], "session token\0")?,
            ledger: hmac(&raw[3], "ledger chain\0")?,
            orders: hmac(&raw[3], "ledger order\0")?,
            audit: AuditSeal::new(&raw[4])?,
            price: PriceSeal::new(&raw[5])?,
            session_data: SealingKey::derived(&raw[1], "session data"),
            credential: SealingKey::derived(&raw[2], "provider credential"),
            raw,
            wrapping,
        })
    }

    /// A fresh key under `label`, wrapped for storage.
    ///
    /// # Errors
    /// [`SealError::Chance`].
    pub fn generate_wrapped(master: &MasterKey, label: &str) -> Result<String, SealError> {
        generate(master, label).map(|(wrapped, _)| wrapped)
    }

    /// Whether one wrapped key, with its label, opens by this master key.
    #[must_use]
    pub fn opens(master: &MasterKey, (label, sealed): &(String, String)) -> bool {
        opened(&master.wrapping_key(), label, sealed).is_ok()
    }

    /// Whether this stored key says that all keys were there when it was wrapped.
    #[must_use]
    pub fn tells_that_all_were_there(master: &MasterKey, (label, sealed): &(String, String)) -> bool {
        label == LEDGER && master.wrapping_key().open(sealed, ALL_THERE).is_ok()
    }

    /// The ledger's key as it is stored, where its wrapping does not tell yet that all keys are there.
    #[must_use]
    pub fn unbound(&self) -> Option<&str> {
        self.unbound.as_deref()
    }

    /// The ledger's key in a wrapping that tells so.
    ///
    /// # Errors
    /// [`SealError::Chance`].
    pub fn bound(&self) -> Result<String, SealError> {
        self.wrapping.seal(&self.raw[LEDGER_PLACE], ALL_THERE)
    }

    /// Whether these wrapped keys, with their labels, open by the master key that these keys were opened with.
    #[must_use]
    pub fn open_alike(&self, wrapped: &[(String, String)]) -> bool {
        let opens = |label: &&str| {
            wrapped
                .iter()
                .any(|(found, sealed)| found == label && opened(&self.wrapping, label, sealed).is_ok())
        };
        LABELS.iter().all(opens)
    }

    /// The same keys, wrapped by another master key, with their labels.
    ///
    /// # Errors
    /// [`SealError::Chance`].
    pub fn rewrap(&self, master: &MasterKey) -> Result<Vec<(&'static str, String)>, SealError> {
        let wrapping = master.wrapping_key();
        LABELS
            .into_iter()
            .zip(&self.raw)
            .map(|(label, key)| {
                let binding = if label == LEDGER {
                    ALL_THERE.to_owned()
                } else {
                    binding(label)
                };
                Ok((label, wrapping.seal(key, &binding)?))
            })
            .collect()
    }

    /// What the database holds instead of this API key.
    #[must_use]
    pub fn api_key_hash(&self, key: &str) -> KeyHash {
        self.api_key
            .clone()
            .chain_update(key.as_bytes())
            .finalize()
            .into_bytes()
            .into()
    }

    /// What the database holds instead of this session token.
    #[must_use]
    pub fn session_hash(&self, token: &str) -> String {
        hex(&self
            .session
            .clone()
            .chain_update(token.as_bytes())
            .finalize()
            .into_bytes())
    }
}

impl HubKeys {
    /// The hash that chains a row of the ledger to the one before, which is part of `told`.
    #[must_use]
    pub fn ledger_hash(&self, told: &[u8]) -> String {
        hex(&self.ledger.clone().chain_update(told).finalize().into_bytes())
    }

    /// Tells that somebody with these keys has left this order, under this number, for the server that owns the ledger.
    #[must_use]
    pub fn order_seal(&self, id: i64, wanted: &str) -> String {
        let of_id = self.orders.clone().chain_update(id.to_be_bytes());
        hex(&of_id.chain_update(wanted.as_bytes()).finalize().into_bytes())
    }
}

impl std::fmt::Debug for HubKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("HubKeys(…)")
    }
}

/// A fresh key under `label`: wrapped for storage, and raw.
pub(super) fn generate(master: &MasterKey, label: &str) -> Result<(String, Zeroizing<[u8; 32]>), SealError> {
    let raw = Zeroizing::new(random::<32>()?);
    let wrapped = master.wrapping_key().seal(raw.as_slice(), &binding(label))?;
    Ok((wrapped, raw))
}

fn binding(label: &str) -> String {
    format!("hub_key:{label}")
}

/// What the wrapping of the ledger's key is bound to once all keys are there and what the youngest of them had to seal is written down.
const ALL_THERE: &str = "hub_key:ledger beside api-key, session, credential, audit, price";

/// The ledger's key is wrapped in one of two ways, every other in one.
fn opened(wrapping: &SealingKey, label: &str, sealed: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
    match wrapping.open(sealed, &binding(label)) {
        Err(_) if label == LEDGER => wrapping.open(sealed, ALL_THERE),
        opened => opened,
    }
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |number: u8| char::from(DIGITS[usize::from(number & 15)]);
    // With each entry of the journal: no formatting.
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(*byte));
    }
    text
}

/// Reads what [`hex`] wrote for a [`KeyHash`].
#[must_use]
pub fn parse_hash(text: &str) -> Option<KeyHash> {
    let mut hash = [0_u8; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, index) in hash.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(text.get(index..index + 2)?, 16).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(master: &MasterKey) -> Option<HubKeys> {
        let wrapped: Vec<String> = LABELS
            .iter()
            .map(|label| HubKeys::generate_wrapped(master, label).unwrap_or_default())
            .collect();
        HubKeys::open(master, std::array::from_fn(|index| wrapped[index].as_str())).ok()
    }

    #[test]
    fn rotation_changes_no_key() {
        let (old, new) = (MasterKey::generate(), MasterKey::generate());
        let (Ok(old), Ok(new)) = (old, new) else {
            panic!("no random numbers")
        };
        let before = keys(&old).expect("fresh keys open");
        let wrapped = before.rewrap(&new).expect("wraps");
        let texts = [0, 1, 2, 3, 4, 5].map(|index| wrapped[index].1.as_str());
        assert_eq!(HubKeys::open(&old, texts).map(|_| ()), Err(SealError::Closed));
        let after = HubKeys::open(&new, texts).expect("the new key opens");
        assert_eq!(before.api_key_hash("sk-hub-x"), after.api_key_hash("sk-hub-x"));
        assert_eq!(before.session_hash("t"), after.session_hash("t"));
        assert_eq!(before.ledger_hash(b"t"), after.ledger_hash(b"t"));
        assert_eq!(before.audit.end(0, 1, "t"), after.audit.end(0, 1, "t"));
        assert_ne!(
            before.api_key_hash("t").to_vec(),
            parse_hash(&before.session_hash("t")).expect("hex").to_vec()
        );
    }

    #[test]
    fn a_wrapped_key_cannot_stand_in_for_another() {
        let Ok(master) = MasterKey::generate() else {
            panic!("no random numbers")
        };
        let one = HubKeys::generate_wrapped(&master, "api-key").unwrap_or_default();
        assert!(HubKeys::open(&master, [&one; LABELS.len()]).is_err());
    }
}

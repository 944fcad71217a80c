//! Authenticated encryption (XChaCha20-Poly1305): the master key, and keys that seal text for one purpose and one row.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use chacha20poly1305::{
    Key, XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::random;

const NONCE_LENGTH: usize = 24;
/// Marks the format, so that another may follow.
const VERSION: &str = "v1:";

/// Why something could not be sealed or opened. Says nothing about the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Wrong key, wrong row, or changed text.
    #[error("a sealed value does not open with this key and for this row")]
    Closed,
    /// Not base64, or not 32 bytes.
    #[error("a key is 32 bytes in base64")]
    KeyShape,
    /// The system has no random numbers.
    #[error("the system gave no random numbers")]
    Chance,
}

/// The key above all others: 32 bytes that the operator keeps.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// A fresh key.
    ///
    /// # Errors
    /// [`SealError::Chance`].
    pub fn generate() -> Result<Self, SealError> {
        Ok(Self(Zeroizing::new(random()?)))
    }

    /// Reads 32 bytes in base64, with or without white space around.
    ///
    /// # Errors
    /// [`SealError::KeyShape`].
    pub fn from_base64(text: &str) -> Result<Self, SealError> {
        let bytes = Zeroizing::new(BASE64.decode(text.trim()).map_err(|_| SealError::KeyShape)?);
        let bytes = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| SealError::KeyShape)?;
        Ok(Self(Zeroizing::new(bytes)))
    }

    /// For the key file, and nothing else.
    #[must_use]
    pub fn to_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE64.encode(self.0.as_slice()))
    }

    /// The key that wraps the hub's own keys.
    pub(super) fn wrapping_key(&self) -> SealingKey {
        SealingKey::derived(self.0.as_slice(), "wrap hub keys")
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("MasterKey(…)")
    }
}

/// A key that seals for one purpose. What it seals opens only with the same `bound_to` text (table, column, row).
#[derive(Clone)]
pub struct SealingKey(Zeroizing<[u8; 32]>);

impl SealingKey {
    /// A key for one purpose, derived from another so that neither can stand in for the other.
    pub(super) fn derived(from: &[u8], purpose: &str) -> Self {
        let mut key = Zeroizing::new([0_u8; 32]);
        // 32 bytes are far below HKDF's limit of 255 blocks, the only way in which this can fail.
        let _ = Hkdf::<Sha256>::new(None, from).expand(purpose.as_bytes(), key.as_mut_slice());
        Self(key)
    }

    /// Encrypts, bound to a row.
    ///
    /// # Errors
    /// [`SealError::Chance`].
    pub fn seal(&self, plain: &[u8], bound_to: &str) -> Result<String, SealError> {
        let nonce = random::<NONCE_LENGTH>()?;
        let sealed = self
            .cipher()
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: plain,
                    aad: bound_to.as_bytes(),
                },
            )
            .map_err(|_| SealError::Closed)?;
        let mut bytes = nonce.to_vec();
        bytes.extend_from_slice(&sealed);
        Ok(format!("{VERSION}{}", BASE64.encode(bytes)))
    }

    /// Decrypts what [`Self::seal`] made for the same row.
    ///
    /// # Errors
    /// [`SealError::Closed`] for everything else.
    pub fn open(&self, sealed: &str, bound_to: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let bytes = sealed
            .strip_prefix(VERSION)
            .and_then(|text| BASE64.decode(text).ok())
            .ok_or(SealError::Closed)?;
        let (nonce, body) = bytes.split_first_chunk::<NONCE_LENGTH>().ok_or(SealError::Closed)?;
        self.cipher()
            .decrypt(
                &XNonce::from(*nonce),
                Payload {
                    msg: body,
                    aad: bound_to.as_bytes(),
                },
            )
            .map(Zeroizing::new)
            .map_err(|_| SealError::Closed)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(*self.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_sealed_opens_only_here(plain in proptest::collection::vec(any::<u8>(), 0..200), flip in 0_usize..400) {
            let key = SealingKey::derived(b"one", "test");
            let sealed = key.seal(&plain, "credential:1").unwrap_or_default();
            prop_assert_eq!(key.open(&sealed, "credential:1").map(|bytes| bytes.to_vec()), Ok(plain));
            prop_assert!(key.open(&sealed, "credential:2").is_err());
            prop_assert!(SealingKey::derived(b"one", "other").open(&sealed, "credential:1").is_err());
            let mut damaged = sealed.clone().into_bytes();
            let place = flip % damaged.len();
            damaged[place] ^= 1;
            let damaged = String::from_utf8_lossy(&damaged).into_owned();
            prop_assert!(key.open(&damaged, "credential:1").is_err());
        }
    }

    #[test]
    fn a_master_key_is_32_bytes() {
        assert!(MasterKey::from_base64("c2hvcnQ=").is_err());
        let key =
            MasterKey::generate().and_then(|key| MasterKey::from_base64(&format!(" {}\n", key.to_base64().as_str())));
        assert!(key.is_ok());
    }
}

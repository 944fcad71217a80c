//! A secret for a program that knows how CryptoJS encrypts with a passphrase: `Salted__`, eight bytes of salt, AES-256-CBC, all in
//! base64, with key and vector stretched out of the passphrase by MD5 as OpenSSL's `EVP_BytesToKey` did.
//!
//! The clients of `aigne hub connect` read nothing else. It protects no more than its passphrase, which whoever may fetch the
//! secret can work out: it keeps the key out of logs and screens on the way, and TLS has to do the rest. Nothing of ours is
//! stored this way.

use aes::Aes256;
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use cbc::{
    Encryptor,
    cipher::{BlockModeEncrypt as _, KeyIvInit as _, block_padding::Pkcs7},
};
use md5::{Digest as _, Md5};
use sha2::Sha512;
use zeroize::Zeroizing;

use super::{SealError, hex, random};

/// Rounds that the clients make.
const ROUNDS: u32 = 256;
const SALT: usize = 8;
const KEY: usize = 32;
const VECTOR: usize = 16;

/// Encrypts `secret` for whoever knows `challenge` and `key_id`.
///
/// # Errors
/// [`SealError::Chance`].
pub(crate) fn encrypt(secret: &str, challenge: &str, key_id: &str) -> Result<String, SealError> {
    Ok(encrypt_with(secret, &passphrase(challenge, key_id), random::<SALT>()?))
}

/// Hexadecimal PBKDF2 of the challenge, salted with the key's id.
fn passphrase(challenge: &str, key_id: &str) -> Zeroizing<String> {
    let mut stretched = Zeroizing::new([0_u8; 32]);
    pbkdf2::pbkdf2_hmac::<Sha512>(
        challenge.as_bytes(),
        key_id.as_bytes(),
        ROUNDS,
        stretched.as_mut_slice(),
    );
    Zeroizing::new(hex(stretched.as_slice()))
}

fn encrypt_with(secret: &str, passphrase: &str, salt: [u8; SALT]) -> String {
    let stretched = stretch(passphrase.as_bytes(), salt);
    let (mut key, mut vector) = (Zeroizing::new([0_u8; KEY]), [0_u8; VECTOR]);
    key.copy_from_slice(&stretched[..KEY]);
    vector.copy_from_slice(&stretched[KEY..]);
    let cipher = Encryptor::<Aes256>::new((&*key).into(), &vector.into());
    let body = cipher.encrypt_padded_vec::<Pkcs7>(secret.as_bytes());
    BASE64.encode([b"Salted__", salt.as_slice(), &body].concat())
}

/// `EVP_BytesToKey` with MD5 and one round: each block is the hash of the block before, the passphrase and the salt.
fn stretch(passphrase: &[u8], salt: [u8; SALT]) -> Zeroizing<[u8; KEY + VECTOR]> {
    let mut stretched = Zeroizing::new([0_u8; KEY + VECTOR]);
    let mut block: Vec<u8> = Vec::new();
    for place in stretched.chunks_mut(16) {
        let mut hash = Md5::new();
        hash.update(&block);
        hash.update(passphrase);
        hash.update(salt);
        block = hash.finalize().to_vec();
        place.copy_from_slice(&block);
    }
    stretched
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by `openssl enc -aes-256-cbc -md md5 -S 0102030405060708 -pass pass:…`, and by node with `pbkdf2Sync` and
    /// `createCipheriv`.
    #[test]
    fn others_read_what_is_written() {
        let passphrase = passphrase("00112233445566778899aabbccddeeff0011223344556677", "key_1");
        assert_eq!(
            passphrase.as_str(),
            "31996763a31c08a4e77ef4ec5a3964db71a499ad720da91ae23a9f8885fd7605"
        );
        let written = encrypt_with("sk-hub-a secret of some length", &passphrase, [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(
            written,
            "U2FsdGVkX18BAgMEBQYHCJYoqdx0EE76fy8clYOVSgqCmz6oSou7tcJagCYZUddL"
        );
    }

    #[test]
    fn no_two_are_alike() {
        let one = || encrypt("sk-hub-a", "challenge", "key_1").unwrap();
        assert_ne!(one(), one());
        assert!(one().starts_with("U2FsdGVkX1"), "the clients know it by this beginning");
    }
}

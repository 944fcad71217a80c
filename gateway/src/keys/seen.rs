//! Whether a key is still as somebody has seen it: a form that was filled, or a program that has read, before somebody else changed the
//! key would undo that unseen. What is changed upon a tag that does not fit any more is refused.

use domain::key::ApiKey;
use sha2::{Digest as _, Sha256};

use crate::secrets::hex;

/// Stands for all of a key that can be changed: its name, its rules, and whether it is switched off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyTag(String);

impl KeyTag {
    /// Of a key as it is.
    #[must_use]
    pub fn of(key: &ApiKey) -> Self {
        let told = serde_json::to_vec(&(&key.name, &key.rules, key.disabled_at)).unwrap_or_default();
        Self(hex(&Sha256::digest(told)[..16]))
    }

    /// One that came back. A text that is none fits no key.
    #[must_use]
    pub fn read(text: &str) -> Self {
        Self(text.trim().trim_matches('"').to_owned())
    }
}

impl std::fmt::Display for KeyTag {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

//! API keys as their owners see them. The key itself is shown once, when it is made, and never held here.

use serde::{Deserialize, Serialize};

use crate::{
    id::{KeyId, UserId},
    name::{Email, Label},
    time::Timestamp,
};

/// What every key begins with.
pub const KEY_PREFIX: &str = "sk-hub-";

/// An API key, without the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its id.
    pub id: KeyId,
    /// What its owner calls it.
    pub name: Label,
    /// Whose it is.
    pub user_id: UserId,
    /// The owner's address.
    pub user_email: Email,
    /// The beginning and end of the key, enough to recognise it: `sk-hub-3fk…9x2a`.
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When a call last used it; written in intervals, so up to a minute old.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked; such a key is refused.
    pub revoked_at: Option<Timestamp>,
}

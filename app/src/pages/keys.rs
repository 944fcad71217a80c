//! API keys: the list, making one, the page that shows it once, revoking it. Everybody sees their own, admins may see all.

mod actions;
pub(super) mod connect;
mod created;
mod list;
mod new;
mod revoke;
mod snippets;

pub use created::KeyCreatedPage;
pub use list::KeysPage;
pub use new::NewKeyPage;
pub use revoke::RevokeKeyPage;

use domain::{id::KeyId, key::ApiKey};

/// The name under which a new key waits for the page that shows it.
const ONCE: &str = "key";

/// Where the calls of a key are listed.
fn calls_of(id: KeyId) -> String {
    format!("/calls?range=all&key={id}")
}

/// The key is accepted.
const fn is_active(key: &ApiKey) -> bool {
    key.revoked_at.is_none()
}

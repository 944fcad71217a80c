//! What a route demands of whoever comes. `routes` says it for machines, `console::authority` for pages and functions.

use domain::access::{Role, Viewer};

/// What a route demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// Anybody.
    Public,
    /// An API key. The handler asks for it (`v1::extract`), as it wants to know whose it is.
    Key,
    /// A signed-in person.
    SignedIn,
    /// An admin.
    Admin,
}

impl Authority {
    /// Whether this person has it. Nobody has a key's authority by being signed in.
    #[must_use]
    pub fn is_granted(self, viewer: Option<&Viewer>) -> bool {
        match (self, viewer.map(|viewer| viewer.role)) {
            (Self::Public, _) | (Self::SignedIn, Some(_)) | (Self::Admin, Some(Role::Admin)) => true,
            (Self::Key, _) | (Self::SignedIn | Self::Admin, None) | (Self::Admin, Some(Role::Member)) => false,
        }
    }
}

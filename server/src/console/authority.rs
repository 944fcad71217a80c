//! Who may come to which page and server function. Denied unless listed: what is not here is for admins.
//!
//! This is the outer fence, by path. Within, every page and function asks again, as holding a `Viewer` or an `Admin` is
//! what its use-cases demand. A test walks every route against every role.

use domain::access::{Role, Viewer};

/// What a path demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// Anybody.
    Public,
    /// A signed-in person.
    SignedIn,
    /// An admin.
    Admin,
}

/// Where server functions live.
const FUNCTIONS: &str = "/do/";
const PUBLIC_PAGES: [&str; 2] = ["sign-in", "setup"];
/// What strangers may do: become somebody, leave, and choose how the sign-in page looks.
const PUBLIC_FUNCTIONS: [&str; 5] = ["sign_in", "sign_out", "complete_setup", "set_language", "set_theme"];
/// First part of a page's path, and the module of a function.
const FOR_EVERYBODY: [&str; 6] = ["account", "calls", "home", "jump", "keys", "playground"];

impl Authority {
    /// What `path` demands.
    #[must_use]
    pub fn of(path: &str) -> Self {
        match path.strip_prefix(FUNCTIONS) {
            Some(function) => Self::of_function(function),
            None => Self::of_page(path.trim_start_matches('/').split('/').next().unwrap_or_default()),
        }
    }

    fn of_page(area: &str) -> Self {
        match area {
            "" => Self::SignedIn,
            area if PUBLIC_PAGES.contains(&area) => Self::Public,
            area if FOR_EVERYBODY.contains(&area) => Self::SignedIn,
            _ => Self::Admin,
        }
    }

    /// `module/…/area/…/name`.
    fn of_function(path: &str) -> Self {
        let (modules, name) = path.rsplit_once('/').unwrap_or_default();
        let area = modules
            .split('/')
            .find(|module| !matches!(*module, "app" | "pages" | "islands"))
            .unwrap_or_default();
        match (area, name) {
            ("gate" | "account", name) if PUBLIC_FUNCTIONS.contains(&name) => Self::Public,
            (area, _) if FOR_EVERYBODY.contains(&area) => Self::SignedIn,
            _ => Self::Admin,
        }
    }

    /// Whether this person has it.
    #[must_use]
    pub fn is_granted(self, viewer: Option<&Viewer>) -> bool {
        match (self, viewer.map(|viewer| viewer.role)) {
            (Self::Public, _) | (Self::SignedIn, Some(_)) | (Self::Admin, Some(Role::Admin)) => true,
            (Self::SignedIn | Self::Admin, None) | (Self::Admin, Some(Role::Member)) => false,
        }
    }
}

/// Whether a path names a server function, which answers programs as well as browsers.
#[must_use]
pub fn is_function(path: &str) -> bool {
    path.starts_with(FUNCTIONS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_listed_is_for_admins() {
        assert_eq!(Authority::of("/"), Authority::SignedIn);
        assert_eq!(Authority::of("/sign-in"), Authority::Public);
        assert_eq!(Authority::of("/sign-in-as"), Authority::Admin);
        assert_eq!(Authority::of("/keys/key_1/created"), Authority::SignedIn);
        assert_eq!(Authority::of("/providers"), Authority::Admin);
        assert_eq!(Authority::of("/do/app/pages/gate/sign_in/sign_in"), Authority::Public);
        assert_eq!(Authority::of("/do/app/pages/users/actions/sign_in"), Authority::Admin);
        assert_eq!(Authority::of("/do/app/islands/playground/ask/ask"), Authority::SignedIn);
        assert_eq!(
            Authority::of("/do/app/pages/account/actions/end_session"),
            Authority::SignedIn
        );
        assert_eq!(Authority::of("/do/whatever"), Authority::Admin);
    }
}

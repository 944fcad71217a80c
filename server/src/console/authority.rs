//! Who may come to which page and server function: one line each, found by the route that matched and never by how an
//! address looks. What is not listed is for admins, and a test finds it.
//!
//! This is the outer fence, which `visit` keeps. Within, every page and function asks again, as holding a `Viewer` or an
//! `Admin` is what its use-cases demand. `routes/tests/authority.rs` walks every route against every role.

use super::{download, identity};
use crate::authority::Authority::{self, Admin, Public, SignedIn};

/// Every page, as `app::pages` declares it.
pub const PAGES: [(&str, Authority); 38] = [
    ("/setup", Public),
    ("/sign-in", Public),
    ("/", SignedIn),
    ("/account", SignedIn),
    ("/jump", SignedIn),
    ("/providers", Admin),
    ("/providers/new", Admin),
    ("/providers/{id}", Admin),
    ("/providers/{id}/edit", Admin),
    ("/providers/{id}/delete", Admin),
    ("/providers/{id}/credentials/{credential}/delete", Admin),
    ("/models", Admin),
    ("/prices", Admin),
    ("/prices/{id}", Admin),
    ("/pricing", Public),
    ("/keys", SignedIn),
    ("/keys/new", SignedIn),
    ("/keys/{id}/created", SignedIn),
    ("/keys/{id}/revoke", SignedIn),
    ("/connect", SignedIn),
    ("/calls", SignedIn),
    ("/calls/{id}", SignedIn),
    ("/credits", SignedIn),
    ("/users", Admin),
    ("/users/new", Admin),
    ("/users/{id}", Admin),
    ("/users/{id}/credits", Admin),
    ("/users/{id}/credits/grant", Admin),
    ("/users/{id}/credits/adjust", Admin),
    ("/users/{id}/credits/lots/{lot}", Admin),
    ("/settings", Admin),
    ("/identity-providers", Admin),
    ("/identity-providers/new", Admin),
    ("/identity-providers/{slug}/edit", Admin),
    ("/identity-providers/{slug}/delete", Admin),
    ("/books", Admin),
    ("/audit", Admin),
    ("/playground", SignedIn),
];

/// The server function that asks a model, whose questions take files along.
pub const QUESTION: &str = "app/islands/playground/ask/ask";

/// Every server function: its path after [`FUNCTIONS_AT`], which is its module and its name.
pub const FUNCTIONS: [(&str, Authority); 55] = [
    // What strangers may do: become somebody, leave, and choose how the sign-in page looks.
    ("app/pages/gate/setup/complete_setup", Public),
    ("app/pages/gate/sign_in/sign_in", Public),
    ("app/pages/gate/providers/begin_sign_in", Public),
    ("app/pages/account/actions/sign_out", Public),
    ("app/pages/account/actions/set_language", Public),
    ("app/pages/account/actions/set_theme", Public),
    ("app/pages/account/actions/change_password", SignedIn),
    ("app/pages/account/actions/end_session", SignedIn),
    ("app/pages/account/actions/end_other_sessions", SignedIn),
    ("app/pages/account/actions/end_all_sessions", SignedIn),
    ("app/pages/account/identities/link_identity", SignedIn),
    ("app/pages/account/identities/unlink_identity", SignedIn),
    ("app/pages/keys/actions/create_key", SignedIn),
    ("app/pages/keys/actions/revoke_key", SignedIn),
    ("app/pages/connect/actions/approve_connection", SignedIn),
    ("app/pages/connect/actions/deny_connection", SignedIn),
    ("app/pages/playground/once/ask_once", SignedIn),
    (QUESTION, SignedIn),
    ("app/islands/playground/ask/stop", SignedIn),
    ("app/pages/providers/actions/create_provider", Admin),
    ("app/pages/providers/actions/update_provider", Admin),
    ("app/pages/providers/actions/switch_provider", Admin),
    ("app/pages/providers/actions/move_provider", Admin),
    ("app/pages/providers/actions/delete_provider", Admin),
    ("app/pages/providers/credential_actions/add_credential", Admin),
    ("app/pages/providers/credential_actions/test_credential", Admin),
    ("app/pages/providers/credential_actions/switch_credential", Admin),
    ("app/pages/providers/credential_actions/delete_credential", Admin),
    ("app/pages/models/actions/add_model", Admin),
    ("app/pages/models/actions/switch_model", Admin),
    ("app/pages/models/actions/switch_models", Admin),
    ("app/pages/models/actions/delete_model", Admin),
    ("app/pages/models/actions/refresh_models", Admin),
    ("app/pages/credits/actions/grant_credit", Admin),
    ("app/pages/credits/actions/adjust_credit", Admin),
    ("app/pages/credits/actions/extend_lot", Admin),
    ("app/pages/credits/actions/void_lot", Admin),
    ("app/pages/credits/actions/set_account_status", Admin),
    ("app/pages/credits/actions/correct_call", Admin),
    ("app/pages/books/actions/check_books", Admin),
    ("app/pages/prices/actions/publish_price", Admin),
    ("app/pages/prices/context_size/set_context", Admin),
    ("app/pages/settings/actions/save_mode", Admin),
    ("app/pages/settings/actions/save_settings", Admin),
    ("app/pages/settings/actions/save_sign_in", Admin),
    ("app/pages/identity_providers/actions/create_identity_provider", Admin),
    ("app/pages/identity_providers/actions/update_identity_provider", Admin),
    ("app/pages/identity_providers/actions/test_identity_provider", Admin),
    ("app/pages/identity_providers/actions/switch_identity_provider", Admin),
    ("app/pages/identity_providers/actions/delete_identity_provider", Admin),
    ("app/pages/users/actions/create_user", Admin),
    ("app/pages/users/actions/set_user_role", Admin),
    ("app/pages/users/actions/suspend_user", Admin),
    ("app/pages/users/actions/set_user_password", Admin),
    ("app/pages/users/actions/revoke_user_key", Admin),
];

/// Every file that is made for whoever asks, as `download` declares it.
pub const DOWNLOADS: [(&str, Authority); 2] = [(download::OWN, SignedIn), (download::OF_USER, Admin)];

/// Where identity providers send browsers back to, as `identity` declares it: who comes is nobody yet.
pub const RETURNS: [(&str, Authority); 1] = [(identity::CALLBACK, Public)];

/// Where server functions live.
pub const FUNCTIONS_AT: &str = "/do/";

/// What a route of the console demands.
#[must_use]
pub fn demanded(route: &str) -> Authority {
    let (list, name) = match route.strip_prefix(FUNCTIONS_AT) {
        Some(function) => (&FUNCTIONS[..], function),
        None => (&PAGES[..], route),
    };
    let listed = list
        .iter()
        .chain(&DOWNLOADS)
        .chain(&RETURNS)
        .find(|(listed, _)| *listed == name);
    listed.map_or(Admin, |(_, authority)| *authority)
}

/// Whether a path names a server function, which answers programs as well as browsers.
#[must_use]
pub fn is_function(path: &str) -> bool {
    path.starts_with(FUNCTIONS_AT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_listed_is_for_admins() {
        assert_eq!(demanded("/"), SignedIn);
        assert_eq!(demanded("/sign-in"), Public);
        assert_eq!(demanded("/sign-in/as"), Admin);
        assert_eq!(demanded("/keys/key_1/created"), Admin, "an address is no route");
        assert_eq!(demanded("/do/app/pages/users/actions/sign_in"), Admin);
        assert_eq!(demanded("/do/whatever"), Admin);
        assert_eq!(demanded(download::OWN), SignedIn);
        assert_eq!(demanded(download::OF_USER), Admin);
    }
}

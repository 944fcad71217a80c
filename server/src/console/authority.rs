//! Who may come to which page and server function: one line each, found by the route that matched and never by how an
//! address looks. What is not listed is for admins, and a test finds it.
//!
//! This is the outer fence, which `visit` keeps. Within, every page and function asks again, as holding a `Viewer` or a
//! witness such as `Admin` is what its use-cases demand. `routes/tests/authority.rs` walks every route against every role.

use super::{download, identity};
use crate::authority::Authority::{self, Admin, Caller, Money, MoneyReader, Owner, Public, Reader, SignedIn};

/// Every page, as `app::pages` declares it.
pub const PAGES: [(&str, Authority); 59] = [
    ("/setup", Public),
    ("/sign-in", Public),
    ("/forgot", Public),
    ("/reset", Public),
    ("/register", Public),
    ("/register/complete", Public),
    ("/confirm", Public),
    ("/invite", Public),
    ("/welcome", Caller),
    ("/", SignedIn),
    ("/account", SignedIn),
    ("/search", SignedIn),
    ("/providers", Reader),
    ("/providers/new", Admin),
    ("/providers/{id}", Reader),
    ("/providers/{id}/edit", Admin),
    ("/providers/{id}/delete", Admin),
    ("/providers/{id}/credentials/{credential}/delete", Admin),
    ("/models", Reader),
    ("/prices", MoneyReader),
    ("/prices/{id}", MoneyReader),
    ("/pricing", Public),
    ("/keys", SignedIn),
    ("/keys/new", Caller),
    ("/keys/{id}/created", Caller),
    ("/keys/{id}", SignedIn),
    ("/keys/{id}/revoke", Caller),
    ("/keys/{id}/delete", Caller),
    ("/projects", SignedIn),
    ("/projects/new", Admin),
    ("/projects/{id}", SignedIn),
    // Whoever keeps the project; the page asks which.
    ("/projects/{id}/edit", Caller),
    ("/projects/{id}/archive", Admin),
    ("/limits/{kind}/{id}", SignedIn),
    ("/connect", Caller),
    ("/calls", SignedIn),
    ("/calls/{id}", SignedIn),
    ("/credits", SignedIn),
    ("/users", MoneyReader),
    ("/users/new", Admin),
    ("/users/{id}", MoneyReader),
    ("/users/{id}/delete", Admin),
    ("/users/{id}/credits", MoneyReader),
    ("/users/{id}/credits/grant", Money),
    ("/users/{id}/credits/adjust", Money),
    ("/users/{id}/credits/lots/{lot}", MoneyReader),
    ("/invitations", Reader),
    ("/invitations/new", Admin),
    ("/invitations/{id}", Reader),
    ("/settings", MoneyReader),
    ("/settings/mail", Reader),
    ("/settings/change/{name}", Money),
    ("/identity-providers", Reader),
    ("/identity-providers/new", Admin),
    ("/identity-providers/{slug}/edit", Reader),
    ("/identity-providers/{slug}/delete", Admin),
    ("/books", MoneyReader),
    ("/audit", Reader),
    ("/playground", Caller),
];

/// The server function that asks a model, whose questions take files along.
pub const QUESTION: &str = "app/islands/playground/ask/ask";

/// The one that asks a model without scripts.
pub const QUESTION_ONCE: &str = "app/pages/playground/once/ask_once";

/// The server function that leaves the view of somebody else: the one thing that can be done in it.
pub const LEAVE_VIEW: &str = "app/pages/users/viewing/leave_view";

/// Every server function: its path after [`FUNCTIONS_AT`], which is its module and its name.
pub const FUNCTIONS: [(&str, Authority); 92] = [
    // What strangers may do: become somebody, leave, and choose how the sign-in page looks.
    ("app/pages/gate/setup/complete_setup", Public),
    ("app/pages/gate/sign_in/sign_in", Public),
    ("app/pages/gate/providers/begin_sign_in", Public),
    ("app/pages/gate/reset/ask_reset", Public),
    ("app/pages/gate/reset/reset_password", Public),
    ("app/pages/gate/register/ask_register", Public),
    ("app/pages/gate/register/complete_register", Public),
    ("app/pages/gate/confirm/confirm_address", Public),
    ("app/pages/gate/invite/accept_invitation", Public),
    ("app/pages/gate/invite/begin_accept", Public),
    ("app/pages/account/actions/sign_out", Public),
    ("app/pages/account/actions/set_language", Public),
    ("app/pages/account/actions/set_theme", Public),
    ("app/pages/account/actions/change_password", SignedIn),
    ("app/pages/account/actions/end_session", SignedIn),
    ("app/pages/account/actions/end_other_sessions", SignedIn),
    ("app/pages/account/actions/end_all_sessions", SignedIn),
    ("app/pages/account/address/verify_address", SignedIn),
    ("app/pages/account/address/change_address", SignedIn),
    ("app/pages/account/identities/link_identity", SignedIn),
    ("app/pages/account/identities/unlink_identity", SignedIn),
    ("app/pages/keys/actions/create_key", Caller),
    ("app/pages/keys/actions/save_key", Caller),
    ("app/pages/keys/actions/rotate_key", Caller),
    ("app/pages/keys/actions/switch_key", Caller),
    ("app/pages/keys/actions/revoke_key", Caller),
    ("app/pages/keys/actions/delete_key", Caller),
    ("app/pages/projects/actions/create_project", Admin),
    ("app/pages/projects/actions/save_project", Caller),
    ("app/pages/projects/actions/name_payer", Money),
    ("app/pages/projects/actions/withdraw_payer", SignedIn),
    ("app/pages/projects/actions/archive_project", Admin),
    ("app/pages/projects/actions/add_member", Caller),
    ("app/pages/projects/actions/set_member_role", Caller),
    ("app/pages/projects/actions/remove_member", Caller),
    ("app/pages/projects/actions/add_application", Admin),
    ("app/pages/projects/actions/remove_application", Caller),
    // One's own; of others for whoever keeps money, which the function asks.
    ("app/pages/account/zone/set_time_zone", Caller),
    ("app/pages/limits/actions/set_limit", Caller),
    ("app/pages/limits/actions/remove_limit", Caller),
    ("app/pages/connect/actions/approve_connection", Caller),
    ("app/pages/connect/actions/deny_connection", Caller),
    (QUESTION_ONCE, Caller),
    (QUESTION, Caller),
    ("app/islands/playground/ask/stop", Caller),
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
    ("app/pages/credits/actions/grant_credit", Money),
    ("app/pages/credits/actions/adjust_credit", Money),
    ("app/pages/credits/actions/extend_lot", Money),
    ("app/pages/credits/actions/void_lot", Money),
    ("app/pages/credits/actions/set_account_status", Money),
    ("app/pages/credits/actions/correct_call", Money),
    ("app/pages/books/actions/check_books", Money),
    ("app/islands/price/past/price_past", MoneyReader),
    ("app/pages/prices/actions/publish_price", Money),
    ("app/pages/prices/context_size/set_context", Admin),
    ("app/pages/settings/actions/save_setting", Money),
    ("app/islands/palette/find/find", SignedIn),
    ("app/pages/identity_providers/actions/create_identity_provider", Admin),
    ("app/pages/identity_providers/actions/update_identity_provider", Admin),
    ("app/pages/identity_providers/actions/test_identity_provider", Admin),
    ("app/pages/identity_providers/actions/switch_identity_provider", Admin),
    ("app/pages/identity_providers/actions/delete_identity_provider", Admin),
    ("app/pages/mail/actions/save_mail", Owner),
    ("app/pages/mail/actions/forget_mail", Owner),
    ("app/pages/mail/actions/test_mail", Admin),
    ("app/pages/mail/actions/mail_again", Owner),
    ("app/pages/invitations/actions/create_invitation", Admin),
    ("app/pages/invitations/actions/resend_invitation", Admin),
    ("app/pages/invitations/actions/revoke_invitation", Admin),
    ("app/pages/users/actions/create_user", Admin),
    ("app/pages/users/actions/set_user_role", Admin),
    ("app/pages/users/actions/suspend_user", Admin),
    ("app/pages/users/actions/set_user_password", Admin),
    ("app/pages/users/actions/set_user_name", Admin),
    ("app/pages/users/actions/delete_user", Admin),
    ("app/pages/users/actions/revoke_user_key", Admin),
    ("app/pages/users/viewing/view_as", Admin),
    (LEAVE_VIEW, SignedIn),
];

/// Every file that is made for whoever asks, as `download` declares it.
pub const DOWNLOADS: [(&str, Authority); 3] = [
    (download::OWN, SignedIn),
    (download::OF_USER, MoneyReader),
    (download::AUDIT, Reader),
];

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

/// Whether a route is the one function that a session may call which looks as somebody else.
#[must_use]
pub fn leaves_a_view(route: &str) -> bool {
    route.strip_prefix(FUNCTIONS_AT) == Some(LEAVE_VIEW)
}

/// Whether identity providers send browsers back to this route.
#[must_use]
pub fn is_a_return(route: &str) -> bool {
    RETURNS.iter().any(|(listed, _)| *listed == route)
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
        assert_eq!(demanded(download::OF_USER), MoneyReader);
    }
}

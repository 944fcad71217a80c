//! Whatever the console changes can be done by the admin API, too: each server function and each file with the route that does the
//! same, or why there is none.

use super::*;

/// Why a function has no route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Alone {
    /// It lets somebody in, or proves who they are; there is no key before that.
    Door,
    /// It concerns the browser's own session, or what its person must prove again (a password, a mail, a provider).
    Session,
    /// It calls a model, which is done by the routes of calls.
    Call,
    /// It changes nothing.
    Reads,
}
use Alone::{Call, Door, Reads, Session};

/// The method and path of a route, or why there is none.
type Counterpart = Result<(&'static str, &'static str), Alone>;

/// Each function, by its module and name, and what does the same.
const FUNCTIONS_OF_API: [(&str, Counterpart); 92] = [
    ("gate/setup/complete_setup", Err(Door)),
    ("gate/sign_in/sign_in", Err(Door)),
    ("gate/providers/begin_sign_in", Err(Door)),
    ("gate/reset/ask_reset", Err(Door)),
    ("gate/reset/reset_password", Err(Door)),
    ("gate/register/ask_register", Err(Door)),
    ("gate/register/complete_register", Err(Door)),
    ("gate/confirm/confirm_address", Err(Door)),
    ("gate/invite/accept_invitation", Err(Door)),
    ("gate/invite/begin_accept", Err(Door)),
    ("account/actions/sign_out", Err(Session)),
    ("account/actions/set_language", Err(Session)),
    ("account/actions/set_theme", Err(Session)),
    ("account/actions/change_password", Err(Session)),
    ("account/actions/end_session", Err(Session)),
    ("account/actions/end_other_sessions", Err(Session)),
    ("account/actions/end_all_sessions", Ok(("POST", "/users/{id}/sign-out"))),
    ("account/address/verify_address", Err(Session)),
    ("account/address/change_address", Err(Session)),
    ("account/identities/link_identity", Err(Session)),
    ("account/identities/unlink_identity", Err(Session)),
    ("keys/actions/create_key", Ok(("POST", "/users/{id}/keys"))),
    ("keys/actions/save_key", Ok(("PATCH", "/keys/{id}"))),
    ("keys/actions/rotate_key", Ok(("POST", "/keys/{id}/rotate"))),
    ("keys/actions/switch_key", Ok(("PATCH", "/keys/{id}"))),
    ("keys/actions/revoke_key", Ok(("POST", "/keys/{id}/revoke"))),
    ("keys/actions/delete_key", Ok(("DELETE", "/keys/{id}"))),
    ("projects/actions/create_project", Ok(("POST", "/projects"))),
    ("projects/actions/save_project", Ok(("PATCH", "/projects/{id}"))),
    ("projects/actions/name_payer", Ok(("PATCH", "/projects/{id}"))),
    (
        "projects/actions/withdraw_payer",
        Ok(("DELETE", "/projects/{id}/payer")),
    ),
    ("projects/actions/archive_project", Ok(("DELETE", "/projects/{id}"))),
    (
        "projects/actions/add_member",
        Ok(("PUT", "/projects/{id}/members/{user}")),
    ),
    (
        "projects/actions/set_member_role",
        Ok(("PUT", "/projects/{id}/members/{user}")),
    ),
    (
        "projects/actions/remove_member",
        Ok(("DELETE", "/projects/{id}/members/{user}")),
    ),
    (
        "projects/actions/add_application",
        Ok(("POST", "/projects/{id}/applications")),
    ),
    (
        "projects/actions/remove_application",
        Ok(("DELETE", "/projects/{id}/applications/{application}")),
    ),
    ("account/zone/set_time_zone", Ok(("PATCH", "/users/{id}"))),
    ("limits/actions/set_limit", Ok(("PUT", "/limits"))),
    ("limits/actions/remove_limit", Ok(("DELETE", "/limits/{id}"))),
    // A program is let in by whoever sits before it.
    ("connect/actions/approve_connection", Err(Session)),
    ("connect/actions/deny_connection", Err(Session)),
    ("playground/once/ask_once", Err(Call)),
    ("islands/playground/ask/ask", Err(Call)),
    // Who calls by a key stops by leaving.
    ("islands/playground/ask/stop", Err(Call)),
    ("providers/actions/create_provider", Ok(("POST", "/providers"))),
    ("providers/actions/update_provider", Ok(("PATCH", "/providers/{id}"))),
    ("providers/actions/switch_provider", Ok(("PATCH", "/providers/{id}"))),
    ("providers/actions/move_provider", Ok(("PATCH", "/providers/{id}"))),
    ("providers/actions/delete_provider", Ok(("DELETE", "/providers/{id}"))),
    (
        "providers/credential_actions/add_credential",
        Ok(("POST", "/providers/{id}/credentials")),
    ),
    (
        "providers/credential_actions/test_credential",
        Ok(("POST", "/providers/{id}/credentials/{credential}/test")),
    ),
    (
        "providers/credential_actions/switch_credential",
        Ok(("PATCH", "/providers/{id}/credentials/{credential}")),
    ),
    (
        "providers/credential_actions/delete_credential",
        Ok(("DELETE", "/providers/{id}/credentials/{credential}")),
    ),
    ("models/actions/add_model", Ok(("POST", "/providers/{id}/models"))),
    ("models/actions/switch_model", Ok(("PATCH", "/models/{id}"))),
    ("models/actions/switch_models", Ok(("PATCH", "/providers/{id}/models"))),
    ("models/actions/delete_model", Ok(("DELETE", "/models/{id}"))),
    (
        "models/actions/refresh_models",
        Ok(("POST", "/providers/{id}/models/refresh")),
    ),
    (
        "credits/actions/grant_credit",
        Ok(("POST", "/users/{id}/credits/grants")),
    ),
    (
        "credits/actions/adjust_credit",
        Ok(("POST", "/users/{id}/credits/adjustments")),
    ),
    (
        "credits/actions/extend_lot",
        Ok(("PATCH", "/users/{id}/credits/lots/{lot}")),
    ),
    (
        "credits/actions/void_lot",
        Ok(("POST", "/users/{id}/credits/lots/{lot}/void")),
    ),
    (
        "credits/actions/set_account_status",
        Ok(("PUT", "/users/{id}/credits/status")),
    ),
    ("credits/actions/correct_call", Ok(("POST", "/calls/{id}/corrections"))),
    ("books/actions/check_books", Ok(("POST", "/books/checks"))),
    (
        "islands/price/past/price_past",
        Ok(("POST", "/models/{id}/price/effect")),
    ),
    (
        "prices/actions/publish_price",
        Ok(("POST", "/models/{id}/price/versions")),
    ),
    ("prices/context_size/set_context", Ok(("PATCH", "/models/{id}"))),
    ("settings/actions/save_setting", Ok(("PATCH", "/settings/{name}"))),
    ("islands/palette/find/find", Err(Reads)),
    (
        "identity_providers/actions/create_identity_provider",
        Ok(("POST", "/identity-providers")),
    ),
    (
        "identity_providers/actions/update_identity_provider",
        Ok(("PATCH", "/identity-providers/{slug}")),
    ),
    (
        "identity_providers/actions/test_identity_provider",
        Ok(("POST", "/identity-providers/{slug}/test")),
    ),
    (
        "identity_providers/actions/switch_identity_provider",
        Ok(("PATCH", "/identity-providers/{slug}")),
    ),
    (
        "identity_providers/actions/delete_identity_provider",
        Ok(("DELETE", "/identity-providers/{slug}")),
    ),
    ("mail/actions/save_mail", Ok(("PUT", "/mail"))),
    ("mail/actions/forget_mail", Ok(("DELETE", "/mail"))),
    ("mail/actions/test_mail", Ok(("POST", "/mail/test"))),
    ("mail/actions/mail_again", Ok(("POST", "/mail/outbox/{id}/retry"))),
    ("invitations/actions/create_invitation", Ok(("POST", "/invitations"))),
    (
        "invitations/actions/resend_invitation",
        Ok(("POST", "/invitations/{id}/resend")),
    ),
    (
        "invitations/actions/revoke_invitation",
        Ok(("POST", "/invitations/{id}/revoke")),
    ),
    ("users/actions/create_user", Ok(("POST", "/users"))),
    ("users/actions/set_user_role", Ok(("PATCH", "/users/{id}"))),
    ("users/actions/suspend_user", Ok(("PATCH", "/users/{id}"))),
    ("users/actions/set_user_password", Ok(("PUT", "/users/{id}/password"))),
    ("users/actions/set_user_name", Ok(("PATCH", "/users/{id}"))),
    ("users/actions/delete_user", Ok(("DELETE", "/users/{id}"))),
    ("users/actions/revoke_user_key", Ok(("POST", "/keys/{id}/revoke"))),
    ("users/viewing/view_as", Err(Session)),
    ("users/viewing/leave_view", Err(Session)),
];

/// Each file.
const FILES_OF_API: [(&str, &str); 3] = [
    ("/credits/ledger.csv", "/users/{id}/credits/ledger.csv"),
    ("/users/{id}/credits/ledger.csv", "/users/{id}/credits/ledger.csv"),
    ("/audit/audit.csv", "/audit.csv"),
];

fn short(function: &str) -> &str {
    let within = function.strip_prefix("app/").unwrap_or(function);
    within.strip_prefix("pages/").unwrap_or(within)
}

#[test]
fn whatever_the_console_changes_the_admin_api_changes_too() {
    let doors = crate::routes::admin::doors();
    let there = |method: &str, below: &str| {
        let is_it = |door: &crate::routes::Door| {
            door.method.as_str() == method && door.path.strip_prefix("/api/admin") == Some(below)
        };
        assert!(doors.iter().any(is_it), "{method} {below}");
    };
    // Asked of the router: a new function is found here.
    let mut there_are: Vec<String> = server_fn_paths()
        .map(|(path, _)| short(path.strip_prefix(FUNCTIONS_AT).unwrap()).to_owned())
        .collect();
    there_are.sort();
    let mut listed: Vec<&str> = FUNCTIONS_OF_API.iter().map(|(function, _)| *function).collect();
    listed.sort_unstable();
    assert_eq!(listed, there_are);
    for (function, counterpart) in FUNCTIONS_OF_API {
        match counterpart {
            Ok((method, below)) => there(method, below),
            // What is for admins alone is no matter of a session, but that one looks as somebody else.
            Err(why) => {
                let full = FUNCTIONS.iter().find(|(full, _)| short(full) == function).unwrap();
                let of_all = ["Public", "SignedIn", "Caller"].contains(&format!("{:?}", full.1).as_str());
                assert!(of_all || function == "users/viewing/view_as", "{function}: {why:?}");
            }
        }
    }
    for ((file, _), (listed, below)) in DOWNLOADS.iter().zip(FILES_OF_API) {
        assert_eq!(*file, listed);
        there("GET", below);
    }
}

//! What is tried with somebody else's things is held against the router: each route that names a thing, and each server function
//! that a member may call, is tried by `foreign.rs`, or a list here says why nobody else's thing can be named by it.

use std::collections::BTreeSet;

use super::{
    table::{FOREIGN, FOREIGN_DOORS},
    *,
};

/// Pages that name a thing of the hub's, which no tenant has: nobody comes there who is a member and no more.
const OF_THE_HUB: [&str; 8] = [
    "/identity-providers/{slug}/delete",
    "/identity-providers/{slug}/edit",
    "/invitations/{id}",
    "/providers/{id}",
    "/providers/{id}/credentials/{credential}/delete",
    "/providers/{id}/delete",
    "/providers/{id}/edit",
    "/settings/change/{name}",
];

/// Routes that name what is there for everybody who may come.
const OF_EVERYBODY: [&str; 7] = [
    "/pkg/{*path}",
    "/logos/{*path}",
    "/fonts/{*path}",
    "/v1/models/{*id}",
    "/api/ai/{id}/model-rates",
    "/api/ai-providers/{id}/model-rates",
    // Who comes back proves it by what their own browser keeps.
    "/sign-in/{provider}/callback",
];

/// Server functions for members that name no thing which somebody else could have: they act on whoever asks, or take a token
/// that only its program knows.
const OWN: [&str; 12] = [
    "approve_connection",
    "ask",
    "ask_once",
    "change_address",
    "change_password",
    "deny_connection",
    "end_all_sessions",
    "end_other_sessions",
    "find",
    "leave_view",
    "link_identity",
    "verify_address",
];

/// Those that need an identity provider to be tried: in `tests/sdk/identity.test.mjs`.
const ELSEWHERE: [&str; 1] = ["unlink_identity"];

/// What another member's browser sends about a tenant's things: the function and its form.
pub(super) const TRIED: [(&str, &str); 21] = [
    ("app/pages/keys/actions/create_key", "name=mine&project={project}"),
    ("app/pages/keys/actions/revoke_key", "id={key}"),
    (
        "app/pages/keys/actions/save_key",
        "id={key}&name=mine&expires=7d&usage=true",
    ),
    ("app/pages/keys/actions/rotate_key", "id={key}&overlap=0"),
    ("app/pages/keys/actions/switch_key", "id={key}&disabled=true"),
    ("app/pages/keys/actions/delete_key", "id={key}&typed=demo"),
    (
        "app/pages/projects/actions/save_project",
        "id={project}&name=mine&payer={email}",
    ),
    (
        "app/pages/projects/actions/archive_project",
        "id={project}&typed=Theirs",
    ),
    (
        "app/pages/projects/actions/add_member",
        "id={project}&email={email}&role=admin",
    ),
    (
        "app/pages/projects/actions/set_member_role",
        "id={project}&user={user}&role=reader",
    ),
    ("app/pages/projects/actions/remove_member", "id={project}&user={user}"),
    (
        "app/pages/projects/actions/add_application",
        "id={project}&application=x&pays=true",
    ),
    (
        "app/pages/projects/actions/remove_application",
        "id={project}&application=theirs",
    ),
    ("app/pages/projects/actions/withdraw_payer", "id={project}"),
    ("app/pages/account/actions/end_session", "id={session}"),
    ("app/pages/account/zone/set_time_zone", "user={user}&zone=Europe/Berlin"),
    (
        "app/pages/limits/actions/set_limit",
        "subject={key}&measure=requests&window=day&most=0",
    ),
    (
        "app/pages/limits/actions/set_limit",
        "subject={user}&measure=requests&window=day&most=0",
    ),
    ("app/pages/limits/actions/remove_limit", "id={limit}&subject={key}"),
    // As if it were one's own.
    ("app/pages/limits/actions/remove_limit", "id={limit}&subject={user}"),
    ("app/islands/playground/ask/stop", "call={call}"),
];

/// Whether an address that is tried is one of this route: a part in braces may be anything.
fn is_of(route: &str, tried: &str) -> bool {
    let tried: Vec<_> = tried.split('?').next().unwrap_or_default().split('/').collect();
    let route: Vec<_> = route.split('/').collect();
    let fits = |(part, tried): (&&str, &&str)| part == tried || part.starts_with('{');
    route.len() == tried.len() && route.iter().zip(&tried).all(fits)
}

#[test]
fn every_route_that_names_a_thing_is_tried_with_somebody_elses() {
    let routes: Vec<_> = everything().into_iter().map(|(path, _)| path).collect();
    // Those of the admin API stand in the table of `managers.rs`, which lets no member in.
    let naming = |path: &&String| path.contains('{') && !path.starts_with("/api/admin/");
    let tried: Vec<_> = FOREIGN.iter().chain(&FOREIGN_DOORS).map(|(path, _)| *path).collect();
    for path in routes.iter().filter(naming) {
        let listed = [
            tried.iter().any(|tried| tried.contains('{') && is_of(path, tried)),
            OF_THE_HUB.contains(&path.as_str()),
            OF_EVERYBODY.contains(&path.as_str()),
        ];
        let lists = listed.iter().filter(|stands| **stands).count();
        assert_eq!(
            lists, 1,
            "{path} must stand in FOREIGN, or say why nobody's thing is named by it"
        );
    }
    for page in OF_THE_HUB {
        assert!(
            !expected(&table::PAGES, page, PEOPLE.len())[1],
            "members come to {page}"
        );
    }
    for listed in tried.iter().chain(&OF_THE_HUB).chain(&OF_EVERYBODY) {
        assert!(routes.iter().any(|route| is_of(route, listed)), "there is no {listed}");
    }
}

#[test]
fn every_function_for_members_is_tried_on_somebody_elses_things_or_names_none() {
    let for_members = table::FUNCTIONS.iter().filter(|(_, marks)| marks.starts_with("-+"));
    let mut seen = 0;
    for (name, _) in for_members {
        let tried = TRIED
            .iter()
            .any(|(function, _)| function.rsplit('/').next() == Some(*name));
        let listed = [tried, OWN.contains(name), ELSEWHERE.contains(name)];
        let lists = listed.iter().filter(|stands| **stands).count();
        assert_eq!(lists, 1, "{name} must be tried, or say why it names nobody's thing");
        seen += 1;
    }
    // `add_application` and `archive_project` are for admins, and tried all the same.
    let functions: BTreeSet<_> = TRIED.iter().map(|(function, _)| function).collect();
    assert_eq!(seen, functions.len() - 2 + OWN.len() + ELSEWHERE.len());
}

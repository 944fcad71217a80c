//! The doors of `/api/admin`. What each demands of its caller stands in the signature of its handler (`admin::By`), and nowhere else: a door
//! reads it there (`admin::Asks`), and from the door the document and the tests have it.

use axum::{
    handler::Handler,
    routing::{MethodFilter, on},
};
use http::Method;

use super::Door;
use crate::{
    admin::{
        Asks, audit, books, calls, credentials, credits, identity_providers, invitations, keys, limits, mail, models,
        prices, projects, providers, settings, users,
    },
    contract::{Book, Operation},
    state::HubState,
};

/// A door for keys that may manage, of whoever has what the handler asks for.
fn door<T: Asks + 'static>(
    filter: MethodFilter,
    method: Method,
    path: &'static str,
    handler: impl Handler<T, HubState>,
    describe: impl Fn(&mut Book) -> Operation + 'static,
) -> Door {
    Door::told(method, path, T::AUTHORITY, on(filter, handler), describe)
}

/// One function for each method.
macro_rules! methods {
    ($($name:ident = $method:ident;)+) => {$(
        fn $name<T: Asks + 'static>(
            path: &'static str,
            handler: impl Handler<T, HubState>,
            describe: impl Fn(&mut Book) -> Operation + 'static,
        ) -> Door {
            door(MethodFilter::$method, Method::$method, path, handler, describe)
        }
    )+};
}

methods! {
    get = GET;
    post = POST;
    put = PUT;
    patch = PATCH;
    delete = DELETE;
}

/// All of them.
pub(super) fn doors() -> Vec<Door> {
    [people(), invitations(), limits(), upstreams(), money(), hub(), mail()]
        .into_iter()
        .flatten()
        .collect()
}

fn people() -> Vec<Door> {
    use {keys as k, projects as p, users as u};
    const MEMBER: &str = "/api/admin/projects/{id}/members/{user}";
    const APPLICATION: &str = "/api/admin/projects/{id}/applications/{application}";
    vec![
        get("/api/admin/users", u::list, u::list_described),
        post("/api/admin/users", u::create, u::create_described),
        get("/api/admin/users/{id}", u::show, u::show_described),
        patch("/api/admin/users/{id}", u::update, u::update_described),
        delete("/api/admin/users/{id}", u::delete, u::delete_described),
        put(
            "/api/admin/users/{id}/password",
            u::set_password,
            u::set_password_described,
        ),
        post("/api/admin/users/{id}/sign-out", u::sign_out, u::sign_out_described),
        post("/api/admin/users/{id}/keys", k::create, k::create_described),
        get("/api/admin/keys", k::list, k::list_described),
        get("/api/admin/keys/{id}", k::show, k::show_described),
        patch("/api/admin/keys/{id}", k::update, k::update_described),
        delete("/api/admin/keys/{id}", k::delete, k::delete_described),
        post("/api/admin/keys/{id}/rotate", k::rotate, k::rotate_described),
        post("/api/admin/keys/{id}/revoke", k::revoke, k::revoke_described),
        get("/api/admin/projects", p::list, p::list_described),
        post("/api/admin/projects", p::create, p::create_described),
        get("/api/admin/projects/{id}", p::show, p::show_described),
        patch("/api/admin/projects/{id}", p::update, p::update_described),
        delete("/api/admin/projects/{id}", p::archive, p::archive_described),
        delete(
            "/api/admin/projects/{id}/payer",
            p::withdraw_payer,
            p::withdraw_payer_described,
        ),
        put(MEMBER, p::set_member, p::set_member_described),
        delete(MEMBER, p::remove_member, p::remove_member_described),
        post(
            "/api/admin/projects/{id}/applications",
            p::add_application,
            p::add_application_described,
        ),
        delete(APPLICATION, p::remove_application, p::remove_application_described),
    ]
}

fn invitations() -> Vec<Door> {
    use invitations as i;
    const RESEND: &str = "/api/admin/invitations/{id}/resend";
    const REVOKE: &str = "/api/admin/invitations/{id}/revoke";
    vec![
        get("/api/admin/invitations", i::list, i::list_described),
        post("/api/admin/invitations", i::create, i::create_described),
        get("/api/admin/invitations/{id}", i::show, i::show_described),
        post(RESEND, i::resend, i::resend_described),
        post(REVOKE, i::revoke, i::revoke_described),
    ]
}

fn limits() -> Vec<Door> {
    use limits as l;
    vec![
        get("/api/admin/limits", l::list, l::list_described),
        put("/api/admin/limits", l::set, l::set_described),
        delete("/api/admin/limits/{id}", l::remove, l::remove_described),
    ]
}

fn upstreams() -> Vec<Door> {
    use {credentials as c, models as m, providers as p};
    const CREDENTIAL: &str = "/api/admin/providers/{id}/credentials/{credential}";
    const TEST: &str = "/api/admin/providers/{id}/credentials/{credential}/test";
    vec![
        get("/api/admin/providers", p::list, p::list_described),
        post("/api/admin/providers", p::create, p::create_described),
        get("/api/admin/providers/{id}", p::show, p::show_described),
        patch("/api/admin/providers/{id}", p::update, p::update_described),
        delete("/api/admin/providers/{id}", p::delete, p::delete_described),
        post("/api/admin/providers/{id}/test", p::test, p::test_described),
        post("/api/admin/providers/{id}/credentials", c::create, c::create_described),
        patch(CREDENTIAL, c::update, c::update_described),
        delete(CREDENTIAL, c::delete, c::delete_described),
        post(TEST, c::test, c::test_described),
        post("/api/admin/providers/{id}/models", m::create, m::create_described),
        patch(
            "/api/admin/providers/{id}/models",
            m::update_all,
            m::update_all_described,
        ),
        post(
            "/api/admin/providers/{id}/models/refresh",
            m::refresh,
            m::refresh_described,
        ),
        get("/api/admin/models", m::list, m::list_described),
        get("/api/admin/models/{id}", m::show, m::show_described),
        patch("/api/admin/models/{id}", m::update, m::update_described),
        delete("/api/admin/models/{id}", m::delete, m::delete_described),
    ]
}

fn money() -> Vec<Door> {
    use {books as b, calls as l, credits as r, credits::change as g, credits::service as v, prices as p};
    const VERSIONS: &str = "/api/admin/models/{id}/price/versions";
    const LOT: &str = "/api/admin/users/{id}/credits/lots/{lot}";
    const VOID: &str = "/api/admin/users/{id}/credits/lots/{lot}/void";
    vec![
        get("/api/admin/prices", p::list, p::list_described),
        get("/api/admin/models/{id}/price", p::show, p::show_described),
        get(VERSIONS, p::history, p::history_described),
        post(VERSIONS, p::publish, p::publish_described),
        post(
            "/api/admin/models/{id}/price/effect",
            p::effect::effect,
            p::effect::effect_described,
        ),
        get("/api/admin/users/{id}/credits", r::show, r::show_described),
        get("/api/admin/users/{id}/credits/ledger", r::ledger, r::ledger_described),
        get("/api/admin/users/{id}/credits/ledger.csv", r::file, r::file_described),
        post(
            "/api/admin/users/{id}/credits/return-to-service",
            v::lift,
            v::lift_described,
        ),
        post("/api/admin/users/{id}/credits/grants", g::grant, g::grant_described),
        post(
            "/api/admin/users/{id}/credits/adjustments",
            g::adjust,
            g::adjust_described,
        ),
        post("/api/admin/users/{id}/credits/debits", g::debit, g::debit_described),
        post(
            "/api/admin/users/{id}/credits/write-offs",
            g::write_off,
            g::write_off_described,
        ),
        put(
            "/api/admin/users/{id}/credits/status",
            g::set_status,
            g::set_status_described,
        ),
        patch(LOT, g::extend, g::extend_described),
        post(VOID, g::void, g::void_described),
        get("/api/admin/calls", l::list, l::list_described),
        get("/api/admin/calls/{id}", l::show, l::show_described),
        post("/api/admin/calls/{id}/corrections", g::correct, g::correct_described),
        get("/api/admin/books", b::show, b::show_described),
        post("/api/admin/books/checks", b::check, b::check_described),
    ]
}

fn hub() -> Vec<Door> {
    use {audit as a, identity_providers as i, settings as s};
    vec![
        get("/api/admin/audit", a::list, a::list_described),
        get("/api/admin/audit.csv", a::file, a::file_described),
        get("/api/admin/audit/proof", a::verify, a::verify_described),
        get("/api/admin/settings", s::list, s::list_described),
        get("/api/admin/settings/{name}", s::show, s::show_described),
        patch("/api/admin/settings/{name}", s::update, s::update_described),
        get("/api/admin/identity-providers", i::list, i::list_described),
        post("/api/admin/identity-providers", i::create, i::create_described),
        get("/api/admin/identity-providers/{slug}", i::show, i::show_described),
        patch("/api/admin/identity-providers/{slug}", i::update, i::update_described),
        delete("/api/admin/identity-providers/{slug}", i::delete, i::delete_described),
        post("/api/admin/identity-providers/{slug}/test", i::test, i::test_described),
    ]
}

fn mail() -> Vec<Door> {
    use mail as m;
    const AGAIN: &str = "/api/admin/mail/outbox/{id}/retry";
    vec![
        get("/api/admin/mail", m::show, m::show_described),
        put("/api/admin/mail", m::save, m::save_described),
        delete("/api/admin/mail", m::forget, m::forget_described),
        post("/api/admin/mail/test", m::test, m::test_described),
        get("/api/admin/mail/outbox", m::outbox, m::outbox_described),
        post(AGAIN, m::again, m::again_described),
    ]
}

//! The doors of `/api/admin`, each with what its caller must be able to do. The handler asks for the same proof (`admin::By`); a test
//! holds the two against each other, role by role.

use axum::{
    handler::Handler,
    routing::{MethodFilter, on},
};
use domain::access::Capability::{self, Administer, KeepMoney, Own, ReadAll, ReadMoney};
use http::Method;

use super::Door;
use crate::{
    admin::{
        audit, books, calls, credentials, credits, identity_providers, invitations, keys, limits, mail, models, prices,
        projects, providers, settings, users,
    },
    authority::Authority,
    contract::{Book, Operation},
    state::HubState,
};

/// A door for keys that may manage, of whoever has this capability.
fn door<T: 'static>(
    filter: MethodFilter,
    method: Method,
    path: &'static str,
    demanded: Capability,
    handler: impl Handler<T, HubState>,
    describe: impl Fn(&mut Book) -> Operation + 'static,
) -> Door {
    Door::told(
        method,
        path,
        Authority::Manager(demanded),
        on(filter, handler),
        describe,
    )
}

impl Door {
    /// For keys that nothing ties: what stands behind it lets people in, gives rights, or lifts limits.
    fn freely(mut self) -> Self {
        if let Authority::Manager(demanded) = self.authority {
            self.authority = Authority::FreeManager(demanded);
        }
        self
    }
}

/// One function for each method.
macro_rules! methods {
    ($($name:ident = $method:ident;)+) => {$(
        fn $name<T: 'static>(
            path: &'static str,
            demanded: Capability,
            handler: impl Handler<T, HubState>,
            describe: impl Fn(&mut Book) -> Operation + 'static,
        ) -> Door {
            door(MethodFilter::$method, Method::$method, path, demanded, handler, describe)
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
        get("/api/admin/users", ReadMoney, u::list, u::list_described),
        post("/api/admin/users", Administer, u::create, u::create_described).freely(),
        get("/api/admin/users/{id}", ReadMoney, u::show, u::show_described),
        patch("/api/admin/users/{id}", KeepMoney, u::update, u::update_described).freely(),
        delete("/api/admin/users/{id}", Administer, u::delete, u::delete_described),
        put(
            "/api/admin/users/{id}/password",
            Administer,
            u::set_password,
            u::set_password_described,
        )
        .freely(),
        post(
            "/api/admin/users/{id}/sign-out",
            Administer,
            u::sign_out,
            u::sign_out_described,
        ),
        post("/api/admin/users/{id}/keys", Administer, k::create, k::create_described),
        get("/api/admin/keys", ReadAll, k::list, k::list_described),
        get("/api/admin/keys/{id}", ReadAll, k::show, k::show_described),
        patch("/api/admin/keys/{id}", Administer, k::update, k::update_described),
        delete("/api/admin/keys/{id}", Administer, k::delete, k::delete_described),
        post(
            "/api/admin/keys/{id}/rotate",
            Administer,
            k::rotate,
            k::rotate_described,
        ),
        post(
            "/api/admin/keys/{id}/revoke",
            Administer,
            k::revoke,
            k::revoke_described,
        ),
        get("/api/admin/projects", ReadMoney, p::list, p::list_described),
        post("/api/admin/projects", Administer, p::create, p::create_described).freely(),
        get("/api/admin/projects/{id}", ReadMoney, p::show, p::show_described),
        patch("/api/admin/projects/{id}", KeepMoney, p::update, p::update_described).freely(),
        delete("/api/admin/projects/{id}", Administer, p::archive, p::archive_described),
        delete(
            "/api/admin/projects/{id}/payer",
            KeepMoney,
            p::withdraw_payer,
            p::withdraw_payer_described,
        ),
        put(MEMBER, Administer, p::set_member, p::set_member_described).freely(),
        delete(MEMBER, Administer, p::remove_member, p::remove_member_described),
        post(
            "/api/admin/projects/{id}/applications",
            Administer,
            p::add_application,
            p::add_application_described,
        )
        .freely(),
        delete(
            APPLICATION,
            Administer,
            p::remove_application,
            p::remove_application_described,
        ),
    ]
}

fn invitations() -> Vec<Door> {
    use invitations as i;
    const RESEND: &str = "/api/admin/invitations/{id}/resend";
    const REVOKE: &str = "/api/admin/invitations/{id}/revoke";
    vec![
        get("/api/admin/invitations", ReadAll, i::list, i::list_described),
        post("/api/admin/invitations", Administer, i::create, i::create_described).freely(),
        get("/api/admin/invitations/{id}", ReadAll, i::show, i::show_described),
        post(RESEND, Administer, i::resend, i::resend_described).freely(),
        post(REVOKE, Administer, i::revoke, i::revoke_described),
    ]
}

fn limits() -> Vec<Door> {
    use limits as l;
    vec![
        get("/api/admin/limits", ReadMoney, l::list, l::list_described),
        put("/api/admin/limits", Administer, l::set, l::set_described),
        delete("/api/admin/limits/{id}", Administer, l::remove, l::remove_described),
    ]
}

fn upstreams() -> Vec<Door> {
    use {credentials as c, models as m, providers as p};
    const CREDENTIAL: &str = "/api/admin/providers/{id}/credentials/{credential}";
    const TEST: &str = "/api/admin/providers/{id}/credentials/{credential}/test";
    vec![
        get("/api/admin/providers", ReadAll, p::list, p::list_described),
        post("/api/admin/providers", Administer, p::create, p::create_described),
        get("/api/admin/providers/{id}", ReadAll, p::show, p::show_described),
        patch("/api/admin/providers/{id}", Administer, p::update, p::update_described),
        delete("/api/admin/providers/{id}", Administer, p::delete, p::delete_described).freely(),
        post("/api/admin/providers/{id}/test", Administer, p::test, p::test_described),
        post(
            "/api/admin/providers/{id}/credentials",
            Administer,
            c::create,
            c::create_described,
        ),
        patch(CREDENTIAL, Administer, c::update, c::update_described),
        delete(CREDENTIAL, Administer, c::delete, c::delete_described),
        post(TEST, Administer, c::test, c::test_described),
        post(
            "/api/admin/providers/{id}/models",
            Administer,
            m::create,
            m::create_described,
        ),
        patch(
            "/api/admin/providers/{id}/models",
            Administer,
            m::update_all,
            m::update_all_described,
        ),
        post(
            "/api/admin/providers/{id}/models/refresh",
            Administer,
            m::refresh,
            m::refresh_described,
        ),
        get("/api/admin/models", ReadAll, m::list, m::list_described),
        get("/api/admin/models/{id}", ReadAll, m::show, m::show_described),
        patch("/api/admin/models/{id}", Administer, m::update, m::update_described),
        delete("/api/admin/models/{id}", Administer, m::delete, m::delete_described).freely(),
    ]
}

fn money() -> Vec<Door> {
    use {books as b, calls as l, credits as r, credits::change as g, credits::service as v, prices as p};
    const VERSIONS: &str = "/api/admin/models/{id}/price/versions";
    const LOT: &str = "/api/admin/users/{id}/credits/lots/{lot}";
    const VOID: &str = "/api/admin/users/{id}/credits/lots/{lot}/void";
    vec![
        get("/api/admin/prices", ReadMoney, p::list, p::list_described),
        get("/api/admin/models/{id}/price", ReadMoney, p::show, p::show_described),
        get(VERSIONS, ReadMoney, p::history, p::history_described),
        post(VERSIONS, KeepMoney, p::publish, p::publish_described),
        post(
            "/api/admin/models/{id}/price/effect",
            KeepMoney,
            p::effect::effect,
            p::effect::effect_described,
        ),
        get("/api/admin/users/{id}/credits", ReadMoney, r::show, r::show_described),
        get(
            "/api/admin/users/{id}/credits/ledger",
            ReadMoney,
            r::ledger,
            r::ledger_described,
        ),
        get(
            "/api/admin/users/{id}/credits/ledger.csv",
            ReadMoney,
            r::file,
            r::file_described,
        ),
        post(
            "/api/admin/users/{id}/credits/return-to-service",
            KeepMoney,
            v::lift,
            v::lift_described,
        ),
        post(
            "/api/admin/users/{id}/credits/grants",
            KeepMoney,
            g::grant,
            g::grant_described,
        ),
        post(
            "/api/admin/users/{id}/credits/adjustments",
            KeepMoney,
            g::adjust,
            g::adjust_described,
        ),
        post(
            "/api/admin/users/{id}/credits/debits",
            KeepMoney,
            g::debit,
            g::debit_described,
        ),
        post(
            "/api/admin/users/{id}/credits/write-offs",
            KeepMoney,
            g::write_off,
            g::write_off_described,
        ),
        put(
            "/api/admin/users/{id}/credits/status",
            KeepMoney,
            g::set_status,
            g::set_status_described,
        ),
        patch(LOT, KeepMoney, g::extend, g::extend_described),
        post(VOID, KeepMoney, g::void, g::void_described),
        get("/api/admin/calls", ReadMoney, l::list, l::list_described),
        get("/api/admin/calls/{id}", ReadMoney, l::show, l::show_described),
        post(
            "/api/admin/calls/{id}/corrections",
            KeepMoney,
            g::correct,
            g::correct_described,
        ),
        get("/api/admin/books", ReadMoney, b::show, b::show_described),
        post("/api/admin/books/checks", KeepMoney, b::check, b::check_described),
    ]
}

fn hub() -> Vec<Door> {
    use {audit as a, identity_providers as i, settings as s};
    vec![
        get("/api/admin/audit", ReadAll, a::list, a::list_described),
        get("/api/admin/audit.csv", ReadAll, a::file, a::file_described),
        get("/api/admin/audit/proof", ReadAll, a::verify, a::verify_described),
        get("/api/admin/settings", ReadMoney, s::list, s::list_described),
        get("/api/admin/settings/{name}", ReadMoney, s::show, s::show_described),
        patch("/api/admin/settings/{name}", KeepMoney, s::update, s::update_described),
        get("/api/admin/identity-providers", ReadAll, i::list, i::list_described),
        post(
            "/api/admin/identity-providers",
            Administer,
            i::create,
            i::create_described,
        )
        .freely(),
        get(
            "/api/admin/identity-providers/{slug}",
            ReadAll,
            i::show,
            i::show_described,
        ),
        patch(
            "/api/admin/identity-providers/{slug}",
            Administer,
            i::update,
            i::update_described,
        )
        .freely(),
        delete(
            "/api/admin/identity-providers/{slug}",
            Administer,
            i::delete,
            i::delete_described,
        )
        .freely(),
        post(
            "/api/admin/identity-providers/{slug}/test",
            Administer,
            i::test,
            i::test_described,
        ),
    ]
}

fn mail() -> Vec<Door> {
    use mail as m;
    const AGAIN: &str = "/api/admin/mail/outbox/{id}/retry";
    vec![
        get("/api/admin/mail", ReadAll, m::show, m::show_described),
        put("/api/admin/mail", Own, m::save, m::save_described).freely(),
        delete("/api/admin/mail", Own, m::forget, m::forget_described).freely(),
        post("/api/admin/mail/test", Administer, m::test, m::test_described),
        get("/api/admin/mail/outbox", ReadAll, m::outbox, m::outbox_described),
        post(AGAIN, Own, m::again, m::again_described),
    ]
}

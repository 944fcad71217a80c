//! Every route against every role: pages, server functions, the API, files. A new one is found here, and must be listed.

use domain::id::UserId;
use leptos::server_fn::axum::server_fn_paths;
use time::{Duration, OffsetDateTime};
use tower_sessions::{
    SessionStore as _,
    session::{Id, Record},
};

use super::*;
use crate::console::authority::{DOWNLOADS, FUNCTIONS, FUNCTIONS_AT, PAGES, RETURNS};
use crate::session::{Store, key};

/// What members may see and do. Whoever adds something for members adds it here too, on purpose.
const MEMBER_PAGES: [&str; 12] = [
    "/",
    "/account",
    "/calls",
    "/calls/{id}",
    "/connect",
    "/credits",
    "/jump",
    "/keys",
    "/keys/new",
    "/keys/{id}/created",
    "/keys/{id}/revoke",
    "/playground",
];
const MEMBER_FUNCTIONS: [&str; 13] = [
    "approve_connection",
    "ask",
    "ask_once",
    "change_password",
    "create_key",
    "deny_connection",
    "end_all_sessions",
    "end_other_sessions",
    "end_session",
    "link_identity",
    "revoke_key",
    "stop",
    "unlink_identity",
];
const PUBLIC_PAGES: [&str; 3] = ["/pricing", "/setup", "/sign-in"];
const PUBLIC_FUNCTIONS: [&str; 6] = [
    "begin_sign_in",
    "complete_setup",
    "set_language",
    "set_theme",
    "sign_in",
    "sign_out",
];
/// What of AIGNE Hub's surface anybody may ask.
const OPEN_TO_ALL: [&str; 3] = ["/api/v2/status", "/api/ai/models", "/api/ai-providers/models"];
/// What only the key of an admin opens.
const ADMINS_KEYS: [&str; 2] = ["/api/ai/health", "/api/ai-providers/health"];
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

impl Hub {
    pub(super) async fn person(&self, email: &str, role: Role) -> UserId {
        let email = email.parse().unwrap();
        let users = self.gateway.users();
        let made = users
            .create(
                &Admin::command_line(),
                Origin::default(),
                &email,
                role,
                "a long password",
            )
            .await;
        made.unwrap().id
    }

    /// Signs somebody in; gives their `Cookie` header.
    pub(super) async fn cookie(&self, person: UserId) -> String {
        let mut record = Record {
            id: Id::default(),
            data: [(key::USER.to_owned(), serde_json::json!(person))].into(),
            expiry_date: OffsetDateTime::UNIX_EPOCH + Duration::days(365 * 100),
        };
        Store::new(self.gateway.clone()).create(&mut record).await.unwrap();
        format!("hub_session={}", record.id)
    }
}

fn pages() -> Vec<String> {
    let mut pages: Vec<String> = leptos_axum::generate_route_list(app::App)
        .iter()
        .map(|page| page.path().to_owned())
        .collect();
    pages.sort();
    pages.dedup();
    pages
}

/// A path of that shape, with an id that nobody has.
fn concrete(page: &str) -> String {
    let parts = page
        .split('/')
        .map(|part| if part.starts_with('{') { "none" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// The paths and methods of everything that is there.
fn everything() -> Vec<(String, http::Method)> {
    let doors = open_doors().into_iter().chain(api_doors()).chain(aigne_doors());
    let doors = doors.map(|door| (door.path.to_owned(), door.method));
    let pages = pages().into_iter().map(|page| (page, http::Method::GET));
    let functions = server_fn_paths().map(|(path, method)| (path.to_owned(), method));
    let downloads = DOWNLOADS.map(|(path, _)| (path.to_owned(), http::Method::GET));
    let returns = RETURNS.map(|(path, _)| (path.to_owned(), http::Method::GET));
    doors
        .chain(pages)
        .chain(functions)
        .chain(downloads)
        .chain(returns)
        .collect()
}

#[test]
fn every_page_and_function_is_listed_with_what_it_demands() {
    let mut listed: Vec<_> = PAGES.map(|(page, _)| page.to_owned()).to_vec();
    listed.sort();
    assert_eq!(listed, pages());
    let mut listed = FUNCTIONS.map(|(name, _)| format!("{FUNCTIONS_AT}{name}")).to_vec();
    let mut functions: Vec<_> = server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    listed.sort();
    functions.sort();
    assert_eq!(listed, functions);
}

#[tokio::test]
async fn every_page_asks_who_comes() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let (member, admin) = (
        hub.person("member@x.y", Role::Member).await,
        hub.person("admin@x.y", Role::Admin).await,
    );
    let (member, admin) = (hub.cookie(member).await, hub.cookie(admin).await);
    let bearer = format!("Bearer {}", hub.key);
    for page in &pages() {
        let path = concrete(page);
        let public = PUBLIC_PAGES.contains(&page.as_str());
        // A key is no session.
        for stranger in [vec![], vec![("authorization", bearer.as_str())]] {
            let seen = hub.send("GET", &path, &stranger, "").await;
            let turned_away = seen.status() == StatusCode::SEE_OTHER && text(&seen, "location").starts_with("/sign-in");
            assert_eq!(turned_away, !public, "{page} for strangers: {}", seen.status());
        }

        let seen = hub.send("GET", &path, &[("cookie", &member)], "").await;
        let (status, allowed) = (seen.status(), public || MEMBER_PAGES.contains(&page.as_str()));
        assert_eq!(status != StatusCode::FORBIDDEN, allowed, "{page} for members: {status}");
        assert!(!status.is_server_error(), "{page} for members: {status}");
        if !allowed {
            // The page has refused by itself; the fence around it would have shown one without navigation.
            assert!(
                body(seen).await.contains("id=\"nav\""),
                "{page} does not ask for an admin"
            );
        }

        let seen = hub.send("GET", &path, &[("cookie", &admin)], "").await.status();
        assert!(
            seen != StatusCode::FORBIDDEN && !seen.is_server_error(),
            "{page} for admins: {seen}"
        );
    }
    hub.end().await;
}

#[tokio::test]
async fn every_download_asks_who_comes() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let (member, admin) = (
        hub.person("member@x.y", Role::Member).await,
        hub.person("admin@x.y", Role::Admin).await,
    );
    let other = hub.person("other@x.y", Role::Member).await;
    let bearer = format!("Bearer {}", hub.key);
    let (as_member, as_admin) = (hub.cookie(member).await, hub.cookie(admin).await);
    for (path, authority) in DOWNLOADS {
        let path = path.replace("{id}", &other.to_string());
        for stranger in [vec![], vec![("authorization", bearer.as_str())]] {
            let seen = hub.send("GET", &path, &stranger, "").await;
            assert_eq!(seen.status(), StatusCode::SEE_OTHER, "{path}");
            assert!(text(&seen, "location").starts_with("/sign-in"), "{path}");
        }
        let seen = hub.send("GET", &path, &[("cookie", &as_member)], "").await.status();
        let allowed = authority == Authority::SignedIn;
        let expected = if allowed { StatusCode::OK } else { StatusCode::FORBIDDEN };
        assert_eq!(seen, expected, "{path}");
        let seen = hub.send("GET", &path, &[("cookie", &as_admin)], "").await;
        assert_eq!(seen.status(), StatusCode::OK, "{path}");
        assert!(text(&seen, "content-type").starts_with("text/csv"), "{path}");
        assert!(text(&seen, "cache-control").contains("no-store"), "{path}");
        assert!(body(seen).await.starts_with("number,booked_at,kind,"), "{path}");
    }
    let nobody = UserId::from_number(5);
    for path in [
        format!("/users/{nobody}/credits/ledger.csv"),
        "/users/x/credits/ledger.csv".to_owned(),
    ] {
        let seen = hub.send("GET", &path, &[("cookie", &as_admin)], "").await.status();
        assert_eq!(seen, StatusCode::NOT_FOUND, "{path}");
    }
    hub.end().await;
}

#[tokio::test]
async fn addresses_that_only_resemble_a_page_show_none() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let (member, admin) = (
        hub.person("member@x.y", Role::Member).await,
        hub.person("admin@x.y", Role::Admin).await,
    );
    for person in [member, admin] {
        let cookie = hub.cookie(person).await;
        for path in [
            "/no/such/page",
            "/%75sers",
            "/users/%6eew",
            "/users//new",
            "/providers%2Fnew",
            "/keys/%6eew",
            "//users",
            "/%ff",
        ] {
            let seen = hub.send("GET", path, &[("cookie", &cookie)], "").await;
            assert_eq!(seen.status(), StatusCode::NOT_FOUND, "{path}");
            assert!(text(&seen, "content-type").starts_with("text/html"), "{path}");
            let page = body(seen).await;
            assert!(
                page.contains("There is nothing here")
                    && !page.contains("method=\"post\" action=\"/do/app/pages/users"),
                "{path}"
            );
        }
        let seen = hub.send("GET", "/users/?q=a", &[("cookie", &cookie)], "").await;
        assert_eq!(
            (seen.status(), text(&seen, "location")),
            (StatusCode::PERMANENT_REDIRECT, "/users?q=a")
        );
        let seen = hub.send("GET", "//evil.example/", &[("cookie", &cookie)], "").await;
        assert_eq!((seen.status(), text(&seen, "location")), (StatusCode::NOT_FOUND, ""));
    }
    assert!(text(&hub.send("GET", "/no/such/page", &[], "").await, "location").starts_with("/sign-in"));
    hub.end().await;
}

#[tokio::test]
async fn every_server_function_asks_who_comes() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let member = hub.person("member@x.y", Role::Member).await;
    let admin = hub.person("admin@x.y", Role::Admin).await;
    let bearer = format!("Bearer {}", hub.key);
    for (path, method) in server_fn_paths() {
        assert!(path.starts_with(FUNCTIONS_AT), "{path}");
        // What changes things is never reached by a link.
        assert_eq!(method, http::Method::POST, "{path}");
        let name = path.rsplit('/').next().unwrap_or_default();
        let public = PUBLIC_FUNCTIONS.contains(&name);

        // A key is no session.
        for stranger in [vec![FORM], vec![FORM, ("authorization", bearer.as_str())]] {
            let program = hub.send("POST", path, &stranger, "").await.status();
            assert_eq!(program == StatusCode::UNAUTHORIZED, !public, "{path}: {program}");
        }
        if !public {
            let browser = [
                FORM,
                ("accept", "text/html"),
                ("referer", "http://127.0.0.1:8080/keys?a=1"),
            ];
            let browser = hub.send("POST", path, &browser, "").await;
            assert_eq!(text(&browser, "location"), "/sign-in?next=/keys%3Fa%3D1", "{path}");
        }

        // Some of them end the session, so each gets a fresh one.
        for (person, allowed) in [(member, public || MEMBER_FUNCTIONS.contains(&name)), (admin, true)] {
            let cookie = hub.cookie(person).await;
            let seen = hub.send("POST", path, &[FORM, ("cookie", &cookie)], "").await.status();
            assert_ne!(seen, StatusCode::UNAUTHORIZED, "{path}");
            assert_eq!(seen != StatusCode::FORBIDDEN, allowed, "{path}: {seen}");
        }
    }
    hub.end().await;
}

#[tokio::test]
async fn machines_need_a_key_and_a_session_is_none() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let admin = hub.person("admin@x.y", Role::Admin).await;
    let cookie = hub.cookie(admin).await;
    let bearer = format!("Bearer {}", hub.key);
    for door in open_doors().into_iter().chain(api_doors()).chain(aigne_doors()) {
        let (path, method) = (concrete(door.path), door.method.as_str());
        let closed = match door.authority {
            Public => false,
            Key => true,
            Authority::SignedIn | Authority::Admin => panic!("{path} is for people"),
        };
        let open = door.path.split('/').nth(1) != Some("v1")
            && door.path != "/chat/completions"
            && !door.path.starts_with("/api/");
        let open = open || OPEN_TO_ALL.contains(&door.path);
        assert_eq!(closed, !open, "{path}");
        for stranger in [vec![], vec![("cookie", cookie.as_str())]] {
            let seen = hub.send(method, &path, &stranger, "").await.status();
            assert_eq!(seen == StatusCode::UNAUTHORIZED, closed, "{path}: {seen}");
        }
        // The stage's key is a member's.
        let seen = hub
            .send(method, &path, &[("authorization", &bearer)], "")
            .await
            .status();
        assert_ne!(seen, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(
            seen == StatusCode::FORBIDDEN,
            ADMINS_KEYS.contains(&door.path),
            "{path}: {seen}"
        );
    }
    hub.end().await;
}

#[tokio::test]
async fn nothing_answers_to_another_method() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let admin = hub.person("admin@x.y", Role::Admin).await;
    let cookie = hub.cookie(admin).await;
    let bearer = format!("Bearer {}", hub.key);
    let headers = [("cookie", cookie.as_str()), ("authorization", bearer.as_str())];
    let everything = everything();
    for (path, method) in &everything {
        for other in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let known = everything
                .iter()
                .any(|(known, method)| known == path && method.as_str() == other);
            if method.as_str() != other && !known {
                let seen = hub.send(other, &concrete(path), &headers, "").await.status();
                assert_eq!(seen, StatusCode::METHOD_NOT_ALLOWED, "{other} {path}");
            }
        }
    }
    hub.end().await;
}

async fn body(response: Response) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8_lossy(&bytes).into_owned()
}

//! Every page and every server function against every role. A new one is found here without being listed.

use domain::id::UserId;
use leptos::server_fn::axum::server_fn_paths;
use time::{Duration, OffsetDateTime};
use tower_sessions::{
    SessionStore as _,
    session::{Id, Record},
};

use super::*;
use crate::session::{Store, key};

/// What members may see. Whoever adds a page for members adds it here too, on purpose.
const MEMBER_PAGES: [&str; 10] = [
    "/",
    "/account",
    "/calls",
    "/calls/{id}",
    "/jump",
    "/keys",
    "/keys/new",
    "/keys/{id}/created",
    "/keys/{id}/revoke",
    "/playground",
];
const PUBLIC_PAGES: [&str; 2] = ["/setup", "/sign-in"];
const PUBLIC_FUNCTIONS: [&str; 5] = ["complete_setup", "set_language", "set_theme", "sign_in", "sign_out"];

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

#[tokio::test]
async fn every_page_asks_who_comes() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let (member, admin) = (
        hub.person("member@x.y", Role::Member).await,
        hub.person("admin@x.y", Role::Admin).await,
    );
    let (member, admin) = (hub.cookie(member).await, hub.cookie(admin).await);
    let pages = pages();
    assert!(pages.len() > 15, "{pages:?}");
    for page in &pages {
        let path = concrete(page);
        let public = PUBLIC_PAGES.contains(&page.as_str());
        let stranger = hub.send("GET", &path, &[], "").await;
        let turned_away =
            stranger.status() == StatusCode::SEE_OTHER && text(&stranger, "location").starts_with("/sign-in");
        assert_eq!(turned_away, !public, "{page} for strangers: {}", stranger.status());

        let seen = hub.send("GET", &path, &[("cookie", &member)], "").await.status();
        let allowed = public || MEMBER_PAGES.contains(&page.as_str());
        assert_eq!(seen != StatusCode::FORBIDDEN, allowed, "{page} for members: {seen}");
        assert!(!seen.is_server_error(), "{page} for members: {seen}");

        let seen = hub.send("GET", &path, &[("cookie", &admin)], "").await.status();
        assert!(
            seen != StatusCode::FORBIDDEN && !seen.is_server_error(),
            "{page} for admins: {seen}"
        );
    }
    hub.end().await;
}

#[tokio::test]
async fn unknown_pages_are_404_for_people_and_nothing_for_strangers() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let member = hub.person("member@x.y", Role::Member).await;
    let member = hub.cookie(member).await;
    let response = hub.send("GET", "/no/such/page", &[("cookie", &member)], "").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert!(text(&response, "content-type").starts_with("text/html"));
    assert!(text(&hub.send("GET", "/no/such/page", &[], "").await, "location").starts_with("/sign-in"));
    hub.end().await;
}

#[tokio::test]
async fn every_server_function_asks_who_comes() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let member = hub.person("member@x.y", Role::Member).await;
    let functions: Vec<(&str, http::Method)> = server_fn_paths().collect();
    assert!(functions.len() > 15, "{functions:?}");
    for (path, method) in functions {
        assert!(path.starts_with("/do/"), "{path}");
        // What changes things is never reached by a link.
        assert_eq!(method, http::Method::POST, "{path}");
        let name = path.rsplit('/').next().unwrap_or_default();
        let public = PUBLIC_FUNCTIONS.contains(&name);
        let form = [("content-type", "application/x-www-form-urlencoded")];

        let program = hub.send("POST", path, &form, "").await;
        assert_eq!(
            program.status() == StatusCode::UNAUTHORIZED,
            !public,
            "{path}: {}",
            program.status()
        );
        if !public {
            let browser = [
                form[0],
                ("accept", "text/html"),
                ("referer", "http://127.0.0.1:8080/keys?a=1"),
            ];
            let browser = hub.send("POST", path, &browser, "").await;
            assert_eq!(text(&browser, "location"), "/sign-in?next=/keys%3Fa%3D1", "{path}");
        }

        // Some of them end the session, so each gets a fresh one.
        let member = hub.cookie(member).await;
        let admins_only = ["/providers/", "/models/", "/users/"]
            .iter()
            .any(|area| path.contains(area));
        let answer = hub.send("POST", path, &[form[0], ("cookie", &member)], "").await;
        assert_eq!(
            answer.status() == StatusCode::FORBIDDEN,
            admins_only,
            "{path} for members: {}",
            answer.status()
        );
    }
    hub.end().await;
}

#[tokio::test]
async fn a_key_is_no_session_for_server_functions() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let bearer = format!("Bearer {}", hub.key);
    let (path, _) = server_fn_paths()
        .find(|(path, _)| path.ends_with("create_key"))
        .unwrap();
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    assert_eq!(
        hub.send("POST", path, &headers, "name=x").await.status(),
        StatusCode::UNAUTHORIZED
    );
    hub.end().await;
}

//! Every route against every role, nobody and somebody else's things: pages, server functions, the API, files. What each must
//! answer stands in `table.rs`; what there is is asked of the router itself, so a new route is found here, and must be listed.

mod counterparts;
mod foreign;
mod limiting;
mod managers;
mod table;
mod tried;

use domain::id::UserId;
use gateway::KeyDraft;
use leptos::server_fn::axum::server_fn_paths;
use time::{Duration, OffsetDateTime};
use tower_sessions::{
    SessionStore as _,
    session::{Id, Record},
};

use self::table::{DOORS, FILES, KEYS, PEOPLE};
use super::*;
use crate::console::authority::{DOWNLOADS, FUNCTIONS, FUNCTIONS_AT, PAGES, RETURNS};
use crate::session::{Store, key};

pub(super) const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

impl Hub {
    pub(super) async fn person(&self, email: &str, role: Role) -> UserId {
        let email = email.parse().unwrap();
        let users = self.gateway.users();
        let made = users
            .create(&Admin::system(), Origin::default(), &email, role, "a long password")
            .await;
        made.unwrap().id
    }

    /// Signs somebody in; gives their `Cookie` header.
    pub(super) async fn cookie(&self, person: UserId) -> String {
        self.cookie_of(person, None).await
    }

    /// The same, of somebody who looks as another.
    pub(super) async fn cookie_of(&self, person: UserId, as_whom: Option<UserId>) -> String {
        let store = Store::new(self.gateway.clone());
        // As often as the person's sessions were all ended by now: only such a session is good.
        for secured in 0..10_000 {
            let looking = as_whom.map(|as_whom| (key::VIEW.to_owned(), serde_json::json!(as_whom)));
            let signed_in = [
                (key::USER.to_owned(), serde_json::json!(person)),
                (key::SECURED.to_owned(), serde_json::json!(secured)),
            ];
            let mut record = Record {
                id: Id::default(),
                data: signed_in.into_iter().chain(looking).collect(),
                expiry_date: OffsetDateTime::UNIX_EPOCH + Duration::days(365 * 100),
            };
            store.create(&mut record).await.unwrap();
            if store.load(&record.id).await.unwrap().is_some() {
                return format!("hub_session={}", record.id);
            }
        }
        panic!("no session of {person} is good")
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
    let doors = doors.chain(admin::doors());
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

/// The roles in the order of the table's columns.
const ROLES: [Role; 5] = [Role::Member, Role::Auditor, Role::Billing, Role::Admin, Role::Owner];

impl Hub {
    /// One person of each role, in the order of the columns.
    async fn everybody(&self) -> Vec<UserId> {
        let mut all = Vec::new();
        for role in ROLES {
            all.push(self.person(&format!("{}@x.y", role.as_str()), role).await);
        }
        all
    }

    async fn cookies(&self) -> Vec<String> {
        let mut cookies = Vec::new();
        for person in self.everybody().await {
            cookies.push(self.cookie(person).await);
        }
        cookies
    }
}

/// What the table says of one path, as one flag for each column.
fn expected(table: &[(&str, &str)], path: &str, columns: usize) -> Vec<bool> {
    let found = table.iter().find(|(listed, _)| *listed == path);
    let (_, marks) = found.unwrap_or_else(|| panic!("{path} is not in the table"));
    assert_eq!(marks.len(), columns, "{path}");
    marks.chars().map(|mark| mark == '+').collect()
}

#[test]
fn the_table_is_as_long_as_the_router() {
    let functions = server_fn_paths().count();
    let doors = open_doors().len() + api_doors().len() + aigne_doors().len();
    assert_eq!(
        (table::PAGES.len(), table::FUNCTIONS.len(), FILES.len(), DOORS.len()),
        (pages().len(), functions, DOWNLOADS.len(), doors)
    );
    let people = (table::PAGES.len() + table::FUNCTIONS.len() + FILES.len()) * PEOPLE.len();
    let (keys, foreign) = (DOORS.len() * KEYS.len(), table::FOREIGN.len() * ROLES.len());
    println!(
        "the table of authority: {} routes, {} answers ({people} of people, {keys} of keys, {foreign} about somebody else's things)",
        table::PAGES.len() + table::FUNCTIONS.len() + FILES.len() + DOORS.len(),
        people + keys + foreign
    );
}

#[tokio::test]
async fn every_page_asks_who_comes() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let cookies = hub.cookies().await;
    let bearer = format!("Bearer {}", hub.key);
    for page in &pages() {
        let path = concrete(page);
        let let_in = expected(&table::PAGES, page, PEOPLE.len());
        // A key is no session.
        for stranger in [vec![], vec![("authorization", bearer.as_str())]] {
            let seen = hub.send("GET", &path, &stranger, "").await;
            let turned_away = seen.status() == StatusCode::SEE_OTHER && text(&seen, "location").starts_with("/sign-in");
            assert_eq!(turned_away, !let_in[0], "{page} for strangers: {}", seen.status());
        }
        for (cookie, (who, allowed)) in cookies.iter().zip(PEOPLE.iter().zip(&let_in).skip(1)) {
            let seen = hub.send("GET", &path, &[("cookie", cookie)], "").await;
            let status = seen.status();
            assert_eq!(status != StatusCode::FORBIDDEN, *allowed, "{page} for {who}: {status}");
            assert!(!status.is_server_error(), "{page} for {who}: {status}");
            if !allowed {
                // The page has refused by itself; the fence around it would have shown one without navigation.
                assert!(
                    body(seen).await.contains("id=\"nav\""),
                    "{page} does not ask for its witness"
                );
            }
        }
    }
    hub.end().await;
}

#[tokio::test]
async fn every_file_asks_who_comes() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let cookies = hub.cookies().await;
    let other = hub.person("other@x.y", Role::Member).await;
    let bearer = format!("Bearer {}", hub.key);
    for (listed, _) in DOWNLOADS {
        let path = listed.replace("{id}", &other.to_string());
        let let_in = expected(&FILES, listed, PEOPLE.len());
        for stranger in [vec![], vec![("authorization", bearer.as_str())]] {
            let seen = hub.send("GET", &path, &stranger, "").await;
            assert_eq!(seen.status(), StatusCode::SEE_OTHER, "{path}");
            assert!(text(&seen, "location").starts_with("/sign-in"), "{path}");
        }
        for (cookie, (who, allowed)) in cookies.iter().zip(PEOPLE.iter().zip(&let_in).skip(1)) {
            let seen = hub.send("GET", &path, &[("cookie", cookie)], "").await;
            let expected = if *allowed {
                StatusCode::OK
            } else {
                StatusCode::FORBIDDEN
            };
            assert_eq!(seen.status(), expected, "{path} for {who}");
            if *allowed {
                assert!(text(&seen, "content-type").starts_with("text/csv"), "{path}");
                assert!(text(&seen, "cache-control").contains("no-store"), "{path}");
                let head = if listed.starts_with("/audit") {
                    "id,at,actor,"
                } else {
                    "number,booked_at,kind,"
                };
                assert!(body(seen).await.starts_with(head), "{path}");
            }
        }
    }
    let nobody = UserId::from_number(5);
    for path in [
        format!("/users/{nobody}/credits/ledger.csv"),
        "/users/x/credits/ledger.csv".to_owned(),
    ] {
        let seen = hub.send("GET", &path, &[("cookie", &cookies[3])], "").await.status();
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
    let people = hub.everybody().await;
    let bearer = format!("Bearer {}", hub.key);
    for (path, method) in server_fn_paths() {
        assert!(path.starts_with(FUNCTIONS_AT), "{path}");
        let name = path.rsplit('/').next().unwrap_or_default();
        // What changes things is never reached by a link.
        let reads = table::READING.contains(&name);
        assert_eq!(method == http::Method::GET, reads, "{path}: {method}");
        let method = method.as_str();
        let let_in = expected(&table::FUNCTIONS, name, PEOPLE.len());

        // A key is no session.
        for stranger in [vec![FORM], vec![FORM, ("authorization", bearer.as_str())]] {
            let program = hub.send(method, path, &stranger, "").await.status();
            assert_eq!(program == StatusCode::UNAUTHORIZED, !let_in[0], "{path}: {program}");
        }
        if !let_in[0] {
            let browser = [
                FORM,
                ("accept", "text/html"),
                ("referer", "http://127.0.0.1:8080/keys?a=1"),
            ];
            let browser = hub.send(method, path, &browser, "").await;
            assert_eq!(text(&browser, "location"), "/sign-in?next=/keys%3Fa%3D1", "{path}");
        }

        // Some of them end the session, so each gets a fresh one.
        for (person, (who, allowed)) in people.iter().zip(PEOPLE.iter().zip(&let_in).skip(1)) {
            let cookie = hub.cookie(*person).await;
            let seen = hub.send(method, path, &[FORM, ("cookie", &cookie)], "").await.status();
            assert_ne!(seen, StatusCode::UNAUTHORIZED, "{path} for {who}");
            assert_eq!(seen != StatusCode::FORBIDDEN, *allowed, "{path} for {who}: {seen}");
        }
    }
    hub.end().await;
}

#[tokio::test]
async fn machines_need_a_key_and_a_session_is_none() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let people = hub.everybody().await;
    let mut callers = vec![
        Vec::new(),
        vec![("cookie".to_owned(), hub.cookie(*people.last().unwrap()).await)],
    ];
    for person in people {
        let name = "key".parse().unwrap();
        let made = hub
            .gateway
            .keys()
            .create_for(&Admin::system(), Origin::default(), person, &name)
            .await;
        let bearer = format!("Bearer {}", made.unwrap().secret.expose());
        callers.push(vec![("authorization".to_owned(), bearer)]);
    }
    for door in open_doors().into_iter().chain(api_doors()).chain(aigne_doors()) {
        let (path, method) = (concrete(door.path), door.method.as_str());
        let known = DOORS
            .iter()
            .find(|(verb, listed, _)| *listed == door.path && *verb == method);
        let (_, _, marks) = known.unwrap_or_else(|| panic!("{method} {} is not in the table", door.path));
        assert_eq!(marks.len(), KEYS.len(), "{path}");
        // What the document says of the door is what it does.
        let closed = match door.authority {
            Public => false,
            Key(_) => true,
            _ => panic!("{path} is for people"),
        };
        assert_eq!(closed, marks.starts_with('-'), "{path}");
        for (headers, (who, mark)) in callers.iter().zip(KEYS.iter().zip(marks.chars())) {
            let headers: Vec<_> = headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            let seen = hub.send(method, &path, &headers, "").await.status();
            let turned_away = matches!(seen, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
            assert_eq!(turned_away, mark == '-', "{method} {path} for {who}: {seen}");
        }
    }
    hub.end().await;
}

/// Each key may do what its scopes say, at each route that wants one, and nothing else.
#[tokio::test]
async fn a_key_opens_the_routes_of_its_scopes_alone() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let owner = hub.person("owner@x.y", Role::Owner).await;
    let owner = hub.gateway.sessions().viewer(owner).await.unwrap().unwrap();
    let mut keys = Vec::new();
    for scope in Scope::ALL {
        let draft = KeyDraft {
            scopes: [scope].into_iter().collect(),
            ..KeyDraft::named(&"key".parse().unwrap())
        };
        let holder = owner.key_holder().unwrap();
        let made = hub.gateway.keys().create_with(&holder, Origin::default(), &draft).await;
        keys.push((scope, format!("Bearer {}", made.unwrap().secret.expose())));
    }
    let mut seen = 0;
    for door in api_doors().into_iter().chain(aigne_doors()) {
        let Key(wanted) = door.authority else { continue };
        let (path, method) = (concrete(door.path), door.method.as_str());
        for (scope, bearer) in &keys {
            let answer = hub.send(method, &path, &[("authorization", bearer.as_str())], "").await;
            let status = answer.status();
            if *scope == wanted {
                assert_ne!(status, StatusCode::FORBIDDEN, "{method} {path} with {scope}");
                assert_ne!(status, StatusCode::UNAUTHORIZED, "{method} {path} with {scope}");
            } else {
                assert_eq!(status, StatusCode::FORBIDDEN, "{method} {path} with {scope}");
                let text = body(answer).await;
                assert!(
                    text.contains("scope_not_allowed") && text.contains(wanted.as_str()),
                    "{text}"
                );
            }
            seen += 1;
        }
    }
    assert!(seen > 100, "{seen}");
    hub.end().await;
}

#[tokio::test]
async fn nothing_answers_to_another_method() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let admin = hub.person("owner@x.y", Role::Owner).await;
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

pub(super) async fn body(response: Response) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8_lossy(&bytes).into_owned()
}

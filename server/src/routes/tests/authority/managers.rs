//! Every route of the admin API against every caller: nobody, a session, a key that does not manage, and keys that do, by the role that
//! their owner has now. What each must be able to do is said by its door, by what its handler demands, and by the table here; the
//! three are held against each other.

use domain::{
    access::Capability,
    key::{Scope, Scopes},
    limit::{Measure, Span, Window},
};
use gateway::{KeyDraft, LimitDraft};
use http::Method;

use super::*;
use crate::authority::Authority;

/// The columns of [`DOORS`].
const CALLERS: [&str; 9] = [
    "nobody",
    "session",
    "inference",
    "member",
    "auditor",
    "billing",
    "admin",
    "owner",
    // An owner's, that counts in a limit.
    "tied",
];

/// Every route, below `/api/admin`.
const DOORS: [(&str, &str, &str); 88] = [
    ("GET", "/users", "----+++++"),
    ("POST", "/users", "------++-"),
    ("GET", "/users/{id}", "----+++++"),
    ("PATCH", "/users/{id}", "-----+++-"),
    ("DELETE", "/users/{id}", "------+++"),
    ("PUT", "/users/{id}/password", "------++-"),
    ("POST", "/users/{id}/sign-out", "------+++"),
    ("POST", "/users/{id}/keys", "------+++"),
    ("GET", "/keys", "----+-+++"),
    ("GET", "/keys/{id}", "----+-+++"),
    ("PATCH", "/keys/{id}", "------+++"),
    ("DELETE", "/keys/{id}", "------+++"),
    ("POST", "/keys/{id}/rotate", "------+++"),
    ("POST", "/keys/{id}/revoke", "------+++"),
    ("GET", "/projects", "----+++++"),
    ("POST", "/projects", "------++-"),
    ("GET", "/projects/{id}", "----+++++"),
    ("PATCH", "/projects/{id}", "-----+++-"),
    ("DELETE", "/projects/{id}", "------+++"),
    ("DELETE", "/projects/{id}/payer", "-----++++"),
    ("PUT", "/projects/{id}/members/{user}", "------++-"),
    ("DELETE", "/projects/{id}/members/{user}", "------+++"),
    ("POST", "/projects/{id}/applications", "------++-"),
    ("DELETE", "/projects/{id}/applications/{application}", "------+++"),
    ("GET", "/invitations", "----+-+++"),
    ("POST", "/invitations", "------++-"),
    ("GET", "/invitations/{id}", "----+-+++"),
    ("POST", "/invitations/{id}/resend", "------++-"),
    ("POST", "/invitations/{id}/revoke", "------+++"),
    ("GET", "/limits", "----+++++"),
    ("PUT", "/limits", "------+++"),
    ("DELETE", "/limits/{id}", "------+++"),
    ("GET", "/mail", "----+-+++"),
    ("PUT", "/mail", "-------+-"),
    ("DELETE", "/mail", "-------+-"),
    ("POST", "/mail/test", "------+++"),
    ("GET", "/mail/outbox", "----+-+++"),
    ("POST", "/mail/outbox/{id}/retry", "-------++"),
    ("GET", "/providers", "----+-+++"),
    ("POST", "/providers", "------+++"),
    ("GET", "/providers/{id}", "----+-+++"),
    ("PATCH", "/providers/{id}", "------+++"),
    ("DELETE", "/providers/{id}", "------++-"),
    ("POST", "/providers/{id}/test", "------+++"),
    ("POST", "/providers/{id}/credentials", "------+++"),
    ("PATCH", "/providers/{id}/credentials/{credential}", "------+++"),
    ("DELETE", "/providers/{id}/credentials/{credential}", "------+++"),
    ("POST", "/providers/{id}/credentials/{credential}/test", "------+++"),
    ("POST", "/providers/{id}/models", "------+++"),
    ("PATCH", "/providers/{id}/models", "------+++"),
    ("POST", "/providers/{id}/models/refresh", "------+++"),
    ("GET", "/models", "----+-+++"),
    ("GET", "/models/{id}", "----+-+++"),
    ("PATCH", "/models/{id}", "------+++"),
    ("DELETE", "/models/{id}", "------++-"),
    ("GET", "/prices", "----+++++"),
    ("GET", "/models/{id}/price", "----+++++"),
    ("GET", "/models/{id}/price/versions", "----+++++"),
    ("POST", "/models/{id}/price/versions", "-----++++"),
    ("POST", "/models/{id}/price/effect", "-----++++"),
    ("GET", "/users/{id}/credits", "----+++++"),
    ("GET", "/users/{id}/credits/ledger", "----+++++"),
    ("GET", "/users/{id}/credits/ledger.csv", "----+++++"),
    ("POST", "/users/{id}/credits/return-to-service", "-----++++"),
    ("POST", "/users/{id}/credits/grants", "-----++++"),
    ("POST", "/users/{id}/credits/adjustments", "-----++++"),
    ("POST", "/users/{id}/credits/debits", "-----++++"),
    ("POST", "/users/{id}/credits/write-offs", "-----++++"),
    ("PUT", "/users/{id}/credits/status", "-----++++"),
    ("PATCH", "/users/{id}/credits/lots/{lot}", "-----++++"),
    ("POST", "/users/{id}/credits/lots/{lot}/void", "-----++++"),
    ("GET", "/calls", "----+++++"),
    ("GET", "/calls/{id}", "----+++++"),
    ("POST", "/calls/{id}/corrections", "-----++++"),
    ("GET", "/books", "----+++++"),
    ("POST", "/books/checks", "-----++++"),
    ("GET", "/audit", "----+-+++"),
    ("GET", "/audit.csv", "----+-+++"),
    ("GET", "/audit/proof", "----+-+++"),
    ("GET", "/settings", "----+++++"),
    ("GET", "/settings/{name}", "----+++++"),
    ("PATCH", "/settings/{name}", "-----++++"),
    ("GET", "/identity-providers", "----+-+++"),
    ("POST", "/identity-providers", "------++-"),
    ("GET", "/identity-providers/{slug}", "----+-+++"),
    ("PATCH", "/identity-providers/{slug}", "------++-"),
    ("DELETE", "/identity-providers/{slug}", "------++-"),
    ("POST", "/identity-providers/{slug}/test", "------+++"),
];

impl Hub {
    /// A key of somebody, made by themselves.
    pub(in crate::routes::tests) async fn key_for(&self, person: UserId, scopes: Scopes) -> String {
        let viewer = self.gateway.sessions().viewer(person).await.unwrap().unwrap();
        let draft = KeyDraft {
            scopes,
            ..KeyDraft::named(&"key".parse().unwrap())
        };
        let (keys, holder) = (self.gateway.keys(), viewer.key_holder().unwrap());
        let made = keys.create_with(&holder, Origin::default(), &draft).await.unwrap();
        format!("Bearer {}", made.secret.expose())
    }
}

/// Keys that manage, of one person of each role in the order of [`ROLES`]. Each is made while its owner owns the hub: what counts is
/// the role that they have when they ask.
async fn manage_keys(hub: &Hub) -> Vec<String> {
    let mut keys = Vec::new();
    for role in ROLES {
        let person = hub.person(&format!("manager-{}@x.y", role.as_str()), Role::Owner).await;
        keys.push(hub.key_for(person, [Scope::Manage].into_iter().collect()).await);
        let users = hub.gateway.users();
        users
            .set_role(&Admin::system(), Origin::default(), person, role)
            .await
            .unwrap();
    }
    keys
}

/// A key of an owner who is limited, so that it is tied.
async fn tied_key(hub: &Hub) -> String {
    let person = hub.person("tied@x.y", Role::Owner).await;
    let limit = LimitDraft {
        subject: person.into(),
        measure: Measure::Requests,
        window: Window::Calendar(Span::Day),
        most: 1_000,
    };
    let limits = hub.gateway.limits();
    limits.set(&Admin::system(), Origin::default(), limit).await.unwrap();
    hub.key_for(person, [Scope::Manage].into_iter().collect()).await
}

#[tokio::test]
async fn the_admin_api_asks_whose_key_it_is_and_what_they_may() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    // Somebody stays who owns the hub, whoever loses that role below.
    let owner = hub.person("owner@x.y", Role::Owner).await;
    let mut callers = vec![
        Vec::new(),
        vec![("cookie", hub.cookie(owner).await)],
        vec![("authorization", hub.key_for(owner, Scopes::default()).await)],
    ];
    for key in manage_keys(&hub).await {
        callers.push(vec![("authorization", key)]);
    }
    callers.push(vec![("authorization", tied_key(&hub).await)]);
    let doors = crate::routes::admin::doors();
    assert_eq!(doors.len(), DOORS.len());
    println!(
        "the admin API: {} routes, {} answers",
        DOORS.len(),
        DOORS.len() * CALLERS.len()
    );
    for door in doors {
        let (path, method) = (concrete(door.path), door.method.as_str());
        let below = door.path.strip_prefix("/api/admin").unwrap();
        let listed = DOORS
            .iter()
            .find(|(verb, listed, _)| *listed == below && *verb == method);
        let (_, _, marks) = listed.unwrap_or_else(|| panic!("{method} {below} is not in the table"));
        // Whosever thing a path names: nobody comes here who is a member and no more.
        assert!(marks.starts_with("----"), "{method} {below}");
        // The door says the same as the table.
        let (demanded, ties) = match door.authority {
            Authority::Manager(demanded) => (demanded, '+'),
            Authority::FreeManager(demanded) => (demanded, '-'),
            _ => panic!("{path} is not for managers"),
        };
        let may = ROLES.map(|role| if role.may(demanded) { '+' } else { '-' });
        let said: String = may.into_iter().chain([ties]).collect();
        assert_eq!(&marks[3..], said, "{method} {below}");
        // What only reads is asked by GET, and the other way round.
        let reads = matches!(demanded, Capability::ReadAll | Capability::ReadMoney);
        assert_eq!(reads, door.method == Method::GET, "{method} {below}");
        for (headers, (who, mark)) in callers.iter().zip(CALLERS.iter().zip(marks.chars())) {
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let seen = hub.send(method, &path, &headers, "").await;
            let status = seen.status();
            let expected = match *who {
                "nobody" | "session" => StatusCode::UNAUTHORIZED,
                _ => StatusCode::FORBIDDEN,
            };
            if mark == '-' {
                assert_eq!(status, expected, "{method} {path} for {who}");
            } else {
                assert!(
                    !matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) && !status.is_server_error(),
                    "{method} {path} for {who}: {status}"
                );
            }
            assert!(text(&seen, "cache-control").contains("no-store"), "{method} {path}");
            assert!(text(&seen, "x-request-id").starts_with("req_"), "{method} {path}");
            if mark == '-' {
                // Whoever only has to take another key is told that.
                let told = body(seen).await;
                assert_eq!(
                    told.contains(r#""code":"tied_key""#),
                    *who == "tied",
                    "{method} {path}: {told}"
                );
            }
        }
    }
    hub.end().await;
}

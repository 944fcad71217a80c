//! Looking at the console as somebody else: what they see is seen, and nothing can be done, whatever is sent.

use domain::{
    audit::AuditFilter,
    id::UserId,
    page::{Cursor, PageSize},
};
use leptos::server_fn::axum::server_fn_paths;

use super::{
    authority::{FORM, body},
    *,
};
use crate::console::authority::{FUNCTIONS_AT, LEAVE_VIEW};

const BANNER: &str = "You see the console as ";

async fn actions(hub: &Hub) -> Vec<String> {
    let filter = AuditFilter {
        action: Some("user".to_owned()),
        ..AuditFilter::default()
    };
    let (reader, size) = (Admin::system().reader(), PageSize::default());
    let page = hub.gateway.audit().page(&reader, &filter, Cursor::Newest, size).await;
    page.unwrap().rows.into_iter().map(|entry| entry.action).collect()
}

async fn two(hub: &Hub) -> (UserId, UserId) {
    let admin = hub.person("admin@x.y", Role::Admin).await;
    (admin, hub.person("member@x.y", Role::Member).await)
}

#[tokio::test]
async fn nothing_can_be_sent_but_to_leave() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let (admin, member) = two(&hub).await;
    let cookie = hub.cookie_of(admin, Some(member)).await;
    for (path, _) in server_fn_paths() {
        if path.strip_prefix(FUNCTIONS_AT) == Some(LEAVE_VIEW) {
            continue;
        }
        // What strangers may do as well: signing in as somebody else, signing out, another language.
        for accept in ["*/*", "text/html"] {
            let headers = [FORM, ("cookie", cookie.as_str()), ("accept", accept)];
            let seen = hub.send("POST", path, &headers, "language=zh&theme=dark&back=/").await;
            assert_eq!(seen.status(), StatusCode::FORBIDDEN, "{path}");
            assert!(!text(&seen, "set-cookie").contains("hub_language"), "{path}");
        }
    }
    for method in ["PUT", "PATCH", "DELETE"] {
        let seen = hub.send(method, "/users", &[("cookie", &cookie)], "").await.status();
        assert!(
            matches!(seen, StatusCode::FORBIDDEN | StatusCode::METHOD_NOT_ALLOWED),
            "{method}: {seen}"
        );
    }
    let path = format!("{FUNCTIONS_AT}{LEAVE_VIEW}");
    let headers = [FORM, ("cookie", cookie.as_str()), ("accept", "text/html")];
    let left = hub.send("POST", &path, &headers, "").await;
    assert_eq!(text(&left, "location"), format!("/users/{member}"));
    assert_eq!(actions(&hub).await[0], "user.view_as_end");
    let seen = hub.send("GET", "/users", &[("cookie", &cookie)], "").await;
    assert_eq!(seen.status(), StatusCode::OK);
    // The message says that it is over, the banner would lead out of it.
    assert!(!body(seen).await.contains(LEAVE_VIEW));
    hub.end().await;
}

#[tokio::test]
async fn pages_and_files_are_those_of_the_other() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let (admin, member) = two(&hub).await;
    let own = hub.cookie(member).await;
    let cookie = hub.cookie_of(admin, Some(member)).await;
    for path in [
        "/",
        "/calls",
        "/keys",
        "/credits",
        "/account",
        "/users",
        "/audit",
        "/no/such/page",
    ] {
        let (theirs, seen) = (
            hub.send("GET", path, &[("cookie", &own)], "").await,
            hub.send("GET", path, &[("cookie", &cookie)], "").await,
        );
        assert_eq!(theirs.status(), seen.status(), "{path}");
        let page = body(seen).await;
        assert!(
            page.contains(BANNER) && page.contains(LEAVE_VIEW),
            "{path} says nothing"
        );
        assert!(!body(theirs).await.contains(BANNER), "{path}");
    }
    for (path, status) in [
        ("/credits/ledger.csv".to_owned(), StatusCode::OK),
        (format!("/users/{member}/credits/ledger.csv"), StatusCode::FORBIDDEN),
        ("/audit/audit.csv".to_owned(), StatusCode::FORBIDDEN),
    ] {
        let seen = hub.send("GET", &path, &[("cookie", &cookie)], "").await;
        assert_eq!(seen.status(), status, "{path}");
    }
    hub.end().await;
}

/// A session that says it looks as somebody is believed as long as that is allowed: with each request anew.
#[tokio::test]
async fn a_view_ends_when_it_is_allowed_no_more() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let (admin, member) = two(&hub).await;
    let root = Admin::system();
    let users = hub.gateway.users();
    let shown = async |cookie: &str| {
        let seen = hub.send("GET", "/", &[("cookie", cookie)], "").await;
        body(seen).await.contains(BANNER)
    };
    // Whoever it is promoted to an equal.
    let cookie = hub.cookie_of(admin, Some(member)).await;
    assert!(shown(&cookie).await);
    users
        .set_role(&root, Origin::default(), member, Role::Admin)
        .await
        .unwrap();
    assert!(!shown(&cookie).await);
    assert_eq!(actions(&hub).await[0], "user.view_as_end");
    // It does not come back with the old role.
    users
        .set_role(&root, Origin::default(), member, Role::Member)
        .await
        .unwrap();
    assert!(!shown(&cookie).await);
    // A viewer who is no admin any more sees what is theirs.
    let cookie = hub.cookie_of(admin, Some(member)).await;
    assert!(shown(&cookie).await);
    hub.person("another@x.y", Role::Admin).await;
    users
        .set_role(&root, Origin::default(), admin, Role::Member)
        .await
        .unwrap();
    assert!(!shown(&cookie).await);
    hub.end().await;
}

/// A function that reads, as the palette does, finds what the other one finds, as long as one may look as them.
#[tokio::test]
async fn what_is_read_meanwhile_is_read_as_the_other() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let (admin, member) = two(&hub).await;
    let cookie = hub.cookie_of(admin, Some(member)).await;
    let find = format!("{FUNCTIONS_AT}app/islands/palette/find/find?words=ada");
    let asks = async |cookie: &str| {
        let headers = [("cookie", cookie), ("accept", "application/json")];
        let answer = hub.send("GET", &find, &headers, "").await;
        (answer.status(), body(answer).await)
    };
    let (status, told) = asks(&cookie).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    assert!(!told.contains("ada@example.com"), "a member finds no people: {told}");
    let (status, told) = asks(&hub.cookie(admin).await).await;
    assert!(status == StatusCode::OK && told.contains("ada@example.com"), "{told}");
    hub.end().await;
}

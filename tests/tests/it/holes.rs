//! The holes that other gateways had (`reference` part D), as far as this one could have them: each a test that would have found it.
//! Some are kept elsewhere, beside what they guard:
//! - somebody else's ids, missing role checks, encoded paths: `server/src/routes/tests/authority`
//! - LIKE wildcards: `gateway/tests/both/{audit,people}.rs`, `gateway/src/store/calls/window.rs`
//! - headers of a client that reach a provider, and back: `headers.rs`; addresses that proxies tell: `server/src/address.rs`
//! - private addresses in requests: `gateway/src/fetch`; values sealed for one row opened in another: `gateway/src/secrets`
//! - stored scripts in a model's answer: `end2end/tests/markdown.island.spec.ts`

use serde_json::json;
use tests::console::Console;
use tests::hub::Kind;
use tests::stage::{ADMIN, PASSWORD, Stage, hello, on_both, with};
use tests::upstream::Upstream;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const MEMBER: &str = "mia@example.test";

/// A stage with a member who is signed in.
async fn with_member(kind: Kind) -> (Stage, Console) {
    let stage = Stage::start(kind).await;
    stage.hub.create_user(MEMBER, "member", PASSWORD).await;
    let mut console = Console::new(stage.hub.address());
    let page = console.sign_in(MEMBER, PASSWORD).await;
    assert_eq!(page.status, 200);
    (stage, console)
}

async fn role_of(stage: &Stage, email: &str) -> String {
    let users = stage.hub.json(&["user", "list"], "").await;
    let users = users.as_array().unwrap();
    let user = users.iter().find(|user| user["email"] == email).unwrap();
    user["role"].as_str().unwrap().to_owned()
}

/// CVE-2026-47102: a body that updates something else carried one's own role.
#[tokio::test]
async fn nobody_sets_their_own_role_by_a_field_that_is_not_asked_for() {
    on_both(async |kind| {
        let (stage, mut console) = with_member(kind).await;
        let page = console.open("/account").await;
        let form = page
            .form("change_password")
            .with("current", PASSWORD)
            .with("new", "another good password");
        let users = stage.hub.json(&["user", "list"], "").await;
        let id = users
            .as_array()
            .unwrap()
            .iter()
            .find(|user| user["email"] == MEMBER)
            .unwrap()["id"]
            .clone();
        let mut form = form;
        for (name, value) in [
            ("role", "owner"),
            ("user[role]", "owner"),
            ("id", id.as_str().unwrap()),
            ("suspended", "false"),
        ] {
            form = form.and(name, value);
        }
        console.submit(&form).await;
        assert_eq!(role_of(&stage, MEMBER).await, "member");

        // An admin who only names somebody does not promote them either.
        let mut admin = stage.admin().await;
        let page = admin.open(&format!("/users/{}", id.as_str().unwrap())).await;
        let form = page.form("set_user_name").with("name", "Mia").and("role", "owner");
        let page = admin.submit(&form).await;
        assert!(page.text().contains("Mia"), "{}", page.body);
        assert_eq!(role_of(&stage, MEMBER).await, "member");
        assert_eq!(role_of(&stage, ADMIN).await, "owner", "the first admin owns the hub");
    })
    .await;
}

/// CVE-2024-6587: a body said to which address the operator's credential should go.
#[tokio::test]
async fn an_address_or_a_key_in_a_request_moves_no_call() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let trap = Upstream::start().await.unwrap();
        for name in [
            "api_base",
            "base_url",
            "api_key",
            "api_type",
            "custom_llm_provider",
            "extra_headers",
        ] {
            let value = match name {
                "api_key" => json!("sk-of-the-caller"),
                "extra_headers" => json!({ "authorization": "Bearer sk-of-the-caller", "host": "evil.example" }),
                _ => json!(trap.base_url()),
            };
            let mut more = serde_json::Map::new();
            more.insert(name.to_owned(), value);
            let body = with(hello("gpt-4o-mini"), more.into());
            let answer = stage
                .chat(&body)
                .header("x-portkey-custom-host", &trap.base_url())
                .send()
                .await
                .unwrap();
            drop(answer.bytes().await);
        }
        assert!(trap.requests().is_empty(), "the trap saw nothing");
        for seen in stage.upstream.requests_to("/v1/chat/completions") {
            let credential = format!("Bearer {}", stage.upstream.key());
            assert_eq!(seen.header("authorization"), Some(credential.as_str()));
        }
    })
    .await;
}

/// CVE-2026-48710: who may come was read from the address that a raw Host made up.
#[tokio::test]
async fn a_hostile_host_leads_to_no_other_page() {
    on_both(async |kind| {
        let (stage, _) = with_member(kind).await;
        for host in [
            "hub/sign-in?x=",
            "127.0.0.1/v1/models#",
            "evil.example",
            "127.0.0.1@evil.example",
            "[::1]/pricing?",
        ] {
            for path in ["/users", "/audit/audit.csv", "/providers"] {
                let mut line = tokio::net::TcpStream::connect(stage.hub.address()).await.unwrap();
                let request = format!(
                    "GET {path} HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Host: evil.example\r\nX-Original-URL: /pricing\r\n\
                     X-Rewrite-URL: /pricing\r\nX-Forwarded-Prefix: /pricing\r\nConnection: close\r\n\r\n"
                );
                line.write_all(request.as_bytes()).await.unwrap();
                let mut answer = String::new();
                line.read_to_string(&mut answer).await.unwrap();
                let head = answer.split("\r\n\r\n").next().unwrap().to_lowercase();
                let turned_away = head.starts_with("http/1.1 303") && head.contains("location: /sign-in?next=");
                assert!(
                    turned_away || head.starts_with("http/1.1 400"),
                    "{path} with Host {host}: {head}"
                );
                assert!(!head.contains("evil.example"), "{head}");
            }
        }
    })
    .await;
}

/// Whoever is trusted to tell addresses is configured; nobody is.
#[tokio::test]
async fn a_forged_forwarding_header_stands_in_no_audit() {
    on_both(async |kind| {
        let (stage, _) = with_member(kind).await;
        let mut admin = stage.admin().await;
        let page = Console::new(stage.hub.address()).ask("/sign-in").await;
        let form = page.form("sign_in").with("email", MEMBER).with("password", PASSWORD);
        let answer = stage
            .hub
            .get("/")
            .header("x-forwarded-for", "203.0.113.7")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status, 303);
        let posted = tests::client::Call::new(stage.hub.address(), http::Method::POST, &form.action)
            .header("accept", "text/html")
            .header("x-forwarded-for", "203.0.113.7")
            .header("forwarded", "for=203.0.113.7")
            .header("x-real-ip", "203.0.113.7")
            .content_type("application/x-www-form-urlencoded")
            .body(form.encoded())
            .send()
            .await
            .unwrap();
        assert_eq!(posted.status, 303);
        let file = admin.ask("/audit/audit.csv?action=user.sign_in").await;
        assert!(
            file.body.contains(MEMBER) && file.body.contains("127.0.0.1"),
            "{}",
            file.body
        );
        assert!(!file.body.contains("203.0.113.7"), "{}", file.body);
    })
    .await;
}

/// CVE-2026-35030: what a token opens was remembered by its first letters.
#[tokio::test]
async fn tokens_that_begin_alike_are_not_alike() {
    on_both(async |kind| {
        let (stage, mut console) = with_member(kind).await;
        let last = |text: &str| {
            let mut other = text.to_owned();
            let end = if other.pop() == Some('A') { 'B' } else { 'A' };
            other.push(end);
            other
        };
        let known = stage.get("/v1/models").send().await.unwrap();
        assert_eq!(known.status, 200);
        for wrong in [last(&stage.key), stage.key[..20].to_owned(), format!("{}A", stage.key)] {
            let answer = stage.hub.get("/v1/models").bearer(&wrong).send().await.unwrap();
            assert_eq!(answer.status, 401, "{wrong}");
        }
        assert_eq!(console.ask("/account").await.status, 200);
        let cookie = last(&console.cookie_header());
        let answer = stage
            .hub
            .get("/account")
            .header("cookie", &cookie)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status, 303);
    })
    .await;
}

/// Names that are formulas, and names that are scripts.
#[tokio::test]
async fn names_are_text_in_files_and_on_pages() {
    on_both(names_are_text).await;
}

async fn names_are_text(kind: Kind) {
    let (stage, mut console) = with_member(kind).await;
    let mut admin = stage.admin().await;
    let names = [
        "=cmd|' /C calc'!A0",
        "@SUM(1+1)*cmd",
        "+1",
        "-2+3",
        "<script>window.ran=1</script>",
        "\"><img src=x onerror=window.ran=1>",
        "{{7*7}}</title><svg onload=window.ran=1>",
    ];
    for name in names {
        let page = console.open("/keys/new").await;
        let page = console.submit(&page.form("create_key").with("name", name)).await;
        assert!(page.path.ends_with("/created"), "{name}: {}", page.path);
    }
    let users = stage.hub.json(&["user", "list"], "").await;
    let id = users
        .as_array()
        .unwrap()
        .iter()
        .find(|user| user["email"] == MEMBER)
        .unwrap()["id"]
        .clone();
    let path = format!("/users/{}", id.as_str().unwrap());
    let page = admin.open(&path).await;
    admin
        .submit(&page.form("set_user_name").with("name", "<script>window.ran=1</script>"))
        .await;
    for (by_admin, path) in [
        (false, "/keys".to_owned()),
        (true, "/keys?all=1".to_owned()),
        (true, "/users?q=script".to_owned()),
        (true, path),
        (true, "/audit".to_owned()),
        (true, "/audit?subject=%3Cscript%3E".to_owned()),
    ] {
        let who = if by_admin { &mut admin } else { &mut console };
        let page = who.open(&path).await;
        assert_eq!(page.status, 200, "{path}");
        for living in ["<script>window.ran", "<img src=x", "<svg onload"] {
            assert!(!page.body.contains(living), "{path} holds {living}");
        }
        assert!(
            page.body.contains("window.ran"),
            "{path} does not show the names at all"
        );
    }
    let file = admin.ask("/audit/audit.csv?action=key.create").await;
    for name in &names[..4] {
        assert!(file.body.contains(&format!(",'{name},")), "{name} in {}", file.body);
    }
    for line in file.body.lines() {
        for cell in line.split(',') {
            assert!(!cell.starts_with(['=', '@', '+', '-']), "{line}");
        }
    }
}

/// Line breaks in what a caller says become no header and no line of the log.
#[tokio::test]
async fn line_breaks_in_a_request_are_no_headers() {
    on_both(async |kind| {
        let (stage, mut console) = with_member(kind).await;
        let evil = "fake/gpt\r\nset-cookie: stolen=1\r\n\r\nlevel=ERROR forged line";
        let bodies = [
            hello(evil),
            with(hello("gpt-4o-mini"), json!({ "user": evil })),
            with(hello("gpt-4o-mini"), json!({ "metadata": { evil: evil } })),
        ];
        for body in bodies {
            let answer = stage.chat(&body).send().await.unwrap();
            assert_eq!(answer.header("set-cookie"), None);
            drop(answer.bytes().await);
        }
        for record in stage.upstream.requests_to("/v1/chat/completions") {
            assert!(record.headers.iter().all(|(name, _)| name != "set-cookie"));
        }
        let page = console.open("/keys/new").await;
        let form = page.form("create_key").with("name", "a\r\nb: c");
        let page = console.submit(&form).await;
        assert!(page.path.starts_with("/keys/new"), "{}", page.path);
        assert!(
            stage
                .hub
                .log()
                .lines()
                .all(|line| !line.starts_with("level=ERROR forged"))
        );
    })
    .await;
}

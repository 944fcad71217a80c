//! Every page of the console as it is sent: who sees it, its headers, and that nothing in it could run but our scripts.

use tests::console::{Console, Page, form};
use tests::hub::Kind;
use tests::stage::{ADMIN, PASSWORD, Stage, call_id, hello, on_both};

/// The pages that stand in the navigation, and those behind them.
const PAGES: [&str; 12] = [
    "/",
    "/providers",
    "/providers/new",
    "/providers/new?preset=openai",
    "/models",
    "/keys",
    "/keys/new",
    "/calls",
    "/users",
    "/users/new",
    "/audit",
    "/account",
];

/// What must hold for every page.
fn check(page: &Page) {
    let path = &page.path;
    let policy = page
        .header("content-security-policy")
        .unwrap_or_else(|| panic!("{path} has no policy"));
    let nonce = policy
        .split("'nonce-")
        .nth(1)
        .and_then(|rest| rest.split('\'').next())
        .unwrap();
    assert!(nonce.len() >= 16, "{path}: {policy}");
    for part in [
        "'strict-dynamic'",
        "'wasm-unsafe-eval'",
        "style-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{path}: {policy}");
    }
    assert!(
        !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"),
        "{path}: {policy}"
    );
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"), "{path}");
    assert!(page.header("referrer-policy").is_some(), "{path}");
    assert_eq!(page.header("cache-control"), Some("no-store"), "{path}");
    assert!(
        page.header("x-request-id").is_some_and(|id| id.starts_with("req_")),
        "{path}"
    );
    for script in form::tags(&page.body, "script") {
        assert_eq!(
            script.attribute("nonce").as_deref(),
            Some(nonce),
            "{path} has a script without the nonce"
        );
    }
    for mark in [" style=\"", " onclick=", " onload=", " onerror=", "javascript:"] {
        assert!(!page.body.contains(mark), "{path} has {mark}");
    }
    assert!(
        form::tags(&page.body, "style").is_empty(),
        "{path} has styles of its own"
    );
    assert!(page.body.contains("<html lang=\"en"), "{path} says its language");
}

#[tokio::test]
async fn every_page_is_sent_with_its_guards() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let answer = stage.chat(&hello("gpt-4o-mini")).send().await.unwrap();
        let id = call_id(&answer);
        let mut console = stage.admin().await;
        let mut pages: Vec<String> = PAGES.iter().map(|page| (*page).to_owned()).collect();
        pages.push("/playground".to_owned());
        pages.push(format!("/calls/{id}"));
        pages.push(format!("/providers/{}", stage.provider_id));
        pages.push(format!("/providers/{}/edit", stage.provider_id));
        pages.push(format!("/providers/{}/delete", stage.provider_id));
        pages.push(format!("/keys/{}/revoke", stage.key_id));
        let mut nonces = Vec::new();
        for path in &pages {
            let page = console.ask(path).await;
            assert_eq!(page.status, 200, "{path}: {}", page.body);
            check(&page);
            nonces.push(page.header("content-security-policy").unwrap().to_owned());
            // Strangers are asked who they are, and come back.
            let stranger = Console::new(stage.hub.address()).ask(path).await;
            let location = stranger
                .location()
                .unwrap_or_else(|| panic!("{path} is shown to strangers"));
            assert!(location.starts_with("/sign-in"), "{location}");
        }
        nonces.sort();
        nonces.dedup();
        assert_eq!(nonces.len(), pages.len(), "a nonce is used once");
        for path in ["/sign-in", "/setup"] {
            check(&Console::new(stage.hub.address()).ask(path).await);
        }
        for path in [
            "/nothing",
            "/keys/key_0000000000000/revoke",
            "/calls/call_0000000000000",
            "/providers/x/edit",
        ] {
            let page = console.ask(path).await;
            assert_eq!(page.status, 404, "{path}");
            check(&page);
        }
    })
    .await;
}

/// What people call things stands on pages of others. Scripts are kept out by the policy; other markup would lead elsewhere, or ask for a
/// password.
#[tokio::test]
async fn no_name_becomes_markup_on_any_page() {
    const NAME: &str = "</title></script>\"'><b class=planted>&amp;";
    let mut stage = Stage::prepare(Kind::Sqlite).await;
    stage.hub.create_key(ADMIN, NAME).await;
    let project = ["project", "create", "--name", NAME, "--payer", ADMIN];
    stage.hub.json(&project, "").await;
    let base = stage.upstream.base_url();
    let provider = [
        "provider",
        "add",
        "--kind",
        "openai-compatible",
        "--name",
        "planted",
        "--title",
        NAME,
        "--base-url",
        &base,
    ];
    stage
        .hub
        .json(&[&provider[..], &["--model", "a<b/class=planted>"]].concat(), "")
        .await;
    stage.hub.serve().await;
    let mut console = stage.admin().await;
    let mut seen: Vec<String> = ["/", "/keys", "/projects", "/providers", "/models"]
        .map(str::to_owned)
        .to_vec();
    let (mut at, mut named) = (0, 0);
    while at < seen.len() && at < 150 {
        let page = console.ask(&seen[at]).await;
        for markup in ["<b class=planted", "<b/class=planted"] {
            assert!(!page.body.contains(markup), "{}: {}", page.path, page.body);
        }
        named += page.body.matches("&lt;b class=planted&gt;").count();
        for link in page.links() {
            // Files are no pages: what stands in their cells is no markup.
            if !link.is_empty() && !link.contains(".csv") && !seen.contains(&link) {
                seen.push(link);
            }
        }
        at += 1;
    }
    assert!(at > 20 && named > 20, "{named} times on {at} pages");
}

#[tokio::test]
async fn every_link_leads_somewhere() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        for model in ["gpt-4o-mini", "fault-500"] {
            stage.chat(&hello(model)).send().await.unwrap().bytes().await.unwrap();
        }
        let mut console = stage.admin().await;
        let mut seen: Vec<String> = vec!["/".to_owned()];
        let mut at = 0;
        while at < seen.len() && at < 150 {
            let page = console.ask(&seen[at]).await;
            if let Some(location) = page.location() {
                let location = location.to_owned();
                if !seen.contains(&location) {
                    seen.push(location);
                }
            } else {
                assert_eq!(page.status, 200, "{} is linked to", page.path);
                for link in page.links() {
                    if !link.is_empty() && !seen.contains(&link) {
                        seen.push(link);
                    }
                }
            }
            at += 1;
        }
        for path in [
            "/providers",
            "/models",
            "/keys",
            "/calls",
            "/playground",
            "/users",
            "/audit",
            "/account",
        ] {
            assert!(seen.iter().any(|link| link == path), "nothing leads to {path}");
        }
    })
    .await;
}

#[tokio::test]
async fn pages_of_admins_are_closed_to_members() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        stage.hub.create_user("mia@example.test", "member", PASSWORD).await;
        let mut admin = stage.admin().await;
        let mut member = Console::new(stage.hub.address());
        assert_eq!(member.sign_in("mia@example.test", PASSWORD).await.path, "/welcome");
        for path in [
            "/providers",
            "/providers/new",
            "/models",
            "/users",
            "/users/new",
            "/audit",
        ] {
            let page = member.ask(path).await;
            assert_eq!(page.status, 403, "{path}");
            check(&page);
        }
        for path in ["/", "/keys", "/calls", "/playground", "/account"] {
            assert_eq!(member.ask(path).await.status, 200, "{path}");
        }
        // Another's key is not there for them.
        assert_eq!(member.ask(&format!("/keys/{}/revoke", stage.key_id)).await.status, 404);
        let answer = stage.chat(&hello("gpt-4o-mini")).send().await.unwrap();
        assert_eq!(member.ask(&format!("/calls/{}", call_id(&answer))).await.status, 404);

        // The form of an admin, sent by a member.
        let page = admin.open("/users/new").await;
        let form = page
            .form("create_user")
            .with("email", "eve@example.test")
            .with("password", PASSWORD);
        member.send(&form).await;
        let page = admin.open(&format!("/keys/{}/revoke", stage.key_id)).await;
        member.send(&page.form("revoke_key")).await;
        let page = admin.open(&format!("/providers/{}/delete", stage.provider_id)).await;
        member.send(&page.form("delete_provider").with("typed", "fake")).await;
        Console::new(stage.hub.address()).send(&form).await;
        let users = stage.hub.json(&["user", "list"], "").await;
        assert_eq!(users.as_array().unwrap().len(), 2, "{users}");
        assert_eq!(stage.get("/v1/models").send().await.unwrap().status, 200);
        assert_eq!(stage.chat(&hello("gpt-4o-mini")).send().await.unwrap().status, 200);
    })
    .await;
}

#[tokio::test]
async fn files_are_served_to_everybody_with_a_lasting_name_and_nothing_else_is() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let page = Console::new(stage.hub.address()).ask("/sign-in").await;
        let sheets = form::tags(&page.body, "link");
        let sheet = sheets
            .iter()
            .find(|tag| tag.attribute("rel").as_deref() == Some("stylesheet"))
            .unwrap();
        let answer = stage.hub.get(&sheet.attribute("href").unwrap()).send().await.unwrap();
        assert_eq!(answer.status, 200);
        assert!(answer.header("content-type").unwrap().starts_with("text/css"));
        for path in [
            "/pkg/../Cargo.toml",
            "/pkg/..%2f..%2fCargo.toml",
            "/pkg/%2e%2e/%2e%2e/Cargo.toml",
            "/pkg//etc/passwd",
            "/fonts/../../etc/passwd",
        ] {
            let answer = stage.hub.get(path).send().await.unwrap();
            assert_ne!(answer.status, 200, "{path}");
            assert!(!answer.text().await.unwrap().contains("[package]"), "{path}");
        }
    })
    .await;
}

//! The way in: the one-time set-up link, e-mail and password, the cookie, other sites' requests, guesses.

use tests::console::{Console, Page, form};
use tests::hub::{Hub, Kind};
use tests::stage::{ADMIN, PASSWORD, Stage, on_both};

fn setup_path(hub: &Hub) -> String {
    let link = hub.process().greeting["setup_link"].as_str().unwrap();
    link.split_once("/setup")
        .map(|(_, rest)| format!("/setup{rest}"))
        .unwrap()
}

async fn set_up(console: &mut Console, path: &str) -> Page {
    let page = console.open(path).await;
    let form = page
        .form("complete_setup")
        .with("email", ADMIN)
        .with("password", PASSWORD)
        .with("repeated", PASSWORD);
    console.send(&form).await
}

#[tokio::test]
async fn the_set_up_link_works_once() {
    on_both(async |kind| {
        let mut hub = Hub::new(kind).await;
        hub.serve().await;
        let path = setup_path(&hub);
        let mut first = Console::new(hub.address());
        let page = first.open(&path).await;
        // Mistakes do not use it up.
        let form = page.form("complete_setup").with("email", ADMIN);
        for (password, repeated) in [("short", "short"), (PASSWORD, "something else here")] {
            let page = first
                .submit(&form.clone().with("password", password).with("repeated", repeated))
                .await;
            assert!(page.path.starts_with("/setup"), "{}", page.path);
            assert_eq!(page.form("complete_setup").value("email"), Some(ADMIN));
        }
        let answer = set_up(&mut first, &path).await;
        let page = first.follow(answer).await;
        assert_eq!((page.status.as_u16(), page.path.as_str()), (200, "/"));

        let mut second = Console::new(hub.address());
        let page = second.open(&path).await;
        assert!(page.forms("complete_setup").is_empty(), "{}", page.body);
        let again = form
            .with("email", "second@example.test")
            .with("password", PASSWORD)
            .with("repeated", PASSWORD);
        second.submit(&again).await;
        assert!(second.open("/keys").await.path.starts_with("/sign-in"));
        let users = hub.json(&["user", "list"], "").await;
        assert_eq!(users.as_array().unwrap().len(), 1);

        hub.kill_and_restart().await;
        assert!(hub.process().greeting["setup_link"].is_null());
        first.moved_to(hub.address());
        assert_eq!(first.open("/keys").await.path, "/keys", "sessions outlive a restart");
    })
    .await;
}

#[tokio::test]
async fn a_wrong_set_up_link_opens_nothing_and_each_start_prints_another() {
    on_both(wrong_set_up_links).await;
}

async fn wrong_set_up_links(kind: Kind) {
    let mut hub = Hub::new(kind).await;
    hub.serve().await;
    let old = setup_path(&hub);
    hub.kill_and_restart().await;
    assert_ne!(old, setup_path(&hub));
    for path in [old.as_str(), "/setup", "/setup?token=", "/setup?token=00"] {
        let page = Console::new(hub.address()).open(path).await;
        assert!(page.forms("complete_setup").is_empty(), "{path}");
    }
    // Host is what the client says; links are made from the configuration.
    hub.set("HUB_PUBLIC_URL", "https://hub.example");
    hub.kill_and_restart().await;
    let link = hub.process().greeting["setup_link"].as_str().unwrap().to_owned();
    assert!(link.starts_with("https://hub.example/setup?token="), "{link}");
}

#[tokio::test]
async fn the_cookie_is_kept_from_scripts_and_other_sites() {
    on_both(async |kind| {
        for (public_url, name) in [("", "hub_session"), ("https://hub.example", "__Host-hub_session")] {
            let mut hub = Hub::new(kind).await;
            if !public_url.is_empty() {
                hub.set("HUB_PUBLIC_URL", public_url);
            }
            hub.serve().await;
            let mut console = Console::new(hub.address());
            let answer = set_up(&mut console, &setup_path(&hub)).await;
            let lines: Vec<&str> = answer
                .headers
                .get_all("set-cookie")
                .iter()
                .map(|line| line.to_str().unwrap())
                .collect();
            let line = lines
                .iter()
                .find(|line| line.starts_with(&format!("{name}=")))
                .unwrap_or_else(|| panic!("{lines:?}"));
            for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
                assert!(line.contains(part), "{part} in {line}");
            }
            assert!(!line.contains("Domain="), "{line}");
            assert_eq!(line.contains("Secure"), !public_url.is_empty(), "{line}");
            assert!(console.cookie(name).is_some_and(|token| token.len() >= 20));
            let strict = answer.header("strict-transport-security");
            assert_eq!(strict.is_some(), !public_url.is_empty());
        }
    })
    .await;
}

#[tokio::test]
async fn signing_in_makes_a_new_session_and_signing_out_ends_it() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let mut console = Console::new(stage.hub.address());
        console.sign_in(ADMIN, "not the password").await;
        let before = console.cookie("hub_session").map(str::to_owned);
        console.sign_in(ADMIN, PASSWORD).await;
        let token = console.cookie("hub_session").unwrap().to_owned();
        assert_ne!(
            before.as_deref(),
            Some(token.as_str()),
            "a token from before would be known to others"
        );
        let kept = console.clone();
        let page = console.open("/account").await;
        let page = console.submit(&page.form("sign_out")).await;
        assert!(page.path.starts_with("/sign-in"));
        assert!(
            kept.clone().open("/keys").await.path.starts_with("/sign-in"),
            "the token is dead, not only forgotten"
        );
    })
    .await;
}

#[tokio::test]
async fn wrong_guesses_learn_nothing_and_must_wait() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let mut console = Console::new(stage.hub.address());
        let sentence = |page: &Page| {
            assert!(page.path.starts_with("/sign-in"));
            page.body.contains("E-mail or password is wrong")
        };
        assert!(sentence(&console.sign_in(ADMIN, "a wrong password").await));
        assert!(sentence(
            &console.sign_in("nobody@example.test", "a wrong password").await
        ));
        assert!(sentence(&console.sign_in("not an address", "a wrong password").await));
        // The first waits are a second or two, which a busy machine may need for one page; each later one is longer.
        for _ in 0..5 {
            let put_off = async |email: &str, password: &str| {
                let page = Console::new(stage.hub.address()).sign_in(email, password).await;
                page.body.contains("Too many failed attempts")
            };
            let mut guesses = 0;
            while !put_off(ADMIN, "a wrong password").await {
                guesses += 1;
                assert!(guesses < 20, "whoever guesses is never put off");
            }
            let owner_waits = put_off(ADMIN, PASSWORD).await;
            // Whoever is named, the address waits.
            if owner_waits && put_off("other@example.test", "a wrong password").await {
                return;
            }
        }
        panic!("the right password does not wait, nor does the address");
    })
    .await;
}

#[tokio::test]
async fn other_sites_cannot_act_for_a_visitor() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let mut console = stage.admin().await;
        let page = console.open("/keys/new").await;
        let form = page.form("create_key").with("name", "by another site");
        let attempts: [&[(&str, &str)]; 4] = [
            &[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")],
            &[("origin", "https://evil.example"), ("sec-fetch-site", "same-site")],
            &[("origin", "https://evil.example")],
            &[("origin", "null")],
        ];
        for headers in attempts {
            let mut call = tests::client::Call::new(stage.hub.address(), http::Method::POST, &form.action)
                .header("cookie", &console.cookie_header())
                .content_type("application/x-www-form-urlencoded")
                .body(form.encoded());
            for (name, value) in headers {
                call = match *name {
                    "origin" => call.header("origin", value),
                    _ => call.header("sec-fetch-site", value),
                };
            }
            let answer = call.send().await.unwrap();
            assert_eq!(answer.status, 403, "{headers:?}");
            assert!(answer.header("content-security-policy").is_some());
        }
        // A link from elsewhere cannot act either.
        let path = format!("{}?{}", form.action, form.encoded());
        assert!(!console.ask(&path).await.status.is_success());
        let keys = stage.hub.json(&["key", "list"], "").await;
        assert_eq!(keys.as_array().unwrap().len(), 1, "{keys}");
        console.submit(&form).await;
        let keys = stage.hub.json(&["key", "list"], "").await;
        assert_eq!(keys.as_array().unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn signing_in_leads_to_pages_of_ours_alone() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        for (next, leads) in [
            ("/keys", "/keys"),
            ("/calls?state=failed", "/calls?state=failed"),
            ("//evil.example", "/"),
            ("https://evil.example/", "/"),
            ("/\\evil.example", "/"),
            ("/\tevil", "/"),
            ("javascript:alert(1)", "/"),
        ] {
            let mut console = Console::new(stage.hub.address());
            let page = console.open(&format!("/sign-in?next={}", form::encode(next))).await;
            let form = page.form("sign_in").with("email", ADMIN).with("password", PASSWORD);
            let answer = console.send(&form).await;
            assert_eq!(answer.location(), Some(leads), "{next:?}");
            // Whoever is signed in already is sent on at once.
            let page = console.ask(&format!("/sign-in?next={}", form::encode(next))).await;
            assert_eq!(page.location(), Some(leads), "{next:?}");
        }
    })
    .await;
}

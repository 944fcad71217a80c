//! What guards the console beside its pages' own contents: headers on every kind of answer, cookies, tokens that somebody
//! else chose.

use http::Method;
use tests::client::{Answer, Call};
use tests::console::Console;
use tests::stage::{ADMIN, PASSWORD, Stage, on_both};

const FORM: &str = "application/x-www-form-urlencoded";

/// The policy of the design, with the nonce of this answer.
fn check_headers(answer: &Answer, what: &str, https: bool) {
    let policy = answer
        .header("content-security-policy")
        .unwrap_or_else(|| panic!("{what} has no policy"));
    let nonce = policy.split('\'').nth(1).unwrap_or_default();
    assert!(nonce.starts_with("nonce-") && nonce.len() > 20, "{what}: {policy}");
    let expected = format!(
        "script-src '{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         object-src 'none'; base-uri 'self'; frame-ancestors 'none'"
    );
    assert_eq!(policy, expected, "{what}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{what}: {name}");
    }
    assert!(
        answer
            .header("cache-control")
            .is_some_and(|value| value.starts_with("no-store")),
        "{what}"
    );
    assert!(
        answer
            .header("permissions-policy")
            .is_some_and(|value| value.contains("camera=()")),
        "{what}"
    );
    assert_eq!(answer.header("strict-transport-security").is_some(), https, "{what}");
    assert_eq!(answer.header("access-control-allow-origin"), None, "{what}");
}

#[tokio::test]
async fn every_kind_of_answer_carries_the_headers() {
    on_both(async |kind| {
        for https in [false, true] {
            let mut stage = Stage::prepare(kind).await;
            if https {
                stage.hub.set("HUB_PUBLIC_URL", "https://hub.example");
            }
            stage.hub.serve().await;
            stage.hub.create_user("mia@example.test", "member", PASSWORD).await;
            let mut console = Console::new(stage.hub.address());
            let page = console.ask("/sign-in").await;
            let sign_in = page.form("sign_in");
            let body = sign_in
                .clone()
                .with("email", "mia@example.test")
                .with("password", PASSWORD)
                .encoded();
            let post = |path: &str| Call::new(stage.hub.address(), Method::POST, path).header("accept", "text/html");
            let signed_in = post(&sign_in.action)
                .content_type(FORM)
                .body(body)
                .send()
                .await
                .unwrap();
            assert_eq!(signed_in.status, 303);
            check_headers(&signed_in, "signing in", https);
            let cookie = signed_in
                .header("set-cookie")
                .unwrap()
                .split(';')
                .next()
                .unwrap()
                .to_owned();
            let get = |path: &str| {
                stage
                    .hub
                    .get(path)
                    .header("cookie", &cookie)
                    .header("accept", "text/html")
            };
            let foreign = post(&sign_in.action)
                .header("origin", "https://evil.example")
                .header("sec-fetch-site", "cross-site");
            for (what, status, call) in [
                ("a page", 200, get("/keys")),
                (
                    "the head of a page",
                    200,
                    Call::new(stage.hub.address(), Method::HEAD, "/keys").header("cookie", &cookie),
                ),
                ("the way to sign in", 303, stage.hub.get("/keys")),
                ("no such page", 404, get("/nothing")),
                ("no such key", 404, get("/keys/key_0000000000000/revoke")),
                ("an admin's page", 403, get("/users")),
                (
                    "an admin's form",
                    403,
                    post("/do/app/pages/users/actions/create_user").header("cookie", &cookie),
                ),
                ("a form from another site", 403, foreign),
                (
                    "a form that cannot be read",
                    400,
                    post("/do/app/pages/keys/actions/create_key").header("cookie", &cookie),
                ),
                (
                    "data of a function",
                    400,
                    post("/do/app/pages/keys/actions/create_key")
                        .header("accept", "*/*")
                        .header("cookie", &cookie),
                ),
                ("a link to a function", 404, get(&sign_in.action)),
            ] {
                let answer = call.send().await.unwrap();
                assert_eq!(answer.status.as_u16(), status, "{what}");
                check_headers(&answer, what, https);
                assert!(
                    answer.header("x-request-id").is_some_and(|id| id.starts_with("req_")),
                    "{what}"
                );
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_pages_of_last_resort_speak_the_readers_language() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let post = Call::new(stage.hub.address(), Method::POST, "/do/app/pages/gate/sign_in/sign_in");
        let foreign = post
            .header("origin", "https://evil.example")
            .header("sec-fetch-site", "cross-site");
        for (language, words) in [
            ("en", "came from another site"),
            ("zh-CN,zh;q=0.9", "该请求来自其他网站"),
        ] {
            let (status, page) = foreign
                .clone()
                .header("accept-language", language)
                .text()
                .await
                .unwrap();
            assert!(status == 403 && page.contains(words), "{page}");
            assert!(
                page.contains(&format!("<html lang=\"{}\"", language.split(',').next().unwrap())),
                "{page}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn every_cookie_is_kept_from_scripts_and_other_sites() {
    on_both(async |kind| {
        for (public_url, prefix) in [("", ""), ("https://hub.example", "__Host-")] {
            let mut stage = Stage::prepare(kind).await;
            if !public_url.is_empty() {
                stage.hub.set("HUB_PUBLIC_URL", public_url);
            }
            stage.hub.serve().await;
            let mut console = Console::new(stage.hub.address());
            let page = console.open("/sign-in").await;
            let language = page.form("set_language").with("language", "zh-CN");
            let mut answers = vec![console.send(&language).await];
            let theme = page.form("set_theme").with("theme", "dark");
            answers.push(console.send(&theme).await);
            let sign_in = page.form("sign_in").with("email", ADMIN).with("password", PASSWORD);
            answers.push(console.send(&sign_in).await);
            let out = console.open("/account").await.form("sign_out");
            answers.push(console.send(&out).await);
            let mut names = Vec::new();
            for answer in &answers {
                for line in answer.headers.get_all("set-cookie") {
                    let line = line.to_str().unwrap();
                    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
                        assert!(line.contains(part), "{part} in {line}");
                    }
                    assert!(!line.contains("Domain="), "{line}");
                    assert_eq!(line.contains("Secure"), !public_url.is_empty(), "{line}");
                    names.push(line.split('=').next().unwrap().to_owned());
                }
            }
            names.sort();
            names.dedup();
            let session = format!("{prefix}hub_session");
            for name in ["hub_language", "hub_theme", &session] {
                assert!(names.iter().any(|known| known == name), "{name} in {names:?}");
            }
            assert_eq!(names.len(), 3, "{names:?}");
        }
    })
    .await;
}

/// Opens a page with this session's token; gives where it leads, if it leads away.
async fn leads(stage: &Stage, token: &str) -> Option<String> {
    let answer = stage
        .hub
        .get("/keys")
        .header("cookie", &format!("hub_session={token}"))
        .send()
        .await
        .unwrap();
    answer.header("location").map(str::to_owned)
}

#[tokio::test]
async fn a_token_that_somebody_else_knows_is_never_signed_in() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        // A session that exists, because a wrong guess left a sentence in it; and a token that was made up.
        let mut attacker = Console::new(stage.hub.address());
        let page = attacker.open("/sign-in").await;
        let form = page.form("sign_in").with("email", ADMIN);
        attacker.send(&form.clone().with("password", "not the password")).await;
        let known = attacker.cookie("hub_session").unwrap().to_owned();
        let made_up = "AAAAAAAAAAAAAAAAAAAAAA".to_owned();
        for token in [&known, &made_up] {
            let victim = Call::new(stage.hub.address(), Method::POST, &form.action)
                .header("cookie", &format!("hub_session={token}"))
                .header("accept", "text/html")
                .content_type(FORM)
                .body(form.clone().with("password", PASSWORD).encoded());
            let answer = victim.send().await.unwrap();
            assert_eq!((answer.status.as_u16(), answer.header("location")), (303, Some("/")));
            let line = answer.header("set-cookie").unwrap();
            let fresh = line
                .split(';')
                .next()
                .unwrap()
                .trim_start_matches("hub_session=")
                .to_owned();
            assert_ne!(&fresh, token);
            assert_eq!(leads(&stage, &fresh).await, None, "the new token is signed in");
            assert!(
                leads(&stage, token).await.unwrap().starts_with("/sign-in"),
                "the old one is not"
            );

            // Signing in again over a session of one's own leaves nothing of it either.
            let again = Call::new(stage.hub.address(), Method::POST, &form.action)
                .header("cookie", &format!("hub_session={fresh}"))
                .header("accept", "text/html")
                .content_type(FORM)
                .body(form.clone().with("password", PASSWORD).encoded());
            again.send().await.unwrap();
            assert!(leads(&stage, &fresh).await.unwrap().starts_with("/sign-in"));
        }
    })
    .await;
}

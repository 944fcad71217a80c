//! What the canary's programs and operators bring: keys that manage, secrets sent to `/api/admin`, the header `x-api-key`, secrets
//! of identity providers and of mail, and links that work once. What goes by mail itself is looked for in `mail/canary.rs`.

use http::Method;
use serde_json::{Value, json};
use tests::client::Call;
use tests::console::Console;
use tests::hub::Hub;
use tests::stage::{ADMIN, within_a_second};
use tests::upstream::Upstream;

use super::search::{Place, Places, Secret};
use super::{GUEST_PASSWORD, PROMPT, UNKNOWN_KEY};

const TYPED_CLIENT: &str = "canary-typed-client-secret-0q1w2e";
const SENT_CLIENT: &str = "canary-sent-client-secret-3r4t5y";
const NEXT_CLIENT: &str = "canary-next-client-secret-6u7i8o";
const FILED_CLIENT: &str = "canary-filed-client-secret-9p0a1s";
const BESIDE_CLIENT: &str = "canary-beside-client-secret-2d3f4g";
const SENT_MAIL: &str = "canary-sent-mail-password-5h6j7k";
const ADDRESS_MAIL: &str = "canary-address-mail-password-8l9z";
const OWN_MAIL: &str = "canary-own-mail-password-0x1c2v3b";
const SENT_CREDENTIAL: &str = "sk-canary-sent-credential-4n5m6q7w8e9r";
const SENT_PASSWORD: &str = "canary-sent-password-0t1y2u3i";
const WRONG_TOKEN: &str = "canary-wrong-token-4o5p6a7s8d9f0g1h2j3k4l5z6x7c8v9b0n1m2q3w4e5r6t";

/// What is the same at every run.
pub fn fixed() -> impl Iterator<Item = Secret> {
    [
        ("typed client secret", TYPED_CLIENT),
        ("sent client secret", SENT_CLIENT),
        ("next client secret", NEXT_CLIENT),
        ("client secret of the file", FILED_CLIENT),
        ("client secret beside the file", BESIDE_CLIENT),
        ("sent password for mail", SENT_MAIL),
        ("password for mail in an address", ADDRESS_MAIL),
        ("password for mail of its own", OWN_MAIL),
        ("sent credential", SENT_CREDENTIAL),
        ("sent password", SENT_PASSWORD),
        ("guest's password", GUEST_PASSWORD),
        ("wrong token", WRONG_TOKEN),
    ]
    .into_iter()
    .map(|(name, text)| Secret::new(name, text))
}

/// A program that manages; what it is told is kept.
struct Program<'a> {
    hub: &'a Hub,
    key: String,
}

impl Program<'_> {
    async fn ask(&self, method: Method, path: &str, body: Option<Value>, places: &mut Places) -> (u16, String) {
        let path = format!("/api/admin{path}");
        let mut call = Call::new(self.hub.address(), method, &path)
            .promised()
            .bearer(&self.key);
        if let Some(body) = body {
            call = call.content_type("application/json").body(body.to_string());
        }
        let answer = call.send().await.unwrap();
        let status = answer.status.as_u16();
        (status, places.answer(Place::Managed, answer).await)
    }

    /// The same for an answer that holds a link, which may stand there and nowhere else.
    async fn link(&self, path: &str, body: &Value) -> String {
        let path = format!("/api/admin{path}");
        let (_, made) = self.hub.post(&path, body).bearer(&self.key).json().await.unwrap();
        made["link"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
    }
}

fn token(link: &str) -> String {
    link.split_once("token=").unwrap().1.to_owned()
}

/// All of it, while the hub runs. Gives the secrets that the hub made.
pub async fn used(hub: &Hub, upstream: &Upstream, shown: &str, places: &mut Places) -> Vec<Secret> {
    let made = ["key", "create", "--user", ADMIN, "--name", "robot", "--scope", "manage"];
    let made = hub.json(&made, "").await;
    let key = made["key"].as_str().unwrap().to_owned();
    within_a_second(async || hub.get("/api/admin/users").bearer(&key).send().await.unwrap().status == 200).await;
    let program = Program { hub, key };
    for bad in [UNKNOWN_KEY, shown] {
        let refused = hub.get("/api/admin/users").bearer(bad).send().await.unwrap();
        assert!(matches!(refused.status.as_u16(), 401 | 403));
        places.answer(Place::Managed, refused).await;
    }
    sent(&program, upstream, places).await;

    // By the command line, refused as nobody answers there, and then untested.
    let add = [
        "identity-provider",
        "add",
        "--slug",
        "typed",
        "--issuer",
        "https://login.example.test",
    ];
    let add = [&add[..], &["--client-id", "hub", "--client-secret-stdin"]].concat();
    for more in [&["--json"][..], &["--untested"], &["--untested", "--json"]] {
        let ran = hub.run(&[&add[..], more].concat(), TYPED_CLIENT).await;
        places.put(Place::Commands, &format!("{more:?}"), ran.stdout + &ran.stderr);
    }
    let listed = hub.json(&["identity-provider", "list"], "").await.to_string();
    assert!(listed.contains("\"typed\"") && listed.contains("\"sent\""), "{listed}");
    places.put(Place::Commands, "identity-provider list", listed);

    let mut secrets = links(&program, places).await;
    secrets.push(Secret::new("key that manages", &program.key[10..30]));
    secrets
}

/// Keys in the header that Anthropic's clients send.
pub async fn by_header(hub: &Hub, shown: &str, places: &mut Places) {
    let messages = json!([{"role": "user", "content": PROMPT}]);
    let body = json!({"model": "fake/gpt-4o-mini", "max_tokens": 100, "messages": messages});
    for path in ["/v1/messages", "/v1/chat/completions"] {
        let answer = hub.post(path, &body).header("x-api-key", shown).send().await.unwrap();
        assert_eq!(answer.status, 200, "{path}");
        places.answer(Place::Completions, answer).await;
        let refused = hub
            .post(path, &body)
            .header("x-api-key", UNKNOWN_KEY)
            .send()
            .await
            .unwrap();
        assert_eq!(refused.status, 401, "{path}");
        places.answer(Place::Answers, refused).await;
    }
}

/// Every secret that `/api/admin` takes, well and badly sent.
async fn sent(program: &Program<'_>, upstream: &Upstream, places: &mut Places) {
    let company = |secret: &str, issuer: &str| json!({ "slug": "sent", "title": "Sent", "issuer": issuer, "client_id": "hub", "client_secret": secret });
    let mail = |security: &str| {
        json!({
            "host": "127.0.0.1", "port": 1, "security": security, "user": "hub", "password": SENT_MAIL,
            "from": "hub@example.com",
        })
    };
    let person = |email: &str| json!({ "email": email, "role": "member", "password": SENT_PASSWORD });
    let provider = json!({ "kind": "openai-compatible", "name": "sent", "base_url": upstream.base_url() });
    let (status, made) = program.ask(Method::POST, "/providers", Some(provider), places).await;
    assert_eq!(status, 201, "{made}");
    let made: Value = serde_json::from_str(&made).unwrap();
    let credentials = format!("/providers/{}/credentials", made["id"].as_str().unwrap());
    let credential = |secret: &str| json!({ "label": "sent", "secret": secret });
    let (post, put, patch) = (Method::POST, Method::PUT, Method::PATCH);
    let mut done = Vec::new();
    for (method, path, body) in [
        (&post, "/identity-providers", company(SENT_CLIENT, "no address")),
        (
            &post,
            "/identity-providers",
            company(SENT_CLIENT, "https://login.example.test"),
        ),
        (
            &post,
            "/identity-providers",
            company(SENT_CLIENT, "https://login.example.test"),
        ),
        (
            &patch,
            "/identity-providers/sent",
            json!({ "client_secret": NEXT_CLIENT }),
        ),
        (&post, "/identity-providers/sent/test", json!({})),
        (&put, "/mail", mail("ssl")),
        (&put, "/mail", mail("none")),
        (&post, "/mail/test", json!({ "to": ADMIN })),
        (&post, "/users", person("sent@example.test")),
        (&post, "/users", person("no address")),
        (
            &post,
            credentials.as_str(),
            credential(&format!("{SENT_CREDENTIAL} of two words")),
        ),
        (&post, credentials.as_str(), credential(SENT_CREDENTIAL)),
    ] {
        let (status, told) = program.ask(method.clone(), path, Some(body), places).await;
        done.push((path, status));
        assert!(status < 500, "{path}: {told}");
    }
    for path in [
        "/identity-providers",
        "/identity-providers/sent",
        "/mail",
        "/users",
        credentials.as_str(),
    ] {
        let taken = done.iter().any(|(to, status)| path == *to && *status < 300);
        assert!(taken, "nothing was taken by {path}: {done:?}");
    }
    for path in [
        "/identity-providers",
        "/identity-providers/sent",
        "/mail",
        "/mail/outbox",
        "/users",
        "/keys",
        "/providers",
        "/settings",
        "/audit",
        "/audit.csv",
        "/calls",
    ] {
        let (status, told) = program.ask(Method::GET, path, None, places).await;
        assert_eq!(status, 200, "{path}: {told}");
    }
}

/// Links that work once: made by a program and by a command, used, used again, and made up.
async fn links(program: &Program<'_>, places: &mut Places) -> Vec<Secret> {
    let hub = program.hub;
    let first = program
        .link("/invitations", &json!({ "email": "guest@example.test" }))
        .await;
    let invited = ["user", "invite", "--email", "second@example.test", "--role", "member"];
    let second = hub.json(&invited, "").await["link"].as_str().unwrap().to_owned();
    let (status, listed) = program.ask(Method::GET, "/invitations", None, places).await;
    assert!(status == 200 && listed.contains("second@example.test"), "{listed}");
    // The page of a link holds it, for its button; what comes of the button does not.
    let mut window = Console::new(hub.address());
    let path = first.strip_prefix(&hub.origin()).unwrap().to_owned();
    let form = window.open(&path).await.form("accept_invitation");
    let form = form.with("password", GUEST_PASSWORD).with("repeated", GUEST_PASSWORD);
    let page = window.submit(&form).await;
    assert!(!page.path.contains("token="), "{}", page.text());
    places.page(page);
    // Used up: tried again by its button, and opened again.
    let again = Console::new(hub.address()).submit(&form).await;
    places.put(Place::Headers, "", format!("{:?}", again.headers));
    drop(Console::new(hub.address()).open(&path).await);
    for page in ["setup", "invite", "reset", "register/complete", "confirm"] {
        let mut stranger = Console::new(hub.address());
        let page = stranger.open(&format!("/{page}?token={WRONG_TOKEN}")).await;
        places.put(Place::Headers, &page.path, format!("{:?}", page.headers));
    }
    vec![
        Secret::new("used invitation", &token(&first)),
        Secret::new("open invitation", &token(&second)),
    ]
}

/// What the configuration holds: the environment, a file, and a file that it names. Not in the hub's own folders.
pub fn configured(hub: &mut Hub) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let section = |slug: &str, secret: &str| {
        format!(
            "[[identity_provider]]\nslug = \"{slug}\"\ntitle = \"{slug}\"\nissuer = \"https://{slug}.example.test\"\n\
             client_id = \"hub\"\n{secret}\n"
        )
    };
    let text = section("filed", &format!("client_secret = \"{FILED_CLIENT}\""))
        + &section("beside", "client_secret_file = \"beside.secret\"");
    std::fs::write(folder.path().join("hub.toml"), text).unwrap();
    std::fs::write(folder.path().join("beside.secret"), BESIDE_CLIENT).unwrap();
    hub.set("HUB_CONFIG", &folder.path().join("hub.toml").display().to_string());
    hub.set("HUB_SMTP_URL", &format!("smtp://hub:{ADDRESS_MAIL}@localhost:1"));
    hub.set("HUB_MAIL_FROM", "hub@example.test");
    folder
}

/// What is said of it, with the password of mail in its address and then on its own.
pub async fn configuration_is_shown(hub: &mut Hub, password: &str, places: &mut Places) {
    for own in [false, true] {
        if own {
            hub.set("HUB_SMTP_URL", "smtp://hub@localhost:1");
            hub.set("HUB_SMTP_PASSWORD", OWN_MAIL);
        }
        for arguments in [
            &["config"][..],
            &["config", "--json"],
            &["mail", "test", "--to", ADMIN],
            &["mail", "test", "--to", ADMIN, "--json"],
            &["identity-provider", "list"],
        ] {
            let ran = hub.run(arguments, "").await;
            places.put(Place::Commands, &format!("{arguments:?}"), ran.stdout + &ran.stderr);
        }
    }
    hub.serve().await;
    let mut console = Console::new(hub.address());
    places.page(console.sign_in(ADMIN, password).await);
    for path in [
        "/settings",
        "/settings/mail",
        "/identity-providers",
        "/invitations",
        "/users",
        "/audit",
    ] {
        let page = console.open(path).await;
        assert_eq!(page.status, 200, "{path}");
        places.page(page);
    }
}

//! Secrets canary: marked secrets are put wherever a secret can enter and used; then everything that the hub keeps, logs
//! or shows is searched for them. A text planted on purpose proves for each place that the search finds what is there.

use tests::console::Console;
use tests::hub::{Hub, Kind};
use tests::stage::{ADMIN, on_both, within_a_second};
use tests::upstream::{Settings, Upstream};

#[path = "canary/calls.rs"]
mod calls;
#[path = "canary/doors.rs"]
mod doors;
#[path = "canary/managing.rs"]
mod managing;
#[path = "canary/search.rs"]
pub(crate) mod search;

use search::{Place, Places, Secret};

/// A name of a key, which is shown and stored, and of a variable, which is logged.
const PLANTED: &str = "HUB_PLANTED_CANARY";
/// 32 bytes that can be read.
const MASTER_KEY: &str = "Y2FuYXJ5LW1hc3Rlci1rZXktMzItYnl0ZXMtbG9uZyE=";
const MASTER_KEY_RAW: &str = "canary-master-key-32-bytes-long!";
/// The key after it, in the same form.
const NEXT_MASTER_KEY: &str = "Y2FuYXJ5LW5leHQtbWFzdGVyLWtleS0zMi1ieXRlcyE=";
const NEXT_MASTER_KEY_RAW: &str = "canary-next-master-key-32-bytes!";
const PASSWORD: &str = "canary-password-0a1b2c3d";
const NEW_PASSWORD: &str = "canary-new-password-4e5f6a7b";
const WRONG_PASSWORD: &str = "canary-wrong-password-8c9d0e1f";
const TYPED_PASSWORD: &str = "canary-typed-password-1x2y3z4w";
const SET_PASSWORD: &str = "canary-set-password-5u6v7t8s";
const CREDENTIAL: &str = "sk-canary-credential-2a3b4c5d6e7f8091";
const WRONG_CREDENTIAL: &str = "sk-canary-wrong-credential-a2b3c4d5e6f";
const TYPED_CREDENTIAL: &str = "sk-canary-typed-credential-b3c4d5e6f7a8";
const GUEST_PASSWORD: &str = "canary-guest-password-9r8q7p6o";
const PROMPT: &str = "canary-prompt-7g8h9i";
const SYSTEM: &str = "canary-system-prompt-1j2k3l";
const UNKNOWN_KEY: &str = "sk-hub-canaryunknownkey4m5n6o7p8q9r0s1t2u3v4w5x6y7z8";
const QUERY: &str = "canary-query-0z9y8x";
const COOKIE: &str = "canary-cookie-7w6v5u";

/// The one secret on a page.
fn secret_of(body: &str) -> String {
    let begin = body.find("sk-hub-").unwrap();
    let letters = body[begin..].chars();
    letters
        .take_while(|letter| letter.is_ascii_alphanumeric() || "-_".contains(*letter))
        .collect()
}

/// Uses everything, and gathers what was shown. Gives the secrets that the hub made itself.
async fn live(hub: &Hub, upstream: &Upstream, places: &mut Places) -> Vec<Secret> {
    let mut console = Console::new(hub.address());
    let link = hub.process().greeting["setup_link"].as_str().unwrap().to_owned();
    let (_, token) = link.rsplit_once('=').unwrap();
    let page = console.open(link.trim_start_matches(&hub.origin())).await;
    let form = page
        .form("complete_setup")
        .with("email", ADMIN)
        .with("password", PASSWORD)
        .with("repeated", PASSWORD);
    places.page(console.submit(&form).await);
    let first_session = console.cookie("hub_session").unwrap().to_owned();

    let page = console.open("/providers/new?preset=compatible").await;
    let form = page
        .form("create_provider")
        .with("title", "Fake")
        .with("name", "fake")
        .with("base_url", &upstream.base_url());
    let page = console.submit(&form.with("credential", WRONG_CREDENTIAL)).await;
    let provider = page.path.clone();
    let form = page
        .form("add_credential")
        .with("label", "right")
        .with("credential", CREDENTIAL);
    places.page(page);
    let page = console.submit(&form).await;
    places.page(console.submit(&page.form("refresh_models")).await);

    // The page that shows the new key is the one place where it may stand.
    let page = console.open("/keys/new").await;
    let page = console.submit(&page.form("create_key").with("name", PLANTED)).await;
    let shown = secret_of(&page.body);
    places.page(console.open(&page.path).await);
    // So is the page that shows a rotated one.
    let of_key = page.path.trim_end_matches("/created").to_owned();
    let page = console.open(&of_key).await;
    let form = page.form("rotate_key").with("overlap", "7d");
    places.page(page);
    let page = console.submit(&form).await;
    let rotated = secret_of(&page.body);
    assert_ne!(rotated, shown);
    places.page(console.open(&page.path).await);
    places.page(console.open(&of_key).await);
    let made = hub.create_key(ADMIN, "by the command line").await;
    let key = made["key"].as_str().unwrap().to_owned();
    within_a_second(async || hub.get("/v1/models").bearer(&key).send().await.unwrap().status == 200).await;
    let again = hub
        .json(&["key", "rotate", made["id"].as_str().unwrap(), "--overlap", "7d"], "")
        .await;
    for secret in [&rotated, again["key"].as_str().unwrap()] {
        within_a_second(async || hub.get("/v1/models").bearer(secret).send().await.unwrap().status == 200).await;
    }

    calls::every_kind(hub, upstream, &shown, &key, places).await;
    managing::by_header(hub, &shown, places).await;
    calls::quotes(hub, &shown, places).await;
    doors::typed(hub, upstream, places).await;
    let mut made_secrets = managing::used(hub, upstream, &shown, places).await;

    for (email, password) in [(ADMIN, WRONG_PASSWORD), ("nobody@example.test", WRONG_PASSWORD)] {
        places.page(Console::new(hub.address()).sign_in(email, password).await);
    }
    let mut second = Console::new(hub.address());
    places.page(second.sign_in(ADMIN, PASSWORD).await);
    let second_session = second.cookie("hub_session").unwrap().to_owned();
    let page = second.open("/account").await;
    let form = page
        .form("change_password")
        .with("current", PASSWORD)
        .with("new", NEW_PASSWORD);
    places.page(second.submit(&form.with("repeated", NEW_PASSWORD)).await);

    let paths = [
        "/",
        "/providers",
        "/models",
        "/keys",
        "/calls",
        "/users",
        "/audit",
        "/account",
        "/playground",
    ];
    for path in paths
        .iter()
        .map(|path| (*path).to_owned())
        .chain([provider.clone(), format!("{provider}/edit")])
    {
        let page = second.open(&path).await;
        assert_eq!(page.status, 200, "{path}");
        places.page(page);
    }
    let calls = hub.calls().await;
    for call in &calls {
        places.page(second.open(&format!("/calls/{}", call["id"].as_str().unwrap())).await);
        let path = format!("/v1/calls/{}", call["id"].as_str().unwrap());
        places
            .answer(Place::Answers, hub.get(&path).bearer(&shown).send().await.unwrap())
            .await;
    }
    for arguments in [
        ["call", "list"],
        ["key", "list"],
        ["provider", "list"],
        ["user", "list"],
    ] {
        let ran = hub.run(&arguments, "").await;
        places.put(Place::Commands, &format!("{arguments:?}"), ran.stdout + &ran.stderr);
        let shown = hub.json(&arguments, "").await.to_string();
        places.put(Place::Commands, &format!("{arguments:?}"), shown);
    }
    let middle = |key: &str| key[10..30].to_owned();
    // The set-up token first: it is taken out again.
    let mut secrets = vec![
        Secret::new("set-up token", token),
        Secret::new("shown key", &middle(&shown)),
        Secret::new("printed key", &middle(&key)),
        Secret::new("rotated key", &middle(&rotated)),
        Secret::new("printed rotated key", &middle(again["key"].as_str().unwrap())),
        Secret::new("first session", &first_session),
        Secret::new("second session", &second_session),
    ];
    secrets.append(&mut made_secrets);
    secrets
}

async fn stop(hub: &mut Hub) {
    let process = hub.take_process();
    process.ask_to_stop().await;
    assert!(process.ended().await.success());
}

#[tokio::test]
async fn no_secret_is_kept_logged_or_shown() {
    on_both(async |kind| {
        let settings = Settings {
            keys: vec![CREDENTIAL.to_owned()],
            ..Settings::default()
        };
        let upstream = Upstream::with(settings).await.unwrap();
        let mut hub = Hub::new(kind).await;
        hub.set("HUB_MASTER_KEY", MASTER_KEY);
        hub.set(PLANTED, "x");
        hub.serve().await;
        let mut places = Places::default();
        let mut secrets = live(&hub, &upstream, &mut places).await;
        for (name, text) in [
            ("master key", MASTER_KEY),
            ("master key's bytes", MASTER_KEY_RAW),
            ("password", PASSWORD),
            ("new password", NEW_PASSWORD),
            ("wrong password", WRONG_PASSWORD),
            ("credential", CREDENTIAL),
            ("wrong credential", WRONG_CREDENTIAL),
            ("next master key", NEXT_MASTER_KEY),
            ("next master key's bytes", NEXT_MASTER_KEY_RAW),
            ("typed password", TYPED_PASSWORD),
            ("set password", SET_PASSWORD),
            ("typed credential", TYPED_CREDENTIAL),
            ("unknown key", UNKNOWN_KEY),
            ("foreign cookie", COOKIE),
        ] {
            secrets.push(Secret::new(name, text));
        }
        secrets.extend(managing::fixed());
        for (name, text) in [("prompt", PROMPT), ("system prompt", SYSTEM), ("answer", "You said: ")] {
            secrets.push(Secret::said(name, text));
        }
        if kind == Kind::Postgres {
            let (_, password) = hub.database_url.split_once("//hub:").unwrap();
            secrets.push(Secret::new("database password", password.split('@').next().unwrap()));
        }

        // While it runs, with what is not yet in the main file, and after an orderly end and another start.
        std::fs::write(hub.work().join("planted"), PLANTED).unwrap();
        doors::rotated(&mut hub, &mut places).await;
        places.database(&hub).await;
        stop(&mut hub).await;
        let _configuration = managing::configured(&mut hub);
        managing::configuration_is_shown(&mut hub, NEW_PASSWORD, &mut places).await;
        stop(&mut hub).await;
        places.database(&hub).await;
        places.log(&hub.log());
        places.put(Place::Terminal, "", hub.terminal());

        // The terminal is where the set-up link belongs, and proves its search.
        let link = secrets.remove(0);
        places.prove(|place| match place {
            Place::Terminal => link.text().to_owned(),
            Place::Headers => "x-request-id".to_owned(),
            Place::Completions => "You said: ".to_owned(),
            Place::Streams => "chat.completion.chunk".to_owned(),
            Place::Database
            | Place::Files
            | Place::Log
            | Place::Commands
            | Place::Pages
            | Place::Answers
            | Place::Managed => PLANTED.to_owned(),
        });
        let elsewhere = Place::ALL.into_iter().filter(|place| *place != Place::Terminal);
        let mut found: Vec<String> = elsewhere.flat_map(|place| places.find_in(place, &link)).collect();
        found.extend(secrets.iter().flat_map(|secret| places.find(secret)));
        assert!(found.is_empty(), "{found:#?}");
        // The query of an address may hold secrets of the caller; the log does without it.
        let query = Secret::new("query", QUERY);
        assert_eq!(places.find_in(Place::Log, &query), Vec::<String>::new());
    })
    .await;
}

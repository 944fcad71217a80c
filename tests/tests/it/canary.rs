//! Secrets canary: marked secrets are put wherever a secret can enter and used; then everything that the hub keeps, logs
//! or shows is searched for them. A text planted on purpose proves for each place that the search finds what is there.

use serde_json::json;
use tests::console::Console;
use tests::hub::{Hub, Kind};
use tests::stage::{ADMIN, call_id, on_both, streamed, within_a_second};
use tests::upstream::{Fault, Rule, Settings, Upstream};

#[path = "canary/search.rs"]
mod search;

use search::{Places, Secret};

/// A name of a key, which is shown and stored, and of a variable, which is logged.
const PLANTED: &str = "HUB_PLANTED_CANARY";
/// 32 bytes that can be read.
const MASTER_KEY: &str = "Y2FuYXJ5LW1hc3Rlci1rZXktMzItYnl0ZXMtbG9uZyE=";
const MASTER_KEY_RAW: &str = "canary-master-key-32-bytes-long!";
const PASSWORD: &str = "canary-password-0a1b2c3d";
const NEW_PASSWORD: &str = "canary-new-password-4e5f6a7b";
const WRONG_PASSWORD: &str = "canary-wrong-password-8c9d0e1f";
const CREDENTIAL: &str = "sk-canary-credential-2a3b4c5d6e7f8091";
const WRONG_CREDENTIAL: &str = "sk-canary-wrong-credential-a2b3c4d5e6f";
const PROMPT: &str = "canary-prompt-7g8h9i";
const SYSTEM: &str = "canary-system-prompt-1j2k3l";
const UNKNOWN_KEY: &str = "sk-hub-canaryunknownkey4m5n6o7p8q9r0s1t2u3v4w5x6y7z8";
const QUERY: &str = "canary-query-0z9y8x";
const COOKIE: &str = "canary-cookie-7w6v5u";

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
    let begin = page.body.find("sk-hub-").unwrap();
    let shown: String = page.body[begin..]
        .chars()
        .take_while(|letter| letter.is_ascii_alphanumeric() || "-_".contains(*letter))
        .collect();
    places.page(console.open(&page.path).await);
    let made = hub.create_key(ADMIN, "by the command line").await;
    let key = made["key"].as_str().unwrap().to_owned();
    within_a_second(async || hub.get("/v1/models").bearer(&key).send().await.unwrap().status == 200).await;

    calls(hub, upstream, &shown, &key, places).await;

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
        places.answer(hub.get(&path).bearer(&shown).text().await.unwrap().1);
    }
    for arguments in [
        ["call", "list"],
        ["key", "list"],
        ["provider", "list"],
        ["user", "list"],
    ] {
        places.answer(hub.json(&arguments, "").await.to_string());
    }
    let ran = hub.run(&["config"], "").await;
    places.answer(ran.stdout + &ran.stderr);
    let middle = |key: &str| key[10..30].to_owned();
    vec![
        Secret::new("set-up token", token),
        Secret::new("shown key", &middle(&shown)),
        Secret::new("printed key", &middle(&key)),
        Secret::new("first session", &first_session),
        Secret::new("second session", &second_session),
    ]
}

/// Calls of every kind: good, refused, broken off, with secrets where they do not belong.
async fn calls(hub: &Hub, upstream: &Upstream, first: &str, second: &str, places: &mut Places) {
    let messages = json!([{"role": "system", "content": SYSTEM}, {"role": "user", "content": PROMPT}]);
    let body = |model: &str| json!({"model": format!("fake/{model}"), "messages": messages});
    for key in [first, second] {
        for body in [
            body("gpt-4o-mini"),
            streamed(body("gpt-4o-mini")),
            streamed(body("fault-cut-mid")),
        ] {
            let answer = hub
                .post("/v1/chat/completions", &body)
                .bearer(key)
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status, 200);
            call_id(&answer);
            // What a model wrote stands in its answer and nowhere else.
            assert!(answer.text().await.unwrap().contains("said: "));
        }
    }
    upstream.add_rule(Rule::new(Fault::EchoCredential).times(2));
    for model in [
        "gpt-4o-mini",
        "fault-500",
        "fault-wrong-type",
        "fault-malformed-frame",
        "no-such-model",
    ] {
        let call = hub
            .post(&format!("/v1/chat/completions?x={QUERY}"), &body(model))
            .bearer(first);
        let (status, text) = call
            .header("cookie", &format!("hub_session={COOKIE}"))
            .text()
            .await
            .unwrap();
        assert!(!status.is_success(), "{model}: {text}");
        places.answer(text);
    }
    let unknown = hub
        .post("/v1/chat/completions", &body("gpt-4o-mini"))
        .bearer(UNKNOWN_KEY);
    places.answer(unknown.text().await.unwrap().1);
    let broken = hub
        .post("/v1/chat/completions", &json!(null))
        .bearer(first)
        .body(format!("{{\"{PROMPT}\": {SYSTEM}"));
    places.answer(broken.text().await.unwrap().1);
    let input = json!({"model": "fake/text-embedding-3-small", "input": PROMPT});
    assert_eq!(
        hub.post("/v1/embeddings", &input)
            .bearer(first)
            .send()
            .await
            .unwrap()
            .status,
        200
    );
    places.answer(
        hub.get(&format!("/v1/models?key={QUERY}"))
            .bearer(first)
            .text()
            .await
            .unwrap()
            .1,
    );
    let mut stranger = Console::new(hub.address());
    places.page(stranger.open(&format!("/keys?x={QUERY}")).await);
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
            ("prompt", PROMPT),
            ("system prompt", SYSTEM),
            ("answer", "You said: "),
            ("unknown key", UNKNOWN_KEY),
            ("foreign cookie", COOKIE),
        ] {
            secrets.push(Secret::new(name, text));
        }
        if kind == Kind::Postgres {
            let (_, password) = hub.database_url.split_once("//hub:").unwrap();
            secrets.push(Secret::new("database password", password.split('@').next().unwrap()));
        }

        // While it runs, with what is not yet in the main file, and after an orderly end.
        places.database(&hub).await;
        let process = hub.take_process();
        process.ask_to_stop().await;
        assert!(process.ended().await.success());
        places.database(&hub).await;
        places.logs(&hub);
        // The terminal is where the set-up link belongs; everything else is not.
        let link = &secrets[0];
        places.terminal = hub.terminal().replace(link.text(), "");

        places.prove(PLANTED);
        let found: Vec<String> = secrets.iter().flat_map(|secret| places.find(secret)).collect();
        assert!(found.is_empty(), "{found:#?}");
        // The query of an address may hold secrets of the caller; the log does without it.
        assert_eq!(places.find_in_logs(&Secret::new("query", QUERY)), Vec::<String>::new());
    })
    .await;
}

//! `serve --demo`: a simulated provider, a set-up link, a key and a line to paste; on the terminal and not in the log.

use serde_json::{Value, json};
use tests::console::Console;
use tests::hub::Hub;
use tests::sse::Chat;
use tests::stage::{ADMIN, PASSWORD, on_both, with, within_a_second};

/// Whose key a demo hands out.
const DEMO: &str = "demo@localhost";

fn echo(words: &str) -> Value {
    json!({"model": "simulated/echo", "messages": [{"role": "user", "content": words}]})
}

#[tokio::test]
async fn a_demo_can_be_tried_at_once() {
    on_both(async |kind| {
        let mut hub = Hub::new(kind).await;
        hub.serve_with(&["--demo"]).await;
        let greeting = hub.process().greeting.clone();
        let text = |name: &str| greeting[name].as_str().unwrap().to_owned();
        let (link, key, curl) = (text("setup_link"), text("key"), text("curl"));
        assert!(link.starts_with(&format!("{}/setup?token=", hub.origin())), "{link}");
        assert!(
            curl.contains(&key) && curl.contains(&hub.origin()) && curl.contains("simulated/echo"),
            "{curl}"
        );

        let (status, answer) = hub
            .post("/v1/chat/completions", &echo("Hi there"))
            .bearer(&key)
            .json()
            .await
            .unwrap();
        assert_eq!(status, 200);
        assert_eq!(answer["choices"][0]["message"]["content"], "Hi there");
        assert!(answer.to_string().contains("simulated"), "{answer}");
        let body = with(
            echo("Hi there again"),
            json!({"stream": true, "stream_options": {"include_usage": true}}),
        );
        let (_, text) = hub
            .post("/v1/chat/completions", &body)
            .bearer(&key)
            .text()
            .await
            .unwrap();
        let chat = Chat::read(&text).unwrap();
        assert!(chat.done && chat.content() == "Hi there again" && chat.usages().len() == 1);

        // The printed line, as a person pastes it.
        let ran = tokio::process::Command::new("sh")
            .args(["-c", &curl])
            .output()
            .await
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stdout);
        assert!(
            said.contains("\"Hello\""),
            "{curl}: {said} {}",
            String::from_utf8_lossy(&ran.stderr)
        );

        let page = Console::new(hub.address())
            .open(link.trim_start_matches(&hub.origin()))
            .await;
        assert_eq!(page.status, 200);
        let _ = page.form("complete_setup");
        for secret in [&key, link.rsplit_once('=').unwrap().1] {
            assert!(!hub.log().contains(secret), "a secret is in the log");
        }
    })
    .await;
}

#[tokio::test]
async fn each_start_replaces_the_demos_key() {
    on_both(async |kind| {
        let mut hub = Hub::new(kind).await;
        hub.serve_with(&["--demo"]).await;
        let key = |hub: &Hub| hub.process().greeting["key"].as_str().unwrap().to_owned();
        let first = key(&hub);
        hub.take_process().kill().await;
        hub.serve_with(&["--demo"]).await;
        let second = key(&hub);
        assert_ne!(first, second);
        let status = async |key: &str| hub.get("/v1/models").bearer(key).send().await.unwrap().status.as_u16();
        assert_eq!((status(&first).await, status(&second).await), (401, 200));
        let providers = hub.json(&["provider", "list"], "").await;
        assert_eq!(providers.as_array().unwrap().len(), 1, "{providers}");
        assert_eq!(
            (&providers[0]["kind"], &providers[0]["title"]),
            (&json!("simulated"), &json!("Simulated"))
        );
    })
    .await;
}

/// Whatever an admin has done to the providers meanwhile, the printed line answers.
#[tokio::test]
async fn the_printed_line_answers_whatever_the_provider_is_called() {
    on_both(async |kind| {
        let mut hub = Hub::new(kind).await;
        hub.create_user(ADMIN, "admin", PASSWORD).await;
        // Somebody else's server bears the name that the demo would choose.
        let other = hub.provider("openai-compatible", "simulated");
        other.at("http://127.0.0.1:1/v1").add().await;
        let answers = async |hub: &Hub| {
            let curl = hub.process().greeting["curl"].as_str().unwrap().to_owned();
            let ran = tokio::process::Command::new("sh")
                .args(["-c", &curl])
                .output()
                .await
                .unwrap();
            let said = String::from_utf8_lossy(&ran.stdout).into_owned();
            assert!(
                said.contains("\"Hello\"") && said.contains("simulated"),
                "{curl}: {said}"
            );
            curl
        };
        hub.serve_with(&["--demo"]).await;
        assert!(answers(&hub).await.contains("simulated-2/echo"));

        // Renamed, its model disabled, and itself too.
        let mut console = Console::new(hub.address());
        console.sign_in(ADMIN, PASSWORD).await;
        let providers = hub.json(&["provider", "list"], "").await;
        let demo = providers
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["kind"] == "simulated")
            .unwrap();
        let id = demo["id"].as_str().unwrap();
        let page = console.open(&format!("/providers/{id}/edit")).await;
        let page = console.submit(&page.form("update_provider").with("name", "demo")).await;
        assert_eq!(page.path, format!("/providers/{id}"), "{}", page.body);
        let page = console.open(&format!("/models?provider={id}&q=echo")).await;
        let page = console.submit(&page.form("switch_model")).await;
        assert!(page.body.contains("Enable demo/echo"), "{}", page.body);
        let page = console.open(&format!("/providers/{id}")).await;
        console.submit(&page.form("switch_provider")).await;
        hub.take_process().kill().await;
        hub.serve_with(&["--demo"]).await;
        assert!(answers(&hub).await.contains("\"demo/echo\""));
        let providers = hub.json(&["provider", "list"], "").await;
        assert_eq!(providers.as_array().unwrap().len(), 2, "{providers}");
    })
    .await;
}

/// What an admin has made of its owner does not matter at the next start; that calls want credit does, and is told with what to do.
#[tokio::test]
async fn the_printed_key_works_or_what_it_lacks_is_printed() {
    on_both(async |kind| {
        let mut hub = Hub::new(kind).await;
        hub.create_user(ADMIN, "admin", PASSWORD).await;
        hub.serve_with(&["--demo"]).await;
        let asks = async |hub: &Hub| {
            let key = hub.process().greeting["key"].as_str().unwrap();
            let call = hub.post("/v1/chat/completions", &echo("x")).bearer(key);
            let (status, answer) = call.json().await.unwrap();
            (status.as_u16(), answer)
        };
        let mut console = Console::new(hub.address());
        console.sign_in(ADMIN, PASSWORD).await;
        hub.json(&["user", "set-role", "--email", DEMO, "--role", "auditor"], "")
            .await;
        let people = hub.json(&["user", "list"], "").await;
        let demo = people
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["email"] == DEMO)
            .unwrap();
        let page = console.open(&format!("/users/{}", demo["id"].as_str().unwrap())).await;
        let page = console.submit(&page.form("suspend_user")).await;
        assert_eq!(page.status, 200, "{}", page.body);
        within_a_second(async || asks(&hub).await.0 == 401).await;

        hub.take_process().kill().await;
        hub.serve_with(&["--demo"]).await;
        let (status, answer) = asks(&hub).await;
        assert_eq!(status, 200, "{answer}");
        assert_eq!(hub.process().greeting["first"], json!([]));

        hub.json(&["settings", "set", "mode", "service-provider"], "").await;
        hub.take_process().kill().await;
        hub.serve_with(&["--demo"]).await;
        assert_ne!(asks(&hub).await.0, 200);
        let first = hub.process().greeting["first"].clone();
        for line in first.as_array().unwrap() {
            let words: Vec<&str> = line.as_str().unwrap().split_whitespace().skip(1).collect();
            hub.json(&words, "").await;
        }
        within_a_second(async || asks(&hub).await.0 == 200).await;
    })
    .await;
}

#[tokio::test]
async fn simulated_faults_look_like_real_ones() {
    on_both(async |kind| {
        let mut hub = Hub::new(kind).await;
        hub.serve_with(&["--demo"]).await;
        let key = hub.process().greeting["key"].as_str().unwrap().to_owned();
        for (model, status) in [
            ("error-400", 400),
            ("error-401", 502),
            ("error-429", 429),
            ("error-500", 502),
        ] {
            let mut body = echo("x");
            body["model"] = json!(format!("simulated/{model}"));
            let (found, error) = hub
                .post("/v1/chat/completions", &body)
                .bearer(&key)
                .json()
                .await
                .unwrap();
            assert_eq!(found.as_u16(), status, "{model}: {error}");
            assert!(error["error"]["message"].is_string(), "{model}");
        }
        let tools = json!([{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]);
        let mut body = with(echo("x"), json!({"tools": tools}));
        body["model"] = json!("simulated/tools");
        let (status, answer) = hub
            .post("/v1/chat/completions", &body)
            .bearer(&key)
            .json()
            .await
            .unwrap();
        assert_eq!(status, 200, "{answer}");
        assert_eq!(
            answer["choices"][0]["message"]["tool_calls"][0]["function"]["name"],
            "weather"
        );
    })
    .await;
}

#[tokio::test]
async fn a_demo_stays_on_this_machine() {
    on_both(async |kind| {
        let mut hub = Hub::new(kind).await;
        hub.set("HUB_LISTEN", "0.0.0.0:0");
        let ran = hub.run(&["serve", "--demo"], "").await;
        assert!(ran.complaint().contains("127.0.0.1"), "{}", ran.stderr);
        assert_eq!(ran.code, Some(3));
    })
    .await;
}

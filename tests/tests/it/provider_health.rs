//! How providers fare, as tests and calls tell it: credentials proved where the list of models is open to everybody, servers
//! that cannot list, and servers without a credential.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::{Value, json};
use tests::console::Console;
use tests::hub::Hub;
use tests::stage::{ADMIN, PASSWORD, on_both};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    task::JoinHandle,
};

const GOOD: &str = "sk-good-credential-0123456789";
const MODELS: &str = r#"{"object":"list","data":[{"id":"m","object":"model"}]}"#;
const CHAT: &str = r#"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}"#;
const REFUSED: &str = r#"{"error":{"message":"No such key here","code":401}}"#;

/// A server that answers requests, given as `GET /v1/models` and whether they bear the good credential.
struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    async fn start(answer: impl Fn(&str, bool) -> (u16, &'static str) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let mut request = Vec::new();
                let mut rest = usize::MAX;
                // Head, then as much body as it announces.
                while request.len() < rest {
                    let mut piece = [0; 4096];
                    let read = socket.read(&mut piece).await.unwrap_or_default();
                    if read == 0 {
                        break;
                    }
                    request.extend_from_slice(&piece[..read]);
                    let text = String::from_utf8_lossy(&request).to_lowercase();
                    if let Some((head, _)) = text.split_once("\r\n\r\n") {
                        let length = head.split("content-length: ").nth(1);
                        let length = length.and_then(|rest| rest.lines().next()?.trim().parse::<usize>().ok());
                        rest = head.len() + 4 + length.unwrap_or_default();
                    }
                }
                let text = String::from_utf8_lossy(&request);
                let line = text.lines().next().unwrap_or_default().trim_end_matches(" HTTP/1.1");
                let (status, body) = answer(line, text.contains(&format!("Bearer {GOOD}")));
                let head = format!(
                    "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                );
                let _ = socket.write_all(format!("{head}{body}").as_bytes()).await;
                let _ = socket.shutdown().await;
            }
        });
        Self { address, task }
    }

    fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What the list on the command line says of a provider.
async fn fares(hub: &Hub, name: &str) -> String {
    let listed = hub.run(&["provider", "list"], "").await;
    let line = listed.stdout.lines().find(|line| line.contains(&format!(" {name} ")));
    let line = line.unwrap_or_else(|| panic!("{name} is not listed: {listed:?}"));
    line.rsplit("  ").next().unwrap_or_default().trim().to_owned()
}

#[tokio::test]
async fn an_open_list_of_models_proves_no_credential() {
    on_both(async |kind| {
        let hub = Hub::new(kind).await;
        hub.create_user(ADMIN, "admin", PASSWORD).await;
        for (preset, proof) in [("openrouter", "GET /v1/key"), ("poe", "GET /usage/current_balance")] {
            let server = Server::start(move |line, good| match (line, good) {
                ("GET /v1/models", _) => (200, MODELS),
                (line, true) if line == proof => (200, "{}"),
                (line, false) if line == proof => (401, REFUSED),
                _ => (404, "{}"),
            })
            .await;
            for (name, credential, health) in [("good", GOOD, "good"), ("bad", "sk-made-up-0123456789", "failing")] {
                let name = format!("{preset}-{name}");
                let url = server.base_url();
                let provider = hub.provider_of_preset(preset, &name).at(&url);
                let added = provider.credential(credential).add().await;
                assert_eq!(added["test"]["health"], health, "{added}");
                assert_eq!(added["test"]["listed"], health == "good", "{added}");
                if health == "failing" {
                    assert_eq!(added["test"]["message"], "No such key here");
                    assert_eq!(fares(&hub, &name).await, "failing");
                } else {
                    assert_eq!(fares(&hub, &name).await, "working");
                }
            }
            let none = format!("{preset}-none");
            let provider = hub.provider_of_preset(preset, &none);
            let added = provider.at(&server.base_url()).add().await;
            assert_eq!(
                added["test"]["health"], "unknown",
                "an open list proves nothing: {added}"
            );
            assert_eq!(fares(&hub, &none).await, "no credential");
        }
    })
    .await;
}

#[tokio::test]
async fn a_server_that_cannot_list_its_models_is_not_failing() {
    on_both(async |kind| {
        let mut hub = Hub::new(kind).await;
        hub.create_user(ADMIN, "admin", PASSWORD).await;
        let server = Server::start(|line, good| match (line, good) {
            ("POST /v1/chat/completions", true) => (200, CHAT),
            ("POST /v1/chat/completions", false) => (401, REFUSED),
            _ => (404, r#"{"detail":"Not Found"}"#),
        })
        .await;
        let mute = hub.provider("openai-compatible", "mute").at(&server.base_url());
        let added = mute.models(["m"]).credential(GOOD).add().await;
        assert_eq!(
            (&added["test"]["health"], &added["test"]["status"]),
            (&json!("unknown"), &json!(404))
        );
        assert_eq!(fares(&hub, "mute").await, "not used yet");

        let key = hub.create_key(ADMIN, "k").await;
        hub.serve().await;
        assert_eq!(call(&hub, &key, "mute/m").await, 200);
        within_seconds(&hub, "mute", "working").await;
        // A test that cannot tell takes nothing back.
        let mut console = Console::new(hub.address());
        console.sign_in(ADMIN, PASSWORD).await;
        let id = added["id"].as_str().unwrap();
        let page = console.open(&format!("/providers/{id}")).await;
        let page = console.submit(&page.form("test_credential")).await;
        assert!(
            page.body.contains("answered 404 when asked for its models"),
            "{}",
            page.body
        );
        assert_eq!(fares(&hub, "mute").await, "working");
    })
    .await;
}

#[tokio::test]
async fn a_server_without_a_credential_has_a_health_of_its_own() {
    on_both(async |kind| {
        let mut hub = Hub::new(kind).await;
        hub.create_user(ADMIN, "admin", PASSWORD).await;
        let up = Arc::new(AtomicBool::new(true));
        let is_up = Arc::clone(&up);
        let server = Server::start(move |line, _| match (line, is_up.load(Ordering::SeqCst)) {
            ("GET /v1/models", true) => (200, MODELS),
            ("POST /v1/chat/completions", true) => (200, CHAT),
            _ => (503, r#"{"error":{"message":"The model is loading"}}"#),
        })
        .await;
        let ollama = hub.provider("openai-compatible", "ollama");
        let added = ollama.at(&server.base_url()).add().await;
        assert_eq!(
            (&added["test"]["health"], &added["provider"]["models"]),
            (&json!("good"), &json!(1))
        );
        assert_eq!(fares(&hub, "ollama").await, "working");
        let key = hub.create_key(ADMIN, "k").await;
        hub.serve().await;
        up.store(false, Ordering::SeqCst);
        assert_ne!(call(&hub, &key, "ollama/m").await, 200);
        within_seconds(&hub, "ollama", "failing").await;
        let mut console = Console::new(hub.address());
        console.sign_in(ADMIN, PASSWORD).await;
        for path in [
            "/",
            "/providers",
            &format!("/providers/{}", added["id"].as_str().unwrap()),
        ] {
            let page = console.open(path).await;
            assert!(
                page.body.contains("Failing") && page.body.contains("The model is loading"),
                "{path}"
            );
        }
        up.store(true, Ordering::SeqCst);
        assert_eq!(call(&hub, &key, "ollama/m").await, 200);
        within_seconds(&hub, "ollama", "working").await;
    })
    .await;
}

async fn call(hub: &Hub, key: &Value, model: &str) -> u16 {
    let body = json!({"model": model, "messages": [{"role": "user", "content": "Hi"}]});
    let sent = hub
        .post("/v1/chat/completions", &body)
        .bearer(key["key"].as_str().unwrap());
    sent.send().await.unwrap().status.as_u16()
}

/// Last uses are written every five seconds.
async fn within_seconds(hub: &Hub, name: &str, word: &str) {
    let begin = std::time::Instant::now();
    while fares(hub, name).await != word {
        assert!(begin.elapsed().as_secs() < 30, "{name} is not {word}");
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }
}

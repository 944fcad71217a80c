//! The router as a whole over a fresh database: dialects, refusals and headers, path by path.

mod authority;
mod contract;
mod downloads;
mod forms;
mod sign_ins;
mod typed;
mod viewing;

use axum::{body::Body, extract::Request, response::Response};
use domain::{access::Admin, access::Role};
use gateway::{Gateway, Origin, ProcessKind, Settings, clock::Clock, secrets::MasterKey};
use http::{StatusCode, header};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::*;
use crate::config::{NetworkSettings, Raw, Source};
use crate::state::HttpSettings;

struct Hub {
    _folder: tempfile::TempDir,
    gateway: Gateway,
    router: Router,
    key: String,
}

impl Hub {
    async fn new(public_url: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            database_url: format!("sqlite://{}", folder.path().join("hub.db").display()),
            master_key: MasterKey::generate().unwrap(),
            public_url: public_url.to_owned(),
            process_kind: ProcessKind::Serve,
            sqlite_synchronous_full: false,
            accounts_in_memory: 1_000,
            keeps_after: 6,
            outage: std::time::Duration::from_secs(30),
            fetch_allow: Vec::new(),
            identity_providers: Vec::new(),
            mail: None,
            postgres_connections: 2,
            silence: std::time::Duration::from_secs(10),
            ledger: gateway::LedgerOrder::Shared,
            clock: Clock::System,
        };
        let gateway = Gateway::open(settings).await.unwrap();
        let mut raw = Raw::default();
        raw.set("HUB_BODY_LIMIT", "1KB".into(), Source::CommandLine);
        raw.set(
            "HUB_CORS_ORIGINS",
            "https://app.example.com".into(),
            Source::CommandLine,
        );
        let network = crate::config::Config::from_raw(raw).unwrap().network;
        let state = HubState::new(gateway.clone(), http_settings(&network, public_url), Default::default());
        let admin = Admin::command_line();
        let email = "ada@example.com".parse().unwrap();
        let user = gateway
            .users()
            .create(&admin, Origin::default(), &email, Role::Member, "a long password")
            .await;
        let key = gateway
            .keys()
            .create_for(&admin, Origin::default(), user.unwrap().id, &"test".parse().unwrap())
            .await;
        Self {
            _folder: folder,
            router: router(state),
            gateway,
            key: key.unwrap().secret.expose().to_owned(),
        }
    }

    async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.router
            .clone()
            .oneshot(request.body(Body::from(body.to_owned())).unwrap())
            .await
            .unwrap()
    }

    async fn end(self) {
        self.gateway.shutdown(std::time::Duration::ZERO).await;
    }
}

fn http_settings(network: &NetworkSettings, public_url: &str) -> HttpSettings {
    HttpSettings::new(network, public_url.to_owned())
}

fn text<'a>(response: &'a Response, name: &str) -> &'a str {
    response
        .headers()
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

async fn error_code(response: Response) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    let body: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    body["error"]["code"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn machines_are_answered_in_json_everywhere() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    for path in ["/v1", "/v1/", "/v1/nope", "/v1/chat"] {
        let response = hub.send("GET", path, &[], "").await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(text(&response, "x-request-id").starts_with("call_"), "{path}");
        assert_eq!(error_code(response).await, "unknown_url", "{path}");
    }
    let response = hub.send("GET", "/v1/chat/completions", &[], "").await;
    assert_eq!(
        (response.status(), text(&response, "allow")),
        (StatusCode::METHOD_NOT_ALLOWED, "POST")
    );
    assert_eq!(error_code(response).await, "method_not_allowed");
    let response = hub.send("POST", "/v1/chat/completions", &[], "{}").await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    hub.end().await;
}

#[tokio::test]
async fn every_answer_of_the_api_says_what_time_it_took() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let bearer = format!("Bearer {}", hub.key);
    let key = [("authorization", bearer.as_str())];
    for (method, path, headers, status) in [
        ("GET", "/v1/models", &key[..], StatusCode::OK),
        ("GET", "/v1/models", &[], StatusCode::UNAUTHORIZED),
        ("GET", "/v1/models/none", &key, StatusCode::NOT_FOUND),
        ("GET", "/v1/nope", &[], StatusCode::NOT_FOUND),
        ("DELETE", "/v1/embeddings", &[], StatusCode::METHOD_NOT_ALLOWED),
        ("POST", "/v1/chat/completions", &key, StatusCode::BAD_REQUEST),
    ] {
        let response = hub.send(method, path, headers, "").await;
        assert_eq!(response.status(), status, "{method} {path}");
        let timing = text(&response, "server-timing");
        let spent = timing
            .strip_prefix("overhead;dur=")
            .and_then(|spent| spent.parse::<f64>().ok());
        assert!(spent.is_some_and(|spent| spent > 0.0), "{method} {path}: {timing:?}");
    }
    // What people look at does not tell.
    assert_eq!(text(&hub.send("GET", "/sign-in", &[], "").await, "server-timing"), "");
    hub.end().await;
}

#[tokio::test]
async fn bodies_have_a_limit_with_and_without_a_length() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let bearer = format!("Bearer {}", hub.key);
    let long = "x".repeat(2000);
    for announced in [
        vec![("authorization", bearer.as_str())],
        vec![("authorization", bearer.as_str()), ("content-length", "2000")],
    ] {
        let response = hub.send("POST", "/v1/embeddings", &announced, &long).await;
        assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(error_code(response).await, "request_too_large");
    }
    hub.end().await;
}

#[tokio::test]
async fn keys_open_the_api_and_cookies_do_not() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let bearer = format!("Bearer {}", hub.key);
    assert_eq!(
        hub.send("GET", "/v1/models", &[("authorization", &bearer)], "")
            .await
            .status(),
        StatusCode::OK
    );
    let cookie = format!("hub_session={}", hub.key);
    assert_eq!(
        hub.send("GET", "/v1/models", &[("cookie", &cookie)], "").await.status(),
        StatusCode::UNAUTHORIZED
    );
    let response = hub
        .send("GET", "/v1/calls/call_0000000000000", &[("authorization", &bearer)], "")
        .await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    // And the other way round: a key is no way into the console.
    let response = hub.send("GET", "/", &[("authorization", &bearer)], "").await;
    assert_eq!(
        (response.status(), text(&response, "location")),
        (StatusCode::SEE_OTHER, "/sign-in")
    );
    hub.end().await;
}

#[tokio::test]
async fn only_configured_origins_may_call_from_browsers() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let ask = |origin: &'static str| [("origin", origin), ("access-control-request-method", "POST")];
    let response = hub
        .send("OPTIONS", "/v1/chat/completions", &ask("https://app.example.com"), "")
        .await;
    assert_eq!(
        text(&response, "access-control-allow-origin"),
        "https://app.example.com"
    );
    assert_eq!(text(&response, "access-control-allow-credentials"), "");
    let response = hub
        .send("OPTIONS", "/v1/chat/completions", &ask("https://evil.example"), "")
        .await;
    assert_eq!(text(&response, "access-control-allow-origin"), "");
    hub.end().await;
}

#[tokio::test]
async fn pages_carry_their_headers_and_a_fresh_nonce() {
    let hub = Hub::new("https://hub.example.com").await;
    let first = hub.send("GET", "/sign-in", &[], "").await;
    assert_eq!(first.status(), StatusCode::OK);
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
        ("strict-transport-security", "max-age=31536000"),
    ] {
        assert_eq!(text(&first, name), value);
    }
    let policy = text(&first, "content-security-policy").to_owned();
    let nonce = policy
        .split('\'')
        .find_map(|part| part.strip_prefix("nonce-"))
        .unwrap()
        .to_owned();
    let page = first.into_body().collect().await.unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&page).contains(&format!("nonce=\"{nonce}\"")));
    let second = hub.send("GET", "/sign-in", &[], "").await;
    assert_ne!(text(&second, "content-security-policy"), policy);
    hub.end().await;
}

#[tokio::test]
async fn strangers_are_sent_to_sign_in_and_come_back() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let response = hub.send("GET", "/?a=1", &[], "").await;
    assert_eq!(text(&response, "location"), "/sign-in?next=/%3Fa%3D1");
    assert_eq!(
        hub.send("GET", "/pkg/no-such-file.js", &[], "").await.status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(hub.send("GET", "/healthz", &[], "").await.status(), StatusCode::OK);
    assert_eq!(hub.send("GET", "/readyz", &[], "").await.status(), StatusCode::OK);
    hub.end().await;
}

#[tokio::test]
async fn changes_from_other_sites_are_refused() {
    let hub = Hub::new("https://hub.example.com").await;
    let from = |headers: &'static [(&'static str, &'static str)]| hub.send("POST", "/do/anything", headers, "");
    for foreign in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.example"), ("host", "hub.example.com")],
        &[("origin", "null"), ("host", "hub.example.com")],
    ] {
        let response = from(foreign).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{foreign:?}");
        assert_ne!(text(&response, header::CONTENT_SECURITY_POLICY.as_str()), "");
    }
    for own in [
        &[("sec-fetch-site", "same-origin")][..],
        // A proxy has rewritten Host, but the origin is the public one.
        &[("origin", "https://hub.example.com"), ("host", "10.0.0.5:8080")],
        &[],
    ] {
        assert_eq!(from(own).await.status(), StatusCode::NOT_FOUND, "{own:?}");
    }
    let large = "x".repeat(1024 * 1024 + 1);
    let response = hub
        .send("POST", "/do/anything", &[("content-length", "1048577")], &large)
        .await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    hub.end().await;
}

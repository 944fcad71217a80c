//! A program that manages a hub: its key, what it asks, and all that it was ever told.

use std::net::SocketAddr;
use std::sync::Mutex;

use http::Method;
use serde_json::{Value, json};
use tests::client::Call;
use tests::hub::Hub;

/// What `/api/admin` is asked by a key.
pub struct Api {
    address: SocketAddr,
    /// The key that manages.
    pub key: String,
    /// Its id.
    pub key_id: String,
    /// Every answer's text.
    told: Mutex<String>,
}

/// An answer, whole.
#[derive(Debug)]
pub struct Told {
    pub status: u16,
    pub body: Value,
    /// The header `ETag`.
    pub tag: Option<String>,
}

impl Told {
    /// The error's code and field.
    pub fn error(&self) -> (&str, &str) {
        let text = |name: &str| self.body["error"][name].as_str().unwrap_or_default();
        assert!(!text("message").is_empty(), "no sentence: {self:?}");
        (text("code"), text("field"))
    }

    /// The body of an answer with this status.
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }
}

/// A text of an answer.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

impl Api {
    /// By a key of somebody who is there, made on the command line.
    pub async fn of(hub: &Hub, email: &str) -> Self {
        Self::of_project(hub, email, None).await
    }

    /// The same, by a key of this project.
    pub async fn of_project(hub: &Hub, email: &str, project: Option<&str>) -> Self {
        let arguments = ["key", "create", "--user", email, "--name", "robot", "--scope", "manage"];
        let project = project.into_iter().flat_map(|project| ["--project", project]);
        let arguments: Vec<&str> = arguments.into_iter().chain(project).collect();
        let made = hub.json(&arguments, "").await;
        let (key, key_id) = (text(&made["key"]).to_owned(), text(&made["id"]).to_owned());
        let api = Self {
            address: hub.address(),
            key,
            key_id,
            told: Mutex::default(),
        };
        // The running server learns of the key within a second.
        tests::stage::within_a_second(async || api.get("/settings").await.error_code() != "invalid_api_key").await;
        api
    }

    /// A request, not sent yet; paths are those below `/api/admin`.
    pub fn call(&self, method: Method, path: &str) -> Call {
        let path = format!("/api/admin{path}");
        Call::new(self.address, method, &path).promised().bearer(&self.key)
    }

    /// Sends a request and hears it out.
    pub async fn hear(&self, call: Call) -> Told {
        let answer = call.send().await.unwrap();
        let status = answer.status.as_u16();
        let kept = answer.header("cache-control").unwrap_or_default();
        assert!(kept.contains("no-store"), "{kept}");
        let tag = answer.header("etag").map(str::to_owned);
        let text = answer.text().await.unwrap();
        self.told.lock().unwrap().push_str(&text);
        let body = match text.as_str() {
            "" => Value::Null,
            // A file is no JSON.
            text => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
        };
        Told { status, body, tag }
    }

    pub async fn get(&self, path: &str) -> Told {
        self.hear(self.call(Method::GET, path)).await
    }

    pub async fn delete(&self, path: &str) -> Told {
        self.hear(self.call(Method::DELETE, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Told {
        self.send(Method::POST, path, body).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Told {
        self.send(Method::PATCH, path, body).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Told {
        self.send(Method::PUT, path, body).await
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> Told {
        let call = self.call(method, path).body(body.to_string());
        self.hear(call.content_type("application/json")).await
    }

    /// Whether anything that was told holds this.
    pub fn has_told(&self, secret: &str) -> bool {
        self.told.lock().unwrap().contains(secret)
    }

    /// The id of the person with this address.
    pub async fn user(&self, email: &str) -> String {
        let listed = self.get(&format!("/users?q={email}")).await.expect(200);
        text(&listed["data"][0]["id"]).to_owned()
    }

    /// Every row of a list, page by page.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let (mut rows, mut cursor) = (Vec::new(), String::new());
        loop {
            let between = if path.contains('?') { '&' } else { '?' };
            let page = self.get(&format!("{path}{between}limit=25{cursor}")).await.expect(200);
            rows.extend(page["data"].as_array().unwrap().iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return rows,
            }
        }
    }
}

impl Told {
    /// The error's code, empty where it is none.
    pub fn error_code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }
}

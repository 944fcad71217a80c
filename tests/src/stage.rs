//! A stage for a test: a running hub with an admin, a member, a key of each, and a fake provider behind it, all its own.

#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise and says how far it came, and this is part of tests"
)]

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::client::{Answer, Call};
use crate::console::{Console, Page};
use crate::hub::{Hub, Kind, Mould};
use crate::upstream::{Record, Upstream};

/// The admin's address.
pub const ADMIN: &str = "ada@example.test";
/// The admin's password.
pub const PASSWORD: &str = "correct horse battery staple";
/// The provider's name: the first part of its models'.
pub const PROVIDER: &str = "fake";
/// Longer than anything that happens takes, on a busy machine too. Waiting ends at once when it has happened.
pub const SOON: Duration = Duration::from_secs(20);

/// A hub with all that a call needs.
#[derive(Debug)]
pub struct Stage {
    /// The hub.
    pub hub: Hub,
    /// The provider behind it.
    pub upstream: Upstream,
    /// The admin's key.
    pub key: String,
    /// That key's id.
    pub key_id: String,
    /// The provider's id.
    pub provider_id: String,
}

/// The admin's key.
#[derive(Debug, Clone)]
struct Key {
    secret: String,
    id: String,
}

/// Makes the admin and the key.
async fn staff(hub: &Hub) -> Key {
    hub.create_user(ADMIN, "admin", PASSWORD).await;
    let made = hub.create_key(ADMIN, "test").await;
    Key {
        secret: text(&made["key"]),
        id: text(&made["id"]),
    }
}

/// A hub with both, to make others from: to migrate a database and to make a person takes longer than most tests. Once a
/// process; hubs of tests are copies, so no test sees another's.
async fn staffed(kind: Kind) -> &'static (Mould, Key) {
    static MADE: [OnceCell<(Mould, Key)>; 2] = [const { OnceCell::const_new() }; 2];
    let place = match kind {
        Kind::Sqlite => &MADE[0],
        Kind::Postgres => &MADE[1],
    };
    place
        .get_or_init(async || {
            let hub = Hub::new(kind).await;
            let key = staff(&hub).await;
            (hub.mould(), key)
        })
        .await
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

impl Stage {
    /// Over a fresh database of this kind, running.
    pub async fn start(kind: Kind) -> Self {
        let mut stage = Self::prepare(kind).await;
        stage.hub.serve().await;
        stage
    }

    /// The same, not running yet.
    pub async fn prepare(kind: Kind) -> Self {
        let (mould, key) = staffed(kind).await;
        Self::connect(Hub::cast(mould).await, key.clone()).await
    }

    /// Prepares a hub that has been given its settings.
    pub async fn prepare_with(hub: Hub) -> Self {
        let key = staff(&hub).await;
        Self::connect(hub, key).await
    }

    /// Connects the provider.
    async fn connect(hub: Hub, key: Key) -> Self {
        let upstream = Upstream::start().await.unwrap();
        let added = hub.add_provider(PROVIDER, &upstream.base_url(), upstream.key()).await;
        let stage = Self {
            hub,
            key: key.secret,
            key_id: key.id,
            provider_id: text(&added["id"]),
            upstream,
        };
        stage.upstream.forbid(&stage.key);
        stage
    }

    /// `POST /v1/chat/completions` with the key.
    #[must_use]
    pub fn chat(&self, body: &Value) -> Call {
        self.post("/v1/chat/completions", body)
    }

    /// `POST path` with the key.
    #[must_use]
    pub fn post(&self, path: &str, body: &Value) -> Call {
        self.hub.post(path, body).bearer(&self.key)
    }

    /// `GET path` with the key.
    #[must_use]
    pub fn get(&self, path: &str) -> Call {
        self.hub.get(path).bearer(&self.key)
    }

    /// The row of a call as `GET /v1/calls/{id}` shows it to its key.
    pub async fn row(&self, id: &str) -> Value {
        let (status, row) = self.get(&format!("/v1/calls/{id}")).json().await.unwrap();
        assert_eq!(status, 200, "{row}");
        row
    }

    /// The row of a call, once it is in this state.
    ///
    /// # Panics
    /// When it does not come to that.
    pub async fn row_in_state(&self, id: &str, state: &str) -> Value {
        let begin = Instant::now();
        loop {
            let row = self.row(id).await;
            if row["state"] == state {
                return row;
            }
            assert!(begin.elapsed() < SOON, "the call is not {state}: {row}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The call as another process reads it from the database.
    ///
    /// # Panics
    /// When it is not there.
    pub async fn listed(&self, id: &str) -> Value {
        let calls = self.hub.calls().await;
        let found = calls.iter().find(|call| call["id"] == id);
        found.unwrap_or_else(|| panic!("{id} is not listed: {calls:?}")).clone()
    }

    /// The one chat request that has reached the provider.
    ///
    /// # Panics
    /// When there are none or several.
    #[must_use]
    pub fn only_request(&self) -> Record {
        let mut records = self.upstream.requests_to("/v1/chat/completions");
        assert_eq!(records.len(), 1, "requests at the provider");
        records.remove(0)
    }

    /// A window of the admin, signed in.
    pub async fn admin(&self) -> Console {
        let mut console = Console::new(self.hub.address());
        let page = console.sign_in(ADMIN, PASSWORD).await;
        assert_eq!((page.status.as_u16(), page.path.as_str()), (200, "/"), "{}", page.body);
        console
    }

    /// Changes fields of the provider through the console, as an admin would: `("gap", "0.3")`.
    pub async fn set_provider(&self, fields: &[(&str, &str)]) -> Page {
        let mut console = self.admin().await;
        let page = console.open(&format!("/providers/{}/edit", self.provider_id)).await;
        let form = page.form("update_provider");
        let form = fields.iter().fold(form, |form, (name, value)| form.with(name, value));
        let after = console.submit(&form).await;
        assert_eq!(after.status, 200);
        assert_eq!(after.path, format!("/providers/{}", self.provider_id), "{}", after.body);
        after
    }
}

/// A chat body for a model of the fake provider.
#[must_use]
pub fn hello(model: &str) -> Value {
    saying(model, "Hello out there")
}

/// A chat body with this message.
#[must_use]
pub fn saying(model: &str, words: &str) -> Value {
    json!({"model": format!("{PROVIDER}/{model}"), "messages": [{"role": "user", "content": words}]})
}

/// The same as a stream that asks for its usage.
#[must_use]
pub fn streamed(body: Value) -> Value {
    with(body, json!({"stream": true, "stream_options": {"include_usage": true}}))
}

/// `body` with the fields of `more`.
#[must_use]
pub fn with(mut body: Value, more: Value) -> Value {
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    body
}

/// The id of the call behind an answer.
///
/// # Panics
/// When the answer names none.
pub fn call_id(answer: &Answer) -> String {
    let id = answer.header("x-request-id").unwrap_or_default().to_owned();
    assert!(id.starts_with("call_"), "x-request-id is {id:?}");
    id
}

/// Runs a test on both kinds of database, side by side: where one waits the other goes on. Of a test that fails the output names
/// those on which it came to its end.
pub async fn on_both(test: impl AsyncFn(Kind)) {
    let on = async |kind: Kind| {
        test(kind).await;
        println!("it holds on {kind:?}");
    };
    let [first, second] = Kind::BOTH;
    tokio::join!(Box::pin(on(first)), Box::pin(on(second)));
}

/// Waits until something that another process caused is seen by the running server, which is promised within a second: a look that
/// begins after it must see it. What a busy machine takes from everybody meanwhile is not counted: from the test that looks, and as much
/// from the server that is to see it; half a minute is the end all the same.
///
/// # Panics
/// When it is not.
pub async fn within_a_second(seen: impl AsyncFn() -> bool) {
    let come = promised(Duration::from_secs(1), Duration::from_secs(30), seen).await;
    assert!(come, "not seen within a second");
}

/// The same, promised within another time, and waited for no longer than the `last`: what is taken counts twice, so on a busy machine it may
/// grow faster than time passes.
async fn promised(within: Duration, last: Duration, seen: impl AsyncFn() -> bool) -> bool {
    // Between two looks; a look takes no longer on a machine of its own, and a sleep ends when it should.
    const PAUSE: Duration = Duration::from_millis(20);
    let (begin, mut taken) = (Instant::now(), Duration::ZERO);
    loop {
        let look = Instant::now();
        if seen().await {
            return true;
        }
        if look - begin >= last.min(within + 2 * taken) {
            return false;
        }
        taken += look.elapsed().saturating_sub(PAUSE);
        let pause = Instant::now();
        tokio::time::sleep(PAUSE).await;
        taken += pause.elapsed().saturating_sub(PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_never_comes_is_not_waited_for_for_ever() {
        let second = Duration::from_secs(1);
        // Each look takes longer than a machine of its own would.
        let slow = async || {
            tokio::time::sleep(second / 5).await;
            false
        };
        let waited = tokio::time::timeout(SOON, promised(second, 2 * second, slow)).await;
        assert_eq!(waited, Ok(false));
        assert!(promised(second, second, async || true).await);
    }
}

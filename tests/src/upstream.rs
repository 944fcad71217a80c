//! A fake provider that is as strict as the real ones and breaks on demand. It speaks OpenAI's interface, and at other paths those
//! of other providers: Anthropic's under `/v1/messages`, Gemini's under `/v1beta`, Ollama's under `/api`.
//!
//!
//! It answers chat, responses, legacy completions, embeddings and models in OpenAI's shapes, deterministically, so that a test can compute what it
//! must see; it records every request; and it plays faults chosen by a rule ([`Upstream::fault`]) or by a model name
//! (`fault-stall-mid`), so that a browser or an SDK can ask for them too. Suites start it in their own process;
//! `src/bin/fake-openai.rs` runs it alone. It never serves people.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

pub mod answer;
pub mod anthropic;
mod catalogue;
pub mod check;
mod completions;
mod connection;
mod control;
mod course;
mod embeddings;
pub mod fault;
mod foreign;
mod frames;
mod google;
mod headers;
mod images;
mod ollama;
mod playback;
mod quote;
pub mod record;
pub mod refusal;
mod responses;
mod schema;
mod serve;
mod shape;
mod spoil;
pub mod usage;
mod wire;

pub use fault::{Fault, Rule};
pub use record::{Outcome, Record, TooLate};
pub use spoil::{ASIDE, HUGE_CONTENT};

use record::Recorder;

/// How a fake provider is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it listens; port 0 takes a free one.
    pub address: SocketAddr,
    /// The credentials it accepts, each of them.
    pub keys: Vec<String>,
    /// Texts that must never reach a provider, such as the hub's own keys: seen in a header or a body, they are a
    /// violation.
    pub forbidden: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            keys: vec![DEFAULT_KEY.to_owned()],
            forbidden: Vec::new(),
        }
    }
}

/// The credential a fake accepts when none is named.
pub const DEFAULT_KEY: &str = "sk-fake-upstream-0123456789abcdef";

/// A running fake provider; it stops, and all its connections close, when it is dropped.
#[derive(Debug)]
pub struct Upstream {
    address: SocketAddr,
    state: Arc<State>,
    tasks: JoinSet<()>,
}

/// What all connections of one fake share.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) keys: Vec<String>,
    pub(crate) forbidden: std::sync::Mutex<Vec<String>>,
    pub(crate) rules: fault::Rules,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) gate: playback::Gate,
    /// What `/v1/responses` was asked to keep.
    pub(crate) kept: responses::Kept,
}

impl Upstream {
    /// Starts one on a free port with the default key.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn start() -> io::Result<Self> {
        Self::with(Settings::default()).await
    }

    /// Starts one as told.
    ///
    /// # Errors
    /// When the address cannot be opened.
    pub async fn with(settings: Settings) -> io::Result<Self> {
        let listener = tokio::net::TcpListener::bind(settings.address).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State {
            keys: settings.keys,
            forbidden: std::sync::Mutex::new(settings.forbidden),
            rules: fault::Rules::default(),
            recorder: Arc::new(Recorder::default()),
            gate: playback::Gate::default(),
            kept: responses::Kept::default(),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(serve::accept(listener, Arc::clone(&state)));
        Ok(Self { address, state, tasks })
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base address for a client or a provider row, with `/v1`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The base address of its Gemini interface, with `/v1beta`.
    #[must_use]
    pub fn google_url(&self) -> String {
        format!("http://{}/v1beta", self.address)
    }

    /// The base address of its Ollama interface, without a path.
    #[must_use]
    pub fn ollama_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The first credential it accepts.
    #[must_use]
    pub fn key(&self) -> &str {
        self.state.keys.first().map_or(DEFAULT_KEY, String::as_str)
    }

    /// From now on `text` (a key of the hub, a canary) is a violation wherever it arrives.
    pub fn forbid(&self, text: &str) {
        record::lock(&self.state.forbidden).push(text.to_owned());
    }

    /// Every call shows this fault until [`Upstream::clear_faults`].
    pub fn fault(&self, fault: Fault) {
        self.add_rule(Rule::new(fault));
    }

    /// The next call alone shows this fault.
    pub fn fault_once(&self, fault: Fault) {
        self.add_rule(Rule::new(fault).times(1));
    }

    /// Adds a rule: a fault for a model, for a credential, for a number of calls. The first that fits is played.
    pub fn add_rule(&self, rule: Rule) {
        self.state.rules.add(rule);
    }

    /// Forgets all rules; fault models keep their meaning.
    pub fn clear_faults(&self) {
        self.state.rules.clear();
    }

    /// Lets everything that stalls at this moment go on.
    pub fn release(&self) {
        self.state.gate.open();
    }

    /// All requests so far, in order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<Record> {
        self.state.recorder.all()
    }

    /// Forgets the requests whose answers have ended, so that a run of many minutes does not keep them all.
    pub fn forget_ended(&self) {
        self.state.recorder.forget_ended();
    }

    /// The requests to `path` (such as `/v1/chat/completions`).
    #[must_use]
    pub fn requests_to(&self, path: &str) -> Vec<Record> {
        let mut records = self.requests();
        records.retain(|record| record.path == path);
        records
    }

    /// What arrived that must never reach a provider: one sentence each.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.requests()
            .into_iter()
            .flat_map(|record| record.violations)
            .collect()
    }

    /// Waits until `count` requests have arrived and returns the last of them.
    ///
    /// # Errors
    /// [`TooLate`] when they have not within `limit`.
    pub async fn wait_for_requests(&self, count: usize, limit: Duration) -> Result<Record, TooLate> {
        self.wait_for(limit, |records| {
            count.checked_sub(1).and_then(|last| records.get(last)).cloned()
        })
        .await
    }

    /// Waits until the caller of any request has gone before its answer was complete, and returns that request.
    ///
    /// # Errors
    /// [`TooLate`] when none has within `limit`.
    pub async fn wait_for_disconnect(&self, limit: Duration) -> Result<Record, TooLate> {
        self.wait_for(limit, |records| {
            records.iter().find(|record| record.disconnected()).cloned()
        })
        .await
    }

    /// Waits until the answer to request number `serial` has ended in whatever way.
    ///
    /// # Errors
    /// [`TooLate`] when it has not within `limit`.
    pub async fn wait_for_end(&self, serial: u64, limit: Duration) -> Result<Record, TooLate> {
        self.wait_for(limit, |records| {
            records
                .iter()
                .find(|record| record.serial == serial && record.ended.is_some())
                .cloned()
        })
        .await
    }

    /// Waits until `find` finds something in the list of requests; it is asked again after every change.
    ///
    /// # Errors
    /// [`TooLate`] when it has not within `limit`.
    pub async fn wait_for<T>(&self, limit: Duration, find: impl FnMut(&[Record]) -> Option<T>) -> Result<T, TooLate> {
        self.state.recorder.wait(limit, find).await
    }

    /// Serves until the process ends. For the standalone program.
    pub async fn run(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }

    /// Closes the port and every connection: the provider is down.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}

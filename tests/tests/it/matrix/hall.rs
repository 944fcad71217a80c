//! The hub of the matrix: every provider with all its models, prices that tell the buckets apart, and credit.

use std::sync::Arc;

use tests::console::Console;
use tests::hub::{Hub, Kind};
use tests::stage::{ADMIN, PASSWORD};
use tests::till;
use tests::upstream::{Fault, Upstream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::ask::Dialect;
use super::feature::Feature;

/// USD per million tokens: input, cached input, cache writes by their time, output, reasoning. Each its own, so that no two buckets can
/// be mistaken.
pub const PRICES: [(&str, i64); 6] = [
    ("--input-per-million", 1),
    ("--cache-read-per-million", 3),
    ("--cache-write-5m-per-million", 7),
    ("--cache-write-1h-per-million", 17),
    ("--output-per-million", 11),
    ("--reasoning-per-million", 13),
];

/// A model that takes its time.
const SLOW: &str = "slow-writer";
/// Long enough for a busy machine, short enough to wait for.
const PATIENCE: &str = "1.5";
/// Commands that run at the same time.
const COMMANDS: usize = 4;

/// A provider of one kind, and what its models are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Its name in the hub.
    pub name: &'static str,
    kind: &'static str,
    /// Stands before the names of its models.
    prefix: &'static str,
    /// Answers in text and calls tools.
    plain: &'static str,
    /// Sees.
    seeing: &'static str,
    /// Thinks.
    thinking: &'static str,
    /// Never thinks, and answers 400 to who asks for it. None that speaks responses alone is like that.
    pub unthinking: Option<&'static str>,
}

/// One for each wire.
pub const PROVIDERS: [Provider; 6] = [
    Provider {
        name: "compatible",
        kind: "openai-compatible",
        prefix: "",
        plain: "gpt-4o-mini",
        seeing: "gpt-4o-mini",
        thinking: "o4-mini",
        unthinking: Some("gpt-4o-mini"),
    },
    Provider {
        name: "openai",
        kind: "openai",
        prefix: "",
        plain: "gpt-4o-mini",
        seeing: "gpt-4o-mini",
        thinking: "o4-mini",
        unthinking: Some("gpt-4o-mini"),
    },
    // Models that OpenAI serves by responses alone: every dialect reaches that wire.
    Provider {
        name: "responses",
        kind: "openai",
        prefix: "codex-",
        plain: "gpt-4o-mini",
        seeing: "gpt-4o-mini",
        thinking: "o4-mini",
        unthinking: None,
    },
    Provider {
        name: "anthropic",
        kind: "anthropic",
        prefix: "",
        plain: "claude-haiku-4-5",
        seeing: "claude-haiku-4-5",
        thinking: "claude-haiku-4-5",
        unthinking: Some("claude-3-5-haiku-20241022"),
    },
    Provider {
        name: "google",
        kind: "google",
        prefix: "",
        plain: "gemini-2.5-flash",
        seeing: "gemini-2.5-flash",
        thinking: "gemini-2.5-flash",
        unthinking: Some("gemini-2.0-flash"),
    },
    Provider {
        name: "ollama",
        kind: "ollama",
        prefix: "",
        plain: "llama3.2",
        seeing: "llama3.2-vision",
        thinking: "qwen3",
        unthinking: Some("llama3.2"),
    },
];

/// Whether nobody should wait long for this.
fn stalls(fault: Fault) -> bool {
    matches!(fault, Fault::StallBefore | Fault::StallMid)
}

impl Provider {
    /// The model that does this, as a client names it. What stalls is at a provider with short limits.
    pub fn model(&self, feature: Feature) -> String {
        let provider = match feature.fault() {
            Some(fault) if stalls(fault) => self.hurried(),
            _ => self.name.to_owned(),
        };
        format!("{provider}/{}", self.slug(feature))
    }

    fn slug(&self, feature: Feature) -> String {
        let name = match feature {
            Feature::Reasoning => self.thinking.to_owned(),
            Feature::Image => self.seeing.to_owned(),
            Feature::Unthinking => self.unthinking.unwrap_or(self.plain).to_owned(),
            Feature::Leaving { whole: false } => SLOW.to_owned(),
            // Half of it comes, and nothing more.
            Feature::Leaving { whole: true } => Fault::StallMid.model(),
            _ => feature.fault().map_or_else(|| self.plain.to_owned(), Fault::model),
        };
        format!("{}{name}", self.prefix)
    }

    /// Both sides speak the same: what the provider writes reaches the client as it is, oddities included.
    pub fn passes(&self, dialect: Dialect) -> bool {
        matches!(
            (dialect, self.name),
            (Dialect::Chat | Dialect::Completions, "compatible" | "openai")
                | (Dialect::Responses, "openai" | "responses")
                | (Dialect::Messages, "anthropic")
        )
    }

    /// Whether its wire has such a fault, and a client of this dialect could be harmed by it. Where bytes pass, what is said is the
    /// provider's and the client's business.
    pub fn shows(&self, fault: Fault, dialect: Dialect) -> bool {
        let chat = matches!(self.name, "compatible" | "openai");
        let here = match fault {
            Fault::UsageMissingAtTheEnd => return self.name == "anthropic",
            Fault::BareError => {
                return self.name == "responses" || self.name == "openai" && dialect == Dialect::Responses;
            }
            Fault::TextWithinArguments | Fault::SameId => chat,
            Fault::ArgumentsCut | Fault::NoFinish => chat || self.name == "anthropic",
            _ => return true,
        };
        here && !self.passes(dialect)
    }

    fn hurried(&self) -> String {
        format!("{}-hurried", self.name)
    }
}

/// A hub that sells every provider's models, and the fake behind all of them.
pub struct Hall {
    pub hub: Hub,
    pub upstream: Upstream,
    pub key: String,
}

impl Hall {
    /// With the models that these features need.
    pub async fn open(kind: Kind, features: &[Feature]) -> Self {
        let upstream = Upstream::start().await.unwrap();
        let hub = Hub::new(kind).await;
        hub.create_user(ADMIN, "admin", PASSWORD).await;
        let made = hub.create_key(ADMIN, "matrix").await;
        let mut hurried = Vec::new();
        let mut sold = Vec::new();
        for provider in PROVIDERS {
            let mut models: Vec<String> = features.iter().map(|feature| provider.model(*feature)).collect();
            models.sort();
            models.dedup();
            for name in [provider.name.to_owned(), provider.hurried()] {
                let slugs: Vec<&str> = models
                    .iter()
                    .filter_map(|model| model.strip_prefix(&format!("{name}/")))
                    .collect();
                if !slugs.is_empty() {
                    let id = add(&hub, &upstream, &provider, &name, &slugs).await;
                    if name != provider.name {
                        hurried.push(id);
                    }
                }
            }
            sold.extend(models);
        }
        let hub = Arc::new(hub);
        price(&hub, sold).await;
        let mut hub = Arc::into_inner(hub).unwrap();
        till::sell(&hub).await;
        till::grant(&hub, "100000").await;
        hub.serve().await;
        hurry(&hub, &hurried).await;
        Self {
            key: made["key"].as_str().unwrap().to_owned(),
            hub,
            upstream,
        }
    }
}

/// Connects a provider; gives its id.
async fn add(hub: &Hub, upstream: &Upstream, provider: &Provider, name: &str, slugs: &[&str]) -> String {
    let url = match provider.kind {
        "google" => upstream.google_url(),
        "ollama" => upstream.ollama_url(),
        _ => upstream.base_url(),
    };
    let new = hub.provider(provider.kind, name).at(&url).models(slugs);
    // Google's is another by default; that a client's leaving reaches every wire is what is looked at.
    let new = new.flags(&["--disconnect", "cancel"]);
    let added = new.credential(upstream.key()).add().await;
    assert_eq!(added["test"]["health"], "good", "{name}: {added}");
    added["id"].as_str().unwrap().to_owned()
}

/// Sets the prices of models.
async fn price(hub: &Arc<Hub>, models: Vec<String>) {
    let room = Arc::new(Semaphore::new(COMMANDS));
    let mut commands = JoinSet::new();
    for model in models {
        let (hub, room) = (Arc::clone(hub), Arc::clone(&room));
        commands.spawn(async move {
            let _place = room.acquire().await.unwrap();
            let mut arguments = vec!["price".to_owned(), "set".to_owned(), "--model".to_owned(), model];
            for (flag, price) in PRICES {
                arguments.extend([flag.to_owned(), price.to_string()]);
            }
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            hub.json(&arguments, "").await;
        });
    }
    commands.join_all().await;
}

/// Shortens how long providers are waited for.
async fn hurry(hub: &Hub, providers: &[String]) {
    let mut console = Console::new(hub.address());
    console.sign_in(ADMIN, PASSWORD).await;
    for id in providers {
        let page = console.open(&format!("/providers/{id}/edit")).await;
        // An answer that comes whole is waited for as long as a call may take.
        let limits = [
            ("connect", "3"),
            ("first_byte", PATIENCE),
            ("gap", PATIENCE),
            ("total", "4"),
        ];
        let form = limits
            .into_iter()
            .fold(page.form("update_provider"), |form, (name, value)| {
                form.with(name, value)
            });
        let after = console.submit(&form).await;
        assert_eq!(after.path, format!("/providers/{id}"), "{}", after.body);
    }
}

//! Every dialect against every provider's wire, with everything that is asked for: {dialect} × {wire} × {plain, stream, tools,
//! parallel tools, json_schema, image in, reasoning, error before the first byte, error in the stream, client leaves}.
//!
//! The client must see a grammatical answer of its own dialect (`tests::grammar`) that says what the provider said, and the
//! call's usage and charge must be the provider's own truth: what the fake counts for the very bytes that it got, read apart
//! from the hub (`truth`), at prices that differ for each bucket. All cells run against one hub, side by side.

#[path = "matrix/ask.rs"]
mod ask;
#[path = "matrix/cell.rs"]
mod cell;
#[path = "matrix/hear.rs"]
mod hear;
#[path = "matrix/truth.rs"]
mod truth;

use std::sync::Arc;

use tests::hub::{Hub, Kind};
use tests::stage::{ADMIN, PASSWORD};
use tests::till;
use tests::upstream::Upstream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use ask::{Dialect, Feature};
use cell::Cell;

/// Cells that run at the same time.
const AT_ONCE: usize = 12;
/// USD per million tokens: input, cached input, output, reasoning. Each its own, so that no two buckets can be mistaken.
pub const PRICES: [(&str, i64); 5] = [
    ("--input-per-million", 1),
    ("--cache-read-per-million", 3),
    ("--cache-write-5m-per-million", 7),
    ("--output-per-million", 11),
    ("--reasoning-per-million", 13),
];

/// A provider of one kind, and what its models are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Its name in the hub.
    pub name: &'static str,
    kind: &'static str,
    /// Answers in text, calls tools, sees.
    pub plain: &'static str,
    /// Thinks.
    pub thinking: &'static str,
    /// Breaks in the middle of its answer, and before it.
    pub faults: [&'static str; 2],
}

const BREAKS: [&str; 2] = ["fault-error-frame", "fault-503"];

const PROVIDERS: [Provider; 5] = [
    Provider {
        name: "compatible",
        kind: "openai-compatible",
        plain: "gpt-4o-mini",
        thinking: "o4-mini",
        faults: BREAKS,
    },
    Provider {
        name: "openai",
        kind: "openai",
        plain: "gpt-4o-mini",
        thinking: "o4-mini",
        faults: BREAKS,
    },
    Provider {
        name: "anthropic",
        kind: "anthropic",
        plain: "claude-haiku-4-5",
        thinking: "claude-haiku-4-5",
        faults: BREAKS,
    },
    Provider {
        name: "google",
        kind: "google",
        plain: "gemini-2.5-flash",
        thinking: "gemini-2.5-flash",
        faults: BREAKS,
    },
    Provider {
        name: "ollama",
        kind: "ollama",
        plain: "llama3.2",
        thinking: "qwen3",
        faults: BREAKS,
    },
];

/// A hub that sells every provider's models, and the fake behind all of them.
pub struct Hall {
    pub hub: Hub,
    pub upstream: Upstream,
    pub key: String,
}

impl Hall {
    async fn open() -> Self {
        let upstream = Upstream::start().await.unwrap();
        let mut hub = Hub::new(Kind::Sqlite).await;
        hub.create_user(ADMIN, "admin", PASSWORD).await;
        let made = hub.create_key(ADMIN, "matrix").await;
        for provider in PROVIDERS {
            let url = match provider.kind {
                "google" => upstream.google_url(),
                "ollama" => upstream.ollama_url(),
                _ => upstream.base_url(),
            };
            let start = [
                "provider",
                "add",
                "--kind",
                provider.kind,
                "--name",
                provider.name,
                "--base-url",
                &url,
            ];
            let mut arguments = start.to_vec();
            arguments.push("--credential-stdin");
            for model in [provider.plain, provider.thinking, "slow-writer"]
                .iter()
                .chain(&provider.faults)
            {
                arguments.extend(["--model", model]);
            }
            let added = hub.json(&arguments, upstream.key()).await;
            assert_eq!(added["test"]["health"], "good", "{}: {added}", provider.name);
        }
        for provider in PROVIDERS {
            let mut models = vec![provider.plain, provider.thinking, "slow-writer"];
            models.extend(provider.faults);
            models.dedup();
            for model in models {
                let model = format!("{}/{model}", provider.name);
                let mut arguments = vec!["price".to_owned(), "set".to_owned(), "--model".to_owned(), model];
                for (flag, price) in PRICES {
                    arguments.extend([flag.to_owned(), price.to_string()]);
                }
                let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                hub.json(&arguments, "").await;
            }
        }
        till::sell(&hub).await;
        till::grant(&hub, "100000").await;
        hub.serve().await;
        Self {
            key: made["key"].as_str().unwrap().to_owned(),
            hub,
            upstream,
        }
    }
}

#[tokio::test]
async fn every_dialect_reaches_every_wire() {
    let hall = Arc::new(Hall::open().await);
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let mut cells = JoinSet::new();
    let mut number = 0;
    for dialect in Dialect::ALL {
        for provider in PROVIDERS {
            for feature in Feature::ALL {
                for stream in feature.streams() {
                    number += 1;
                    let cell = Cell {
                        number,
                        dialect,
                        provider,
                        feature,
                        stream: *stream,
                    };
                    let (hall, room) = (Arc::clone(&hall), Arc::clone(&room));
                    cells.spawn(async move {
                        let _place = room.acquire().await.unwrap();
                        cell.run(&hall).await.err().map(|why| format!("{cell:?}:\n    {why}"))
                    });
                }
            }
        }
    }
    let mut failed: Vec<String> = Vec::new();
    while let Some(done) = cells.join_next().await {
        match done {
            Ok(why) => failed.extend(why),
            Err(error) => failed.push(format!("a cell panicked: {error}")),
        }
    }
    failed.sort();
    assert!(
        failed.is_empty(),
        "{} of {number} cells:\n{}",
        failed.len(),
        failed.join("\n")
    );
    assert_eq!(hall.upstream.violations(), Vec::<String>::new());
    till::audit(&hall.hub).await;
}

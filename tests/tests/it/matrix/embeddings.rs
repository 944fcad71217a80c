//! {OpenAI, AIGNE} × {compatible, openai, google, ollama} × {one text, several, fewer numbers, base64, errors, breaks}: the vectors
//! are those that the provider makes of the same texts without the hub, and usage and charge are its own count.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::{Value, json};
use tests::client::Call;
use tests::hub::{Hub, Kind};
use tests::stage::{ADMIN, PASSWORD, call_id};
use tests::till::{self, nano};
use tests::upstream::{Fault, Record, Upstream};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Client {
    Openai,
    Aigne,
}

/// What for, or what goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    One,
    Several,
    Fewer,
    Base64,
    Fails(Fault),
}

const WISHES: [Wish; 11] = [
    Wish::One,
    Wish::Several,
    Wish::Fewer,
    Wish::Base64,
    Wish::Fails(Fault::Overloaded),
    Wish::Fails(Fault::RateLimited),
    Wish::Fails(Fault::RateLimitedBare),
    Wish::Fails(Fault::CutBefore),
    Wish::Fails(Fault::WrongType),
    Wish::Fails(Fault::CutMid),
    Wish::Fails(Fault::MalformedFrame),
];

/// Kind, and the model that embeds.
const PROVIDERS: [(&str, &str, &str); 4] = [
    ("compatible", "openai-compatible", "text-embedding-3-small"),
    ("openai", "openai", "text-embedding-3-small"),
    ("google", "google", "gemini-embedding-001"),
    ("ollama", "ollama", "all-minilm"),
];

/// USD for a million tokens.
const PRICE: i64 = 3;

struct Hall {
    hub: Hub,
    upstream: Upstream,
    key: String,
}

#[derive(Clone, Copy, Debug)]
struct Cell {
    number: usize,
    client: Client,
    provider: &'static str,
    model: &'static str,
    wish: Wish,
}

pub async fn check(kind: Kind) {
    let hall = open(kind).await;
    let mut done = Vec::new();
    for client in [Client::Openai, Client::Aigne] {
        for (provider, _, model) in PROVIDERS {
            // AIGNE's clients have no word for base64.
            for wish in WISHES
                .into_iter()
                .filter(|wish| client == Client::Openai || *wish != Wish::Base64)
            {
                let number = done.len() + 1;
                let cell = Cell {
                    number,
                    client,
                    provider,
                    model,
                    wish,
                };
                done.push((cell, cell.run(&hall).await.err()));
            }
        }
    }
    note(kind, &done);
    let failed: Vec<String> = done
        .iter()
        .filter_map(|(cell, why)| Some(format!("{cell:?}:\n    {}", why.as_ref()?)))
        .collect();
    assert!(
        failed.is_empty(),
        "{} of {} cells:\n{}",
        failed.len(),
        done.len(),
        failed.join("\n")
    );
    assert_eq!(hall.upstream.violations(), Vec::<String>::new());
    till::audit(&hall.hub).await;
}

async fn open(kind: Kind) -> Hall {
    let upstream = Upstream::start().await.unwrap();
    let mut hub = Hub::new(kind).await;
    hub.create_user(ADMIN, "admin", PASSWORD).await;
    let made = hub.create_key(ADMIN, "matrix").await;
    for (name, kind, model) in PROVIDERS {
        let url = match kind {
            "google" => upstream.google_url(),
            "ollama" => upstream.ollama_url(),
            _ => upstream.base_url(),
        };
        let mut models = vec![model.to_owned()];
        models.extend(WISHES.into_iter().filter_map(|wish| match wish {
            Wish::Fails(fault) => Some(fault.model()),
            _ => None,
        }));
        let provider = hub.provider(kind, name).at(&url).models(&models);
        provider.credential(upstream.key()).add().await;
        for model in &models {
            let model = format!("{name}/{model}");
            let price = PRICE.to_string();
            hub.json(
                &[
                    "price",
                    "set",
                    "--model",
                    &model,
                    "--input-per-million",
                    &price,
                    "--output-per-million",
                    "50",
                ],
                "",
            )
            .await;
        }
    }
    till::sell(&hub).await;
    till::grant(&hub, "1000").await;
    hub.serve().await;
    Hall {
        key: made["key"].as_str().unwrap().to_owned(),
        hub,
        upstream,
    }
}

fn note(kind: Kind, done: &[(Cell, Option<String>)]) {
    let Some(path) = std::env::var_os("HUB_MATRIX") else {
        return;
    };
    let cells = done.iter().map(|(cell, why)| {
        json!({
            "dialect": format!("{:?}", cell.client), "provider": cell.provider, "feature": format!("{:?}", cell.wish),
            "streamed": false, "passed": why.is_none(),
        })
    });
    let noted =
        json!({ "what": "Embeddings", "database": format!("{kind:?}"), "cells": cells.collect::<Vec<Value>>() });
    let mut path = std::path::PathBuf::from(path);
    path.set_extension(format!("embeddings.{kind:?}.json").to_lowercase());
    std::fs::write(path, noted.to_string()).unwrap();
}

fn must(holds: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why()) }
}

impl Cell {
    /// Words that stand in no other cell.
    fn texts(&self) -> Vec<String> {
        let one = format!("tell me of cell{:04}x", self.number);
        match self.wish {
            Wish::Several => vec![one.clone(), format!("{one} and of others"), "third".to_owned()],
            _ => vec![one],
        }
    }

    fn body(&self) -> Value {
        let model = match self.wish {
            Wish::Fails(fault) => format!("{}/{}", self.provider, fault.model()),
            _ => format!("{}/{}", self.provider, self.model),
        };
        let texts = self.texts();
        let input = if texts.len() == 1 {
            json!(texts[0])
        } else {
            json!(texts)
        };
        let fewer = (self.wish == Wish::Fewer).then_some(8);
        match self.client {
            Client::Openai => {
                let mut body = json!({ "model": model, "input": input });
                if self.wish == Wish::Base64 {
                    body["encoding_format"] = "base64".into();
                }
                if let Some(fewer) = fewer {
                    body["dimensions"] = fewer.into();
                }
                body
            }
            Client::Aigne => {
                let mut options = json!({ "model": model });
                if let Some(fewer) = fewer {
                    options["dimensions"] = fewer.into();
                }
                json!({ "input": { "input": input, "modelOptions": options }, "agent": "$MODEL", "options": {} })
            }
        }
    }

    async fn run(&self, hall: &Hall) -> Result<(), String> {
        let path = match self.client {
            Client::Openai => "/v1/embeddings",
            Client::Aigne => "/api/v2/embeddings",
        };
        let call = hall.hub.post(path, &self.body()).bearer(&hall.key);
        let answer = call.send().await.map_err(|error| error.to_string())?;
        let (id, status) = (call_id(&answer), answer.status.as_u16());
        let text = answer.text().await.map_err(|error| error.to_string())?;
        let told: Value = serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))?;
        let (_, row) = hall
            .hub
            .get(&format!("/v1/calls/{id}"))
            .bearer(&hall.key)
            .json()
            .await
            .map_err(|error| error.to_string())?;
        if let Wish::Fails(fault) = self.wish {
            let wanted = match fault {
                Fault::Overloaded => 503,
                Fault::RateLimited | Fault::RateLimitedBare => 429,
                _ => 502,
            };
            must(status == wanted, || format!("{status}: {text}"))?;
            let kind = &told["error"]["type"];
            must(kind.is_string() && told["error"]["message"].is_string(), || {
                text.clone()
            })?;
            must(row["state"] == "failed" && row["charge"].is_null(), || row.to_string())?;
            return Ok(());
        }
        must(status == 200, || format!("{status}: {text}"))?;
        let (vectors, tokens) = self.truth(hall).await?;
        let heard = self.heard(&told);
        must(heard.len() == vectors.len(), || format!("{} vectors", heard.len()))?;
        for (heard, wanted) in heard.iter().zip(&vectors) {
            let near = |(one, other): (&f64, &f64)| (one - other).abs() < 1e-6;
            let same = heard.len() == wanted.len() && heard.iter().zip(wanted).all(near);
            must(same, || {
                format!("{} numbers, not {}, or others", heard.len(), wanted.len())
            })?;
        }
        let counted = match self.client {
            Client::Openai => &told["usage"]["prompt_tokens"],
            Client::Aigne => &told["usage"]["inputTokens"],
        };
        must(*counted == tokens, || format!("{counted} tokens, not {tokens}"))?;
        let used = &row["usage"]["input_uncached"];
        must(*used == tokens && row["usage_source"] == "provider", || row.to_string())?;
        must(nano(&row["charge"]) == tokens * PRICE * 1_000, || row.to_string())
    }

    /// The numbers that the client got.
    fn heard(&self, told: &Value) -> Vec<Vec<f64>> {
        let list = match self.client {
            Client::Openai => &told["data"],
            Client::Aigne => &told["embeddings"],
        };
        let one = |entry: &Value| {
            let vector = if self.client == Client::Openai {
                &entry["embedding"]
            } else {
                entry
            };
            match vector.as_str() {
                Some(base64) => {
                    let bytes = STANDARD.decode(base64).unwrap();
                    bytes
                        .chunks(4)
                        .map(|four| f64::from(f32::from_le_bytes(four.try_into().unwrap())))
                        .collect()
                }
                None => vector
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|number| number.as_f64().unwrap())
                    .collect(),
            }
        };
        list.as_array()
            .map(|list| list.iter().map(one).collect())
            .unwrap_or_default()
    }

    /// What the provider makes of the request that it got, and what it counts.
    async fn truth(&self, hall: &Hall) -> Result<(Vec<Vec<f64>>, i64), String> {
        let marker = &self.texts()[0];
        let records = hall.upstream.requests();
        let asked = records
            .iter()
            .rev()
            .find(|record| String::from_utf8_lossy(&record.body).contains(marker.as_str()));
        let record: &Record = asked.ok_or("the provider was not asked")?;
        let mut again = Call::new(hall.upstream.address(), Method::POST, &record.path).body(record.body.clone());
        for name in ["content-type", "authorization", "x-goog-api-key"] {
            if let Some(value) = record.header(name) {
                again = again.header(name, value);
            }
        }
        let (status, whole) = again.json().await.map_err(|error| error.to_string())?;
        must(status == 200, || format!("a second time: {status} {whole}"))?;
        let numbers = |list: &Value| -> Vec<f64> {
            match list.as_str() {
                Some(base64) => {
                    let bytes = STANDARD.decode(base64).unwrap();
                    bytes
                        .chunks(4)
                        .map(|four| f64::from(f32::from_le_bytes(four.try_into().unwrap())))
                        .collect()
                }
                None => list
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|number| number.as_f64().unwrap())
                    .collect(),
            }
        };
        let all = |list: &Value, of: &dyn Fn(&Value) -> Value| -> Vec<Vec<f64>> {
            list.as_array().unwrap().iter().map(|one| numbers(&of(one))).collect()
        };
        let (vectors, tokens) = match self.provider {
            "google" => (
                all(&whole["embeddings"], &|one| one["values"].clone()),
                &whole["usageMetadata"]["promptTokenCount"],
            ),
            "ollama" => (all(&whole["embeddings"], &Value::clone), &whole["prompt_eval_count"]),
            _ => (
                all(&whole["data"], &|one| one["embedding"].clone()),
                &whole["usage"]["prompt_tokens"],
            ),
        };
        Ok((vectors, tokens.as_i64().ok_or("nothing is counted")?))
    }
}

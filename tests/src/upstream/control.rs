//! Drives a standalone fake from another process, under `/control/` and without a credential: browser tests and SDK
//! scripts use it, suites in this process call [`super::Upstream`] instead.
//!
//! `POST faults {"fault","model"?,"key"?,"times"?}`, `DELETE faults`, `POST release`, `POST forbid {"text"}`,
//! `GET requests`, `GET violations`.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::State;
use super::fault::{Fault, Rule};
use super::record::{Outcome, Record, lock};

/// Does what was asked and says how it went.
pub(crate) fn answer(state: &State, method: &Method, path: &str, body: &[u8]) -> (StatusCode, Value) {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    match (method.as_str(), path) {
        ("POST", "faults") => match rule(&body) {
            Ok(rule) => {
                state.rules.add(rule);
                (StatusCode::OK, json!({"ok": true}))
            }
            Err(sentence) => (StatusCode::BAD_REQUEST, json!({"error": sentence})),
        },
        ("DELETE", "faults") => {
            state.rules.clear();
            (StatusCode::OK, json!({"ok": true}))
        }
        ("POST", "release") => {
            state.gate.open();
            (StatusCode::OK, json!({"ok": true}))
        }
        ("POST", "forbid") => match body["text"].as_str().filter(|text| !text.is_empty()) {
            Some(text) => {
                lock(&state.forbidden).push(text.to_owned());
                (StatusCode::OK, json!({"ok": true}))
            }
            None => (StatusCode::BAD_REQUEST, json!({"error": "send {\"text\": \"…\"}"})),
        },
        ("GET", "requests") => {
            let records: Vec<Value> = state.recorder.all().iter().map(show).collect();
            (StatusCode::OK, json!(records))
        }
        ("GET", "violations") => {
            let records = state.recorder.all();
            let found: Vec<String> = records.into_iter().flat_map(|record| record.violations).collect();
            (StatusCode::OK, json!(found))
        }
        _ => (
            StatusCode::NOT_FOUND,
            json!({"error": format!("there is no {method} /control/{path}")}),
        ),
    }
}

fn rule(body: &Value) -> Result<Rule, String> {
    let name = body["fault"].as_str().unwrap_or_default();
    let fault = Fault::named(name).ok_or_else(|| {
        let names: Vec<&str> = Fault::ALL.iter().map(|fault| fault.name()).collect();
        format!("there is no fault '{name}'; take one of {}", names.join(", "))
    })?;
    let mut rule = Rule::new(fault);
    if let Some(model) = body["model"].as_str() {
        rule = rule.model(model);
    }
    if let Some(key) = body["key"].as_str() {
        rule = rule.key(key);
    }
    if let Some(times) = body["times"].as_u64() {
        rule = rule.times(u32::try_from(times).unwrap_or(u32::MAX));
    }
    Ok(rule)
}

fn show(record: &Record) -> Value {
    let headers: Vec<[String; 2]> = record
        .headers
        .iter()
        .map(|(name, value)| [name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()])
        .collect();
    let ended = record.ended.map(|(outcome, at)| {
        let outcome = match outcome {
            Outcome::Answered => "answered",
            Outcome::BrokenOff => "broken-off",
            Outcome::Disconnected => "disconnected",
        };
        let after = at.duration_since(record.at).as_millis();
        json!({"outcome": outcome, "after_ms": u64::try_from(after).unwrap_or(u64::MAX)})
    });
    json!({
        "serial": record.serial,
        "connection": record.connection,
        "method": record.method.as_str(),
        "path": record.path,
        "query": record.query,
        "headers": headers,
        "body": String::from_utf8_lossy(&record.body),
        "ended": ended,
        "violations": record.violations,
    })
}

//! Compares what clients were told with what the log holds after the restart.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::load::{Seen, Tokens};
use crate::stage::{SOON, Stage};
use crate::till;

/// Gives how many calls stand as interrupted.
pub(super) async fn compare(stage: &Stage, seen: &Seen, open: &[String]) -> usize {
    let begin = Instant::now();
    while listed(stage, &["--state", "open", "--limit", "1"]).await != [] as [Value; 0] {
        assert!(begin.elapsed() < SOON, "calls of the dead server still stand as open");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Nobody has called since, so the newest are those of this round.
    let limit = (seen.asked + open.len() + 100).min(100_000).to_string();
    let calls = listed(stage, &["--limit", &limit]).await;
    let calls: HashMap<&str, &Value> = calls
        .iter()
        .filter_map(|call| Some((call["id"].as_str()?, call)))
        .collect();
    for (id, told) in &seen.finished {
        let call = calls
            .get(id.as_str())
            .unwrap_or_else(|| panic!("{id} came to its end and is not in the log"));
        match told {
            Some(tokens) => {
                assert_eq!(call["state"], "succeeded", "{id} came to its end: {call}");
                assert_eq!(
                    counted(call),
                    *tokens,
                    "{id} has other tokens than its client was told: {call}"
                );
                let (input, output) = *tokens;
                let price = i64::try_from(input * 1_000 + output * 2_000).unwrap();
                assert_eq!(
                    till::nano(&call["charge"]),
                    price,
                    "{id} was charged something else: {call}"
                );
            }
            None => {
                assert_eq!(call["state"], "failed", "{id} was told to have failed: {call}");
                assert_eq!(call["charge"], Value::Null, "{id} has failed and was charged: {call}");
            }
        }
    }
    for id in &seen.begun {
        assert!(calls.contains_key(id.as_str()), "{id} had begun and is not in the log");
    }
    for id in open {
        let call = calls
            .get(id.as_str())
            .unwrap_or_else(|| panic!("{id} is not in the log"));
        assert_eq!(call["state"], "interrupted", "{id} was open at the kill");
        assert_eq!(call["failure"]["fault"], "hub", "{call}");
    }
    // What running calls held is given back.
    while till::balance(&stage.hub).await.1 > 0 {
        assert!(begin.elapsed() < SOON, "something is held for calls of the dead server");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    till::audit(&stage.hub).await;
    calls.values().filter(|call| call["state"] == "interrupted").count()
}

async fn listed(stage: &Stage, arguments: &[&str]) -> Vec<Value> {
    let list = stage.hub.json(&[&["call", "list"], arguments].concat(), "").await;
    list.as_array().cloned().unwrap_or_default()
}

/// The tokens of a row, as the buckets add up.
fn counted(call: &Value) -> Tokens {
    let sum = |names: &[&str]| names.iter().filter_map(|name| call["usage"][name].as_u64()).sum();
    (
        sum(&[
            "input_uncached",
            "cache_read",
            "cache_write_5m",
            "cache_write_1h",
            "input_audio",
            "input_image",
        ]),
        sum(&["output_text", "output_reasoning", "output_audio"]),
    )
}

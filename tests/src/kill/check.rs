//! Compares what clients were told with what the log holds after the restart.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::load::{Seen, Tokens};
use crate::stage::{SOON, Stage};
use crate::till;

/// What was found besides.
#[derive(Debug)]
pub(super) struct Found {
    /// Calls that stand as interrupted.
    pub(super) interrupted: usize,
    /// Calls that were charged although nobody was told of their end.
    pub(super) cut: usize,
}

/// The round's calls are those with higher ids than `before`.
pub(super) async fn compare(stage: &Stage, seen: &Seen, open: &[String], before: &str) -> Found {
    let begin = Instant::now();
    while listed(stage, &["--state", "open", "--limit", "1"]).await != [] as [Value; 0] {
        assert!(begin.elapsed() < SOON, "calls of the dead server still stand as open");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Nobody has called since, so the newest are those of this round, and perhaps some of the round before.
    let limit = (seen.asked + open.len() + 100).min(100_000).to_string();
    let calls = listed(stage, &["--limit", &limit]).await;
    let calls: HashMap<&str, &Value> = calls
        .iter()
        .filter_map(|call| Some((call["id"].as_str()?, call)))
        .filter(|(id, _)| *id > before)
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
    let held = "SELECT COUNT(*) FROM call WHERE hold_seq IS NOT NULL AND settle_seq IS NULL";
    while till::number(&stage.hub, held).await > 0 {
        assert!(begin.elapsed() < SOON, "something is held for calls of the dead server");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    till::audit(&stage.hub).await;
    settled_once(stage).await;
    Found {
        interrupted: calls.values().filter(|call| call["state"] == "interrupted").count(),
        cut: charged_without_an_end(&calls, seen),
    }
}

/// Every charge has one settle and every settle its charge, and no call is charged that the kill has interrupted.
async fn settled_once(stage: &Stage) {
    let charges = "SELECT COUNT(*) FROM call c WHERE c.charge IS NOT NULL AND (c.state IN ('open', 'interrupted')
        OR (SELECT COUNT(*) FROM ledger_transaction t WHERE t.call_id = c.id AND t.kind = 'settle') <> 1)";
    assert_eq!(
        till::number(&stage.hub, charges).await,
        0,
        "charges without exactly one settle"
    );
    let settles =
        "SELECT COUNT(*) FROM ledger_transaction t WHERE t.kind = 'settle' AND NOT EXISTS (SELECT 1 FROM call c
        WHERE c.id = t.call_id AND c.account_id = t.account_id AND c.settle_seq = t.seq AND c.charge IS NOT NULL)";
    assert_eq!(
        till::number(&stage.hub, settles).await,
        0,
        "settles without the charge of a call"
    );
}

/// Charges of calls whose client was told no end. Whoever left pays for what was delivered, and so does whoever was told in
/// the middle that it has failed; all others must have been answered whole, but for the last byte: nobody but its client
/// cancels a call.
fn charged_without_an_end(calls: &HashMap<&str, &Value>, seen: &Seen) -> usize {
    let mut cut = 0;
    for (id, call) in calls {
        if call["charge"].is_null() || seen.finished.contains_key(*id) {
            continue;
        }
        let state = call["state"].as_str().unwrap_or_default();
        let whole = state == "succeeded" || state == "failed" && call["failure"]["fault"] == "credit";
        if seen.left.contains(*id) {
            assert!(whole || state == "cancelled", "{id} was left: {call}");
        } else if seen.broken.contains(*id) {
            assert_eq!(state, "failed", "{id} was told to have failed: {call}");
        } else {
            assert!(whole, "{id} was charged without a whole answer: {call}");
            cut += 1;
        }
    }
    cut
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What is found of one charged call in this state.
    fn cut(state: &str, seen: &Seen) -> usize {
        let call = json!({ "state": state, "charge": "0.000001" });
        charged_without_an_end(&HashMap::from([("call_1", &call)]), seen)
    }

    #[test]
    fn whoever_left_pays_and_an_answer_may_lack_its_last_byte() {
        let mut seen = Seen::default();
        assert_eq!(cut("succeeded", &seen), 1);
        seen.left.insert("call_1".to_owned());
        assert_eq!(cut("cancelled", &seen), 0);
    }

    #[test]
    #[should_panic(expected = "was charged without a whole answer")]
    fn nobody_cancels_for_a_client_that_stayed() {
        cut("cancelled", &Seen::default());
    }
}

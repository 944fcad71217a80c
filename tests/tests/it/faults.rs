//! Every fault of the provider: the client gets a grammatical stream or a right error, and the row says whose fault it was,
//! what was consumed and how we know.

#[path = "faults/before.rs"]
mod before;
#[path = "faults/connecting.rs"]
mod connecting;
#[path = "faults/plain.rs"]
mod plain;
#[path = "faults/retries.rs"]
mod retries;
#[path = "faults/streams.rs"]
mod streams;

use serde_json::{Value, json};
use tests::stage::Stage;

/// Limits short enough to wait for, long enough for a busy machine to answer within.
async fn hurry(stage: &Stage) {
    stage
        .set_provider(&[("first_byte", "0.7"), ("gap", "0.7"), ("connect", "3"), ("total", "4")])
        .await;
}

/// What the row of a failed call must say.
fn check_failure(row: &Value, fault: &str, code: &str, source: &str) {
    assert_eq!(row["state"], "failed", "{row}");
    assert_eq!(
        (&row["failure"]["fault"], &row["failure"]["code"]),
        (&json!(fault), &json!(code)),
        "{row}"
    );
    assert_eq!(row["usage_source"], source, "{row}");
    let consumed = row["usage"]["input_uncached"].as_u64().unwrap() > 0;
    assert_eq!(consumed, source != "none", "{row}");
    let last = row["attempts"].as_array().unwrap().last().unwrap();
    assert_eq!(last["failure"]["code"], code, "{row}");
    assert!(row["duration"].as_i64().unwrap() > 0);
}

//! A stage where calls cost money: a mode, prices, credit, and what the books and the log say of it afterwards.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first surprise, and this is part of tests"
)]

use serde_json::{Value, json};

use crate::hub::{Hub, database};
use crate::stage::{ADMIN, Stage};

/// Nano-USD in a credit.
pub const CREDIT: i64 = 1_000_000_000;

/// Sets the price of a model of the fake provider, in USD per million tokens.
pub async fn price(stage: &Stage, model: &str, input: &str, output: &str) {
    let model = format!("{}/{model}", crate::stage::PROVIDER);
    let arguments = [
        "price",
        "set",
        "--model",
        &model,
        "--input-per-million",
        input,
        "--output-per-million",
        output,
    ];
    stage.hub.json(&arguments, "").await;
}

/// Calls need credit from now on.
pub async fn sell(hub: &Hub) {
    hub.json(&["settings", "set", "mode", "service-provider"], "").await;
}

/// Gives the admin, whose key the stage has, credit.
pub async fn grant(hub: &Hub, amount: &str) {
    let arguments = [
        "credits", "grant", "--user", ADMIN, "--amount", amount, "--reason", "because",
    ];
    hub.json(&arguments, "").await;
}

/// What can be spent and what is held, in nano-USD.
pub async fn balance(hub: &Hub) -> (i64, i64) {
    let told = hub.json(&["credits", "balance", "--user", ADMIN], "").await;
    (nano(&told["spendable"]), nano(&told["held"]))
}

/// A decimal string in nano-USD.
///
/// # Panics
/// When it is none.
#[must_use]
pub fn nano(text: &Value) -> i64 {
    let text = text.as_str().unwrap();
    let (whole, part) = text.split_once('.').unwrap();
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let part = format!("{part:0<9}");
    whole.parse::<i64>().unwrap() * CREDIT + sign * part.parse::<i64>().unwrap()
}

/// One number from the database.
pub async fn number(hub: &Hub, query: &str) -> i64 {
    database::numbers(&hub.database_url, query).await[0]
}

/// The sum of everything that was charged.
pub async fn charged(hub: &Hub) -> i64 {
    number(hub, "SELECT CAST(COALESCE(SUM(charge), 0) AS BIGINT) FROM call").await
}

/// The books are sound; the sums of the hours are those of the log; each call that was charged was charged once; nobody owes, or holds more
/// than they have.
///
/// # Panics
/// When they are not.
pub async fn audit(hub: &Hub) {
    let report = hub.json(&["verify-ledger"], "").await;
    assert_eq!(report["findings"], json!([]), "{report}");
    let log = charged(hub).await;
    let hours = number(hub, "SELECT CAST(COALESCE(SUM(charge), 0) AS BIGINT) FROM usage_hour").await;
    assert_eq!(log, hours, "the hours' sums are not the log's");
    let calls = number(hub, "SELECT COUNT(*) FROM call WHERE state <> 'open'").await;
    let counted = number(hub, "SELECT CAST(COALESCE(SUM(calls), 0) AS BIGINT) FROM usage_hour").await;
    assert_eq!(calls, counted, "the hours count other calls than the log");
    for (sum, of_call) in [
        // `2 1024x1024/hd` are two.
        ("images", "COALESCE(CAST(SUBSTR(drawn, 1, 2) AS INTEGER), 0)"),
        ("estimated", "CASE usage_source WHEN 'estimated' THEN 1 ELSE 0 END"),
        (
            "estimated_charge",
            "CASE usage_source WHEN 'estimated' THEN COALESCE(charge, 0) ELSE 0 END",
        ),
    ] {
        let hours = format!("SELECT CAST(COALESCE(SUM({sum}), 0) AS BIGINT) FROM usage_hour");
        let calls = format!("SELECT CAST(COALESCE(SUM({of_call}), 0) AS BIGINT) FROM call WHERE state <> 'open'");
        assert_eq!(
            number(hub, &hours).await,
            number(hub, &calls).await,
            "{sum} of the hours are not the log's"
        );
    }
    let unbooked = number(
        hub,
        "SELECT COUNT(*) FROM call c WHERE c.charge IS NOT NULL AND (SELECT COUNT(*) FROM ledger_transaction t
            WHERE t.call_id = c.id AND t.account_id = c.account_id AND t.seq = c.settle_seq) <> 1",
    )
    .await;
    assert_eq!(unbooked, 0, "calls were charged without their entry in the books");
    let twice = "SELECT COUNT(*) FROM (SELECT call_id FROM ledger_transaction
        WHERE kind IN ('settle', 'release', 'allocate') GROUP BY call_id HAVING COUNT(*) > 1) d";
    assert_eq!(number(hub, twice).await, 0, "calls were ended twice");
    let charged_twice = "SELECT COUNT(*) FROM (SELECT call_id FROM ledger_transaction
        WHERE kind IN ('settle', 'late', 'allocate') GROUP BY call_id HAVING COUNT(*) > 1) d";
    assert_eq!(number(hub, charged_twice).await, 0, "calls were charged twice");
    nobody_is_overdrawn(hub).await;
}

/// That a balance or a lot is below zero, or a lot above what it was, the database itself refuses. It does not know what these add up to.
async fn nobody_is_overdrawn(hub: &Hub) {
    let owed = "SELECT COUNT(*) FROM account WHERE debt > 0";
    assert_eq!(number(hub, owed).await, 0, "somebody owes");
    let held = "SELECT COUNT(*) FROM account a WHERE a.balance < (SELECT COALESCE(SUM(c.hold_amount), 0) FROM call c
            WHERE c.account_id = a.id AND c.hold_seq IS NOT NULL AND c.settle_seq IS NULL)";
    assert_eq!(number(hub, held).await, 0, "more is held than there is");
    let left = "SELECT COUNT(*) FROM account a WHERE a.balance <> (SELECT COALESCE(SUM(l.remaining), 0) FROM lot l
            WHERE l.account_id = a.id)";
    assert_eq!(number(hub, left).await, 0, "a balance is not what is left in its lots");
}

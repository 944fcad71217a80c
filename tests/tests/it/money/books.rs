//! The books of real calls: proved, given back, and found out when somebody changes them.

use std::time::Duration;

use serde_json::{Value, json};
use tests::hub::database;
use tests::stage::{Stage, call_id, on_both, saying, with};
use tests::till::{audit, grant, nano, number, price, sell};

/// Asks until the server knows the price and the mode, one of which it may see first; gives the id of a call that is paid in this
/// way, and what it was charged.
async fn ask(stage: &Stage, funding: &str) -> (String, i64) {
    let body = with(saying("gpt-4o-mini", "write 20 words"), json!({"max_tokens": 30}));
    for _ in 0..100 {
        let answer = stage.chat(&body).send().await.unwrap();
        let id = call_id(&answer);
        answer.text().await.unwrap();
        let newest = format!(
            "SELECT COALESCE((SELECT charge FROM call WHERE charge IS NOT NULL AND funding = '{funding}' ORDER BY id DESC LIMIT 1), 0)"
        );
        let charge = number(&stage.hub, &newest).await;
        if charge > 0 {
            return (id, charge);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no call is charged");
}

#[tokio::test]
async fn a_charge_is_given_back_once_and_the_books_know() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        price(&stage, "gpt-4o-mini", "500", "1000").await;
        sell(&stage.hub).await;
        grant(&stage.hub, "1").await;
        let (id, charge) = ask(&stage, "credit").await;
        assert!(charge > 0);
        let amount = format!("0.{charge:09}");
        let arguments = [
            "credits", "correct", "--call", &id, "--amount", &amount, "--reason", "sorry",
        ];
        let given = stage.hub.json(&arguments, "").await;
        assert_eq!(nano(&given["balance"]), 1_000_000_000);
        let again = stage.hub.run(&arguments, "").await;
        assert_eq!(again.code, Some(1));
        assert!(
            again.complaint().contains("No more than 0.00 of this call"),
            "{again:?}"
        );
        audit(&stage.hub).await;
    })
    .await;
}

#[tokio::test]
async fn calls_in_enterprise_mode_are_proved_like_others() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        price(&stage, "gpt-4o-mini", "500", "1000").await;
        let (_, charge) = ask(&stage, "allocated").await;
        audit(&stage.hub).await;
        let report = stage.hub.json(&["verify-ledger", "--since", "1d"], "").await;
        assert_eq!(report["findings"], json!([]), "{report}");
        assert!(report["calls"].as_u64() > Some(0), "{report}");
        let totals = report["totals"].as_array().unwrap();
        let allocated = totals
            .iter()
            .find(|total| total["account"] == "cost_allocation")
            .unwrap();
        assert_eq!(nano(&allocated["balance"]), charge);
        // Somebody makes it cheaper in the log.
        for (change, back) in [
            (
                "UPDATE call SET charge = charge - 1",
                "UPDATE call SET charge = charge + 1",
            ),
            (
                "UPDATE call SET settle_seq = NULL WHERE charge > 0",
                "UPDATE call SET settle_seq = 1 WHERE charge > 0",
            ),
            (
                "UPDATE call SET output_text = output_text - 1 WHERE charge > 0",
                "UPDATE call SET output_text = output_text + 1 WHERE charge > 0",
            ),
        ] {
            database::execute(&stage.hub.database_url, change).await;
            let ran = stage.hub.run(&["verify-ledger", "--json"], "").await;
            assert_eq!(ran.code, Some(1), "{change}: {ran:?}");
            let report: Value = serde_json::from_str(&ran.stdout).unwrap();
            assert_ne!(report["findings"], json!([]), "{change}");
            database::execute(&stage.hub.database_url, back).await;
        }
        audit(&stage.hub).await;
    })
    .await;
}

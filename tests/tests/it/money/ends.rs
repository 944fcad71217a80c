//! How calls that cost money end: delivered, left, broken off, killed; and which price and mode count.

use serde_json::json;
use tests::stage::{SOON, Stage, call_id, hello, on_both, saying, streamed, with, within_a_second};
use tests::till::{CREDIT, audit, balance, charged, grant, number, price, sell};
use tests::upstream::Fault;

use super::clock::until;

/// A stage that sells these models, with a credit.
pub async fn shop(kind: tests::hub::Kind, models: &[&str]) -> Stage {
    let mut stage = Stage::prepare(kind).await;
    for model in models {
        price(&stage, model, "1", "2").await;
    }
    sell(&stage.hub).await;
    grant(&stage.hub, "1").await;
    stage.hub.serve().await;
    stage
}

#[tokio::test]
async fn clients_that_leave_pay_for_what_they_got_and_failures_cost_nothing() {
    on_both(async |kind| {
        let faults = [Fault::StallBefore, Fault::StallMid].map(Fault::model);
        let stage = shop(kind, &["fault-500", &faults[0], &faults[1]]).await;
        assert_eq!(stage.chat(&hello("fault-500")).send().await.unwrap().status, 502);
        assert_eq!((charged(&stage.hub).await, balance(&stage.hub).await), (0, (CREDIT, 0)));

        // At byte 0.
        let before = stage.upstream.requests().len();
        {
            let body = streamed(hello(&faults[0]));
            let waiting = stage.chat(&body).send();
            tokio::select! {
                _ = waiting => panic!("nothing is answered while the provider stalls"),
                arrived = stage.upstream.wait_for_requests(before + 1, SOON) => drop(arrived.unwrap()),
            }
        }
        // In the middle.
        let mut answer = stage.chat(&streamed(hello(&faults[1]))).send().await.unwrap();
        let id = call_id(&answer);
        let mut text = String::new();
        while !text.contains("said: ") {
            text.push_str(std::str::from_utf8(&answer.chunk().await.unwrap().unwrap()).unwrap());
        }
        assert!(balance(&stage.hub).await.1 > 0, "a running call holds nothing");
        drop(answer);
        let row = stage.row_in_state(&id, "cancelled").await;
        let tokens = |name: &str| row["usage"][name].as_i64().unwrap();
        // Both questions were read: they are the same.
        let charge = 2 * tokens("input_uncached") * 1_000 + tokens("output_text") * 2_000;
        let open = async || number(&stage.hub, "SELECT COUNT(*) FROM call WHERE state = 'open'").await;
        let begin = std::time::Instant::now();
        while open().await > 0 {
            assert!(begin.elapsed() < SOON, "a call stays open");
        }
        assert_eq!(
            (charged(&stage.hub).await, balance(&stage.hub).await),
            (charge, (CREDIT - charge, 0))
        );
        audit(&stage.hub).await;
    })
    .await;
}

#[tokio::test]
async fn which_price_and_mode_count_is_decided_at_the_beginning() {
    on_both(async |kind| {
        let waits = Fault::StallMid.model();
        let stage = shop(kind, &[&waits, "gpt-4o-mini"]).await;
        let mut answer = stage.chat(&streamed(hello(&waits))).send().await.unwrap();
        let id = call_id(&answer);
        answer.chunk().await.unwrap();
        // A thousand times the price, and no credit needed: both for later calls.
        let sold_at = async |wanted: &str| {
            let (_, sold) = stage.hub.get("/api/ai/models").json().await.unwrap();
            let mut sold = sold.as_array().unwrap().iter();
            sold.any(|sold| sold["model"] == json!(waits) && sold["input_credits_per_token"] == wanted)
        };
        price(&stage, &waits, "1000", "2000").await;
        until("the new price is in force", async || sold_at("0.001").await).await;
        stage.hub.json(&["settings", "set", "mode", "enterprise"], "").await;
        until("calls cost nothing", async || sold_at("0").await).await;
        stage.upstream.release();
        answer.text().await.unwrap();
        let row = stage.row_in_state(&id, "succeeded").await;
        let tokens = |name: &str| row["usage"][name].as_i64().unwrap();
        let charge = tokens("input_uncached") * 1_000 + tokens("output_text") * 2_000;
        assert_eq!(
            (charged(&stage.hub).await, balance(&stage.hub).await),
            (charge, (CREDIT - charge, 0))
        );

        within_a_second(async || {
            stage.chat(&hello("gpt-4o-mini")).send().await.unwrap();
            let allocated = "SELECT COUNT(*) FROM call WHERE funding = 'allocated' AND charge > 0";
            number(&stage.hub, allocated).await > 0
        })
        .await;
        // What nobody has priced is free to call here, and is not charged.
        assert_eq!(stage.chat(&hello("gpt-4o")).send().await.unwrap().status, 200);
        assert_eq!(
            number(
                &stage.hub,
                "SELECT COUNT(*) FROM call WHERE funding = 'none' AND charge IS NULL"
            )
            .await,
            1
        );
        sell(&stage.hub).await;
        within_a_second(async || {
            let (status, body) = stage.chat(&hello("gpt-4o")).json().await.unwrap();
            status == 404 && body["error"]["code"] == "model_unpriced"
        })
        .await;
        audit(&stage.hub).await;
    })
    .await;
}

#[tokio::test]
async fn a_limit_beyond_the_credit_is_lowered_and_a_stream_without_one_ends_with_it() {
    on_both(async |kind| {
        let mut stage = Stage::prepare(kind).await;
        price(&stage, "gpt-4o-mini", "1", "1000").await;
        sell(&stage.hub).await;
        grant(&stage.hub, "0.05").await;
        stage
            .hub
            .json(&["settings", "set", "hold-output-tokens", "20"], "")
            .await;
        stage.hub.serve().await;
        let body = with(saying("gpt-4o-mini", "write 10 words"), json!({"max_tokens": 100_000}));
        assert_eq!(stage.chat(&body).send().await.unwrap().status, 200);
        let sent = &stage.upstream.requests_to("/v1/chat/completions")[0];
        assert_eq!(sent.json()["max_tokens"], json!(49), "{sent:?}");

        let (status, text) = stage
            .chat(&streamed(saying("gpt-4o-mini", "write 5000 words")))
            .text()
            .await
            .unwrap();
        assert_eq!(status, 200);
        // This provider does not keep to the limit that it was told, so the hub ends the stream where the credit does.
        let last = text.trim_end().rsplit("data: ").next().unwrap();
        let last: serde_json::Value = serde_json::from_str(last).unwrap();
        assert_eq!(last["error"]["code"], "insufficient_credits", "{last}");
        let (spendable, held) = balance(&stage.hub).await;
        assert!((0..2_000_000).contains(&spendable) && held == 0, "{spendable} {held}");
        assert_eq!(charged(&stage.hub).await + spendable, CREDIT / 20);
        audit(&stage.hub).await;
    })
    .await;
}

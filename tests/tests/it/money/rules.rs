//! Where prices and lots have their borders, through the real server on both databases, to the last nano-USD: reports that cannot be, the
//! threshold of a tier, a cache that costs nothing, a lot that ends while its call runs, prices that nobody can mean.
//! `gateway/src/call/tests/money` has more of each.

use serde_json::{Value, json};
use tests::hub::{Hub, database};
use tests::stage::{ADMIN, PROVIDER, Stage, hello, on_both, saying, streamed, with, within_a_second};
use tests::till::{CREDIT, audit, balance, grant, nano, number, price, sell};
use tests::upstream::Fault;

use super::clock::{CLOCK_FILE, until};
use super::ends::shop;

/// A token of input costs so much in these tests, in nano-USD, and one of output twice that.
const INPUT: i64 = 1_000;
const OUTPUT: i64 = 2_000;

/// Sets the price of a model with more than that.
async fn price_with(stage: &Stage, model: &str, more: &[&str]) {
    let model = format!("{PROVIDER}/{model}");
    let usual = [
        "price",
        "set",
        "--model",
        &model,
        "--input-per-million",
        "1",
        "--output-per-million",
        "2",
    ];
    stage.hub.json(&[&usual, more].concat(), "").await;
}

/// An answer of three words to a prompt of so many words.
fn three_words(model: &str, prompt: usize) -> Value {
    saying(model, &format!("write 3 words{}", " more".repeat(prompt - 3)))
}

/// The charges of all calls, in their order; zero for those that were not charged.
async fn charges(stage: &Stage) -> Vec<i64> {
    let charges = "SELECT COALESCE(charge, 0) FROM call ORDER BY id";
    database::numbers(&stage.hub.database_url, charges).await
}

async fn asked(stage: &Stage, body: &Value) {
    let (status, text) = stage.chat(body).text().await.unwrap();
    assert_eq!(status, 200, "{text}");
}

#[tokio::test]
async fn a_report_that_cannot_be_is_estimated_and_somebody_is_told() {
    on_both(async |kind| {
        let models = [Fault::UsageNonsense, Fault::UsageContradictory].map(Fault::model);
        let stage = shop(kind, &[&models[0], &models[1]]).await;
        for model in &models {
            asked(&stage, &hello(model)).await;
            asked(&stage, &streamed(hello(model))).await;
        }
        // "user" with "Hello out there", and "You said: Hello out there": one token for four whole bytes.
        let each = 4 * INPUT + 6 * OUTPUT;
        assert_eq!(charges(&stage).await, [each; 4]);
        assert_eq!(balance(&stage.hub).await, (CREDIT - 4 * each, 0));
        let told = "SELECT COUNT(*) FROM call WHERE usage_source = 'estimated' AND raw_usage IS NOT NULL";
        assert_eq!(number(&stage.hub, told).await, 4);
        audit(&stage.hub).await;
    })
    .await;
}

/// A message counts as four tokens at the fake provider, and a word as one.
#[tokio::test]
async fn at_the_threshold_of_a_tier_a_token_makes_the_difference() {
    on_both(async |kind| {
        let mut stage = Stage::prepare(kind).await;
        price_with(&stage, "gpt-4o-mini", &["--tier", "above=20,input=3"]).await;
        sell(&stage.hub).await;
        grant(&stage.hub, "1").await;
        stage.hub.serve().await;
        for tokens in [19, 20, 21] {
            asked(&stage, &three_words("gpt-4o-mini", tokens - 4)).await;
        }
        let wanted = [19 * INPUT, 20 * INPUT, 21 * 3 * INPUT].map(|input| input + 3 * OUTPUT);
        assert_eq!(charges(&stage).await, wanted);
        let beyond = "SELECT COUNT(*) FROM call WHERE charge > hold_amount OR loss > 0";
        assert_eq!(
            number(&stage.hub, beyond).await,
            0,
            "the hold does not cover the charge"
        );
        assert_eq!(balance(&stage.hub).await, (CREDIT - wanted.iter().sum::<i64>(), 0));
        audit(&stage.hub).await;
    })
    .await;
}

/// The fake provider has prompts of 1,024 tokens and more in its cache, in steps of 128.
#[tokio::test]
async fn a_cache_price_of_zero_is_zero_and_none_is_the_price_of_input() {
    on_both(async |kind| {
        let mut stage = Stage::prepare(kind).await;
        price_with(&stage, "gpt-4o", &["--cache-read-per-million", "0"]).await;
        price_with(&stage, "gpt-4.1-mini", &[]).await;
        sell(&stage.hub).await;
        grant(&stage.hub, "1").await;
        stage.hub.serve().await;
        for model in ["gpt-4o", "gpt-4.1-mini"] {
            asked(&stage, &three_words(model, 1_096)).await;
        }
        let wanted = [76, 1_100].map(|tokens| tokens * INPUT + 3 * OUTPUT);
        assert_eq!(charges(&stage).await, wanted);
        let cached = "SELECT cache_read FROM call ORDER BY id";
        assert_eq!(database::numbers(&stage.hub.database_url, cached).await, [1_024; 2]);
        assert_eq!(balance(&stage.hub).await, (CREDIT - wanted.iter().sum::<i64>(), 0));
        audit(&stage.hub).await;
    })
    .await;
}

/// What a call was admitted for is paid by the lot that was there then.
#[tokio::test]
async fn a_lot_that_ends_while_its_call_runs_pays_for_it_and_for_no_other() {
    on_both(async |kind| {
        let mut hub = Hub::new(kind).await;
        let clock = hub.data().join("clock");
        let set = |seconds: i64| std::fs::write(&clock, seconds.to_string()).unwrap();
        set(0);
        hub.set(CLOCK_FILE, clock.to_str().unwrap());
        let mut stage = Stage::prepare_with(hub).await;
        let model = Fault::StallMid.model();
        price(&stage, &model, "1", "2").await;
        sell(&stage.hub).await;
        // For a day, two minutes less than a day ago.
        set(120 - 86_400);
        let ends = [
            "credits",
            "grant",
            "--user",
            ADMIN,
            "--amount",
            "1",
            "--expires",
            "1d",
            "--reason",
            "because",
        ];
        stage.hub.json(&ends, "").await;
        set(0);
        stage.hub.serve().await;

        let mut answer = stage.chat(&streamed(hello(&model))).send().await.unwrap();
        assert_eq!(answer.status, 200);
        answer.chunk().await.unwrap();
        set(200);
        until("the server's clock is set", async || {
            stage.hub.log().contains("the time of day is set by 200 s now")
        })
        .await;
        let (_, credits) = stage.get("/v1/credits").json().await.unwrap();
        assert_eq!(nano(&credits["spendable"]), 0, "{credits}");
        let (status, refused) = stage.chat(&hello(&model)).json().await.unwrap();
        assert_eq!(
            (status.as_u16(), &refused["error"]["code"]),
            (402, &json!("insufficient_credits"))
        );
        stage.upstream.release();
        let text = answer.text().await.unwrap();
        assert!(text.ends_with("data: [DONE]\n\n"), "{text}");
        // "Hello out there" has three words, and "You said: Hello out there" five.
        let charge = 7 * INPUT + 5 * OUTPUT;
        assert_eq!(charges(&stage).await, [charge, 0]);
        assert_eq!(number(&stage.hub, "SELECT COUNT(*) FROM call WHERE loss > 0").await, 0);
        // The rest of it is gone.
        let (_, credits) = stage.get("/v1/credits").json().await.unwrap();
        assert_eq!(
            ["spendable", "held"].map(|name| nano(&credits[name])),
            [0, 0],
            "{credits}"
        );
        audit(&stage.hub).await;
    })
    .await;
}

/// Three such charges were more than a sum of an hour can hold.
#[tokio::test]
async fn absurd_prices_leave_accounts_in_service_and_usage_to_be_read() {
    const DEAREST: &str = "9223372036854.775807";
    const MOST_OF_A_CALL: i64 = 1_000_000 * CREDIT;
    on_both(async |kind| {
        let mut stage = Stage::prepare(kind).await;
        price(&stage, "gpt-4o-mini", "0", DEAREST).await;
        // One token of the answer costs as much as a call may.
        price(&stage, "gpt-4o", "0", "1000000000000").await;
        stage.hub.serve().await;
        let usage = async || {
            let (status, usage) = stage.get("/v1/usage").json().await.unwrap();
            assert_eq!(status, 200, "{usage}");
            usage["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| nano(&row["charge"]))
                .sum::<i64>()
        };
        // Nobody needs credit yet, so nothing is measured before the end.
        for _ in 0..3 {
            asked(&stage, &saying("gpt-4o-mini", "write 390 words")).await;
        }
        let untold = "what a call used cannot be priced; it is not charged";
        until("somebody is told", async || {
            stage.hub.log().matches(untold).count() == 3
        })
        .await;
        assert_eq!((charges(&stage).await, usage().await), (vec![0; 3], 0));

        sell(&stage.hub).await;
        grant(&stage.hub, "3000000").await;
        within_a_second(async || {
            let (status, refused) = stage.chat(&hello("gpt-4o-mini")).json().await.unwrap();
            status == 400 && refused["error"]["code"] == "unsupported_limit"
        })
        .await;
        let one = with(hello("gpt-4o"), json!({"max_tokens": 1}));
        for _ in 0..3 {
            asked(&stage, &one).await;
        }
        let (status, refused) = stage.chat(&one).json().await.unwrap();
        assert_eq!(
            (status.as_u16(), &refused["error"]["code"]),
            (402, &json!("insufficient_credits"))
        );
        assert_eq!(usage().await, 3 * MOST_OF_A_CALL);
        assert_eq!(balance(&stage.hub).await, (0, 0));
        audit(&stage.hub).await;
    })
    .await;
}

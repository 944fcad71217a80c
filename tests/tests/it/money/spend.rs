//! One credit, spent by parallel streams until there is none, accounted for to the last nano-USD.

use serde_json::{Value, json};
use tests::sse::Chat;
use tests::stage::{Stage, call_id, on_both, saying, streamed, with, within_a_second};
use tests::till::{CREDIT, audit, balance, charged, grant, nano, price, sell};

const INPUT: i64 = 500_000;
const OUTPUT: i64 = 1_000_000;

/// What one client saw: the charge of each call that came to its end, by its tokens, and the refusal that ended it.
async fn spend(stage: &Stage) -> (Vec<(String, i64)>, Value) {
    let mut paid = Vec::new();
    loop {
        let body = with(
            streamed(saying("gpt-4o-mini", "write 20 words")),
            json!({"max_tokens": 30}),
        );
        let answer = stage.chat(&body).send().await.unwrap();
        if answer.status == 402 {
            let waits = answer.header("retry-after").is_some();
            let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
            assert_eq!(body["error"]["credit"]["waiting_helps"], json!(waits), "{body}");
            if waits {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                continue;
            }
            return (paid, body);
        }
        assert_eq!(answer.status, 200);
        let id = call_id(&answer);
        let chat = Chat::read(&answer.text().await.unwrap()).unwrap();
        assert!(chat.done, "{chat:?}");
        let usage = chat.usages()[0];
        let tokens = |name: &str| usage[name].as_i64().unwrap();
        paid.push((
            id,
            tokens("prompt_tokens") * INPUT + tokens("completion_tokens") * OUTPUT,
        ));
    }
}

#[tokio::test]
async fn one_credit_is_spent_by_parallel_streams_to_the_last_nano() {
    on_both(async |kind| {
        let mut stage = Stage::prepare(kind).await;
        price(&stage, "gpt-4o-mini", "500", "1000").await;
        sell(&stage.hub).await;
        grant(&stage.hub, "1").await;
        stage.hub.serve().await;
        let (a, b, c, d) = tokio::join!(spend(&stage), spend(&stage), spend(&stage), spend(&stage));
        let (spent, left) = (charged(&stage.hub).await, balance(&stage.hub).await);
        assert_eq!(left.1, 0, "something is held");
        assert_eq!(spent + left.0, CREDIT);
        let seen: Vec<&(String, i64)> = [&a.0, &b.0, &c.0, &d.0].into_iter().flatten().collect();
        assert_eq!(
            seen.iter().map(|(_, charge)| charge).sum::<i64>(),
            spent,
            "clients were told other tokens"
        );
        assert!(seen.len() >= 20, "{} calls for a credit", seen.len());
        for (_, refusal) in [&a, &b, &c, &d] {
            let error = &refusal["error"];
            assert_eq!(
                (&error["code"], &error["type"]),
                (&json!("insufficient_credits"), &json!("insufficient_quota"))
            );
            assert!(nano(&error["credit"]["needed"]) > nano(&error["credit"]["spendable"]));
            assert_eq!(nano(&error["credit"]["spendable"]), left.0);
            let url = error["credit"]["url"].as_str().unwrap();
            assert!(
                url.starts_with("http://127.0.0.1") && url.ends_with("/credits"),
                "{url}"
            );
        }
        audit(&stage.hub).await;
    })
    .await;
}

#[tokio::test]
async fn a_key_tells_its_credit_and_its_usage() {
    on_both(async |kind| {
        let mut stage = Stage::prepare(kind).await;
        price(&stage, "gpt-4o-mini", "1", "2").await;
        sell(&stage.hub).await;
        grant(&stage.hub, "1").await;
        stage.hub.serve().await;
        assert_eq!(
            stage
                .chat(&saying("gpt-4o-mini", "write 5 words"))
                .send()
                .await
                .unwrap()
                .status,
            200
        );
        assert_eq!(
            stage
                .chat(&saying("no-such-model", "hello"))
                .send()
                .await
                .unwrap()
                .status,
            404
        );
        let (status, credits) = stage.get("/v1/credits").json().await.unwrap();
        assert_eq!(
            (status.as_u16(), &credits["object"], &credits["held"]),
            (200, &json!("credits"), &json!("0.00"))
        );
        let spent = charged(&stage.hub).await;
        assert_eq!(nano(&credits["spendable"]), CREDIT - spent);
        let lot = &credits["lots"][0];
        assert_eq!(
            (&lot["kind"], &lot["amount"], &lot["expires_at"]),
            (&json!("admin"), &json!("1.00"), &Value::Null)
        );
        let (_, usage) = stage.get("/v1/usage").json().await.unwrap();
        let told: Vec<_> = usage["data"].as_array().unwrap().iter().collect();
        assert_eq!(told.len(), 2, "{usage}");
        assert_eq!((&told[0]["model"], &told[0]["errors"]), (&Value::Null, &json!(1)));
        assert_eq!(
            (&told[1]["model"], &told[1]["calls"]),
            (&json!("fake/gpt-4o-mini"), &json!(1))
        );
        assert_eq!(nano(&told[1]["charge"]), spent);
        assert_eq!(
            told[1]["usage"]["output_text"].as_i64().unwrap() * 2_000
                + told[1]["usage"]["input_uncached"].as_i64().unwrap() * 1_000,
            spent
        );
        // Another key of nobody's, another time, nonsense.
        let other = stage.hub.create_key(tests::stage::ADMIN, "other").await;
        within_a_second(async || {
            let call = stage.hub.get("/v1/usage").bearer(other["key"].as_str().unwrap());
            let (status, usage) = call.json().await.unwrap();
            status == 200 && usage["data"] == json!([])
        })
        .await;
        let (_, past) = stage
            .get("/v1/usage?from=2020-01-01&until=2020-02-01")
            .json()
            .await
            .unwrap();
        assert_eq!(past["data"], json!([]));
        // A day is a whole one, also the last.
        let path = "/v1/usage?from=2020-01-01&until=2020-01-01";
        let (status, day) = stage.get(path).json().await.unwrap();
        assert_eq!((status.as_u16(), &day["until"]), (200, &json!("2020-01-02T00:00:00Z")));
        for range in ["from=x", "from=2020-01-01", "from=2020-01-01&from=2020-01-02"] {
            let (status, refused) = stage.get(&format!("/v1/usage?{range}")).json().await.unwrap();
            assert_eq!(
                (status.as_u16(), &refused["error"]["code"]),
                (400, &json!("invalid_range")),
                "{range}"
            );
        }
        audit(&stage.hub).await;
    })
    .await;
}

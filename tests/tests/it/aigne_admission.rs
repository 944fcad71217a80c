//! `GET /api/v2/status` says what a call would be told, and the lists for AIGNE's clients name what their key may ask.

use serde_json::{Value, json};
use tests::stage::{ADMIN, Stage, hello, on_both, within_a_second};
use tests::till::{audit, grant, price, sell};
use tests::upstream::{Fault, Rule};

const MODEL: &str = "fake/gpt-4o-mini";
const OTHER: &str = "fake/text-embedding-3-small";

/// What is told of a model to whoever has this key.
async fn told(stage: &Stage, key: &str, model: &str) -> Value {
    let call = stage.hub.get(&format!("/api/v2/status?model={model}")).bearer(key);
    let (status, told) = call.json().await.unwrap();
    assert_eq!(status, 200, "{told}");
    told
}

fn refused(told: &Value, code: u16, words: &str) {
    let sentence = told["error"].as_str().unwrap_or_default();
    assert!(
        told["available"] == false && told["code"] == code && sentence.contains(words),
        "{told}, not {code} {words}"
    );
}

/// A key of the admin that may ask these models alone, once the server knows it.
async fn bound(stage: &Stage, models: &[&str]) -> String {
    let mut arguments = vec!["key", "create", "--user", ADMIN, "--name", "bound"];
    arguments.extend(models.iter().flat_map(|model| ["--model", *model]));
    let made = stage.hub.json(&arguments, "").await;
    let key = made["key"].as_str().unwrap().to_owned();
    stage.upstream.forbid(&key);
    within_a_second(async || told(stage, &key, OTHER).await["code"] != 401).await;
    key
}

#[tokio::test]
async fn a_key_hears_of_the_models_that_it_may_ask() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let key = bound(&stage, &[OTHER]).await;
        refused(&told(&stage, &key, MODEL).await, 403, "may not ask");
        for model in [OTHER, ""] {
            assert_eq!(told(&stage, &key, model).await, json!({ "available": true }), "{model}");
        }
        assert_eq!(told(&stage, &stage.key, MODEL).await, json!({ "available": true }));
        let nobodys = stage.hub.get(&format!("/api/v2/status?model={MODEL}"));
        assert_eq!(nobodys.json().await.unwrap().1, json!({ "available": true }));
        let wrong = stage.hub.get("/api/v2/status").header("x-api-key", "sk-hub-wrong");
        refused(&wrong.json().await.unwrap().1, 401, "Incorrect API key");

        let of = async |key: &str, path: &str| stage.hub.get(path).bearer(key).json().await.unwrap().1;
        let rates = format!("/api/ai-providers/{}/model-rates", stage.provider_id);
        for (path, count) in [
            ("/api/ai-providers", "/0/models"),
            ("/api/ai-providers/model-rates", "/count"),
        ] {
            assert_eq!(of(&key, path).await.pointer(count), Some(&json!(1)), "{path}");
            let all = of(&stage.key, path).await;
            assert!(all.pointer(count).and_then(Value::as_u64).unwrap() > 1, "{all}");
        }
        for path in [&rates, "/api/ai-providers/chat/models"] {
            let list = of(&key, path).await;
            assert_eq!(list.as_array().map(Vec::len), Some(1), "{path}: {list}");
            assert_eq!(list[0]["model"], "text-embedding-3-small", "{path}");
        }

        let none = bound(&stage, &["nobody/*"]).await;
        refused(&told(&stage, &none, "").await, 403, "may not ask");
        assert_eq!(of(&none, "/api/ai-providers").await, json!([]));
        assert_eq!(of(&none, &rates).await, json!([]));
    })
    .await;
}

#[tokio::test]
async fn an_account_that_is_blocked_or_empty_and_a_model_without_a_price_are_told() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        refused(&told(&stage, &stage.key, "fake/gpt-9").await, 404, "fake/gpt-9");
        sell(&stage.hub).await;
        within_a_second(async || told(&stage, &stage.key, MODEL).await["code"] == 402).await;
        let empty = told(&stage, &stage.key, MODEL).await;
        assert_eq!(empty["type"], "NOT_ENOUGH", "{empty}");
        assert!(empty["link"].as_str().unwrap().ends_with("/credits"));
        grant(&stage.hub, "1").await;
        let (_, balance) = stage.get("/api/user/credit/balance").json().await.unwrap();
        let of_it = ["balance", "total", "pendingCredit"].map(|name| &balance[name]);
        assert_eq!(of_it, ["10000000000", "10000000000", "0"], "{balance}");
        assert_eq!(balance["currency"]["decimal"], 10);
        let (_, info) = stage.get("/api/user/info").json().await.unwrap();
        assert_eq!(info["creditBalance"]["balance"], "1.00", "{info}");
        refused(&told(&stage, &stage.key, MODEL).await, 400, "no price yet");
        refused(&told(&stage, &stage.key, "").await, 503, "No model can be called");
        price(&stage, "gpt-4o-mini", "1", "1").await;
        within_a_second(async || told(&stage, &stage.key, MODEL).await == json!({ "available": true })).await;
        let block = ["credits", "block", "--user", ADMIN, "--reason", "because"];
        stage.hub.json(&block, "").await;
        within_a_second(async || told(&stage, &stage.key, MODEL).await["code"] == 403).await;
        for model in [MODEL, ""] {
            refused(&told(&stage, &stage.key, model).await, 403, "is blocked");
        }
        let (status, answer) = stage.chat(&hello("gpt-4o-mini")).json().await.unwrap();
        assert_eq!(
            (status.as_u16(), &answer["error"]["code"]),
            (403, &json!("account_blocked"))
        );
        audit(&stage.hub).await;
    })
    .await;
}

#[tokio::test]
async fn a_provider_that_refuses_every_credential_or_has_none_is_told() {
    on_both(async |kind| {
        let mut stage = Stage::prepare(kind).await;
        let url = stage.upstream.base_url();
        stage
            .hub
            .provider("openai", "bare")
            .at(&url)
            .models(["gpt-4o"])
            .add()
            .await;
        stage.hub.serve().await;
        refused(&told(&stage, &stage.key, "bare/gpt-4o").await, 503, "no credential");
        stage.upstream.add_rule(Rule::new(Fault::Unauthorized).times(1));
        let (status, _) = stage.chat(&hello("gpt-4o-mini")).json().await.unwrap();
        assert_eq!(status, 502);
        for model in [MODEL, OTHER] {
            refused(&told(&stage, &stage.key, model).await, 503, "refused every credential");
        }
        refused(&told(&stage, &stage.key, "").await, 503, "No model can be called");
        // It is tried all the same, and has been put right.
        let (status, answer) = stage.chat(&hello("gpt-4o-mini")).json().await.unwrap();
        assert_eq!(status, 200, "{answer}");
        assert_eq!(told(&stage, &stage.key, MODEL).await, json!({ "available": true }));
    })
    .await;
}

//! A company is set up by HTTP alone: a person, a provider, its models, a price, credit, a key; the key is used; the call is read with its
//! money; and the list of changes names each with the key that did it.

use serde_json::json;
use tests::hub::Hub;
use tests::stage::{ADMIN, PASSWORD, SOON, on_both, saying};
use tests::upstream::Upstream;

use super::client::{Api, text};

#[tokio::test]
async fn a_company_is_set_up_by_http_alone() {
    on_both(async |kind| {
        let upstream = Upstream::start().await.unwrap();
        let mut hub = Hub::new(kind).await;
        hub.create_user(ADMIN, "owner", PASSWORD).await;
        hub.serve().await;
        let api = Api::of(&hub, ADMIN).await;

        let sam = json!({ "email": "sam@example.test", "name": "Sam", "password": "a password of Sam's" });
        let sam = api.post("/users", &sam).await.expect(201);
        assert_eq!((&sam["role"], &sam["state"]), (&json!("member"), &json!("active")));
        let sam = format!("/users/{}", text(&sam["id"]));

        let new = json!({ "kind": "openai-compatible", "name": "fake", "base_url": upstream.base_url() });
        let provider = api.post("/providers", &new).await.expect(201);
        let provider = format!("/providers/{}", text(&provider["id"]));
        let secret = json!({ "label": "first", "secret": upstream.key() });
        let credential = api.post(&format!("{provider}/credentials"), &secret).await.expect(201);
        assert_eq!(
            (&credential["label"], &credential["health"]),
            (&json!("first"), &json!("unknown"))
        );
        let tested = api.post(&format!("{provider}/test"), &json!({})).await.expect(200);
        assert_eq!(tested["health"], "good", "{tested}");
        let listed = api
            .post(&format!("{provider}/models/refresh"), &json!({}))
            .await
            .expect(200);
        assert_eq!(listed["listed"], true);
        let shown = api.get(&provider).await.expect(200);
        assert_eq!(shown["credentials"][0]["health"], "good");

        let models = api.get("/models?q=FAKE/gpt-4o-mini").await.expect(200);
        let model = models["data"]
            .as_array()
            .unwrap()
            .iter()
            .find(|model| model["model"] == "fake/gpt-4o-mini");
        let model = format!("/models/{}", text(&model.unwrap()["id"]));
        let changed = api
            .patch(&model, &json!({ "context_tokens": 128_000 }))
            .await
            .expect(200);
        assert_eq!(changed["context_tokens"], 128_000);
        let price =
            json!({ "cost": { "input": "500", "output": "1000" }, "margin_percent": "20", "reason": "a first price" });
        let version = api.post(&format!("{model}/price/versions"), &price).await.expect(201);
        assert_eq!(
            version["prices"]["sell"],
            json!({ "input": "600.00", "output": "1200.00" })
        );
        let mode = api
            .patch("/settings/mode", &json!({ "value": "service-provider" }))
            .await
            .expect(200);
        assert_eq!(
            (&mode["value"], &mode["default"]),
            (&json!("service-provider"), &json!("enterprise"))
        );
        let grant = json!({ "amount": "5", "kind": "promo", "reason": "welcome" });
        let granted = api.post(&format!("{sam}/credits/grants"), &grant).await.expect(201);
        assert_eq!(granted["balance"], "5.00");

        let made = api
            .post(&format!("{sam}/keys"), &json!({ "name": "laptop" }))
            .await
            .expect(201);
        let (key, key_id) = (text(&made["key"]).to_owned(), text(&made["id"]).to_owned());
        let answer = hub
            .post("/v1/chat/completions", &saying("gpt-4o-mini", "write 5 words"))
            .bearer(&key)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status, 200);
        let call = tests::stage::call_id(&answer);
        drop(answer.bytes().await);

        let calls = api
            .get(&format!("/calls?key={key_id}&state=succeeded"))
            .await
            .expect(200);
        assert_eq!(calls["data"].as_array().unwrap().len(), 1, "{calls}");
        assert_eq!(calls["data"][0]["id"], call.as_str());
        let detail = api.get(&format!("/calls/{call}")).await.expect(200);
        assert_eq!(detail["model_served"], "fake/gpt-4o-mini");
        assert_eq!(detail["attempts"][0]["credential"], "first");
        let money = &detail["money"];
        assert_eq!(
            (&money["funding"], &money["price_id"]),
            (&json!("credit"), &version["id"])
        );
        assert!(
            money["charge"].is_string() && money["receipt"][0]["price"].is_string(),
            "{money}"
        );
        let left = api.get(&format!("{sam}/credits")).await.expect(200);
        let nano = |value| tests::till::nano(value);
        assert_eq!(nano(&left["balance"]) + nano(&money["charge"]), 5_000_000_000);
        assert_eq!(
            (&left["lots"][0]["by"]["key_id"], &left["lots"][0]["reason"]),
            (&json!(api.key_id), &json!("welcome"))
        );
        let back = json!({ "amount": money["charge"], "reason": "it was cut off" });
        let corrected = api.post(&format!("/calls/{call}/corrections"), &back).await.expect(201);
        assert_eq!(corrected["balance"], "5.00");
        // Of which project a call was stands in the ledger, and in the file of it.
        let lines = api.all(&format!("{sam}/credits/ledger")).await;
        let line = lines.iter().find(|line| line["kind"] == "settle").unwrap();
        assert_eq!((&line["project"], &line["key"]), (&json!("Personal"), &json!("laptop")));
        let mut console = tests::console::Console::new(hub.address());
        console.sign_in(ADMIN, PASSWORD).await;
        let file = console.ask(&format!("{sam}/credits/ledger.csv")).await;
        let rows: Vec<&str> = file.body.lines().collect();
        assert!(
            rows[0].ends_with(",actor,project,debt_change,lot,lot_expires_at"),
            "{}",
            rows[0]
        );
        let row = rows
            .iter()
            .find(|row| row.contains(call.as_str()) && row.contains(",settle,"));
        assert!(row.is_some_and(|row| row.contains(",Personal,")), "{}", file.body);

        prove_the_books(&api).await;
        every_change_names_the_key(&api).await;
        for secret in [upstream.key(), "a password of Sam's", PASSWORD, api.key.as_str()] {
            assert!(!api.has_told(secret), "{secret} was told");
        }
        let file = api.get("/audit.csv?action=key").await;
        assert!(
            text(&file.body).contains(&format!("{ADMIN},{},127.0.0.1,key.create", api.key_id)),
            "{}",
            file.body
        );
        assert!(!hub.log().contains(upstream.key()) && !hub.log().contains(&key));
    })
    .await;
}

async fn prove_the_books(api: &Api) {
    assert_eq!(
        api.post("/books/checks", &json!({})).await.expect(202),
        json!({ "begun": true })
    );
    let begin = std::time::Instant::now();
    loop {
        let books = api.get("/books").await.expect(200);
        let check = &books["checks"][0];
        if check["outcome"] != "running" {
            assert_eq!(
                (&check["outcome"], &check["findings"]),
                (&json!("sound"), &json!([])),
                "{check}"
            );
            assert_eq!(check["by"]["key_id"], api.key_id.as_str());
            return;
        }
        assert!(begin.elapsed() < SOON, "the books are never proved");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

async fn every_change_names_the_key(api: &Api) {
    let changes = api.all(&format!("/audit?by={}", api.key_id)).await;
    let mut done: Vec<&str> = changes.iter().map(|change| text(&change["action"])).collect();
    done.reverse();
    let expected = [
        "user.create",
        "provider.create",
        "credential.create",
        "credential.test",
        "provider.refresh_models",
        "model.context",
        "price.publish",
        "setting.change",
        "credit.grant",
        "key.create",
        "credit.correct",
    ];
    assert_eq!(done, expected);
    for change in &changes {
        let by = &change["by"];
        assert_eq!((&by["kind"], &by["email"]), (&json!("user"), &json!(ADMIN)), "{change}");
        assert_eq!(
            (&by["key_id"], &change["address"]),
            (&json!(api.key_id), &json!("127.0.0.1")),
            "{change}"
        );
    }
    let others = api.all("/audit?by=command_line").await;
    assert!(
        others.len() >= 2
            && others
                .iter()
                .all(|change| change["by"] == json!({ "kind": "command_line" }))
    );
    let proof = api.get("/audit/proof").await.expect(200);
    assert_eq!((&proof["sound"], &proof["findings"]), (&json!(true), &json!([])));
}

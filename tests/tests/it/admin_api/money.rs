//! Prices and credit: a version upon the one that was seen, a change once under its name, and every way in which credit moves.

use http::Method;
use serde_json::{Value, json};
use tests::hub::database;
use tests::stage::{ADMIN, PASSWORD, Stage, on_both};

use super::client::{Api, Told, text};

#[tokio::test]
async fn a_price_is_published_upon_the_one_that_was_seen() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let api = Api::of(&stage.hub, ADMIN).await;
        let models = api.get("/models?q=fake/gpt-4o-mini").await.expect(200);
        let path = format!("/models/{}/price", text(&models["data"][0]["id"]));
        let empty = api.get(&path).await;
        assert_eq!(
            (&empty.body["current"], &empty.tag),
            (&Value::Null, &None),
            "no price is no zero"
        );
        let publish = async |condition: Option<(&'static str, &str)>, price: Value| {
            let call = api
                .call(Method::POST, &format!("{path}/versions"))
                .body(price.to_string());
            let call = match condition {
                Some((name, value)) => call.header(name, value),
                None => call,
            };
            api.hear(call).await
        };
        let price = |input: &str| json!({ "cost": { "input": input, "output": "2" }, "reason": "r", "source": "s" });
        let first = publish(Some(("if-none-match", "*")), price("1")).await;
        let tag = first.tag.clone().unwrap();
        let first = first.expect(201);
        assert_eq!(tag, format!("\"{}\"", text(&first["id"])));
        assert_eq!(api.get(&path).await.tag, Some(tag.clone()));
        let stale = publish(Some(("if-none-match", "*")), price("3")).await;
        assert_eq!((stale.status, stale.error().0), (409, "price_stale"));
        for nonsense in ["\"price_0000000000001\"", "nonsense"] {
            let stale = publish(Some(("if-match", nonsense)), price("3")).await;
            assert_eq!((stale.status, stale.error().0), (409, "price_stale"), "{nonsense}");
        }
        // One says that there is a version, the other that there is none.
        let both = api
            .call(Method::POST, &format!("{path}/versions"))
            .header("if-match", "*")
            .header("if-none-match", "*")
            .body(price("3").to_string());
        assert_eq!(api.hear(both).await.status, 422);
        let second = publish(Some(("if-match", &tag)), price("3")).await.expect(201);
        let shown = api.get(&path).await.expect(200);
        assert_eq!(shown["newest"], second["id"]);
        assert_eq!(
            publish(Some(("if-match", &tag)), price("4")).await.error().0,
            "price_stale"
        );
        let later = json!({ "cost": { "input": "5", "output": "5" }, "effective_from": "2090-01-01T00:00:00+02:00" });
        let later = publish(None, later).await.expect(201);
        assert_eq!(later["effective_from"], "2089-12-31T22:00:00Z");
        let scheduled = api.get("/prices?state=scheduled&q=fake/gpt-4o-mini").await.expect(200);
        assert_eq!(scheduled["data"].as_array().unwrap().len(), 1, "{scheduled}");
        let history = api.get(&format!("{path}/versions")).await.expect(200);
        let ids: Vec<&Value> = history["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|version| &version["id"])
            .collect();
        assert_eq!(ids, [&later["id"], &second["id"], &first["id"]]);
        for (wrong, code, field) in [
            (
                json!({ "cost": { "input": "2" }, "sell": { "input": "1" } }),
                "price_below_cost",
                "below_cost_ok",
            ),
            (json!({}), "price_empty", "sell"),
            (
                json!({ "cost": { "input": "1" }, "effective_from": "2090-01-01T00:00:00.5Z" }),
                "price_fraction",
                "effective_from",
            ),
            (
                json!({ "cost": { "input": "1" }, "effective_from": "2020-01-01T00:00:00Z" }),
                "price_past",
                "effective_from",
            ),
            (
                json!({ "cost": { "input": "1" }, "reason": "a\nb" }),
                "price_text",
                "reason",
            ),
            (json!({ "cost": { "input": 1 } }), "invalid_field", "cost.input"),
            (json!({ "cost": { "thoughts": "1" } }), "invalid_field", "cost"),
        ] {
            let told = publish(None, wrong.clone()).await;
            assert_eq!((told.status, told.error().0), (422, code), "{wrong}: {}", told.body);
            assert!(told.error().1.starts_with(field), "{wrong}: {}", told.body);
        }
        let meant = json!({ "cost": { "input": "2" }, "sell": { "input": "1" }, "below_cost_ok": true });
        publish(None, meant).await.expect(201);
    })
    .await;
}

#[tokio::test]
async fn a_change_of_credit_is_booked_once_under_its_name() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let api = Api::of(&stage.hub, ADMIN).await;
        stage.hub.create_user("sam@example.test", "member", PASSWORD).await;
        let sam = format!("/users/{}/credits", api.user("sam@example.test").await);
        let named = async |name: &str, body: &Value| -> Told {
            let call = api.call(Method::POST, &format!("{sam}/grants")).body(body.to_string());
            api.hear(call.header("idempotency-key", name)).await
        };
        let ten = json!({ "amount": "10", "reason": "ticket 4711" });
        let first = named("ticket-4711", &ten).await.expect(201);
        assert_eq!(first["booked_before"], false);
        let mut again = named("ticket-4711", &ten).await.expect(201);
        assert_eq!(again["booked_before"], true);
        again["booked_before"] = json!(false);
        assert_eq!(again, first);
        let other = named("ticket-4711", &json!({ "amount": "11", "reason": "ticket 4711" })).await;
        assert_eq!((other.status, other.error().0), (409, "other_under_name"));
        for wrong in ["", &"x".repeat(101)] {
            let told = named(wrong, &ten).await;
            assert_eq!((told.status, told.error().1), (422, "Idempotency-Key"), "{wrong}");
        }
        assert_eq!(api.get(&sam).await.expect(200)["balance"], "10.00");

        let post = async |way: &str, body: Value| api.post(&format!("{sam}/{way}"), &body).await;
        let lot = format!("lots/{}", text(&first["lot_id"]));
        assert_eq!(
            post("adjustments", json!({ "way": "take", "amount": "1.5", "reason": "r" }))
                .await
                .expect(201)["balance"],
            "8.50"
        );
        let more = post(
            "adjustments",
            json!({ "way": "add", "amount": "0.000000001", "reason": "r" }),
        )
        .await
        .expect(201);
        assert_eq!(more["balance"], "8.500000001");
        let owed = post("debits", json!({ "amount": "10", "reason": "a dispute" }))
            .await
            .expect(201);
        assert_eq!(
            (&owed["balance"], &owed["debt"]),
            (&json!("0.00"), &json!("1.499999999"))
        );
        let beyond = post("write-offs", json!({ "amount": "2", "reason": "r" })).await;
        assert_eq!((beyond.status, beyond.error()), (422, ("beyond_debt", "amount")));
        let off = json!({ "amount": "1.499999999", "loss": "dispute", "reason": "lost" });
        assert_eq!(post("write-offs", off).await.expect(201)["debt"], "0.00");
        let granted = post(
            "grants",
            json!({ "amount": "2", "expires_at": "2090-01-01T00:00:00Z", "reason": "r" }),
        )
        .await
        .expect(201);
        let living = format!("lots/{}", text(&granted["lot_id"]));
        let change = async |body: Value| api.patch(&format!("{sam}/{living}"), &body).await;
        assert_eq!(
            change(json!({ "reason": "r" })).await.error(),
            ("invalid_field", "expires_at")
        );
        assert_eq!(
            change(json!({ "expires_at": "2089-01-01T00:00:00Z", "reason": "r" }))
                .await
                .error(),
            ("not_later", "expires_at")
        );
        change(json!({ "expires_at": null, "reason": "for ever" }))
            .await
            .expect(200);
        assert_eq!(api.get(&sam).await.expect(200)["lots"][0]["expires_at"], Value::Null);
        assert_eq!(
            post(&format!("{living}/void"), json!({ "reason": "r" }))
                .await
                .expect(200)["balance"],
            "0.00"
        );
        let gone = post(&format!("{lot}/void"), json!({ "reason": "r" })).await;
        assert_eq!((gone.status, gone.error().0), (404, "no_lot"));
        let block = json!({ "status": "blocked", "reason": "r" });
        assert_eq!(
            api.put(&format!("{sam}/status"), &block).await.expect(200)["status"],
            "blocked"
        );
        for (body, field) in [
            (json!({ "amount": "0", "reason": "r" }), "amount"),
            (json!({ "amount": "-1", "reason": "r" }), "amount"),
            (json!({ "amount": 1, "reason": "r" }), "amount"),
            (json!({ "amount": "99999999999999", "reason": "r" }), "amount"),
            (json!({ "amount": "1e5", "reason": "r" }), "amount"),
            (json!({ "amount": "0.0000000001", "reason": "r" }), "amount"),
            (json!({ "amount": "1", "reason": " " }), "reason"),
            (json!({ "amount": "1" }), "reason"),
            (json!({ "amount": "1", "reason": "r", "kind": "starter" }), "kind"),
            (json!({ "amount": "1", "reason": "r", "priority": 1001 }), "priority"),
            (
                json!({ "amount": "1", "reason": "r", "expires_at": "2020-01-01T00:00:00Z" }),
                "expires_at",
            ),
            (json!({ "amount": "1", "reason": "r", "user": "ada" }), "user"),
        ] {
            let told = post("grants", body.clone()).await;
            assert_eq!((told.status, told.error().1), (422, field), "{body}: {}", told.body);
        }
        let kinds: Vec<Value> = api.all(&format!("{sam}/ledger")).await;
        let kinds: Vec<&str> = kinds.iter().rev().map(|line| text(&line["kind"])).collect();
        let expected = [
            "grant",
            "adjust",
            "adjust",
            "debit",
            "write_off",
            "grant",
            "extend_lot",
            "void",
            "block",
        ];
        assert_eq!(kinds, expected);
        tests::till::audit(&stage.hub).await;
    })
    .await;
}

/// Whoever looks after money sees an account whose books are damaged, with what was found; nothing is booked on it.
#[tokio::test]
async fn a_damaged_account_is_told_and_shown() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let api = Api::of(&stage.hub, ADMIN).await;
        let path = format!("/users/{}/credits", api.user(ADMIN).await);
        assert_eq!(api.get(&path).await.expect(200)["damage"], Value::Null);
        let damage = "UPDATE account SET quarantine = 'its lots <do not> fit'";
        database::execute(&stage.hub.database_url, damage).await;
        let told = api.get(&path).await.expect(200);
        assert_eq!(
            (&told["damage"], &told["spendable"]),
            (&json!("its lots <do not> fit"), &json!("0.00"))
        );
        let mut console = stage.admin().await;
        let page = console.open(&path).await;
        assert!(
            page.text().contains("This account is out of service"),
            "{}",
            page.text()
        );
        assert!(page.text().contains("its lots <do not> fit"), "{}", page.text());
    })
    .await;
}

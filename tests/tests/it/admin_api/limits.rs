//! Limits: set, seen as they stand, met by a call, removed.

use serde_json::json;
use tests::stage::{ADMIN, PASSWORD, Stage, hello, on_both};

use super::client::{Api, text};

#[tokio::test]
async fn limits_are_set_seen_and_removed() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let api = Api::of(&stage.hub, ADMIN).await;
        stage.hub.create_user("sam@example.test", "member", PASSWORD).await;
        let sam = api.user("sam@example.test").await;
        let key = api
            .post(&format!("/users/{sam}/keys"), &json!({ "name": "k" }))
            .await
            .expect(201);
        let path = format!("/limits?subject={}", text(&key["id"]));
        let none = api.get(&path).await.expect(200);
        assert_eq!(
            (&none["kind"], &none["name"], &none["data"]),
            (&json!("key"), &json!("k"), &json!([]))
        );
        let on = |more: serde_json::Value| {
            let mut body = json!({ "subject": key["id"] });
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        for (more, field) in [
            (json!({ "measure": "calls", "limit": 1 }), "measure"),
            (json!({ "measure": "requests", "limit": 1 }), "window"),
            (
                json!({ "measure": "requests", "window": "month", "limit": 1 }),
                "window",
            ),
            (
                json!({ "measure": "requests", "window": "rolling total", "limit": 1 }),
                "window",
            ),
            (
                json!({ "measure": "concurrent", "window": "day", "limit": 1 }),
                "window",
            ),
            (json!({ "measure": "requests", "window": "day", "limit": -1 }), "limit"),
            (
                json!({ "measure": "requests", "window": "day", "limit": "1.50" }),
                "limit",
            ),
            (
                json!({ "measure": "requests", "window": "day", "limit": null }),
                "limit",
            ),
            (json!({ "measure": "requests", "window": "day" }), "limit"),
            (json!({ "measure": "spend", "window": "day", "limit": 1 }), "limit"),
            (
                json!({ "measure": "requests", "window": "day", "limit": 1, "used": 0 }),
                "used",
            ),
        ] {
            let told = api.put("/limits", &on(more.clone())).await;
            assert_eq!((told.status, told.error().1), (422, field), "{more}: {}", told.body);
        }
        let told = api.get("/limits").await;
        assert_eq!((told.status, told.error()), (422, ("missing_field", "subject")));
        assert_eq!(api.get("/limits?subject=nonsense").await.error().1, "subject");
        let strange = sam.replace("user_", "model_");
        assert_eq!(
            api.get(&format!("/limits?subject={strange}")).await.error().0,
            "model_not_found"
        );

        let day = on(json!({ "measure": "requests", "window": "day", "limit": 5 }));
        api.put("/limits", &day).await.expect(200);
        let spend = on(json!({ "measure": "spend", "window": "rolling month", "limit": "12.50" }));
        let both = api.put("/limits", &spend).await.expect(200);
        let [first, second] = both["data"].as_array().unwrap().as_slice() else {
            panic!("{both}");
        };
        assert_eq!((&first["limit"], &first["used"]), (&json!(5), &json!(0)));
        assert_eq!(
            (&second["limit"], &second["remaining"], &second["window"]),
            (&json!("12.50"), &json!("12.50"), &json!("rolling month"))
        );
        // The same again is another amount for the one that is there.
        let none_left = on(json!({ "measure": "requests", "window": "day", "limit": 0 }));
        let changed = api.put("/limits", &none_left).await.expect(200);
        assert_eq!(
            (&changed["data"][0]["id"], &changed["data"][0]["limit"]),
            (&first["id"], &json!(0))
        );
        let call = async || {
            let call = stage
                .hub
                .post("/v1/chat/completions", &hello("gpt-4o-mini"))
                .bearer(text(&key["key"]));
            call.send().await.unwrap().status.as_u16()
        };
        // Under a limit of spend a model has to have a price.
        let price = [
            "price",
            "set",
            "--model",
            "fake/gpt-4o-mini",
            "--input-per-million",
            "1",
            "--output-per-million",
            "1",
        ];
        stage.hub.json(&price, "").await;
        tests::stage::within_a_second(async || call().await == 429).await;

        // Billing sees those of people, and no others.
        stage.hub.create_user("bill@example.test", "billing", PASSWORD).await;
        let billing = Api::of(&stage.hub, "bill@example.test").await;
        billing.get(&format!("/limits?subject={sam}")).await.expect(200);
        assert_eq!(billing.get(&path).await.error().0, "key_not_found");
        let told = billing.put("/limits", &day).await;
        assert_eq!((told.status, told.error().0), (403, "not_allowed"));

        let gone = format!("/limits/{}", text(&first["id"]));
        api.delete(&gone).await.expect(204);
        assert_eq!(api.delete(&gone).await.error().0, "limit_not_found");
        assert_eq!(api.get(&path).await.expect(200)["data"].as_array().unwrap().len(), 1);
        assert_ne!(call().await, 429);
        let changes = api.all("/audit?action=limit").await;
        assert_eq!(changes.len(), 4, "{changes:?}");
        assert!(
            changes
                .iter()
                .all(|change| change["by"]["key_id"] == api.key_id.as_str())
        );
    })
    .await;
}

//! A key that manages and is limited: what it makes counts in its limits, and it frees neither itself nor what it made.

use serde_json::{Value, json};
use tests::stage::{ADMIN, PASSWORD, Stage, hello, on_both, within_a_second};

use super::client::{Api, text};

fn a_day(subject: &str, most: u64) -> Value {
    json!({ "subject": subject, "measure": "requests", "window": "day", "limit": most })
}

#[tokio::test]
async fn what_a_limited_key_makes_counts_in_its_limits_for_good() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let (free, bound) = (Api::of(&stage.hub, ADMIN).await, Api::of(&stage.hub, ADMIN).await);
        stage.hub.create_user("sam@example.test", "member", PASSWORD).await;
        let (ada, sam) = (free.user(ADMIN).await, free.user("sam@example.test").await);
        free.put("/limits", &a_day(&bound.key_id, 3)).await.expect(200);
        let make = async |api: &Api, user: &str| {
            let path = format!("/users/{user}/keys");
            api.post(&path, &json!({ "name": "made" })).await.expect(201)
        };
        let (own, hers, other) = (
            make(&bound, &ada).await,
            make(&bound, &sam).await,
            make(&free, &ada).await,
        );
        assert_eq!(
            (&own["made_by"], &hers["made_by"], &other["made_by"]),
            (&json!(bound.key_id), &json!(bound.key_id), &json!(free.key_id))
        );
        // Whoever looks at such a key sees why it is refused, in time.
        let mut console = stage.admin().await;
        for (key, maker) in [(&own, &bound.key_id), (&other, &free.key_id)] {
            let page = console.open(&format!("/keys/{}", text(&key["id"]))).await.text();
            assert!(
                page.contains("Made by the key") && page.contains(&format!("{maker}; it counts in all limits")),
                "{page}"
            );
        }
        let page = console.open(&format!("/keys/{}", bound.key_id)).await.text();
        assert!(
            !page.contains("Made by the key") && page.contains("tied, as it counts in limits of its own"),
            "{page}"
        );
        let page = console.open(&format!("/keys/{}", free.key_id)).await.text();
        assert!(page.contains("whatever its owner may"), "{page}");
        let call = async |key: &Value| {
            let call = stage.hub.post("/v1/chat/completions", &hello("gpt-4o-mini"));
            let (status, body) = call.bearer(text(&key["key"])).json().await.unwrap();
            (status.as_u16(), body)
        };
        // Together they have what it has, whosever they are.
        for key in [&own, &hers, &own] {
            let (status, body) = call(key).await;
            assert_eq!(status, 200, "{body}");
        }
        for key in [&own, &hers] {
            let (status, body) = call(key).await;
            let message = text(&body["error"]["message"]);
            // What all of them used is nobody's to know who has one.
            assert_eq!((status, &body["error"]["limit"]["used"]), (429, &Value::Null), "{body}");
            assert!(
                message.contains("the limits of the key by which it was made, whose")
                    && message.contains("are used up"),
                "{message}"
            );
            let asked = stage.hub.get("/v1/limits").bearer(text(&key["key"]));
            let limits = asked.json().await.unwrap().1;
            assert_eq!(limits["data"], json!([]), "{limits}");
        }
        assert_eq!(call(&other).await.0, 200);

        // It raises and removes no limit that it counts in.
        let personal = ada.replace("user_", "proj_");
        let mut limits = Vec::new();
        for (subject, most) in [(&bound.key_id, 3), (&ada, 50), (&personal, 50)] {
            let set = free.put("/limits", &a_day(subject, most)).await.expect(200);
            let id = text(&set["data"][0]["id"]);
            limits.push(id.to_owned());
            for told in [
                bound.put("/limits", &a_day(subject, 60)).await,
                bound.delete(&format!("/limits/{id}")).await,
            ] {
                assert_eq!((told.status, told.error().0), (403, "by_key"), "{}", told.body);
            }
            // It may bind itself more.
            bound.put("/limits", &a_day(subject, most.min(40))).await.expect(200);
        }
        // Nor others', or they would call in its stead.
        bound.put("/limits", &a_day(&sam, 7)).await.expect(200);
        let raised = bound.put("/limits", &a_day(&sam, 8)).await;
        assert_eq!((raised.status, raised.error().0), (403, "tied_key"), "{}", raised.body);
        // Those of its owner and of its project tie every key of theirs, so they are lifted by hand.
        for id in &limits[1..] {
            stage.hub.json(&["limit", "remove", id], "").await;
        }
        // Nor does it show the secret of a key that counts elsewhere; of its own it does.
        let rotate = async |key: &Value| {
            let path = format!("/keys/{}/rotate", text(&key["id"]));
            bound.post(&path, &json!({ "overlap": "0" })).await
        };
        let shown = rotate(&other).await;
        assert_eq!(
            (shown.status, shown.error().0),
            (403, "beyond_limits"),
            "{}",
            shown.body
        );
        let own = rotate(&own).await.expect(200);
        assert_eq!(own["made_by"], bound.key_id.as_str());

        // It ends, and frees nothing: an admin lifts the limit.
        bound.delete(&format!("/keys/{}", bound.key_id)).await.expect(204);
        assert_eq!((call(&own).await.0, call(&hers).await.0), (429, 429));
        let path = format!("/limits?subject={}", bound.key_id);
        let limit = free.get(&path).await.expect(200)["data"][0].clone();
        assert_eq!((&limit["used"], &limit["limit"]), (&json!(3), &json!(3)));
        free.put("/limits", &a_day(&bound.key_id, 4)).await.expect(200);
        within_a_second(async || call(&own).await.0 == 200).await;
        assert_eq!(call(&hers).await.0, 429);
        free.delete(&format!("/limits/{}", text(&limit["id"])))
            .await
            .expect(204);
        within_a_second(async || call(&hers).await.0 == 200).await;
    })
    .await;
}

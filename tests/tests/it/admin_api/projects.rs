//! Projects, and keys with all their rules: made, bound, changed, rotated, switched off, ended.

use serde_json::{Value, json};
use tests::stage::{ADMIN, PASSWORD, Stage, hello, on_both};

use super::client::{Api, text};

#[tokio::test]
async fn projects_are_kept_by_http() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let api = Api::of(&stage.hub, ADMIN).await;
        stage.hub.create_user("sam@example.test", "member", PASSWORD).await;
        let sam = api.user("sam@example.test").await;
        let made = api.post("/projects", &json!({ "name": "Search" })).await.expect(201);
        assert_eq!(
            (&made["payer"], &made["members"][0]["role"]),
            (&json!(ADMIN), &json!("admin"))
        );
        let taken = api.post("/projects", &json!({ "name": "Search" })).await;
        assert_eq!((taken.status, taken.error().0), (409, "project_taken"));
        let path = format!("/projects/{}", text(&made["id"]));
        let changed = api
            .patch(&path, &json!({ "name": "Find", "payer": sam }))
            .await
            .expect(200);
        assert_eq!(
            (&changed["name"], &changed["payer"]),
            (&json!("Find"), &json!("sam@example.test"))
        );

        let new = json!({ "name": "k", "project": made["id"] });
        let strange = api.post(&format!("/users/{sam}/keys"), &new).await;
        assert_eq!(
            (strange.status, strange.error().0),
            (404, "project_not_found"),
            "{}",
            strange.body
        );
        let member = format!("{path}/members/{sam}");
        let joined = api.put(&member, &json!({ "role": "member" })).await.expect(200);
        assert_eq!(joined["members"].as_array().unwrap().len(), 2);
        let key = api.post(&format!("/users/{sam}/keys"), &new).await.expect(201);
        assert_eq!((&key["project_id"], &key["project"]), (&made["id"], &json!("Find")));
        let status = async || {
            stage
                .hub
                .get("/v1/models")
                .bearer(text(&key["key"]))
                .send()
                .await
                .unwrap()
                .status
        };
        assert_eq!(status().await, 200);
        let listed = api.get("/projects?q=FIND").await.expect(200);
        assert_eq!(
            (&listed["data"][0]["people"], &listed["data"][0]["keys"]),
            (&json!(2), &json!(1))
        );
        let keys = api
            .get(&format!("/keys?project={}", text(&made["id"])))
            .await
            .expect(200);
        assert_eq!(keys["data"].as_array().unwrap().len(), 1);
        let pays = api.delete(&member).await;
        assert_eq!((pays.status, pays.error().0), (409, "pays"), "who pays stays");
        // Since when nobody pays is told, until somebody does.
        let mut console = tests::console::Console::new(stage.hub.address());
        console.sign_in("sam@example.test", PASSWORD).await;
        let page = console.open(&path).await;
        console.submit(&page.form("withdraw_payer")).await;
        let unpaid = api.get(&path).await.expect(200);
        assert!(
            unpaid["unpaid_since"].is_string() && unpaid["payer"].is_null(),
            "{unpaid}"
        );
        let payer = api.user(ADMIN).await;
        let paid = api.patch(&path, &json!({ "payer": payer })).await.expect(200);
        assert_eq!(paid["unpaid_since"], serde_json::Value::Null);
        api.delete(&member).await.expect(204);
        assert_eq!(status().await, 401, "who left it has no power in it");
        assert_eq!(api.delete(&member).await.error().0, "member_not_found");

        let application = json!({ "application": "did:abt:zNK1", "pays": true });
        let told = api
            .post(&format!("{path}/applications"), &application)
            .await
            .expect(201);
        assert_eq!(told["applications"], json!([application]));
        api.delete(&format!("{path}/applications/did:abt:zNK1"))
            .await
            .expect(204);
        assert_eq!(
            api.delete(&format!("{path}/applications/did:abt:zNK1")).await.error().0,
            "application_not_found"
        );
        let wrong = api
            .post(&format!("{path}/applications"), &json!({ "application": "a b" }))
            .await;
        assert_eq!((wrong.status, wrong.error().1), (422, "application"));

        for field in ["name", "payer"] {
            let told = api.patch(&path, &json!({ field: null })).await;
            assert_eq!(
                (told.status, told.error()),
                (422, ("invalid_field", field)),
                "{}",
                told.body
            );
        }

        let personal = format!(
            "/projects/{}",
            text(&api.get("/projects").await.expect(200)["data"][0]["id"])
        );
        let refused = api.patch(&personal, &json!({ "name": "Mine" })).await;
        assert_eq!(
            (refused.status, refused.error().0),
            (409, "personal_project"),
            "{}",
            refused.body
        );
        api.delete(&path).await.expect(204);
        assert_eq!(api.delete(&path).await.error().0, "archived");
        let changes = api.all("/audit?action=project").await;
        assert!(
            changes.len() >= 7
                && changes
                    .iter()
                    // She withdrew in the console.
                    .filter(|change| change["action"] != "project.withdraw_payer")
                    .all(|change| change["by"]["key_id"] == api.key_id.as_str()),
            "{changes:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn keys_are_bound_changed_and_rotated() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let api = Api::of(&stage.hub, ADMIN).await;
        stage.hub.create_user("sam@example.test", "member", PASSWORD).await;
        let (ada, sam) = (api.user(ADMIN).await, api.user("sam@example.test").await);
        let new = json!({
            "name": "bound", "scopes": ["inference"], "allowed": ["fake/gpt-4o"], "addresses": ["10.0.0.0/8"],
            "expires_at": "2090-01-01T00:00:00Z",
        });
        let too_far = api.post(&format!("/users/{sam}/keys"), &new).await;
        assert_eq!((too_far.status, too_far.error().1), (422, "expires_at"));
        let mut new = new;
        new.as_object_mut().unwrap().remove("expires_at");
        let key = api.post(&format!("/users/{sam}/keys"), &new).await.expect(201);
        assert_eq!((&key["scopes"], &key["allowed"]), (&new["scopes"], &new["allowed"]));
        assert_eq!(
            (&key["addresses"], &key["state"]),
            (&new["addresses"], &json!("active"))
        );
        let path = format!("/keys/{}", text(&key["id"]));
        let call = async |secret: &str, model: &str| {
            let call = stage.hub.post("/v1/chat/completions", &hello(model)).bearer(secret);
            call.send().await.unwrap().status.as_u16()
        };
        let secret = text(&key["key"]);
        assert_eq!(call(secret, "gpt-4o").await, 403, "not from here");
        api.patch(&path, &json!({ "addresses": null })).await.expect(200);
        assert_eq!(
            (call(secret, "gpt-4o").await, call(secret, "gpt-4o-mini").await),
            (200, 403)
        );
        let changed = api
            .patch(&path, &json!({ "allowed": ["fake/*"], "name": "wider" }))
            .await
            .expect(200);
        assert_eq!(
            (&changed["name"], &changed["scopes"]),
            (&json!("wider"), &json!(["inference"]))
        );
        assert_eq!(call(secret, "gpt-4o-mini").await, 200);
        assert_eq!(
            api.patch(&path, &json!({ "disabled": true })).await.expect(200)["state"],
            "disabled"
        );
        assert_eq!(call(secret, "gpt-4o").await, 401);
        assert_eq!(
            api.patch(&path, &json!({ "disabled": false })).await.expect(200)["state"],
            "active"
        );
        for (change, field) in [
            (json!({ "scopes": [] }), "scopes"),
            (json!({ "scopes": ["everything"] }), "scopes"),
            (json!({ "allowed": ["gpt-4o"] }), "allowed"),
            (json!({ "addresses": ["host"] }), "addresses"),
            (json!({ "expires_at": "2020-01-01T00:00:00Z" }), "expires_at"),
            (json!({ "user_id": ada }), "user_id"),
            // Only null opens a key: a list that came out empty does not.
            (json!({ "allowed": [] }), "allowed"),
            (json!({ "allowed": [""] }), "allowed"),
            (json!({ "addresses": [] }), "addresses"),
            (json!({ "addresses": [""] }), "addresses"),
            (json!({ "addresses": ["", " "] }), "addresses"),
            // Nothing is taken away by a null that means nothing.
            (json!({ "name": null }), "name"),
            (json!({ "scopes": null }), "scopes"),
            (json!({ "disabled": null }), "disabled"),
        ] {
            let told = api.patch(&path, &change).await;
            assert_eq!(told.status, 422, "{change}: {}", told.body);
            assert!(told.error().1.starts_with(field), "{change}: {}", told.body);
        }
        for (member, list) in [("allowed", json!([])), ("addresses", json!([""]))] {
            let told = api
                .post(&format!("/users/{sam}/keys"), &json!({ "name": "open", member: list }))
                .await;
            assert_eq!((told.status, told.error().1), (422, member), "{}", told.body);
        }
        let kept = api.get(&path).await.expect(200);
        assert_eq!(kept["allowed"], json!(["fake/*"]), "nothing of it was done");
        let open = api.patch(&path, &json!({ "allowed": null })).await.expect(200);
        assert_eq!((&open["allowed"], &open["addresses"]), (&json!(null), &json!(null)));
        // Who has seen it before somebody else changed it undoes nothing unseen.
        let upon = async |tag: &str, change: Value| {
            let call = api.call(http::Method::PATCH, &path).header("if-match", tag);
            let call = call.body(change.to_string()).content_type("application/json");
            api.hear(call).await
        };
        let seen = api.get(&path).await.tag.unwrap();
        let tight = upon(&seen, json!({ "allowed": ["fake/gpt-4o"] })).await;
        let newer = tight.tag.clone().unwrap();
        tight.expect(200);
        for tag in [seen.as_str(), "\"nonsense\""] {
            let stale = upon(tag, json!({ "allowed": null })).await;
            assert_eq!((stale.status, stale.error().0), (409, "key_changed"), "{}", stale.body);
        }
        assert_eq!(api.get(&path).await.expect(200)["allowed"], json!(["fake/gpt-4o"]));
        upon(&newer, json!({ "allowed": null })).await.expect(200);
        upon("*", json!({ "name": "whatever it is" })).await.expect(200);
        // Nobody gets power in somebody else's name.
        for told in [
            api.patch(&path, &json!({ "scopes": ["manage"] })).await,
            api.post(
                &format!("/users/{sam}/keys"),
                &json!({ "name": "m", "scopes": ["manage"] }),
            )
            .await,
            api.post(&format!("{path}/rotate"), &json!({})).await,
        ] {
            assert_eq!((told.status, told.error().0), (403, "not_allowed"), "{}", told.body);
        }
        let revoked = api.post(&format!("{path}/revoke"), &json!({})).await.expect(200);
        assert_eq!(revoked["state"], "revoked");
        assert_eq!(api.patch(&path, &json!({ "name": "x" })).await.error().0, "key_ended");
        api.delete(&path).await.expect(204);
        assert_eq!(api.get(&path).await.error().0, "key_not_found");

        // Nor does a key make or free one that manages.
        let own = json!({ "name": "own", "scopes": ["manage", "inference"] });
        for told in [
            api.post(&format!("/users/{ada}/keys"), &own).await,
            api.patch(
                &format!("/keys/{}", api.key_id),
                &json!({ "scopes": ["manage", "inference"] }),
            )
            .await,
        ] {
            assert_eq!((told.status, told.error().0), (403, "by_key"), "{}", told.body);
        }
        // It makes its own limits tighter, and neither looser nor undone.
        let limit = |most: u64| json!({ "subject": api.key_id, "measure": "requests", "window": "day", "limit": most });
        for most in [5_000, 4_000] {
            api.put("/limits", &limit(most)).await.expect(200);
        }
        let looser = api.put("/limits", &limit(5_000)).await;
        assert_eq!((looser.status, looser.error().0), (403, "by_key"), "{}", looser.body);
        let limits = api.get(&format!("/limits?subject={}", api.key_id)).await.expect(200);
        let id = text(&limits["data"][0]["id"]);
        let undone = api.delete(&format!("/limits/{id}")).await;
        assert_eq!((undone.status, undone.error().0), (403, "by_key"), "{}", undone.body);
        // Nor does it make one that is bound less than itself, for whomever.
        let itself = format!("/keys/{}", api.key_id);
        api.patch(&itself, &json!({ "allowed": ["fake/*"] })).await.expect(200);
        for user in [&ada, &sam] {
            let unbound = api
                .post(&format!("/users/{user}/keys"), &json!({ "name": "own" }))
                .await;
            assert_eq!(
                (unbound.status, unbound.error()),
                (403, ("beyond_key", "allowed")),
                "{}",
                unbound.body
            );
        }
        let own = json!({ "name": "own", "allowed": ["fake/gpt-4o"] });
        let own = api.post(&format!("/users/{ada}/keys"), &own).await.expect(201);
        let path = format!("/keys/{}", text(&own["id"]));
        let rotated = api
            .post(&format!("{path}/rotate"), &json!({ "overlap": "0" }))
            .await
            .expect(200);
        assert_eq!(rotated["id"], own["id"]);
        assert_eq!(
            (
                call(text(&own["key"]), "gpt-4o").await,
                call(text(&rotated["key"]), "gpt-4o").await
            ),
            (401, 200)
        );
        let wrong = api.post(&format!("{path}/rotate"), &json!({ "overlap": "1y" })).await;
        assert_eq!((wrong.status, wrong.error().1), (422, "overlap"));
        // A key may end itself, and is then refused.
        api.delete(&format!("/keys/{}", api.key_id)).await.expect(204);
        assert_eq!(api.get("/users").await.status, 401);
    })
    .await;
}

#[tokio::test]
async fn a_key_that_manages_is_bound_to_its_addresses_too() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let api = Api::of(&stage.hub, ADMIN).await;
        let path = format!("/keys/{}", api.key_id);
        api.patch(&path, &json!({ "addresses": ["192.0.2.0/24"] }))
            .await
            .expect(200);
        let forged = api
            .call(http::Method::GET, "/users")
            .header("x-forwarded-for", "192.0.2.7");
        let told = api.hear(forged).await;
        assert_eq!(
            (told.status, told.error().0),
            (403, "address_not_allowed"),
            "{}",
            told.body
        );
    })
    .await;
}

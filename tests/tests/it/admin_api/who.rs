//! Who may: each role by a key that manages. That every route asks is held role by role in `server/src/routes/tests/authority`; here a
//! few are tried over HTTP, on both databases.

use serde_json::json;
use tests::stage::{ADMIN, PASSWORD, Stage, on_both};

use super::client::Api;

#[tokio::test]
async fn those_who_keep_money_change_money_and_nothing_else() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        stage.hub.create_user("bill@example.test", "billing", PASSWORD).await;
        let owner = Api::of(&stage.hub, ADMIN).await;
        let billing = Api::of(&stage.hub, "bill@example.test").await;
        let credits = format!("/users/{}/credits", billing.user("bill@example.test").await);
        for path in ["/users", "/prices", "/calls", "/books", "/settings", credits.as_str()] {
            billing.get(path).await.expect(200);
        }
        for path in [
            "/keys",
            "/providers",
            "/models",
            "/audit",
            "/audit.csv",
            "/audit/proof",
            "/identity-providers",
        ] {
            let told = billing.get(path).await;
            assert_eq!((told.status, told.error().0), (403, "not_allowed"), "{path}");
        }
        let grant = json!({ "amount": "1", "reason": "r" });
        billing.post(&format!("{credits}/grants"), &grant).await.expect(201);
        for (path, body) in [
            ("/users", json!({ "email": "x@y.z" })),
            ("/providers", json!({ "kind": "simulated", "name": "sim" })),
            ("/identity-providers", json!({})),
        ] {
            let told = billing.post(path, &body).await;
            assert_eq!((told.status, told.error().0), (403, "not_allowed"), "{path}");
        }
        let by = owner.all(&format!("/audit?by={}", billing.key_id)).await;
        assert_eq!(by.len(), 1, "{by:?}");
        assert_eq!(
            (&by[0]["action"], &by[0]["by"]["email"]),
            (&json!("credit.grant"), &json!("bill@example.test"))
        );
    })
    .await;
}

#[tokio::test]
async fn an_auditors_key_reads_all_and_changes_nothing() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let owner = Api::of(&stage.hub, ADMIN).await;
        stage.hub.create_user("aud@example.test", "auditor", PASSWORD).await;
        let auditor = Api::of(&stage.hub, "aud@example.test").await;
        let before = owner.all("/audit").await.len();
        let id = auditor.user("aud@example.test").await;
        for path in [
            "/users",
            "/keys",
            "/providers",
            "/models",
            "/prices",
            "/calls",
            "/books",
            "/audit",
            "/audit.csv",
            "/audit/proof",
            "/settings",
            "/identity-providers",
            "/projects",
        ] {
            assert_eq!(auditor.get(path).await.status, 200, "{path}");
        }
        let user = format!("/users/{id}");
        for told in [
            auditor.patch(&user, &json!({ "role": "owner" })).await,
            auditor
                .post(&format!("{user}/keys"), &json!({ "name": "k", "scopes": ["manage"] }))
                .await,
            auditor
                .post(
                    &format!("{user}/credits/grants"),
                    &json!({ "amount": "1", "reason": "r" }),
                )
                .await,
            auditor
                .patch("/settings/mode", &json!({ "value": "service-provider" }))
                .await,
            auditor.post("/books/checks", &json!({})).await,
            auditor
                .post(&format!("/keys/{}/rotate", auditor.key_id), &json!({}))
                .await,
            auditor.delete(&format!("/keys/{}", auditor.key_id)).await,
        ] {
            assert_eq!((told.status, told.error().0), (403, "not_allowed"), "{}", told.body);
        }
        assert_eq!(owner.all("/audit").await.len(), before, "nothing was changed");
        // Whoever becomes a member reads nothing more by it.
        owner.patch(&user, &json!({ "role": "member" })).await.expect(200);
        assert_eq!(auditor.get("/audit").await.error().0, "not_allowed");
    })
    .await;
}

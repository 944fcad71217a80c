//! Who may: each role by a key that manages. That every route asks is held role by role in `server/src/routes/tests/authority`; here a
//! few are tried over HTTP, on both databases.

use serde_json::json;
use tests::hub::database;
use tests::stage::{ADMIN, PASSWORD, Stage, on_both};

use super::client::{Api, text};

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

/// What the console lets billing people do of people and projects, a key of theirs does too, and no more of it.
#[tokio::test]
async fn billing_names_payers_and_sets_time_zones_by_key_as_by_hand() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        for (email, role) in [
            ("bill@example.test", "billing"),
            ("sam@example.test", "member"),
            ("adm@example.test", "admin"),
        ] {
            stage.hub.create_user(email, role, PASSWORD).await;
        }
        let (owner, billing) = (
            Api::of(&stage.hub, ADMIN).await,
            Api::of(&stage.hub, "bill@example.test").await,
        );
        let admin = Api::of(&stage.hub, "adm@example.test").await;
        let (ada, bill) = (owner.user(ADMIN).await, owner.user("bill@example.test").await);
        let sam = owner.user("sam@example.test").await;
        let made = owner.post("/projects", &json!({ "name": "Shared" })).await.expect(201);
        let project = format!("/projects/{}", text(&made["id"]));

        let paid = billing.patch(&project, &json!({ "payer": bill })).await.expect(200);
        assert_eq!(paid["account"], bill.replace("user_", "acct_"), "{paid}");
        let renamed = json!({ "name": "Mine", "payer": ada });
        assert_eq!(billing.patch(&project, &renamed).await.error().0, "not_allowed");
        let zone = json!({ "time_zone": "Asia/Shanghai" });
        billing.patch(&format!("/users/{sam}"), &zone).await.expect(200);
        let more = json!({ "time_zone": "UTC", "role": "billing" });
        assert_eq!(
            billing.patch(&format!("/users/{sam}"), &more).await.error().0,
            "not_allowed"
        );
        // An owner's are for owners.
        for api in [&billing, &admin] {
            let told = api.patch(&format!("/users/{ada}"), &zone).await;
            assert_eq!((told.status, told.error().0), (403, "owners_only"));
        }
        owner.patch(&format!("/users/{ada}"), &zone).await.expect(200);

        // Whoever pays may stop, and nobody for them.
        let payer = format!("{project}/payer");
        assert_eq!(admin.delete(&payer).await.error().0, "not_allowed");
        billing.delete(&payer).await.expect(204);
        let unpaid = owner.get(&project).await.expect(200);
        assert_eq!(
            (&unpaid["name"], unpaid["unpaid_since"].is_string()),
            (&json!("Shared"), true),
            "{unpaid}"
        );

        // The ledger as a file, and an account that is in service.
        let grant = json!({ "amount": "2", "reason": "=1+1" });
        billing
            .post(&format!("/users/{sam}/credits/grants"), &grant)
            .await
            .expect(201);
        let file = billing
            .get(&format!("/users/{sam}/credits/ledger.csv"))
            .await
            .expect(200);
        assert!(
            text(&file).starts_with("number,booked_at,") && text(&file).contains(",'=1+1,"),
            "{file}"
        );
        let lift = format!("/users/{sam}/credits/return-to-service");
        let told = billing.post(&lift, &json!({ "reason": "looked at" })).await;
        assert_eq!(
            (told.status, told.error().0),
            (409, "account_in_service"),
            "{}",
            told.body
        );
        let number = format!("(SELECT id FROM person WHERE email = '{}')", "sam@example.test");
        let taken_out = format!("UPDATE account SET quarantine = 'a batch was refused' WHERE id = {number}");
        database::execute(&stage.hub.database_url, &taken_out).await;
        assert_eq!(billing.post(&lift, &json!({ "reason": " " })).await.status, 422);
        let back = billing
            .post(&lift, &json!({ "reason": "books looked at" }))
            .await
            .expect(200);
        assert_eq!(back["quarantine"], "a batch was refused");
        assert_eq!(billing.post(&lift, &json!({ "reason": "again" })).await.status, 409);
        let listed = owner.all("/audit?action=account.lift_quarantine").await;
        assert_eq!(
            (listed.len(), &listed[0]["by"]["key_id"]),
            (1, &json!(billing.key_id)),
            "{listed:?}"
        );
    })
    .await;
}

//! Invitations and mail: who was asked to come, and how mail is sent.

use serde_json::{Value, json};
use tests::hub::Hub;
use tests::stage::{ADMIN, PASSWORD, Stage, on_both};

use super::client::{Api, text};

#[tokio::test]
async fn people_are_invited_by_http() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let owner = Api::of(&stage.hub, ADMIN).await;
        stage.hub.create_user("amy@example.test", "admin", PASSWORD).await;
        let admin = Api::of(&stage.hub, "amy@example.test").await;
        let ask = json!({ "email": "sam@example.test", "role": "billing", "days": 3 });
        let made = admin.post("/invitations", &ask).await.expect(201);
        assert_eq!(
            (&made["state"], &made["role"], &made["mailed"]),
            (&json!("open"), &json!("billing"), &json!(false))
        );
        assert!(text(&made["link"]).starts_with("http"), "{made}");
        let path = format!("/invitations/{}", text(&made["id"]));
        for (change, status, code, field) in [
            (ask.clone(), 409, "invitation_taken", ""),
            (json!({ "email": ADMIN }), 409, "user_taken", ""),
            (json!({ "email": "x@y.z", "role": "owner" }), 403, "owners_only", ""),
            (json!({ "email": "x@y.z", "days": 31 }), 422, "invalid_field", "days"),
            (
                json!({ "email": "x@y.z", "language": "tlh" }),
                422,
                "invalid_field",
                "language",
            ),
            (json!({ "email": "x" }), 422, "invalid_field", "email"),
            (json!({ "email": "x@y.z", "link": "l" }), 422, "unknown_field", "link"),
        ] {
            let told = admin.post("/invitations", &change).await;
            assert_eq!(
                (told.status, told.error()),
                (status, (code, field)),
                "{change}: {}",
                told.body
            );
        }
        let again = admin.post(&format!("{path}/resend"), &json!({})).await.expect(200);
        assert_eq!(again["id"], made["id"]);
        assert_ne!(again["link"], made["link"], "the link before works no more");

        // An auditor sees who was asked, and never the link.
        stage.hub.create_user("aud@example.test", "auditor", PASSWORD).await;
        let auditor = Api::of(&stage.hub, "aud@example.test").await;
        let listed = auditor.get("/invitations").await.expect(200);
        assert_eq!(listed["data"].as_array().unwrap().len(), 1);
        assert_eq!(auditor.get(&path).await.expect(200)["email"], "sam@example.test");
        for link in [&made["link"], &again["link"]] {
            let secret = text(link).rsplit(['/', '=']).next().unwrap();
            assert!(secret.len() > 20 && !auditor.has_told(secret), "{link}");
        }
        assert_eq!(auditor.post(&format!("{path}/revoke"), &json!({})).await.status, 403);

        let revoked = owner.post(&format!("{path}/revoke"), &json!({})).await.expect(200);
        assert_eq!(revoked["state"], "revoked");
        for step in ["revoke", "resend"] {
            let told = owner.post(&format!("{path}/{step}"), &json!({})).await;
            assert_eq!((told.status, told.error().0), (409, "invitation_over"), "{}", told.body);
        }
        assert_eq!(owner.get("/invitations/inv_1").await.error().0, "invitation_not_found");
        let changes = owner.all("/audit?action=invitation").await;
        assert_eq!(changes.len(), 3, "{changes:?}");
    })
    .await;
}

const SECRET: &str = "Tr0ub4dor-smtp-geheim";

#[tokio::test]
async fn mail_is_set_up_by_http() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let api = Api::of(&stage.hub, ADMIN).await;
        let none = api.get("/mail").await.expect(200);
        assert_eq!((&none["source"], &none["host"]), (&json!("nobody"), &Value::Null));
        let told = api.post("/mail/test", &json!({ "to": ADMIN })).await;
        assert_eq!((told.status, told.error().0), (409, "mail_not_set_up"), "{}", told.body);
        assert_eq!(api.delete("/mail").await.error().0, "mail_not_set_up");

        // Nobody listens on port 1.
        let set = json!({
            "host": "127.0.0.1", "port": 1, "security": "none", "user": "hub", "password": SECRET,
            "from": "hub@example.com", "from_name": "The Hub",
        });
        let wrong = |member: &str, value: Value| {
            let mut body = set.clone();
            body[member] = value;
            body
        };
        for (member, value) in [
            ("host", json!("a b")),
            ("port", json!(0)),
            ("port", json!(70_000)),
            ("security", json!("ssl")),
            ("from", json!("nobody")),
            ("password", json!("")),
            ("folder", json!("/tmp")),
        ] {
            let told = api.put("/mail", &wrong(member, value.clone())).await;
            assert_eq!((told.status, told.error().1), (422, member), "{value}: {}", told.body);
        }
        let open = api.put("/mail", &wrong("host", json!("mail.example.com"))).await;
        assert_eq!((open.status, open.error().1), (422, "security"), "{}", open.body);

        // Who says where mail goes reads everybody's links: that is for owners.
        stage.hub.create_user("amy@example.test", "admin", PASSWORD).await;
        let admin = Api::of(&stage.hub, "amy@example.test").await;
        for told in [admin.put("/mail", &set).await, admin.delete("/mail").await] {
            assert_eq!((told.status, told.error().0), (403, "owners_only"), "{}", told.body);
        }
        admin.get("/mail").await.expect(200);

        let seen = api.put("/mail", &set).await.expect(200);
        assert_eq!(
            (&seen["source"], &seen["port"], &seen["user"], &seen["has_password"]),
            (&json!("console"), &json!(1), &json!("hub"), &json!(true))
        );
        let mut kept = set.clone();
        kept.as_object_mut().unwrap().remove("password");
        assert_eq!(api.put("/mail", &kept).await.expect(200)["has_password"], true);
        kept["port"] = json!(2);
        let dropped = api.put("/mail", &kept).await.expect(200);
        assert_eq!(dropped["has_password"], false, "it was given for another server");
        let tested = api.post("/mail/test", &json!({ "to": ADMIN })).await.expect(200);
        assert_eq!(tested["sent"], false);
        assert!(text(&tested["problem"]).contains("could not be reached"), "{tested}");
        assert_eq!(api.get("/mail/outbox").await.expect(200)["data"], json!([]));
        assert_eq!(
            api.post("/mail/outbox/mail_1/retry", &json!({})).await.error().0,
            "mail_not_found"
        );
        api.delete("/mail").await.expect(204);
        assert_eq!(api.get("/mail").await.expect(200)["source"], "nobody");
        assert!(!api.has_told(SECRET));
        let changes = api.all("/audit?action=mail").await;
        assert!(changes.len() >= 5, "{changes:?}");
        assert!(!api.has_told(SECRET), "nor does the list of changes");
    })
    .await;
}

#[tokio::test]
async fn mail_that_the_configuration_sets_up_is_only_seen() {
    on_both(async |kind| {
        let mut hub = Hub::new(kind).await;
        let folder = hub.work().join("mail");
        std::fs::create_dir(&folder).unwrap();
        hub.set("HUB_MAIL_FOLDER", &folder.display().to_string());
        hub.set("HUB_MAIL_FROM", "hub@example.com");
        hub.create_user(ADMIN, "owner", PASSWORD).await;
        hub.serve().await;
        let api = Api::of(&hub, ADMIN).await;
        let seen = api.get("/mail").await.expect(200);
        assert_eq!(
            (&seen["source"], &seen["from"]),
            (&json!("configuration"), &json!("hub@example.com"))
        );
        let set = json!({ "host": "127.0.0.1", "security": "none", "from": "hub@example.com" });
        for told in [api.put("/mail", &set).await, api.delete("/mail").await] {
            assert_eq!((told.status, told.error().0), (409, "mail_configured"), "{}", told.body);
        }
        let invited = api.post("/invitations", &json!({ "email": "sam@example.test" })).await;
        assert_eq!(invited.expect(201)["mailed"], true);
        let sent = api.post("/mail/test", &json!({ "to": ADMIN })).await.expect(200);
        assert_eq!(sent, json!({ "sent": true, "problem": null }));
    })
    .await;
}

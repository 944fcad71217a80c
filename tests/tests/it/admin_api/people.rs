//! People and their keys: read in pages that stay whole while others are added, changed one member at a time, kept by the rules of the
//! console.

use serde_json::{Value, json};
use tests::console::Console;
use tests::stage::{ADMIN, PASSWORD, Stage, hello, on_both};

use super::client::{Api, text};

#[tokio::test]
async fn pages_stay_whole_while_people_come() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let api = Api::of(&stage.hub, ADMIN).await;
        for number in 0..60 {
            let new = json!({ "email": format!("p{number}@many.test") });
            api.post("/users", &new).await.expect(201);
        }
        let first = api.get("/users?q=many.test&limit=25").await.expect(200);
        api.post("/users", &json!({ "email": "late@many.test" }))
            .await
            .expect(201);
        let (mut seen, mut page) = (Vec::new(), first);
        loop {
            seen.extend(
                page["data"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|user| text(&user["email"]).to_owned()),
            );
            let Some(next) = page["next_cursor"].as_str() else {
                break;
            };
            page = api
                .get(&format!("/users?q=many.test&limit=25&cursor={next}"))
                .await
                .expect(200);
        }
        let expected: Vec<String> = (0..60).rev().map(|number| format!("p{number}@many.test")).collect();
        assert_eq!(seen, expected);
        // A pattern's characters are only characters.
        for text in ["%25", "_", "p1%25many", "%5C"] {
            let none = api.get(&format!("/users?q={text}")).await.expect(200);
            assert_eq!(none["data"], json!([]), "{text}");
            assert_eq!(
                api.get(&format!("/audit?subject={text}")).await.expect(200)["data"],
                json!([]),
                "{text}"
            );
            assert_eq!(
                api.get(&format!("/calls?model={text}")).await.expect(200)["data"],
                json!([]),
                "{text}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn people_are_changed_member_by_member() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let api = Api::of(&stage.hub, ADMIN).await;
        let new = json!({ "email": " Sam@Example.test ", "name": "Sam", "role": "billing", "password": PASSWORD });
        let sam = api.post("/users", &new).await.expect(201);
        assert_eq!(
            (&sam["email"], &sam["role"]),
            (&json!("sam@example.test"), &json!("billing"))
        );
        let path = format!("/users/{}", text(&sam["id"]));
        let mut console = Console::new(stage.hub.address());
        // Whoever is new is welcomed first.
        assert_eq!(console.sign_in("sam@example.test", PASSWORD).await.path, "/welcome");
        assert_eq!(console.ask("/account").await.status, 200);
        let ended = api.post(&format!("{path}/sign-out"), &json!({})).await.expect(200);
        assert_eq!(ended, json!({ "sessions_ended": 1 }));
        assert_eq!(console.ask("/account").await.status, 303);

        let key = api
            .post(&format!("{path}/keys"), &json!({ "name": "k" }))
            .await
            .expect(201);
        let models = async || {
            stage
                .hub
                .get("/v1/models")
                .bearer(text(&key["key"]))
                .send()
                .await
                .unwrap()
                .status
        };
        assert_eq!(models().await, 200);
        let changed = api
            .patch(&path, &json!({ "suspended": true, "name": null }))
            .await
            .expect(200);
        assert_eq!(
            (&changed["state"], &changed["name"]),
            (&json!("suspended"), &Value::Null)
        );
        assert_eq!(models().await, 401);
        let changed = api
            .patch(&path, &json!({ "suspended": false, "role": "member" }))
            .await
            .expect(200);
        assert_eq!(
            (&changed["state"], &changed["role"]),
            (&json!("active"), &json!("member"))
        );
        assert_eq!(models().await, 200);
        let listed = api.get(&format!("/keys?user={}", text(&sam["id"]))).await.expect(200);
        assert_eq!(
            (listed["data"].as_array().unwrap().len(), &listed["data"][0]["id"]),
            (1, &key["id"])
        );
        assert_eq!(
            api.get(&format!("/keys/{}", text(&key["id"]))).await.expect(200)["name"],
            "k"
        );
        api.delete(&format!("/keys/{}", text(&key["id"]))).await.expect(204);
        assert_eq!(models().await, 401);

        assert_eq!(
            api.put(&format!("{path}/password"), &json!({ "password": "short" }))
                .await
                .error(),
            ("invalid_field", "password")
        );
        api.put(&format!("{path}/password"), &json!({ "password": "quite another one" }))
            .await
            .expect(204);
        assert_eq!(console.sign_in("sam@example.test", "quite another one").await.path, "/");
        api.delete(&path).await.expect(204);
        let gone = api.get(&path).await.expect(200);
        assert_eq!(gone["state"], "deleted");
        let again = api.delete(&path).await;
        assert_eq!((again.status, again.error().0), (404, "user_not_found"));
        assert!(!api.has_told("quite another one"));
    })
    .await;
}

#[tokio::test]
async fn the_rules_of_the_console_hold() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let owner = Api::of(&stage.hub, ADMIN).await;
        stage.hub.create_user("amy@example.test", "admin", PASSWORD).await;
        let admin = Api::of(&stage.hub, "amy@example.test").await;
        let (ada, amy) = (owner.user(ADMIN).await, owner.user("amy@example.test").await);
        let (ada, amy) = (format!("/users/{ada}"), format!("/users/{amy}"));

        let refused = async |told: super::client::Told, status: u16, code: &str| {
            assert_eq!((told.status, told.error().0), (status, code), "{}", told.body);
        };
        // Nobody makes themselves an owner, by whatever member.
        refused(admin.patch(&amy, &json!({ "role": "owner" })).await, 403, "owners_only").await;
        refused(
            admin
                .post("/users", &json!({ "email": "x@y.z", "role": "owner" }))
                .await,
            403,
            "owners_only",
        )
        .await;
        for member in ["is_owner", "id", "email", "deleted_at", "key", "state", "__proto__"] {
            let told = admin.patch(&amy, &json!({ member: "owner", "name": "Amy" })).await;
            assert_eq!((told.status, told.error()), (422, ("unknown_field", member)));
        }
        assert_eq!(
            owner.get(&amy).await.expect(200)["name"],
            Value::Null,
            "nothing of it was done"
        );
        refused(
            admin.patch(&ada, &json!({ "suspended": true })).await,
            403,
            "owners_only",
        )
        .await;
        refused(
            admin
                .put(&format!("{ada}/password"), &json!({ "password": PASSWORD }))
                .await,
            403,
            "owners_only",
        )
        .await;
        refused(
            admin.post(&format!("{ada}/sign-out"), &json!({})).await,
            403,
            "owners_only",
        )
        .await;
        refused(admin.delete(&ada).await, 403, "owners_only").await;
        refused(owner.delete(&ada).await, 409, "yourself").await;
        refused(owner.patch(&ada, &json!({ "role": "member" })).await, 409, "last_owner").await;
        refused(
            owner.post("/users", &json!({ "email": "AMY@example.test" })).await,
            409,
            "user_taken",
        )
        .await;

        // A null that means nothing is refused by its name; a name may be taken away.
        for field in ["role", "suspended", "time_zone"] {
            let told = owner.patch(&amy, &json!({ field: null, "name": "Amy" })).await;
            assert_eq!(
                (told.status, told.error()),
                (422, ("invalid_field", field)),
                "{}",
                told.body
            );
        }
        assert_eq!(
            owner.patch(&amy, &json!({ "name": null })).await.expect(200)["name"],
            Value::Null
        );

        // What is asked together is done as a whole: a name does not come through beside a role that is refused.
        let told = admin.patch(&amy, &json!({ "name": "Amy", "role": "owner" })).await;
        assert_eq!((told.status, told.error().0), (403, "owners_only"));
        let told = owner
            .patch(
                &amy,
                &json!({ "role": "billing", "name": "Amy", "time_zone": "Nowhere/At-all" }),
            )
            .await;
        assert_eq!((told.status, told.error().0), (422, "invalid_field"));
        let same = owner.get(&amy).await.expect(200);
        assert_eq!((&same["name"], &same["role"]), (&Value::Null, &json!("admin")));

        // A role counts from the next request on.
        owner.patch(&amy, &json!({ "role": "billing" })).await.expect(200);
        refused(
            admin.post("/users", &json!({ "email": "x@y.z" })).await,
            403,
            "not_allowed",
        )
        .await;
        admin.get("/prices").await.expect(200);
        refused(admin.get("/keys").await, 403, "not_allowed").await;
        refused(
            admin.patch("/settings/registration", &json!({ "value": "open" })).await,
            403,
            "not_allowed",
        )
        .await;
        admin
            .patch("/settings/starter-credit", &json!({ "value": "1" }))
            .await
            .expect(200);
        owner.patch(&amy, &json!({ "suspended": true })).await.expect(200);
        assert_eq!(admin.get("/prices").await.status, 401);

        // A key that only calls manages nothing, whoever's it is.
        let answer = stage.get("/api/admin/users").send().await.unwrap();
        assert_eq!(answer.status, 403);
        let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(body["error"]["code"], "scope_not_allowed");
        assert!(text(&body["error"]["message"]).contains("manage"), "{body}");
        let call = stage
            .hub
            .post("/v1/chat/completions", &hello("gpt-4o-mini"))
            .bearer(&owner.key);
        assert_eq!(call.send().await.unwrap().status, 403, "nor does one that manages call");
    })
    .await;
}

/// Adding somebody is one change, with a password and without.
#[tokio::test]
async fn whoever_is_added_with_a_name_is_added_once() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let api = Api::of(&stage.hub, ADMIN).await;
        for password in [json!(null), json!(PASSWORD)] {
            let with = usize::from(!password.is_null());
            let mut new = json!({ "email": format!("sam{with}@example.test"), "name": "Sam" });
            if with > 0 {
                new["password"] = password;
            }
            let made = api.post("/users", &new).await.expect(201);
            assert_eq!(text(&made["name"]), "Sam");
            let told = api.all(&format!("/audit?subject={}", text(&made["id"]))).await;
            let actions: Vec<&str> = told.iter().map(|entry| text(&entry["action"])).collect();
            assert_eq!(
                actions.iter().filter(|action| action.starts_with("user.")).count(),
                1,
                "{actions:?}"
            );
            let change = told
                .iter()
                .find(|entry| text(&entry["action"]) == "user.create")
                .unwrap();
            assert_eq!(text(&change["after"]["name"]), "Sam");
        }
    })
    .await;
}

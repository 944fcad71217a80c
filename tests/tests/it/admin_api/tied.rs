//! A key that manages and is tied: in whichever way, it keeps money and upstreams, takes power away and reads; it lets nobody in, gives
//! nobody rights and lifts no limit that binds it, nor does it get around one by keys of others.

use serde_json::{Value, json};
use tests::stage::{ADMIN, PASSWORD, Stage, hello, on_both, within_a_second};

use super::client::{Api, Told, text};

fn a_day(subject: &str, most: u64) -> Value {
    json!({ "subject": subject, "measure": "requests", "window": "day", "limit": most })
}

fn tied(told: &Told, by: &str) {
    assert_eq!((told.status, told.error().0), (403, "tied_key"), "{}", told.body);
    let message = text(&told.body["error"]["message"]);
    assert!(message.contains(by), "{message}");
}

/// What lets people in, gives rights, or lifts limits of all.
async fn tries(api: &Api, by: &str, (owner, sam, theirs, model, provider): (&str, &str, &str, &str, &str)) {
    let posts = [
        (
            "/users".to_owned(),
            json!({ "email": "eve@example.test", "role": "admin", "password": PASSWORD }),
        ),
        (
            "/invitations".to_owned(),
            json!({ "email": "eve@example.test", "role": "admin" }),
        ),
        ("/projects".to_owned(), json!({ "name": "Elsewhere", "payer": owner })),
    ];
    for (path, body) in &posts {
        tied(&api.post(path, body).await, by);
    }
    let password = json!({ "password": "another long password" });
    tied(&api.put(&format!("/users/{owner}/password"), &password).await, by);
    for change in [json!({ "role": "admin" }), json!({ "time_zone": "Asia/Shanghai" })] {
        tied(&api.patch(&format!("/users/{sam}"), &change).await, by);
    }
    for (setting, value) in [("registration", "open"), ("local-passwords", "off")] {
        let path = format!("/settings/{setting}");
        tied(&api.patch(&path, &json!({ "value": value })).await, by);
    }
    tied(
        &api.patch(&format!("/providers/{provider}"), &json!({ "name": "other" }))
            .await,
        by,
    );
    // Of a model, which is everybody's: tighter, and no further.
    api.put("/limits", &a_day(model, 90)).await.expect(200);
    tied(&api.put("/limits", &a_day(model, 100)).await, by);
    let limits = api.get(&format!("/limits?subject={model}")).await.expect(200);
    tied(
        &api.delete(&format!("/limits/{}", text(&limits["data"][0]["id"]))).await,
        by,
    );
    // With the model its limits would go, and with the provider all of theirs.
    tied(&api.delete(&format!("/models/{model}")).await, by);
    tied(&api.delete(&format!("/providers/{provider}")).await, by);
    // Of somebody else's key, and of theirs: tighter, and no further.
    let key = format!("/keys/{theirs}");
    for opened in [
        json!({ "disabled": false }),
        json!({ "allowed": null }),
        json!({ "scopes": ["inference", "usage"] }),
    ] {
        // Its own bounds it hands on, so they tie it no further here.
        if by.contains("limits") {
            tied(&api.patch(&key, &opened).await, by);
        }
    }
    api.patch(&key, &json!({ "disabled": true, "allowed": ["fake/gpt-4o-mini"] }))
        .await
        .expect(200);
    for subject in [theirs, sam] {
        tied(&api.put("/limits", &a_day(subject, 100)).await, by);
        let limits = api.get(&format!("/limits?subject={subject}")).await.expect(200);
        let id = text(&limits["data"][0]["id"]).to_owned();
        tied(&api.delete(&format!("/limits/{id}")).await, by);
    }

    // What it is for goes on.
    let price = json!({ "cost": { "input": "1", "output": "2" } });
    api.post(&format!("/models/{model}/price/versions"), &price)
        .await
        .expect(201);
    let grant = json!({ "amount": "1", "reason": "by a robot" });
    api.post(&format!("/users/{sam}/credits/grants"), &grant)
        .await
        .expect(201);
    api.patch("/settings/starter-days", &json!({ "value": "30" }))
        .await
        .expect(200);
    let title = json!({ "title": "Mine" });
    api.patch(&format!("/providers/{provider}"), &title).await.expect(200);
    api.post(&format!("/users/{sam}/sign-out"), &json!({}))
        .await
        .expect(200);
    for path in [
        "/users",
        "/keys",
        "/projects",
        "/invitations",
        "/audit",
        "/mail",
        "/identity-providers",
    ] {
        api.get(path).await.expect(200);
    }
}

#[tokio::test]
async fn whatever_ties_a_key_keeps_it_from_letting_people_in() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let free = Api::of(&stage.hub, ADMIN).await;
        stage.hub.create_user("sam@example.test", "member", PASSWORD).await;
        let (ada, sam) = (free.user(ADMIN).await, free.user("sam@example.test").await);
        let models = free.get("/models?q=fake/gpt-4o-mini").await.expect(200);
        let model = text(&models["data"][0]["id"]).to_owned();
        let provider = text(&free.get("/providers").await.expect(200)["data"][0]["id"]).to_owned();
        let personal = ada.replace("user_", "proj_");
        let made = free
            .post(&format!("/users/{sam}/keys"), &json!({ "name": "theirs" }))
            .await;
        let theirs = text(&made.expect(201)["id"]).to_owned();
        let bounds = json!({ "disabled": true, "allowed": ["fake/gpt-4o-mini"], "scopes": ["usage"] });
        free.patch(&format!("/keys/{theirs}"), &bounds).await.expect(200);
        for subject in [&theirs, &sam] {
            free.put("/limits", &a_day(subject, 9)).await.expect(200);
        }
        let things = (&*ada, &*sam, &*theirs, &*model, &*provider);
        let everywhere = json!({ "addresses": ["127.0.0.0/8", "::1/128"] });
        for (by, subject, rules) in [
            ("it counts in limits", None, None),
            ("its owner has limits", Some(&ada), None),
            ("its project has limits", Some(&personal), None),
            (
                "it may not ask every model",
                None,
                Some(json!({ "allowed": ["fake/*"] })),
            ),
            ("it may not be used from everywhere", None, Some(everywhere)),
        ] {
            let api = Api::of(&stage.hub, ADMIN).await;
            free.put("/limits", &a_day(&model, 100)).await.expect(200);
            let limit = match (&rules, subject) {
                (Some(rules), _) => {
                    free.patch(&format!("/keys/{}", api.key_id), rules).await.expect(200);
                    None
                }
                (None, subject) => {
                    // Set at the console, or the key that sets it would be tied by it as well.
                    let on = subject.unwrap_or(&api.key_id).clone();
                    let limits = free.put("/limits", &a_day(&on, 1_000)).await.expect(200);
                    Some(text(&limits["data"][0]["id"]).to_owned())
                }
            };
            tries(&api, by, things).await;
            if let Some(limit) = limit {
                // It lifts nothing itself; whoever has a shell on the machine does.
                let told = api.delete(&format!("/limits/{limit}")).await;
                assert_eq!(told.error().0, "by_key", "{}", told.body);
                stage.hub.json(&["limit", "remove", &limit], "").await;
                let email = format!("{limit}@example.test");
                api.post("/invitations", &json!({ "email": email })).await.expect(201);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn keys_for_others_count_where_the_key_counts_that_made_them() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let robot = Api::of(&stage.hub, ADMIN).await;
        stage.hub.create_user("sam@example.test", "member", PASSWORD).await;
        let (ada, sam) = (robot.user(ADMIN).await, robot.user("sam@example.test").await);
        let personal = ada.replace("user_", "proj_");
        let make = async || {
            let path = format!("/users/{sam}/keys");
            let made = robot.post(&path, &json!({ "name": "made" })).await.expect(201);
            text(&made["key"]).to_owned()
        };
        let call = async |key: &str| {
            let call = stage.hub.post("/v1/chat/completions", &hello("gpt-4o-mini"));
            let answer = call.bearer(key).send().await.unwrap();
            let (status, told) = (
                answer.status.as_u16(),
                answer.header("x-ratelimit-limit-requests").is_some(),
            );
            (status, told, answer.text().await.unwrap())
        };
        for (subject, whose) in [(&ada, "owner"), (&personal, "project")] {
            let set = robot.put("/limits", &a_day(subject, 3)).await.expect(200);
            let keys = [make().await, make().await];
            let own = stage.hub.create_key("sam@example.test", "own").await;
            for key in [&keys[0], &keys[1], &keys[0]] {
                let (status, told, body) = call(key).await;
                // How much the robot's owner has used is no matter of whoever holds such a key.
                assert_eq!((status, told), (200, false), "{body}");
            }
            for key in &keys {
                let (status, _, body) = call(key).await;
                assert_eq!(status, 429, "{body}");
                let words = format!("the limits of the {whose} of the key by which it was made");
                assert!(body.contains(&words) && !body.contains("\"used\""), "{body}");
                let limits = stage.hub.get("/v1/limits").bearer(key).json().await.unwrap().1;
                assert_eq!(limits["data"], json!([]));
            }
            // Sam is limited by nobody, and counts for nobody else.
            within_a_second(async || call(text(&own["key"])).await.0 == 200).await;
            let limit = text(&set["data"][0]["id"]).to_owned();
            stage.hub.json(&["limit", "remove", &limit], "").await;
            within_a_second(async || call(&keys[0]).await.0 == 200).await;
        }
    })
    .await;
}

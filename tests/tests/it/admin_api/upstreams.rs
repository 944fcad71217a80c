//! Providers, their secrets and models, and identity providers, by HTTP and by the command line.

use serde_json::{Value, json};
use tests::hub::{Hub, Kind};
use tests::stage::{ADMIN, PASSWORD, Stage, hello, on_both};
use tests::upstream::Upstream;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::client::{Api, text};

#[tokio::test]
async fn providers_are_changed_switched_and_moved() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let api = Api::of(&stage.hub, ADMIN).await;
        let path = format!("/providers/{}", stage.provider_id);
        let status = async || stage.chat(&hello("gpt-4o-mini")).send().await.unwrap().status.as_u16();
        assert_eq!(status().await, 200);
        assert_eq!(
            api.patch(&path, &json!({ "enabled": false })).await.expect(200)["enabled"],
            false
        );
        assert_eq!(status().await, 404);
        let changed =
            json!({ "enabled": true, "title": "Mine", "timeouts": { "gap_ms": 5000 }, "disconnect": "drain" });
        let changed = api.patch(&path, &changed).await.expect(200);
        assert_eq!(
            (&changed["title"], &changed["disconnect"]),
            (&json!("Mine"), &json!("drain"))
        );
        assert_eq!(changed["timeouts"]["gap_ms"], 5000);
        assert_eq!(changed["timeouts"]["total_ms"], 900_000, "what was not said stays");
        assert_eq!(changed["credentials"].as_array().unwrap().len(), 1);
        assert_eq!(status().await, 200);
        let wrong = api.patch(&path, &json!({ "timeouts": { "gap_ms": 99 } })).await;
        assert_eq!((wrong.status, wrong.error()), (422, ("invalid_field", "timeouts")));

        let second = api
            .post("/providers", &json!({ "kind": "simulated", "name": "sim" }))
            .await
            .expect(201);
        assert_eq!((&second["position"], &second["base_url"]), (&json!(2), &Value::Null));
        let taken = api
            .post("/providers", &json!({ "kind": "simulated", "name": "sim" }))
            .await;
        assert_eq!((taken.status, taken.error().0), (409, "provider_taken"));
        let sim = format!("/providers/{}", text(&second["id"]));
        assert_eq!(
            api.patch(&sim, &json!({ "position": 1 })).await.expect(200)["position"],
            1
        );
        let order = api.get("/providers").await.expect(200);
        assert_eq!(order["data"][1]["id"], stage.provider_id.as_str());

        // A secret belongs to the place that it was entered for.
        let elsewhere = Upstream::start().await.unwrap();
        let moved = api
            .patch(&path, &json!({ "base_url": elsewhere.base_url() }))
            .await
            .expect(200);
        assert_eq!(moved["credentials"], json!([]));
        assert_ne!(status().await, 200);
        let secret = json!({ "label": "new", "secret": elsewhere.key() });
        let made = api.post(&format!("{path}/credentials"), &secret).await.expect(201);
        let credential = format!("{path}/credentials/{}", text(&made["id"]));
        assert_eq!(status().await, 200);
        assert_eq!(
            api.post(&format!("{credential}/test"), &json!({})).await.expect(200)["health"],
            "good"
        );
        assert_eq!(
            api.patch(&credential, &json!({ "enabled": false })).await.expect(200)["enabled"],
            false
        );
        assert_ne!(status().await, 200);
        // One provider's secret is not another's.
        let strange = credential.replace(&stage.provider_id, text(&second["id"]));
        for told in [
            api.patch(&strange, &json!({ "enabled": true })).await,
            api.post(&format!("{strange}/test"), &json!({})).await,
            api.delete(&strange).await,
        ] {
            assert_eq!((told.status, told.error().0), (404, "credential_not_found"));
        }
        api.delete(&credential).await.expect(204);
        assert!(!api.has_told(elsewhere.key()) && !stage.hub.log().contains(elsewhere.key()));
        api.delete(&sim).await.expect(204);
        assert_eq!(api.get(&sim).await.error().0, "provider_not_found");
    })
    .await;
}

#[tokio::test]
async fn models_are_added_switched_and_removed() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let api = Api::of(&stage.hub, ADMIN).await;
        let provider = format!("/providers/{}", stage.provider_id);
        let typed = api
            .post(&format!("{provider}/models"), &json!({ "name": "odd/model" }))
            .await
            .expect(201);
        assert_eq!(
            (&typed["model"], &typed["source"]),
            (&json!("fake/odd/model"), &json!("typed"))
        );
        let taken = api
            .post(&format!("{provider}/models"), &json!({ "name": "odd/model" }))
            .await;
        assert_eq!((taken.status, taken.error().0), (409, "model_taken"));
        let path = format!("/models/{}", text(&typed["id"]));
        assert_eq!(
            api.patch(&path, &json!({ "enabled": false })).await.expect(200)["enabled"],
            false
        );
        let off = api.get("/models?enabled=false").await.expect(200);
        assert_eq!(off["data"].as_array().unwrap().len(), 1, "{off}");
        let all = api.all(&format!("/models?provider={}", stage.provider_id)).await.len();
        let changed = api
            .patch(&format!("{provider}/models"), &json!({ "enabled": false }))
            .await
            .expect(200);
        assert_eq!(changed["changed"], json!(all - 1));
        assert_eq!(
            api.patch(&path, &json!({ "context_tokens": 0 })).await.error(),
            ("invalid_field", "context_tokens")
        );
        assert_eq!(
            api.patch(&path, &json!({ "context_tokens": null })).await.expect(200)["context_tokens"],
            Value::Null
        );
        api.delete(&path).await.expect(204);
        assert_eq!(api.get(&path).await.error().0, "model_not_found");
        assert_eq!(api.delete(&path).await.status, 404);
    })
    .await;
}

fn company() -> Value {
    json!({
        "slug": "company", "title": "Company", "issuer": "https://login.example.test", "client_id": "hub",
        "client_secret": "the-secret-of-the-client", "domains": ["Example.test"], "roles": ["groups: hub-admins = admin", "otherwise = member"],
    })
}

#[tokio::test]
async fn identity_providers_are_kept_by_http() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let api = Api::of(&stage.hub, ADMIN).await;
        let made = api.post("/identity-providers", &company()).await.expect(201);
        assert_eq!(
            (&made["kind"], &made["source"], &made["has_secret"]),
            (&json!("oidc"), &json!("console"), &json!(true))
        );
        assert_eq!(made["domains"], json!(["example.test"]));
        let callback = format!("{}/sign-in/company/callback", stage.hub.origin());
        assert_eq!(made["callback_url"], callback.as_str());
        assert_eq!(
            api.post("/identity-providers", &company()).await.error().0,
            "identity_provider_taken"
        );
        let path = "/identity-providers/company";
        let kept = api
            .patch(path, &json!({ "title": "The company", "enabled": false }))
            .await
            .expect(200);
        assert_eq!(
            (&kept["title"], &kept["enabled"], &kept["has_secret"]),
            (&json!("The company"), &json!(false), &json!(true))
        );
        assert_eq!(kept["roles"], made["roles"], "what was not said stays");
        let moved = api
            .patch(path, &json!({ "issuer": "http://127.0.0.1:9" }))
            .await
            .expect(200);
        assert_eq!(
            moved["has_secret"], false,
            "its secret belongs to the place that it was entered for"
        );
        let silent = api.post(&format!("{path}/test"), &json!({})).await;
        assert_eq!((silent.status, silent.error().0), (422, "identity_unreachable"));
        for (change, field) in [
            (json!({ "roles": ["otherwise = owner"] }), "roles"),
            (json!({ "domains": ["*.test"] }), "domains"),
            (json!({ "issuer": "ftp://x" }), "issuer"),
            (json!({ "client_secret": "with a space" }), "client_secret"),
            (json!({ "slug": "other" }), "slug"),
        ] {
            let told = api.patch(path, &change).await;
            assert_eq!((told.status, told.error().1), (422, field), "{change}: {}", told.body);
        }
        assert_eq!(
            api.get("/identity-providers").await.expect(200)["data"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
        api.delete(path).await.expect(204);
        assert_eq!(api.get(path).await.error().0, "identity_provider_not_found");
        assert!(!api.has_told("the-secret-of-the-client") && !stage.hub.log().contains("the-secret-of-the-client"));
        let actions: Vec<Value> = api.all("/audit?action=identity_provider").await;
        let actions: Vec<&str> = actions.iter().map(|change| text(&change["action"])).collect();
        let ends = ["delete", "update", "disable", "update", "create"].map(|verb| format!("identity_provider.{verb}"));
        assert_eq!(actions, ends);
    })
    .await;
}

#[tokio::test]
async fn identity_providers_are_kept_by_the_command_line() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let add = [
            "identity-provider",
            "add",
            "--slug",
            "company",
            "--issuer",
            "https://login.example.test",
            "--client-id",
            "hub",
            "--client-secret-stdin",
            "--domain",
            "example.test",
            "--role",
            "otherwise = member",
        ];
        let silent = stage.hub.run(&add, "the-secret-of-the-client").await;
        assert_eq!(
            silent.code,
            Some(1),
            "one that does not answer is not added: {silent:?}"
        );
        assert!(silent.complaint().contains("company does not answer"), "{silent:?}");
        let made = stage
            .hub
            .json(&[&add[..], &["--untested"]].concat(), "the-secret-of-the-client")
            .await;
        assert_eq!(
            (&made["slug"], &made["has_secret"], &made["source"]),
            (&json!("company"), &json!(true), &json!("console"))
        );
        assert!(!made.to_string().contains("the-secret"));
        let button = stage.hub.get("/sign-in").text().await.unwrap().1;
        assert!(
            button.contains(">company<") || button.contains("company"),
            "the running server shows its button"
        );
        let listed = stage.hub.json(&["identity-provider", "list"], "").await;
        assert_eq!(listed.as_array().unwrap().len(), 1);
        assert_eq!(
            (&listed[0]["domains"], &listed[0]["enabled"]),
            (&json!(["example.test"]), &json!(true))
        );
        for (flags, named) in [
            (["--role", "otherwise = owner"], "--role"),
            (["--issuer", "http://login.example.test"], "--issuer"),
        ] {
            let wrong = [
                "identity-provider",
                "add",
                "--slug",
                "x",
                "--client-id",
                "hub",
                "--issuer",
                "https://x.test",
            ];
            let wrong: Vec<&str> = match flags[0] {
                "--issuer" => [&wrong[..6], &flags[..]].concat(),
                _ => [&wrong[..], &flags[..]].concat(),
            };
            let ran = stage.hub.run(&wrong, "").await;
            assert_eq!(ran.code, Some(2), "{ran:?}");
            assert!(ran.complaint().starts_with(named), "{ran:?}");
        }
        let taken = stage.hub.run(&[&add[..], &["--untested"]].concat(), "another").await;
        assert!(taken.complaint().contains("already"), "{taken:?}");
        let removed = stage.hub.json(&["identity-provider", "remove", "company"], "").await;
        assert_eq!(removed, json!({ "slug": "company", "removed": true }));
        let gone = stage.hub.run(&["identity-provider", "remove", "company"], "").await;
        assert!(gone.complaint().contains("identity-provider list"), "{gone:?}");
        let api = Api::of(&stage.hub, ADMIN).await;
        let by: Vec<Value> = api.all("/audit?action=identity_provider").await;
        assert!(
            by.len() == 2 && by.iter().all(|change| change["by"]["kind"] == "command_line"),
            "{by:?}"
        );
        assert!(!stage.hub.log().contains(PASSWORD));
    })
    .await;
}

/// A service that lists one model more than is read.
async fn long_list() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/v1", listener.local_addr().unwrap());
    let names: Vec<_> = (0..5_001).map(|number| json!({ "id": format!("m{number}") })).collect();
    let body = json!({ "object": "list", "data": names }).to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
            let answer = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    base
}

#[tokio::test]
async fn a_list_that_is_longer_than_what_is_read_is_told_as_cut() {
    let base = long_list().await;
    let mut hub = Hub::new(Kind::Sqlite).await;
    hub.create_user(ADMIN, "owner", PASSWORD).await;
    hub.serve().await;
    let add = [
        "provider",
        "add",
        "--kind",
        "openai-compatible",
        "--name",
        "long",
        "--base-url",
        &base,
    ];
    let added = hub.run(&add, "").await;
    assert!(
        added.stderr.contains("It lists more than 5000 models."),
        "{}",
        added.stderr
    );
    let api = Api::of(&hub, ADMIN).await;
    let tested = api
        .post(&format!("/providers/{}/test", added.stdout.trim()), &json!({}))
        .await
        .expect(200);
    assert_eq!(
        (&tested["cut"], tested["models"].as_array().unwrap().len()),
        (&json!(true), 5_000)
    );
}

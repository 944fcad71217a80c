//! What binds a key, at the real binary: rotation with overlap, off and on, an end, addresses as proxies tell them, scopes and
//! models; each refusal in each dialect. And a project that pays.

use serde_json::{Value, json};
use sqlx::Connection as _;
use tests::client::Call;
use tests::hub::{Hub, Kind};
use tests::stage::{ADMIN, PASSWORD, Stage, hello, on_both, within_a_second};

const MEMBER: &str = "mia@example.test";
/// The fake provider's model, as keys name it.
const MODEL: &str = "fake/gpt-4o-mini";

/// Makes a key of the admin with these further words. Gives its id and secret once the server knows it.
async fn key(stage: &Stage, more: &[&str]) -> (String, String) {
    let made = stage
        .hub
        .json(
            &[&["key", "create", "--user", ADMIN, "--name", "bound"], more].concat(),
            "",
        )
        .await;
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    let (id, secret) = (text("id"), text("key"));
    stage.upstream.forbid(&secret);
    within_a_second(async || code(stage.hub.get("/v1/models").bearer(&secret)).await.1 != "invalid_api_key").await;
    (id, secret)
}

/// Status and code of an answer in OpenAI's shape.
async fn code(call: Call) -> (u16, String) {
    let (status, body) = call.json().await.unwrap();
    (
        status.as_u16(),
        body["error"]["code"].as_str().unwrap_or_default().to_owned(),
    )
}

fn chat(stage: &Stage, secret: &str) -> Call {
    stage
        .hub
        .post("/v1/chat/completions", &hello("gpt-4o-mini"))
        .bearer(secret)
}

/// Past the hub: a moment in the life of keys comes early.
async fn execute(hub: &Hub, statements: &'static str) {
    match hub.kind {
        Kind::Sqlite => {
            let mut connection = sqlx::SqliteConnection::connect(&hub.database_url).await.unwrap();
            sqlx::raw_sql(statements).execute(&mut connection).await.unwrap();
        }
        Kind::Postgres => {
            let mut connection = sqlx::PgConnection::connect(&hub.database_url).await.unwrap();
            sqlx::raw_sql(statements).execute(&mut connection).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_rotated_key_has_two_secrets_for_a_while() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let (id, first) = key(&stage, &[]).await;
        let rotate = async |overlap: &str| {
            let again = stage.hub.json(&["key", "rotate", &id, "--overlap", overlap], "").await;
            let secret = again["key"].as_str().unwrap().to_owned();
            stage.upstream.forbid(&secret);
            within_a_second(async || code(chat(&stage, &secret)).await.0 == 200).await;
            secret
        };
        let second = rotate("1h").await;
        assert_eq!(code(chat(&stage, &first)).await.0, 200, "both go");
        // An hour later.
        let over = "UPDATE api_key SET expires_at = expires_at - 3600000000 WHERE replaced_by IS NOT NULL;
                    UPDATE counter SET value = value + 1 WHERE name = 'snapshot'";
        execute(&stage.hub, over).await;
        let gone = (401, "rotated_api_key".to_owned());
        within_a_second(async || code(chat(&stage, &first)).await == gone).await;
        assert_eq!(code(chat(&stage, &second)).await.0, 200);
        let third = rotate("0").await;
        assert_eq!(code(chat(&stage, &second)).await, gone, "at once");

        let call = async |command: &str| drop(stage.hub.json(&["key", command, &id], "").await);
        call("disable").await;
        let off = (401, "disabled_api_key".to_owned());
        within_a_second(async || code(chat(&stage, &third)).await == off).await;
        call("enable").await;
        within_a_second(async || code(chat(&stage, &third)).await.0 == 200).await;

        // All calls are the key's, whichever secret made them.
        let calls = stage.hub.calls().await;
        let of_key = calls.iter().filter(|call| call["key_id"] == json!(id)).count();
        assert!(of_key >= 5, "{of_key}");
        call("delete").await;
        let revoked = (401, "revoked_api_key".to_owned());
        within_a_second(async || code(chat(&stage, &third)).await == revoked).await;
        let listed = stage.hub.json(&["key", "list"], "").await;
        assert!(listed.as_array().unwrap().iter().all(|key| key["id"] != json!(id)));
        let kept = stage.hub.calls().await;
        let kept = kept.iter().filter(|call| call["key_id"] == json!(id)).count();
        // Some more were let in before the server knew of it.
        assert!(kept >= of_key, "{kept} of {of_key}");
        for secret in [&first, &second, &third] {
            assert!(!stage.hub.log().contains(&secret[10..30]), "a secret is in the log");
        }
    })
    .await;
}

/// Only a trusted proxy tells from where a key is used, and only its own part of the chain counts.
#[tokio::test]
async fn a_forged_address_opens_nothing() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let (_, bound) = key(&stage, &["--address", "10.0.0.0/8"]).await;
        let refused = (403, "address_not_allowed".to_owned());
        let from = |hub: &Hub, chain: &str| {
            let call = hub.get("/v1/models").bearer(&bound);
            call.header("x-forwarded-for", chain)
                .header("x-real-ip", "10.1.2.3")
                .header("forwarded", "for=10.1.2.3")
        };
        assert_eq!(code(stage.hub.get("/v1/models").bearer(&bound)).await, refused);
        assert_eq!(
            code(from(&stage.hub, "10.1.2.3")).await,
            refused,
            "nobody is trusted to tell"
        );
        let mut twin = stage.hub;
        twin.take_process().kill().await;
        twin.set("HUB_TRUSTED_PROXIES", "127.0.0.1");
        twin.serve().await;
        assert_eq!(code(from(&twin, "10.1.2.3")).await.0, 200);
        assert_eq!(
            code(from(&twin, "10.1.2.3, 203.0.113.9")).await,
            refused,
            "what the client wrote itself"
        );
        assert_eq!(code(from(&twin, "203.0.113.9, 10.1.2.3")).await.0, 200);
    })
    .await;
}

/// The same refusals in the words of each client.
#[tokio::test]
async fn what_a_key_may_not_do_is_told_in_each_dialect() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let (_, reader) = key(&stage, &["--scope", "usage"]).await;
        let (_, elsewhere) = key(&stage, &["--address", "10.0.0.1"]).await;
        let (expiring, expired) = key(&stage, &["--expires", "7d"]).await;
        let (_, other) = key(
            &stage,
            &["--model", "fake/text-embedding-3-small", "--model", "nobody/*"],
        )
        .await;
        let over = "UPDATE api_key SET expires_at = created_at + 1 WHERE expires_at IS NOT NULL;
                UPDATE counter SET value = value + 1 WHERE name = 'snapshot'";
        execute(&stage.hub, over).await;
        within_a_second(async || code(chat(&stage, &expired)).await.0 == 401).await;
        assert_ne!(expiring, "");
        let anthropic = json!({ "model": MODEL, "max_tokens": 9, "messages": [{ "role": "user", "content": "hi" }] });
        let doors: [(&str, Value); 5] = [
            ("/v1/chat/completions", hello("gpt-4o-mini")),
            ("/v1/responses", json!({ "model": MODEL, "input": "hi" })),
            ("/v1/messages", anthropic.clone()),
            ("/v1/messages/count_tokens", anthropic),
            (
                "/api/v2/chat",
                json!({ "model": MODEL, "input": { "messages": [{ "role": "user", "content": "hi" }] } }),
            ),
        ];
        for (secret, status, word) in [
            (&reader, 403, "scope_not_allowed"),
            (&elsewhere, 403, "address_not_allowed"),
            (&expired, 401, "expired_api_key"),
            (&other, 403, "model_not_allowed"),
        ] {
            for (path, body) in &doors {
                let (seen, told) = stage.hub.post(path, body).bearer(secret).text().await.unwrap();
                assert_eq!(seen.as_u16(), status, "{path} {word}: {told}");
                let told: Value = serde_json::from_str(&told).unwrap();
                let sentence = told["error"]["message"].as_str().unwrap_or_default();
                assert!(sentence.contains("This API key"), "{path}: {told}");
                if path.starts_with("/v1/messages") {
                    let kind = if status == 401 {
                        "authentication_error"
                    } else {
                        "permission_error"
                    };
                    assert_eq!(
                        (&told["type"], &told["error"]["type"]),
                        (&json!("error"), &json!(kind)),
                        "{told}"
                    );
                } else if path.starts_with("/v1/") {
                    assert_eq!(told["error"]["code"], word, "{told}");
                }
            }
        }
        // What it may not ask it does not see either.
        let (_, listed) = stage.hub.get("/v1/models").bearer(&other).json().await.unwrap();
        let names: Vec<&str> = listed["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|model| model["id"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["fake/text-embedding-3-small"]);
        let one = stage.hub.get(&format!("/v1/models/{MODEL}")).bearer(&other);
        assert_eq!(code(one).await, (403, "model_not_allowed".to_owned()));
        let allowed = json!({ "model": "fake/text-embedding-3-small", "input": "hi" });
        let answer = stage
            .hub
            .post("/v1/embeddings", &allowed)
            .bearer(&other)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(code(stage.hub.get("/v1/usage").bearer(&reader)).await.0, 200);
    })
    .await;
}

/// By the command line, beside a running server: a project that pays, and who leaves it.
#[tokio::test]
async fn a_project_pays_for_its_members_until_they_leave() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let hub = &stage.hub;
        hub.create_user(MEMBER, "member", PASSWORD).await;
        hub.json(
            &[
                "price",
                "set",
                "--model",
                MODEL,
                "--input-per-million",
                "1",
                "--output-per-million",
                "1",
            ],
            "",
        )
        .await;
        hub.json(&["settings", "set", "mode", "service-provider"], "").await;
        hub.json(
            &[
                "credits", "grant", "--user", ADMIN, "--amount", "5", "--reason", "because",
            ],
            "",
        )
        .await;
        let project = hub
            .json(&["project", "create", "--name", "Data", "--payer", ADMIN], "")
            .await;
        let create = ["key", "create", "--user", MEMBER, "--name", "k", "--project", "Data"];
        let told = hub.run(&create, "").await.complaint();
        let remedy = format!("`aigne-hub project member add Data --user {MEMBER}`");
        assert!(
            told.contains("is not in the project Data") && told.contains(&remedy),
            "{told}"
        );
        hub.json(&["project", "member", "add", "Data", "--user", MEMBER], "")
            .await;
        let made = hub.json(&create, "").await;
        let secret = made["key"].as_str().unwrap();
        stage.upstream.forbid(secret);
        within_a_second(async || code(chat(&stage, secret)).await.0 == 200).await;
        let (_, credits) = hub.get("/v1/credits").bearer(secret).json().await.unwrap();
        assert_eq!(credits["account"], project["account"]);
        assert_eq!(credits["lots"], json!([]), "whose lots they are is the payer's matter");
        let balance = async |user: &str| hub.json(&["credits", "balance", "--user", user], "").await["balance"].clone();
        assert_ne!(balance(ADMIN).await, "5.00");
        assert_eq!(balance(MEMBER).await, "0.00");
        let calls = hub.calls().await;
        let call = calls.iter().find(|call| call["state"] == "succeeded").unwrap();
        assert_eq!(
            (&call["project_name"], &call["account_id"], &call["user_email"]),
            (&json!("Data"), &project["account"], &json!(MEMBER))
        );
        hub.json(&["project", "member", "remove", "Data", "--user", MEMBER], "")
            .await;
        let left = (401, "not_a_project_member".to_owned());
        within_a_second(async || code(chat(&stage, secret)).await == left).await;
        let reads = ["project", "member", "add", "Data", "--user", MEMBER, "--role", "reader"];
        hub.json(&reads, "").await;
        let reader = (401, "project_reader".to_owned());
        within_a_second(async || code(chat(&stage, secret)).await == reader).await;
        hub.json(&["project", "member", "add", "Data", "--user", MEMBER], "")
            .await;
        within_a_second(async || code(chat(&stage, secret)).await.0 == 200).await;
        hub.json(&["project", "archive", "Data"], "").await;
        let archived = (401, "archived_project".to_owned());
        within_a_second(async || code(chat(&stage, secret)).await == archived).await;
        let report = hub.json(&["verify-ledger"], "").await;
        assert_eq!(report["findings"], json!([]), "{report}");
    })
    .await;
}

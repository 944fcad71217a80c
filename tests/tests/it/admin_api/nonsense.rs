//! What is sent that makes no sense: each is refused with its own words, nothing is done, and nothing panics.

use http::Method;
use serde_json::{Value, json};
use tests::client::Call;
use tests::hub::{Hub, Kind};
use tests::stage::{ADMIN, PASSWORD, Stage, on_both};

use super::client::{Api, text};

#[tokio::test]
async fn bodies_that_make_no_sense_are_told_what_is_wrong() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let api = Api::of(&stage.hub, ADMIN).await;
        let before = api.all("/audit").await.len();
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let cases: [(&str, &str, &str); 18] = [
            ("", "invalid_json", ""),
            ("{", "invalid_json", ""),
            ("null", "invalid_field", ""),
            ("[]", "invalid_field", ""),
            ("\"email\"", "invalid_field", ""),
            ("{\"email\":\"a@b.c\"} {}", "invalid_json", ""),
            ("{\"email\":\"a@b.c\",}", "invalid_json", ""),
            ("{'email':'a@b.c'}", "invalid_json", ""),
            ("\u{feff}{\"email\":\"a@b.c\"}", "invalid_json", ""),
            ("{}", "missing_field", "email"),
            ("{\"email\":null}", "invalid_field", "email"),
            ("{\"email\":{\"$gt\":\"\"}}", "invalid_field", "email"),
            ("{\"email\":\"a@b.c\",\"email\":\"d@e.f\"}", "invalid_field", "email"),
            ("{\"email\":\"a@b.c\",\"role\":\"root\"}", "invalid_field", "role"),
            (
                "{\"email\":\"a@b.c\",\"name\":\"a\\r\\nset-cookie: a=b\"}",
                "invalid_field",
                "name",
            ),
            ("{\"email\":\"a@b.c\",\"password\":123}", "invalid_field", "password"),
            ("{\"email\":\"a@b.c\",\"admin\":true}", "unknown_field", "admin"),
            (&deep, "invalid_field", ""),
        ];
        for (body, code, field) in cases {
            let told = api.hear(api.call(Method::POST, "/users").body(body.to_owned())).await;
            let shown: String = body.chars().take(80).collect();
            let status = if code == "invalid_json" { 400 } else { 422 };
            assert_eq!(
                (told.status, told.error()),
                (status, (code, field)),
                "{shown}: {}",
                told.body
            );
        }
        let bytes = api.call(Method::POST, "/users").body(vec![0xff, 0xfe, b'{', b'}']);
        assert_eq!(api.hear(bytes).await.error().0, "invalid_json");
        let large = api
            .call(Method::POST, "/users")
            .body(format!("{{\"email\":\"{}\"}}", "x".repeat(300_000)));
        let large = api.hear(large).await;
        assert_eq!((large.status, large.error().0), (413, "request_too_large"));
        let packed = api
            .call(Method::POST, "/users")
            .header("content-encoding", "gzip")
            .body("x");
        assert_eq!(api.hear(packed).await.status, 415);

        let path = format!("/providers/{}", stage.provider_id);
        for (body, field) in [
            (r#"{"timeouts":{"gap_ms":4294967296}}"#, "timeouts.gap_ms"),
            (r#"{"timeouts":{"gap_ms":1.5}}"#, "timeouts.gap_ms"),
            (r#"{"timeouts":{"gap_ms":1e400}}"#, ""),
            (r#"{"position":-1}"#, "position"),
            (r#"{"position":0}"#, "position"),
            (r#"{"position":99999999999999999999999999}"#, "position"),
            (r#"{"enabled":"yes"}"#, "enabled"),
            (r#"{"base_url":"http://user:password@host"}"#, "base_url"),
            (r#"{"base_url":"javascript:alert(1)"}"#, "base_url"),
            (r#"{"kind":"simulated"}"#, "kind"),
            (
                r#"{"quirks":{"forbidden_fields":["model"]}}"#,
                "quirks.forbidden_fields[0]",
            ),
        ] {
            let told = api.hear(api.call(Method::PATCH, &path).body(body.to_owned())).await;
            assert!(matches!(told.status, 400 | 422), "{body}: {}", told.body);
            assert_eq!(told.error().1, field, "{body}: {}", told.body);
        }
        assert_eq!(api.all("/audit").await.len(), before, "nothing of it was done");
        assert!(!stage.hub.log().contains("panicked"), "{}", stage.hub.log());
    })
    .await;
}

#[tokio::test]
async fn queries_and_paths_that_make_no_sense_are_told_what_is_wrong() {
    on_both(queries_and_paths).await;
}

async fn queries_and_paths(kind: Kind) {
    let stage = Stage::start(kind).await;
    let api = Api::of(&stage.hub, ADMIN).await;
    for (query, code, field) in [
        ("/users?role=root", "invalid_field", "role"),
        ("/users?state=gone", "invalid_field", "state"),
        ("/users?rolle=admin", "unknown_field", "rolle"),
        ("/users?limit=26", "invalid_field", "limit"),
        ("/users?limit=-1", "invalid_field", "limit"),
        ("/users?limit=99999999999999", "invalid_field", "limit"),
        ("/users?cursor=x", "invalid_field", "cursor"),
        ("/users?cursor=bmE", "invalid_field", "cursor"),
        ("/users?q=a&q=b", "invalid_field", "q"),
        ("/calls?from=yesterday", "invalid_field", "from"),
        ("/calls?user=ada", "invalid_field", "user"),
        ("/calls?key=user_0000000000001", "invalid_field", "key"),
        ("/audit?until=2026-13-01T00:00:00Z", "invalid_field", "until"),
        ("/audit.csv?limit=25", "invalid_field", "limit"),
        ("/prices?state=free", "invalid_field", "state"),
        ("/models?enabled=1", "invalid_field", "enabled"),
    ] {
        let told = api.get(query).await;
        assert_eq!(
            (told.status, told.error()),
            (422, (code, field)),
            "{query}: {}",
            told.body
        );
    }
    for (path, code) in [
        ("/users/user_zzzzzzzzzzzzz", "user_not_found"),
        ("/users/1", "user_not_found"),
        ("/users/%27%20OR%201=1--", "user_not_found"),
        ("/users/key_0000000000001", "user_not_found"),
        ("/keys/..%2Fusers", "key_not_found"),
        ("/calls/call_0000000000001", "call_not_found"),
        ("/providers/prov_0000000000001", "provider_not_found"),
        ("/models/model_0000000000001/price", "model_not_found"),
        ("/users/user_0000000000001/credits", "user_not_found"),
        ("/users/user_0000000000001/credits/ledger", "user_not_found"),
        ("/settings/nonsense", "setting_not_found"),
        ("/identity-providers/none", "identity_provider_not_found"),
        ("/nothing", "unknown_url"),
        ("/users/", "unknown_url"),
    ] {
        let told = api
            .hear(Call::new(stage.hub.address(), Method::GET, &format!("/api/admin{path}")).bearer(&api.key))
            .await;
        assert_eq!((told.status, told.error().0), (404, code), "{path}: {}", told.body);
    }
    let unreadable = Call::new(stage.hub.address(), Method::GET, "/api/admin/users/%ff").bearer(&api.key);
    assert_eq!(api.hear(unreadable).await.error().0, "invalid_url");
    let other = Call::new(stage.hub.address(), Method::DELETE, "/api/admin/users").bearer(&api.key);
    let other = api.hear(other).await;
    assert_eq!((other.status, other.error().0), (405, "method_not_allowed"));
}

#[tokio::test]
async fn neither_cookies_nor_other_origins_come_in() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let api = Api::of(&stage.hub, ADMIN).await;
        let console = stage.admin().await;
        let cookie = console.cookie_header();
        let by_session = Call::new(stage.hub.address(), Method::GET, "/api/admin/users").header("cookie", &cookie);
        let told = api.hear(by_session).await;
        assert_eq!((told.status, told.error().0), (401, "missing_api_key"));
        let wrong = api
            .call(Method::GET, "/users")
            .bearer("sk-hub-nonsense")
            .header("cookie", &cookie);
        assert_eq!(api.hear(wrong).await.error().0, "invalid_api_key");
        let preflight = async |address, path: &str| {
            let call = Call::new(address, Method::OPTIONS, path);
            let call = call
                .header("origin", "https://app.example")
                .header("access-control-request-method", "PATCH");
            let answer = call.send().await.unwrap();
            answer.header("access-control-allow-origin").map(str::to_owned)
        };
        assert_eq!(preflight(stage.hub.address(), "/api/admin/users").await, None);
        let mut hub = Hub::new(kind).await;
        hub.set("HUB_CORS_ORIGINS", "https://app.example");
        hub.serve().await;
        // What may call models from a page may not manage the hub from there.
        let allowed = preflight(hub.address(), "/v1/models").await;
        assert_eq!(allowed.as_deref(), Some("https://app.example"));
        assert_eq!(preflight(hub.address(), "/api/admin/users").await, None);
    })
    .await;
}

/// Texts that are formulas, scripts and patterns go in and come out as texts.
#[tokio::test]
async fn texts_stay_texts() {
    on_both(texts).await;
}

async fn texts(kind: Kind) {
    let stage = Stage::start(kind).await;
    let api = Api::of(&stage.hub, ADMIN).await;
    let id = api.user(ADMIN).await;
    for name in [
        "=cmd|' /C calc'!A0",
        "<script>alert(1)</script>",
        "100%_'\"; DROP TABLE person;--",
        "🐙 ünï",
    ] {
        let made = api
            .patch(&format!("/users/{id}"), &json!({ "name": name }))
            .await
            .expect(200);
        assert_eq!(made["name"], name);
    }
    // One that turns the text around is none.
    let told = api
        .patch(&format!("/users/{id}"), &json!({ "name": "\u{202e}atad" }))
        .await;
    assert_eq!((told.status, told.error()), (422, ("invalid_field", "name")));
    let key = api
        .post(&format!("/users/{id}/keys"), &json!({ "name": "=1+1" }))
        .await
        .expect(201);
    let file = api.get("/audit.csv?action=key.create").await;
    assert!(text(&file.body).contains(",'=1+1,"), "{}", file.body);
    assert!(!text(&file.body).contains(text(&key["key"])));
    let entry = api.get("/audit?subject=DROP%20TABLE").await.expect(200);
    assert_eq!(entry["data"], json!([]), "a person is named by their address");
    let session = stage.hub.create_user("x@example.test", "member", PASSWORD).await;
    let none: Value = api
        .get(&format!("/calls?user={}", text(&session["id"])))
        .await
        .expect(200);
    assert_eq!(none, json!({ "data": [], "next_cursor": null }));
}

//! Other web origins and `/v1`: they may call it only where the operator says so, and nothing else ever.

use http::Method;
use tests::client::Call;
use tests::stage::{Stage, on_both};

#[tokio::test]
async fn other_origins_may_call_the_api_only_where_the_operator_says_so() {
    on_both(async |kind| {
        let mut stage = Stage::prepare(kind).await;
        stage.hub.set("HUB_CORS_ORIGINS", "https://App.example:443");
        stage.hub.serve().await;
        let preflight = |path: &str, origin: &str| {
            Call::new(stage.hub.address(), Method::OPTIONS, path)
                .header("origin", origin)
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "authorization,content-type")
                .send()
        };
        let answer = preflight("/v1/chat/completions", "https://app.example").await.unwrap();
        assert_eq!(
            answer.header("access-control-allow-origin"),
            Some("https://app.example")
        );
        assert!(
            answer
                .header("access-control-allow-headers")
                .is_some_and(|names| names.contains("authorization"))
        );
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        let answer = preflight("/v1/chat/completions", "https://evil.example").await.unwrap();
        assert_eq!(answer.header("access-control-allow-origin"), None);
        for path in [
            "/keys",
            "/api/admin/users",
            "/api/v2/chat",
            "/.well-known/service/gen-simple-access-key",
        ] {
            let answer = preflight(path, "https://app.example").await.unwrap();
            assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
        }
        let answer = stage
            .get("/v1/models")
            .header("origin", "https://app.example")
            .send()
            .await
            .unwrap();
        assert_eq!(
            answer.header("access-control-allow-origin"),
            Some("https://app.example")
        );
        assert!(answer.header("access-control-expose-headers").is_some_and(|names| {
            [
                "x-request-id",
                "x-aigne-dropped",
                "x-aigne-max-tokens",
                "x-ratelimit-remaining-requests",
            ]
            .iter()
            .all(|name| names.contains(name))
        }));

        let plain = Stage::start(kind).await;
        let answer = plain
            .get("/v1/models")
            .header("origin", "https://app.example")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.header("access-control-allow-origin"), None);
    })
    .await;
}

//! Every server function against forms that cannot be read. A new function is found here without being listed.

use leptos::server_fn::axum::server_fn_paths;

use super::*;

/// What nobody's form sends: bytes that are no text, an unfinished escape, a field that is not there, a deep nesting.
const NONSENSE: [&str; 4] = ["%ff=%ff", "%", "unknown=1", "a[b][c][d][e][f][g][h]=1"];

#[tokio::test]
async fn no_form_is_answered_with_data() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let admin = hub.person("owner@x.y", Role::Owner).await;
    let form = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", "text/html"),
        ("host", "127.0.0.1:8080"),
    ];
    for (path, _) in server_fn_paths() {
        for body in NONSENSE {
            // Some of them end the session, so each gets a fresh one.
            let cookie = hub.cookie(admin).await;
            let own = [&form[..], &[("cookie", cookie.as_str())]].concat();
            let from_page = [&own[..], &[("referer", "http://127.0.0.1:8080/account?a=1")]].concat();
            let answer = hub.send("POST", path, &from_page, body).await;
            assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{path} {body}");
            assert!(text(&answer, "location").starts_with('/'), "{path} {body}");

            let cookie = hub.cookie(admin).await;
            let own = [&form[..], &[("cookie", cookie.as_str())]].concat();
            let answer = hub.send("POST", path, &own, body).await;
            let page = text(&answer, "content-type").starts_with("text/html");
            assert!(
                answer.status() == StatusCode::SEE_OTHER || page,
                "{path} {body}: {} {}",
                answer.status(),
                text(&answer, "content-type")
            );
        }
    }
    hub.end().await;
}

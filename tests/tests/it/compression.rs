//! What is compressed on its way: pages, as the browser can read them. What is not: streams, data, pages with secrets.

use http::Method;
use serde_json::json;
use tests::client::Call;
use tests::console::form;
use tests::hub::Hub;
use tests::stage::{Stage, hello, on_both, streamed};

#[tokio::test]
async fn pages_come_compressed_to_whoever_can_read_that() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let console = stage.admin().await;
        for path in ["/", "/providers", "/calls", "/sign-in", "/no/such/page"] {
            let ask = async |accept: &str| {
                let call = stage.hub.get(path).header("accept-encoding", accept);
                let call = if path == "/sign-in" {
                    call
                } else {
                    call.header("cookie", &console.cookie_header())
                };
                call.send().await.unwrap()
            };
            let plain = ask("identity").await;
            assert_eq!(plain.header("content-encoding"), None, "{path}");
            assert!(
                plain
                    .header("vary")
                    .is_some_and(|vary| vary.contains("accept-encoding")),
                "{path}"
            );
            let status = plain.status;
            let length = plain.bytes().await.unwrap().len();
            for (accept, encoding) in [
                ("gzip", "gzip"),
                ("gzip, deflate, br, zstd", "br"),
                ("br;q=0, gzip;q=0.5", "gzip"),
            ] {
                let packed = ask(accept).await;
                assert_eq!(
                    (packed.status, packed.header("content-encoding")),
                    (status, Some(encoding)),
                    "{path}"
                );
                assert!(
                    packed
                        .header("vary")
                        .is_some_and(|vary| vary.contains("accept-encoding")),
                    "{path}"
                );
                assert!(packed.header("content-security-policy").is_some(), "{path}");
                assert!(packed.bytes().await.unwrap().len() * 2 < length, "{path} by {encoding}");
            }
        }
        let head = Call::new(stage.hub.address(), Method::HEAD, "/sign-in").header("accept-encoding", "br");
        let head = head.send().await.unwrap();
        assert_eq!(head.status, 200);
        assert!(head.bytes().await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn pages_with_a_secret_stay_as_they_are() {
    on_both(async |kind| {
        let mut hub = Hub::new(kind).await;
        hub.serve().await;
        let link = hub.process().greeting["setup_link"].as_str().unwrap().to_owned();
        let path = link.trim_start_matches(&hub.origin()).to_owned();
        let answer = hub
            .get(&path)
            .header("accept-encoding", "gzip, br")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-encoding"), None);
        assert_eq!(answer.header("cache-control"), Some("no-store, no-transform"));
        assert!(
            answer.text().await.unwrap().contains(path.rsplit_once('=').unwrap().1),
            "the secret is in the page"
        );

        let stage = Stage::start(kind).await;
        let mut console = stage.admin().await;
        let page = console.open("/keys/new").await;
        let created = console.send(&page.form("create_key").with("name", "new")).await;
        let path = created.location().unwrap().to_owned();
        let ask = async || {
            let call = stage.hub.get(&path).header("cookie", &console.cookie_header());
            call.header("accept-encoding", "gzip, br").send().await.unwrap()
        };
        let shown = ask().await;
        assert_eq!(shown.header("content-encoding"), None);
        assert_eq!(shown.header("cache-control"), Some("no-store, no-transform"));
        assert!(shown.text().await.unwrap().contains("sk-hub-"));
        // Without its secret it is a page like others.
        let later = ask().await;
        assert_eq!(later.header("content-encoding"), Some("br"));
    })
    .await;
}

#[tokio::test]
async fn calls_are_never_compressed() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        for body in [hello("gpt-4o-mini"), streamed(hello("gpt-4o-mini"))] {
            let answer = stage
                .chat(&body)
                .header("accept-encoding", "gzip, br")
                .send()
                .await
                .unwrap();
            assert_eq!((answer.status.as_u16(), answer.header("content-encoding")), (200, None));
            answer.text().await.unwrap();
        }
        let answer = stage
            .get("/v1/models")
            .header("accept-encoding", "gzip, br")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.header("content-encoding"), None);
        // The playground's stream neither.
        let console = stage.admin().await;
        let question =
            json!({"question": {"model": "fake/gpt-4o-mini", "messages": [{"role": "user", "content": "Hi"}]}});
        let answer = Call::post(stage.hub.address(), "/do/app/islands/playground/ask/ask", &question)
            .header("cookie", &console.cookie_header())
            .header("accept", "application/octet-stream")
            .header("accept-encoding", "gzip, br")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.header("content-encoding"), None);
    })
    .await;
}

#[tokio::test]
async fn files_are_sent_once_and_asked_for_again_cheaply() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let page = tests::console::Console::new(stage.hub.address()).ask("/sign-in").await;
        let sheets = form::tags(&page.body, "link");
        let sheet = sheets
            .iter()
            .find(|tag| tag.attribute("rel").as_deref() == Some("stylesheet"))
            .unwrap();
        let path = sheet.attribute("href").unwrap();
        let ask = async |method: Method, headers: &[(&'static str, &str)]| {
            let call = Call::new(stage.hub.address(), method, &path);
            let call = headers
                .iter()
                .fold(call, |call, (name, value)| call.header(name, value));
            call.send().await.unwrap()
        };
        let whole = ask(Method::GET, &[("accept-encoding", "gzip, br")]).await;
        assert_eq!(
            (whole.status.as_u16(), whole.header("vary")),
            (200, Some("accept-encoding"))
        );
        let tag = whole.header("etag").unwrap().to_owned();
        let length = whole.header("content-length").unwrap().to_owned();
        assert_eq!(whole.bytes().await.unwrap().len().to_string(), length);
        let head = ask(Method::HEAD, &[("accept-encoding", "gzip, br")]).await;
        assert_eq!(head.header("content-length"), Some(length.as_str()));
        assert_eq!(head.header("etag"), Some(tag.as_str()));
        assert!(head.bytes().await.unwrap().is_empty());
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}")] {
            let same = ask(
                Method::GET,
                &[("accept-encoding", "gzip, br"), ("if-none-match", &known)],
            )
            .await;
            assert_eq!(
                (same.status.as_u16(), same.header("etag")),
                (304, Some(tag.as_str())),
                "{known}"
            );
            assert_eq!(same.header("vary"), Some("accept-encoding"));
            assert!(same.bytes().await.unwrap().is_empty());
        }
        let other = ask(Method::GET, &[("if-none-match", "\"other\"")]).await;
        assert_eq!(other.status, 200);
    })
    .await;
}

//! The edge of `/v1`: odd paths, methods, headers and bodies. Whatever is wrong, the answer has OpenAI's shape, says what
//! to do, and carries an id.

use http::Method;
use serde_json::{Value, json};
use tests::client::{Answer, Call};
use tests::stage::{Stage, call_id, hello, on_both};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// A refusal in OpenAI's shape; gives code and message.
async fn refused(answer: Answer, status: u16) -> (String, String) {
    assert_eq!(answer.status.as_u16(), status);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    call_id(&answer);
    let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
    let error = body["error"].as_object().unwrap();
    let names: Vec<&str> = error.keys().map(String::as_str).collect();
    assert!(names.len() == 4 && error["param"].is_null(), "{names:?}");
    assert_eq!(error["type"], "invalid_request_error");
    let text = |name: &str| error[name].as_str().unwrap().to_owned();
    (text("code"), text("message"))
}

#[tokio::test]
async fn paths_that_are_no_text_are_refused_in_the_same_shape() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        for path in ["/v1/models/%ff", "/v1/models/fake/%c3%28", "/v1/calls/%ff"] {
            let (code, message) = refused(stage.get(path).send().await.unwrap(), 400).await;
            assert!(
                code == "invalid_url" && message.contains("UTF-8"),
                "{path}: {code} {message}"
            );
            // Whoever calls is asked first.
            assert_eq!(stage.hub.get(path).send().await.unwrap().status, 401, "{path}");
        }
        for path in [
            "/v1/%ff",
            "/v1/chat/%ff",
            "/v1/models%ff",
            "/v1/%2e%2e/keys",
            "/v1/..",
            "/v1//models",
            "/v1/%00",
        ] {
            let (code, _) = refused(stage.get(path).send().await.unwrap(), 404).await;
            assert_eq!(code, "unknown_url", "{path}");
        }
        // Signs that stand for text are read, and what they name does not exist.
        for (path, code) in [
            ("/v1/models/%e4%b8%ad", "model_not_found"),
            ("/v1/models/%00", "model_not_found"),
            ("/v1/models/a%0ab", "model_not_found"),
            ("/v1/models/%", "model_not_found"),
            ("/v1/calls/%e4%b8%ad", "call_not_found"),
        ] {
            let answer = stage.get(path).send().await.unwrap();
            let (status, body) = (answer.status, answer.text().await.unwrap());
            let body: Value = serde_json::from_str(&body).unwrap();
            assert_eq!((status.as_u16(), &body["error"]["code"]), (404, &json!(code)), "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_slash_too_many_is_named() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        for path in ["/v1/models/", "/v1/chat/completions/", "/v1/embeddings/"] {
            let (code, message) = refused(stage.post(path, &hello("gpt-4o")).send().await.unwrap(), 404).await;
            assert_eq!(code, "unknown_url");
            assert!(
                message.contains(path) && message.contains("Leave out the slash"),
                "{message}"
            );
        }
        let answer = stage.get("/v1/models/fake/gpt-4o/").send().await.unwrap();
        assert_eq!(answer.status, 404);
        let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(body["error"]["code"], "model_not_found");
    })
    .await;
}

#[tokio::test]
async fn methods_that_ask_about_a_path_are_answered() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let ask = async |method: Method, path: &str| {
            let call = Call::new(stage.hub.address(), method, path)
                .promised()
                .bearer(&stage.key);
            call.send().await.unwrap()
        };
        for path in ["/v1/models", "/v1/models/fake/gpt-4o"] {
            let whole = ask(Method::GET, path).await;
            let length = whole.header("content-length").map(str::to_owned);
            assert!(length.is_some() && !whole.bytes().await.unwrap().is_empty());
            let head = ask(Method::HEAD, path).await;
            assert_eq!(
                (head.status.as_u16(), head.header("content-type")),
                (200, Some("application/json"))
            );
            assert_eq!(head.header("content-length").map(str::to_owned), length, "{path}");
            call_id(&head);
            assert!(head.bytes().await.unwrap().is_empty());
        }
        for (method, path, allow) in [
            (Method::OPTIONS, "/v1/models", "GET,HEAD"),
            (Method::OPTIONS, "/v1/chat/completions", "POST"),
            (Method::POST, "/v1/models/fake/gpt-4o", "GET,HEAD"),
            (Method::DELETE, "/v1/calls/call_0000000000000", "GET,HEAD"),
            (Method::PATCH, "/v1/embeddings", "POST"),
            (Method::TRACE, "/v1/models", "GET,HEAD"),
        ] {
            let answer = ask(method.clone(), path).await;
            assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
            let (code, message) = refused(answer, 405).await;
            assert!(
                code == "method_not_allowed" && message.contains(method.as_str()),
                "{message}"
            );
        }
        // A host and no path.
        let mut tunnel = tokio::net::TcpStream::connect(stage.hub.address()).await.unwrap();
        tunnel
            .write_all(b"CONNECT evil:80 HTTP/1.1\r\nhost: evil:80\r\nconnection: close\r\n\r\n")
            .await
            .unwrap();
        let mut answer = String::new();
        tunnel.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
        let head = ask(Method::HEAD, "/v1/chat/completions").await;
        assert_eq!((head.status.as_u16(), head.header("allow")), (405, Some("POST")));
        call_id(&head);
    })
    .await;
}

#[tokio::test]
async fn one_key_is_sent_and_no_second_one() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let mut stream = tokio::net::TcpStream::connect(stage.hub.address()).await.unwrap();
        let request = format!(
            "GET /v1/models HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {0}\r\nauthorization: Bearer {0}\r\n\
         connection: close\r\n\r\n",
            stage.key
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 400 ") && answer.contains("\"code\":\"duplicate_authorization\""),
            "{answer}"
        );
        assert!(answer.contains("x-request-id: call_"), "{answer}");
    })
    .await;
}

#[tokio::test]
async fn packed_bodies_are_refused_and_plain_ones_are_read_whatever_they_are_called() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let chat = || stage.chat(&hello("gpt-4o-mini"));
        for encoding in ["gzip", "br", "deflate, gzip"] {
            let answer = chat().header("content-encoding", encoding).send().await.unwrap();
            let (code, message) = refused(answer, 415).await;
            assert_eq!(code, "unsupported_content_encoding");
            assert!(
                message.contains(encoding) && message.contains("uncompressed"),
                "{message}"
            );
        }
        assert!(stage.upstream.requests_to("/v1/chat/completions").is_empty());
        let answer = chat().header("content-encoding", "identity").send().await.unwrap();
        assert_eq!(answer.status, 200);
        // curl says that it sends a form, other clients say nothing; JSON is JSON.
        for kind in [
            "application/x-www-form-urlencoded",
            "text/plain",
            "application/json; charset=utf-8",
            "nonsense",
        ] {
            assert_eq!(chat().content_type(kind).send().await.unwrap().status, 200, "{kind}");
        }
        assert_eq!(chat().without("content-type").send().await.unwrap().status, 200);
        for path in ["/v1/chat/completions", "/v1/embeddings"] {
            let answer = stage.post(path, &Value::Null).body("").send().await.unwrap();
            let (code, message) = refused(answer, 400).await;
            assert!(code == "invalid_json" && message.len() > 20, "{message}");
        }
        // A query that means nothing is no reason to refuse.
        assert_eq!(stage.get("/v1/models?a=%ff&&=").send().await.unwrap().status, 200);
    })
    .await;
}

//! Everything that the provider refuses is refused, with its status, type, param and code: credentials, addresses and
//! embeddings here, the fields of a chat request by subject in `rejects/`.

use http::Method;
use serde_json::{Value, json};
use tests::client::Call;
use tests::upstream::Upstream;

use super::{chat, hello, with};

mod formats;
mod messages;
mod parameters;
mod parts;
mod tools;

fn said(messages: Value) -> Value {
    json!({"model": "gpt-4o-mini", "messages": messages})
}

fn user(content: Value) -> Value {
    said(json!([{"role": "user", "content": content}]))
}

fn more(fields: Value) -> Value {
    with(hello("gpt-4o-mini"), fields)
}

/// What is wrong, the body, a part of the message, `param`, `code`.
type Case<'a> = (&'static str, Value, &'a str, Option<&'static str>, Option<&'static str>);

async fn all_refused(cases: Vec<Case<'_>>) {
    let upstream = Upstream::start().await.unwrap();
    for (what, body, message, param, code) in cases {
        let (status, answer) = chat(&upstream, &body).json().await.unwrap();
        assert_eq!(status, 400, "{what}: {answer}");
        let error = &answer["error"];
        let text = error["message"].as_str().unwrap();
        assert!(text.contains(message), "{what}: {text}");
        assert_eq!(error["type"], "invalid_request_error", "{what}");
        assert_eq!(error["param"], json!(param), "{what}");
        assert_eq!(error["code"], json!(code), "{what}");
    }
}

#[tokio::test]
async fn credentials() {
    let upstream = Upstream::start().await.unwrap();
    let good = || chat(&upstream, &hello("gpt-4o-mini"));
    assert_eq!(good().json().await.unwrap().0, 200);
    for (call, message) in [
        (good().without("authorization"), "You didn't provide an API key"),
        (
            good().header("authorization", "Basic abc"),
            "You didn't provide an API key",
        ),
        (
            good().bearer("sk-wrong-0123456789"),
            "Incorrect API key provided: sk-wrong*******6789",
        ),
        (good().bearer("short"), "Incorrect API key provided: *****."),
    ] {
        let (status, answer) = call.json().await.unwrap();
        assert_eq!(status, 401);
        assert_eq!(answer["error"]["code"], "invalid_api_key");
        assert!(
            answer["error"]["message"].as_str().unwrap().contains(message),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn addresses_methods_types_and_models() {
    let upstream = Upstream::start().await.unwrap();
    let good = || chat(&upstream, &hello("gpt-4o-mini"));
    let get = |path| Call::get(upstream.address(), path).bearer(upstream.key());
    let post = |path, body: Value| Call::post(upstream.address(), path, &body).bearer(upstream.key());
    let wrong_method = Call::new(upstream.address(), Method::GET, "/v1/chat/completions").bearer(upstream.key());
    let cases = [
        (get("/v1/nothing"), 404, "unknown_url"),
        (get("/chat/completions"), 404, "unknown_url"),
        (wrong_method, 405, "method_not_supported"),
        (post("/v1/models", json!({})), 405, "method_not_supported"),
        (good().content_type("text/plain"), 415, "unsupported_content_type"),
        (good().without("content-type"), 415, "unsupported_content_type"),
        (get("/v1/models/gpt-nope"), 404, "model_not_found"),
        (chat(&upstream, &hello("gpt-nope")), 404, "model_not_found"),
        (chat(&upstream, &hello("fault-nope")), 404, "model_not_found"),
        (
            post("/v1/embeddings", json!({"model": "gpt-nope", "input": "a"})),
            404,
            "model_not_found",
        ),
    ];
    for (call, status, code) in cases {
        let (got, answer) = call.json().await.unwrap();
        assert_eq!(
            (got.as_u16(), &answer["error"]["code"]),
            (status, &json!(code)),
            "{answer}"
        );
        assert_eq!(answer["error"]["type"], "invalid_request_error");
    }
    let (status, answer) = good().body("{\"model\":").json().await.unwrap();
    assert_eq!(status, 400);
    assert!(
        answer["error"]["message"]
            .as_str()
            .unwrap()
            .starts_with("We could not parse the JSON body")
    );
    let (status, answer) = chat(&upstream, &hello("text-embedding-3-small")).json().await.unwrap();
    assert_eq!((status.as_u16(), &answer["error"]["param"]), (404, &json!("model")));
    let (status, _) = post("/v1/embeddings", json!({"model": "gpt-4o", "input": "a"}))
        .json()
        .await
        .unwrap();
    assert_eq!(status, 403);
}

#[tokio::test]
async fn embeddings() {
    let upstream = Upstream::start().await.unwrap();
    let model = "text-embedding-3-small";
    for (body, param) in [
        (json!({"model": model}), json!("input")),
        (json!({"model": model, "input": ""}), Value::Null),
        (json!({"model": model, "input": []}), Value::Null),
        (json!({"model": model, "input": ["a", 5]}), Value::Null),
        (
            json!({"model": model, "input": "a", "dimensions": 2000}),
            json!("dimensions"),
        ),
        (
            json!({"model": model, "input": "a", "dimensions": 0}),
            json!("dimensions"),
        ),
        (
            json!({"model": model, "input": "a", "encoding_format": "hex"}),
            json!("encoding_format"),
        ),
        (json!({"model": model, "input": "a", "temperature": 1}), Value::Null),
        (json!({"input": "a"}), Value::Null),
    ] {
        let call = Call::post(upstream.address(), "/v1/embeddings", &body).bearer(upstream.key());
        let (status, answer) = call.json().await.unwrap();
        assert_eq!(status, 400, "{body}: {answer}");
        assert_eq!(answer["error"]["param"], param, "{body}: {answer}");
    }
}

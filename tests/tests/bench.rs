//! Proves the pieces of the bench: the fast upstream answers what a model's name asks for, directly and through the bare
//! proxy, with kept-alive connections, chunked requests and large bodies.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::net::SocketAddr;

use serde_json::{Value, json};
use tests::bench::{fast, proxy};
use tests::client::{Call, events};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// A fast upstream and a proxy before it, until the set is dropped.
async fn start() -> (JoinSet<()>, [SocketAddr; 2]) {
    let mut running = JoinSet::new();
    let upstream = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let front = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addresses = [upstream.local_addr().unwrap(), front.local_addr().unwrap()];
    running.spawn(async move { fast::serve(upstream).await.unwrap() });
    running.spawn(async move { proxy::serve(front, addresses[0]).await.unwrap() });
    (running, addresses)
}

fn chat(address: SocketAddr, model: &str, content: usize) -> Call {
    let messages = json!([{"role": "user", "content": "x".repeat(content)}]);
    Call::post(
        address,
        "/v1/chat/completions",
        &json!({"model": model, "messages": messages}),
    )
}

#[tokio::test]
async fn plain_answers_have_the_size_of_the_model() {
    let (_running, addresses) = start().await;
    for address in addresses {
        for (model, content, low, high) in [
            ("fast", 800, 900, 1100),
            ("fast", 200_000, 900, 1100),
            ("fast-200k", 800, 200_000, 201_000),
            ("fast/fast-200k", 800, 200_000, 201_000),
        ] {
            let (status, text) = chat(address, model, content).text().await.unwrap();
            assert_eq!(status, 200);
            assert!((low..high).contains(&text.len()), "{model}: {}", text.len());
            let answer: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(answer["usage"]["total_tokens"], 110);
        }
        let (_, models) = Call::get(address, "/v1/models").json().await.unwrap();
        assert_eq!(models["data"].as_array().unwrap().len(), fast::MODELS.len());
    }
}

#[tokio::test]
async fn streams_have_the_chunks_of_the_model() {
    let (_running, addresses) = start().await;
    for address in addresses {
        for (model, chunks) in [("fast-stream-2-0-0", 2), ("fast-stream-100-100-1000", 100)] {
            let (_, text) = chat(address, model, 800).text().await.unwrap();
            assert!(text.ends_with("data: [DONE]\n\n"));
            assert_eq!(text.matches(fast::MARK).count(), chunks);
            let events = events(&text).unwrap();
            assert_eq!(events.len(), chunks + 2);
            assert_eq!(events[chunks]["choices"][0]["finish_reason"], "stop");
            assert_eq!(events[chunks + 1]["usage"]["completion_tokens"], 100);
        }
    }
}

#[tokio::test]
async fn google_and_ollama_are_answered_in_their_words() {
    let (_running, addresses) = start().await;
    let ask = async |path: &str, body: Value| Call::post(addresses[0], path, &body).text().await.unwrap().1;
    for (model, letters) in [("fast", 600), ("fast-200k", 200_000)] {
        let path = format!("/v1beta/models/{model}:generateContent");
        let answer: Value = serde_json::from_str(&ask(&path, json!({"contents": []})).await).unwrap();
        let said = answer["candidates"][0]["content"]["parts"][0]["text"].as_str().unwrap();
        assert_eq!(
            (said.len(), &answer["usageMetadata"]["totalTokenCount"]),
            (letters, &json!(110))
        );
        let body = json!({"model": model, "messages": [], "stream": false});
        let answer: Value = serde_json::from_str(&ask("/api/chat", body).await).unwrap();
        let said = answer["message"]["content"].as_str().unwrap();
        assert_eq!((said.len(), &answer["eval_count"]), (letters, &json!(100)));
    }
    let model = "fast-stream-2-0-0";
    let stream = ask(
        &format!("/v1beta/models/{model}:streamGenerateContent?alt=sse"),
        json!({"contents": []}),
    )
    .await;
    let frames: Vec<Value> = stream
        .split("\r\n\r\n")
        .filter_map(|frame| serde_json::from_str(frame.strip_prefix("data: ")?).ok())
        .collect();
    assert_eq!((frames.len(), stream.matches(fast::MARK).count()), (3, 2), "{stream}");
    assert_eq!(frames[2]["candidates"][0]["finishReason"], "STOP");
    let stream = ask("/api/chat", json!({"model": model, "messages": []})).await;
    let lines: Vec<Value> = stream.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[2]["done"]), (3, &json!(true)), "{stream}");
}

//! What requests take of the memory for them, beside their bytes: what they are read into, and what is fetched for them.

use std::time::Duration;

use bytes::Bytes;
use domain::{
    call::{Dialect, Fault},
    catalog::ProviderKind::{self, Google, Ollama, OpenaiCompatible, Simulated},
};
use serde_json::json;

use super::{
    client::{Hub, Setup, USER, whole},
    upstream::{Step, Upstream, answer, json as answered, send},
};
use crate::{
    call::{BodyMemory, CallRequest, Caller, Full, Passing, PictureShape, Room},
    clock::Clock,
};

const ANSWER: &str = r#"{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2}}"#;
const LINE: &str = r#"{"model":"m","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":"a cat"},"done":true,"done_reason":"stop","prompt_eval_count":10,"eval_count":5}"#;

async fn hub(kind: ProviderKind, upstream: &Upstream) -> Hub {
    let setup = match kind {
        Simulated => Setup::simulated(),
        OpenaiCompatible => Setup::at(&upstream.base_url),
        kind => Setup {
            kind,
            preset: None,
            ..Setup::at(upstream.base_url.trim_end_matches("/v1"))
        },
    };
    Hub::open(Clock::System, &["127.0.0.1"]).await.furnish(setup).await
}

/// A chat for this model with a tool whose schema is a list of so many zeros; as Anthropic's and AIGNE's clients send it, too.
fn with_zeros(model: &str, count: usize) -> String {
    let zeros = "0,".repeat(count);
    format!(
        r#"{{"model":"{model}","messages":[{{"role":"user","content":"x"}}],"max_tokens":9,
            "tools":[{{"type":"function","function":{{"name":"t","parameters":{{"type":"object","default":[{zeros}0]}}}}}}]}}"#
    )
}

async fn until(what: impl Fn() -> bool) {
    for _ in 0..1_000 {
        if what() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never came to that");
}

#[tokio::test]
async fn who_is_read_as_a_whole_may_hold_no_more_than_is_read() {
    let many = with_zeros("p/m", 1_000_000);
    let upstream = Upstream::start(vec![answered(200, ANSWER)]).await;
    let code = async |kind, dialect, body: &str| {
        let hub = hub(kind, &upstream).await;
        let answered = hub.gateway.call(hub.request(dialect, body)).await;
        answered.err().map(|error| error.code.into_owned())
    };
    assert_eq!(
        code(OpenaiCompatible, Dialect::OpenaiChat, &many).await,
        None,
        "it passes as it is"
    );
    assert_eq!(upstream.requests().len(), 1);
    let refused = Some("too_many_values".to_owned());
    for (kind, dialect) in [
        (Google, Dialect::OpenaiChat),
        (Ollama, Dialect::OpenaiChat),
        (OpenaiCompatible, Dialect::AigneChat),
        (OpenaiCompatible, Dialect::AigneCompletions),
    ] {
        assert_eq!(code(kind, dialect, &many).await, refused, "{kind:?} {dialect:?}");
    }
    // The hub itself is the provider.
    let simulated = with_zeros("p/echo", 1_000_000);
    assert_eq!(code(Simulated, Dialect::OpenaiChat, &simulated).await, refused);

    // Who only counts, and whose request is put into other words first.
    let hub = hub(Ollama, &upstream).await;
    let caller = Caller::of_person(USER);
    let body = Bytes::from(many.into_bytes());
    let counted = hub
        .gateway
        .count_tokens(caller, (body, Room::default()), &Passing::default())
        .await;
    assert_eq!(counted.unwrap_err().code, "too_many_values");
    let zeros = "0,".repeat(1_000_000);
    let embed = format!(r#"{{"model":"p/m","input":"a","extra":[{zeros}0]}}"#);
    let embedded = hub
        .gateway
        .embed_for_framework(hub.request(Dialect::OpenaiEmbeddings, &embed));
    assert_eq!(embedded.await.unwrap_err().code, "too_many_values");
    let draw = hub.request(Dialect::OpenaiImages, &embed);
    let drawn = hub.gateway.draw_for_framework(PictureShape::Generations, draw);
    assert_eq!(drawn.await.unwrap_err().code, "too_many_values");
    assert_eq!(upstream.requests().len(), 1);
}

/// With a room in this memory, of which its body has taken its part.
fn housed(mut request: CallRequest, memory: &BodyMemory) -> CallRequest {
    request.room = memory.room();
    assert_eq!(request.room.grow(request.body.len()), Ok(()));
    request
}

#[tokio::test]
async fn what_a_request_is_read_into_takes_room_until_its_provider_answers_and_what_is_told_again_until_the_end() {
    let head = format!(
        "HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        LINE.len()
    );
    let script = vec![Step::WaitForTest, send(head), Step::WaitForTest, send(LINE)];
    let upstream = Upstream::start(vec![script]).await;
    let hub = hub(Ollama, &upstream).await;
    let memory = BodyMemory::new(1 << 20, 0);
    // Text that the answer repeats, and 8 KB of zeros that are 500 KB when they are read.
    let ask = |text: usize| {
        let body = json!({"model": "p/m", "input": "x", "metadata": {"a": "x".repeat(text)}, "extra": vec![0; 4_000]});
        housed(hub.request(Dialect::OpenaiResponses, &body.to_string()), &memory)
    };
    let beside = async {
        until(|| upstream.requests().len() == 1).await;
        let second = ask(1);
        let id = second.id;
        let refused = hub.gateway.call(second).await.unwrap_err();
        assert_eq!(
            (refused.status, &*refused.code, refused.retry_after),
            (503, "overloaded", Some(1))
        );
        let failure = hub.settled(id).await.call.failure.unwrap();
        assert_eq!((failure.fault, failure.code.as_str()), (Fault::Hub, "overloaded"));
        upstream.go();
        until(|| memory.room().grow(600 << 10).is_ok()).await;
        assert_eq!(
            memory.room().grow(800 << 10),
            Err(Full),
            "what the answer repeats is still there"
        );
        upstream.go();
    };
    let (answer, ()) = tokio::join!(hub.gateway.call(ask(300 << 10)), beside);
    let answer = whole(answer.unwrap());
    assert_eq!(upstream.requests().len(), 1);
    assert_eq!(
        memory.room().grow(800 << 10),
        Err(Full),
        "it stands in the answer, which nobody has read"
    );
    drop(answer);
    assert_eq!(memory.room().grow(1 << 20), Ok(()));
}

#[tokio::test]
async fn files_that_are_fetched_take_the_room_of_their_request() {
    let picture = format!("GIF89a{}", "x".repeat(30_000));
    let files = Upstream::start(vec![answer(200, "content-type: image/gif\r\n", &picture)]).await;
    let upstream = Upstream::start(vec![answered(200, LINE)]).await;
    let hub = hub(Ollama, &upstream).await;
    let url = json!({"type": "image_url", "image_url": {"url": format!("{}/cat.gif", files.base_url)}});
    let ask = |places: usize| {
        let content = vec![url.clone(); places];
        json!({"model": "p/m", "messages": [{"role": "user", "content": content}]}).to_string()
    };
    let memory = BodyMemory::new(60 << 10, 0);
    let call = async |places| {
        let request = housed(hub.request(Dialect::OpenaiChat, &ask(places)), &memory);
        hub.gateway
            .call(request)
            .await
            .err()
            .map(|error| (error.status, error.code.into_owned()))
    };
    // In base64 it has 40 KB, at each place.
    assert_eq!(call(1).await, None);
    assert_eq!(call(2).await, Some((503, "overloaded".to_owned())));
    assert_eq!(upstream.requests().len(), 1);
    assert_eq!(memory.room().grow(60 << 10), Ok(()), "and give it back");
}

/// What is put into other words first is read twice, one after the other, and stands there once.
#[tokio::test]
async fn a_request_that_is_read_twice_takes_room_once() {
    let upstream = Upstream::start(Vec::new()).await;
    let hub = hub(Simulated, &upstream).await;
    let memory = BodyMemory::in_shares(1 << 20, 120 << 10);
    let embed = async |texts: usize| {
        let input = json!({"input": vec!["a"; texts], "modelOptions": {"model": "p/embed", "dimensions": 1}});
        let body = json!({"input": input}).to_string();
        let mut request = hub.request(Dialect::OpenaiEmbeddings, &body);
        request.room = memory.room_of(USER);
        assert_eq!(request.room.grow(body.len()), Ok(()));
        let answered = hub.gateway.embed_for_framework(request).await;
        answered.err().map(|error| (error.status, error.code.into_owned()))
    };
    // 77 KB of values, and twice as many.
    assert_eq!(embed(600).await, None);
    until(|| memory.room_of(USER).grow(120 << 10).is_ok()).await;
    assert_eq!(embed(1_200).await, Some((413, "request_too_large".to_owned())));
}

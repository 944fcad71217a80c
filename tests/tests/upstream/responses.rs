//! The fake's `/v1/responses` and legacy `/v1/completions`: what they refuse stands in `rejects`; here what they answer, how they
//! break, and what they keep.

use std::time::Duration;

use serde_json::{Value, json};
use tests::client::Call;
use tests::grammar;
use tests::upstream::{DEFAULT_KEY, Fault, Outcome, Upstream};

use super::{chat, hello, with};

mod rejects;

fn responses(upstream: &Upstream, body: &Value) -> Call {
    Call::post(upstream.address(), "/v1/responses", body).bearer(DEFAULT_KEY)
}

fn ask(model: &str) -> Value {
    json!({ "model": model, "input": "Hello out there" })
}

fn stream(model: &str) -> Value {
    with(ask(model), json!({ "stream": true }))
}

async fn streamed(upstream: &Upstream, body: &Value) -> String {
    let answer = responses(upstream, body).send().await.unwrap();
    assert_eq!(answer.status, 200, "{body}");
    answer.text().await.unwrap()
}

fn weather(name: &str) -> Value {
    json!({
        "type": "function", "name": name, "strict": false,
        "parameters": { "type": "object", "properties": { "city": { "type": "string" } }, "required": ["city"] },
    })
}

#[tokio::test]
async fn it_says_and_counts_what_the_chat_says() {
    let upstream = Upstream::start().await.unwrap();
    let (status, whole) = responses(&upstream, &ask("gpt-4o-mini")).json().await.unwrap();
    assert_eq!(
        (status.as_u16(), grammar::responses::whole(&whole, "completed")),
        (200, Ok(()))
    );
    let (_, chat) = chat(&upstream, &hello("gpt-4o-mini")).json().await.unwrap();
    assert_eq!(
        whole["output"][0]["content"][0]["text"],
        chat["choices"][0]["message"]["content"]
    );
    assert_eq!(whole["usage"]["input_tokens"], chat["usage"]["prompt_tokens"]);
    assert_eq!(whole["usage"]["output_tokens"], chat["usage"]["completion_tokens"]);
    let said = grammar::responses::check(&streamed(&upstream, &stream("gpt-4o-mini")).await).unwrap();
    assert_eq!(said.text, "You said: Hello out there");
    assert_eq!(said.usage.unwrap(), whole["usage"]);
}

#[tokio::test]
async fn tools_thoughts_and_limits() {
    let upstream = Upstream::start().await.unwrap();
    let tools = json!([weather("one"), { "type": "custom", "name": "two" }, { "type": "namespace", "name": "three", "description": "", "tools": [weather("four")] }, { "type": "web_search" }]);
    let body = with(stream("gpt-4o-mini"), json!({ "tools": tools }));
    let text = streamed(&upstream, &body).await;
    let said = grammar::responses::check(&text).unwrap();
    let names: Vec<&str> = said.calls.iter().map(|call| call.name.as_str()).collect();
    assert_eq!(names, ["one", "two", "four"]);
    assert!(text.contains(r#""namespace":"three""#) && text.contains(r#""type":"custom_tool_call""#));

    let thinking =
        json!({ "reasoning": { "effort": "low", "summary": "auto" }, "include": ["reasoning.encrypted_content"] });
    let body = with(stream("o3"), thinking.clone());
    let text = streamed(&upstream, &body).await;
    let said = grammar::responses::check(&text).unwrap();
    assert_eq!(said.thoughts, "I think about what was said.");
    assert!(
        said.usage.unwrap()["output_tokens_details"]["reasoning_tokens"]
            .as_u64()
            .unwrap()
            > 0
    );
    // The thought comes back with the next turn.
    let (_, whole) = responses(&upstream, &with(ask("o3"), thinking)).json().await.unwrap();
    let mut input = vec![json!({ "role": "user", "content": "Hello out there" })];
    input.extend(whole["output"].as_array().unwrap().clone());
    input.push(json!({ "role": "user", "content": "More" }));
    let (status, next) = responses(&upstream, &json!({ "model": "o3", "input": input, "store": false }))
        .json()
        .await
        .unwrap();
    assert_eq!(status.as_u16(), 200, "{next}");

    let body = with(
        json!({ "model": "gpt-4o", "input": "write 40 words", "stream": true }),
        json!({ "max_output_tokens": 16 }),
    );
    let said = grammar::responses::check(&streamed(&upstream, &body).await).unwrap();
    assert_eq!(
        (said.finish.as_deref(), said.text.split_whitespace().count()),
        (Some("max_output_tokens"), 16)
    );
}

#[tokio::test]
async fn what_is_kept_goes_on() {
    let upstream = Upstream::start().await.unwrap();
    let (_, first) = responses(&upstream, &ask("gpt-4o")).json().await.unwrap();
    let next = |id: &Value| json!({ "model": "gpt-4o", "input": "Again", "previous_response_id": id });
    let (status, second) = responses(&upstream, &next(&first["id"])).json().await.unwrap();
    assert_eq!((status.as_u16(), &second["previous_response_id"]), (200, &first["id"]));
    assert!(second["usage"]["input_tokens"].as_u64() > first["usage"]["input_tokens"].as_u64());
    let item = &first["output"][0]["id"];
    let reference = json!({ "model": "gpt-4o", "input": [{ "type": "item_reference", "id": item }, { "role": "user", "content": "Hi" }] });
    assert_eq!(responses(&upstream, &reference).json().await.unwrap().0, 200);
    // What was not to be kept is not there.
    let (_, lost) = responses(&upstream, &with(ask("gpt-4o"), json!({ "store": false })))
        .json()
        .await
        .unwrap();
    let (status, refused) = responses(&upstream, &next(&lost["id"])).json().await.unwrap();
    assert_eq!(
        (status.as_u16(), &refused["error"]["code"]),
        (400, &json!("previous_response_not_found"))
    );
}

#[tokio::test]
async fn faults_within_a_stream() {
    let upstream = Upstream::start().await.unwrap();
    let text = |fault: Fault| {
        let body = stream(&fault.model());
        let upstream = &upstream;
        async move { streamed(upstream, &body).await }
    };
    let failed = grammar::responses::check(&text(Fault::ErrorFrame).await).unwrap();
    assert_eq!(failed.error.unwrap()["code"], "server_error");
    for fault in [
        Fault::EndsEarly,
        Fault::NoDone,
        Fault::UsageMissing,
        Fault::UsageNonsense,
    ] {
        assert!(grammar::responses::check(&text(fault).await).is_err(), "{fault:?}");
    }
    for fault in [Fault::CrLf, Fault::UsageDoubled, Fault::NoFinalBlank] {
        let mut stream = text(fault).await;
        if fault == Fault::NoFinalBlank {
            assert!(stream.ends_with('\n') && !stream.ends_with("\n\n"));
            stream.push('\n');
        }
        let said = grammar::responses::check(&stream).unwrap();
        assert_eq!(said.text, "You said: Hello out there", "{fault:?}");
    }
    assert!(text(Fault::Comments).await.contains(": keep-alive"));
    assert!(text(Fault::Cr).await.contains("\rdata: ") && !text(Fault::Cr).await.contains('\n'));
    assert!(
        text(Fault::OddFields)
            .await
            .starts_with("\u{feff}retry: 3000\nid: 1\n\ndata:{")
    );
    assert!(text(Fault::MultiLine).await.contains("data: {\ndata: \""));
    assert!(text(Fault::MalformedFrame).await.contains("\"delta\":\n\n"));
    assert!(text(Fault::HugeEvent).await.len() > tests::upstream::HUGE_CONTENT);
    let early = text(Fault::UsageEarly).await;
    assert!(early.find("\"input_tokens\"").unwrap() < early.find("output_text.delta").unwrap());
    assert!(!early.contains("response.completed\",\"response\":{\"usage\":{"));
    let drip = streamed(&upstream, &stream(&Fault::Drip.model())).await;
    assert!(grammar::responses::check(&drip).is_ok());
    let mixed = with(
        stream(&Fault::Interleaved.model()),
        json!({ "tools": [weather("a"), weather("b")] }),
    );
    let mixed = streamed(&upstream, &mixed).await;
    let (first, second) = (r#""output_index":0"#, r#""output_index":1"#);
    assert!(mixed.find(second).unwrap() < mixed.rfind(first).unwrap());
}

#[tokio::test]
async fn faults_of_the_connection() {
    let upstream = Upstream::start().await.unwrap();
    for fault in [Fault::CutMid, Fault::ResetMid] {
        let answer = responses(&upstream, &stream(&fault.model())).send().await.unwrap();
        assert!(answer.text().await.is_err(), "{fault:?}");
    }
    let mut answer = responses(&upstream, &stream(&Fault::StallMid.model()))
        .send()
        .await
        .unwrap();
    assert!(answer.chunk().await.unwrap().is_some());
    drop(answer);
    let gone = upstream.wait_for_disconnect(Duration::from_secs(5)).await.unwrap();
    assert_eq!(gone.ended.unwrap().0, Outcome::Disconnected);
    for (fault, status) in [
        (Fault::RateLimited, 429),
        (Fault::ServerError, 500),
        (Fault::Unauthorized, 401),
    ] {
        let answer = responses(&upstream, &ask(&fault.model())).send().await.unwrap();
        assert_eq!(answer.status.as_u16(), status);
    }
}

#[tokio::test]
async fn faults_of_plain_answers() {
    let upstream = Upstream::start().await.unwrap();
    let whole = |fault: Fault| {
        let call = responses(&upstream, &ask(&fault.model()));
        async move { call.json().await.unwrap().1 }
    };
    let failed = whole(Fault::ErrorFrame).await;
    assert_eq!(grammar::responses::whole(&failed, "failed"), Ok(()));
    assert!(whole(Fault::UsageMissing).await["usage"].is_null());
    assert_eq!(whole(Fault::UsageNonsense).await["usage"]["input_tokens"], -5);
    let huge = whole(Fault::HugeEvent).await;
    assert_eq!(
        huge["output"][0]["content"][0]["text"].as_str().unwrap().len(),
        tests::upstream::HUGE_CONTENT
    );
    assert!(
        whole(Fault::QuoteFrame).await["error"]["message"]
            .as_str()
            .unwrap()
            .contains("could not be handled")
    );
}

#[tokio::test]
async fn legacy_completions() {
    let upstream = Upstream::start().await.unwrap();
    let call = |body: &Value| Call::post(upstream.address(), "/v1/completions", body).bearer(DEFAULT_KEY);
    let body = json!({ "model": "gpt-3.5-turbo-instruct", "prompt": "Once upon", "max_tokens": 100 });
    let (status, whole) = call(&body).json().await.unwrap();
    assert_eq!((status.as_u16(), &whole["object"]), (200, &json!("text_completion")));
    assert_eq!(whole["choices"][0]["text"], "You said: Once upon");
    for usage in [true, false] {
        let body = with(
            body.clone(),
            json!({ "stream": true, "stream_options": { "include_usage": usage } }),
        );
        let text = call(&body).send().await.unwrap().text().await.unwrap();
        let said = grammar::completions::check(&text, usage).unwrap();
        assert_eq!(said.text, "You said: Once upon");
        assert_eq!(said.usage, usage.then(|| whole["usage"].clone()));
    }
    // Without a word the answer has 16 tokens.
    let long = json!({ "model": "gpt-3.5-turbo-instruct", "prompt": "write 40 words" });
    let (_, cut) = call(&long).json().await.unwrap();
    assert_eq!(
        (&cut["choices"][0]["finish_reason"], &cut["usage"]["completion_tokens"]),
        (&json!("length"), &json!(16))
    );
    for (body, status, param) in [
        (json!({ "model": "gpt-4o", "prompt": "x" }), 404, json!("model")),
        (json!({ "model": "gpt-3.5-turbo-instruct" }), 400, json!("prompt")),
        (
            json!({ "model": "gpt-3.5-turbo-instruct", "prompt": {} }),
            400,
            json!("prompt"),
        ),
        (
            json!({ "model": "gpt-3.5-turbo-instruct", "prompt": "x", "messages": [] }),
            400,
            Value::Null,
        ),
        (
            json!({ "model": "gpt-3.5-turbo-instruct", "prompt": "x", "logprobs": 6 }),
            400,
            json!("logprobs"),
        ),
        (
            json!({ "model": "gpt-3.5-turbo-instruct", "prompt": "x", "n": 3, "best_of": 2 }),
            400,
            json!("best_of"),
        ),
        (
            json!({ "model": "gpt-3.5-turbo-instruct", "prompt": "x", "stream_options": {} }),
            400,
            json!("stream_options"),
        ),
    ] {
        let (got, refused) = call(&body).json().await.unwrap();
        assert_eq!((got.as_u16(), &refused["error"]["param"]), (status, &param), "{body}");
    }
}

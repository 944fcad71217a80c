//! The Ollama interface of the fake: what it refuses, what it answers, how it breaks.

use serde_json::{Value, json};
use tests::client::Call;
use tests::upstream::{Fault, Upstream};

use super::with;

fn chat(upstream: &Upstream, body: &Value) -> Call {
    Call::post(upstream.address(), "/api/chat", body)
}

fn hello(model: &str) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": "Hello out there"}], "stream": false})
}

fn hello_stream(model: &str) -> Value {
    with(hello(model), json!({"stream": true}))
}

fn tools() -> Value {
    let one = |name: &str| {
        json!({"type": "function", "function": {"name": name, "parameters": {
            "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"],
        }}})
    };
    json!([one("get_weather"), one("get_time")])
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn streamed(upstream: &Upstream, body: &Value) -> Vec<Value> {
    let answer = chat(upstream, body).send().await.unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "application/x-ndjson");
    lines(&answer.text().await.unwrap())
}

#[tokio::test]
async fn what_ollama_refuses() {
    let upstream = Upstream::start().await.unwrap();
    let more = |more: Value| with(hello("llama3.2"), more);
    let said = |message: Value| with(hello("llama3.2"), json!({"messages": [message]}));
    let call = |arguments: Value| json!({"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": arguments}}]});
    for (status, body, message) in [
        (400, json!({"messages": []}), "model is required"),
        (404, hello("nope"), "model 'nope' not found"),
        (
            400,
            more(json!({"messages": "Hi"})),
            "cannot unmarshal string into Go struct field ChatRequest.messages",
        ),
        (
            400,
            said(json!({"role": "developer", "content": "a"})),
            "invalid role: developer",
        ),
        (
            400,
            said(json!({"role": "user", "content": [{"type": "text"}]})),
            "cannot unmarshal array",
        ),
        (
            400,
            said(json!({"role": "user", "content": "See", "images": ["AAAA"]})),
            "this model does not support image input",
        ),
        (
            400,
            said(json!({"role": "user", "images": ["data:image/png;base64,AAAA"]})),
            "illegal base64 data at input byte 4",
        ),
        (
            400,
            said(call(json!("{}"))),
            "cannot unmarshal string into Go struct field ChatRequest.messages.tool_calls.function.arguments",
        ),
        (400, more(json!({"format": "xml"})), "invalid format"),
        (400, more(json!({"stream": "yes"})), "ChatRequest.stream"),
        (
            400,
            with(hello("gpt-oss"), json!({"think": "hardest"})),
            "invalid think value",
        ),
        (
            400,
            with(hello("qwen3"), json!({"think": "high"})),
            "think value \"high\" is not supported for this model",
        ),
        (
            400,
            more(json!({"think": true})),
            "\"llama3.2\" does not support thinking",
        ),
        (
            400,
            with(hello("gemma2"), json!({"tools": tools()})),
            "does not support tools",
        ),
        (400, hello("all-minilm"), "does not support chat"),
        (
            400,
            more(json!({"options": {"temperature": "hot"}})),
            "option \"temperature\" must be of type float32",
        ),
        (400, more(json!({"options": []})), "ChatRequest.options"),
    ] {
        let (got, answer) = chat(&upstream, &body).json().await.unwrap();
        assert_eq!(got.as_u16(), status, "{answer}");
        assert!(answer["error"].as_str().unwrap().contains(message), "{answer}");
    }
    let get = |path| Call::get(upstream.address(), path);
    assert_eq!(get("/api/chat").send().await.unwrap().status, 404);
    assert_eq!(get("/api/nothing").send().await.unwrap().status, 404);
    assert_eq!(get("/api/version").json().await.unwrap().1["version"], "0.12.6");
    let (_, tags) = get("/api/tags").json().await.unwrap();
    assert!(
        tags["models"]
            .as_array()
            .unwrap()
            .iter()
            .any(|model| model["name"] == "llama3.2:latest")
    );
    // What it does not know it skips, and it streams unless it is told not to.
    let lenient = json!({"model": "llama3.2", "messages": [{"role": "user", "content": "a"}], "max_tokens": 1, "options": {"nope": 1}});
    assert_eq!(streamed(&upstream, &lenient).await.last().unwrap()["done"], true);
}

#[tokio::test]
async fn answers_whole_and_in_lines() {
    let upstream = Upstream::start().await.unwrap();
    let (_, whole) = chat(&upstream, &hello("llama3.2")).json().await.unwrap();
    assert_eq!(
        whole["message"],
        json!({"role": "assistant", "content": "You said: Hello out there"})
    );
    assert_eq!((&whole["done"], &whole["done_reason"]), (&json!(true), &json!("stop")));
    assert_eq!(
        (&whole["prompt_eval_count"], &whole["eval_count"]),
        (&json!(7), &json!(5))
    );
    let lines = streamed(&upstream, &hello_stream("llama3.2")).await;
    let text: String = lines
        .iter()
        .filter_map(|line| line["message"]["content"].as_str())
        .collect();
    assert_eq!(text, "You said: Hello out there");
    let (last, rest) = lines.split_last().unwrap();
    assert_eq!(last["eval_count"], 5);
    assert!(
        rest.iter()
            .all(|line| line["done"] == false && line.get("eval_count").is_none())
    );

    let lines = streamed(&upstream, &hello_stream("qwen3")).await;
    let thought: String = lines
        .iter()
        .filter_map(|line| line["message"]["thinking"].as_str())
        .collect();
    assert_eq!(thought, "Considering the words.");
    assert_eq!(lines.last().unwrap()["eval_count"], 69);
    let off = with(hello("qwen3"), json!({"think": false}));
    let (_, off) = chat(&upstream, &off).json().await.unwrap();
    assert!(off["message"].get("thinking").is_none() && off["eval_count"] == 5);
    let (_, remembers) = chat(&upstream, &hello("remembers")).json().await.unwrap();
    assert!(remembers.get("prompt_eval_count").is_none() && remembers["eval_count"] == 5);
    let limited = with(hello("llama3.2"), json!({"options": {"num_predict": 2}}));
    let (_, limited) = chat(&upstream, &limited).json().await.unwrap();
    assert_eq!(
        (&limited["done_reason"], &limited["message"]["content"]),
        (&json!("length"), &json!("You said: "))
    );
}

#[tokio::test]
async fn tools_json_pictures_and_embeddings() {
    let upstream = Upstream::start().await.unwrap();
    let (_, answer) = chat(&upstream, &with(hello("llama3.2"), json!({"tools": tools()})))
        .json()
        .await
        .unwrap();
    let calls = answer["message"]["tool_calls"].clone();
    assert_eq!(calls.as_array().unwrap().len(), 2);
    assert_eq!(calls[1]["function"]["arguments"], json!({"city": "Zürich 東京"}));
    let messages = json!([
        {"role": "user", "content": "How is it?"},
        {"role": "assistant", "content": "", "tool_calls": calls},
        {"role": "tool", "content": "21 degrees", "tool_name": "get_weather"},
        {"role": "tool", "content": "noon", "tool_name": "get_time"},
    ]);
    let body = json!({"model": "llama3.2", "messages": messages, "tools": tools(), "stream": false});
    let (_, answer) = chat(&upstream, &body).json().await.unwrap();
    assert_eq!(answer["message"]["content"], "The tools said: 21 degrees; noon");

    let schema = json!({"type": "object", "properties": {"name": {"type": "string"}}});
    let (_, answer) = chat(&upstream, &with(hello("llama3.2"), json!({"format": schema})))
        .json()
        .await
        .unwrap();
    assert_eq!(answer["message"]["content"], "{\"name\":\"Zürich 東京\"}");
    let picture = json!({"messages": [{"role": "user", "content": "See", "images": ["AAAA"]}]});
    let (_, answer) = chat(&upstream, &with(hello("llama3.2-vision"), picture))
        .json()
        .await
        .unwrap();
    assert_eq!(answer["message"]["content"], "You said: See I see 1 image.");

    let embed = |body: Value| Call::post(upstream.address(), "/api/embed", &body);
    let (_, answer) = embed(json!({"model": "all-minilm", "input": ["a b", "c"], "dimensions": 8}))
        .json()
        .await
        .unwrap();
    assert_eq!(answer["embeddings"][1].as_array().unwrap().len(), 8);
    assert_eq!(answer["prompt_eval_count"], 3);
    for (body, message) in [
        (json!({"model": "all-minilm", "input": [[1, 2]]}), "invalid input type"),
        (
            json!({"model": "llama3.2", "input": "a"}),
            "does not support embeddings",
        ),
        (
            json!({"model": "all-minilm", "input": "a", "dimensions": "8"}),
            "EmbedRequest.dimensions",
        ),
    ] {
        let (status, answer) = embed(body).json().await.unwrap();
        assert_eq!(status, 400);
        assert!(answer["error"].as_str().unwrap().contains(message), "{answer}");
    }
}

#[tokio::test]
async fn faults_in_ollamas_words() {
    let upstream = Upstream::start().await.unwrap();
    for (fault, status) in [
        (Fault::RateLimited, 429),
        (Fault::ServerError, 500),
        (Fault::Overloaded, 503),
        (Fault::Unauthorized, 401),
        (Fault::QuoteFailed, 500),
    ] {
        let answer = chat(&upstream, &hello(&fault.model())).send().await.unwrap();
        assert_eq!(answer.status.as_u16(), status, "{fault:?}");
        assert!(!answer.headers.contains_key("retry-after"));
        let error: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert!(error["error"].is_string(), "{error}");
    }
    let raw = async |fault: Fault| {
        chat(&upstream, &hello_stream(&fault.model()))
            .send()
            .await
            .unwrap()
            .text()
            .await
    };
    assert!(raw(Fault::CutMid).await.is_err() && raw(Fault::ResetMid).await.is_err());
    let counted = async |fault: Fault| {
        let lines = lines(&raw(fault).await.unwrap());
        lines
            .into_iter()
            .map(|mut line| line["eval_count"].take())
            .collect::<Vec<_>>()
    };
    assert!(counted(Fault::UsageMissing).await.iter().all(Value::is_null));
    let early = counted(Fault::UsageEarly).await;
    assert!(early[0].is_u64() && early.last().unwrap().is_null());
    let doubled = counted(Fault::UsageDoubled).await;
    assert!(doubled[doubled.len() - 2].is_u64() && doubled[doubled.len() - 1].is_u64());
    assert_eq!(counted(Fault::UsageNonsense).await.last().unwrap(), "many");
    let error = lines(&raw(Fault::ErrorFrame).await.unwrap());
    assert!(error.last().unwrap()["error"].is_string());
    assert!(raw(Fault::QuoteFrame).await.unwrap().contains("Hello out there"));
    for fault in [Fault::EndsEarly, Fault::NoDone] {
        assert!(!raw(fault).await.unwrap().contains("\"done\":true"), "{fault:?}");
    }
    assert!(raw(Fault::HugeEvent).await.unwrap().len() > 8 << 20);
    let malformed = raw(Fault::MalformedFrame).await.unwrap();
    assert!(
        malformed
            .lines()
            .any(|line| serde_json::from_str::<Value>(line).is_err())
    );
    assert!(raw(Fault::CrLf).await.unwrap().ends_with("\r\n"));
    assert!(!raw(Fault::NoFinalBlank).await.unwrap().ends_with('\n'));
    assert!(raw(Fault::Comments).await.unwrap().starts_with("\n\n{"));
    let drip = raw(Fault::Drip).await.unwrap();
    assert_eq!(lines(&drip).last().unwrap()["done"], true);
}

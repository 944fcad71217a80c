//! Anthropic's clients and OpenAI's provider, and the other way: the same conversation, written anew.

use serde_json::{Value, json};
use tests::grammar::chat;
use tests::stage::{Stage, call_id, on_both, with};
use tests::upstream::Fault;

use super::{ask, counted, hello, plain, stage, told, whole};

fn tools() -> Value {
    let tool = |name: &str| json!({"name": name, "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}});
    json!([tool("weather"), tool("traffic")])
}

#[tokio::test]
async fn messages_to_openai() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let (answer, id) = plain(&stage, &hello("fake/gpt-4o")).await;
        assert_eq!(answer["content"], json!([{"type": "text", "text": "You said: Hello out there"}]));
        assert_eq!((&answer["model"], &answer["stop_reason"]), (&json!("fake/gpt-4o"), &json!("end_turn")));
        assert_eq!((&answer["usage"]["input_tokens"], &answer["usage"]["output_tokens"]), (&json!(7), &json!(5)));
        assert_eq!(counted(&stage.row(&id).await), json!({"input_uncached": 7, "output_text": 5}));

        let (streamed, id) = told(&stage, &hello("fake/gpt-4o")).await;
        assert_eq!(streamed.message["content"], answer["content"]);
        assert_eq!(streamed.message["usage"]["output_tokens"], 5);
        assert_eq!(counted(&stage.row(&id).await), json!({"input_uncached": 7, "output_text": 5}));

        let body = with(hello("fake/gpt-4o"), json!({"tools": tools()}));
        let (calls, _) = told(&stage, &body).await;
        assert_eq!(calls.message["stop_reason"], "tool_use");
        let content = calls.message["content"].clone();
        assert_eq!(content[1]["input"], json!({"city": "Zürich 東京"}));
        let results: Vec<Value> = content.as_array().unwrap().iter()
            .map(|call| json!({"type": "tool_result", "tool_use_id": call["id"], "content": [{"type": "text", "text": call["name"]}]}))
            .collect();
        let messages = json!([body["messages"][0], {"role": "assistant", "content": content}, {"role": "user", "content": results}]);
        let (last, _) = plain(&stage, &with(body, json!({ "messages": messages }))).await;
        assert_eq!(last["content"][0]["text"], "The tools said: weather; traffic");

        let limited = with(hello("fake/gpt-4o"), json!({"max_tokens": 2}));
        assert_eq!(plain(&stage, &limited).await.0["stop_reason"], "max_tokens");
        assert_eq!(stage.upstream.violations(), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn what_claude_code_sends_is_understood_by_another_provider() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let body = json!({
            "model": "fake/o3", "max_tokens": 32000,
            "system": [
                {"type": "text", "text": "x-anthropic-billing-header: cc_version=2.1.330; cch=1;"},
                {"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
            ],
            "metadata": {"user_id": "{\"device_id\":\"d\",\"session_id\":\"s\"}"},
            "thinking": {"type": "enabled", "budget_tokens": 31999, "display": "omitted"},
            "context_management": {"edits": []},
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "Hello"}]},
                {"role": "system", "content": [{"type": "text", "text": "Tools may come later."}]},
            ],
        });
        let sent = ask(&stage, &with(body, json!({"stream": true})))
            .header("anthropic-beta", "claude-code-20250219,context-management-2025-06-27");
        let answer = sent.send().await.unwrap();
        let status = answer.status;
        let dropped = answer.header("x-aigne-dropped").unwrap_or_default().to_owned();
        let text = answer.text().await.unwrap();
        assert_eq!(status, 200, "{text}");
        assert!(dropped.contains("context_management"), "{dropped}");
        let told = tests::grammar::messages::check(&text).unwrap();
        assert!(told.error.is_none() && told.text().starts_with("You said: "), "{text}");
        let arrived = stage.upstream.requests_to("/v1/chat/completions").pop().unwrap();
        assert!(!String::from_utf8_lossy(&arrived.body).contains("billing-header"));
        assert_eq!(arrived.header("anthropic-beta"), None);
    })
    .await;
}

fn chat_body(model: &str, more: Value) -> Value {
    with(
        json!({"model": model, "messages": [{"role": "user", "content": "Hello out there"}]}),
        more,
    )
}

async fn chat_of(stage: &Stage, body: &Value) -> (Value, String) {
    let answer = stage.chat(body).send().await.unwrap();
    let id = call_id(&answer);
    let (status, answer) = whole(answer).await;
    assert_eq!(status, 200, "{answer}");
    (answer, id)
}

/// Claude Code always asks for thoughts; OpenAI answers 400 where a model has none.
#[tokio::test]
async fn a_model_that_does_not_think_is_not_told_to() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let wishes = json!({"max_tokens": 32000, "thinking": {"type": "enabled", "budget_tokens": 31999}});
        let answer = ask(&stage, &with(hello("fake/gpt-4o-mini"), wishes))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.header("x-aigne-dropped"), Some("reasoning"));
        let (status, answer) = whole(answer).await;
        assert_eq!(status, 200, "{answer}");
        assert_eq!(
            answer["content"],
            json!([{"type": "text", "text": "You said: Hello out there"}])
        );
        assert_eq!(stage.upstream.violations(), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn chat_to_anthropic_and_its_thoughts_come_back() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let tool = |name: &str| {
            json!({"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}})
        };
        let wishes = json!({"reasoning_effort": "high", "max_completion_tokens": 8000, "tools": [tool("weather"), tool("traffic")]});
        // A model that wants the thought that led to a call back, with its proof.
        for model in ["claude/claude-haiku-4-5", "claude/claude-opus-4-6"] {
            let body = chat_body(model, wishes.clone());
            let (answer, id) = chat_of(&stage, &body).await;
            let message = &answer["choices"][0]["message"];
            assert_eq!(answer["choices"][0]["finish_reason"], "tool_calls", "{answer}");
            assert_eq!(message["tool_calls"].as_array().unwrap().len(), 2);
            let row = stage.row(&id).await;
            assert!(row["usage"]["output_reasoning"].as_u64().unwrap() > 0, "{row}");
            let results = message["tool_calls"].as_array().unwrap().iter().map(|call| {
                json!({"role": "tool", "tool_call_id": call["id"], "content": call["function"]["name"]})
            });
            let mut messages = vec![body["messages"][0].clone(), message.clone()];
            messages.extend(results);
            let (last, _) = chat_of(&stage, &with(body, json!({ "messages": messages }))).await;
            assert_eq!(last["choices"][0]["message"]["content"], "The tools said: weather; traffic");
            let arrived = stage.upstream.requests_to("/v1/messages").pop().unwrap().json();
            assert_eq!(arrived["messages"][1]["content"][0]["type"], "thinking", "{arrived}");
            assert!(arrived["thinking"].is_object(), "{arrived}");
        }
        let streamed = chat_body("claude/claude-haiku-4-5", json!({"stream": true, "stream_options": {"include_usage": true}}));
        let answer = stage.chat(&streamed).send().await.unwrap();
        let id = call_id(&answer);
        let said = chat::check(&answer.text().await.unwrap(), true).unwrap();
        assert_eq!((said.text.as_str(), said.finish.as_deref()), ("You said: Hello out there", Some("stop")));
        assert_eq!(said.usage.unwrap()["total_tokens"], 12);
        assert_eq!(counted(&stage.row(&id).await), json!({"input_uncached": 7, "output_text": 5}));
        assert_eq!(stage.upstream.violations(), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn breaks_are_told_in_the_clients_words() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        for fault in [
            Fault::CutMid,
            Fault::EndsEarly,
            Fault::MalformedFrame,
            Fault::ErrorFrame,
        ] {
            let (told, id) = told(&stage, &hello(&format!("fake/{}", fault.model()))).await;
            assert!(
                told.error.is_some() && told.text().starts_with("You said: "),
                "{fault:?}: {told:?}"
            );
            assert_eq!(stage.row(&id).await["state"], "failed", "{fault:?}");
            let body = chat_body(&format!("claude/{}", fault.model()), json!({"stream": true}));
            let answer = stage.chat(&body).send().await.unwrap();
            let said = chat::check(&answer.text().await.unwrap(), false).unwrap();
            assert!(
                said.error.is_some() && said.text.starts_with("You said: "),
                "{fault:?}: {said:?}"
            );
        }
    })
    .await;
}

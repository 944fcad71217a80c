//! A conversation whose model changes: what the hub itself wrote while one provider answered must not make the next one refuse it,
//! where its bytes pass. The fakes refuse what the providers refuse: long ids of calls, thoughts that are not their own.

use serde_json::{Value, json};
use tests::hub::Kind;
use tests::stage::{Stage, on_both, with};

use super::wires::{self, anthropic, saying, schema, tools};

const GEMINI: &str = "goo/gemini-3-pro-preview";

/// A stage with Google's fake as `goo` and Anthropic's as `claude`, beside OpenAI's as `openai`, and as `fake` that only speaks like it.
async fn stage(kind: Kind) -> Stage {
    let mut stage = Stage::prepare(kind).await;
    let (url, key) = (stage.upstream.google_url(), stage.upstream.key().to_owned());
    wires::add(&stage, "google", &url, Some(&key), &["gemini-3-pro-preview"]).await;
    let url = stage.upstream.base_url();
    stage.hub.add_provider_of("anthropic", "claude", &url, &key).await;
    stage.hub.add_provider_of("openai", "openai", &url, &key).await;
    stage.hub.serve().await;
    stage
}

/// What the provider got last.
fn last(stage: &Stage) -> Value {
    stage.upstream.requests().pop().unwrap().json()
}

#[tokio::test]
async fn a_chat_goes_on_from_gemini_at_openai_and_back() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let ask = with(
            saying(GEMINI, "How is it?"),
            json!({"tools": tools(), "parallel_tool_calls": true}),
        );
        let (_, answer) = stage.chat(&ask).json().await.unwrap();
        let calls = answer["choices"][0]["message"]["tool_calls"]
            .as_array()
            .unwrap()
            .clone();
        let id = calls[0]["id"].as_str().unwrap();
        assert!(id.len() > 800, "{id}");
        let next = wires::results(&ask, &calls);
        for model in ["openai/gpt-4o", "fake/gpt-4o", GEMINI] {
            let (status, answer) = stage
                .chat(&with(next.clone(), json!({ "model": model })))
                .json()
                .await
                .unwrap();
            assert_eq!(status, 200, "{model}: {answer}");
            let said = &answer["choices"][0]["message"]["content"];
            assert_eq!(said, "The tools said: 21 degrees; noon", "{model}");
            if model != GEMINI {
                let mut sent = last(&stage);
                let short = sent["messages"][1]["tool_calls"][0]["id"].clone();
                assert_eq!(
                    (short.as_str().unwrap().len(), &short),
                    (40, &sent["messages"][2]["tool_call_id"])
                );
                // Nothing else has changed.
                sent["messages"][1]["tool_calls"][0]["id"] = json!(id);
                sent["messages"][2]["tool_call_id"] = json!(id);
                assert_eq!(sent, with(next.clone(), json!({"model": "gpt-4o"})));
            }
        }
        assert_eq!(stage.upstream.violations(), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn responses_go_on_from_gemini_at_openai() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let tool = json!({"type": "function", "name": "get_weather", "parameters": schema(), "strict": false});
        let user = json!({"type": "message", "role": "user", "content": "How is it?"});
        let ask = |model: &str, input: Vec<Value>| {
            json!({"model": model, "input": input, "tools": [tool], "store": false, "reasoning": {"effort": "low", "summary": "auto"}})
        };
        let call = stage.post("/v1/responses", &ask(GEMINI, vec![user.clone()]));
        let (status, answer) = call.json().await.unwrap();
        assert_eq!(status, 200, "{answer}");
        let output = answer["output"].as_array().unwrap().clone();
        let kinds: Vec<&str> = output.iter().filter_map(|item| item["type"].as_str()).collect();
        assert!(kinds.contains(&"reasoning") && kinds.contains(&"function_call"), "{answer}");
        let call = output.iter().find(|item| item["type"] == "function_call").unwrap();
        let result = json!({"type": "function_call_output", "call_id": call["call_id"], "output": "21 degrees"});
        let input: Vec<Value> = [user].into_iter().chain(output.clone()).chain([result]).collect();
        for model in ["openai/o4-mini", GEMINI] {
            let answer = stage.post("/v1/responses", &ask(model, input.clone())).send().await.unwrap();
            let told = answer.header("x-aigne-dropped").map(str::to_owned);
            let (status, text) = (answer.status, answer.text().await.unwrap());
            assert!(status == 200 && text.contains("The tools said: 21 degrees"), "{model}: {text}");
            if model != GEMINI {
                assert_eq!(told.as_deref(), Some("input.reasoning"));
                let sent = last(&stage);
                let items = sent["input"].as_array().unwrap();
                assert!(items.iter().all(|item| item["type"] != "reasoning"), "{sent}");
                let ids: Vec<&str> = items.iter().filter_map(|item| item["call_id"].as_str()).collect();
                assert!(ids.len() == 2 && ids[0] == ids[1] && ids[0].len() == 64, "{sent}");
            }
        }
        assert_eq!(stage.upstream.violations(), [""; 0]);
    })
    .await;
}

/// In the hub's own writing, as a client has them where another provider named them. Anthropic knows none of it.
#[tokio::test]
async fn sources_of_others_do_not_go_back_to_claude() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let page = json!({"type": "web_search_result_location", "cited_text": "", "url": "https://a.test/", "title": "A", "encrypted_index": ""});
        let place = json!({"type": "char_location", "cited_text": "x", "document_index": 0, "document_title": "D", "start_char_index": 0, "end_char_index": 0});
        let ask = |citations: Value| {
            json!({"model": "claude/claude-opus-4-6", "max_tokens": 99, "messages": [
                {"role": "user", "content": "Where?"},
                {"role": "assistant", "content": [{"type": "text", "text": "There.", "citations": citations}]},
                {"role": "user", "content": "Go on"},
            ]})
        };
        let answer = anthropic(&stage, &ask(json!([page, place]))).send().await.unwrap();
        let told = answer.header("x-aigne-dropped").map(str::to_owned);
        let (status, text) = (answer.status, answer.text().await.unwrap());
        assert!(status == 200 && text.contains("You said: Go on"), "{text}");
        assert_eq!(told.as_deref(), Some("messages[].citations"));
        assert_eq!(last(&stage)["messages"], ask(json!([]))["messages"]);
        assert_eq!(stage.upstream.violations(), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn messages_go_on_from_gemini_at_claude() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let ask = wires::thinking(GEMINI);
        let (status, answer) = anthropic(&stage, &ask).json().await.unwrap();
        assert_eq!(status, 200, "{answer}");
        let content = answer["content"].as_array().unwrap().clone();
        assert_eq!(
            (&content[0]["type"], &content[0]["signature"]),
            (&json!("thinking"), &json!("")),
            "{answer}"
        );
        let next = wires::result(&ask, &answer);
        // What thinks with a budget cannot go on thinking from a call without its thought, and says so with a 400.
        for (model, wish, dropped) in [
            (
                "claude-haiku-4-5",
                ask["thinking"].clone(),
                "messages[].reasoning, reasoning",
            ),
            ("claude-opus-4-6", json!({"type": "adaptive"}), "messages[].reasoning"),
        ] {
            let next = with(
                next.clone(),
                json!({"model": format!("claude/{model}"), "thinking": wish}),
            );
            let answer = anthropic(&stage, &next).send().await.unwrap();
            let told = answer.header("x-aigne-dropped").map(str::to_owned);
            let (status, text) = (answer.status, answer.text().await.unwrap());
            assert!(
                status == 200 && text.contains("The tools said: 21 degrees"),
                "{model}: {text}"
            );
            assert_eq!(told.as_deref(), Some(dropped), "{model}");
            let sent = last(&stage);
            assert_eq!(sent["messages"][1]["content"], json!(content[1..]), "{model}");
            assert_eq!(sent.get("thinking").is_some(), model != "claude-haiku-4-5");
        }
        // Counting them is the same question.
        let mut counting = with(
            next,
            json!({"model": "claude/claude-opus-4-6", "thinking": {"type": "adaptive"}}),
        );
        counting.as_object_mut().unwrap().remove("max_tokens");
        let call = stage
            .hub
            .post("/v1/messages/count_tokens", &counting)
            .header("x-api-key", &stage.key);
        let (status, counted) = call.header("anthropic-version", "2023-06-01").json().await.unwrap();
        assert_eq!(status, 200, "{counted}");
        assert_eq!(stage.upstream.violations(), [""; 0]);
    })
    .await;
}

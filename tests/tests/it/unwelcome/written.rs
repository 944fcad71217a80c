//! What the hub's own writing would make a provider refuse: a schema for a service that takes none, names that are too long or hold other
//! letters, more marks for a cache than there is room for.

use serde_json::json;
use tests::stage::on_both;

use super::{CHAT, MESSAGES, chat, claude, stage, told};

#[tokio::test]
async fn deepseek_is_asked_for_json_and_told_of_the_schema_in_words() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let schema = json!({"type": "object", "properties": {"town": {"type": "string"}}, "required": ["town"], "additionalProperties": false});
        let form = json!({"output_config": {"format": {"type": "json_schema", "schema": schema}}, "system": "Be brief."});
        let (dropped, sent) = told(&stage, MESSAGES, &claude("deepseek/deepseek-chat", form)).await;
        assert_eq!(dropped, "response_format.json_schema");
        assert_eq!(sent["response_format"], json!({"type": "json_object"}), "{sent}");
        let said: Vec<&str> = sent["messages"].as_array().unwrap().iter().filter_map(|one| one["content"].as_str()).collect();
        assert_eq!((said.len(), said[0]), (3, "Be brief."), "{sent}");
        assert!(said[1].starts_with("Answer with JSON") && said[1].contains(&schema.to_string()), "{sent}");
        // Who speaks its dialect is told by DeepSeek itself.
        let named = json!({"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}});
        let answer = stage.post(CHAT, &chat("deepseek/deepseek-chat", named)).send().await.unwrap();
        let status = answer.status;
        let text = answer.text().await.unwrap();
        assert!(status == 400 && text.contains("This response_format type is unavailable now"), "{status} {text}");
    })
    .await;
}

/// What Claude Code calls whoever uses it has a hundred and fifty letters and more.
#[tokio::test]
async fn a_long_name_of_a_user_is_told_by_its_hash() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let name = json!({"device_id": "d".repeat(64), "account_uuid": "a".repeat(36), "session_id": "s".repeat(36)})
            .to_string();
        let ask = json!({"metadata": {"user_id": name}});
        let mut told_as = Vec::new();
        for model in ["ope/gpt-5", "ope/codex-o3", "others/o3"] {
            let (dropped, sent) = told(&stage, MESSAGES, &claude(model, ask.clone())).await;
            assert_eq!(dropped, "", "{model}");
            told_as.push(sent["user"].as_str().unwrap().to_owned());
        }
        assert!(
            told_as[0].len() == 64 && told_as.iter().all(|name| *name == told_as[0]),
            "{told_as:?}"
        );
        let (_, sent) = told(
            &stage,
            MESSAGES,
            &claude("ope/gpt-5", json!({"metadata": {"user_id": "user-1"}})),
        )
        .await;
        assert_eq!(sent["user"], "user-1");
    })
    .await;
}

/// The framework's agents have names with spaces, which OpenAI refuses of who says something.
#[tokio::test]
async fn names_of_speakers_that_openai_refuses_are_left_out_and_named() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        for (name, wanted) in [("Agent Smith", "messages[].name"), ("agent_1", "")] {
            let messages = json!([{"role": "user", "name": name, "content": "Hello"}]);
            let ask = json!({"input": {"messages": messages, "modelOptions": {"model": "others/o3"}}});
            let (dropped, sent) = told(&stage, "/api/v2/chat", &ask).await;
            assert_eq!(dropped, wanted, "{sent}");
            assert_eq!(sent["messages"][0].get("name").is_some(), wanted.is_empty(), "{sent}");
        }
    })
    .await;
}

/// The framework marks tools, instructions and the last message by itself, beside what its agents mark.
#[tokio::test]
async fn marks_for_a_cache_beyond_those_that_claude_takes_are_left_out_and_named() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let mark = json!({"type": "ephemeral"});
        let says = |text: &str| json!({"role": "user", "content": [{"type": "text", "text": text, "cacheControl": mark}]});
        let tools = json!([{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}]);
        let config = json!({"enabled": true, "autoBreakpoints": {"lastMessage": true}});
        for (marked, wanted) in [(2, ""), (3, "cache_control")] {
            let mut messages = vec![json!({"role": "system", "content": "Be brief."})];
            messages.extend((0..marked).map(|at| says(&format!("Hello {at}"))));
            let input = json!({"messages": messages, "tools": tools, "modelOptions": {"model": "ant/claude-haiku-4-5", "cacheConfig": config}});
            let (dropped, sent) = told(&stage, "/api/v2/chat", &json!({ "input": input })).await;
            assert_eq!(dropped, wanted, "{sent}");
            assert_eq!(sent.to_string().matches("cache_control").count(), 4, "{sent}");
        }
    })
    .await;
}

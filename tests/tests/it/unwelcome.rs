//! What single models are publicly known to refuse: penalties, JSON beside tools, how many tools at once, words for how hard to think. The
//! fakes refuse it as the providers do; the hub leaves it out, says it in another word or in words, and names what is lost.

#[path = "unwelcome/written.rs"]
mod written;

use serde_json::{Value, json};
use tests::hub::Kind;
use tests::stage::{Stage, on_both, with};

use super::wires;

async fn stage(kind: Kind) -> Stage {
    let mut stage = Stage::prepare(kind).await;
    let key = stage.upstream.key().to_owned();
    let (openai, google) = (stage.upstream.base_url(), stage.upstream.google_url());
    let models = ["o3", "o4-mini", "gpt-5", "gpt-5.1", "codex-o3"];
    wires::add(&stage, "openai", &openai, Some(&key), &models).await;
    let others = stage.hub.provider("openai-compatible", "others").at(&openai);
    others.models(["grok-4", "o3"]).credential(&key).add().await;
    let deepseek = stage.hub.provider_of_preset("deepseek", "deepseek").at(&openai);
    deepseek.models(["deepseek-chat"]).credential(&key).add().await;
    wires::add(&stage, "anthropic", &openai, Some(&key), &["claude-haiku-4-5"]).await;
    let gemini = ["gemini-2.0-flash", "gemini-2.5-flash", "gemini-3-pro-preview"];
    wires::add(&stage, "google", &google, Some(&key), &gemini).await;
    stage.hub.serve().await;
    stage
}

/// Asks, which must be answered: what was left out, and what the provider was sent.
async fn told(stage: &Stage, path: &str, body: &Value) -> (String, Value) {
    let answer = stage.post(path, body).send().await.unwrap();
    let status = answer.status.as_u16();
    let dropped = answer.headers.get("x-aigne-dropped");
    let dropped = dropped.map_or_else(String::new, |names| names.to_str().unwrap().to_owned());
    let text = answer.text().await.unwrap();
    assert_eq!(status, 200, "{path} {body}: {text}");
    (dropped, stage.upstream.requests().pop().unwrap().json())
}

fn chat(model: &str, more: Value) -> Value {
    let messages = json!([{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]);
    with(json!({"model": model, "messages": messages}), more)
}

fn claude(model: &str, more: Value) -> Value {
    let ask = json!({"model": model, "max_tokens": 4000, "messages": [{"role": "user", "content": "Hello"}]});
    with(ask, more)
}

const CHAT: &str = "/v1/chat/completions";
const MESSAGES: &str = "/v1/messages";

#[tokio::test]
async fn penalties_go_to_those_of_geminis_that_know_them() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let penal = json!({"presence_penalty": 0.5, "frequency_penalty": 0.25});
        for model in ["goo/gemini-2.5-flash", "goo/gemini-3-pro-preview"] {
            let (dropped, sent) = told(&stage, CHAT, &chat(model, penal.clone())).await;
            assert_eq!(dropped, "presence_penalty, frequency_penalty", "{model}");
            assert!(!sent.to_string().contains("Penalty"), "{sent}");
        }
        let (dropped, sent) = told(&stage, CHAT, &chat("goo/gemini-2.0-flash", penal)).await;
        assert_eq!(
            (dropped.as_str(), &sent["generationConfig"]["presencePenalty"]),
            ("", &json!(0.5)),
            "{sent}"
        );
        // Nobody misses what changes nothing.
        let (dropped, _) = told(
            &stage,
            CHAT,
            &chat("goo/gemini-2.5-flash", json!({"presence_penalty": 0})),
        )
        .await;
        assert_eq!(dropped, "");
    })
    .await;
}

#[tokio::test]
async fn json_beside_tools_is_asked_for_in_words_before_gemini_3() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let schema = json!({"type": "object", "properties": {"town": {"type": "string"}}, "required": ["town"], "additionalProperties": false});
        let format = json!({"type": "json_schema", "json_schema": {"name": "n", "description": "A town", "schema": schema}});
        let tools = json!([{"type": "function", "function": {"name": "f", "parameters": schema}}]);
        let both = json!({"tools": tools, "response_format": format});
        for model in ["goo/gemini-2.0-flash", "goo/gemini-2.5-flash"] {
            let (dropped, sent) = told(&stage, CHAT, &chat(model, both.clone())).await;
            assert_eq!(dropped, "response_format", "{sent}");
            assert!(sent["generationConfig"].get("responseMimeType").is_none() && sent["tools"].is_array(), "{sent}");
            let said = sent["systemInstruction"].to_string();
            for word in ["Be brief.", "A town", "town", "JSON schema"] {
                assert!(said.contains(word), "{word}: {said}");
            }
            // Tools that may not be called are none.
            let none = with(both.clone(), json!({"tool_choice": "none"}));
            let (dropped, sent) = told(&stage, CHAT, &chat(model, none)).await;
            assert_eq!((dropped.as_str(), sent.get("tools"), sent.get("toolConfig")), ("", None, None), "{sent}");
            assert_eq!(sent["generationConfig"]["responseMimeType"], "application/json", "{sent}");
            let any = json!({"tools": tools, "response_format": {"type": "json_object"}});
            let (dropped, sent) = told(&stage, CHAT, &chat(model, any)).await;
            assert_eq!(dropped, "response_format", "{sent}");
            assert!(sent["systemInstruction"].to_string().contains("JSON object"), "{sent}");
        }
        let (dropped, sent) = told(&stage, CHAT, &chat("goo/gemini-3-pro-preview", both)).await;
        assert_eq!((dropped.as_str(), &sent["generationConfig"]["responseMimeType"]), ("", &json!("application/json")), "{sent}");
    })
    .await;
}

#[tokio::test]
async fn who_calls_one_tool_at_a_time_is_not_told_to() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let function = json!({"name": "f", "parameters": {"type": "object", "properties": {}}});
        let tools = json!([{"type": "function", "function": function}]);
        for parallel in [true, false] {
            let ask = json!({"tools": tools, "parallel_tool_calls": parallel});
            for model in ["ope/o3", "ope/o4-mini"] {
                let (dropped, sent) = told(&stage, CHAT, &chat(model, ask.clone())).await;
                assert_eq!(
                    (dropped.as_str(), sent.get("parallel_tool_calls")),
                    ("parallel_tool_calls", None),
                    "{sent}"
                );
            }
        }
        let own = json!([{"name": "f", "input_schema": {"type": "object"}}]);
        let choice = json!({"type": "auto", "disable_parallel_tool_use": true});
        let (dropped, sent) = told(
            &stage,
            MESSAGES,
            &claude("ope/o3", json!({"tools": own, "tool_choice": choice})),
        )
        .await;
        assert_eq!(
            (dropped.as_str(), sent.get("parallel_tool_calls")),
            ("parallel_tool_calls", None),
            "{sent}"
        );
        // GPT-5 takes it.
        let (dropped, sent) = told(
            &stage,
            CHAT,
            &chat("ope/gpt-5", json!({"tools": tools, "parallel_tool_calls": false})),
        )
        .await;
        assert_eq!(
            (dropped.as_str(), &sent["parallel_tool_calls"]),
            ("", &json!(false)),
            "{sent}"
        );
    })
    .await;
}

#[tokio::test]
async fn how_hard_to_think_is_said_in_a_word_that_the_model_knows() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let framework = |model: &str, effort: &str| {
            let options = json!({"model": model, "reasoningEffort": effort});
            json!({"input": {"messages": [{"role": "user", "content": "Hello"}], "modelOptions": options}})
        };
        let off = json!({"thinking": {"type": "disabled"}});
        let most = json!({"thinking": {"type": "adaptive"}, "output_config": {"effort": "max"}});
        for (path, body, word, wanted) in [
            ("/api/v2/chat", framework("ope/o3", "minimal"), "low", ""),
            ("/api/v2/chat", framework("ope/gpt-5", "minimal"), "minimal", ""),
            ("/api/v2/chat", framework("ope/gpt-5.1", "minimal"), "low", ""),
            ("/api/v2/chat", framework("ope/gpt-5.1", "none"), "none", ""),
            (
                "/api/v2/chat",
                framework("goo/gemini-3-pro-preview", "medium"),
                "LOW",
                "",
            ),
            (
                "/api/v2/chat",
                framework("goo/gemini-3-pro-preview", "xhigh"),
                "HIGH",
                "",
            ),
            (
                "/api/v2/chat",
                framework("goo/gemini-3-pro-preview", "none"),
                "LOW",
                "reasoning",
            ),
            (MESSAGES, claude("ope/o4-mini", most.clone()), "high", ""),
            (MESSAGES, claude("ope/codex-o3", most), "high", ""),
            // Who must think is told to do so as little as can be.
            (MESSAGES, claude("ope/o3", off.clone()), "low", "reasoning"),
            (MESSAGES, claude("ope/gpt-5", off.clone()), "minimal", "reasoning"),
            (MESSAGES, claude("ope/codex-o3", off), "low", "reasoning"),
        ] {
            let (dropped, sent) = told(&stage, path, &body).await;
            let level = sent.pointer("/generationConfig/thinkingConfig/thinkingLevel");
            let said = level
                .or(sent.get("reasoning_effort"))
                .unwrap_or(&sent["reasoning"]["effort"]);
            assert_eq!((said, dropped.as_str()), (&json!(word), wanted), "{body}: {sent}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_grok_4_refuses_is_left_out_even_where_it_changes_nothing() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let all = json!({"presence_penalty": 0.5, "frequency_penalty": 0, "stop": ["x"], "reasoning_effort": "high", "temperature": 0.5});
        let (dropped, sent) = told(&stage, CHAT, &chat("others/grok-4", all)).await;
        assert_eq!(dropped, "presence_penalty, stop, reasoning_effort");
        let left: Vec<&String> = sent.as_object().unwrap().keys().collect();
        assert_eq!(left, ["model", "messages", "temperature"], "{sent}");
        let (dropped, sent) = told(&stage, CHAT, &chat("others/grok-4", json!({"presence_penalty": 0, "frequency_penalty": 0.0}))).await;
        assert_eq!((dropped.as_str(), sent.get("presence_penalty"), sent.get("frequency_penalty")), ("", None, None));
        // Others take a penalty of 0, so not a byte changes.
        let (_, sent) = told(&stage, CHAT, &chat("others/o3", json!({"presence_penalty": 0}))).await;
        assert_eq!(sent["presence_penalty"], 0, "{sent}");
        let ask = json!({"stop_sequences": ["x"], "thinking": {"type": "enabled", "budget_tokens": 2000}});
        let (dropped, sent) = told(&stage, MESSAGES, &claude("others/grok-4", ask)).await;
        assert_eq!((dropped.as_str(), sent.get("stop")), ("stop, reasoning", None), "{sent}");
    })
    .await;
}

//! Clients of other dialects before Gemini: what Google is sent, what the client gets, what is counted and charged. The fake
//! Google refuses whatever Google refuses.

use serde_json::{Value, json};
use tests::hub::Kind;
use tests::stage::{Stage, call_id, on_both, with};
use tests::till;
use tests::upstream::{Fault, Rule};

use super::wires::{self, anthropic, counted, saying, schema, sent, tools};

const FLASH: &str = "goo/gemini-2.5-flash";
const THIRD: &str = "goo/gemini-3-pro-preview";
const DRAWING: &str = "gemini-2.5-flash-image";
const MODELS: [&str; 3] = ["gemini-2.5-flash", "gemini-3-pro-preview", "gemini-embedding-001"];

/// A stage with a provider `goo` that is Google.
async fn stage(kind: Kind) -> Stage {
    let mut stage = prepared(kind).await;
    stage.hub.serve().await;
    stage
}

/// The same, not running yet.
async fn prepared(kind: Kind) -> Stage {
    let stage = Stage::prepare(kind).await;
    let url = stage.upstream.google_url();
    wires::add(&stage, "google", &url, Some(stage.upstream.key()), &MODELS).await;
    stage
}

#[tokio::test]
async fn a_chat_is_answered_counted_and_charged() {
    on_both(async |kind| {
        let mut stage = prepared(kind).await;
        till::sell(&stage.hub).await;
        till::grant(&stage.hub, "5").await;
        wires::price(&stage, FLASH, "1", "2").await;
        stage.hub.serve().await;
        let answer = stage.chat(&saying(FLASH, "Hello out there")).send().await.unwrap();
        let id = call_id(&answer);
        let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(
            body["choices"][0]["message"]["content"], "You said: Hello out there",
            "{body}"
        );
        assert_eq!(body["usage"]["completion_tokens_details"]["reasoning_tokens"], 64);
        assert_eq!(body["usage"]["total_tokens"], 76);
        let row = stage.row(&id).await;
        assert_eq!(
            counted(&row),
            json!({"input_uncached": 7, "output_text": 5, "output_reasoning": 64})
        );
        // 7 tokens at 1 and 69 at 2 USD a million.
        assert_eq!(till::nano(&row["charge"]), 7_000 + 69 * 2_000);

        let (said, _) = wires::heard(&stage, saying(FLASH, "Hello out there")).await;
        assert_eq!(said.text, "You said: Hello out there");
        let record = stage.upstream.requests().pop().unwrap();
        assert_eq!(record.path, "/v1beta/models/gemini-2.5-flash:streamGenerateContent");
        assert_eq!(record.query.as_deref(), Some("alt=sse"));
        assert_eq!(till::charged(&stage.hub).await, 2 * (7_000 + 69 * 2_000));
        till::audit(&stage.hub).await;
        sent(&stage);
    })
    .await;
}

/// Google bills what it is not stopped in, so that its answer is read to its end by default: who leaves pays what it counts. An admin
/// may choose otherwise.
#[tokio::test]
async fn who_leaves_is_charged_what_google_counts_unless_an_admin_chose_otherwise() {
    on_both(async |kind| {
        let mut stage = Stage::prepare(kind).await;
        let url = stage.upstream.google_url();
        wires::add(&stage, "google", &url, Some(stage.upstream.key()), &["slow-writer"]).await;
        till::sell(&stage.hub).await;
        till::grant(&stage.hub, "5").await;
        let chosen = stage.hub.provider("google", "chosen").at(&url).models(["slow-writer"]);
        let chosen = chosen.flags(&["--disconnect", "cancel"]);
        chosen.credential(stage.upstream.key()).add().await;
        wires::price(&stage, "goo/slow-writer", "1", "2").await;
        wires::price(&stage, "chosen/slow-writer", "1", "2").await;
        stage.hub.serve().await;
        let leave = async |model: &str| {
            let ask = wires::streamed(saying(model, "write 20 words"));
            let mut answer = stage.chat(&ask).send().await.unwrap();
            let id = call_id(&answer);
            let mut text = String::new();
            while !text.contains("word2 ") {
                text += &String::from_utf8_lossy(&answer.chunk().await.unwrap().unwrap());
            }
            id
        };
        let id = leave("goo/slow-writer").await;
        let row = stage.row_in_state(&id, "succeeded").await;
        assert_eq!(
            (&row["usage_source"], &row["usage"]["output_text"]),
            (&json!("provider"), &json!(20)),
            "{row}"
        );
        // Its thoughts are words that it has written.
        let of = |name: &str| row["usage"][name].as_i64().unwrap();
        let exact = of("input_uncached") * 1_000 + (20 + of("output_reasoning")) * 2_000;
        assert_eq!(till::nano(&row["charge"]), exact, "{row}");
        let id = leave("chosen/slow-writer").await;
        let row = stage.row_in_state(&id, "cancelled").await;
        assert_eq!(row["usage_source"], "mixed", "{row}");
        assert!(row["usage"]["output_text"].as_u64().unwrap() < 20, "{row}");
        till::audit(&stage.hub).await;
    })
    .await;
}

/// A picture is a thousand tokens where nobody counts it, whether it comes whole, in a stream, or in one that breaks off after it;
/// and it makes a count believable that is beyond the limit of the answer.
#[tokio::test]
async fn pictures_within_a_chat_cost_the_same_streamed_or_whole() {
    on_both(async |kind| {
        let mut stage = Stage::prepare(kind).await;
        let url = stage.upstream.google_url();
        wires::add(&stage, "google", &url, Some(stage.upstream.key()), &[DRAWING]).await;
        till::sell(&stage.hub).await;
        till::grant(&stage.hub, "5").await;
        let model = format!("goo/{DRAWING}");
        wires::price(&stage, &model, "1", "2").await;
        stage.hub.serve().await;
        let ask = with(
            saying(&model, "A small red square"),
            json!({"modalities": ["text", "image"]}),
        );
        let row = async |ask: &Value, state: &str| {
            let answer = stage.chat(ask).send().await.unwrap();
            let id = call_id(&answer);
            answer.text().await.unwrap();
            stage.row_in_state(&id, state).await
        };
        let limited = with(ask.clone(), json!({"max_tokens": 1_000}));
        for ask in [&limited, &wires::streamed(limited.clone())] {
            let row = row(ask, "succeeded").await;
            assert_eq!(row["usage_source"], "provider", "{row}");
            assert_eq!(row["usage"]["output_image"], 1_290, "{row}");
        }
        let stream = wires::streamed(ask.clone());
        stage.upstream.add_rule(Rule::new(Fault::UsageMissing));
        let (whole, told) = (row(&ask, "succeeded").await, row(&stream, "succeeded").await);
        stage.upstream.clear_faults();
        stage.upstream.add_rule(Rule::new(Fault::CutMid));
        let cut = row(&stream, "failed").await;
        for row in [&whole, &told, &cut] {
            assert_eq!(row["usage_source"], "estimated", "{row}");
            // The picture, and "Here.".
            assert_eq!(row["usage"]["output_text"], 1_001, "{row}");
            assert_eq!(row["charge"], whole["charge"], "{row}");
        }
        till::audit(&stage.hub).await;
    })
    .await;
}

/// An OpenAI client keeps of a call its id, its name and its arguments.
#[tokio::test]
async fn tools_in_parallel_and_their_signatures_the_next_turn() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let ask = with(
            saying(THIRD, "How is it?"),
            json!({"tools": tools(), "parallel_tool_calls": true}),
        );
        let (_, whole) = stage.chat(&ask).json().await.unwrap();
        assert_eq!(whole["choices"][0]["finish_reason"], "tool_calls", "{whole}");
        let (said, _) = wires::heard(&stage, ask.clone()).await;
        assert_eq!(said.calls.len(), 2);
        let calls = whole["choices"][0]["message"]["tool_calls"].as_array().unwrap();
        let kept: Vec<Value> = calls
            .iter()
            .map(|call| json!({"id": call["id"], "type": "function", "function": call["function"]}))
            .collect();
        assert_eq!(kept[1]["function"]["name"], "get_time");
        let next = wires::results(&ask, &kept);
        let (status, answer) = stage.chat(&next).json().await.unwrap();
        assert_eq!(status, 200, "{answer}");
        assert_eq!(
            answer["choices"][0]["message"]["content"],
            "The tools said: 21 degrees; noon"
        );
        let body = sent(&stage).pop().unwrap();
        let parts = body["contents"][1]["parts"].as_array().unwrap();
        assert_ne!(parts[0]["thoughtSignature"], "skip_thought_signature_validator");
        assert!(
            parts[0]["functionCall"]["id"]
                .as_str()
                .unwrap()
                .starts_with("fc0_resp-fake")
        );
        assert_eq!(
            body["contents"][2]["parts"][1]["functionResponse"]["id"],
            parts[1]["functionCall"]["id"]
        );
    })
    .await;
}

#[tokio::test]
async fn anthropics_clients_think_call_tools_and_go_on() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let ask = wires::thinking(THIRD);
        let (status, answer) = anthropic(&stage, &ask).json().await.unwrap();
        assert_eq!(status, 200, "{answer}");
        assert_eq!(answer["stop_reason"], "tool_use");
        let first = &answer["content"][0];
        assert_eq!(
            (&first["type"], &first["thinking"]),
            (&json!("thinking"), &json!("**Considering** the words."))
        );
        let next = wires::result(&ask, &answer);
        let call = next["messages"][1]["content"].as_array().unwrap().last().unwrap();
        assert_eq!(call["input"], json!({"city": "Zürich 東京"}));
        let (status, answer) = anthropic(&stage, &next).json().await.unwrap();
        assert_eq!(status, 200, "{answer}");
        assert_eq!(wires::text(&answer), "The tools said: 21 degrees");
        // 16 tokens of thoughts at the least effort and 5 words.
        assert_eq!(answer["usage"]["output_tokens"], 21);
        let body = sent(&stage).pop().unwrap();
        assert_eq!(body["systemInstruction"]["parts"][0]["text"], "Be brief.");
        assert_eq!(
            body["generationConfig"]["thinkingConfig"],
            json!({"thinkingBudget": 1024, "includeThoughts": true})
        );
    })
    .await;
}

#[tokio::test]
async fn schemas_pictures_and_what_cannot_be_said() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let format =
            json!({"type": "json_schema", "json_schema": {"name": "place", "strict": true, "schema": schema()}});
        let ask = with(
            saying(FLASH, "Where?"),
            json!({"response_format": format, "logit_bias": {"5": 1}, "user": "u"}),
        );
        let answer = stage.chat(&ask).send().await.unwrap();
        assert_eq!(answer.header("x-aigne-dropped"), Some("logit_bias, user"));
        let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(
            body["choices"][0]["message"]["content"], "{\"city\":\"Zürich 東京\"}",
            "{body}"
        );

        let picture = |url: &str| json!({"type": "image_url", "image_url": {"url": url}});
        let content = json!([
            {"type": "text", "text": "See"},
            picture("data:image/png;base64,iVBORw0KGgo="),
            picture("https://example.com/cat.jpg"),
        ]);
        let ask = json!({"model": FLASH, "messages": [{"role": "user", "content": content}]});
        let answer = stage.chat(&ask).send().await.unwrap();
        let id = call_id(&answer);
        let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(
            body["choices"][0]["message"]["content"], "You said: See I see 2 images.",
            "{body}"
        );
        assert_eq!(stage.row(&id).await["usage"]["input_image"], 170);
        let parts = sent(&stage).pop().unwrap()["contents"][0]["parts"].take();
        assert_eq!(
            parts[1],
            json!({"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}})
        );
        assert_eq!(parts[2]["fileData"]["fileUri"], "https://example.com/cat.jpg");

        let (status, answer) = stage
            .chat(&with(saying(FLASH, "Hi"), json!({"stop": ["a", "b", "c", "d"]})))
            .json()
            .await
            .unwrap();
        assert_eq!(status, 200, "{answer}");
        let (status, answer) = stage
            .chat(&with(saying(FLASH, "Hi"), json!({"n": 2})))
            .json()
            .await
            .unwrap();
        assert_eq!(
            (status.as_u16(), &answer["error"]["param"]),
            (400, &json!("n")),
            "{answer}"
        );
    })
    .await;
}

#[tokio::test]
async fn embeddings_as_numbers_and_as_base64() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let ask = json!({"model": "goo/gemini-embedding-001", "input": ["a b", "c"], "dimensions": 8});
        let embed = |body: &Value| stage.post("/v1/embeddings", body);
        let answer = embed(&ask).send().await.unwrap();
        let id = call_id(&answer);
        let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(body["data"][1]["embedding"].as_array().unwrap().len(), 8, "{body}");
        assert_eq!(body["usage"]["prompt_tokens"], 3);
        assert_eq!(counted(&stage.row(&id).await), json!({"input_uncached": 3}));
        let (_, packed) = embed(&with(ask, json!({"encoding_format": "base64"})))
            .json()
            .await
            .unwrap();
        assert_eq!(packed["data"][1]["embedding"].as_str().unwrap().len(), 44, "{packed}");
        let (status, refused) = embed(&json!({"model": "goo/gemini-embedding-001", "input": [[1, 2]]}))
            .json()
            .await
            .unwrap();
        assert_eq!(
            (status.as_u16(), &refused["error"]["param"]),
            (400, &json!("input")),
            "{refused}"
        );
        sent(&stage);
    })
    .await;
}

#[tokio::test]
async fn failures_before_the_first_byte() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let cases = [
            (Fault::RateLimited, 429, "provider_rate_limited"),
            (Fault::Overloaded, 503, "provider_overloaded"),
            (Fault::ServerError, 502, "provider_failed"),
            (Fault::WrongType, 502, "provider_answer_unreadable"),
            (Fault::CutBefore, 502, "provider_disconnected"),
            (Fault::QuoteRefused, 400, "INVALID_ARGUMENT"),
            (Fault::EchoCredential, 502, "provider_credential_rejected"),
        ];
        wires::fails_before(&stage, FLASH, Some("2"), &cases).await;
    })
    .await;
}

#[tokio::test]
async fn failures_in_the_middle_end_with_an_error() {
    on_both(async |kind| {
        use Fault::*;
        let stage = stage(kind).await;
        let broken = [CutMid, ResetMid, EndsEarly, MalformedFrame, ErrorFrame, QuoteFrame];
        wires::fails_within(&stage, "goo", &broken).await;
        let odd = [
            Drip,
            CrLf,
            Cr,
            Comments,
            OddFields,
            MultiLine,
            NoFinalBlank,
            UsageDoubled,
        ];
        let usage = json!({"input_uncached": 7, "output_text": 5, "output_reasoning": 64});
        wires::odd_but_right(&stage, "goo", &odd, &usage).await;
        wires::odd_and_estimated(&stage, "goo", &[UsageMissing, UsageNonsense]).await;
    })
    .await;
}

//! Clients of other dialects before Ollama: what it is sent, what the client gets, what is counted and charged. The fake
//! Ollama refuses whatever Ollama refuses.

use serde_json::{Value, json};
use tests::hub::Kind;
use tests::stage::{Stage, call_id, on_both, with};
use tests::till;
use tests::upstream::Fault;

use super::wires::{self, anthropic, counted, saying, schema, sent, tools};

const PLAIN: &str = "oll/llama3.2";
const THINKER: &str = "oll/qwen3";
const SEER: &str = "oll/llama3.2-vision";
const MODELS: [&str; 7] = [
    "llama3.2",
    "devstral",
    "llama3.2-vision",
    "qwen3",
    "all-minilm",
    "remembers",
    "nope",
];

/// A stage with a provider `oll` that is Ollama, without a credential.
async fn stage(kind: Kind) -> Stage {
    let mut stage = prepared(kind).await;
    stage.hub.serve().await;
    stage
}

/// The same, not running yet.
async fn prepared(kind: Kind) -> Stage {
    let stage = Stage::prepare(kind).await;
    let url = stage.upstream.ollama_url();
    wires::add(&stage, "ollama", &url, None, &MODELS).await;
    stage
}

#[tokio::test]
async fn a_chat_is_answered_counted_and_charged() {
    on_both(async |kind| {
        let mut stage = prepared(kind).await;
        till::sell(&stage.hub).await;
        till::grant(&stage.hub, "5").await;
        wires::price(&stage, PLAIN, "1", "2").await;
        stage.hub.serve().await;
        let answer = stage.chat(&saying(PLAIN, "Hello out there")).send().await.unwrap();
        let id = call_id(&answer);
        let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(
            body["choices"][0]["message"]["content"], "You said: Hello out there",
            "{body}"
        );
        let row = stage.row(&id).await;
        assert_eq!(counted(&row), json!({"input_uncached": 7, "output_text": 5}));
        assert_eq!(till::nano(&row["charge"]), 7_000 + 5 * 2_000);
        let (said, _) = wires::heard(&stage, saying(PLAIN, "Hello out there")).await;
        assert_eq!(said.text, "You said: Hello out there");
        assert_eq!(till::charged(&stage.hub).await, 2 * (7_000 + 5 * 2_000));
        till::audit(&stage.hub).await;
        let record = stage.upstream.requests().pop().unwrap();
        assert_eq!(
            (record.path.as_str(), record.header("authorization")),
            ("/api/chat", None)
        );
        assert_eq!(sent(&stage).pop().unwrap()["stream"], true);
    })
    .await;
}

#[tokio::test]
async fn tools_in_parallel_and_the_next_turn() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let ask = with(saying(PLAIN, "How is it?"), json!({"tools": tools()}));
        let (said, _) = wires::heard(&stage, ask.clone()).await;
        assert_eq!((said.calls.len(), said.finish.as_deref()), (2, Some("tool_calls")));
        let kept: Vec<Value> = said
            .calls
            .iter()
            .map(|call| json!({"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}))
            .collect();
        let next = wires::results(&ask, &kept);
        let (status, answer) = stage.chat(&next).json().await.unwrap();
        assert_eq!(status, 200, "{answer}");
        assert_eq!(
            answer["choices"][0]["message"]["content"],
            "The tools said: 21 degrees; noon"
        );
        let body = sent(&stage).pop().unwrap();
        assert_eq!(
            body["messages"][1]["tool_calls"][0]["function"]["arguments"],
            json!({"city": "Zürich 東京"})
        );
        assert_eq!(body["messages"][3]["tool_name"], "get_time");
    })
    .await;
}

#[tokio::test]
async fn anthropics_clients_think_and_call_tools() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let ask = wires::thinking(THINKER);
        let answer = anthropic(&stage, &ask).send().await.unwrap();
        assert_eq!(answer.header("x-aigne-dropped"), Some("thinking.budget_tokens"));
        let answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(answer["stop_reason"], "tool_use", "{answer}");
        assert_eq!(answer["content"][0]["thinking"], "Considering the words.");
        let next = wires::result(&ask, &answer);
        let (status, answer) = anthropic(&stage, &next).json().await.unwrap();
        assert_eq!(status, 200, "{answer}");
        assert_eq!(wires::text(&answer), "The tools said: 21 degrees");
        let body = sent(&stage).pop().unwrap();
        assert_eq!(body["messages"][2]["thinking"], "Considering the words.");
        assert_eq!(body["think"], true);
    })
    .await;
}

#[tokio::test]
async fn schemas_pictures_embeddings_and_what_cannot_be_said() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let format =
            json!({"type": "json_schema", "json_schema": {"name": "place", "strict": true, "schema": schema()}});
        let ask = with(
            saying(PLAIN, "Where?"),
            json!({"response_format": format, "logit_bias": {"5": 1}}),
        );
        let answer = stage.chat(&ask).send().await.unwrap();
        assert_eq!(answer.header("x-aigne-dropped"), Some("logit_bias"));
        let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(
            body["choices"][0]["message"]["content"], "{\"city\":\"Zürich 東京\"}",
            "{body}"
        );

        let picture = |url: &str| json!({"type": "image_url", "image_url": {"url": url}});
        let content = json!([{"type": "text", "text": "See"}, picture("data:image/png;base64,iVBORw0KGgo=")]);
        let ask = json!({"model": SEER, "messages": [{"role": "user", "content": content}]});
        let (_, body) = stage.chat(&ask).json().await.unwrap();
        assert_eq!(
            body["choices"][0]["message"]["content"], "You said: See I see 1 image.",
            "{body}"
        );
        assert_eq!(
            sent(&stage).pop().unwrap()["messages"][0]["images"],
            json!(["iVBORw0KGgo="])
        );

        let ask = json!({"model": "oll/all-minilm", "input": ["a b", "c"], "dimensions": 8});
        let answer = stage.post("/v1/embeddings", &ask).send().await.unwrap();
        let id = call_id(&answer);
        let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(body["data"][1]["embedding"].as_array().unwrap().len(), 8, "{body}");
        assert_eq!(counted(&stage.row(&id).await), json!({"input_uncached": 3}));

        // A prompt that is still in the model's memory is not counted.
        let answer = stage
            .chat(&saying("oll/remembers", "Hello out there"))
            .send()
            .await
            .unwrap();
        let id = call_id(&answer);
        answer.text().await.unwrap();
        assert_eq!(counted(&stage.row(&id).await), json!({"output_text": 5}));
    })
    .await;
}

/// The provider answers 400 to who asks a model to think that cannot.
#[tokio::test]
async fn a_model_that_does_not_think_is_not_told_to() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let ask = with(saying(PLAIN, "Hi"), json!({"reasoning_effort": "high"}));
        let answer = stage.chat(&ask).send().await.unwrap();
        assert_eq!(answer.header("x-aigne-dropped"), Some("reasoning"));
        let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(body["choices"][0]["message"]["content"], "You said: Hi", "{body}");
        assert!(sent(&stage).pop().unwrap().get("think").is_none());
        // Who wants no thoughts misses nothing.
        let ask = with(saying(PLAIN, "Hi"), json!({"reasoning_effort": "none"}));
        let answer = stage.chat(&ask).send().await.unwrap();
        assert_eq!((answer.status.as_u16(), answer.header("x-aigne-dropped")), (200, None));
        assert_eq!(stage.upstream.violations(), [""; 0]);
    })
    .await;
}

/// Claude Code asks every model to think. No row knows this one, and Ollama would answer 400 to each of its requests.
#[tokio::test]
async fn a_model_that_nobody_knows_is_not_told_to_think() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let answer = anthropic(&stage, &wires::thinking("oll/devstral"))
            .send()
            .await
            .unwrap();
        assert_eq!(
            (answer.status.as_u16(), answer.header("x-aigne-dropped")),
            (200, Some("reasoning"))
        );
        answer.text().await.unwrap();
        assert!(sent(&stage).pop().unwrap().get("think").is_none());
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
            (Fault::Unauthorized, 502, "provider_credential_rejected"),
            (Fault::QuoteRefused, 400, "provider_refused_request"),
        ];
        wires::fails_before(&stage, PLAIN, None, &cases).await;
        let (status, body) = stage.chat(&saying("oll/nope", "Hi")).json().await.unwrap();
        assert_eq!(
            (status.as_u16(), &body["error"]["code"]),
            (404, &json!("model_not_found")),
            "{body}"
        );
    })
    .await;
}

#[tokio::test]
async fn failures_in_the_middle_end_with_an_error() {
    on_both(async |kind| {
        use Fault::*;
        let stage = stage(kind).await;
        let broken = [
            CutMid,
            ResetMid,
            EndsEarly,
            MalformedFrame,
            ErrorFrame,
            QuoteFrame,
            NoDone,
        ];
        wires::fails_within(&stage, "oll", &broken).await;
        let odd = [Drip, CrLf, Comments, NoFinalBlank, UsageDoubled];
        wires::odd_but_right(&stage, "oll", &odd, &json!({"input_uncached": 7, "output_text": 69})).await;
        wires::odd_and_estimated(&stage, "oll", &[UsageMissing, UsageNonsense, UsageEarly]).await;
    })
    .await;
}

/// Ollama fetches nothing: what lies at an address is fetched by the hub, and only where the operator lets it.
#[tokio::test]
async fn a_picture_at_an_address_is_fetched() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    on_both(async |kind| {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/cat.gif", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read(&mut [0; 4096]).await.unwrap();
                let answer = "HTTP/1.1 200 OK\r\ncontent-type: image/gif\r\ncontent-length: 16\r\nconnection: close\r\n\r\nGIF89a and so on";
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        let ask = json!({"model": SEER, "messages": [{"role": "user", "content": [
            {"type": "text", "text": "What?"}, {"type": "image_url", "image_url": {"url": url}}]}]});
        let mut stage = prepared(kind).await;
        stage.hub.serve().await;
        let refused = stage.chat(&ask).send().await.unwrap();
        assert_eq!(refused.status, 400);
        assert!(refused.text().await.unwrap().contains("file_not_fetched"));
        assert!(stage.upstream.requests().iter().all(|record| record.path != "/api/chat"));

        stage.hub.set("HUB_FETCH_ALLOW", "127.0.0.0/8");
        stage.hub.kill_and_restart().await;
        let answer = stage.chat(&ask).send().await.unwrap();
        assert_eq!(answer.status, 200);
        let asked = sent(&stage).pop().unwrap();
        assert_eq!(asked["messages"][0]["images"], json!(["R0lGODlhIGFuZCBzbyBvbg=="]), "{asked}");
        assert!(!stage.hub.log().contains("cat.gif"), "no address is logged");
        serving.abort();
    })
    .await;
}

//! The Gemini interface of the fake: what it refuses, what it answers, how it breaks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::{Value, json};
use tests::client::{Call, events};
use tests::upstream::{DEFAULT_KEY, Fault, Upstream};

use super::with;

fn ask(upstream: &Upstream, model: &str, method: &str, body: &Value) -> Call {
    Call::post(upstream.address(), &format!("/v1beta/models/{model}:{method}"), body)
        .header("x-goog-api-key", DEFAULT_KEY)
}

fn generate(upstream: &Upstream, model: &str, body: &Value) -> Call {
    ask(upstream, model, "generateContent", body)
}

fn hello() -> Value {
    json!({"contents": [{"role": "user", "parts": [{"text": "Hello out there"}]}]})
}

fn tools() -> Value {
    let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": false});
    let one = |name: &str| json!({"name": name, "description": "d", "parametersJsonSchema": schema});
    json!([{"functionDeclarations": [one("get_weather"), one("get_time")]}])
}

/// The data of a stream's events.
async fn streamed(upstream: &Upstream, model: &str, body: &Value) -> Vec<Value> {
    let answer = ask(upstream, model, "streamGenerateContent?alt=sse", body)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "text/event-stream");
    events(&answer.text().await.unwrap()).unwrap()
}

async fn refused(upstream: &Upstream, call: Call, status: u16, word: &str, message: &str) {
    let (got, answer) = call.json().await.unwrap();
    let error = &answer["error"];
    assert_eq!((got.as_u16(), &error["status"]), (status, &json!(word)), "{answer}");
    assert_eq!(error["code"], status, "{answer}");
    assert!(error["message"].as_str().unwrap().contains(message), "{answer}");
    assert!(upstream.violations().is_empty());
}

#[tokio::test]
async fn credentials_and_addresses() {
    let upstream = Upstream::start().await.unwrap();
    let good = || generate(&upstream, "gemini-2.5-flash", &hello());
    assert_eq!(good().json().await.unwrap().0, 200);
    refused(
        &upstream,
        good().without("x-goog-api-key"),
        403,
        "PERMISSION_DENIED",
        "unregistered callers",
    )
    .await;
    refused(
        &upstream,
        good().header("x-goog-api-key", "wrong"),
        400,
        "INVALID_ARGUMENT",
        "API key not valid",
    )
    .await;
    refused(&upstream, good().bearer(DEFAULT_KEY), 401, "UNAUTHENTICATED", "OAuth 2").await;
    let (_, answer) = good().header("x-goog-api-key", "wrong").json().await.unwrap();
    assert_eq!(answer["error"]["details"][0]["reason"], "API_KEY_INVALID");
    for model in ["gemini-nope", "gemini-embedding-001"] {
        refused(
            &upstream,
            generate(&upstream, model, &hello()),
            404,
            "NOT_FOUND",
            "is not found",
        )
        .await;
    }
    refused(
        &upstream,
        ask(&upstream, "gemini-2.5-flash", "write", &hello()),
        404,
        "NOT_FOUND",
        "URL",
    )
    .await;
    let get = Call::new(
        upstream.address(),
        Method::GET,
        "/v1beta/models/gemini-2.5-flash:generateContent",
    );
    refused(
        &upstream,
        get.header("x-goog-api-key", DEFAULT_KEY),
        404,
        "NOT_FOUND",
        "URL",
    )
    .await;
    refused(
        &upstream,
        good().body("{\"contents\":"),
        400,
        "INVALID_ARGUMENT",
        "Invalid JSON payload",
    )
    .await;
    let list = Call::get(upstream.address(), "/v1beta/models").header("x-goog-api-key", DEFAULT_KEY);
    let (_, list) = list.json().await.unwrap();
    assert!(
        list["models"]
            .as_array()
            .unwrap()
            .iter()
            .any(|model| model["name"] == "models/gemini-2.5-flash")
    );
}

#[tokio::test]
async fn requests_that_google_refuses() {
    let upstream = Upstream::start().await.unwrap();
    let contents = |contents: Value| json!({ "contents": contents });
    let said = |parts: Value| json!({"contents": [{"role": "user", "parts": parts}]});
    let more = |more: Value| with(hello(), more);
    let config = |config: Value| with(hello(), json!({ "generationConfig": config }));
    let declare = |declaration: Value| more(json!({"tools": [{"functionDeclarations": [declaration]}]}));
    let call = json!({"functionCall": {"name": "f", "args": {}}});
    let result = json!({"functionResponse": {"name": "f", "response": {"output": "x"}}});
    let user = json!({"role": "user", "parts": [{"text": "Hi"}]});
    let model = |parts: Value| json!({"role": "model", "parts": parts});
    let results = |parts: Value| json!({"role": "user", "parts": parts});
    for (body, message) in [
        (json!({}), "contents is not specified"),
        (contents(json!([])), "contents is not specified"),
        (more(json!({"max_tokens": 5})), "Unknown name \"max_tokens\""),
        (
            contents(json!([{"role": "assistant", "parts": [{"text": "a"}]}])),
            "valid role: user, model",
        ),
        (contents(json!([{"role": "user", "parts": []}])), "must not be empty"),
        (said(json!([{}])), "oneof field 'data'"),
        (
            said(json!([{"text": "a", "inlineData": {"mimeType": "image/png", "data": "AAAA"}}])),
            "oneof field 'data'",
        ),
        (said(json!([{"text": "a", "type": "text"}])), "Unknown name \"type\""),
        (
            said(json!([{"inlineData": {"mimeType": "image/tiff", "data": "AAAA"}}])),
            "Unsupported MIME type",
        ),
        (
            said(json!([{"inlineData": {"mimeType": "image/png", "data": "data:image/png;base64,AAAA"}}])),
            "Base64",
        ),
        (
            said(json!([{"fileData": {"fileUri": "http://example.com/a.png"}}])),
            "unsupported file uri",
        ),
        (
            said(json!([{"text": "a", "thoughtSignature": "c2ln"}])),
            "signature is not valid",
        ),
        (
            contents(json!([user, model(json!([call])), user])),
            "number of function response parts",
        ),
        (
            contents(json!([user, model(json!([call, call])), results(json!([result]))])),
            "number of function response parts",
        ),
        (
            contents(json!([user, results(json!([result]))])),
            "number of function response parts",
        ),
        (
            contents(json!([model(json!([call])), results(json!([result]))])),
            "function call turn comes immediately",
        ),
        (
            contents(json!([
                user,
                model(json!([{"functionCall": {"name": "f", "args": "{}"}}]))
            ])),
            "not a message",
        ),
        (
            contents(json!([
                user,
                model(json!([call])),
                results(json!([{"functionResponse": {"response": {"output": "x"}}}]))
            ])),
            "Name cannot be empty",
        ),
        (declare(json!({"name": "1st"})), "Invalid function name"),
        (
            declare(json!({"name": "f", "parameters": {"type": "object", "additionalProperties": false}})),
            "Unknown name \"additionalProperties\"",
        ),
        (
            declare(
                json!({"name": "f", "parameters": {"type": "object", "properties": {"a": {"type": ["string", "null"]}}}}),
            ),
            "cannot start list",
        ),
        (
            declare(json!({"name": "f", "parameters": {}, "parametersJsonSchema": {}})),
            "mutually exclusive",
        ),
        (
            declare(json!({"name": "f", "parametersJsonSchema": {"type": "string"}})),
            "type OBJECT",
        ),
        (
            declare(
                json!({"name": "f", "parametersJsonSchema": {"type": "object", "properties": {"a": {"$ref": "#/$defs/b"}}}}),
            ),
            "invalid $ref",
        ),
        (
            more(
                json!({"tools": tools(), "toolConfig": {"functionCallingConfig": {"mode": "AUTO", "allowedFunctionNames": ["get_time"]}}}),
            ),
            "mode is ANY",
        ),
        (
            more(
                json!({"tools": tools(), "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["nope"]}}}),
            ),
            "is not one of the function declarations",
        ),
        (config(json!({"maxTokens": 5})), "Unknown name \"maxTokens\""),
        (
            config(json!({"stopSequences": ["a", "b", "c", "d", "e", "f"]})),
            "must not exceed 5",
        ),
        (config(json!({"temperature": 2.5})), "temperature must be in the range"),
        (config(json!({"seed": 4_294_967_296_u64})), "TYPE_INT32"),
        (config(json!({"candidateCount": 2})), "TYPE_INT32"),
        (
            config(json!({"responseJsonSchema": {"type": "object"}})),
            "must be application/json",
        ),
        (
            config(json!({"thinkingConfig": {"thinkingLevel": "LOW"}})),
            "level is not supported",
        ),
        (
            config(json!({"thinkingConfig": {"thinkingLevel": "LOW", "thinkingBudget": 5}})),
            "only set only one",
        ),
    ] {
        refused(
            &upstream,
            generate(&upstream, "gemini-2.5-flash", &body),
            400,
            "INVALID_ARGUMENT",
            message,
        )
        .await;
    }
    for (model, thinking, message) in [
        ("gemini-2.5-pro", json!({"thinkingBudget": 0}), "Budget 0 is invalid"),
        (
            "gemini-3-pro-preview",
            json!({"thinkingLevel": "MINIMAL"}),
            "MINIMAL is not supported",
        ),
        (
            "gemini-2.0-flash",
            json!({"thinkingBudget": 5}),
            "Thinking is not enabled",
        ),
    ] {
        let call = generate(&upstream, model, &config(json!({ "thinkingConfig": thinking })));
        refused(&upstream, call, 400, "INVALID_ARGUMENT", message).await;
    }
    let unsigned = contents(json!([user, model(json!([call])), results(json!([result]))]));
    assert_eq!(
        generate(&upstream, "gemini-2.5-flash", &unsigned)
            .json()
            .await
            .unwrap()
            .0,
        200
    );
    let call = generate(&upstream, "gemini-3-pro-preview", &unsigned);
    refused(&upstream, call, 400, "INVALID_ARGUMENT", "missing a thought_signature").await;
}

#[tokio::test]
async fn penalties_and_json_beside_functions_by_the_model() {
    let upstream = Upstream::start().await.unwrap();
    let penal = with(hello(), json!({"generationConfig": {"presencePenalty": 0.5}}));
    let usual = with(hello(), json!({"generationConfig": {"presencePenalty": 0.0}}));
    let both = with(
        hello(),
        json!({"tools": tools(), "generationConfig": {"responseMimeType": "application/json"}}),
    );
    for (model, body, message) in [
        (
            "gemini-2.5-flash",
            &penal,
            "Penalty is not enabled for models/gemini-2.5-flash",
        ),
        (
            "gemini-3-pro-preview",
            &penal,
            "Penalty is not enabled for models/gemini-3-pro-preview",
        ),
        (
            "gemini-2.5-flash",
            &both,
            "Function calling with a response mime type: 'application/json' is unsupported",
        ),
        ("gemini-2.0-flash", &both, "is unsupported"),
    ] {
        refused(
            &upstream,
            generate(&upstream, model, body),
            400,
            "INVALID_ARGUMENT",
            message,
        )
        .await;
    }
    for (model, body) in [
        ("gemini-2.0-flash", &penal),
        ("gemini-2.5-flash", &usual),
        ("gemini-3-pro-preview", &both),
    ] {
        let (status, answer) = generate(&upstream, model, body).json().await.unwrap();
        assert_eq!(status, 200, "{model}: {answer}");
    }
}

#[tokio::test]
async fn embeddings() {
    let upstream = Upstream::start().await.unwrap();
    let embed = |body: Value| ask(&upstream, "gemini-embedding-001", "batchEmbedContents", &body);
    let one = |text: &str| json!({"model": "models/gemini-embedding-001", "content": {"parts": [{"text": text}]}, "outputDimensionality": 8});
    let (status, answer) = embed(json!({"requests": [one("a b"), one("c")]})).json().await.unwrap();
    assert_eq!(status, 200);
    assert_eq!(answer["embeddings"][1]["values"].as_array().unwrap().len(), 8);
    assert_eq!(answer["usageMetadata"]["promptTokenCount"], 3);
    for (body, message) in [
        (json!({}), "requests is not specified"),
        (json!({"requests": vec![one("a"); 101]}), "at most 100"),
        (
            json!({"requests": [with(one("a"), json!({"model": "gemini-embedding-001"}))]}),
            "that of the batch",
        ),
        (
            json!({"requests": [with(one("a"), json!({"outputDimensionality": 0}))]}),
            "output_dimensionality",
        ),
        (json!({"requests": [one("")]}), "content is empty"),
        (json!({"requests": [one("a")], "input": "a"}), "Unknown name \"input\""),
    ] {
        refused(&upstream, embed(body), 400, "INVALID_ARGUMENT", message).await;
    }
}

fn text(frames: &[Value]) -> String {
    let parts = frames
        .iter()
        .filter_map(|frame| frame["candidates"][0]["content"]["parts"].as_array());
    parts.flatten().filter_map(|part| part["text"].as_str()).collect()
}

#[tokio::test]
async fn a_stream_says_the_same_as_a_whole_answer_with_counters_in_each_piece() {
    let upstream = Upstream::start().await.unwrap();
    let (_, whole) = generate(&upstream, "gemini-2.5-flash", &hello()).json().await.unwrap();
    let frames = streamed(&upstream, "gemini-2.5-flash", &hello()).await;
    assert_eq!(text(std::slice::from_ref(&whole)), "You said: Hello out there");
    assert_eq!(text(&frames), "You said: Hello out there");
    let last = frames.last().unwrap();
    assert_eq!(last["candidates"][0]["finishReason"], "STOP");
    assert_eq!(last["usageMetadata"], whole["usageMetadata"]);
    let usage = &whole["usageMetadata"];
    assert_eq!(
        (
            &usage["promptTokenCount"],
            &usage["candidatesTokenCount"],
            &usage["thoughtsTokenCount"],
            &usage["totalTokenCount"]
        ),
        (&json!(7), &json!(5), &json!(64), &json!(76))
    );
    let said: Vec<_> = frames
        .iter()
        .map(|frame| frame["usageMetadata"]["candidatesTokenCount"].as_u64())
        .collect();
    assert_eq!(said, [1, 2, 3, 4, 5, 5].map(Some));
    // Without alt=sse the body is one list.
    let list = ask(&upstream, "gemini-2.5-flash", "streamGenerateContent", &hello())
        .json()
        .await
        .unwrap()
        .1;
    assert_eq!(text(list.as_array().unwrap()), "You said: Hello out there");
}

#[tokio::test]
async fn calls_come_whole_and_signed_and_their_results_are_repeated() {
    let upstream = Upstream::start().await.unwrap();
    let body = with(hello(), json!({"tools": tools()}));
    let (_, answer) = generate(&upstream, "gemini-3-pro-preview", &body).json().await.unwrap();
    let turn = answer["candidates"][0]["content"].clone();
    let parts = turn["parts"].as_array().unwrap();
    assert_eq!(parts.len(), 2);
    assert_eq!(parts[0]["functionCall"]["args"], json!({"city": "Zürich 東京"}));
    assert!(parts[0]["thoughtSignature"].is_string() && parts[1]["thoughtSignature"].is_null());
    let frames = streamed(&upstream, "gemini-3-pro-preview", &body).await;
    assert_eq!(
        frames[0]["candidates"][0]["content"]["parts"][0]["functionCall"]["name"],
        "get_weather"
    );

    let result = |name: &str, text: &str| json!({"functionResponse": {"name": name, "response": {"output": text}}});
    let contents = json!([
        hello()["contents"][0],
        turn,
        {"role": "user", "parts": [result("get_weather", "21 degrees"), result("get_time", "noon")]},
    ]);
    let body = json!({"contents": contents, "tools": tools()});
    let (status, answer) = generate(&upstream, "gemini-3-pro-preview", &body).json().await.unwrap();
    assert_eq!(status, 200, "{answer}");
    assert_eq!(text(&[answer]), "The tools said: 21 degrees; noon");

    let named = json!({"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["get_time"]}});
    let body = with(hello(), json!({"tools": tools(), "toolConfig": named}));
    let (_, answer) = generate(&upstream, "gemini-2.5-flash", &body).json().await.unwrap();
    let parts = answer["candidates"][0]["content"]["parts"].as_array().unwrap();
    assert_eq!(
        (parts.len(), &parts[0]["functionCall"]["name"]),
        (1, &json!("get_time"))
    );
    assert!(parts[0]["functionCall"]["id"].is_null() && parts[0]["thoughtSignature"].is_null());
}

#[tokio::test]
async fn json_pictures_thoughts_and_limits() {
    let upstream = Upstream::start().await.unwrap();
    let ask = async |body: Value| generate(&upstream, "gemini-2.5-pro", &body).json().await.unwrap().1;
    let schema = json!({"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]});
    let config = json!({"responseMimeType": "application/json", "responseJsonSchema": schema});
    let answer = ask(with(hello(), json!({"generationConfig": config}))).await;
    assert_eq!(text(&[answer]), "{\"name\":\"Zürich 東京\"}");

    let png = STANDARD.encode("png");
    let body = json!({"contents": [{"parts": [{"text": "See"}, {"inlineData": {"mimeType": "image/png", "data": png}}, {"fileData": {"mimeType": "image/png", "fileUri": "https://example.com/a.png"}}]}]});
    let answer = ask(body).await;
    assert_eq!(text(std::slice::from_ref(&answer)), "You said: See I see 2 images.");
    assert_eq!(
        answer["usageMetadata"]["promptTokensDetails"][1],
        json!({"modality": "IMAGE", "tokenCount": 170})
    );

    let thinking = json!({"thinkingConfig": {"thinkingBudget": 1024, "includeThoughts": true}, "maxOutputTokens": 2});
    let answer = ask(with(hello(), json!({"generationConfig": thinking}))).await;
    let candidate = &answer["candidates"][0];
    assert_eq!(candidate["content"]["parts"][0]["thought"], true);
    assert_eq!(candidate["content"]["parts"][1]["text"], "You said: ");
    assert_eq!(candidate["finishReason"], "MAX_TOKENS");
    assert_eq!(answer["usageMetadata"]["thoughtsTokenCount"], 16);
}

#[tokio::test]
async fn faults_in_googles_words() {
    let upstream = Upstream::start().await.unwrap();
    for (fault, status, word) in [
        (Fault::RateLimited, 429, "RESOURCE_EXHAUSTED"),
        (Fault::RateLimitedBare, 429, "RESOURCE_EXHAUSTED"),
        (Fault::QuotaSpent, 429, "RESOURCE_EXHAUSTED"),
        (Fault::ServerError, 500, "INTERNAL"),
        (Fault::Overloaded, 503, "UNAVAILABLE"),
        (Fault::Unauthorized, 400, "INVALID_ARGUMENT"),
        (Fault::EchoCredential, 400, "INVALID_ARGUMENT"),
        (Fault::Forbidden, 403, "PERMISSION_DENIED"),
        (Fault::TooLarge, 400, "INVALID_ARGUMENT"),
        (Fault::QuoteRefused, 400, "INVALID_ARGUMENT"),
        (Fault::QuoteFailed, 500, "INTERNAL"),
    ] {
        let answer = generate(&upstream, &fault.model(), &hello()).send().await.unwrap();
        assert_eq!(answer.status.as_u16(), status, "{fault:?}");
        assert!(!answer.headers.contains_key("retry-after"));
        let text = answer.text().await.unwrap();
        assert_eq!(text.contains(DEFAULT_KEY), fault == Fault::EchoCredential, "{fault:?}");
        assert_eq!(text.contains("\"2s\""), fault == Fault::RateLimited, "{fault:?}");
        assert_eq!(
            text.contains("API_KEY_INVALID"),
            matches!(fault, Fault::Unauthorized | Fault::EchoCredential)
        );
        let quotes = matches!(fault, Fault::QuoteRefused | Fault::QuoteFailed);
        assert_eq!(text.contains("Hello out there"), quotes, "{fault:?}");
        let error: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(error["error"]["status"], word, "{fault:?}");
    }
    let raw = async |fault: Fault| {
        let call = ask(&upstream, &fault.model(), "streamGenerateContent?alt=sse", &hello());
        call.send().await.unwrap().text().await
    };
    assert!(raw(Fault::CutMid).await.is_err() && raw(Fault::ResetMid).await.is_err());
    let usages = async |fault: Fault| {
        let frames = streamed(&upstream, &fault.model(), &hello()).await;
        frames
            .into_iter()
            .map(|mut frame| frame["usageMetadata"].take())
            .collect::<Vec<_>>()
    };
    assert!(usages(Fault::UsageMissing).await.iter().all(Value::is_null));
    let early = usages(Fault::UsageEarly).await;
    assert!(early[0]["candidatesTokenCount"] == 5 && early[1..].iter().all(Value::is_null));
    let doubled = usages(Fault::UsageDoubled).await;
    assert_eq!(doubled[doubled.len() - 1], doubled[doubled.len() - 2]);
    assert_eq!(
        usages(Fault::UsageNonsense).await.last().unwrap()["promptTokenCount"],
        -5
    );
    let error = streamed(&upstream, "fault-error-frame", &hello()).await;
    assert_eq!(error.last().unwrap()["error"]["status"], "INTERNAL");
    assert!(
        raw(Fault::QuoteFrame)
            .await
            .unwrap()
            .contains("could not be handled: \\\"Hello out there")
    );
    let early = raw(Fault::EndsEarly).await.unwrap();
    assert!(!early.contains("finishReason") && early.ends_with("\r\n\r\n"));
    assert!(events(&raw(Fault::MalformedFrame).await.unwrap()).is_err());
    assert!(raw(Fault::HugeEvent).await.unwrap().len() > 8 << 20);
    assert!(!raw(Fault::Cr).await.unwrap().contains('\n'));
    assert!(!raw(Fault::NoFinalBlank).await.unwrap().ends_with("\n\n"));
    let drip = raw(Fault::Drip).await.unwrap();
    assert_eq!(text(&events(&drip).unwrap()), "You said: Hello out there");
}

//! Schemas of answers and of tools on their way to providers that take other ones: nothing that is asked for makes a provider refuse the
//! call, and nothing is lost in silence. What a wire does not enforce stands in a description, or is named in `x-aigne-dropped`.

#[path = "schemas/shapes.rs"]
mod shapes;

use serde_json::{Value, json};
use tests::hub::Kind;
use tests::stage::{Stage, on_both, with};

use super::wires;
use shapes::{SHAPES, Shape};

/// Models on every wire, by the hub's name for them.
const MODELS: [&str; 7] = [
    "fake/gpt-4o-mini",
    "ope/gpt-4o-mini",
    "ope/codex-gpt-4o-mini",
    "ant/claude-haiku-4-5",
    "goo/gemini-2.5-flash",
    "goo/gemini-3-pro-preview",
    "oll/llama3.2",
];
const DOORS: [&str; 5] = [
    "/v1/chat/completions",
    "/v1/responses",
    "/v1/messages",
    "/api/v2/chat",
    "/api/v2/completions",
];

async fn stage(kind: Kind) -> Stage {
    let mut stage = Stage::prepare(kind).await;
    let key = stage.upstream.key().to_owned();
    let (openai, ollama) = (stage.upstream.base_url(), stage.upstream.ollama_url());
    let google = stage.upstream.google_url();
    let (plain, gemini) = (
        ["gpt-4o-mini", "codex-gpt-4o-mini"],
        ["gemini-2.5-flash", "gemini-3-pro-preview"],
    );
    wires::add(&stage, "openai", &openai, Some(&key), &plain).await;
    wires::add(&stage, "anthropic", &openai, Some(&key), &["claude-haiku-4-5"]).await;
    wires::add(&stage, "google", &google, Some(&key), &gemini).await;
    wires::add(&stage, "ollama", &ollama, None, &["llama3.2"]).await;
    stage.hub.serve().await;
    stage
}

/// Where bytes pass, the provider says so itself.
fn passes(door: &str, model: &str) -> bool {
    match door {
        "/v1/chat/completions" => model.starts_with("fake/") || model == "ope/gpt-4o-mini",
        "/v1/responses" => model.starts_with("ope/"),
        "/v1/messages" => model.starts_with("ant/"),
        _ => false,
    }
}

/// A question whose answer, or whose tool, is to obey the schema to the letter.
fn ask(door: &str, model: &str, schema: &Value, as_tool: bool) -> Value {
    let messages = json!([{"role": "user", "content": "Say it in JSON."}]);
    let function = json!({"name": "f", "parameters": schema, "strict": true});
    let named = json!({"name": "n", "schema": schema, "strict": true});
    let (body, more) = match (door, as_tool) {
        ("/v1/responses", true) => (
            json!({"input": "Say it."}),
            json!({"tools": [with(json!({"type": "function"}), function)]}),
        ),
        ("/v1/responses", false) => (
            json!({"input": "Say it."}),
            json!({"text": {"format": with(json!({"type": "json_schema"}), named)}}),
        ),
        ("/v1/messages", true) => (
            json!({"messages": messages, "max_tokens": 500}),
            json!({"tools": [{"name": "f", "input_schema": schema, "strict": true}]}),
        ),
        ("/v1/messages", false) => (
            json!({"messages": messages, "max_tokens": 500}),
            json!({"output_config": {"format": {"type": "json_schema", "schema": schema}}}),
        ),
        (_, true) => (
            json!({ "messages": messages }),
            json!({"tools": [{"type": "function", "function": function}]}),
        ),
        ("/v1/chat/completions", false) => (
            json!({ "messages": messages }),
            json!({"response_format": {"type": "json_schema", "json_schema": named}}),
        ),
        (_, false) => (
            json!({ "messages": messages }),
            json!({"responseFormat": {"type": "json_schema", "jsonSchema": named}}),
        ),
    };
    let body = with(body, more);
    match door {
        "/api/v2/chat" => json!({"input": with(body, json!({"modelOptions": {"model": model}}))}),
        _ => with(body, json!({ "model": model })),
    }
}

/// Asks, and tells the status, what was answered, what was left out, and what the provider was sent last.
async fn asked(stage: &Stage, door: &str, body: &Value) -> (u16, String, String, Value) {
    let answer = stage.post(door, body).send().await.unwrap();
    let status = answer.status.as_u16();
    let dropped = answer.headers.get("x-aigne-dropped");
    let dropped = dropped.map_or_else(String::new, |names| names.to_str().unwrap().to_owned());
    let text = answer.text().await.unwrap();
    let sent = stage
        .upstream
        .requests()
        .pop()
        .map_or(Value::Null, |record| record.json());
    (status, text, dropped, sent)
}

/// All words and values of a schema, wherever they were put.
fn holds(sent: &Value, needle: &str) -> bool {
    // What is told in a description is written twice.
    let text = sent.to_string();
    text.contains(needle) || text.replace('\\', "").contains(&needle.replace('\\', ""))
}

async fn drive(stage: &Stage, shape: &Shape, wrong: &mut Vec<String>) -> usize {
    let schema = (shape.schema)();
    let mut tried = 0;
    for door in DOORS {
        for model in MODELS {
            // A tool of Anthropic's must be an object, and so must an answer for OpenAI.
            for as_tool in [true, false] {
                if passes(door, model) {
                    continue;
                }
                let (status, text, dropped, sent) = asked(stage, door, &ask(door, model, &schema, as_tool)).await;
                let cell = format!("{} {door} {model} tool={as_tool}", shape.name);
                tried += 1;
                // Claude's answers cannot be held to what contains itself, and nothing but a refusal is honest.
                if shape.recursive && model.starts_with("ant/") && !as_tool {
                    if status != 400 || !text.contains("refers to itself") {
                        wrong.push(format!("{cell}: {status} {text}"));
                    }
                    continue;
                }
                if status != 200 {
                    wrong.push(format!("{cell}: {status} {text}"));
                    continue;
                }
                for needle in shape.needles {
                    if !holds(&sent, needle) {
                        wrong.push(format!("{cell}: '{needle}' is lost, and named is '{dropped}': {sent}"));
                    }
                }
                let is_strict = holds(&sent, "\"strict\":true");
                let knows_strict = model.starts_with("fake/") || model.starts_with("ope/") || model.starts_with("ant/");
                if knows_strict && (as_tool || !model.starts_with("ant/")) && !is_strict && !dropped.contains("strict")
                {
                    wrong.push(format!("{cell}: is not strict, and nobody says so: {sent}"));
                }
            }
        }
    }
    tried
}

#[tokio::test]
async fn no_schema_makes_a_provider_refuse_and_nothing_of_it_is_lost_in_silence() {
    let stage = stage(Kind::Sqlite).await;
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for shape in SHAPES {
        tried += drive(&stage, shape, &mut wrong).await;
    }
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(tried, SHAPES.len() * 2 * (5 * 7 - 2 - 2 - 1));
    assert_eq!(stage.upstream.violations(), [""; 0]);
}

/// Claude's grammars have room for so many members that may be left out, and so many of several types.
async fn grammar(stage: &Stage) {
    let door = "/v1/chat/completions";
    let model = "ant/claude-haiku-4-5";
    let of = |optional: usize, unions: usize| {
        let mut properties = serde_json::Map::new();
        properties.extend((0..optional).map(|at| (format!("o{at}"), json!({"type": "string"}))));
        properties.extend((0..unions).map(|at| (format!("u{at}"), json!({"type": ["string", "null"]}))));
        let required: Vec<String> = (0..unions).map(|at| format!("u{at}")).collect();
        json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
    };
    for (optional, unions, wanted) in [(24, 16, ""), (25, 0, "tools.strict"), (0, 17, "tools.strict")] {
        let (status, text, dropped, _) = asked(stage, door, &ask(door, model, &of(optional, unions), true)).await;
        assert_eq!((status, dropped.as_str()), (200, wanted), "{optional} {unions}: {text}");
    }
    // The form of the answer has its part of it.
    let tool = ask(door, model, &of(5, 0), true)["tools"].clone();
    let both = with(ask(door, model, &of(20, 0), false), json!({ "tools": tool }));
    let (status, text, dropped, sent) = asked(stage, door, &both).await;
    assert_eq!((status, dropped.as_str()), (200, "tools.strict"), "{text}");
    assert!(sent["output_config"]["format"].is_object(), "{sent}");
    // The framework takes `null` for what is left out; where a provider lets it be left out, nobody makes it another type.
    let (status, text, dropped, sent) =
        asked(stage, "/api/v2/chat", &ask("/api/v2/chat", model, &of(24, 0), false)).await;
    assert_eq!((status, dropped.as_str()), (200, ""), "{text}");
    assert!(!holds(&sent, "anyOf"), "{sent}");
    // Nothing but a refusal is honest where the form alone is too much for it, and the provider says it best.
    let (status, text, ..) = asked(stage, door, &ask(door, model, &of(25, 0), false)).await;
    assert!(
        status == 400 && text.contains("too many optional parameters (25)"),
        "{status} {text}"
    );
}

/// The names of what is left out, in each case by the caller's own dialect.
#[tokio::test]
async fn what_a_provider_cannot_be_held_to_is_named() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let shape = |name: &str| (SHAPES.iter().find(|shape| shape.name == name).unwrap().schema)();
        for (door, model, name, as_tool, wanted) in [
            ("/v1/messages", "fake/gpt-4o-mini", "optional", true, "tools.strict"),
            ("/v1/messages", "ope/gpt-4o-mini", "optional", false, "response_format.strict"),
            ("/v1/messages", "ope/codex-gpt-4o-mini", "optional", false, "response_format.strict"),
            ("/v1/messages", "ope/codex-gpt-4o-mini", "map", true, "tools.strict"),
            // Optional members that may be null can be written as required ones, and the framework takes `null` for all of them.
            ("/api/v2/chat", "ope/gpt-4o-mini", "optional", false, ""),
            ("/api/v2/chat", "ope/codex-gpt-4o-mini", "optional", false, ""),
            ("/v1/messages", "ope/gpt-4o-mini", "pydantic", false, ""),
            ("/v1/messages", "ope/gpt-4o-mini", "recursive", true, ""),
            ("/v1/chat/completions", "ant/claude-haiku-4-5", "limits", true, ""),
            ("/v1/chat/completions", "ant/claude-haiku-4-5", "map", true, "tools.strict"),
            ("/v1/chat/completions", "ant/claude-haiku-4-5", "map", false, "response_format.additionalProperties"),
            ("/v1/responses", "ant/claude-haiku-4-5", "recursive", true, "tools.strict"),
            // Choices at the root of a tool's schema, which no provider takes there: the model reads of them.
            ("/v1/responses", "fake/gpt-4o-mini", "one-of-members", true, "tools.strict"),
            ("/v1/chat/completions", "ant/claude-haiku-4-5", "one-of-members", true, ""),
            ("/v1/chat/completions", "ant/claude-haiku-4-5", "all-of", false, ""),
            ("/v1/chat/completions", "goo/gemini-2.5-flash", "map", false, ""),
            ("/v1/chat/completions", "oll/llama3.2", "map", false, ""),
        ] {
            let (status, text, dropped, sent) = asked(&stage, door, &ask(door, model, &shape(name), as_tool)).await;
            assert_eq!((status, dropped.as_str()), (200, wanted), "{door} {model} {name}: {text} {sent}");
        }
        // More strict tools than Claude takes.
        let tool = |at: usize| {
            let parameters = json!({"type": "object", "properties": {}, "required": [], "additionalProperties": false});
            json!({"type": "function", "function": {"name": format!("f{at}"), "strict": true, "parameters": parameters}})
        };
        let tools: Vec<Value> = (0..22).map(tool).collect();
        let body = json!({"model": "ant/claude-haiku-4-5", "messages": [{"role": "user", "content": "Hi"}], "tools": tools});
        let (status, text, dropped, sent) = asked(&stage, "/v1/chat/completions", &body).await;
        assert_eq!((status, dropped.as_str()), (200, "tools.strict"), "{text}");
        let strict = sent["tools"].as_array().unwrap().iter().filter(|tool| tool["strict"] == true);
        assert_eq!((strict.count(), sent["tools"].as_array().unwrap().len()), (20, 22));
        grammar(&stage).await;
        // A form without a schema is none, and examples of a tool's arguments are the model's loss.
        let form = json!({"model": "oll/llama3.2", "max_tokens": 50, "messages": [{"role": "user", "content": "Hi"}],
            "output_config": {"format": {"type": "json_schema"}}});
        let (status, text, ..) = asked(&stage, "/v1/messages", &form).await;
        assert!(status == 400 && text.contains("output_config.format.schema"), "{status} {text}");
        let examples = json!({"model": "oll/llama3.2", "max_tokens": 50, "messages": [{"role": "user", "content": "Hi"}],
            "tools": [{"name": "f", "input_schema": {"type": "object"}, "input_examples": [{"a": 1}]}]});
        let (status, text, dropped, _) = asked(&stage, "/v1/messages", &examples).await;
        assert_eq!((status, dropped.as_str()), (200, "tools.input_examples"), "{text}");
    })
    .await;
}

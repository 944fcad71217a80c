//! Writes requests for `/api/chat`.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::wire::{
    canonical::{
        Dropped, Effort, File, FileKind, Format, Reasoning, Request, RequestWriter, Source, Target, Tool, ToolChoice,
        Unspeakable,
    },
    combined,
};

mod messages;

/// Writes for Ollama.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Writer;

impl RequestWriter for Writer {
    fn write(&self, request: &Request, target: &Target<'_>) -> Result<(Vec<u8>, Vec<Dropped>), Unspeakable> {
        let mut page = Page {
            dropped: Vec::new(),
            body: Map::new(),
        };
        page.set("model", json!(target.slug));
        let messages = messages::write(request, &mut page)?;
        page.set("messages", Value::Array(messages));
        tools(request, &mut page);
        // Ollama streams unless it is told not to.
        page.set("stream", json!(request.stream));
        match &request.format {
            Format::Text => {}
            Format::JsonObject => page.set("format", json!("json")),
            Format::JsonSchema {
                schema, description, ..
            } => {
                page.set("format", schema.clone());
                // Ollama makes a grammar of the schema, which the model never reads.
                if description.is_some() {
                    page.drop("response_format.description");
                }
            }
        }
        if let Some(think) = request
            .reasoning
            .as_ref()
            .and_then(|reasoning| think(reasoning, target.slug, &mut page))
        {
            page.set("think", think);
        }
        options(request, target, &mut page)?;
        if request.user.is_some() {
            page.drop("user");
        }
        page.dropped.sort();
        page.dropped.dedup();
        // A tree of values always is JSON.
        let body = serde_json::to_vec(&Value::Object(page.body)).unwrap_or_default();
        Ok((body, page.dropped))
    }

    fn wants_content(&self, file: &File, _: &Target<'_>) -> bool {
        file.kind == FileKind::Image && matches!(file.source, Source::Url(_))
    }
}

/// What is being written.
struct Page {
    dropped: Vec<Dropped>,
    body: Map<String, Value>,
}

impl Page {
    fn drop(&mut self, name: &str) {
        self.dropped.push(Dropped(name.to_owned()));
    }

    fn set(&mut self, name: &str, value: Value) {
        self.body.insert(name.to_owned(), value);
    }
}

fn unspeakable(param: &str, message: impl Into<String>) -> Unspeakable {
    Unspeakable {
        message: message.into(),
        param: param.to_owned(),
    }
}

/// Ollama knows no `tool_choice`. "None" is said by offering no tool, "this one" by offering no other.
fn tools(request: &Request, page: &mut Page) {
    if request.parallel_tools == Some(false) && !request.functions {
        page.drop("parallel_tool_calls");
    }
    let offered = |tool: &&Tool| match &request.tool_choice {
        Some(ToolChoice::None) => false,
        Some(ToolChoice::Named(name)) => tool.name == *name,
        None | Some(ToolChoice::Auto | ToolChoice::Required) => true,
    };
    let mut written = Vec::new();
    for tool in request.tools.iter().filter(offered) {
        if tool.strict == Some(true) {
            page.drop("tools.strict");
        }
        if tool.cache.is_some() {
            page.drop("cache_control");
        }
        let mut function = Map::new();
        function.insert("name".to_owned(), json!(tool.name));
        let (parameters, told) = parameters(&tool.schema);
        let described = [tool.description.as_deref(), told.as_deref()];
        let described: Vec<&str> = described.into_iter().flatten().collect();
        if !described.is_empty() {
            function.insert("description".to_owned(), json!(described.join("\n\n")));
        }
        function.insert("parameters".to_owned(), parameters);
        written.push(json!({"type": "function", "function": function}));
    }
    if written.is_empty() {
        return;
    }
    if matches!(request.tool_choice, Some(ToolChoice::Required | ToolChoice::Named(_))) {
        page.drop("tool_choice");
    }
    page.set("tools", Value::Array(written));
}

/// Templates of models expect an object's schema with `properties`, and Ollama reads nothing else of its root (`ToolFunctionParameters` in
/// its `api/types.go`). What is told of choices that stood there goes with it, to be said where it is read.
fn parameters(schema: &Value) -> (Value, Option<String>) {
    let rooted = combined::rooted(schema);
    let combined = matches!(rooted, Cow::Owned(_));
    let mut schema = rooted.into_owned();
    let mut told = None;
    if let Value::Object(members) = &mut schema {
        members.entry("properties").or_insert_with(|| json!({}));
        let description = members.get("description").filter(|_| combined);
        told = description.and_then(Value::as_str).map(str::to_owned);
    }
    (schema, told)
}

/// On or off, or a level where the client names one and the model knows some: Ollama answers 400 to a level for any other ("think value
/// "high" is not supported for this model", ollama/ollama#12561).
fn think(reasoning: &Reasoning, slug: &str, page: &mut Page) -> Option<Value> {
    if reasoning.off {
        return Some(json!(false));
    }
    if reasoning.budget.is_some() {
        page.drop("thinking.budget_tokens");
    }
    match reasoning.effort {
        Some(_) if !knows_levels(slug) => {
            // A budget is named already, and stands for the same.
            if reasoning.budget.is_none() {
                page.drop("reasoning_effort");
            }
            Some(json!(true))
        }
        Some(Effort::Minimal | Effort::Low) => Some(json!("low")),
        Some(Effort::Medium) => Some(json!("medium")),
        Some(Effort::High | Effort::Most) => Some(json!("high")),
        None => (reasoning.budget.is_some() || reasoning.shown).then(|| json!(true)),
    }
}

/// Models that think by levels (docs.ollama.com, "Thinking"; ollama/ollama#18091).
fn knows_levels(slug: &str) -> bool {
    let name = slug.rsplit('/').next().unwrap_or(slug);
    ["gpt-oss", "qwen3.8"].iter().any(|model| name.starts_with(model))
}

/// Options of sampling that Ollama knows beside the common ones. Those that load a model anew, such as `num_ctx`, and how long
/// it stays loaded are the operator's.
const SAMPLING: [&str; 8] = [
    "min_p",
    "typical_p",
    "repeat_last_n",
    "repeat_penalty",
    "mirostat",
    "mirostat_tau",
    "mirostat_eta",
    "penalize_newline",
];

fn options(request: &Request, target: &Target<'_>, page: &mut Page) -> Result<(), Unspeakable> {
    let mut options = Map::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            options.insert(name.to_owned(), value);
        }
    };
    let limit = match (request.max_tokens, target.cap) {
        (Some(asked), Some(cap)) => Some(asked.min(cap)),
        (asked, cap) => asked.or(cap),
    };
    set("num_predict", limit.map(Into::into));
    set("temperature", request.temperature.map(Into::into));
    set("top_p", request.top_p.map(Into::into));
    set("top_k", request.top_k.map(Into::into));
    set("presence_penalty", request.presence_penalty.map(Into::into));
    set("frequency_penalty", request.frequency_penalty.map(Into::into));
    set("seed", request.seed.map(Into::into));
    set("stop", (!request.stop.is_empty()).then(|| json!(request.stop)));
    for (name, value) in &request.extra {
        match (name.as_str(), value) {
            ("n", value) => {
                if value.as_u64() != Some(1) {
                    return Err(unspeakable(
                        "n",
                        "Ollama is asked for one answer at a time. Leave n out.",
                    ));
                }
            }
            ("options", Value::Object(asked)) => {
                for (name, value) in asked {
                    if SAMPLING.contains(&name.as_str()) {
                        options.insert(name.clone(), value.clone());
                    } else {
                        page.drop(&format!("options.{name}"));
                    }
                }
            }
            (name, value) if SAMPLING.contains(&name) => {
                options.insert(name.to_owned(), value.clone());
            }
            (name, _) => page.drop(name),
        }
    }
    if !options.is_empty() {
        page.set("options", Value::Object(options));
    }
    Ok(())
}

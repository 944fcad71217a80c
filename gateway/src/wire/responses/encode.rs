//! Writes a request for a provider that speaks this wire. Called by `call` when the client's dialect is another one.
//!
//! Nothing is to be kept there (`store` is off unless the client says otherwise), so thoughts come back in OpenAI's cipher and go
//! there again. `items` writes the conversation. Members stand in a fixed order, tools and schemas in the client's.

mod items;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::wire::{
    canonical::{Dropped, Format, Request, RequestWriter, Target, Tool, ToolChoice, Unspeakable},
    openai::encode::{arguments, effort, known_word, obeyed, of_answer, rests, schema_name},
    user,
};

/// Writes for every provider of this wire.
#[derive(Clone, Copy, Debug, Default)]
pub struct Encoder;

/// Members that this wire knows and that have no common word: they are passed on as they came.
const KNOWN: [&str; 9] = [
    "metadata",
    "store",
    "service_tier",
    "prompt_cache_key",
    "prompt_cache_retention",
    "prompt_cache_options",
    "safety_identifier",
    "truncation",
    "max_tool_calls",
];

impl RequestWriter for Encoder {
    fn write(&self, request: &Request, target: &Target<'_>) -> Result<(Vec<u8>, Vec<Dropped>), Unspeakable> {
        let mut dropped = BTreeSet::new();
        let mut body = Map::new();
        body.insert("model".into(), target.slug.into());
        body.insert("input".into(), items::write(request, &mut dropped)?.into());
        tools(request, &mut body, &mut dropped);
        let mut text = Map::new();
        insert(&mut text, "format", format(&request.format, &mut dropped));
        insert(&mut text, "verbosity", request.extra.get("verbosity").cloned());
        if !text.is_empty() {
            body.insert("text".into(), text.into());
        }
        let limit = match (request.max_tokens, target.cap) {
            (Some(wanted), Some(cap)) => Some(wanted.min(cap)),
            (wanted, cap) => wanted.or(cap),
        };
        insert(&mut body, "max_output_tokens", limit);
        reasoning(request, target.slug, &mut body, &mut dropped);
        insert(&mut body, "temperature", request.temperature);
        insert(&mut body, "top_p", request.top_p);
        insert(&mut body, "user", request.user.as_deref().map(user::for_openai));
        for (name, said) in [
            ("top_k", request.top_k.is_some()),
            ("presence_penalty", request.presence_penalty.is_some()),
            ("frequency_penalty", request.frequency_penalty.is_some()),
            ("seed", request.seed.is_some()),
            ("stop", !request.stop.is_empty()),
        ] {
            if said {
                drop_one(&mut dropped, name);
            }
        }
        body.insert("store".into(), false.into());
        insert(&mut body, "stream", request.stream.then_some(true));
        for (name, value) in &request.extra {
            if KNOWN.contains(&name.as_str()) {
                body.insert(name.clone(), known_word(name, value));
            } else if name != "verbosity" {
                drop_one(&mut dropped, name);
            }
        }
        let body = Value::Object(body).to_string().into_bytes();
        Ok((body, dropped.into_iter().collect()))
    }
}

fn insert(body: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        body.insert(name.into(), value.into());
    }
}

fn drop_one(dropped: &mut BTreeSet<Dropped>, name: &str) {
    dropped.insert(Dropped(name.to_owned()));
}

fn tools(request: &Request, body: &mut Map<String, Value>, dropped: &mut BTreeSet<Dropped>) {
    if request.tools.is_empty() {
        return;
    }
    let tools: Vec<Value> = request.tools.iter().map(|one| tool(one, dropped)).collect();
    body.insert("tools".into(), tools.into());
    let choice = request.tool_choice.as_ref().map(|choice| match choice {
        ToolChoice::Auto => json!("auto"),
        ToolChoice::None => json!("none"),
        ToolChoice::Required => json!("required"),
        ToolChoice::Named(name) => json!({ "type": "function", "name": name }),
    });
    insert(body, "tool_choice", choice);
    insert(body, "parallel_tool_calls", request.parallel_tools);
}

fn tool(tool: &Tool, dropped: &mut BTreeSet<Dropped>) -> Value {
    let mut function = Map::new();
    function.insert("type".into(), "function".into());
    function.insert("name".into(), tool.name.as_str().into());
    insert(&mut function, "description", tool.description.clone());
    let (parameters, strict) = obeyed(&tool.schema, tool.strict, || drop_one(dropped, "tools.strict"));
    // Both are required here, and without a word this wire is strict where the others are not.
    function.insert("parameters".into(), arguments(&parameters).unwrap_or_default());
    function.insert("strict".into(), strict.unwrap_or(false).into());
    Value::Object(function)
}

fn format(format: &Format, dropped: &mut BTreeSet<Dropped>) -> Option<Value> {
    match format {
        Format::Text => None,
        Format::JsonObject => Some(json!({ "type": "json_object" })),
        Format::JsonSchema {
            name,
            description,
            schema,
            strict,
            nulls,
        } => {
            let mut described = Map::new();
            described.insert("type".into(), "json_schema".into());
            described.insert("name".into(), schema_name(name).into());
            insert(&mut described, "description", description.clone());
            let (schema, strict) = of_answer(schema, *strict, *nulls, || drop_one(dropped, "response_format.strict"));
            described.insert("schema".into(), schema.into_owned());
            insert(&mut described, "strict", strict);
            Some(Value::Object(described))
        }
    }
}

/// Thoughts in OpenAI's cipher are asked for only where the client wants thinking: models that do not think refuse it.
fn reasoning(request: &Request, slug: &str, body: &mut Map<String, Value>, dropped: &mut BTreeSet<Dropped>) {
    let Some(reasoning) = &request.reasoning else { return };
    let Some(effort) = effort(reasoning, rests(slug)) else {
        return drop_one(dropped, "reasoning");
    };
    let mut object = json!({ "effort": effort });
    if reasoning.off {
        body.insert("reasoning".into(), object);
        return;
    }
    if reasoning.shown {
        object["summary"] = "auto".into();
    }
    body.insert("reasoning".into(), object);
    body.insert("include".into(), json!(["reasoning.encrypted_content"]));
}

#[cfg(test)]
mod tests;

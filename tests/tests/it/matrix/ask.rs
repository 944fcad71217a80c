//! What a client of each dialect sends for each thing that it wants.

use serde_json::{Value, json};

use super::feature::Feature;

/// A client's dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Chat,
    Completions,
    Responses,
    Messages,
    Aigne,
    /// AIGNE Hub's own, as it was before the framework.
    AigneOld,
}

impl Dialect {
    pub const ALL: [Self; 6] = [
        Self::Chat,
        Self::Completions,
        Self::Responses,
        Self::Messages,
        Self::Aigne,
        Self::AigneOld,
    ];

    pub fn path(self) -> &'static str {
        match self {
            Self::Chat => "/v1/chat/completions",
            Self::Completions => "/v1/completions",
            Self::Responses => "/v1/responses",
            Self::Messages => "/v1/messages",
            Self::Aigne => "/api/v2/chat",
            Self::AigneOld => "/api/v2/chat/completions",
        }
    }
}

/// A picture.
pub const PIXEL: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
pub const TOOLS: [&str; 2] = ["get_weather", "find_city"];

fn schema() -> Value {
    json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": false})
}

/// What a tool is called with. Each has another city, so that nobody takes the arguments of one for those of the other.
fn parameters(name: &str) -> Value {
    let mut schema = schema();
    if name == TOOLS[1] {
        schema["properties"]["city"]["enum"] = json!(["Rome", "Oslo"]);
    }
    schema
}

/// So long in plain requests that providers find them in a cache.
fn instructions(feature: Feature) -> String {
    let times = if feature == Feature::Plain { 600 } else { 1 };
    ["Be brief."].repeat(times).join(" ")
}

/// The request, about something that no other cell says.
pub fn request(dialect: Dialect, feature: Feature, stream: bool, model: &str, marker: &str) -> Value {
    match dialect {
        Dialect::Chat => chat(feature, stream, model, marker),
        Dialect::Completions => completion(stream, model, marker),
        Dialect::Responses => responses(feature, stream, model, marker),
        Dialect::Messages => messages(feature, stream, model, marker),
        Dialect::Aigne => aigne(feature, stream, model, marker),
        Dialect::AigneOld => aigne_old(feature, stream, model, marker),
    }
}

fn chat(feature: Feature, stream: bool, model: &str, marker: &str) -> Value {
    let text = format!("Tell me of {marker}");
    let user = match feature {
        Feature::Image => json!([
            {"type": "text", "text": text},
            {"type": "image_url", "image_url": {"url": format!("data:image/png;base64,{PIXEL}")}},
        ]),
        _ => json!(text),
    };
    let mut list = vec![
        json!({"role": "system", "content": instructions(feature)}),
        json!({"role": "user", "content": user}),
    ];
    if feature == Feature::ToolResult {
        list.push(json!({"role": "assistant", "content": null, "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": TOOLS[0], "arguments": "{\"city\":\"Paris\"}"}}]}));
        list.push(json!({"role": "tool", "tool_call_id": "call_1", "content": format!("sunny in {marker}")}));
    }
    let mut body = json!({"model": model, "messages": list, "max_completion_tokens": 4000});
    if stream {
        body["stream"] = true.into();
        body["stream_options"] = json!({"include_usage": true});
    }
    let tools = tools_of(feature);
    if !tools.is_empty() {
        let tool = |name: &&str| json!({"type": "function", "function": {"name": name, "description": "d", "parameters": parameters(name)}});
        body["tools"] = tools.iter().map(tool).collect();
    }
    if feature == Feature::JsonSchema {
        body["response_format"] =
            json!({"type": "json_schema", "json_schema": {"name": "place", "schema": schema(), "strict": true}});
    }
    if feature.is_for_thoughts() {
        body["reasoning_effort"] = "high".into();
    }
    body
}

fn completion(stream: bool, model: &str, marker: &str) -> Value {
    let mut body = json!({"model": model, "prompt": format!("Tell me of {marker}"), "max_tokens": 4000});
    if stream {
        body["stream"] = true.into();
        body["stream_options"] = json!({"include_usage": true});
    }
    body
}

fn responses(feature: Feature, stream: bool, model: &str, marker: &str) -> Value {
    let text = format!("Tell me of {marker}");
    let mut parts = vec![json!({"type": "input_text", "text": text})];
    if feature == Feature::Image {
        parts.push(
            json!({"type": "input_image", "detail": "auto", "image_url": format!("data:image/png;base64,{PIXEL}")}),
        );
    }
    let mut input = vec![json!({"type": "message", "role": "user", "content": parts})];
    if feature == Feature::ToolResult {
        input.push(json!({"type": "function_call", "call_id": "call_1", "name": TOOLS[0], "arguments": "{\"city\":\"Paris\"}"}));
        input
            .push(json!({"type": "function_call_output", "call_id": "call_1", "output": format!("sunny in {marker}")}));
    }
    let mut body = json!({"model": model, "instructions": instructions(feature), "input": input, "max_output_tokens": 4000, "store": false});
    if stream {
        body["stream"] = true.into();
    }
    let tools = tools_of(feature);
    if !tools.is_empty() {
        let tool = |name: &&str| json!({"type": "function", "name": name, "description": "d", "parameters": parameters(name), "strict": true});
        body["tools"] = tools.iter().map(tool).collect();
    }
    if feature == Feature::JsonSchema {
        body["text"] = json!({"format": {"type": "json_schema", "name": "place", "schema": schema(), "strict": true}});
    }
    if feature.is_for_thoughts() {
        body["reasoning"] = json!({"effort": "high", "summary": "auto"});
    }
    body
}

fn messages(feature: Feature, stream: bool, model: &str, marker: &str) -> Value {
    let text = format!("Tell me of {marker}");
    let mut parts = vec![json!({"type": "text", "text": text})];
    if feature == Feature::Image {
        parts.push(json!({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}));
    }
    let mut list = vec![json!({"role": "user", "content": parts})];
    if feature == Feature::ToolResult {
        list.push(json!({"role": "assistant", "content": [
            {"type": "tool_use", "id": "toolu_1", "name": TOOLS[0], "input": {"city": "Paris"}}]}));
        list.push(json!({"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "toolu_1", "content": format!("sunny in {marker}")}]}));
    }
    let mut body = json!({"model": model, "system": instructions(feature), "messages": list, "max_tokens": 4000});
    if let Feature::Cache { hour } = feature {
        let mark = if hour {
            json!({"type": "ephemeral", "ttl": "1h"})
        } else {
            json!({"type": "ephemeral"})
        };
        body["system"] = json!([{"type": "text", "text": "Be brief and keep this.", "cache_control": mark}]);
    }
    if stream {
        body["stream"] = true.into();
    }
    let tools = tools_of(feature);
    if !tools.is_empty() {
        let tool = |name: &&str| json!({"name": name, "description": "d", "input_schema": parameters(name)});
        body["tools"] = tools.iter().map(tool).collect();
    }
    if feature == Feature::JsonSchema {
        body["output_config"] = json!({"format": {"type": "json_schema", "schema": schema()}});
    }
    if feature.is_for_thoughts() {
        body["thinking"] = json!({"type": "enabled", "budget_tokens": 2048});
    }
    body
}

fn aigne(feature: Feature, stream: bool, model: &str, marker: &str) -> Value {
    let mut parts = vec![json!({"type": "text", "text": format!("Tell me of {marker}")})];
    if feature == Feature::Image {
        parts.push(json!({"type": "file", "data": PIXEL, "mimeType": "image/png"}));
    }
    let mut list = vec![
        json!({"role": "system", "content": instructions(feature)}),
        json!({"role": "user", "content": parts}),
    ];
    if feature == Feature::ToolResult {
        list.push(json!({"role": "agent", "toolCalls": [
            {"id": "call_1", "type": "function", "function": {"name": TOOLS[0], "arguments": {"city": "Paris"}}}]}));
        list.push(json!({"role": "tool", "toolCallId": "call_1", "content": format!("sunny in {marker}")}));
    }
    let mut input = json!({"messages": list, "modelOptions": {"model": model, "maxTokens": 4000}});
    let tools = tools_of(feature);
    if !tools.is_empty() {
        let tool = |name: &&str| json!({"type": "function", "function": {"name": name, "description": "d", "parameters": parameters(name)}});
        input["tools"] = tools.iter().map(tool).collect();
    }
    if feature == Feature::JsonSchema {
        input["responseFormat"] =
            json!({"type": "json_schema", "jsonSchema": {"name": "place", "schema": schema(), "strict": true}});
    }
    if feature.is_for_thoughts() {
        input["modelOptions"]["reasoningEffort"] = "high".into();
    }
    json!({"input": input, "options": {"streaming": stream}})
}

fn aigne_old(feature: Feature, stream: bool, model: &str, marker: &str) -> Value {
    let mut parts = vec![json!({"type": "text", "text": format!("Tell me of {marker}")})];
    if feature == Feature::Image {
        parts.push(json!({"type": "image_url", "imageUrl": {"url": format!("data:image/png;base64,{PIXEL}")}}));
    }
    let mut list = vec![
        json!({"role": "system", "content": instructions(feature)}),
        json!({"role": "user", "content": parts}),
    ];
    if feature == Feature::ToolResult {
        list.push(json!({"role": "assistant", "content": null, "toolCalls": [
            {"id": "call_1", "type": "function", "function": {"name": TOOLS[0], "arguments": "{\"city\":\"Paris\"}"}}]}));
        list.push(json!({"role": "tool", "toolCallId": "call_1", "content": format!("sunny in {marker}")}));
    }
    let mut body = json!({"model": model, "messages": list, "maxTokens": 4000, "stream": stream});
    let tools = tools_of(feature);
    if !tools.is_empty() {
        let tool = |name: &&str| json!({"type": "function", "function": {"name": name, "description": "d", "parameters": parameters(name)}});
        body["tools"] = tools.iter().map(tool).collect();
    }
    if feature == Feature::JsonSchema {
        body["responseFormat"] =
            json!({"type": "json_schema", "jsonSchema": {"name": "place", "schema": schema(), "strict": true}});
    }
    if feature.is_for_thoughts() {
        body["reasoningEffort"] = "high".into();
    }
    body
}

fn tools_of(feature: Feature) -> &'static [&'static str] {
    match feature {
        Feature::ToolResult => &TOOLS[..1],
        _ => &TOOLS[..feature.calls()],
    }
}

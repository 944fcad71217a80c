//! Reads a request of a client into words that every dialect shares. Called only when the provider's wire is another one.
//!
//! What OpenAI keeps (earlier answers, conversations, prompts, files of items) is nowhere else, so a request that counts on it is
//! refused. Tools that OpenAI itself runs are left out by name. `items` reads the conversation, `parts` what stands in it,
//! `tools` the tools.

mod items;
mod parts;
mod tools;

pub(in crate::wire) use tools::free_tool;

use serde_json::{Map, Value, json};

use crate::wire::{
    RequestProblem,
    canonical::{Format, Message, Part, Reasoning, Request, Role},
    openai::{
        fields::{Fields, empty, missing, problem, wrong_type, wrong_value},
        read::{effort, schema},
    },
};

/// Members by which a request counts on what OpenAI keeps.
const KEPT: [&str; 3] = ["previous_response_id", "conversation", "prompt"];

/// Reads a request.
///
/// # Errors
/// [`RequestProblem`] when it is none, or counts on what only OpenAI keeps.
pub fn read(body: &[u8]) -> Result<Request, RequestProblem> {
    let mut fields = Fields::of_body(body)?;
    let model = fields.needed_text("model")?;
    let stream = fields.switch("stream")?.unwrap_or_default();
    fields.take("stream_options");
    for name in KEPT {
        if fields.take(name).is_some() {
            return Err(problem(
                name,
                "unsupported_parameter",
                format!(
                    "This model's provider keeps no answers: leave '{name}' out and send the whole conversation in 'input'."
                ),
            ));
        }
    }
    if fields.switch("background")? == Some(true) {
        return Err(in_background());
    }
    let mut unknown = Map::new();
    let mut messages = Vec::new();
    if let Some(text) = fields.text("instructions")? {
        messages.push(said(Role::System, text));
    }
    let mut listed = fields.list("tools")?.unwrap_or_default();
    match fields.take("input") {
        None => return Err(missing("input")),
        Some(Value::String(text)) => messages.push(said(Role::User, text)),
        Some(Value::Array(list)) if list.is_empty() => return Err(empty("input", "item")),
        Some(Value::Array(list)) => items::read(list, &mut messages, &mut listed, &mut unknown)?,
        Some(_) => return Err(wrong_type("input", "a string or an array of items")),
    }
    let mut tools = tools::read(listed, &mut unknown)?;
    let tool_choice = tools::choose(&mut fields, &mut tools, &mut unknown)?;
    let format = text(&mut fields, &mut unknown)?;
    let request = Request {
        model,
        stream,
        messages,
        tools,
        tool_choice,
        parallel_tools: fields.switch("parallel_tool_calls")?,
        format,
        max_tokens: fields.whole("max_output_tokens")?,
        reasoning: reasoning(&mut fields)?,
        temperature: fields.decimal("temperature")?,
        top_p: fields.decimal("top_p")?,
        user: fields.text("user")?,
        ..Request::default()
    };
    // These say what is so without them, or what this hub does anyway.
    for (name, usual) in [
        ("store", json!(false)),
        ("truncation", json!("disabled")),
        ("include", json!(["reasoning.encrypted_content"])),
        ("include", json!([])),
    ] {
        if fields.peek(name) == Some(&usual) {
            fields.take(name);
        }
    }
    let mut extra = fields.rest();
    extra.extend(unknown);
    Ok(Request { extra, ..request })
}

/// Why nothing is answered in the background, whoever the provider is: what it said later could neither be fetched here nor be charged.
pub(super) fn in_background() -> RequestProblem {
    problem(
        "background",
        "unsupported_parameter",
        "This hub answers at once or in a stream: leave 'background' out.",
    )
}

fn said(role: Role, text: String) -> Message {
    Message {
        role,
        parts: Vec::from([Part::text(text)]),
        name: None,
    }
}

/// `text`: the form of the answer, and how wordy it is.
fn text(fields: &mut Fields, extra: &mut Map<String, Value>) -> Result<Format, RequestProblem> {
    let Some(mut text) = fields.object("text")? else {
        return Ok(Format::Text);
    };
    if let Some(verbosity) = text.take("verbosity") {
        extra.insert("verbosity".into(), verbosity);
    }
    let Some(mut format) = text.object("format")? else {
        return Ok(Format::Text);
    };
    match format.needed_text("type")?.as_str() {
        "text" => Ok(Format::Text),
        "json_object" => Ok(Format::JsonObject),
        "json_schema" => schema(&mut format),
        other => Err(wrong_value(
            "text.format.type",
            other,
            "'text', 'json_object' and 'json_schema'",
        )),
    }
}

fn reasoning(fields: &mut Fields) -> Result<Option<Reasoning>, RequestProblem> {
    let Some(mut object) = fields.object("reasoning")? else {
        return Ok(None);
    };
    let summary = [object.text("summary")?, object.text("generate_summary")?];
    let mut reasoning = Reasoning {
        shown: summary.iter().flatten().any(|word| word != "none"),
        ..Reasoning::default()
    };
    if let Some(word) = object.text("effort")? {
        effort("reasoning.effort", &word, &mut reasoning)?;
    }
    let said = reasoning != Reasoning::default();
    Ok(said.then_some(reasoning))
}

#[cfg(test)]
mod tests;

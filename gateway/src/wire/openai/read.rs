//! Reads a chat request of a client into words that every dialect shares. Called only when the provider's wire is another one.
//!
//! All shapes that clients send are taken: OpenAI's old and new ones, and those that OpenRouter, DeepSeek and Google have added
//! and that clients send to whatever speaks this dialect. Members without a common word stay in
//! [`Request::extra`](crate::wire::canonical::Request::extra) under their own names; what would change the meaning is refused.
//! `messages` reads turns, `parts` what stands in them, `thoughts` what was thought, `tools` the tools.

mod messages;
mod parts;
mod thoughts;
mod tools;

pub(in crate::wire) use parts::{cache_mark, content};

use serde_json::Value;

use super::fields::{Fields, empty, missing, problem, wrong_value};
use crate::wire::{
    RequestProblem,
    canonical::{Effort, Format, Reasoning, Request},
};

/// Reads a request.
///
/// # Errors
/// [`RequestProblem`] when it is no chat request, or asks for what only OpenAI's own wire can say (several answers at once).
pub fn read(body: &[u8]) -> Result<Request, RequestProblem> {
    let mut fields = Fields::of_body(body)?;
    let model = fields.needed_text("model")?;
    let stream = fields.switch("stream")?.unwrap_or_default();
    // Whether usage is wanted is read by `request::scan`; padding against eavesdroppers is nobody else's.
    fields.take("stream_options");
    refuse_several(&mut fields)?;
    let messages = fields.list("messages")?.ok_or_else(|| missing("messages"))?;
    if messages.is_empty() {
        return Err(empty("messages", "message"));
    }
    let messages = messages::read(messages)?;
    let tools = tools::read(&mut fields)?;
    let format = format(&mut fields)?;
    let newer = fields.whole("max_completion_tokens")?;
    let older = fields.whole("max_tokens")?;
    let request = Request {
        model,
        stream,
        messages,
        tools: tools.tools,
        tool_choice: tools.choice,
        // An answer in the old form has room for one call.
        parallel_tools: fields
            .switch("parallel_tool_calls")?
            .or(tools.functions.then_some(false)),
        functions: tools.functions,
        format,
        max_tokens: newer.or(older),
        reasoning: reasoning(&mut fields)?,
        temperature: fields.decimal("temperature")?,
        top_p: fields.decimal("top_p")?,
        top_k: fields.whole("top_k")?,
        presence_penalty: fields.decimal("presence_penalty")?,
        frequency_penalty: fields.decimal("frequency_penalty")?,
        seed: fields.signed("seed")?,
        stop: fields.texts("stop")?,
        user: fields.text("user")?,
        ..Request::default()
    };
    let mut extra = fields.rest();
    // These say what is so without them.
    for (name, usual) in [("store", false), ("logprobs", false)] {
        if extra.get(name) == Some(&Value::Bool(usual)) {
            extra.shift_remove(name);
        }
    }
    if extra.get("modalities") == Some(&serde_json::json!(["text"])) {
        extra.shift_remove("modalities");
    }
    extra.extend(tools.unknown);
    Ok(Request { extra, ..request })
}

fn refuse_several(fields: &mut Fields) -> Result<(), RequestProblem> {
    match fields.whole("n")? {
        None | Some(1) => Ok(()),
        Some(_) => Err(problem(
            "n",
            "unsupported_parameter",
            "This model's provider gives one answer a call: leave 'n' out, or ask several times.",
        )),
    }
}

fn format(fields: &mut Fields) -> Result<Format, RequestProblem> {
    let Some(mut format) = fields.object("response_format")? else {
        return Ok(Format::Text);
    };
    match format.needed_text("type")?.as_str() {
        "text" => Ok(Format::Text),
        "json_object" => Ok(Format::JsonObject),
        "json_schema" => {
            let place = format.path("json_schema");
            let mut described = format.object("json_schema")?.ok_or_else(|| missing(&place))?;
            schema(&mut described)
        }
        other => Err(wrong_value(
            "response_format.type",
            other,
            "'text', 'json_object' and 'json_schema'",
        )),
    }
}

/// Reads a named schema: `name`, `description`, `schema`, `strict`. Also the Responses dialect's.
pub(in crate::wire) fn schema(described: &mut Fields) -> Result<Format, RequestProblem> {
    Ok(Format::JsonSchema {
        name: described.needed_text("name")?,
        description: described.text("description")?,
        schema: described
            .take("schema")
            .unwrap_or_else(|| Value::Object(serde_json::Map::new())),
        strict: described.switch("strict")?,
        nulls: false,
    })
}

/// OpenAI's `reasoning_effort`; OpenRouter's `reasoning`; Anthropic's `thinking`, which some gateways take here.
fn reasoning(fields: &mut Fields) -> Result<Option<Reasoning>, RequestProblem> {
    let mut reasoning = Reasoning {
        shown: true,
        ..Reasoning::default()
    };
    let mut said = false;
    if let Some(word) = fields.text("reasoning_effort")? {
        said = true;
        effort("reasoning_effort", &word, &mut reasoning)?;
    }
    if let Some(mut object) = fields.object("reasoning")? {
        said = true;
        if let Some(word) = object.text("effort")? {
            effort("reasoning.effort", &word, &mut reasoning)?;
        }
        reasoning.budget = object.whole("max_tokens")?;
        reasoning.off |= object.switch("enabled")? == Some(false);
        reasoning.shown &= object.switch("exclude")? != Some(true);
    }
    if let Some(mut thinking) = fields.object("thinking")? {
        said = true;
        reasoning.off |= thinking.text("type")?.as_deref() == Some("disabled");
        reasoning.budget = reasoning.budget.or(thinking.whole("budget_tokens")?);
    }
    Ok(said.then_some(reasoning))
}

/// Reads OpenAI's word for how hard to think. Also the Responses dialect's.
pub(in crate::wire) fn effort(param: &str, word: &str, reasoning: &mut Reasoning) -> Result<(), RequestProblem> {
    reasoning.effort = Some(match word {
        "none" => {
            reasoning.off = true;
            return Ok(());
        }
        "minimal" => Effort::Minimal,
        "low" => Effort::Low,
        "medium" => Effort::Medium,
        "high" => Effort::High,
        "xhigh" | "max" => Effort::Most,
        other => {
            return Err(wrong_value(
                param,
                other,
                "'none', 'minimal', 'low', 'medium', 'high', 'xhigh' and 'max'",
            ));
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests;

//! Reads a request as strictly as Anthropic does and turns it into what the answer needs, or into a refusal.
//!
//! The fields are those of `MessageCreateParams` in the `anthropic` SDK 2.14, with the sampling of before. The parts:
//! `fields` (typed look-ups), `messages` and `blocks` (turns and what is in them), `tools`, `wishes` (thinking, effort,
//! sampling), `schema` (the form of an answer).

use http::StatusCode;
use serde_json::{Map, Value};

use super::models::{self, Model};
use super::refusal::Refusal;

mod blocks;
mod citations;
mod fields;
mod messages;
mod schema;
mod tools;
mod wishes;

pub use tools::{Choice, Tool};

use fields::{integer, invalid, known, missing, switch};

/// A request that passed every check.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The model asked for.
    pub model: String,
    /// Whether the answer is a stream.
    pub stream: bool,
    /// The words that the answer may have.
    pub limit: u64,
    /// Texts that end an answer.
    pub stop: Vec<String>,
    /// The instructions' blocks.
    pub system: Vec<Value>,
    /// The turns, as they came, with their content as blocks.
    pub turns: Vec<(String, Vec<Value>)>,
    /// The tools of the client, in order.
    pub tools: Vec<Tool>,
    /// Which of them to call.
    pub choice: Choice,
    /// Whether several may be called at once.
    pub parallel: bool,
    /// The provider searches the web.
    pub searches: bool,
    /// The model thinks, so many tokens.
    pub thinks: Option<u64>,
    /// The thoughts are shown.
    pub shown: bool,
    /// The schema of the answer.
    pub schema: Option<Value>,
}

/// The members of a request; anything else at the top is refused.
const KNOWN: [&str; 20] = [
    "model",
    "max_tokens",
    "messages",
    "system",
    "stream",
    "temperature",
    "top_p",
    "top_k",
    "stop_sequences",
    "tools",
    "tool_choice",
    "thinking",
    "output_config",
    "metadata",
    "service_tier",
    "cache_control",
    "container",
    "inference_geo",
    "speed",
    "diagnostics",
];

/// Members that are known only with a beta header that begins so.
const OF_BETAS: [(&str, &str); 2] = [
    ("context_management", "context-management-"),
    ("mcp_servers", "mcp-client-"),
];

/// Checks a request for an answer.
///
/// # Errors
/// The refusal that Anthropic would send.
pub fn ask(body: &Value, betas: &[String]) -> Result<Ask, Refusal> {
    let body = object(body, betas)?;
    let model = model(body)?;
    let limit = integer(body, "max_tokens")?.ok_or_else(|| missing("max_tokens"))?;
    if limit > model.longest_answer {
        return Err(Refusal::invalid(format!(
            "max_tokens: {limit} > {}, which is the maximum allowed number of output tokens for {}",
            model.longest_answer, model.name
        )));
    }
    rest(body, &model, limit)
}

/// Checks a request to count tokens: the same without a limit.
///
/// # Errors
/// The refusal that Anthropic would send.
pub fn count(body: &Value, betas: &[String]) -> Result<Ask, Refusal> {
    let body = object(body, betas)?;
    for name in ["max_tokens", "stream", "metadata", "stop_sequences", "temperature"] {
        if body.contains_key(name) {
            return Err(invalid(name, "Extra inputs are not permitted"));
        }
    }
    rest(body, &model(body)?, u64::MAX)
}

fn object<'a>(body: &'a Value, betas: &[String]) -> Result<&'a Map<String, Value>, Refusal> {
    let body = body
        .as_object()
        .ok_or_else(|| Refusal::invalid("Input should be a valid dictionary or object to extract fields from"))?;
    for name in body.keys().filter(|name| !KNOWN.contains(&name.as_str())) {
        let beta = OF_BETAS.iter().find(|(member, _)| member == name);
        if !beta.is_some_and(|(_, prefix)| betas.iter().any(|beta| beta.starts_with(prefix))) {
            return Err(invalid(name, "Extra inputs are not permitted"));
        }
    }
    Ok(body)
}

fn model(body: &Map<String, Value>) -> Result<Model, Refusal> {
    let name = match body.get("model") {
        None => return Err(missing("model")),
        Some(Value::String(name)) => name,
        Some(_) => return Err(invalid("model", "Input should be a valid string")),
    };
    models::find(name).ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "not_found_error", format!("model: {name}")))
}

/// How many marks for the cache there may be (<https://github.com/continuedev/continue/pull/6937>), and that none outlives one before it
/// (<https://github.com/cnighswonger/claude-code-cache-fix/issues/44>).
fn marked(body: &Map<String, Value>) -> Result<(), Refusal> {
    let places = ["tools", "system", "messages"];
    let mut found = Vec::new();
    places
        .into_iter()
        .filter_map(|name| body.get(name))
        .for_each(|place| marks(place, &mut found));
    found.extend(body.get("cache_control").filter(|mark| mark.is_object()));
    if found.len() > 4 {
        return Err(Refusal::invalid(format!(
            "A maximum of 4 blocks with cache_control may be provided. Found {}.",
            found.len()
        )));
    }
    let lives_long = |mark: &&Value| mark["ttl"] == "1h";
    if found.iter().skip_while(|mark| lives_long(mark)).any(lives_long) {
        return Err(Refusal::invalid(
            "cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are processed in the following order: `tools`, `system`, `messages`.",
        ));
    }
    Ok(())
}

/// The marks in their order: of what stands within each other, the inner ones first.
fn marks<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(members) => {
            let inner = members
                .iter()
                .filter(|(name, _)| !matches!(name.as_str(), "input_schema" | "input" | "cache_control"));
            inner.for_each(|(_, inner)| marks(inner, found));
            found.extend(members.get("cache_control").filter(|mark| mark.is_object()));
        }
        Value::Array(values) => values.iter().for_each(|value| marks(value, found)),
        _ => {}
    }
}

fn rest(body: &Map<String, Value>, model: &Model, limit: u64) -> Result<Ask, Refusal> {
    let stream = switch(body, "stream")?.unwrap_or(false);
    let tools = tools::check(body)?;
    let conversation = messages::check(body, model, !tools.own.is_empty())?;
    let wishes = wishes::check(body, model, limit, &tools.choice, &conversation)?;
    marked(body)?;
    schema::complexity(tools.strict.iter().chain(&wishes.schema))?;
    let stop = stop_sequences(body)?;
    metadata(body)?;
    if let Some(tier) = body.get("service_tier")
        && tier != "auto"
        && tier != "standard_only"
    {
        return Err(invalid("service_tier", "Input should be 'auto' or 'standard_only'"));
    }
    Ok(Ask {
        model: body.get("model").and_then(Value::as_str).unwrap_or_default().to_owned(),
        stream,
        limit,
        stop,
        system: conversation.system,
        turns: conversation.turns,
        tools: tools.own,
        choice: tools.choice,
        parallel: tools.parallel,
        searches: tools.searches,
        thinks: wishes.thinks,
        shown: wishes.shown,
        schema: wishes.schema,
    })
}

fn stop_sequences(body: &Map<String, Value>) -> Result<Vec<String>, Refusal> {
    let Some(sequences) = body.get("stop_sequences") else {
        return Ok(Vec::new());
    };
    let list = sequences
        .as_array()
        .ok_or_else(|| invalid("stop_sequences", "Input should be a valid list"))?;
    let texts = list.iter().enumerate().map(|(at, one)| {
        let text = one
            .as_str()
            .ok_or_else(|| invalid(&format!("stop_sequences.{at}"), "Input should be a valid string"))?;
        if text.trim().is_empty() {
            return Err(invalid(
                "stop_sequences",
                "each stop sequence must contain non-whitespace",
            ));
        }
        Ok(text.to_owned())
    });
    texts.collect()
}

fn metadata(body: &Map<String, Value>) -> Result<(), Refusal> {
    let Some(metadata) = body.get("metadata") else {
        return Ok(());
    };
    let metadata = metadata
        .as_object()
        .ok_or_else(|| invalid("metadata", "Input should be a valid dictionary"))?;
    known(metadata, "metadata", &["user_id"])?;
    match metadata.get("user_id") {
        Some(Value::String(user)) if user.chars().count() > 256 => {
            Err(invalid("metadata.user_id", "String should have at most 256 characters"))
        }
        None | Some(Value::String(_) | Value::Null) => Ok(()),
        Some(_) => Err(invalid("metadata.user_id", "Input should be a valid string")),
    }
}

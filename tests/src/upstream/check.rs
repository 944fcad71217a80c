//! Reads a chat request as strictly as OpenAI does and turns it into what the answer needs, or into a refusal.
//!
//! The fields are those of `CreateChatCompletionRequest` in the openai-openapi description (openai SDK 3.54); the
//! sentences are those that OpenAI's API sends, as quoted in public bug reports. The parts: `parameters.rs` (numbers and
//! switches), `messages.rs`, `tools.rs`, `format.rs`, `strict.rs` (their schemas), `fields.rs` (typed look-ups). `serve.rs` calls [`chat`].

use http::StatusCode;
use serde_json::{Map, Value};

use super::catalogue::{self, Ability};
use super::refusal::Refusal;

mod deepseek;
pub(crate) mod fields;
mod format;
mod messages;
mod parameters;
pub(crate) mod strict;
mod tools;
mod xai;

pub(crate) use super::catalogue::bare;
pub use format::Format;
pub(crate) use parameters::effort;
pub use tools::{Choice, Tool};

/// A chat request that passed every check.
#[derive(Debug, Clone)]
pub struct Chat {
    /// The model asked for.
    pub model: String,
    /// Whether the model reasons before it answers.
    pub reasoning: bool,
    /// Whether the answer is a stream.
    pub stream: bool,
    /// `stream_options.include_usage`.
    pub include_usage: bool,
    /// `stream_options.include_obfuscation`, on unless switched off.
    pub obfuscation: bool,
    /// How many choices.
    pub n: u64,
    /// The cap on the words of one choice.
    pub limit: Option<u64>,
    /// Texts that end an answer.
    pub stop: Vec<String>,
    /// `reasoning_effort`, where given.
    pub effort: Option<String>,
    /// The tools, in order.
    pub tools: Vec<Tool>,
    /// Which of them to call.
    pub choice: Choice,
    /// Whether several may be called at once.
    pub parallel: bool,
    /// The form of the answer.
    pub format: Format,
    /// The messages as they came.
    pub messages: Vec<Value>,
}

/// The parameters of a chat request; anything else at the top is refused.
const KNOWN: [&str; 37] = [
    "messages",
    "model",
    "audio",
    "frequency_penalty",
    "function_call",
    "functions",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "metadata",
    "modalities",
    "moderation",
    "n",
    "parallel_tool_calls",
    "prediction",
    "presence_penalty",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "reasoning_effort",
    "response_format",
    "safety_identifier",
    "seed",
    "service_tier",
    "stop",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "user",
    "verbosity",
    "web_search_options",
];

/// Checks a chat request.
///
/// # Errors
/// The refusal that OpenAI would send.
pub fn chat(body: &Value) -> Result<Chat, Refusal> {
    let body = object(body)?;
    unknown(body, &KNOWN)?;
    let (model, ability) = model(body)?;
    if matches!(ability, Ability::Embedding(_) | Ability::Text | Ability::Drawing) {
        return Err(Refusal::invalid(
            "This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use \
             v1/completions?",
        )
        .param("model")
        .status(StatusCode::NOT_FOUND));
    }
    if catalogue::bare(&model) != model {
        return Err(
            Refusal::invalid("This model is only supported in v1/responses and not in v1/chat/completions.")
                .param("model")
                .status(StatusCode::NOT_FOUND),
        );
    }
    let reasoning = ability == Ability::Reasoning;
    xai::check(body, &model)?;
    deepseek::check(body, &model)?;
    let messages = messages::check(body)?;
    messages::seen(&messages, &model)?;
    let numbers = parameters::check(body, reasoning)?;
    parameters::known_to(body, &model)?;
    let (tools, choice, parallel) = tools::check(body)?;
    let format = format::check(body, &messages)?;
    Ok(Chat {
        model,
        reasoning,
        stream: numbers.stream,
        include_usage: numbers.include_usage,
        obfuscation: numbers.obfuscation,
        n: numbers.n,
        limit: numbers.limit,
        stop: numbers.stop,
        effort: numbers.effort,
        tools,
        choice,
        parallel,
        format,
        messages,
    })
}

/// The body as an object.
pub(crate) fn object(body: &Value) -> Result<&Map<String, Value>, Refusal> {
    body.as_object().ok_or_else(|| {
        Refusal::invalid(format!(
            "Invalid type for request body: expected an object, but got {} instead.",
            fields::kind(body)
        ))
        .code("invalid_type")
    })
}

/// Refuses parameters that do not exist.
pub(crate) fn unknown(body: &Map<String, Value>, known: &[&str]) -> Result<(), Refusal> {
    let strange: Vec<&str> = body
        .keys()
        .map(String::as_str)
        .filter(|name| !known.contains(name))
        .collect();
    match strange.as_slice() {
        [] => Ok(()),
        [one] => Err(Refusal::invalid(format!(
            "Unrecognized request argument supplied: {one}"
        ))),
        many => Err(Refusal::invalid(format!(
            "Unrecognized request arguments supplied: {}",
            many.join(", ")
        ))),
    }
}

/// The model, which must exist.
pub(crate) fn model(body: &Map<String, Value>) -> Result<(String, Ability), Refusal> {
    let model = match body.get("model") {
        None => return Err(Refusal::invalid("you must provide a model parameter")),
        Some(Value::String(model)) => model,
        Some(other) => return Err(fields::wrong_type("model", "a string", other)),
    };
    let ability = catalogue::find(model).ok_or_else(|| no_model(model))?;
    Ok((model.clone(), ability))
}

/// The refusal of a model that does not exist.
pub(crate) fn no_model(model: &str) -> Refusal {
    Refusal::invalid(format!(
        "The model `{model}` does not exist or you do not have access to it."
    ))
    .code("model_not_found")
    .status(StatusCode::NOT_FOUND)
}

//! A request for an answer in words that every dialect shares. Read by a dialect, written by a provider's wire.
//!
//! Tests read it from JSON, for golden fixtures; nothing else does.

use serde_json::{Map, Value};

use crate::wire::{google, responses::sealed};

/// What a client asks of a model.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(test, derive(serde::Deserialize), serde(default, deny_unknown_fields))]
pub struct Request {
    /// The model as the client names it. What the provider is told stands in [`super::Target`].
    pub model: String,
    /// The answer is to be streamed.
    pub stream: bool,
    /// The conversation, oldest first. Instructions are messages of [`Role::System`] or [`Role::Developer`], in their place.
    pub messages: Vec<Message>,
    /// The tools, in the client's order: the order decides whether a provider's cache hits.
    pub tools: Vec<Tool>,
    /// Which tool the model must use, when the client says so.
    pub tool_choice: Option<ToolChoice>,
    /// Whether several tools may be called at once, when the client says so.
    pub parallel_tools: Option<bool>,
    /// The client knows no tools, but functions of which one is called at a time (OpenAI's old form).
    pub functions: bool,
    /// The form of the answer.
    pub format: Format,
    /// The answer tokens that the client allows.
    pub max_tokens: Option<u64>,
    /// How much the model should think before it answers, when the client says so.
    pub reasoning: Option<Reasoning>,
    /// Sampling, as the client sent it.
    pub temperature: Option<f64>,
    /// Sampling, as the client sent it.
    pub top_p: Option<f64>,
    /// Sampling, as the client sent it.
    pub top_k: Option<u64>,
    /// Sampling, as the client sent it.
    pub presence_penalty: Option<f64>,
    /// Sampling, as the client sent it.
    pub frequency_penalty: Option<f64>,
    /// Sampling, as the client sent it.
    pub seed: Option<i64>,
    /// Texts at which the answer stops.
    pub stop: Vec<String>,
    /// The client's name for its own user, for the provider's abuse checks.
    pub user: Option<String>,
    /// Members that have no common word, by the name they have in the client's dialect. A wire writes those it knows and
    /// reports the others as [`super::Dropped`], whatever their value: a reader keeps no member that says `null`.
    pub extra: Map<String, Value>,
}

/// Notes what a reader leaves out because no other wire has anything like it, by a name that tells where it stood. Every wire reports
/// it.
pub fn leave_out(extra: &mut Map<String, Value>, name: impl Into<String>) {
    extra.insert(name.into(), Value::Bool(true));
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Role {
    /// Instructions.
    System,
    /// Instructions, by OpenAI's newer name.
    Developer,
    /// The person, and what tools have answered.
    User,
    /// The model.
    Assistant,
}

/// One turn. Consecutive answers of tools are one message of [`Role::User`], whatever the dialect.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields))]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said, in order.
    pub parts: Vec<Part>,
    /// A name for the speaker.
    pub name: Option<String>,
}

/// A piece of a turn.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(test, derive(serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Part {
    /// Plain text.
    Text {
        /// The text.
        text: String,
        /// The provider is asked to keep everything up to here in its cache.
        cache: Option<CacheMark>,
    },
    /// A picture, a document, a sound.
    File(File),
    /// What a model thought in an earlier turn. Must go back to its own provider unchanged.
    Thought(Thought),
    /// The model declined.
    Refusal(String),
    /// The model calls a tool.
    ToolCall(ToolCall),
    /// What a tool answered.
    ToolResult(ToolResult),
}

impl Part {
    /// Plain text without a mark.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text {
            text: text.into(),
            cache: None,
        }
    }
}

/// A wish that the provider keeps the prompt up to here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum CacheMark {
    /// For five minutes.
    FiveMinutes,
    /// For an hour.
    OneHour,
}

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum FileKind {
    /// A picture.
    Image,
    /// A document: PDF or text.
    Document,
    /// A sound.
    Audio,
    /// A film.
    Video,
}

/// A file in a request or an answer.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct File {
    /// What kind it is.
    pub kind: FileKind,
    /// Where its content is.
    pub source: Source,
    /// Its name.
    pub name: Option<String>,
    /// How closely a picture should be looked at: OpenAI's `low`, `high` or `auto`.
    pub detail: Option<String>,
    /// The provider is asked to keep everything up to here in its cache.
    pub cache: Option<CacheMark>,
}

/// Where the content of a file is.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Source {
    /// At an address.
    Url(String),
    /// Right here.
    Data {
        /// Its media type, as `image/png`.
        mime: String,
        /// Base64 in the standard alphabet.
        base64: String,
    },
    /// Plain text, right here.
    Text(String),
    /// Kept by the provider under this id.
    Id(String),
}

/// What a model thought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Deserialize), serde(default, deny_unknown_fields))]
pub struct Thought {
    /// The text, which may be empty or a summary.
    pub text: String,
    /// The provider's proof that the text is its own: Anthropic's `signature`, Gemini's `thoughtSignature`.
    pub signature: Option<String>,
    /// The thought itself in the provider's own cipher: Anthropic's `redacted_thinking`, OpenAI's `encrypted_content`.
    pub sealed: Option<String>,
    /// The provider's name for it (OpenAI's `rs_…`).
    pub id: Option<String>,
}

impl Thought {
    /// Its proof or its cipher is known to be OpenAI's or Google's, who alone take it back; each of the two finds its own by the same
    /// marks. Others are told apart by nothing: Anthropic's, and those of services that resell it.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        let googles = |signature: &str| google::own_signature(signature).is_some();
        let openais = |cipher: &str| sealed::split_own(cipher).is_some();
        self.signature.as_deref().is_some_and(googles) || self.sealed.as_deref().is_some_and(openais)
    }
}

/// A call of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields))]
pub struct ToolCall {
    /// Names the call; its result carries the same.
    pub id: String,
    /// The tool.
    pub name: String,
    /// JSON as text, unchanged.
    pub arguments: String,
    /// Gemini's `thoughtSignature` of this call, which must go back with it.
    pub signature: Option<String>,
}

impl ToolCall {
    /// The arguments for a wire that wants an object. What a model wrote and is none goes inside one, so that the
    /// conversation can go on.
    #[must_use]
    pub fn arguments_object(&self) -> Map<String, Value> {
        let inside = |value| Map::from_iter([("arguments".to_owned(), value)]);
        match serde_json::from_str(&self.arguments) {
            Ok(Value::Object(arguments)) => arguments,
            _ if self.arguments.trim().is_empty() => Map::new(),
            Ok(other) => inside(other),
            Err(_) => inside(Value::from(self.arguments.as_str())),
        }
    }
}

/// What a tool answered.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields))]
pub struct ToolResult {
    /// The call that it answers.
    pub id: String,
    /// The tool, where the dialect says so. Gemini needs it; a reader looks it up in the calls before.
    pub name: Option<String>,
    /// Text and files.
    pub parts: Vec<Part>,
    /// The tool failed.
    #[cfg_attr(test, serde(default))]
    pub failed: bool,
    /// The provider is asked to keep everything up to here in its cache.
    pub cache: Option<CacheMark>,
}

/// A tool that the model may call.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields))]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// JSON Schema of its arguments; an empty object where the client gave none.
    pub schema: Value,
    /// The arguments must obey the schema, when the client says so.
    pub strict: Option<bool>,
    /// The provider is asked to keep everything up to here in its cache.
    pub cache: Option<CacheMark>,
}

/// Which tool the model must use.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum ToolChoice {
    /// As it likes.
    Auto,
    /// None.
    None,
    /// At least one.
    Required,
    /// This one.
    Named(String),
}

/// The form of the answer.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(test, derive(serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Format {
    /// Text.
    #[default]
    Text,
    /// Any JSON object.
    JsonObject,
    /// JSON that obeys a schema.
    JsonSchema {
        /// The schema's name; OpenAI requires one.
        name: String,
        /// What it is for.
        description: Option<String>,
        /// The schema.
        schema: Value,
        /// It must be obeyed to the letter, when the client says so.
        strict: Option<bool>,
        /// The client takes `null` for a member that may be left out, as AIGNE's framework does.
        #[cfg_attr(test, serde(default))]
        nulls: bool,
    },
}

/// How much the model should think.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(test, derive(serde::Deserialize), serde(default, deny_unknown_fields))]
pub struct Reasoning {
    /// In words.
    pub effort: Option<Effort>,
    /// In tokens.
    pub budget: Option<u64>,
    /// Not at all.
    pub off: bool,
    /// The client wants to see (a summary of) the thoughts.
    pub shown: bool,
}

/// How hard to think, in words that every dialect has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(test, derive(serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Effort {
    /// Hardly.
    Minimal,
    /// A little.
    Low,
    /// As usual.
    Medium,
    /// Hard.
    High,
    /// As hard as can be (`xhigh`, `max`).
    Most,
}

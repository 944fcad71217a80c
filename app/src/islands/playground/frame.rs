//! What browser and hub say to each other about one answer: the question, the pieces of the answer, how it ended.
//!
//! Pieces travel as lines of JSON (`super::lines`). Made by `pages::playground::answer`, read by `super::reader`.

use domain::{call::Fault, id::CallId};
use serde::{Deserialize, Serialize};

/// Who said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// Who sets the scene.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
    /// What a tool gave back.
    Tool,
}

/// One message of the conversation so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// By whom.
    pub role: Speaker,
    /// The words.
    pub content: String,
    /// Files that go with them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Tools that the model called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<ToolCall>,
    /// The call that a tool's words answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<String>,
}

impl Said {
    /// Words alone.
    #[must_use]
    pub const fn words(role: Speaker, content: String) -> Self {
        Self {
            role,
            content,
            attachments: Vec::new(),
            calls: Vec::new(),
            answers: None,
        }
    }
}

/// What kind of file goes with a message; each has its own place in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AttachmentKind {
    /// A picture.
    Image,
    /// A PDF.
    Document,
    /// A recording.
    Sound,
    /// Text of any kind: its words go into the message.
    Text,
}

/// A file that goes with a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// What it is called.
    pub name: String,
    /// What it is.
    pub kind: AttachmentKind,
    /// Of a text its words, of everything else a `data:` address.
    pub data: String,
    /// Its size.
    pub bytes: u32,
}

/// A tool that the model called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolCall {
    /// Its id, which the tool's answer repeats.
    pub id: String,
    /// The tool.
    pub name: String,
    /// JSON, as the model wrote it.
    pub arguments: String,
}

/// A piece of a call: what is new of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolPiece {
    /// Which call of the answer, from 0 on.
    pub index: u32,
    /// Its id, once.
    pub id: Option<String>,
    /// The tool, once.
    pub name: Option<String>,
    /// More of the arguments.
    pub arguments: String,
}

/// A question with everything that the model is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The model's public name, `provider/model`.
    pub model: String,
    /// The conversation, the question last.
    pub messages: Vec<Said>,
    /// In hundredths, 0 to 200; absent leaves it to the model.
    pub temperature: Option<u16>,
    /// The longest answer in tokens; absent leaves it to the model.
    pub max_tokens: Option<u32>,
    /// Tools that the model may call: a JSON list as OpenAI's API takes it.
    #[serde(default)]
    pub tools: Option<String>,
}

/// One line of the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Frame {
    /// The call exists from now on. Always the first line, before the provider has said anything.
    Call(CallId),
    /// More of the answer.
    Text(String),
    /// More of the model's thinking, where it shows it.
    Reasoning(String),
    /// More of a call of a tool.
    Tool(ToolPiece),
    /// The last line.
    End(Ending),
}

/// How an answer ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// Why.
    pub outcome: Outcome,
    /// What it took, with the same numbers as the log; absent when nobody knows.
    pub metrics: Option<Metrics>,
}

/// What an answer took, as text: the hub formats it, so that every page says it alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metrics {
    /// Until the first byte of the answer.
    pub first: Option<String>,
    /// Until the end.
    pub total: Option<String>,
    /// Tokens per second between the two.
    pub speed: Option<String>,
    /// Tokens of the conversation up to the answer.
    pub input: String,
    /// Tokens of the answer, thinking included.
    pub output: String,
    /// The provider did not count; the tokens are the hub's estimate.
    pub estimated: bool,
    /// What was charged, in credits; absent where nothing is.
    pub charge: Option<String>,
}

/// Why an answer ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The model was done.
    Complete,
    /// The model reached the longest answer that was allowed.
    Cut,
    /// Somebody pressed Stop.
    Stopped,
    /// It failed; what had come stays.
    Failed(Problem),
}

/// Why an answer failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Whose fault it is; absent when there was no call, as when the way to the hub broke.
    pub fault: Option<Fault>,
    /// The failure's own code; empty where there was no call.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// What happened, in the hub's or the provider's words; a whole sentence where there was no call.
    pub message: String,
    /// Seconds after which it makes sense to try again.
    pub retry_after: Option<u32>,
    /// The page of the hub where whoever asked can mend it, or sees more of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
}

impl Ending {
    /// An ending of which nobody told the numbers.
    #[must_use]
    pub const fn untold(outcome: Outcome) -> Self {
        Self { outcome, metrics: None }
    }
}

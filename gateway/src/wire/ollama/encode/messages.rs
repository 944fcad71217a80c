//! The conversation: messages of `system`, `user`, `assistant` and `tool`, each with one text and its pictures apart.

use serde_json::{Map, Value, json};

use super::{Page, unspeakable};
use crate::wire::{
    call_names::CallNames,
    canonical::{File, FileKind, Message, Part, Request, Role, Source, ToolCall, ToolResult, Unspeakable, asked},
};

pub(super) fn write(request: &Request, page: &mut Page) -> Result<Vec<Value>, Unspeakable> {
    if asked::nothing_by(request) {
        return Err(asked::nothing());
    }
    let mut writer = Writer {
        page,
        names: CallNames::default(),
        messages: Vec::new(),
    };
    for message in &request.messages {
        writer.message(message)?;
    }
    if writer.messages.is_empty() {
        return Err(unspeakable(
            "messages",
            "There is nothing in this conversation that could be answered.",
        ));
    }
    Ok(writer.messages)
}

struct Writer<'a> {
    page: &'a mut Page,
    /// Names of the tools that were called, by the ids of the calls.
    names: CallNames,
    messages: Vec<Value>,
}

/// What one message of Ollama's holds.
#[derive(Default)]
struct Content {
    text: String,
    thinking: String,
    images: Vec<String>,
    calls: Vec<Value>,
}

impl Content {
    /// Texts of several parts are paragraphs of one.
    fn say(&mut self, text: &str) {
        if !self.text.is_empty() && !text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text);
    }

    fn is_empty(&self) -> bool {
        self.text.is_empty() && self.thinking.is_empty() && self.images.is_empty() && self.calls.is_empty()
    }

    fn json(self, role: &str) -> Map<String, Value> {
        let mut message = Map::new();
        message.insert("role".to_owned(), json!(role));
        message.insert("content".to_owned(), json!(self.text));
        if !self.thinking.is_empty() {
            message.insert("thinking".to_owned(), json!(self.thinking));
        }
        if !self.images.is_empty() {
            message.insert("images".to_owned(), json!(self.images));
        }
        if !self.calls.is_empty() {
            message.insert("tool_calls".to_owned(), Value::Array(self.calls));
        }
        message
    }
}

impl Writer<'_> {
    fn message(&mut self, message: &Message) -> Result<(), Unspeakable> {
        if message.name.is_some() {
            self.page.drop("messages[].name");
        }
        let role = match message.role {
            Role::System | Role::Developer => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        let mut content = Content::default();
        for part in &message.parts {
            match part {
                Part::Text { text, cache } => {
                    if cache.is_some() {
                        self.page.drop("cache_control");
                    }
                    content.say(text);
                }
                Part::Refusal(text) => content.say(text),
                Part::File(file) => self.file(file, &mut content)?,
                // A thought is plain text here, and nobody signs it. What another provider has sealed nobody else can read.
                Part::Thought(thought) => {
                    content.thinking.push_str(&thought.text);
                    if thought.sealed.is_some() {
                        self.page.drop("messages[].reasoning");
                    }
                }
                Part::ToolCall(call) => {
                    self.names.note(call);
                    content.calls.push(tool_call(call, content.calls.len()));
                }
                Part::ToolResult(result) => {
                    // Results are messages of their own, in their place among the texts.
                    self.push(std::mem::take(&mut content), role);
                    self.tool_result(result)?;
                }
            }
        }
        self.push(content, role);
        Ok(())
    }

    fn push(&mut self, content: Content, role: &str) {
        if !content.is_empty() {
            self.messages.push(Value::Object(content.json(role)));
        }
    }

    fn tool_result(&mut self, result: &ToolResult) -> Result<(), Unspeakable> {
        if result.cache.is_some() {
            self.page.drop("cache_control");
        }
        let mut content = Content::default();
        if result.failed {
            // There is no other place to say it.
            content.say("The tool failed:");
        }
        for part in &result.parts {
            match part {
                Part::Text { text, .. } | Part::Refusal(text) => content.say(text),
                Part::File(file) => self.file(file, &mut content)?,
                Part::Thought(_) | Part::ToolCall(_) | Part::ToolResult(_) => self.page.drop("tool_result"),
            }
        }
        let mut message = content.json("tool");
        let name = result.name.as_deref().or_else(|| self.names.of(&result.id));
        let Some(name) = name else {
            let message = format!("The tool result '{}' answers no call of this conversation.", result.id);
            return Err(unspeakable("messages", message));
        };
        message.insert("tool_name".to_owned(), json!(name));
        message.insert("tool_call_id".to_owned(), json!(result.id));
        self.messages.push(Value::Object(message));
        Ok(())
    }

    fn file(&mut self, file: &File, content: &mut Content) -> Result<(), Unspeakable> {
        if file.name.is_some() {
            self.page.drop("messages[].filename");
        }
        if matches!(file.detail.as_deref(), Some(detail) if detail != "auto") {
            self.page.drop("messages[].detail");
        }
        if file.cache.is_some() {
            self.page.drop("cache_control");
        }
        match (&file.source, file.kind) {
            (Source::Data { base64, .. }, FileKind::Image) => content.images.push(base64.clone()),
            (Source::Text(text), _) => content.say(text),
            (Source::Url(_), _) => {
                return Err(unspeakable(
                    "messages",
                    "Ollama does not fetch files from addresses. Send the content of the picture as base64.",
                ));
            }
            _ => {
                return Err(unspeakable(
                    "messages",
                    "Ollama takes pictures and text only. Send documents as text.",
                ));
            }
        }
        Ok(())
    }
}

fn tool_call(call: &ToolCall, index: usize) -> Value {
    json!({
        "id": call.id,
        "function": {"index": index, "name": call.name, "arguments": call.arguments_object()},
    })
}

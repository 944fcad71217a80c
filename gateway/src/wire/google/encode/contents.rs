//! The conversation: `systemInstruction` and `contents`, whose turns alternate between `user` and `model`.

use serde_json::{Map, Value, json};

use super::{super::identity, Page, files, unspeakable};
use crate::wire::{
    call_names::CallNames,
    canonical::{Message, Part, Request, Role, ToolCall, ToolResult, Unspeakable, asked},
};

pub(super) fn write(request: &Request, page: &mut Page) -> Result<(), Unspeakable> {
    if asked::nothing_by(request) {
        return Err(asked::nothing());
    }
    let mut turns = Turns::default();
    let is_instruction = |message: &&Message| matches!(message.role, Role::System | Role::Developer);
    let (leading, rest) = match request.messages.iter().position(|message| !is_instruction(&message)) {
        Some(first) => request.messages.split_at(first),
        // Gemini wants at least one turn, so instructions alone are said by the user.
        None => (&[][..], &request.messages[..]),
    };
    let mut instructions = Vec::new();
    for message in leading {
        Turn::of(message, page, &mut instructions).write(&mut CallNames::default())?;
    }
    if !instructions.is_empty() {
        page.set("systemInstruction", json!({ "parts": instructions }));
    }
    for message in rest {
        turns.take(message, page)?;
    }
    if turns.contents.is_empty() {
        return Err(unspeakable(
            "messages",
            "There is nothing in this conversation that could be answered.",
        ));
    }
    let is_third = page.traits.is_third();
    let contents = turns.contents.into_iter().map(|content| content.json(is_third));
    let contents = contents.collect();
    page.set("contents", contents);
    Ok(())
}

/// One of Gemini's turns.
struct Content {
    role: &'static str,
    parts: Vec<Value>,
}

impl Content {
    fn json(mut self, is_third: bool) -> Value {
        // The first call of a turn must be signed; one that another model made gets what stands for "not mine".
        let first = self.parts.iter_mut().find(|part| part.get("functionCall").is_some());
        if let (true, Some(Value::Object(part))) = (is_third, first) {
            part.entry("thoughtSignature")
                .or_insert_with(|| json!(identity::FOREIGN));
        }
        json!({"role": self.role, "parts": self.parts})
    }
}

#[derive(Default)]
struct Turns {
    contents: Vec<Content>,
    /// Names of the tools that were called, by the ids of the calls.
    names: CallNames,
}

impl Turns {
    /// Adds a message to the turn that is open, or begins one.
    fn take(&mut self, message: &Message, page: &mut Page) -> Result<(), Unspeakable> {
        // An instruction in the middle keeps its place, since Gemini knows instructions at the beginning only.
        let role = match message.role {
            Role::Assistant => "model",
            Role::User | Role::System | Role::Developer => "user",
        };
        let mut parts = Vec::new();
        Turn::of(message, page, &mut parts).write(&mut self.names)?;
        match self.contents.last_mut() {
            Some(last) if last.role == role => last.parts.append(&mut parts),
            _ if parts.is_empty() => {}
            _ => self.contents.push(Content { role, parts }),
        }
        Ok(())
    }
}

/// One message on its way.
struct Turn<'a> {
    message: &'a Message,
    page: &'a mut Page,
    parts: &'a mut Vec<Value>,
}

impl<'a> Turn<'a> {
    fn of(message: &'a Message, page: &'a mut Page, parts: &'a mut Vec<Value>) -> Self {
        Self { message, page, parts }
    }

    fn write(mut self, names: &mut CallNames) -> Result<(), Unspeakable> {
        if self.message.name.is_some() {
            self.page.drop("messages[].name");
        }
        for part in &self.message.parts {
            match part {
                Part::Text { text, cache } => {
                    if cache.is_some() {
                        self.page.drop("cache_control");
                    }
                    self.text(text);
                }
                Part::Refusal(text) => self.text(text),
                Part::File(file) => {
                    let part = files::part(file, self.page)?;
                    self.parts.push(part);
                }
                Part::Thought(thought) => {
                    let own = thought.signature.as_deref().and_then(identity::unmark);
                    match own {
                        Some(signature) => self.thought(&thought.text, signature),
                        None => self.page.drop("messages[].reasoning"),
                    }
                }
                Part::ToolCall(call) => {
                    names.note(call);
                    self.parts.push(tool_call(call));
                }
                Part::ToolResult(result) => self.tool_result(result, names)?,
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        // Gemini refuses parts that are empty.
        if !text.is_empty() {
            self.parts.push(json!({ "text": text }));
        }
    }

    /// A thought of Gemini's own. What it signed beside a text came to the client as a thought without words, and goes back
    /// to that text.
    fn thought(&mut self, text: &str, signature: &str) {
        let before = self.parts.last_mut().and_then(Value::as_object_mut);
        match before {
            _ if !text.is_empty() => {
                self.parts
                    .push(json!({"text": text, "thought": true, "thoughtSignature": signature}));
            }
            Some(before) if before.contains_key("text") && !before.contains_key("thoughtSignature") => {
                before.insert("thoughtSignature".to_owned(), json!(signature));
            }
            _ => self.parts.push(json!({"text": "", "thoughtSignature": signature})),
        }
    }

    fn tool_result(&mut self, result: &ToolResult, names: &CallNames) -> Result<(), Unspeakable> {
        let Some(name) = result.name.as_deref().or_else(|| names.of(&result.id)) else {
            let message = format!("The tool result '{}' answers no call of this conversation.", result.id);
            return Err(unspeakable("messages", message));
        };
        if result.cache.is_some() {
            self.page.drop("cache_control");
        }
        let mut text = String::new();
        let mut files = Vec::new();
        for part in &result.parts {
            match part {
                Part::Text { text: more, .. } | Part::Refusal(more) => text.push_str(more),
                Part::File(file) => files.push(files::part(file, self.page)?),
                Part::Thought(_) | Part::ToolCall(_) | Part::ToolResult(_) => self.page.drop("tool_result"),
            }
        }
        let mut response = Map::new();
        if let Some(id) = identity::take_apart(&result.id).id {
            response.insert("id".to_owned(), json!(id));
        }
        response.insert("name".to_owned(), json!(name));
        let member = if result.failed { "error" } else { "output" };
        response.insert("response".to_owned(), json!({ member: text }));
        // Texts among the files can only stand beside the result, and so do all files before Gemini 3.
        let is_third = self.page.traits.is_third();
        let (inside, beside): (Vec<_>, Vec<_>) = files
            .into_iter()
            .partition(|file| is_third && file.get("text").is_none());
        if !inside.is_empty() {
            response.insert("parts".to_owned(), Value::Array(inside));
        }
        self.parts.push(json!({ "functionResponse": response }));
        self.parts.extend(beside);
        Ok(())
    }
}

fn tool_call(call: &ToolCall) -> Value {
    let known = identity::take_apart(&call.id);
    let mut function = Map::new();
    if let Some(id) = known.id {
        function.insert("id".to_owned(), json!(id));
    }
    function.insert("name".to_owned(), json!(call.name));
    function.insert("args".to_owned(), Value::Object(call.arguments_object()));
    let mut part = Map::new();
    part.insert("functionCall".to_owned(), Value::Object(function));
    if let Some(signature) = call.signature.clone().or(known.signature) {
        part.insert("thoughtSignature".to_owned(), Value::String(signature));
    }
    Value::Object(part)
}

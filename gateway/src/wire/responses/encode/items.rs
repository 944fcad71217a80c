//! The conversation as items.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Dropped, Request, Unspeakable, drop_one};
use crate::wire::{
    canonical::{File, FileKind, Message, Part, Role, Source, Thought, ToolResult, asked},
    openai::{
        data_url,
        encode::{short_id, titled},
        write::arguments,
    },
    responses::sealed::split_own,
};

/// OpenAI refuses longer ids of calls; other providers make longer ones.
const ID_LIMIT: usize = 64;

pub(super) fn write(request: &Request, dropped: &mut BTreeSet<Dropped>) -> Result<Vec<Value>, Unspeakable> {
    if asked::untold_by(request) {
        return Err(asked::untold());
    }
    let mut writer = Writer {
        dropped,
        items: Vec::new(),
    };
    for message in &request.messages {
        match message.role {
            Role::System => writer.said("system", message)?,
            Role::Developer => writer.said("developer", message)?,
            Role::User => writer.said("user", message)?,
            Role::Assistant => writer.assistant(message)?,
        }
        if message.name.is_some() {
            writer.drop("messages[].name");
        }
    }
    if writer.items.is_empty() {
        return Err(asked::untold());
    }
    Ok(writer.items)
}

struct Writer<'a> {
    dropped: &'a mut BTreeSet<Dropped>,
    items: Vec<Value>,
}

fn unspeakable(message: &str) -> Unspeakable {
    Unspeakable {
        message: message.to_owned(),
        param: "messages".to_owned(),
    }
}

impl Writer<'_> {
    fn drop(&mut self, name: &str) {
        drop_one(self.dropped, name);
    }

    fn message(&mut self, role: &str, content: &[Value]) {
        if !content.is_empty() {
            self.items
                .push(json!({ "type": "message", "role": role, "content": content }));
        }
    }

    /// Answers of tools stand before what the person says.
    fn said(&mut self, role: &str, message: &Message) -> Result<(), Unspeakable> {
        let mut content = Vec::new();
        for part in &message.parts {
            match part {
                Part::Text { text, cache } => {
                    self.mark(cache.is_some());
                    content.push(json!({ "type": "input_text", "text": text }));
                }
                Part::Refusal(text) => content.push(json!({ "type": "input_text", "text": text })),
                Part::File(file) => content.push(self.file(file)?),
                Part::ToolResult(result) => self.result(result)?,
                Part::Thought(_) | Part::ToolCall(_) => {
                    return Err(unspeakable(
                        "Thoughts and calls of tools belong to messages of the assistant.",
                    ));
                }
            }
        }
        self.message(role, &content);
        Ok(())
    }

    fn result(&mut self, result: &ToolResult) -> Result<(), Unspeakable> {
        self.mark(result.cache.is_some());
        let mut parts = Vec::new();
        if result.failed {
            // There is no member that says so.
            parts.push(json!({ "type": "input_text", "text": "Error:" }));
        }
        for part in &result.parts {
            match part {
                Part::Text { text, cache } => {
                    self.mark(cache.is_some());
                    parts.push(json!({ "type": "input_text", "text": text }));
                }
                Part::File(file) => parts.push(self.file(file)?),
                _ => return Err(unspeakable("A tool can only answer with text and files.")),
            }
        }
        let output = match parts.as_mut_slice() {
            [] => json!(""),
            [one] if one["type"] == "input_text" => one["text"].take(),
            _ => parts.into(),
        };
        let id = short_id(&result.id, ID_LIMIT);
        self.items
            .push(json!({ "type": "function_call_output", "call_id": id, "output": output }));
        Ok(())
    }

    fn assistant(&mut self, message: &Message) -> Result<(), Unspeakable> {
        let mut content = Vec::new();
        let mut thought: Option<&Thought> = None;
        for part in &message.parts {
            if !matches!(part, Part::Text { .. } | Part::Refusal(_)) {
                self.message("assistant", &std::mem::take(&mut content));
            }
            match part {
                Part::Text { text, cache } => {
                    self.mark(cache.is_some());
                    content.push(json!({ "type": "output_text", "text": text }));
                }
                Part::Refusal(text) => content.push(json!({ "type": "refusal", "refusal": text })),
                Part::Thought(one) => match self.thought(thought.take(), one) {
                    true => {}
                    false => thought = Some(one),
                },
                Part::ToolCall(call) => {
                    if call.signature.is_some() {
                        self.drop("messages[].tool_calls[].signature");
                    }
                    self.items.push(json!({
                        "type": "function_call",
                        "call_id": short_id(&call.id, ID_LIMIT),
                        "name": call.name,
                        "arguments": arguments(&call.arguments),
                    }));
                }
                Part::File(_) => self.drop("messages[].images"),
                Part::ToolResult(_) => return Err(unspeakable("Answers of tools belong to messages of the user.")),
            }
        }
        self.message("assistant", &content);
        if thought.is_some() {
            self.drop("messages[].reasoning");
        }
        Ok(())
    }

    /// A thought goes back in OpenAI's own cipher, with the summary before it; nothing else is taken. Tells whether it was
    /// written.
    fn thought(&mut self, before: Option<&Thought>, one: &Thought) -> bool {
        let Some((id, cipher)) = one.sealed.as_deref().and_then(split_own) else {
            if before.is_some() || one.sealed.is_some() || one.signature.is_some() {
                self.drop("messages[].reasoning");
            }
            return false;
        };
        // What another provider signed is no summary of it.
        let summary = before.filter(|before| before.signature.is_none() && before.sealed.is_none());
        let texts = summary.into_iter().chain([one]).map(|thought| thought.text.as_str());
        let summary: Vec<Value> = texts
            .filter(|text| !text.is_empty())
            .map(|text| json!({ "type": "summary_text", "text": text }))
            .collect();
        self.items
            .push(json!({ "type": "reasoning", "id": id, "summary": summary, "encrypted_content": cipher }));
        true
    }

    fn file(&mut self, file: &File) -> Result<Value, Unspeakable> {
        self.mark(file.cache.is_some());
        let name = file.name.as_deref();
        let picture = |member: &str, value: &str| json!({ "type": "input_image", member: value, "detail": file.detail.as_deref().unwrap_or("auto") });
        match (file.kind, &file.source) {
            (_, Source::Text(text)) => {
                let text = titled(name, text);
                Ok(json!({ "type": "input_text", "text": text }))
            }
            (FileKind::Image, Source::Url(url)) => Ok(picture("image_url", url)),
            (FileKind::Image, Source::Data { mime, base64 }) => {
                Ok(picture("image_url", &data_url::write(mime, base64)))
            }
            (FileKind::Image, Source::Id(id)) => Ok(picture("file_id", id)),
            (FileKind::Document, Source::Data { mime, base64 }) => Ok(json!({
                "type": "input_file",
                "filename": name.unwrap_or_else(|| data_url::document_name(mime)),
                "file_data": data_url::write(mime, base64),
            })),
            (FileKind::Document, Source::Url(url)) => {
                self.unnamed(file);
                Ok(json!({ "type": "input_file", "file_url": url }))
            }
            (FileKind::Document, Source::Id(id)) => {
                self.unnamed(file);
                Ok(json!({ "type": "input_file", "file_id": id }))
            }
            (FileKind::Audio, Source::Data { mime, base64 }) => match data_url::sound_of_mime(mime) {
                Some(format) => {
                    Ok(json!({ "type": "input_audio", "input_audio": { "data": base64, "format": format } }))
                }
                None => Err(unspeakable("This provider takes sounds as WAV or MP3 only.")),
            },
            (FileKind::Audio, _) => Err(unspeakable("This provider takes sounds within the request only.")),
            (FileKind::Video, _) => Err(unspeakable("This provider takes no films.")),
        }
    }

    /// What lies elsewhere has its own name there.
    fn unnamed(&mut self, file: &File) {
        if file.name.is_some() {
            self.drop("messages[].filename");
        }
    }

    /// OpenAI keeps prompts in its cache unasked.
    fn mark(&mut self, marked: bool) {
        if marked {
            self.drop("cache_control");
        }
    }
}

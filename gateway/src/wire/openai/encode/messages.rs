//! The turns in OpenAI's form: answers of tools as messages of their own right after the calls, thoughts where the provider
//! takes them back, files as parts.

use std::{borrow::Cow, collections::BTreeSet};

use serde_json::{Map, Value, json};

use super::{Dropped, Encoder, Request, Thoughts, Unspeakable, drop_one, ids, titled};
use crate::wire::{
    canonical::{File, FileKind, Message, Part, Role, Source, Thought, ToolCall, ToolResult, ToolStart, asked},
    openai::{data_url, shape, write::arguments},
};

pub(super) fn write(
    request: &Request,
    encoder: &Encoder,
    dropped: &mut BTreeSet<Dropped>,
) -> Result<Vec<Value>, Unspeakable> {
    if asked::untold_by(request) {
        return Err(asked::untold());
    }
    let mut writer = Writer {
        encoder,
        dropped,
        written: Vec::new(),
    };
    for message in &request.messages {
        match message.role {
            Role::Assistant => writer.assistant(message)?,
            Role::User => writer.user(message)?,
            // Every service that speaks this dialect knows `system`, and OpenAI reads it as `developer` where it must.
            Role::System | Role::Developer => writer.instructions(message)?,
        }
    }
    if writer.written.is_empty() {
        return Err(asked::untold());
    }
    Ok(writer.written)
}

struct Writer<'a> {
    encoder: &'a Encoder,
    dropped: &'a mut BTreeSet<Dropped>,
    written: Vec<Value>,
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

    fn id(&self, id: &str) -> String {
        ids::chat(id, &self.encoder.quirks)
    }

    fn put(&mut self, role: &str, content: Option<Value>, name: Option<&str>, more: Map<String, Value>) {
        let mut message = Map::new();
        message.insert("role".into(), role.into());
        message.insert("content".into(), content.unwrap_or(Value::Null));
        match name {
            Some(name) if ids::is_name(name) => {
                message.insert("name".into(), name.into());
            }
            Some(_) => self.drop("messages[].name"),
            None => {}
        }
        message.extend(more);
        self.written.push(Value::Object(message));
    }

    fn instructions(&mut self, message: &Message) -> Result<(), Unspeakable> {
        let mut texts = Vec::new();
        for part in &message.parts {
            match part {
                Part::Text { text, cache } => {
                    self.mark(cache.is_some());
                    texts.push(text.as_str());
                }
                _ => return Err(unspeakable("Instructions can only be text for this provider.")),
            }
        }
        self.put(
            "system",
            Some(texts.join("\n\n").into()),
            message.name.as_deref(),
            Map::new(),
        );
        Ok(())
    }

    fn user(&mut self, message: &Message) -> Result<(), Unspeakable> {
        let mut parts = Vec::new();
        for part in &message.parts {
            match part {
                Part::Text { text, cache } => {
                    self.mark(cache.is_some());
                    parts.push(json!({ "type": "text", "text": text }));
                }
                Part::Refusal(text) => parts.push(json!({ "type": "text", "text": text })),
                Part::File(file) => parts.push(self.file(file)?),
                Part::ToolResult(result) => self.result(result, &mut parts)?,
                Part::Thought(_) | Part::ToolCall(_) => {
                    return Err(unspeakable(
                        "Thoughts and calls of tools belong to messages of the assistant.",
                    ));
                }
            }
        }
        let content = match parts.as_mut_slice() {
            [] => return Ok(()),
            [one] if one["type"] == "text" => one["text"].take(),
            _ => parts.into(),
        };
        self.put("user", Some(content), message.name.as_deref(), Map::new());
        Ok(())
    }

    /// A tool's answer is text here. Files in it follow in the person's message, which says whose they are.
    fn result(&mut self, result: &ToolResult, after: &mut Vec<Value>) -> Result<(), Unspeakable> {
        self.mark(result.cache.is_some());
        let (mut texts, mut files) = (Vec::new(), Vec::new());
        for part in &result.parts {
            match part {
                Part::Text { text, cache } => {
                    self.mark(cache.is_some());
                    texts.push(Cow::from(text));
                }
                Part::File(File {
                    source: Source::Text(text),
                    name,
                    cache,
                    ..
                }) => {
                    self.mark(cache.is_some());
                    texts.push(titled(name.as_deref(), text));
                }
                Part::File(file) => files.push(self.file(file)?),
                _ => return Err(unspeakable("A tool can only answer with text and files.")),
            }
        }
        let mut content = texts.join("\n");
        if result.failed {
            // There is no member that says so.
            content.insert_str(0, "Error: ");
        }
        let id = self.id(&result.id);
        if !files.is_empty() {
            after.push(json!({ "type": "text", "text": format!("Files that the tool answered to {id}:") }));
            after.append(&mut files);
        }
        let mut more = Map::new();
        more.insert("tool_call_id".into(), id.into());
        self.put("tool", Some(content.into()), None, more);
        Ok(())
    }

    fn assistant(&mut self, message: &Message) -> Result<(), Unspeakable> {
        let (mut content, mut refusal) = (None::<String>, None::<String>);
        let (mut calls, mut thoughts) = (Vec::new(), Vec::new());
        for part in &message.parts {
            match part {
                Part::Text { text, cache } => {
                    self.mark(cache.is_some());
                    content.get_or_insert_default().push_str(text);
                }
                Part::Refusal(text) => refusal.get_or_insert_default().push_str(text),
                Part::Thought(thought) => thoughts.push(thought),
                Part::ToolCall(call) => calls.push(self.call(call)),
                // Nobody takes back what a model drew.
                Part::File(_) => self.drop("messages[].images"),
                Part::ToolResult(_) => {
                    return Err(unspeakable("Answers of tools belong to messages of the user."));
                }
            }
        }
        let mut more = Map::new();
        if let Some(refusal) = refusal {
            more.insert("refusal".into(), refusal.into());
        }
        self.thoughts(&thoughts, &mut more);
        if !calls.is_empty() {
            more.insert("tool_calls".into(), calls.into());
        }
        let said = content.is_some() || more.contains_key("refusal") || more.contains_key("tool_calls");
        if said {
            self.put("assistant", content.map(Value::from), message.name.as_deref(), more);
        }
        Ok(())
    }

    fn thoughts(&mut self, thoughts: &[&Thought], more: &mut Map<String, Value>) {
        if thoughts.is_empty() {
            return;
        }
        match self.encoder.thoughts {
            Thoughts::Left => self.drop("messages[].reasoning"),
            Thoughts::Plain => {
                let text: String = thoughts.iter().map(|thought| thought.text.as_str()).collect();
                more.insert("reasoning_content".into(), text.into());
            }
            Thoughts::Details => {
                let mut details = shape::Details::default();
                for thought in thoughts {
                    // What another provider signed or sealed is no proof here; what it says can be read by anybody.
                    let foreign = thought.is_foreign();
                    if foreign {
                        self.drop("messages[].reasoning");
                    }
                    let signature = thought.signature.as_deref().filter(|_| !foreign);
                    if !thought.text.is_empty() || signature.is_some() {
                        details.text(&thought.text, signature);
                    }
                    if let Some(sealed) = thought.sealed.as_deref().filter(|_| !foreign) {
                        details.sealed(sealed);
                    }
                }
                if !details.is_empty() {
                    more.insert("reasoning_details".into(), details.all());
                }
            }
        }
    }

    fn call(&mut self, call: &ToolCall) -> Value {
        let kept = self.encoder.thoughts != Thoughts::Left;
        if call.signature.is_some() && !kept {
            self.drop("messages[].tool_calls[].signature");
        }
        let start = ToolStart {
            index: 0,
            id: self.id(&call.id),
            name: call.name.clone(),
            signature: call.signature.clone().filter(|_| kept),
        };
        shape::tool_call(&start, None, arguments(&call.arguments))
    }

    fn file(&mut self, file: &File) -> Result<Value, Unspeakable> {
        self.mark(file.cache.is_some());
        let picture = |url: String| {
            let mut image = json!({ "url": url });
            if let Some(detail) = &file.detail {
                image["detail"] = detail.as_str().into();
            }
            Ok(json!({ "type": "image_url", "image_url": image }))
        };
        match (file.kind, &file.source) {
            (_, Source::Text(text)) => Ok(json!({ "type": "text", "text": titled(file.name.as_deref(), text) })),
            (FileKind::Image, Source::Url(url)) => picture(url.clone()),
            (FileKind::Image, Source::Data { mime, base64 }) => picture(data_url::write(mime, base64)),
            (FileKind::Document, Source::Data { mime, base64 }) => {
                let name = file.name.as_deref().unwrap_or_else(|| data_url::document_name(mime));
                let data = data_url::write(mime, base64);
                Ok(json!({ "type": "file", "file": { "filename": name, "file_data": data } }))
            }
            (FileKind::Document, Source::Id(id)) => {
                self.unnamed(file);
                Ok(json!({ "type": "file", "file": { "file_id": id } }))
            }
            (FileKind::Audio, Source::Data { mime, base64 }) => match data_url::sound_of_mime(mime) {
                Some(format) => {
                    Ok(json!({ "type": "input_audio", "input_audio": { "data": base64, "format": format } }))
                }
                None => Err(unspeakable("This provider takes sounds as WAV or MP3 only.")),
            },
            (FileKind::Image, Source::Id(_)) => Err(unspeakable(
                "This provider takes pictures by their address or within the request, not by a file's id.",
            )),
            (FileKind::Document, Source::Url(_)) => Err(unspeakable(
                "This provider takes documents within the request, not by their address.",
            )),
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

    /// OpenAI and most that speak its dialect keep prompts in their caches unasked.
    fn mark(&mut self, marked: bool) {
        if marked {
            self.drop("cache_control");
        }
    }
}

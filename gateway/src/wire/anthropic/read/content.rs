//! Reads instructions, turns and their blocks.

use std::borrow::Cow;

use super::{
    super::super::{
        RequestProblem,
        call_names::CallNames,
        canonical::{CacheMark, File, FileKind, Message, Part, Role, Source, Thought, ToolCall, ToolResult},
        json::Value,
    },
    super::tool_id,
    Extra, keep, problem, twice,
};

/// A line about the client's version with which Claude Code begins its instructions. It is for Anthropic's books, differs in
/// each call, and would keep any other provider's cache from ever being hit.
const BILLING_LINE: &str = "x-anthropic-billing-header:";

/// Reads the instructions at the top.
pub(super) fn system(value: &Value<'_>, extra: &mut Extra) -> Result<Vec<Part>, RequestProblem> {
    let mut parts = parts("system", value, extra)?;
    let before = parts.len();
    parts.retain(|part| !matches!(part, Part::Text { text, .. } if text.starts_with(BILLING_LINE)));
    if parts.len() < before {
        extra.insert("system.x-anthropic-billing-header".to_owned(), true.into());
    }
    Ok(parts)
}

/// Reads the conversation.
pub(super) fn messages(value: &Value<'_>, extra: &mut Extra) -> Result<Vec<Message>, RequestProblem> {
    let mut messages = Vec::new();
    let mut failed = None;
    value.elements(|turn| {
        if failed.is_none() {
            match message(messages.len(), &turn, extra) {
                Ok(message) => messages.push(message),
                Err(problem) => failed = Some(problem),
            }
        }
    });
    if let Some(problem) = failed {
        return Err(problem);
    }
    if !value.raw().starts_with(b"[") {
        return Err(problem("messages", "Input should be a valid list."));
    }
    name_results(&mut messages);
    Ok(messages)
}

fn message(at: usize, turn: &Value<'_>, extra: &mut Extra) -> Result<Message, RequestProblem> {
    let place = format!("messages.{at}");
    let (mut role, mut content, mut contents) = (None, None, 0);
    turn.members(|member| match &*member.name {
        "role" => role = member.value.as_str(),
        "content" => {
            content = Some(member.value);
            contents += 1;
        }
        _ => {}
    });
    if contents > 1 {
        return Err(twice(&format!("{place}.content")));
    }
    let role = match role.as_deref() {
        Some("user") => Role::User,
        Some("assistant") => Role::Assistant,
        Some("system") => Role::System,
        _ => {
            let wanted = "Input should be 'user', 'assistant' or 'system'.";
            return Err(problem(format!("{place}.role"), wanted));
        }
    };
    let place = format!("{place}.content");
    let Some(content) = content.filter(|content| !content.is_null()) else {
        return Err(problem(place, "Field required."));
    };
    Ok(Message {
        role,
        parts: parts(&place, &content, extra)?,
        name: None,
    })
}

/// A text, or blocks.
fn parts(place: &str, value: &Value<'_>, extra: &mut Extra) -> Result<Vec<Part>, RequestProblem> {
    if let Some(text) = value.as_str() {
        return Ok(vec![Part::text(text)]);
    }
    if !value.raw().starts_with(b"[") {
        return Err(problem(place.to_owned(), "Input should be a valid string or list."));
    }
    let mut parts = Vec::new();
    let (mut at, mut failed) = (0, None);
    value.elements(|block| {
        if failed.is_none() {
            failed = Block::of(&block)
                .read(&format!("{place}.{at}"), &mut parts, extra)
                .err();
        }
        at += 1;
    });
    failed.map_or(Ok(parts), Err)
}

/// The members of a block that mean something in one or the other kind, found in one pass.
#[derive(Default)]
struct Block<'a> {
    whole: Option<Value<'a>>,
    kind: Cow<'a, str>,
    members: Vec<(Cow<'a, str>, Value<'a>)>,
}

impl<'a> Block<'a> {
    fn of(value: &Value<'a>) -> Self {
        let mut block = Self {
            whole: Some(*value),
            ..Self::default()
        };
        value.members(|member| match &*member.name {
            "type" => block.kind = member.value.as_str().unwrap_or_default(),
            _ if member.value.is_null() => {}
            _ => block.members.push((member.name, member.value)),
        });
        block
    }

    /// The last member with this name.
    fn get(&self, name: &str) -> Option<Value<'a>> {
        let found = self.members.iter().rev().find(|(member, _)| member == name);
        found.map(|(_, value)| *value)
    }

    fn word(&self, name: &str) -> Option<String> {
        self.get(name)?.as_str().map(Cow::into_owned)
    }

    fn required(&self, place: &str, name: &str) -> Result<String, RequestProblem> {
        self.word(name)
            .ok_or_else(|| problem(format!("{place}.{name}"), "Input should be a valid string."))
    }

    fn cache(&self) -> Option<CacheMark> {
        mark(&self.get("cache_control")?)
    }

    fn read(&self, place: &str, parts: &mut Vec<Part>, extra: &mut Extra) -> Result<(), RequestProblem> {
        match &*self.kind {
            "text" => parts.push(Part::Text {
                text: self.required(place, "text")?,
                cache: self.cache(),
            }),
            "image" => parts.push(Part::File(self.file(place, FileKind::Image)?)),
            "document" => self.document(place, parts, extra)?,
            "search_result" => parts.push(self.search_result()),
            "thinking" => parts.push(Part::Thought(Thought {
                text: self.word("thinking").unwrap_or_default(),
                signature: self.word("signature").filter(|signature| !signature.is_empty()),
                ..Thought::default()
            })),
            "redacted_thinking" => parts.push(Part::Thought(Thought {
                sealed: Some(self.required(place, "data")?),
                ..Thought::default()
            })),
            "tool_use" => {
                let (id, signature) = tool_id::unwrap(&self.required(place, "id")?);
                let input = self.get("input");
                let arguments = input.map_or(Cow::Borrowed("{}"), |input| String::from_utf8_lossy(input.raw()));
                parts.push(Part::ToolCall(ToolCall {
                    id,
                    name: self.required(place, "name")?,
                    arguments: arguments.into_owned(),
                    signature,
                }));
            }
            "tool_result" => parts.push(Part::ToolResult(self.result(place, extra)?)),
            "" => return Err(problem(format!("{place}.type"), "Field required.")),
            // What ran at Anthropic: its results are of no use to anybody else.
            kind => {
                if let Some(whole) = &self.whole {
                    keep(extra, &format!("messages.{kind}"), whole);
                }
            }
        }
        Ok(())
    }

    fn result(&self, place: &str, extra: &mut Extra) -> Result<ToolResult, RequestProblem> {
        let mut inner = Vec::new();
        if let Some(content) = self.get("content") {
            if let Some(text) = content.as_str() {
                inner.push(Part::text(text));
            } else {
                let (mut at, mut failed) = (0, None);
                content.elements(|value| {
                    let block = Block::of(&value);
                    let place = format!("{place}.content.{at}");
                    at += 1;
                    if matches!(&*block.kind, "text" | "image" | "document" | "search_result") {
                        failed = failed.take().or(block.read(&place, &mut inner, extra).err());
                    } else {
                        // A reference to a tool, the state of a browser: the model reads it as it stands.
                        inner.push(Part::text(String::from_utf8_lossy(value.raw())));
                    }
                });
                if let Some(problem) = failed {
                    return Err(problem);
                }
            }
        }
        Ok(ToolResult {
            id: tool_id::unwrap(&self.required(place, "tool_use_id")?).0,
            name: None,
            parts: inner,
            failed: self.get("is_error").and_then(|value| value.as_bool()) == Some(true),
            cache: self.cache(),
        })
    }

    fn document(&self, place: &str, parts: &mut Vec<Part>, extra: &mut Extra) -> Result<(), RequestProblem> {
        if let Some(context) = self.word("context").filter(|context| !context.is_empty()) {
            parts.push(Part::text(context));
        }
        let citations = self.get("citations").and_then(|citations| citations.member("enabled"));
        if citations.and_then(|enabled| enabled.as_bool()) == Some(true) {
            extra.insert("messages.citations".to_owned(), true.into());
        }
        let source = self.get("source").map(|source| Block::of(&source)).unwrap_or_default();
        if source.kind == "content" {
            // Blocks have no place for a title but a line of their own.
            if let Some(title) = self.word("title").filter(|title| !title.is_empty()) {
                parts.push(Part::text(title));
            }
            // A document in blocks: its texts and pictures in order.
            let content = source.get("content");
            let place = format!("{place}.source.content");
            if let Some(content) = content {
                parts.append(&mut self::parts(&place, &content, extra)?);
            }
            return Ok(());
        }
        parts.push(Part::File(self.file(place, FileKind::Document)?));
        Ok(())
    }

    fn file(&self, place: &str, kind: FileKind) -> Result<File, RequestProblem> {
        let source = self.get("source").map(|source| Block::of(&source)).unwrap_or_default();
        let place = format!("{place}.source");
        let source = match &*source.kind {
            "base64" => Source::Data {
                mime: source.required(&place, "media_type")?,
                base64: source.required(&place, "data")?,
            },
            "url" => Source::Url(source.required(&place, "url")?),
            "file" => Source::Id(source.required(&place, "file_id")?),
            "text" => Source::Text(source.required(&place, "data")?),
            _ => {
                let wanted = "Input should be 'base64', 'url', 'file', 'text' or 'content'.";
                return Err(problem(format!("{place}.type"), wanted));
            }
        };
        Ok(File {
            kind,
            source,
            name: self.word("title").filter(|title| !title.is_empty()),
            detail: None,
            cache: self.cache(),
        })
    }

    /// A search result is a text with its title and where it comes from.
    fn search_result(&self) -> Part {
        let mut lines = Vec::new();
        lines.extend(self.word("title"));
        lines.extend(self.word("source"));
        if let Some(content) = self.get("content") {
            content.elements(|block| lines.extend(Block::of(&block).word("text")));
        }
        Part::Text {
            text: lines.join("\n"),
            cache: self.cache(),
        }
    }
}

/// A mark for the provider's cache; five minutes unless it says an hour.
pub(super) fn mark(value: &Value<'_>) -> Option<CacheMark> {
    let ttl = value.is_object().then(|| value.member("ttl"))?;
    match ttl.and_then(|ttl| ttl.as_str()).as_deref() {
        Some("1h") => Some(CacheMark::OneHour),
        _ => Some(CacheMark::FiveMinutes),
    }
}

/// A result has only the id of its call here; others must be told the tool's name.
fn name_results(messages: &mut [Message]) {
    let mut names = CallNames::default();
    for part in messages.iter_mut().flat_map(|message| &mut message.parts) {
        match part {
            Part::ToolCall(call) => names.note(call),
            Part::ToolResult(result) => result.name = names.of(&result.id).map(str::to_owned),
            _ => {}
        }
    }
}

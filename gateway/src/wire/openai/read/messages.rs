//! The turns of a chat. Consecutive answers of tools become one turn of the person; names of tools are looked up in the calls
//! before; the old `function_call` and `function` messages get ids that are the same for the same conversation.

use std::collections::HashMap;

use serde_json::Value;

use super::{
    super::fields::{Fields, missing, wrong_type, wrong_value},
    parts, thoughts,
};
use crate::wire::{
    RequestProblem,
    call_names::CallNames,
    canonical::{CacheMark, Message, Part, Role, ToolCall, ToolResult},
    responses::names::flat_free,
};

/// What has been read so far.
#[derive(Default)]
struct Conversation {
    messages: Vec<Message>,
    /// The calls so far.
    calls: CallNames,
    /// How many they are.
    called: usize,
    /// The last call of each tool.
    latest: HashMap<String, String>,
    /// The message before was a tool's answer.
    after_tool: bool,
}

pub(super) fn read(list: Vec<Value>) -> Result<Vec<Message>, RequestProblem> {
    let mut conversation = Conversation::default();
    for (at, message) in list.into_iter().enumerate() {
        conversation.take(Fields::of(format!("messages[{at}]"), message)?)?;
    }
    Ok(conversation.messages)
}

impl Conversation {
    fn take(&mut self, mut fields: Fields) -> Result<(), RequestProblem> {
        let role = fields.needed_text("role")?;
        let role = match role.as_str() {
            "system" => Role::System,
            "developer" => Role::Developer,
            "user" => Role::User,
            "assistant" => Role::Assistant,
            "tool" | "function" => return self.take_result(fields, role == "function"),
            other => {
                return Err(wrong_value(
                    &fields.path("role"),
                    other,
                    "'system', 'developer', 'user', 'assistant' and 'tool'",
                ));
            }
        };
        let mut said = if role == Role::Assistant {
            self.take_assistant(&mut fields)?
        } else {
            let content = fields.take("content").ok_or_else(|| missing(&fields.path("content")))?;
            parts::read(&fields.path("content"), content)?
        };
        if let Some(mark) = parts::cache_mark(&mut fields)? {
            set_mark(&mut said, mark);
        }
        self.after_tool = false;
        if !said.is_empty() {
            self.messages.push(Message {
                role,
                parts: said,
                name: fields.text("name")?,
            });
        }
        Ok(())
    }

    fn take_assistant(&mut self, fields: &mut Fields) -> Result<Vec<Part>, RequestProblem> {
        let mut said = thoughts::read(fields)?;
        if let Some(content) = fields.take("content") {
            let texts = parts::read(&fields.path("content"), content)?;
            // Clients write an empty text beside calls of tools.
            said.extend(
                texts
                    .into_iter()
                    .filter(|part| !matches!(part, Part::Text { text, .. } if text.is_empty())),
            );
        }
        if let Some(refusal) = fields.text("refusal")? {
            said.push(Part::Refusal(refusal));
        }
        if let Some(images) = fields.take("images") {
            said.extend(parts::read(&fields.path("images"), images)?);
        }
        let path = fields.path("tool_calls");
        for (at, call) in fields.list("tool_calls")?.into_iter().flatten().enumerate() {
            let call = tool_call(Fields::of(format!("{path}[{at}]"), call)?)?;
            self.note(&call);
            said.push(Part::ToolCall(call));
        }
        if let Some(mut old) = fields.object("function_call")? {
            let name = old.needed_name("name")?;
            let call = ToolCall {
                id: format!("call_{}_{name}", self.called),
                name,
                arguments: arguments(&mut old)?,
                signature: None,
            };
            self.note(&call);
            said.push(Part::ToolCall(call));
        }
        Ok(said)
    }

    fn note(&mut self, call: &ToolCall) {
        self.calls.note(call);
        self.called += 1;
        self.latest.insert(call.name.clone(), call.id.clone());
    }

    fn take_result(&mut self, mut fields: Fields, old: bool) -> Result<(), RequestProblem> {
        let told = fields.text("name")?;
        let id = if old {
            // Old messages name the tool and not the call: it is the last call of that tool.
            let name = told.clone().ok_or_else(|| missing(&fields.path("name")))?;
            let call = self.latest.get(&name).cloned();
            call.unwrap_or_else(|| format!("call_{name}"))
        } else {
            fields.needed_text("tool_call_id")?
        };
        let parts = match fields.take("content") {
            None => Vec::new(),
            Some(content) => parts::read(&fields.path("content"), content)?,
        };
        let result = Part::ToolResult(ToolResult {
            name: self.calls.of(&id).map(str::to_owned).or(told),
            id,
            parts,
            failed: false,
            cache: parts::cache_mark(&mut fields)?,
        });
        match self.messages.last_mut() {
            Some(message) if self.after_tool => message.parts.push(result),
            _ => self.messages.push(Message {
                role: Role::User,
                parts: Vec::from([result]),
                name: None,
            }),
        }
        self.after_tool = true;
        Ok(())
    }
}

fn tool_call(mut fields: Fields) -> Result<ToolCall, RequestProblem> {
    let id = fields.needed_text("id")?;
    let signature = signature(&mut fields)?;
    // A custom tool's call has a text of its own instead of JSON.
    if let Some(mut custom) = fields.object("custom")? {
        let name = custom.needed_name("name")?;
        let input = custom.text("input")?.unwrap_or_default();
        return Ok(ToolCall {
            id,
            name: flat_free(&name),
            arguments: serde_json::json!({ "input": input }).to_string(),
            signature,
        });
    }
    let path = fields.path("function");
    let mut function = fields.object("function")?.ok_or_else(|| missing(&path))?;
    Ok(ToolCall {
        id,
        name: function.needed_name("name")?,
        arguments: arguments(&mut function)?,
        signature,
    })
}

/// JSON as text, unchanged. Some clients send the object itself.
fn arguments(function: &mut Fields) -> Result<String, RequestProblem> {
    let path = function.path("arguments");
    match function.take("arguments") {
        None => Ok(String::new()),
        Some(Value::String(text)) => Ok(text),
        Some(object @ Value::Object(_)) => Ok(object.to_string()),
        Some(_) => Err(wrong_type(&path, "a string")),
    }
}

/// Google's member for a call's `thoughtSignature`, as its own endpoint for OpenAI's clients has it.
fn signature(fields: &mut Fields) -> Result<Option<String>, RequestProblem> {
    let Some(Value::Object(mut content)) = fields.take("extra_content") else {
        return Ok(None);
    };
    match content
        .get_mut("google")
        .and_then(|google| google.get_mut("thought_signature"))
    {
        Some(Value::String(signature)) => Ok(Some(std::mem::take(signature))),
        _ => Ok(None),
    }
}

/// Marks the last part that can be marked.
fn set_mark(parts: &mut [Part], mark: CacheMark) {
    for part in parts.iter_mut().rev() {
        match part {
            Part::Text { cache, .. } => *cache = Some(mark),
            Part::File(file) => file.cache = Some(mark),
            _ => continue,
        }
        return;
    }
}

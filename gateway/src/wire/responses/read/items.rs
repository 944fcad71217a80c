//! The items of a conversation. What belongs to one turn of the model (thoughts, messages, calls) becomes one message, and so do
//! answers of tools that follow each other.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::{
    super::{names::Callee, sealed::Sealed},
    Fields, missing, parts, problem, wrong_type, wrong_value,
};
use crate::wire::{
    RequestProblem,
    call_names::CallNames,
    canonical::{Message, Part, Role, Thought, ToolCall, ToolResult, leave_out},
};

/// What has been read so far.
struct Conversation<'a> {
    messages: &'a mut Vec<Message>,
    tools: &'a mut Vec<Value>,
    unknown: &'a mut Map<String, Value>,
    /// The tool of each call.
    calls: CallNames,
    /// Proofs that wait for their calls.
    signatures: HashMap<String, String>,
    /// The message before holds answers of tools.
    after_tool: bool,
}

pub(super) fn read(
    list: Vec<Value>,
    messages: &mut Vec<Message>,
    tools: &mut Vec<Value>,
    unknown: &mut Map<String, Value>,
) -> Result<(), RequestProblem> {
    let mut conversation = Conversation {
        messages,
        tools,
        unknown,
        calls: CallNames::default(),
        signatures: HashMap::new(),
        after_tool: false,
    };
    for (at, item) in list.into_iter().enumerate() {
        let path = format!("input[{at}]");
        match item {
            Value::String(text) => conversation.put(Role::User, Vec::from([Part::text(text)])),
            item => conversation.take(Fields::of(path, item)?)?,
        }
    }
    Ok(())
}

impl Conversation<'_> {
    fn put(&mut self, role: Role, parts: Vec<Part>) {
        let says = |part: Option<&Part>| matches!(part, Some(Part::Text { .. } | Part::Refusal(_)));
        // Two messages stay two; thoughts and calls belong to the message beside them.
        let goes_on = role == Role::Assistant
            && self
                .messages
                .last()
                .is_some_and(|last| last.role == role && !(says(last.parts.last()) && says(parts.first())));
        self.after_tool = false;
        match self.messages.last_mut() {
            Some(last) if goes_on => last.parts.extend(parts),
            _ if parts.is_empty() => {}
            _ => self.messages.push(Message {
                role,
                parts,
                name: None,
            }),
        }
    }

    fn take(&mut self, mut fields: Fields) -> Result<(), RequestProblem> {
        // A message may go without its type.
        let kind = fields.text("type")?.unwrap_or_else(|| "message".to_owned());
        match kind.as_str() {
            "message" => self.message(fields),
            "reasoning" => self.thought(fields),
            "function_call" => {
                let arguments = fields.text("arguments")?.unwrap_or_default();
                self.call(fields, false, arguments)
            }
            "custom_tool_call" => {
                let input = fields.text("input")?.unwrap_or_default();
                self.call(fields, true, json!({ "input": input }).to_string())
            }
            "function_call_output" | "custom_tool_call_output" => self.result(fields),
            "additional_tools" => {
                self.tools.extend(fields.list("tools")?.into_iter().flatten());
                Ok(())
            }
            "item_reference" | "compaction" => Err(problem(
                fields.place(),
                "unsupported_parameter",
                format!("This model's provider keeps no items: send what the item of the type '{kind}' stands for."),
            )),
            // What the client ran is what the model waits for: without it another question would be answered.
            other if other.ends_with("_call_output") => Err(problem(
                fields.place(),
                "unsupported_parameter",
                format!(
                    "This model's provider has no tool whose answer is an item of the type '{}'. Offer the tool as a function and answer with 'function_call_output', or leave out the call and its answer.",
                    other.chars().take(64).collect::<String>()
                ),
            )),
            // Traces of what OpenAI ran itself.
            other => {
                leave_out(self.unknown, format!("input.{other}"));
                Ok(())
            }
        }
    }

    fn message(&mut self, mut fields: Fields) -> Result<(), RequestProblem> {
        let role = fields.needed_text("role")?;
        let role = match role.as_str() {
            "system" => Role::System,
            "developer" => Role::Developer,
            "user" => Role::User,
            "assistant" => Role::Assistant,
            other => {
                return Err(wrong_value(
                    &fields.path("role"),
                    other,
                    "'system', 'developer', 'user' and 'assistant'",
                ));
            }
        };
        let path = fields.path("content");
        let content = fields.take("content").ok_or_else(|| missing(&path))?;
        let parts = parts::read(&path, content)?;
        self.put(role, parts);
        Ok(())
    }

    fn thought(&mut self, mut fields: Fields) -> Result<(), RequestProblem> {
        let mut text = String::new();
        for name in ["summary", "content"] {
            for mut part in fields.list(name)?.into_iter().flatten() {
                if let Some(Value::String(more)) = part.get_mut("text").map(Value::take) {
                    text.push_str(if text.is_empty() { "" } else { "\n\n" });
                    text.push_str(&more);
                }
            }
        }
        let sealed = fields.text("encrypted_content")?;
        let mut thought = Thought {
            text,
            ..Thought::default()
        };
        match sealed.as_deref().and_then(Sealed::read) {
            Some(Sealed::Signature(signature)) => thought.signature = Some(signature),
            Some(Sealed::Thought(cipher)) => thought.sealed = Some(cipher),
            Some(Sealed::Call { id, signature }) => {
                self.signatures.insert(id, signature);
            }
            // OpenAI's cipher can be read by nobody whom this request may go to; its summary can.
            None if sealed.is_some() => {
                leave_out(self.unknown, "input.reasoning.encrypted_content");
            }
            None => {}
        }
        if thought != Thought::default() {
            self.put(Role::Assistant, Vec::from([Part::Thought(thought)]));
        }
        Ok(())
    }

    fn call(&mut self, mut fields: Fields, free: bool, arguments: String) -> Result<(), RequestProblem> {
        let id = fields.needed_text("call_id")?;
        let namespace = fields.name("namespace")?;
        let name = fields.needed_name("name")?;
        let callee = Callee {
            namespace: namespace.as_deref(),
            name: &name,
            free,
        };
        let name = callee.flat();
        let signature = self.signatures.remove(&id);
        let call = ToolCall {
            id,
            name,
            arguments,
            signature,
        };
        self.calls.note(&call);
        self.put(Role::Assistant, Vec::from([Part::ToolCall(call)]));
        Ok(())
    }

    fn result(&mut self, mut fields: Fields) -> Result<(), RequestProblem> {
        let id = fields.needed_text("call_id")?;
        let path = fields.path("output");
        let parts = match fields.take("output") {
            None => Vec::new(),
            Some(output @ (Value::String(_) | Value::Array(_))) => parts::read(&path, output)?,
            Some(_) => return Err(wrong_type(&path, "a string or an array of parts")),
        };
        let result = Part::ToolResult(ToolResult {
            name: self.calls.of(&id).map(str::to_owned),
            id,
            parts,
            failed: false,
            cache: None,
        });
        match self.messages.last_mut() {
            Some(last) if self.after_tool => last.parts.push(result),
            _ => self.put(Role::User, Vec::from([result])),
        }
        self.after_tool = true;
        Ok(())
    }
}

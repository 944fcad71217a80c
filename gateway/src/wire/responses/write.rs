//! Writes a whole answer for a client that does not stream. Called by `call` when the provider's wire is another one.

use serde_json::Value;

use super::{
    echo::Repeated,
    items::{self, Status},
    names::Callee,
    object::{self, Names, Standing},
    sealed::Sealed,
};
use crate::wire::{
    canonical::{Answer, End, File, Ids, Part, Thought, ToolCall, ToolStart},
    openai::write::arguments,
};

/// The answer as a `response`, as the official SDKs read it.
#[must_use]
pub fn answer(answer: &Answer, end: &End, ids: &Ids, asked: &Repeated) -> Vec<u8> {
    let mut writer = Writer {
        names: Names::of(ids),
        output: Vec::new(),
        said: Vec::new(),
        status: Status::Completed,
    };
    let last = answer.parts.len().saturating_sub(1);
    let declined = answer.parts.iter().any(|part| matches!(part, Part::Refusal(_)));
    let cited = answer.sources();
    for (place, part) in answer.parts.iter().enumerate() {
        if place == last && object::incomplete(&end.finish, declined).is_some() {
            writer.status = Status::Incomplete;
        }
        match part {
            Part::Text { text, .. } => {
                let length = text.chars().count();
                let here = cited.get(&place).into_iter().flatten();
                let sources: Vec<Value> = here.map(|source| items::annotation(source, 0, length)).collect();
                writer.said.push(items::text(text, &sources));
            }
            Part::Refusal(text) => writer.said.push(items::refusal(text)),
            Part::Thought(thought) => writer.thought(thought),
            Part::ToolCall(call) => writer.call(call),
            Part::File(file) => writer.file(file),
            // No model answers its own call.
            Part::ToolResult(_) => {}
        }
    }
    writer.close();
    let standing = Standing::Ended(&end.finish, &end.usage);
    object::response(ids, asked, standing, &writer.output)
        .to_string()
        .into_bytes()
}

struct Writer {
    names: Names,
    output: Vec<Value>,
    /// The content of the message that is being written: texts and refusals that follow each other are one.
    said: Vec<Value>,
    status: Status,
}

impl Writer {
    fn name(&self, kind: &str) -> String {
        self.names.item(kind, self.output.len())
    }

    fn close(&mut self) {
        if !self.said.is_empty() {
            let content = std::mem::take(&mut self.said);
            self.output
                .push(items::message(&self.name("msg"), self.status, &content));
        }
    }

    fn thought(&mut self, thought: &Thought) {
        self.close();
        let summary: Vec<Value> = match thought.text.as_str() {
            "" => Vec::new(),
            text => Vec::from([items::summary(text)]),
        };
        let sealed = match (&thought.signature, &thought.sealed) {
            (Some(signature), _) => Some(Sealed::Signature(signature.clone())),
            (None, Some(cipher)) => Some(Sealed::Thought(cipher.clone())),
            (None, None) => None,
        };
        let item = items::reasoning(&self.name("rs"), &summary, sealed.as_ref());
        self.output.push(item);
    }

    fn call(&mut self, call: &ToolCall) {
        self.close();
        if let Some(signature) = &call.signature {
            let sealed = Sealed::Call {
                id: call.id.clone(),
                signature: signature.clone(),
            };
            self.output.push(items::reasoning(&self.name("rs"), &[], Some(&sealed)));
        }
        let start = ToolStart {
            index: 0,
            id: call.id.clone(),
            name: call.name.clone(),
            signature: None,
        };
        let name = self.name(items::call_kind(&start));
        let item = match Callee::of(&call.name).free {
            true => items::call(&name, self.status, &start, &items::free_text(&call.arguments)),
            false => items::call(&name, self.status, &start, arguments(&call.arguments)),
        };
        self.output.push(item);
    }

    fn file(&mut self, file: &File) {
        match items::picture("", file) {
            Some(mut item) => {
                self.close();
                item["id"] = self.name("ig").into();
                self.output.push(item);
            }
            None => self.said.extend(items::link(file).map(|text| items::text(&text, &[]))),
        }
    }
}

#[cfg(test)]
mod tests;

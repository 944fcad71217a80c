//! Writes a chat request for a provider. Called by `call` when the client's dialect is another one.
//!
//! The members stand in a fixed order, tools and the members of schemas in the client's, so that the same conversation gives
//! the same bytes and the provider's cache hits. `messages` writes the turns.

mod format;
mod ids;
mod messages;

pub(in crate::wire) use format::{of_answer, schema_name};
pub(in crate::wire) use ids::{chat as chat_id, short as short_id};

use std::{borrow::Cow, collections::BTreeSet};

use domain::catalog::{Abilities, EffortWord, ProviderKind, Quirks, Thoughts};
use serde_json::{Map, Value, json};

use super::strict::strict;
use crate::wire::{
    canonical::{
        Dropped, Effort, File, FileKind, Reasoning, Request, RequestWriter, Source, Target, Tool, ToolChoice,
        Unspeakable,
    },
    combined, user,
};

/// In which form a provider with these quirks takes the earlier thoughts of its model `slug`. DeepSeek's models want them wherever
/// they are served.
#[must_use]
pub fn thoughts_of(quirks: &Quirks, slug: &str) -> Thoughts {
    let deepseek = || slug.rsplit('/').next().is_some_and(|name| name.starts_with("deepseek"));
    match quirks.thoughts {
        Thoughts::Left if deepseek() => Thoughts::Plain,
        known => known,
    }
}

/// Writes for one provider.
#[derive(Clone, Debug, Default)]
pub struct Encoder {
    /// What differs from OpenAI.
    pub quirks: Quirks,
    /// What becomes of earlier thoughts.
    pub thoughts: Thoughts,
}

/// Members that OpenAI's chat knows and that have no common word: they are passed on as they came. Those are left out that ask
/// for what no other dialect's answer can hold, as `logprobs`.
const KNOWN: [&str; 9] = [
    "logit_bias",
    "metadata",
    "service_tier",
    "prediction",
    "prompt_cache_key",
    "prompt_cache_retention",
    "prompt_cache_options",
    "verbosity",
    "safety_identifier",
];

impl RequestWriter for Encoder {
    fn write(&self, request: &Request, target: &Target<'_>) -> Result<(Vec<u8>, Vec<Dropped>), Unspeakable> {
        let mut dropped = BTreeSet::new();
        let request = format::fitting(request, &self.quirks, &mut dropped);
        let request = &*request;
        let mut body = Map::new();
        body.insert("model".into(), target.slug.into());
        let messages = messages::write(request, self, &mut dropped)?;
        body.insert("messages".into(), messages.into());
        self.tools(request, &mut body, &mut dropped);
        if let Some(format) = format::write(&request.format, &mut dropped) {
            body.insert("response_format".into(), format);
        }
        let limit = match (request.max_tokens, target.cap) {
            (Some(wanted), Some(cap)) => Some(wanted.min(cap)),
            (wanted, cap) => wanted.or(cap),
        };
        let name = if self.quirks.max_tokens_only {
            "max_tokens"
        } else {
            "max_completion_tokens"
        };
        insert(&mut body, name, limit);
        if let Some(reasoning) = &request.reasoning {
            match effort(reasoning, rests(target.slug)) {
                Some(effort) => insert(&mut body, "reasoning_effort", Some(effort)),
                None => drop_one(&mut dropped, "reasoning"),
            }
        }
        insert(&mut body, "temperature", request.temperature);
        insert(&mut body, "top_p", request.top_p);
        if request.top_k.is_some() {
            drop_one(&mut dropped, "top_k");
        }
        insert(&mut body, "presence_penalty", request.presence_penalty);
        insert(&mut body, "frequency_penalty", request.frequency_penalty);
        insert(&mut body, "seed", request.seed);
        if !request.stop.is_empty() {
            insert(&mut body, "stop", Some(request.stop.clone()));
        }
        insert(&mut body, "user", request.user.as_deref().map(user::for_openai));
        if request.stream {
            insert(&mut body, "stream", Some(true));
            if self.quirks.stream_options {
                insert(&mut body, "stream_options", Some(json!({ "include_usage": true })));
            }
        }
        for (name, value) in &request.extra {
            // Nobody could go on with what is kept here; who wants nothing kept has what they want.
            if name == "store" && value.as_bool() == Some(false) {
                continue;
            }
            if KNOWN.contains(&name.as_str()) && !body.contains_key(name) {
                body.insert(name.clone(), known_word(name, value));
            } else {
                drop_one(&mut dropped, name);
            }
        }
        self.forbid(&mut body, &mut dropped);
        let body = Value::Object(body).to_string().into_bytes();
        Ok((body, dropped.into_iter().collect()))
    }

    /// Pictures are fetched by whoever speaks this wire, documents and sounds must be within the request.
    fn wants_content(&self, file: &File, _: &Target<'_>) -> bool {
        matches!(file.source, Source::Url(_)) && matches!(file.kind, FileKind::Document | FileKind::Audio)
    }
}

impl Encoder {
    fn tools(&self, request: &Request, body: &mut Map<String, Value>, dropped: &mut BTreeSet<Dropped>) {
        // OpenAI refuses a choice among no tools.
        if request.tools.is_empty() {
            return;
        }
        let tools: Vec<Value> = request.tools.iter().map(|one| tool(one, dropped)).collect();
        body.insert("tools".into(), tools.into());
        let choice = request.tool_choice.as_ref().map(|choice| match choice {
            ToolChoice::Auto => json!("auto"),
            ToolChoice::None => json!("none"),
            ToolChoice::Required => json!("required"),
            ToolChoice::Named(name) => json!({ "type": "function", "function": { "name": name } }),
        });
        insert(body, "tool_choice", choice);
        insert(body, "parallel_tool_calls", request.parallel_tools);
    }

    /// Takes away what the provider is known to refuse.
    fn forbid(&self, body: &mut Map<String, Value>, dropped: &mut BTreeSet<Dropped>) {
        for field in &self.quirks.forbidden_fields {
            if !field.in_messages {
                if body.shift_remove(&field.name).is_some() {
                    drop_one(dropped, &field.name);
                }
                continue;
            }
            let Some(Value::Array(messages)) = body.get_mut("messages") else {
                continue;
            };
            for message in messages.iter_mut().filter_map(Value::as_object_mut) {
                if message.shift_remove(&field.name).is_some() {
                    drop_one(dropped, &format!("messages[].{}", field.name));
                }
            }
        }
    }
}

/// The model is told by a word not to think.
pub(in crate::wire) fn rests(slug: &str) -> bool {
    let known = Abilities::of(ProviderKind::OpenaiCompatible, slug).efforts;
    known.first() == Some(&EffortWord::None)
}

/// A member in OpenAI's words. Anthropic's tier "nothing but the usual" is OpenAI's `default`; both say `auto`.
pub(in crate::wire) fn known_word(name: &str, value: &Value) -> Value {
    match (name, value.as_str()) {
        ("service_tier", Some("standard_only")) => "default".into(),
        _ => value.clone(),
    }
}

/// A document that is text, below its title, for which OpenAI's wires have no other place.
pub(in crate::wire) fn titled<'a>(title: Option<&str>, text: &'a str) -> Cow<'a, str> {
    match title.filter(|title| !title.trim().is_empty()) {
        Some(title) => format!("{title}\n\n{text}").into(),
        None => text.into(),
    }
}

fn insert(body: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        body.insert(name.into(), value.into());
    }
}

fn drop_one(dropped: &mut BTreeSet<Dropped>, name: &str) {
    dropped.insert(Dropped(name.to_owned()));
}

fn tool(tool: &Tool, dropped: &mut BTreeSet<Dropped>) -> Value {
    let mut function = Map::new();
    function.insert("name".into(), tool.name.as_str().into());
    insert(&mut function, "description", tool.description.clone());
    let (parameters, strict) = obeyed(&tool.schema, tool.strict, || drop_one(dropped, "tools.strict"));
    insert(&mut function, "parameters", arguments(&parameters));
    insert(&mut function, "strict", strict);
    json!({ "type": "function", "function": function })
}

/// The schema of a function's arguments, which must be one of an object. OpenAI takes none for no arguments, and refuses one that says
/// nothing.
pub(in crate::wire) fn arguments(schema: &Value) -> Option<Value> {
    match schema {
        Value::Object(members) if members.is_empty() => None,
        other => Some(combined::rooted(other).into_owned()),
    }
}

/// A schema that is to be obeyed to the letter, if so, in the form that OpenAI takes then. One that has none is sent without that demand,
/// which is `lost`.
pub(in crate::wire) fn obeyed<'a>(
    schema: &'a Value,
    wanted: Option<bool>,
    lost: impl FnOnce(),
) -> (Cow<'a, Value>, Option<bool>) {
    // No arguments are obeyed anyway.
    if wanted != Some(true) || schema.as_object().is_some_and(Map::is_empty) {
        return (Cow::Borrowed(schema), wanted);
    }
    if let Some(strict) = strict(schema) {
        return (Cow::Owned(strict), wanted);
    }
    lost();
    (Cow::Borrowed(schema), None)
}

/// How hard to think that is, for so many tokens.
pub(in crate::wire) const fn by_budget(budget: u64) -> Effort {
    match budget {
        0..2_048 => Effort::Low,
        2_048..16_384 => Effort::Medium,
        _ => Effort::High,
    }
}

/// OpenAI's word for how hard to think. It has none for a number of tokens, so that becomes a word. `rests` says that the model takes
/// one for "not at all", which few do.
pub(in crate::wire) fn effort(reasoning: &Reasoning, rests: bool) -> Option<&'static str> {
    if reasoning.off {
        return rests.then_some("none");
    }
    Some(match reasoning.effort.or(reasoning.budget.map(by_budget))? {
        Effort::Minimal => "minimal",
        Effort::Low => "low",
        Effort::Medium => "medium",
        Effort::High => "high",
        Effort::Most => "xhigh",
    })
}

#[cfg(test)]
mod tests;

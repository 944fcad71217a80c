//! Makes a canonical request of what a client of Messages sends. Called by `call` where the provider speaks something else.
//!
//! Whatever real clients send is read: instructions as a text, as blocks, and in the middle of the conversation; tools that are
//! loaded later; thinking in each of its kinds, replayed with its proof. What has no common word goes into
//! [`Request::extra`], so that whoever writes the request can name it. `content` reads blocks, `tools` reads tools.

use std::{borrow::Cow, collections::HashSet};

use serde_json::Map;

use super::super::{
    RequestProblem,
    canonical::{Effort, Format, Message, Part, Reasoning, Request, Role},
    json::{self, Value},
};

mod content;
mod tools;

/// What has no common word, by its name.
type Extra = Map<String, serde_json::Value>;

fn problem(place: impl Into<Cow<'static, str>>, message: &str) -> RequestProblem {
    let place = place.into();
    RequestProblem {
        message: format!("{place}: {message}"),
        param: Some(place),
        code: "invalid_request",
    }
}

fn twice(place: &str) -> RequestProblem {
    RequestProblem {
        message: format!("The field '{place}' stands in the request more than once."),
        param: Some(place.to_owned().into()),
        code: "duplicate_field",
    }
}

/// Reads a request.
///
/// # Errors
/// [`RequestProblem`] when it is not one JSON object, or has no model, no messages, or a part that cannot be what it says.
pub(crate) fn read(body: &[u8]) -> Result<Request, RequestProblem> {
    let text = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let not_json = |place: String| RequestProblem::no_object(text, place);
    if let Err(error) = std::str::from_utf8(text) {
        return Err(not_json(format!(": byte {} is not UTF-8", error.valid_up_to())));
    }
    let whole = json::read(text).map_err(|error| not_json(format!(" (byte {})", error.offset)))?;
    if !whole.is_object() {
        return Err(not_json(String::new()));
    }
    let mut reading = Reading::default();
    let mut failed = None;
    whole.members(|member| {
        if !member.value.is_null() && failed.is_none() {
            failed = reading.take(&member.name, member.value).err();
        }
    });
    match failed {
        Some(problem) => Err(problem),
        None => reading.finish(),
    }
}

#[derive(Default)]
struct Reading<'a> {
    request: Request,
    system: Vec<Part>,
    has_messages: bool,
    thinking: Option<Value<'a>>,
    effort: Option<Effort>,
    /// The members that were read: of two with one name nobody knows which is meant.
    seen: HashSet<String>,
}

impl<'a> Reading<'a> {
    fn take(&mut self, name: &str, value: Value<'a>) -> Result<(), RequestProblem> {
        let request = &mut self.request;
        if !self.seen.insert(name.to_owned()) {
            return Err(twice(name));
        }
        match name {
            "model" => request.model = text(name, &value)?,
            "stream" => {
                request.stream = value
                    .as_bool()
                    .ok_or_else(|| problem("stream", "Input should be a valid boolean."))?;
            }
            "system" => self.system = content::system(&value, &mut request.extra)?,
            "messages" => {
                self.has_messages = true;
                request.messages = content::messages(&value, &mut request.extra)?;
            }
            "tools" => request.tools = tools::read(&value, &mut request.extra)?,
            "tool_choice" => (request.tool_choice, request.parallel_tools) = tools::choice(&value)?,
            "max_tokens" => {
                let tokens = value.as_whole();
                request.max_tokens =
                    Some(tokens.ok_or_else(|| problem("max_tokens", "Input should be a whole number."))?);
            }
            "temperature" => request.temperature = Some(number(name, &value)?),
            "top_p" => request.top_p = Some(number(name, &value)?),
            "top_k" => {
                let most = value.as_whole();
                request.top_k = Some(most.ok_or_else(|| problem("top_k", "Input should be a whole number."))?);
            }
            "stop_sequences" => request.stop = texts(name, &value)?,
            "thinking" => self.thinking = Some(value),
            "output_config" => self.output_config(&value)?,
            // Its name before it moved into `output_config`.
            "output_format" => request.format = format(name, &value)?,
            "metadata" => {
                let mut user = None;
                value.members(|member| match &*member.name {
                    "user_id" => user = member.value.as_str().map(Cow::into_owned),
                    name => keep(&mut request.extra, &format!("metadata.{name}"), &member.value),
                });
                request.user = user;
            }
            name => keep(&mut request.extra, name, &value),
        }
        Ok(())
    }

    fn output_config(&mut self, value: &Value<'a>) -> Result<(), RequestProblem> {
        let mut failed = None;
        value.members(|member| match &*member.name {
            _ if member.value.is_null() => {}
            "effort" => {
                self.effort = member.value.as_str().and_then(|word| effort(&word));
                if self.effort.is_none() {
                    keep(&mut self.request.extra, "output_config.effort", &member.value);
                }
            }
            "format" => match format("output_config.format", &member.value) {
                Ok(format) => self.request.format = format,
                Err(problem) => failed = Some(problem),
            },
            name => keep(&mut self.request.extra, &format!("output_config.{name}"), &member.value),
        });
        failed.map_or(Ok(()), Err)
    }

    fn finish(self) -> Result<Request, RequestProblem> {
        let mut request = self.request;
        if request.model.is_empty() {
            return Err(RequestProblem {
                message: "You must name a model: set the field 'model'.".to_owned(),
                param: Some("model".into()),
                code: "missing_model",
            });
        }
        if !self.has_messages {
            return Err(problem("messages", "Field required."));
        }
        let nobody_speaks = request.messages.is_empty();
        if !self.system.is_empty() {
            let system = Message {
                role: Role::System,
                parts: self.system,
                name: None,
            };
            request.messages.insert(0, system);
        }
        request.reasoning = reasoning(self.thinking.as_ref(), self.effort)?;
        if nobody_speaks {
            return Err(problem("messages", "at least one message is required."));
        }
        Ok(request)
    }
}

/// How much the model should think: the kind of thinking, its tokens, and the effort beside it.
fn reasoning(thinking: Option<&Value<'_>>, effort: Option<Effort>) -> Result<Option<Reasoning>, RequestProblem> {
    let Some(thinking) = thinking else {
        return Ok(effort.map(|effort| Reasoning {
            effort: Some(effort),
            ..Reasoning::default()
        }));
    };
    let word = |name: &str| thinking.member(name).and_then(|value| value.as_str());
    let shown = word("display").as_deref() != Some("omitted");
    let reasoning = match word("type").as_deref() {
        Some("enabled") => Reasoning {
            effort,
            budget: match thinking.member("budget_tokens").filter(|tokens| !tokens.is_null()) {
                None => None,
                Some(tokens) => {
                    let whole = tokens.as_whole();
                    let wrong = || problem("thinking.budget_tokens", "Input should be a whole number.");
                    Some(whole.ok_or_else(wrong)?)
                }
            },
            off: false,
            shown,
        },
        Some("adaptive") => Reasoning {
            effort,
            budget: None,
            off: false,
            shown,
        },
        Some("disabled" | "between_tools") => Reasoning {
            off: true,
            ..Reasoning::default()
        },
        _ => {
            return Err(problem(
                "thinking.type",
                "Input should be 'enabled', 'adaptive', 'between_tools' or 'disabled'.",
            ));
        }
    };
    Ok(Some(reasoning))
}

fn effort(word: &str) -> Option<Effort> {
    Some(match word {
        "low" => Effort::Low,
        "medium" => Effort::Medium,
        "high" => Effort::High,
        "xhigh" | "max" => Effort::Most,
        _ => return None,
    })
}

/// The form of the answer, which is JSON that obeys a schema.
fn format(place: &str, value: &Value<'_>) -> Result<Format, RequestProblem> {
    let kind = value.member("type");
    if kind.is_some_and(|kind| kind.as_str().as_deref() != Some("json_schema")) {
        return Err(problem(format!("{place}.type"), "Input should be 'json_schema'."));
    }
    let schema = value.member("schema").filter(Value::is_object);
    let schema =
        schema.ok_or_else(|| problem(format!("{place}.schema"), "Input should be a JSON schema, an object."))?;
    Ok(Format::JsonSchema {
        // Anthropic's schemas have no name, and others demand one.
        name: "answer".to_owned(),
        description: None,
        schema: parsed(&schema),
        strict: Some(true),
        nulls: false,
    })
}

fn keep(extra: &mut Extra, name: &str, value: &Value<'_>) {
    // Who says nothing misses nothing.
    if !value.is_null() {
        extra.insert(name.to_owned(), parsed(value));
    }
}

/// The value as a tree. It was checked before, but may hold a number or an escape that a tree cannot.
fn parsed(value: &Value<'_>) -> serde_json::Value {
    serde_json::from_slice(value.raw()).unwrap_or_default()
}

fn text(name: &str, value: &Value<'_>) -> Result<String, RequestProblem> {
    let text = value.as_str().map(Cow::into_owned);
    text.ok_or_else(|| problem(name.to_owned(), "Input should be a valid string."))
}

fn texts(name: &str, value: &Value<'_>) -> Result<Vec<String>, RequestProblem> {
    let mut texts = Some(Vec::new()).filter(|_| value.raw().starts_with(b"["));
    value.elements(|one| match (&mut texts, one.as_str()) {
        (Some(texts), Some(text)) => texts.push(text.into_owned()),
        _ => texts = None,
    });
    texts.ok_or_else(|| problem(name.to_owned(), "Input should be a list of strings."))
}

fn number(name: &str, value: &Value<'_>) -> Result<f64, RequestProblem> {
    let number = serde_json::from_slice::<f64>(value.raw()).ok();
    number.ok_or_else(|| problem(name.to_owned(), "Input should be a valid number."))
}

#[cfg(test)]
mod tests;

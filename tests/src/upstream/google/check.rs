//! Reads a `GenerateContentRequest` as strictly as Google does, and puts it into the words of the fake's own requests.

use serde_json::{Map, Value};

use super::super::check::{Chat, Choice, Format};
use super::super::refusal::Refusal;
use super::admit::Method;
use super::{config, contents, invalid, tools};

/// A request that passed.
#[derive(Debug)]
pub(super) struct Prompt {
    pub(super) chat: Chat,
    /// The thoughts are to be shown.
    pub(super) shows_thoughts: bool,
    /// A picture is wanted.
    pub(super) draws: bool,
}

const KNOWN: [&str; 8] = [
    "contents",
    "systemInstruction",
    "tools",
    "toolConfig",
    "safetySettings",
    "generationConfig",
    "cachedContent",
    "model",
];

/// Checks a request.
pub(super) fn prompt(body: &Value, method: &Method) -> Result<Prompt, Refusal> {
    let body = object(body, "")?;
    known(body, &KNOWN, "")?;
    let mut messages = Vec::new();
    if let Some(instruction) = get(body, "systemInstruction") {
        messages.push(contents::instruction(instruction)?);
    }
    let listed = get(body, "contents")
        .and_then(Value::as_array)
        .filter(|list| !list.is_empty());
    let listed = listed.ok_or_else(|| invalid("* GenerateContentRequest.contents: contents is not specified\n"))?;
    contents::check(listed, method, &mut messages)?;
    let (tools, choice) = tools::check(body)?;
    let config = config::check(get(body, "generationConfig"), method)?;
    // Until Gemini 3 (<https://github.com/symfony/ai/issues/803>).
    if config.json && !tools.is_empty() && method.model.generation < 30 {
        return Err(invalid(
            "Function calling with a response mime type: 'application/json' is unsupported",
        ));
    }
    let format = match (config.json, config.schema) {
        (false, _) => Format::Text,
        (true, None) => Format::JsonObject,
        (true, Some(schema)) => Format::JsonSchema(schema),
    };
    Ok(Prompt {
        chat: Chat {
            model: method.id.clone(),
            reasoning: method.model.generation >= 25,
            stream: method.name == "streamGenerateContent",
            include_usage: true,
            obfuscation: false,
            n: 1,
            limit: config.limit,
            stop: config.stop,
            effort: config.effort,
            choice: if tools.is_empty() { Choice::None } else { choice },
            tools,
            parallel: true,
            format,
            messages,
        },
        shows_thoughts: config.shows_thoughts,
        draws: config.draws,
    })
}

/// A member, by its name in either spelling.
pub(super) fn get<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object
        .get(name)
        .or_else(|| object.get(&snake(name)))
        .filter(|value| !value.is_null())
}

/// `maxOutputTokens` is `max_output_tokens`, too.
pub(super) fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// A value as an object.
pub(super) fn object<'a>(value: &'a Value, place: &str) -> Result<&'a Map<String, Value>, Refusal> {
    value.as_object().ok_or_else(|| {
        invalid(format!(
            "Invalid JSON payload received. Unknown name \"{place}\": Proto field is not a message."
        ))
    })
}

/// Refuses members that do not exist.
pub(super) fn known(object: &Map<String, Value>, names: &[&str], place: &str) -> Result<(), Refusal> {
    let strange = object
        .keys()
        .find(|key| !names.iter().any(|name| name == key || snake(name) == **key));
    let place = match place {
        "" => String::new(),
        place => format!(" at '{place}'"),
    };
    match strange {
        Some(name) => Err(invalid(format!(
            "Invalid JSON payload received. Unknown name \"{name}\"{place}: Cannot find field."
        ))),
        None => Ok(()),
    }
}

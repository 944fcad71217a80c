//! Checks thinking, effort, format and sampling, which depend on each other and on the model. Pages "Thinking", "Troubleshooting
//! thinking", "Effort" and "Structured outputs".

use serde_json::{Map, Value};

use super::super::models::{Model, Thinking};
use super::super::refusal::Refusal;
use super::fields::{decimal, integer, invalid, known, missing, object};
use super::messages::Conversation;
use super::{Choice, schema};

/// What was wished.
pub(super) struct Wishes {
    pub thinks: Option<u64>,
    pub shown: bool,
    pub schema: Option<Value>,
}

pub(super) fn check(
    body: &Map<String, Value>,
    model: &Model,
    limit: u64,
    choice: &Choice,
    conversation: &Conversation,
) -> Result<Wishes, Refusal> {
    let (effort, schema) = output_config(body, model)?;
    let thinking = match body.get("thinking") {
        None => None,
        Some(thinking) => Some(object(thinking, "thinking")?),
    };
    let wished = thinking.is_some_and(|thinking| thinking.get("type").is_none_or(|kind| kind != "disabled"));
    if wished && model.thinking == Thinking::None {
        return Err(Refusal::invalid(format!("'{}' does not support thinking.", model.name)));
    }
    let mode = thinking.map(|thinking| mode(thinking, model, limit)).transpose()?;
    let on = model.thinking == Thinking::Always || mode == Some(true);
    if on && choice.is_forced() {
        return Err(Refusal::invalid(
            "Thinking may not be enabled when tool_choice forces tool use.",
        ));
    }
    if mode == Some(true) && model.thinking == Thinking::Budget {
        begins_with_thought(conversation)?;
    }
    sampling(body, model, mode == Some(true))?;
    if limit == 0 {
        says_nothing(body, mode == Some(true), choice, schema.is_some())?;
    }
    let display = thinking
        .and_then(|thinking| thinking.get("display"))
        .and_then(Value::as_str);
    let shown = match display {
        Some(display) => display == "summarized",
        None => model.sampling,
    };
    Ok(Wishes {
        thinks: on.then(|| tokens(effort.as_deref())),
        shown,
        schema,
    })
}

/// A limit of 0 fills the cache and says nothing, so nothing may be asked that means words ("Prompt caching", "Limitations").
fn says_nothing(body: &Map<String, Value>, thinks: bool, choice: &Choice, schema: bool) -> Result<(), Refusal> {
    let streams = body.get("stream") == Some(&Value::Bool(true));
    let enabled = thinks && body["thinking"]["type"] == "enabled";
    for (said, name) in [
        (streams, "stream"),
        (enabled, "thinking.type: enabled"),
        (schema, "output_config.format"),
        (choice.is_forced(), "tool_choice"),
    ] {
        if said {
            return Err(invalid(
                "max_tokens",
                &format!("0 is not supported together with `{name}`."),
            ));
        }
    }
    Ok(())
}

/// How many tokens an effort takes.
fn tokens(effort: Option<&str>) -> u64 {
    match effort {
        Some("low") => 16,
        Some("high") => 256,
        Some("xhigh" | "max") => 512,
        _ => 64,
    }
}

/// Whether it is on.
fn mode(thinking: &Map<String, Value>, model: &Model, limit: u64) -> Result<bool, Refusal> {
    let display = thinking.get("display").filter(|display| !display.is_null());
    if display.is_some_and(|display| display != "summarized" && display != "omitted") {
        return Err(invalid("thinking.display", "Input should be 'summarized' or 'omitted'"));
    }
    match thinking.get("type").and_then(Value::as_str) {
        Some("enabled") => {
            known(thinking, "thinking.enabled", &["type", "budget_tokens", "display"])?;
            if matches!(model.thinking, Thinking::Adaptive | Thinking::Always) {
                return Err(Refusal::invalid(
                    "\"thinking.type.enabled\" is not supported for this model. Use \"thinking.type.adaptive\" and \
                     \"output_config.effort\" to control thinking behavior.",
                ));
            }
            let place = "thinking.enabled.budget_tokens";
            let budget = integer(thinking, "budget_tokens")?.ok_or_else(|| missing(place))?;
            if budget < 1024 {
                return Err(invalid(place, "Input should be greater than or equal to 1024"));
            }
            if budget >= limit {
                return Err(Refusal::invalid(
                    "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at \
                     https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size",
                ));
            }
            Ok(true)
        }
        Some("adaptive") => {
            known(thinking, "thinking.adaptive", &["type", "display"])?;
            if model.thinking == Thinking::Budget {
                return Err(Refusal::invalid("adaptive thinking is not supported on this model"));
            }
            Ok(true)
        }
        Some("disabled") => {
            known(thinking, "thinking.disabled", &["type"])?;
            if model.thinking == Thinking::Always {
                return Err(Refusal::invalid(
                    "\"thinking.type.disabled\" is not supported for this model.",
                ));
            }
            Ok(false)
        }
        _ => Err(invalid(
            "thinking",
            "Input tag found using 'type' does not match any of the expected tags: 'adaptive', 'disabled', 'enabled'",
        )),
    }
}

/// Where results follow a call, the call's turn must begin with the thought that led to it.
fn begins_with_thought(conversation: &Conversation) -> Result<(), Refusal> {
    let [.., (_, call), (_, answer)] = conversation.turns.as_slice() else {
        return Ok(());
    };
    let kind = call
        .first()
        .and_then(|block| block["type"].as_str())
        .unwrap_or_default();
    let goes_on = answer.iter().any(|block| block["type"] == "tool_result");
    if goes_on && kind != "thinking" && kind != "redacted_thinking" {
        return Err(Refusal::invalid(format!(
            "messages.{}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{kind}`. When `thinking` is \
             enabled, a final `assistant` message must start with a thinking block.",
            conversation.turns.len() - 2
        )));
    }
    Ok(())
}

fn output_config(body: &Map<String, Value>, model: &Model) -> Result<(Option<String>, Option<Value>), Refusal> {
    let Some(config) = body.get("output_config") else {
        return Ok((None, None));
    };
    let config = object(config, "output_config")?;
    known(config, "output_config", &["effort", "format"])?;
    let effort = match config.get("effort").filter(|effort| !effort.is_null()) {
        None => None,
        Some(_) if model.efforts.is_empty() => {
            return Err(Refusal::invalid("This model does not support the effort parameter."));
        }
        Some(effort) => {
            let word = effort.as_str().unwrap_or_default();
            if !model.efforts.contains(&word) {
                return Err(invalid(
                    "output_config.effort",
                    &format!("Input should be one of {}", model.efforts.join(", ")),
                ));
            }
            Some(word.to_owned())
        }
    };
    let form = match config.get("format").filter(|format| !format.is_null()) {
        None => None,
        Some(format) => {
            let place = "output_config.format";
            let format = object(format, place)?;
            known(format, place, &["type", "schema"])?;
            if format.get("type").and_then(Value::as_str) != Some("json_schema") {
                return Err(invalid(&format!("{place}.type"), "Input should be 'json_schema'"));
            }
            let schema = format
                .get("schema")
                .ok_or_else(|| missing(&format!("{place}.schema")))?;
            object(schema, &format!("{place}.schema"))?;
            schema::check(schema, &format!("{place}.schema"))?;
            Some(schema.clone())
        }
    };
    Ok((effort, form))
}

fn sampling(body: &Map<String, Value>, model: &Model, thinks: bool) -> Result<(), Refusal> {
    let temperature = decimal(body, "temperature", 0.0, 1.0)?;
    let top_p = decimal(body, "top_p", 0.0, 1.0)?;
    let top_k = integer(body, "top_k")?;
    if !model.sampling {
        let given = [
            ("temperature", temperature.is_some_and(|value| value != 1.0)),
            ("top_p", top_p.is_some()),
            ("top_k", top_k.is_some()),
        ];
        if let Some((name, _)) = given.iter().find(|(_, given)| *given) {
            return Err(Refusal::invalid(format!("`{name}` is not supported for this model.")));
        }
        return Ok(());
    }
    if temperature.is_some() && top_p.is_some() {
        return Err(Refusal::invalid(
            "`temperature` and `top_p` cannot both be specified for this model. Please use only one.",
        ));
    }
    if !thinks {
        return Ok(());
    }
    if temperature.is_some_and(|value| value != 1.0) {
        return Err(Refusal::invalid(
            "`temperature` may only be set to 1 when thinking is enabled.",
        ));
    }
    if top_p.is_some_and(|value| value < 0.95) {
        return Err(Refusal::invalid(
            "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled.",
        ));
    }
    if top_k.is_some() {
        return Err(Refusal::invalid("`top_k` must be unset when thinking is enabled."));
    }
    Ok(())
}

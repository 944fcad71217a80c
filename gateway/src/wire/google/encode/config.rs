//! Everything that is neither said nor called: `generationConfig` and the members that only Gemini has.

use serde_json::{Map, Value, json};

use super::{super::schema, Page, unspeakable};
use crate::wire::canonical::{Effort, Format, Reasoning, Request, Target, Unspeakable};

pub(super) fn write(request: &Request, target: &Target<'_>, page: &mut Page) -> Result<(), Unspeakable> {
    let mut config = Map::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            config.insert(name.to_owned(), value);
        }
    };
    let limit = match (request.max_tokens, target.cap) {
        (Some(asked), Some(cap)) => Some(asked.min(cap)),
        (asked, cap) => asked.or(cap),
    };
    set("maxOutputTokens", limit.map(Into::into));
    set("temperature", request.temperature.map(Into::into));
    set("topP", request.top_p.map(Into::into));
    set("topK", request.top_k.map(Into::into));
    // Gemini's seed has 31 bits. The same seed still gives the same answer.
    set("seed", request.seed.map(|seed| json!(seed & 0x7fff_ffff)));
    set("presencePenalty", request.presence_penalty.map(Into::into));
    set("frequencyPenalty", request.frequency_penalty.map(Into::into));
    set("stopSequences", (!request.stop.is_empty()).then(|| json!(request.stop)));
    match &request.format {
        Format::Text => {}
        Format::JsonObject => set("responseMimeType", Some(json!("application/json"))),
        Format::JsonSchema {
            schema, description, ..
        } => {
            let mut schema = schema::clean(schema);
            if let (Value::Object(members), Some(description)) = (&mut schema, description)
                && !members.contains_key("$ref")
            {
                members.entry("description").or_insert_with(|| json!(description));
            }
            set("responseMimeType", Some(json!("application/json")));
            set("responseJsonSchema", Some(schema));
        }
    }
    if let Some(reasoning) = &request.reasoning {
        set("thinkingConfig", thinking(reasoning, limit, page));
    }
    if request.user.is_some() {
        page.drop("user");
    }
    extra(request, &mut config, page)?;
    if !config.is_empty() {
        page.set("generationConfig", Value::Object(config));
    }
    Ok(())
}

/// Gemini 3 thinks by levels, Gemini 2.5 by budgets, those before not at all. A level and a budget together are refused. A budget
/// stays below the `limit` of the answer, in tokens, within which Gemini thinks.
fn thinking(reasoning: &Reasoning, limit: Option<u64>, page: &mut Page) -> Option<Value> {
    let traits = page.traits;
    if !traits.thinks() {
        if !reasoning.off {
            page.drop("reasoning");
        }
        return None;
    }
    let (least, most) = traits.budgets();
    let mut config = Map::new();
    if reasoning.off {
        if traits.always_thinks() {
            page.drop("reasoning");
        }
        let (name, value) = match (traits.is_third(), traits.always_thinks()) {
            (true, _) => ("thinkingLevel", json!(traits.lowest_level())),
            (false, true) => ("thinkingBudget", json!(least)),
            (false, false) => ("thinkingBudget", json!(0)),
        };
        config.insert(name.to_owned(), value);
    } else if traits.is_third() && reasoning.budget.is_none() {
        if let Some(effort) = reasoning.effort {
            config.insert("thinkingLevel".to_owned(), json!(level(effort, traits.lowest_level())));
        }
    } else if let Some((wanted, room)) = wish(reasoning, limit) {
        if room < least {
            page.drop("reasoning");
            if !traits.always_thinks() {
                return None;
            }
        }
        config.insert("thinkingBudget".to_owned(), json!(wanted.min(room).clamp(least, most)));
    }
    if reasoning.shown && !reasoning.off {
        config.insert("includeThoughts".to_owned(), json!(true));
    }
    (!config.is_empty()).then_some(Value::Object(config))
}

/// The tokens that are wished for thoughts, and the most that the limit of the answer has room for: a wish in words leaves a quarter
/// of it for what is said.
fn wish(reasoning: &Reasoning, limit: Option<u64>) -> Option<(u64, u64)> {
    let room = |most: fn(u64) -> u64| limit.map_or(u64::MAX, most);
    match (reasoning.budget, reasoning.effort) {
        (Some(tokens), _) => Some((tokens, room(|limit| limit.saturating_sub(1)))),
        (None, Some(effort)) => Some((budget(effort), room(|limit| limit / 4 * 3))),
        (None, None) => None,
    }
}

const fn level(effort: Effort, lowest: &'static str) -> &'static str {
    match effort {
        Effort::Minimal => lowest,
        Effort::Low => "LOW",
        Effort::Medium => "MEDIUM",
        Effort::High | Effort::Most => "HIGH",
    }
}

/// Google's own table for `reasoning_effort` where it speaks OpenAI's dialect.
const fn budget(effort: Effort) -> u64 {
    match effort {
        Effort::Minimal | Effort::Low => 1024,
        Effort::Medium => 8192,
        Effort::High => 24_576,
        Effort::Most => u64::MAX,
    }
}

/// Members without a common word. What is known goes to its place, the rest is named. Among the rest is `cached_content`:
/// all who use the operator's key would reach each other's.
fn extra(request: &Request, config: &mut Map<String, Value>, page: &mut Page) -> Result<(), Unspeakable> {
    for (name, value) in &request.extra {
        match (name.as_str(), value) {
            ("n", value) => {
                if value.as_u64() != Some(1) {
                    return Err(unspeakable(
                        "n",
                        "Gemini is asked for one answer at a time. Leave n out.",
                    ));
                }
            }
            ("modalities", Value::Array(wanted)) => {
                let words = wanted.iter().filter_map(Value::as_str).map(str::to_ascii_uppercase);
                let words: Vec<String> = words.collect();
                if words != ["TEXT"] {
                    config.insert("responseModalities".to_owned(), json!(words));
                }
            }
            ("safety_settings" | "safetySettings", value @ Value::Array(_)) => {
                page.set("safetySettings", value.clone());
            }
            ("media_resolution" | "mediaResolution", value @ Value::String(_)) => {
                config.insert("mediaResolution".to_owned(), value.clone());
            }
            (other, _) => page.drop(other),
        }
    }
    Ok(())
}

//! Decides how a model is told to think, and what of the sampling it may be told then.
//!
//! A model that thinks takes no `temperature` and no `top_k`, and cannot be forced to call a tool; from 4.7 on it takes no
//! sampling at all. A client's forced call goes before its wish for thoughts, since leaving it out would change the answer.

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    super::super::canonical::{Effort, Reasoning, Request},
    super::models::{Abilities, Efforts, Off, Thinking},
    Losses,
};

/// The members about thinking, effort, format and sampling.
#[derive(Default, Serialize)]
pub(super) struct Wishes {
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_config: Option<OutputConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u64>,
}

#[derive(Default, Serialize)]
struct OutputConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    effort: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<Value>,
}

/// What else decides.
pub(super) struct Situation {
    pub max_tokens: u64,
    /// The model is forced to call a tool.
    pub forced: bool,
    /// The conversation goes on from a call without a thought and its proof, which a model with a budget refuses.
    pub unproven_call: bool,
}

/// The least that a model may be given to think with.
const LEAST_BUDGET: u64 = 1_024;

/// Decides.
pub(super) fn decide(
    request: &Request,
    abilities: &Abilities,
    situation: &Situation,
    format: Option<Value>,
    losses: &mut Losses,
) -> Wishes {
    let (thinking, effort) = match &request.reasoning {
        None => (None, None),
        Some(reasoning) if reasoning.off => off(abilities),
        Some(reasoning) => on(reasoning, abilities, situation, losses),
    };
    let thinks = thinking.as_ref().is_some_and(|thinking| thinking["type"] != "disabled");
    let mut wishes = Wishes {
        thinking,
        ..Wishes::default()
    };
    if effort.is_some() || format.is_some() {
        let format = format.map(|schema| json!({"type": "json_schema", "schema": schema}));
        wishes.output_config = Some(OutputConfig { effort, format });
    }
    sampling(request, abilities, thinks, &mut wishes, losses);
    wishes
}

fn off(abilities: &Abilities) -> (Option<Value>, Option<&'static str>) {
    match abilities.off {
        Off::Silence => (None, None),
        Off::Word(word) => (Some(json!({ "type": word })), None),
        Off::LowEffort => (None, Some("low")),
    }
}

fn on(
    reasoning: &Reasoning,
    abilities: &Abilities,
    situation: &Situation,
    losses: &mut Losses,
) -> (Option<Value>, Option<&'static str>) {
    let effort = reasoning
        .effort
        .or_else(|| reasoning.budget.map(effort_of))
        .and_then(|effort| word(effort, abilities.efforts));
    let thinking = match abilities.thinking {
        _ if situation.forced => None,
        Thinking::None => None,
        Thinking::Adaptive if reasoning.shown => Some(json!({"type": "adaptive", "display": "summarized"})),
        Thinking::Adaptive => Some(json!({"type": "adaptive"})),
        Thinking::Budget if situation.unproven_call => None,
        Thinking::Budget => {
            budget(reasoning, situation.max_tokens).map(|tokens| json!({"type": "enabled", "budget_tokens": tokens}))
        }
    };
    if thinking.is_none() {
        losses.add("reasoning");
    }
    (thinking, effort)
}

/// The word for an effort; the highest that the model knows for what is beyond it.
fn word(effort: Effort, efforts: Efforts) -> Option<&'static str> {
    let Efforts::UpTo(most) = efforts else { return None };
    Some(match effort {
        Effort::Minimal | Effort::Low => "low",
        Effort::Medium => "medium",
        Effort::High => "high",
        Effort::Most => most,
    })
}

/// Tokens to think with, below the limit of the answer: a wish in words leaves a quarter for what is said.
fn budget(reasoning: &Reasoning, max_tokens: u64) -> Option<u64> {
    let budget = match (reasoning.budget, reasoning.effort) {
        (Some(tokens), _) => tokens.max(LEAST_BUDGET).min(max_tokens.saturating_sub(1)),
        (None, effort) => tokens_of(effort.unwrap_or(Effort::Medium)).min(max_tokens / 4 * 3),
    };
    (budget >= LEAST_BUDGET).then_some(budget)
}

const fn tokens_of(effort: Effort) -> u64 {
    match effort {
        Effort::Minimal => 1_024,
        Effort::Low => 2_048,
        Effort::Medium => 8_192,
        Effort::High => 16_384,
        Effort::Most => 32_000,
    }
}

fn effort_of(tokens: u64) -> Effort {
    let efforts = [Effort::Minimal, Effort::Low, Effort::Medium, Effort::High];
    let enough = efforts.into_iter().find(|effort| tokens <= tokens_of(*effort));
    enough.unwrap_or(Effort::Most)
}

/// The defaults are what a model does anyway, so they need no word and are no loss. Anthropic's scale ends at 1.
fn sampling(request: &Request, abilities: &Abilities, thinks: bool, wishes: &mut Wishes, losses: &mut Losses) {
    let free = abilities.sampling && !thinks;
    if let Some(temperature) = request.temperature {
        if free {
            wishes.temperature = Some(temperature.clamp(0.0, 1.0));
        }
        if wishes.temperature.unwrap_or(1.0) != temperature {
            losses.add("temperature");
        }
    }
    if let Some(top_p) = request.top_p {
        let alone = abilities.both_samplings || request.temperature.is_none();
        if free && alone {
            wishes.top_p = Some(top_p);
        } else if top_p != 1.0 {
            losses.add("top_p");
        }
    }
    if let Some(top_k) = request.top_k {
        if free {
            wishes.top_k = Some(top_k);
        } else {
            losses.add("top_k");
        }
    }
}

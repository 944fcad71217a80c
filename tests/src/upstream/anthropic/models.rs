//! The models that the fake has on Anthropic's side, what each takes, and their list (`ModelInfo` of the SDK). Faults have
//! models of their own, as on OpenAI's side.

use serde_json::{Value, json};

use crate::upstream::catalogue::SLOW_MODEL;
use crate::upstream::fault::{FAULT_MODEL_PREFIX, Fault};

/// How a model thinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thinking {
    /// Not at all.
    None,
    /// With a budget.
    Budget,
    /// With a budget, or as it likes.
    Both,
    /// As it likes, where it is asked to.
    Adaptive,
    /// Always.
    Always,
}

/// A model.
#[derive(Debug, Clone, Copy)]
pub(super) struct Model {
    pub name: &'static str,
    pub thinking: Thinking,
    /// It takes `temperature`, `top_p` and `top_k` while it does not think.
    pub sampling: bool,
    /// The efforts that it knows.
    pub efforts: &'static [&'static str],
    pub longest_answer: u64,
    /// An answer may be begun for it.
    pub prefill: bool,
    /// Instructions may stand in the conversation.
    pub instructions_anywhere: bool,
}

const OLD: Model = Model {
    name: "claude-haiku-4-5",
    thinking: Thinking::Budget,
    sampling: true,
    efforts: &[],
    longest_answer: 64_000,
    prefill: true,
    instructions_anywhere: false,
};

const NEW: Model = Model {
    name: "claude-opus-4-7",
    thinking: Thinking::Adaptive,
    sampling: false,
    efforts: &["low", "medium", "high", "xhigh", "max"],
    longest_answer: 128_000,
    prefill: false,
    instructions_anywhere: false,
};

const MODELS: [Model; 7] = [
    OLD,
    Model {
        name: "claude-3-5-haiku-20241022",
        thinking: Thinking::None,
        longest_answer: 8_192,
        ..OLD
    },
    Model {
        name: "claude-opus-4-5",
        efforts: &["low", "medium", "high"],
        ..OLD
    },
    Model {
        name: "claude-opus-4-6",
        thinking: Thinking::Both,
        sampling: true,
        efforts: &["low", "medium", "high", "max"],
        ..NEW
    },
    NEW,
    Model {
        name: "claude-opus-5-5",
        thinking: Thinking::Always,
        instructions_anywhere: true,
        ..NEW
    },
    Model {
        name: SLOW_MODEL,
        ..OLD
    },
];

/// The model with this name. A fault's model takes what most do.
pub(super) fn find(name: &str) -> Option<Model> {
    let fault = Fault::of_model(name).map(|_| OLD);
    fault.or_else(|| MODELS.into_iter().find(|model| model.name == name))
}

/// One model as the API shows it.
pub(super) fn show(name: &str) -> Option<Value> {
    let model = find(name)?;
    Some(json!({
        "type": "model",
        "id": name,
        "display_name": name,
        "created_at": "2026-01-01T00:00:00Z",
        "lifecycle": "active",
        "max_tokens": model.longest_answer,
        "max_input_tokens": 200_000,
    }))
}

/// All models as the API lists them: one page.
pub(super) fn list() -> Value {
    let plain = MODELS.iter().map(|model| model.name.to_owned());
    let faults = Fault::ALL
        .iter()
        .map(|fault| format!("{FAULT_MODEL_PREFIX}{}", fault.name()));
    let data: Vec<Value> = plain.chain(faults).filter_map(|name| show(&name)).collect();
    json!({
        "first_id": data.first().map(|model| &model["id"]),
        "last_id": data.last().map(|model| &model["id"]),
        "has_more": false,
        "data": data,
    })
}

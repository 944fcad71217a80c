//! The models the fake has: a few of OpenAI's names, a slow writer for people who press Stop, and one per fault.
//! The checks look models up here; `GET /v1/models` lists them (schema `Model`: id, object, created, owned_by).

use serde_json::{Value, json};

use super::fault::{FAULT_MODEL_PREFIX, Fault};

/// What a model can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ability {
    /// Plain chat.
    Chat,
    /// Chat with hidden reasoning: counts reasoning tokens, refuses `temperature` and `max_tokens`.
    Reasoning,
    /// Legacy completions alone.
    Text,
    /// Embeddings with this many dimensions.
    Embedding(usize),
    /// Pictures and nothing else.
    Drawing,
}

const MODELS: [(&str, Ability, u64); 9] = [
    ("gpt-4o-mini", Ability::Chat, 1_721_172_741),
    ("gpt-4o", Ability::Chat, 1_715_367_049),
    ("gpt-4.1-mini", Ability::Chat, 1_744_318_173),
    ("o3", Ability::Reasoning, 1_744_225_308),
    ("o4-mini", Ability::Reasoning, 1_744_225_351),
    ("gpt-3.5-turbo-instruct", Ability::Text, 1_692_901_427),
    (SLOW_MODEL, Ability::Chat, 1_700_000_000),
    ("text-embedding-3-small", Ability::Embedding(1536), 1_705_948_997),
    ("text-embedding-3-large", Ability::Embedding(3072), 1_705_953_180),
];

/// They draw. Not in the list of models, as little as snapshots are.
const DRAWING: [(&str, u64); 3] = [
    ("gpt-image-1", 1_745_517_030),
    ("dall-e-3", 1_698_785_189),
    ("dall-e-2", 1_698_798_177),
];

/// They see no pictures, whatever else they can. Not in the list either.
const BLIND: [(&str, Ability, u64); 2] = [
    ("gpt-3.5-turbo", Ability::Chat, 1_677_610_602),
    ("o3-mini", Ability::Reasoning, 1_737_146_383),
];

/// Others that are known and not in the list: of OpenAI's the first that take other words for how hard to think, and one of xAI's and one
/// of DeepSeek's, which are asked in the same dialect.
const MORE: [(&str, Ability, u64); 4] = [
    ("gpt-5", Ability::Reasoning, 1_754_425_777),
    ("gpt-5.1", Ability::Reasoning, 1_762_800_673),
    ("grok-4", Ability::Chat, 1_752_019_200),
    ("deepseek-chat", Ability::Chat, 1_733_961_600),
];

/// Whether the model named `id` sees pictures.
pub(crate) fn sees(id: &str) -> bool {
    !BLIND.iter().any(|(name, _, _)| *name == bare(id))
}

/// Writes 200 words, one each 30 ms, unless asked for another number.
pub(crate) const SLOW_MODEL: &str = "slow-writer";

/// A model with this before its name is the same one, and is served by responses alone, as OpenAI's Codex models are.
pub(crate) const ONLY_RESPONDS: &str = "codex-";

/// A model's name without that.
pub(crate) fn bare(id: &str) -> &str {
    id.strip_prefix(ONLY_RESPONDS).unwrap_or(id)
}

/// What the model named `id` can do; `None` when there is no such model.
pub(crate) fn find(id: &str) -> Option<Ability> {
    let id = bare(id);
    if Fault::of_model(id).is_some() {
        return Some(Ability::Chat);
    }
    if DRAWING.iter().any(|(name, _)| *name == id) {
        return Some(Ability::Drawing);
    }
    MODELS
        .iter()
        .chain(&BLIND)
        .chain(&MORE)
        .find(|(name, _, _)| *name == id)
        .map(|(_, ability, _)| *ability)
}

/// One model as the API shows it.
pub(crate) fn show(id: &str) -> Option<Value> {
    let created = match MODELS.iter().chain(&BLIND).find(|(name, _, _)| *name == bare(id)) {
        Some((_, _, created)) => *created,
        None => match DRAWING.iter().find(|(name, _)| *name == id) {
            Some((_, created)) => *created,
            None => Fault::of_model(id).map(|_| 1_700_000_000)?,
        },
    };
    Some(json!({"id": id, "object": "model", "created": created, "owned_by": "fake-openai"}))
}

/// All models as the API lists them.
pub(crate) fn list() -> Value {
    let plain = MODELS.iter().map(|(id, _, _)| (*id).to_owned());
    let faults = Fault::ALL
        .iter()
        .map(|fault| format!("{FAULT_MODEL_PREFIX}{}", fault.name()));
    let data: Vec<Value> = plain.chain(faults).filter_map(|id| show(&id)).collect();
    json!({"object": "list", "data": data})
}

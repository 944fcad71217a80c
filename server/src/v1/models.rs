//! `GET /v1/models` and `GET /v1/models/{id}`: what a key can call, in the caller's shape. Read from memory.

use axum::{Json, extract::State};
use domain::{
    call::Dialect,
    catalog::{Abilities, ProviderKind},
};
use gateway::VisibleModel;
use http::HeaderMap;
use serde::Serialize;

use super::{
    ApiError,
    extract::{Authenticated, Named},
    usage::moment,
};
use crate::state::HubState;

/// All models.
#[derive(Debug, Serialize)]
pub struct ModelList {
    object: &'static str,
    data: Vec<ModelEntry>,
}

/// One model.
#[derive(Debug, Serialize)]
pub struct ModelEntry {
    /// `provider/model`.
    id: String,
    object: &'static str,
    /// Seconds since 1970.
    created: i64,
    owned_by: String,
    /// Ours: what it can do.
    abilities: Abilities,
    /// Ours: how many tokens it takes in one call, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    context_tokens: Option<u64>,
}

impl ModelEntry {
    fn of(model: &VisibleModel) -> Self {
        let owner = match model.provider.kind {
            // Whatever an admin calls it: nobody shall take it for a real one.
            ProviderKind::Simulated => ProviderKind::Simulated.as_str(),
            _ => &model.provider.name,
        };
        Self {
            id: model.public_name.to_string(),
            object: "model",
            created: model.created_at.seconds(),
            owned_by: owner.to_owned(),
            abilities: Abilities::of(model.provider.kind, &model.slug),
            context_tokens: model.context_tokens,
        }
    }
}

/// All models at once, in Anthropic's shape: this hub has one page.
#[derive(Debug, Serialize)]
pub struct AnthropicList {
    data: Vec<AnthropicModel>,
    has_more: bool,
    first_id: Option<String>,
    last_id: Option<String>,
}

/// One model, in Anthropic's shape.
#[derive(Debug, Serialize)]
pub struct AnthropicModel {
    #[serde(rename = "type")]
    kind: &'static str,
    /// `provider/model`.
    id: String,
    display_name: String,
    /// RFC 3339.
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_input_tokens: Option<u64>,
}

impl AnthropicModel {
    fn of(model: &VisibleModel) -> Self {
        Self {
            kind: "model",
            id: model.public_name.to_string(),
            display_name: model.public_name.to_string(),
            created_at: moment(model.created_at),
            max_input_tokens: model.context_tokens,
        }
    }
}

/// A list or a model, in the caller's shape.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Told<O, A> {
    /// OpenAI's.
    Openai(O),
    /// Anthropic's.
    Anthropic(A),
}

fn for_anthropic(headers: &HeaderMap) -> bool {
    super::dialect("/v1/models", headers) == Dialect::AnthropicMessages
}

/// Every model that may be called, in order of providers.
pub async fn list(
    State(state): State<HubState>,
    Authenticated(_): Authenticated,
    headers: HeaderMap,
) -> Json<Told<ModelList, AnthropicList>> {
    let snapshot = state.gateway().snapshot();
    if for_anthropic(&headers) {
        let data: Vec<AnthropicModel> = snapshot.models().map(AnthropicModel::of).collect();
        return Json(Told::Anthropic(AnthropicList {
            has_more: false,
            first_id: data.first().map(|model| model.id.clone()),
            last_id: data.last().map(|model| model.id.clone()),
            data,
        }));
    }
    Json(Told::Openai(ModelList {
        object: "list",
        data: snapshot.models().map(ModelEntry::of).collect(),
    }))
}

/// The model that a call for this name would get; bare names are looked up as calls do.
pub async fn show(
    State(state): State<HubState>,
    Authenticated(_): Authenticated,
    Named(asked): Named,
    headers: HeaderMap,
) -> Result<Json<Told<ModelEntry, AnthropicModel>>, ApiError> {
    let snapshot = state.gateway().snapshot();
    let model = snapshot.model(&asked).ok_or_else(|| snapshot.unknown_model(&asked))?;
    Ok(Json(match for_anthropic(&headers) {
        true => Told::Anthropic(AnthropicModel::of(model)),
        false => Told::Openai(ModelEntry::of(model)),
    }))
}

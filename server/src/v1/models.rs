//! `GET /v1/models` and `GET /v1/models/{id}`: what a key can call, in OpenAI's shape. Read from memory.

use axum::{Json, extract::State};
use domain::catalog::ProviderKind;
use gateway::VisibleModel;
use serde::Serialize;

use super::{
    ApiError,
    extract::{Authenticated, Named},
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
}

impl ModelEntry {
    fn of(model: &VisibleModel) -> Self {
        let owner = match model.provider.kind {
            // Whatever an admin calls it: nobody shall take it for a real one.
            ProviderKind::Simulated => ProviderKind::Simulated.as_str(),
            ProviderKind::Openai | ProviderKind::OpenaiCompatible | ProviderKind::Anthropic => &model.provider.name,
        };
        Self {
            id: model.public_name.to_string(),
            object: "model",
            created: model.created_at.seconds(),
            owned_by: owner.to_owned(),
        }
    }
}

/// Every model that may be called, in order of providers.
pub async fn list(State(state): State<HubState>, Authenticated(_): Authenticated) -> Json<ModelList> {
    let snapshot = state.gateway().snapshot();
    Json(ModelList {
        object: "list",
        data: snapshot.models().map(ModelEntry::of).collect(),
    })
}

/// The model that a call for this name would get; bare names are looked up as calls do.
pub async fn show(
    State(state): State<HubState>,
    Authenticated(_): Authenticated,
    Named(asked): Named,
) -> Result<Json<ModelEntry>, ApiError> {
    let snapshot = state.gateway().snapshot();
    let model = snapshot.model(&asked).ok_or_else(|| snapshot.unknown_model(&asked))?;
    Ok(Json(ModelEntry::of(model)))
}

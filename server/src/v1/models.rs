//! `GET /v1/models` and `GET /v1/models/{id}`: what a key can call, in OpenAI's shape. Read from memory.

use axum::{Json, extract::State};
use domain::time::Timestamp;
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
    fn new(public_name: &str, provider: &str, created_at: Timestamp) -> Self {
        Self {
            id: public_name.to_owned(),
            object: "model",
            created: created_at.seconds(),
            owned_by: provider.to_owned(),
        }
    }

    fn of(model: &VisibleModel) -> Self {
        Self::new(&model.public_name, &model.provider.name, model.created_at)
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
    let candidate = snapshot
        .resolve(&asked)
        .ok_or_else(|| ApiError::no_such_model(&asked))?;
    let model = snapshot
        .models()
        .find(|model| model.public_name == candidate.public_name);
    model
        .map(|model| Json(ModelEntry::of(model)))
        .ok_or_else(|| ApiError::no_such_model(&asked))
}

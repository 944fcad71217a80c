//! `GET /api/ai-providers` and the same under `/api/ai`: who can be called, for keys. And `…/health`, for keys of admins. No
//! address, no credential and no name of one.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use domain::provider::Provider;
use gateway::call::Caller;
use http::StatusCode;
use serde::Serialize;

use super::person;
use crate::{
    state::HubState,
    v1::{ApiError, extract::Authenticated},
};

/// One provider.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    id: String,
    name: String,
    display_name: String,
    enabled: bool,
    models: usize,
}

/// Every provider that serves a model.
pub async fn list(State(state): State<HubState>, Authenticated(_): Authenticated) -> Json<Vec<Entry>> {
    let snapshot = state.gateway().snapshot();
    let mut all: Vec<Entry> = Vec::new();
    for model in snapshot.models() {
        let id = model.provider.id.to_string();
        match all.iter_mut().find(|entry| entry.id == id) {
            Some(entry) => entry.models += 1,
            None => all.push(Entry {
                id,
                name: model.provider.name.clone(),
                display_name: model.provider.title.clone(),
                enabled: true,
                models: 1,
            }),
        }
    }
    Json(all)
}

/// Every provider's health.
#[derive(Debug, Serialize)]
pub struct Health {
    providers: BTreeMap<String, BTreeMap<String, Running>>,
    timestamp: String,
}

/// Whether a credential works, as far as it is known.
#[derive(Debug, Serialize)]
struct Running {
    running: bool,
}

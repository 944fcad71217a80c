//! `GET /api/ai-providers` and the same under `/api/ai`: who can be called, for keys. And `…/health`, for keys of admins. No
//! address, no credential and no name of one.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use domain::provider::Health as Fared;
use schemars::JsonSchema;
use serde::Serialize;

use super::{moment, person};
use crate::{
    contract::{Book, Errors, Operation, Tag},
    state::HubState,
    v1::{
        ApiError,
        extract::{Authenticated, UsageReader},
    },
};

/// One provider.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AigneProvider")]
pub struct Entry {
    id: String,
    name: String,
    display_name: String,
    enabled: bool,
    models: usize,
}

/// Every provider that serves a model which this key may ask.
pub async fn list(State(state): State<HubState>, Authenticated(caller): Authenticated) -> Json<Vec<Entry>> {
    let mut all: Vec<Entry> = Vec::new();
    for model in &state.gateway().models_for(caller) {
        let id = model.provider.id.to_string();
        match all.iter_mut().find(|entry| entry.id == id) {
            Some(entry) => entry.models += 1,
            None => all.push(Entry {
                id,
                name: model.provider.name.clone(),
                display_name: model.provider.title.to_string(),
                enabled: true,
                models: 1,
            }),
        }
    }
    Json(all)
}

/// Every provider's health.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AigneHealth")]
pub struct Health {
    /// By provider, then by credential.
    providers: BTreeMap<String, BTreeMap<String, Running>>,
    timestamp: String,
}

/// Whether a credential works, as far as it is known.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AigneRunning")]
struct Running {
    running: bool,
}

/// How credentials fared. Admins know their names.
pub async fn health(State(state): State<HubState>, UsageReader(caller): UsageReader) -> Result<Json<Health>, ApiError> {
    let gateway = state.gateway();
    let admin = person(gateway, caller)
        .await?
        .admin()
        .map_err(|refusal| ApiError::forbidden(&refusal))?;
    let providers = gateway.providers().list(&admin.reader()).await?;
    let told = providers.into_iter().map(|provider| {
        let credentials = provider.credentials.into_iter().map(|credential| {
            let running = credential.enabled && credential.health != Fared::Failing;
            (credential.label.to_string(), Running { running })
        });
        (provider.draft.name.to_string(), credentials.collect())
    });
    Ok(Json(Health {
        providers: told.collect(),
        timestamp: moment(gateway.now()),
    }))
}

/// What is said of the list.
pub fn list_described(book: &mut Book) -> Operation {
    Operation::new(Tag::Aigne, "Who can be called")
        .shaped(Errors::Aigne)
        .tells::<Vec<Entry>>(book)
}

/// What is said of health.
pub fn health_described(book: &mut Book) -> Operation {
    Operation::new(Tag::Aigne, "How credentials of providers fared")
        .about("For keys of admins.")
        .shaped(Errors::Aigne)
        .tells::<Health>(book)
        .fails(book, &[403])
}

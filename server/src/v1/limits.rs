//! `GET /v1/limits`: the limits of the key that asks and of the person whose it is, as they stand. Limits of models and providers
//! are the operator's, and made of everybody's calls.

use axum::{Json, extract::State};
use domain::{
    id::LimitId,
    limit::{Standing, Window},
};
use gateway::call::{Figure, window};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{ApiError, extract::UsageReader, usage::moment};
use crate::{
    contract::{Book, Operation, Tag, shapes::figure},
    state::HubState,
};

/// What limits apply.
#[derive(Debug, JsonSchema, Serialize)]
pub struct Limits {
    object: &'static str,
    /// None where nothing is limited.
    data: Vec<LimitEntry>,
}

/// One limit as it stands.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Limit")]
pub struct LimitEntry {
    #[schemars(with = "String")]
    id: LimitId,
    /// What it is on: `key`, `project` or `user`.
    on: &'static str,
    /// `requests`, `tokens`, `concurrent` or `spend`.
    measure: &'static str,
    /// `minute`, `hour`, `day`, `week`, `month`, the same with `rolling` before, or `total`; null for calls at the same time.
    window: Option<String>,
    #[schemars(schema_with = "figure")]
    limit: Value,
    /// What calls that have ended used.
    #[schemars(schema_with = "figure")]
    used: Value,
    /// What running calls may still use.
    #[schemars(schema_with = "figure")]
    reserved: Value,
    #[schemars(schema_with = "figure")]
    remaining: Value,
    /// When nothing of that counts any more; null for what has no window.
    resets_at: Option<String>,
}

impl From<Standing> for LimitEntry {
    fn from(standing: Standing) -> Self {
        let limit = standing.limit;
        let figure = |count| serde_json::json!(Figure::of(limit.measure, count));
        Self {
            id: limit.id,
            on: limit.subject.kind.as_str(),
            measure: limit.measure.as_str(),
            window: window(&limit),
            limit: figure(limit.most),
            used: figure(standing.used),
            reserved: figure(standing.reserved),
            remaining: figure(standing.remaining()),
            resets_at: match limit.window {
                Window::Running | Window::Ever => None,
                Window::Calendar(_) | Window::Rolling(_) => standing.resets_at.map(moment),
            },
        }
    }
}

/// The limits that the key's holder may know.
pub async fn show(State(state): State<HubState>, UsageReader(caller): UsageReader) -> Result<Json<Limits>, ApiError> {
    let standings = state.gateway().limits().of_caller(caller).await?;
    Ok(Json(Limits {
        object: "list",
        data: standings.into_iter().map(LimitEntry::from).collect(),
    }))
}

/// What is said of it.
pub fn described(book: &mut Book) -> Operation {
    Operation::new(
        Tag::Key,
        "The limits of this key, of those by which it was made, and of whose it is",
    )
    .tells::<Limits>(book)
}

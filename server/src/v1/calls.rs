//! `GET /v1/calls/{id}`: what the hub recorded of a call, for the key that made it. The id is the answer's x-request-id.

use axum::{Json, extract::State};
use domain::{call::CallDetail, id::CallId};
use serde::Serialize;

use super::{
    ApiError,
    extract::{Named, UsageReader},
};
use crate::{
    contract::{Book, Operation, Tag, shapes::CallShape},
    state::HubState,
};

/// A call with its attempts and usage. Times are microseconds since 1970, spans microseconds.
#[derive(Debug, Serialize)]
pub struct CallEntry {
    object: &'static str,
    #[serde(flatten)]
    detail: CallDetail,
}

/// The call with this id, unless another key made it.
pub async fn show(
    State(state): State<HubState>,
    UsageReader(caller): UsageReader,
    Named(id): Named,
) -> Result<Json<CallEntry>, ApiError> {
    let (Ok(id), Some(key)) = (id.parse::<CallId>(), caller.key) else {
        return Err(ApiError::no_such_call());
    };
    let detail = state.gateway().calls().detail_for_key(key, id).await?;
    detail
        .map(|detail| Json(CallEntry { object: "call", detail }))
        .ok_or_else(ApiError::no_such_call)
}

/// What is said of it.
pub fn described(book: &mut Book) -> Operation {
    Operation::new(Tag::Key, "What the hub recorded of a call")
        .about("For the key that made it. The id is the answer's `x-request-id`. Moments and spans are microseconds.")
        .tells::<CallShape>(book)
        .fails(book, &[404])
}

//! `POST /v1/responses`: OpenAI's newer dialect. As a chat, with items in and items out.

use axum::{Extension, extract::State, response::Response};
use domain::call::Dialect;
use http::HeaderMap;

use super::{
    ApiError,
    extract::{Authenticated, WholeBody},
    stream,
};
use crate::{arrival::Arrival, state::HubState};

/// Answers with items.
pub async fn create(
    State(state): State<HubState>,
    Extension(arrival): Extension<Arrival>,
    Authenticated(caller): Authenticated,
    headers: HeaderMap,
    WholeBody(body): WholeBody,
) -> Result<Response, ApiError> {
    let request = stream::request(Dialect::OpenaiResponses, &arrival, caller, &headers, body);
    Ok(stream::answer(state.gateway().call(request).await?))
}

//! `POST /v1/completions`: OpenAI's legacy dialect. As a chat, with a prompt in and text out.

use axum::{Extension, extract::State, response::Response};
use domain::call::Dialect;
use http::HeaderMap;

use super::{
    ApiError,
    extract::{Authenticated, WholeBody},
    stream,
};
use crate::{arrival::Arrival, state::HubState};

/// Completes a prompt.
pub async fn create(
    State(state): State<HubState>,
    Extension(arrival): Extension<Arrival>,
    Authenticated(caller): Authenticated,
    headers: HeaderMap,
    WholeBody(body): WholeBody,
) -> Result<Response, ApiError> {
    let request = stream::request(Dialect::OpenaiCompletions, &arrival, caller, &headers, body);
    Ok(stream::answer(state.gateway().call(request).await?))
}

//! `POST /v1/messages`: Anthropic's dialect. As a chat, with its own bodies and its own errors.

use axum::{Extension, extract::State, response::Response};
use domain::call::Dialect;
use http::HeaderMap;

use super::{
    ApiError,
    extract::{Authenticated, WholeBody},
    stream,
};
use crate::{arrival::Arrival, state::HubState};

/// Answers messages.
pub async fn create(
    State(state): State<HubState>,
    Extension(arrival): Extension<Arrival>,
    Authenticated(caller): Authenticated,
    headers: HeaderMap,
    WholeBody(body): WholeBody,
) -> Result<Response, ApiError> {
    let request = stream::request(Dialect::AnthropicMessages, &arrival, caller, &headers, body);
    Ok(stream::answer(state.gateway().call(request).await?))
}

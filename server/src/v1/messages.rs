//! `POST /v1/messages`: Anthropic's dialect. As a chat, with its own bodies and its own errors.

use axum::{Extension, body::Body, extract::State, response::Response};
use domain::call::Dialect;
use gateway::call::passing_headers;
use http::{HeaderMap, HeaderValue, header};

use super::{
    ApiError,
    extract::{Authenticated, WholeBody},
    stream,
};
use crate::{arrival::Arrival, state::HubState};

/// `POST /v1/messages/count_tokens`: how many tokens a request has, before it is sent.
pub async fn count(
    State(state): State<HubState>,
    Authenticated(_): Authenticated,
    headers: HeaderMap,
    WholeBody(body): WholeBody,
) -> Result<Response, ApiError> {
    let passing = passing_headers(Dialect::AnthropicMessages, &headers);
    let counted = state.gateway().count_tokens(body, &passing).await?;
    let mut response = Response::new(Body::from(counted));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    Ok(response)
}

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

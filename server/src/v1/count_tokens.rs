//! `POST /v1/messages/count_tokens`: how many tokens a request in Anthropic's dialect has, before it is sent.

use axum::{body::Body, extract::State, response::Response};
use domain::call::Dialect;
use gateway::call::passing_headers;
use http::{HeaderMap, HeaderValue, header};

use super::{
    ApiError,
    extract::{Authenticated, WholeBody},
};
use crate::state::HubState;

/// Counts them.
pub async fn count(
    State(state): State<HubState>,
    Authenticated(caller): Authenticated,
    headers: HeaderMap,
    WholeBody(body, _room): WholeBody,
) -> Result<Response, ApiError> {
    let passing = passing_headers(Dialect::AnthropicMessages, &headers);
    let counted = state.gateway().count_tokens(caller, body, &passing).await?;
    let mut response = Response::new(Body::from(counted));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    Ok(response)
}

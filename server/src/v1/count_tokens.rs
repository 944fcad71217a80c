//! `POST /v1/messages/count_tokens`: how many tokens a request in Anthropic's dialect has, before it is sent.

use axum::{body::Body, extract::State, response::Response};
use domain::call::Dialect;
use gateway::call::passing;
use http::{HeaderMap, HeaderValue, Uri, header};

use super::{
    ApiError,
    extract::{Authenticated, WholeBody},
};
use crate::state::HubState;

/// Counts them.
pub async fn count(
    State(state): State<HubState>,
    Authenticated(caller): Authenticated,
    uri: Uri,
    headers: HeaderMap,
    WholeBody(body, _room): WholeBody,
) -> Result<Response, ApiError> {
    let passing = passing(Dialect::AnthropicMessages, &headers, uri.query());
    let counted = state.gateway().count_tokens(caller, body, &passing).await?;
    let mut response = Response::new(Body::from(counted));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    Ok(response)
}

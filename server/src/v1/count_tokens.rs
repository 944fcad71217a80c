//! `POST /v1/messages/count_tokens`: how many tokens a request in Anthropic's dialect has, before it is sent.

use axum::{body::Body, response::Response};
use domain::call::Dialect;
use gateway::call::passing;
use http::{HeaderValue, header};

use super::{ApiError, create::Asked, extract::WholeBody};

/// Counts them.
pub async fn count(asked: Asked) -> Result<Response, ApiError> {
    let (state, caller, head, WholeBody(body, room)) = asked.parts();
    let passing = passing(Dialect::AnthropicMessages, &head.headers, head.uri.query());
    let counted = state.gateway().count_tokens(caller, (body, room), &passing).await?;
    let mut response = Response::new(Body::from(counted));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    Ok(response)
}

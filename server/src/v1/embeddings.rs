//! `POST /v1/embeddings`: as a chat, never streamed.

use axum::{Extension, extract::State, response::Response};
use domain::call::Dialect;
use http::HeaderMap;

use super::{
    ApiError,
    extract::{Authenticated, WholeBody},
    stream,
};
use crate::{arrival::Arrival, state::HubState};

/// Makes embeddings.
pub async fn create(
    State(state): State<HubState>,
    Extension(arrival): Extension<Arrival>,
    Authenticated(caller): Authenticated,
    headers: HeaderMap,
    WholeBody(body): WholeBody,
) -> Result<Response, ApiError> {
    let request = stream::request(Dialect::OpenaiEmbeddings, &arrival, caller, &headers, body);
    Ok(stream::answer(state.gateway().call(request).await?))
}

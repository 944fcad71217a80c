//! Calls in AIGNE's dialects. What they mean is decided in `gateway::call`, as for every other one.

use axum::{Extension, extract::State, response::Response};
use domain::call::Dialect;
use http::{HeaderMap, StatusCode, header};

use crate::{
    arrival::Arrival,
    state::HubState,
    v1::{
        ApiError,
        extract::{Authenticated, WholeBody},
        stream,
    },
};

/// `POST /api/v2/chat`: the framework's protocol.
pub async fn create_chat(
    State(state): State<HubState>,
    Extension(arrival): Extension<Arrival>,
    Authenticated(caller): Authenticated,
    headers: HeaderMap,
    WholeBody(body): WholeBody,
) -> Result<Response, ApiError> {
    let request = stream::request(Dialect::AigneChat, &arrival, caller, &headers, body);
    Ok(stream::answer(state.gateway().call(request).await?))
}

/// `POST /api/v2/completions` and `/api/v2/chat/completions`: the older dialect. Its clients ask for a stream by `Accept`.
pub async fn create_completions(
    State(state): State<HubState>,
    Extension(arrival): Extension<Arrival>,
    Authenticated(caller): Authenticated,
    headers: HeaderMap,
    WholeBody(body): WholeBody,
) -> Result<Response, ApiError> {
    let mut request = stream::request(Dialect::AigneCompletions, &arrival, caller, &headers, body);
    request.stream = accepts_events(&headers);
    Ok(stream::answer(state.gateway().call(request).await?))
}

fn accepts_events(headers: &HeaderMap) -> bool {
    let accepted = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|line| line.to_str().ok());
    accepted.flat_map(|line| line.split(',')).any(|kind| {
        kind.split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .eq_ignore_ascii_case("text/event-stream")
    })
}

/// `POST /api/v2/embeddings`: the framework's request or OpenAI's.
pub async fn create_embeddings(
    State(state): State<HubState>,
    Extension(arrival): Extension<Arrival>,
    Authenticated(caller): Authenticated,
    headers: HeaderMap,
    WholeBody(body): WholeBody,
) -> Result<Response, ApiError> {
    let request = stream::request(Dialect::OpenaiEmbeddings, &arrival, caller, &headers, body);
    Ok(stream::answer(state.gateway().embed_for_framework(request).await?))
}

/// `POST /api/v2/image` and `/api/v2/image/generations`: no provider of this hub draws.
pub async fn no_images(Authenticated(_): Authenticated, WholeBody(_): WholeBody) -> ApiError {
    ApiError::invalid(
        StatusCode::NOT_IMPLEMENTED,
        "images_unsupported",
        "This hub does not make images yet: no provider that it can connect is asked to draw. Call a chat model, or send this request to the provider itself.",
    )
}

/// `POST /api/v2/video`.
pub async fn no_videos(Authenticated(_): Authenticated, WholeBody(_): WholeBody) -> ApiError {
    ApiError::invalid(
        StatusCode::NOT_IMPLEMENTED,
        "videos_unsupported",
        "This hub does not make videos. Send this request to the provider itself.",
    )
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_stream_is_asked_for_by_accept() {
        let accepts = |text: &'static str| {
            accepts_events(&HeaderMap::from_iter([(
                header::ACCEPT,
                HeaderValue::from_static(text),
            )]))
        };
        assert!(accepts("text/event-stream"));
        assert!(accepts("application/json, Text/Event-Stream;q=0.9"));
        assert!(!accepts("application/json"));
        assert!(!accepts("*/*"));
        assert!(!accepts_events(&HeaderMap::new()));
    }
}

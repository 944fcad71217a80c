//! `POST` to whatever runs a call: one handler for every dialect. The call goes to the engine as bytes and comes back as bytes,
//! whole or streamed. Which address speaks which dialect stands in `routes`.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{FromRequest, FromRequestParts as _, Request},
    response::Response,
};
use domain::{call::Dialect, key::Scope};
use gateway::{
    Snapshot,
    call::{Caller, PictureShape},
};
use http::{HeaderMap, HeaderName, Uri, header};

use super::{
    ApiError,
    extract::{Authenticated, Proof, WholeBody, whole},
    stream,
};
use crate::{arrival::Arrival, state::HubState};

/// Where AIGNE's clients name the application that they run in.
pub(crate) const APPLICATION: HeaderName = HeaderName::from_static("x-aigne-hub-client-did");

/// Within this time no key expires worth mentioning.
const AT_ONCE: Duration = Duration::from_secs(1);

/// A request of somebody who may call.
pub struct Asked {
    state: HubState,
    arrival: Arrival,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
    body: WholeBody,
}

impl FromRequest<HubState> for Asked {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &HubState) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        // Every request has arrived: `arrival` stands around all routes.
        let arrival = parts.extensions.get::<Arrival>().copied();
        let arrival = arrival.ok_or_else(ApiError::internal)?;
        let Authenticated(caller) = Authenticated::from_request_parts(&mut parts, state).await?;
        // The body's own reader looks at the headers too.
        let (uri, headers) = (parts.uri.clone(), parts.headers.clone());
        let known = state.gateway().snapshot();
        let settings = state.settings();
        let bounds = (settings.body_limit, settings.client_patience);
        let room = state.body_memory().room_of(caller.user);
        let body = whole(Request::from_parts(parts, body), bounds, room).await?;
        let caller = again(caller, &headers, &arrival, state, &known)?;
        let application = headers.get(APPLICATION).and_then(|name| name.to_str().ok());
        let caller = match application {
            Some(name) => state.gateway().attributed(caller, name.trim()),
            None => caller,
        };
        Ok(Self {
            state: state.clone(),
            arrival,
            caller,
            uri,
            headers,
            body,
        })
    }
}

/// What a request says before its body.
pub(super) struct Head {
    pub uri: Uri,
    pub headers: HeaderMap,
}

/// Looks at the caller once more where that may come to something else than before the body was there: a key may have been revoked or
/// bound, and its payer gone, while it came.
fn again(
    caller: Caller,
    headers: &HeaderMap,
    arrival: &Arrival,
    state: &HubState,
    known: &Arc<Snapshot>,
) -> Result<Caller, ApiError> {
    let came_at_once = arrival.instant.elapsed() < AT_ONCE;
    if came_at_once && Arc::ptr_eq(known, &state.gateway().snapshot()) {
        return Ok(caller);
    }
    Proof::of(headers, arrival.address)?.caller(state, Scope::Inference)
}

impl Asked {
    /// Who asks, with which head and body.
    pub(super) fn parts(self) -> (HubState, Caller, Head, WholeBody) {
        let head = Head {
            uri: self.uri,
            headers: self.headers,
        };
        (self.state, self.caller, head, self.body)
    }

    fn request(self, dialect: Dialect) -> (HubState, gateway::call::CallRequest) {
        let told = (&self.headers, self.uri.query());
        let mut request = stream::request(dialect, &self.arrival, self.caller, told, self.body);
        // Clients of the older dialect ask for a stream by `Accept`.
        request.stream = dialect == Dialect::AigneCompletions && accepts_events(&self.headers);
        (self.state, request)
    }
}

/// Runs a call in this dialect.
pub async fn create(dialect: Dialect, asked: Asked) -> Result<Response, ApiError> {
    let (state, request) = asked.request(dialect);
    Ok(stream::answer(state.gateway().call(request).await?))
}

/// Makes embeddings for the AIGNE framework, whose request is its own or OpenAI's.
pub async fn embed_for_framework(asked: Asked) -> Result<Response, ApiError> {
    let (state, request) = asked.request(Dialect::OpenaiEmbeddings);
    Ok(stream::answer(state.gateway().embed_for_framework(request).await?))
}

/// Draws for AIGNE's clients, who ask in one of two shapes.
pub async fn draw_for_framework(shape: PictureShape, asked: Asked) -> Result<Response, ApiError> {
    let (state, request) = asked.request(Dialect::OpenaiImages);
    Ok(stream::answer(
        state.gateway().draw_for_framework(shape, request).await?,
    ))
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

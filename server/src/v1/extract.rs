//! What handlers of `/v1` take out of a request: who calls, the name in the path, the whole body within its limits.

use std::{net::IpAddr, time::Duration};

use axum::{
    body::Body,
    extract::{FromRequestParts, Path, Request},
};
use bytes::Bytes;
use domain::key::Scope;
use gateway::call::{CallError, Caller, Full, KeyProblem, Room};
use http::{HeaderMap, HeaderName, header, request::Parts};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::ApiError;
use crate::{arrival::Arrival, state::HubState};

/// How long a client may take to send a whole body. Large images over slow lines fit; a trickle does not stay forever.
pub(crate) const BODY_PATIENCE: Duration = Duration::from_secs(180);

/// Somebody who may call models, as `Authorization: Bearer` or `x-api-key` proves. Nothing else is asked, cookies least of all.
pub struct Authenticated(pub Caller);

impl FromRequestParts<HubState> for Authenticated {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &HubState) -> Result<Self, ApiError> {
        Proof::of_parts(parts)?.caller(state, Scope::Inference).map(Self)
    }
}

/// Somebody who may read what their key used, proved in the same way.
pub struct UsageReader(pub Caller);

impl FromRequestParts<HubState> for UsageReader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &HubState) -> Result<Self, ApiError> {
        Proof::of_parts(parts)?.caller(state, Scope::Usage).map(Self)
    }
}

/// A key as it was sent, and from where.
pub struct Proof<'a> {
    /// The key, of which nothing is known yet.
    pub key: &'a str,
    /// The client's address, as far as trusted proxies tell.
    pub from: IpAddr,
}

impl<'a> Proof<'a> {
    /// What a request brings.
    ///
    /// # Errors
    /// An answer for whoever brings none, or two.
    pub fn of_parts(parts: &'a Parts) -> Result<Self, ApiError> {
        // Every request has arrived: `arrival` stands around all routes.
        let arrival = parts.extensions.get::<Arrival>().ok_or_else(ApiError::internal)?;
        Self::of(&parts.headers, arrival.address)
    }

    /// The same, of a request from this address.
    ///
    /// # Errors
    /// The same.
    pub fn of(headers: &'a HeaderMap, from: IpAddr) -> Result<Self, ApiError> {
        // Two proofs may be of two people, and whoever stands between could have read the other one.
        for name in [header::AUTHORIZATION, API_KEY] {
            if headers.get_all(name).iter().nth(1).is_some() {
                return Err(ApiError::two_keys());
            }
        }
        // Where both stand, as clients of Anthropic's dialect may send them, the bearer counts.
        let key = match (bearer(headers), api_key(headers)) {
            (Err(KeyProblem::Missing), Some(key)) => key?,
            (bearer, _) => bearer?,
        };
        Ok(Self { key, from })
    }

    pub(super) fn caller(&self, state: &HubState, wanted: Scope) -> Result<Caller, ApiError> {
        Ok(state.gateway().authenticate(self.key, wanted, self.from)?)
    }
}

/// Where clients of Anthropic's dialect put the key.
pub(crate) const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

fn api_key(headers: &HeaderMap) -> Option<Result<&str, KeyProblem>> {
    let key = headers.get(API_KEY)?;
    Some(key.to_str().map(str::trim).map_err(|_| KeyProblem::Malformed))
}

fn bearer(headers: &HeaderMap) -> Result<&str, KeyProblem> {
    let line = headers.get(header::AUTHORIZATION).ok_or(KeyProblem::Missing)?;
    let line = line.to_str().map_err(|_| KeyProblem::Malformed)?;
    let (scheme, key) = line.split_once(' ').ok_or(KeyProblem::Malformed)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(key.trim())
    } else {
        Err(KeyProblem::Malformed)
    }
}

/// The rest of the path: a model's name or a call's id.
pub struct Named(pub String);

impl FromRequestParts<HubState> for Named {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &HubState) -> Result<Self, ApiError> {
        let Ok(Path(name)) = Path::from_request_parts(parts, state).await else {
            return Err(ApiError::unreadable_path());
        };
        Ok(Self(name))
    }
}

/// The whole body, and the room that it takes.
pub struct WholeBody(pub Bytes, pub Room);

/// All of a body that may have so many bytes and takes this room, which is that of whoever asks: nobody's bodies would be bounded by nobody's
/// share. Its pieces may be so far apart.
pub(crate) async fn whole(
    request: Request,
    (limit, patience): (usize, Duration),
    room: Room,
) -> Result<WholeBody, ApiError> {
    if let Some(encoding) = encoding(request.headers()) {
        return Err(ApiError::encoded_body(encoding));
    }
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(ApiError::too_large(limit));
    }
    let whole = collect(Limited::new(request.into_body(), limit), patience, room);
    match tokio::time::timeout(BODY_PATIENCE, whole).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(Interruption::Full)) => Err(ApiError::from(CallError::from(Full))),
        Ok(Err(Interruption::Silence)) => Err(ApiError::stalled_body(patience)),
        Ok(Err(Interruption::Failed(error))) if error.is::<LengthLimitError>() => Err(ApiError::too_large(limit)),
        Ok(Err(Interruption::Failed(_))) => Err(ApiError::broken_body()),
        Err(_) => Err(ApiError::slow_body(BODY_PATIENCE)),
    }
}

/// What the body is packed in, when it is packed. The engine reads and edits it, and must not unpack bombs.
fn encoding(headers: &HeaderMap) -> Option<&str> {
    let encoding = headers
        .get(header::CONTENT_ENCODING)?
        .to_str()
        .unwrap_or("unreadable")
        .trim();
    (!encoding.is_empty() && !encoding.eq_ignore_ascii_case("identity")).then_some(encoding)
}

/// Why a body did not come to its end.
enum Interruption {
    /// Nothing came for too long.
    Silence,
    /// The bodies of all requests take as much memory as they may.
    Full,
    /// It was too large, or the connection broke.
    Failed(axum::BoxError),
}

/// The whole body, whose pieces may be this far apart.
async fn collect(mut body: Limited<Body>, patience: Duration, room: Room) -> Result<WholeBody, Interruption> {
    let mut pieces = Vec::new();
    loop {
        match tokio::time::timeout(patience, body.frame()).await {
            Err(_) => return Err(Interruption::Silence),
            Ok(Some(Err(error))) => return Err(Interruption::Failed(error)),
            Ok(Some(Ok(frame))) => {
                let piece = frame.into_data().unwrap_or_default();
                room.grow(piece.len()).map_err(|Full| Interruption::Full)?;
                pieces.push(piece);
            }
            Ok(None) => break,
        }
    }
    // Most bodies are one piece, which is handed on as it is.
    let whole = match pieces.as_slice() {
        [piece] => piece.clone(),
        _ => Bytes::from(pieces.concat()),
    };
    Ok(WholeBody(whole, room))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_a_bearer_counts() {
        let with = |text: &'static str| HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static(text))]);
        assert_eq!(bearer(&with("Bearer sk-hub-1")).ok(), Some("sk-hub-1"));
        assert_eq!(bearer(&with("bearer  sk-hub-1 ")).ok(), Some("sk-hub-1"));
        assert!(matches!(bearer(&with("Basic abc")), Err(KeyProblem::Malformed)));
        assert!(matches!(bearer(&with("sk-hub-1")), Err(KeyProblem::Malformed)));
        assert!(matches!(bearer(&HeaderMap::new()), Err(KeyProblem::Missing)));
    }

    proptest! {
        /// Whatever bytes stand in the two headers: no panic, and a key is a piece of the line without space around it.
        #[test]
        fn any_proof_is_read_or_refused(
            line in proptest::collection::vec(any::<u8>(), 0..80),
            scheme in prop::sample::select(vec!["", "Bearer ", "bearer  ", "BEARER\t", "Basic "]),
        ) {
            let line = [scheme.as_bytes(), &line].concat();
            let Ok(value) = HeaderValue::from_bytes(&line) else { return Ok(()) };
            let text = value.to_str().ok().map(str::to_owned);
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, value.clone()), (API_KEY, value)]);
            for key in [bearer(&headers), api_key(&headers).unwrap_or(Err(KeyProblem::Missing))].into_iter().flatten() {
                prop_assert_eq!(key, key.trim());
                prop_assert!(text.as_ref().is_some_and(|text| text.contains(key)));
            }
            if let Ok(key) = bearer(&headers) {
                let (named, rest) = text.as_deref().and_then(|text| text.split_once(' ')).unwrap_or_default();
                prop_assert!(named.eq_ignore_ascii_case("bearer") && rest.trim() == key);
            }
            // What a body is packed in is told as it stands.
            let packed = HeaderValue::from_bytes(&line).ok().map(|value| HeaderMap::from_iter([(header::CONTENT_ENCODING, value)]));
            prop_assert!(packed.as_ref().and_then(encoding).is_none_or(|name| name == "unreadable" || text.as_ref().is_some_and(|text| text.contains(name))));
        }
    }
}

//! What handlers of `/v1` take out of a request: who calls, and the whole body within its limit.

use std::time::Duration;

use axum::extract::{FromRequest, FromRequestParts, Request};
use bytes::Bytes;
use gateway::call::{Caller, KeyProblem};
use http::{HeaderMap, header, request::Parts};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::ApiError;
use crate::state::HubState;

/// How long a client may take to send a body. Large images over slow lines fit; a stalled upload does not stay forever.
const BODY_PATIENCE: Duration = Duration::from_secs(180);

/// The caller, as `Authorization: Bearer` proves. Nothing else is asked, cookies least of all.
pub struct Authenticated(pub Caller);

impl FromRequestParts<HubState> for Authenticated {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &HubState) -> Result<Self, ApiError> {
        let bearer = bearer(&parts.headers)?;
        Ok(Self(state.gateway().authenticate(bearer)?))
    }
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

/// The whole body.
pub struct WholeBody(pub Bytes);

impl FromRequest<HubState> for WholeBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &HubState) -> Result<Self, ApiError> {
        let limit = state.settings().body_limit;
        let announced = request
            .headers()
            .get(header::CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|length| length > limit as u64) {
            return Err(ApiError::too_large(limit));
        }
        let whole = Limited::new(request.into_body(), limit).collect();
        match tokio::time::timeout(BODY_PATIENCE, whole).await {
            Ok(Ok(body)) => Ok(Self(body.to_bytes())),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(ApiError::too_large(limit)),
            Ok(Err(_)) => Err(ApiError::broken_body()),
            Err(_) => Err(ApiError::slow_body(BODY_PATIENCE)),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

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
}

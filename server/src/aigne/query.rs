//! What stands behind the question mark of an address; what cannot be read is refused in the caller's dialect.

use axum::extract::{FromRequestParts, Query};
use http::{StatusCode, request::Parts};
use serde::de::DeserializeOwned;

use crate::v1::ApiError;

/// The query, read.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let read = Query::<T>::from_request_parts(parts, state).await;
        read.map(|Query(asked)| Self(asked)).map_err(|_| {
            ApiError::invalid(
                StatusCode::BAD_REQUEST,
                "invalid_query",
                "The address cannot be read behind its question mark: each name may stand there once, and each value is text.",
            )
        })
    }
}

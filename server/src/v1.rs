//! The API for machines, in OpenAI's and in Anthropic's dialect. `create` runs calls, every other endpoint has a file, with what the
//! document says of it; `extract` tells who calls, `error` shapes refusals.
//!
//! Cookies mean nothing here. The paths stand in `routes`.

pub mod calls;
pub mod count_tokens;
pub(crate) mod create;
pub mod credits;
mod dropped;
mod error;
pub(crate) mod extract;
pub mod limits;
pub mod models;
pub(crate) mod stream;
pub mod usage;

pub use create::{Asked, create, draw_for_framework, embed_for_framework};
pub use error::ApiError;

use axum::extract::Request;
use domain::call::Dialect;
use http::HeaderMap;

/// In whose shape whoever asks for this path is answered, errors included. Both dialects list models at one path: Anthropic's
/// clients name the version of its API.
pub fn dialect(path: &str, headers: &HeaderMap) -> Dialect {
    let of = |whole: &str| {
        path.strip_prefix(whole)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if of("/v1/messages") || of("/v1/models") && headers.contains_key("anthropic-version") {
        Dialect::AnthropicMessages
    } else {
        Dialect::OpenaiChat
    }
}

/// `/v1/` and a path that nobody serves.
pub async fn not_found(request: Request) -> ApiError {
    ApiError::no_such_path(request.method(), request.uri().path())
}

/// A path that exists, with a method that it does not know.
pub async fn method_not_allowed(request: Request) -> ApiError {
    ApiError::method_not_allowed(request.method(), request.uri().path())
}

//! The API for machines, in OpenAI's and in Anthropic's dialect. One file an endpoint; `extract` tells who calls, `error` shapes refusals.
//!
//! Cookies mean nothing here. The paths stand in `routes`.

mod calls;
mod chat;
mod completions;
mod credits;
mod embeddings;
mod error;
pub(crate) mod extract;
mod messages;
mod models;
mod responses;
pub(crate) mod stream;
mod usage;

pub use calls::show as show_call;
pub use chat::create as create_chat;
pub use completions::create as create_completions;
pub use credits::show as show_credits;
pub use embeddings::create as create_embeddings;
pub use error::ApiError;
pub use messages::{count as count_tokens, create as create_messages};
pub use models::{list as list_models, show as show_model};
pub use responses::create as create_responses;
pub use usage::show as show_usage;

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

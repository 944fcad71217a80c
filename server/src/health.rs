//! `/healthz`: the process lives. `/readyz`: it can serve, which needs the database. Neither asks who calls.

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::StatusCode;

use crate::{
    contract::{Book, Operation, Tag},
    state::HubState,
};

/// Answers as long as the process runs.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// Answers 503 while the database does not, or while this process may not take calls.
pub async fn ready(State(state): State<HubState>) -> Response {
    match state.gateway().ready().await {
        Ok(true) => "ready\n".into_response(),
        Ok(false) => (StatusCode::SERVICE_UNAVAILABLE, "this process cannot take calls now\n").into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
        }
    }
}

/// What is said of life.
pub fn alive_described(_: &mut Book) -> Operation {
    Operation::new(Tag::Process, "Whether the process lives").says(StatusCode::OK, "It does.")
}

/// What is said of readiness.
pub fn ready_described(_: &mut Book) -> Operation {
    Operation::new(Tag::Process, "Whether the process can serve")
        .says(StatusCode::OK, "It can.")
        .says(StatusCode::SERVICE_UNAVAILABLE, "It cannot now: the text says why.")
}

//! Files that the console makes for whoever is signed in, as CSV: ledgers (`download/ledger.rs`) and the list of changes
//! (`download/audit.rs`). A file is sent as it is read, so one of any length takes no memory (`download/csv.rs`).

pub mod audit;
mod csv;
pub mod ledger;

use app::text::Language;
use axum::{Router, response::Response, routing::get};
use domain::refusal::Refusal;
use http::StatusCode;

use super::plain_page;
use crate::state::HubState;

/// One's own ledger.
pub const OWN: &str = "/credits/ledger.csv";
/// Somebody's.
pub const OF_USER: &str = "/users/{id}/credits/ledger.csv";
/// The list of changes, narrowed as its page is.
pub const AUDIT: &str = app::pages::audit::CSV;

/// The routes; who may come stands in `authority`.
pub fn routes() -> Router<HubState> {
    Router::new()
        .route(OWN, get(ledger::own))
        .route(OF_USER, get(ledger::of_user))
        .route(AUDIT, get(audit::all))
}

/// Why there is no file, as a page: a download is a link that somebody has pressed.
fn refused(refusal: &Refusal, language: Language) -> Response {
    let status = match refusal {
        Refusal::NotSignedIn | Refusal::NotAllowed => StatusCode::FORBIDDEN,
        Refusal::NotFound { .. } => StatusCode::NOT_FOUND,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let heading = language.pick("There is no such file", "没有这个文件");
    plain_page(status, language, heading, &language.refusal(refusal))
}

fn failed(error: &gateway::Error, language: Language) -> Response {
    let refusal = error.refusal();
    if refusal == Refusal::Internal {
        tracing::error!(%error, "a file could not be read");
    }
    refused(&refusal, language)
}

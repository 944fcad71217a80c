//! Files that the console makes for whoever is signed in, as CSV: ledgers (`download/ledger.rs`) and the list of changes
//! (`download/audit.rs`). A file is sent as it is read, so one of any length takes no memory (`download/csv.rs`).

pub mod audit;
mod csv;
pub mod ledger;

use app::text::Language;
use axum::{Router, response::Response, routing::get};
use domain::refusal::Refusal;
use http::{Method, StatusCode};

use super::{authority::demanded, plain_page};
use crate::{
    contract::{Book, Entry, Operation, Tag},
    state::HubState,
};

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

/// What the document says of them.
pub fn entries() -> [Entry; 3] {
    let ledger = |_: &mut Book| file("One's own ledger as CSV, oldest first");
    let of_user = |_: &mut Book| file("A person's ledger as CSV, oldest first, for the console");
    let audit = |_: &mut Book| {
        file("The list of changes as CSV, oldest first, for the console").about(
            "With the filters of its page behind the question mark; keys get the same at `/api/admin/audit.csv`.",
        )
    };
    [
        entry(OWN, Box::new(ledger)),
        entry(OF_USER, Box::new(of_user)),
        entry(AUDIT, Box::new(audit)),
    ]
}

fn entry(path: &'static str, describe: Box<dyn Fn(&mut Book) -> Operation>) -> Entry {
    Entry {
        method: Method::GET,
        path,
        authority: demanded(path),
        describe,
    }
}

fn file(summary: &'static str) -> Operation {
    Operation::new(Tag::Console, summary)
        .about("What a spreadsheet would take for a formula is made a text.")
        .answers("text/csv", &serde_json::json!({ "type": "string" }))
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

//! Files that the console makes for whoever is signed in: the ledger as CSV, one's own or, for admins, somebody's. It is sent
//! as it is read, so a ledger of any length takes no memory.

use app::text::Language;
use axum::{
    Extension, Router,
    body::Body,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use bytes::Bytes;
use domain::{
    access::{Actor, Viewer},
    credit::LedgerLine,
    id::UserId,
    page::{Cursor, PageSize},
    refusal::{Refusal, Thing},
};
use futures_util::{StreamExt as _, stream};
use gateway::Gateway;
use http::{HeaderValue, StatusCode, header};

use super::{plain_page, visit::Visit};
use crate::state::HubState;

/// One's own ledger.
pub const OWN: &str = "/credits/ledger.csv";
/// Somebody's.
pub const OF_USER: &str = "/users/{id}/credits/ledger.csv";

/// The names of the columns.
const HEAD: &str = "number,booked_at,kind,change,balance,debt,call,model,key,reason,actor\r\n";

/// The routes; who may come stands in `authority`.
pub fn routes() -> Router<HubState> {
    Router::new().route(OWN, get(own)).route(OF_USER, get(of_user))
}

async fn own(State(state): State<HubState>, Extension(visit): Extension<Visit>) -> Response {
    match visit.visitor.viewer.clone() {
        Some(viewer) => file(state.gateway().clone(), viewer.id, viewer, visit.visitor.language).await,
        None => refused(&Refusal::NotSignedIn, visit.visitor.language),
    }
}

async fn of_user(
    State(state): State<HubState>,
    Extension(visit): Extension<Visit>,
    Path(id): Path<String>,
) -> Response {
    let language = visit.visitor.language;
    let Some(viewer) = visit.visitor.viewer.clone() else {
        return refused(&Refusal::NotSignedIn, language);
    };
    let admin = match viewer.admin() {
        Ok(admin) => admin,
        Err(refusal) => return refused(&refusal, language),
    };
    let Ok(user) = id.parse::<UserId>() else {
        return refused(&MISSING, language);
    };
    match state.gateway().users().get(&admin, user).await {
        Ok(Some(_)) => file(state.gateway().clone(), user, viewer, language).await,
        Ok(None) => refused(&MISSING, language),
        Err(error) => failed(&error, language),
    }
}

const MISSING: Refusal = Refusal::NotFound { what: Thing::User };

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
        tracing::error!(%error, "a ledger could not be read");
    }
    refused(&refusal, language)
}

/// The file. Members get their own and no other: the use-case asks.
async fn file(gateway: Gateway, user: UserId, viewer: Viewer, language: Language) -> Response {
    // The first page is read before anything is sent, so that a refusal is one.
    let first = match step(&gateway, &viewer, user, 0).await {
        Ok(first) => first,
        Err(error) => return failed(&error, language),
    };
    let begin = Next {
        gateway,
        viewer,
        user,
        read: Some(first),
    };
    let rest = stream::unfold(Some(begin), |next| async move {
        let mut next = next?;
        let (text, last) = next.read.take()?;
        let text = Bytes::from(text);
        let Some(last) = last else {
            return Some((Ok::<_, gateway::Error>(text), None));
        };
        match step(&next.gateway, &next.viewer, next.user, last).await {
            Ok(read) => {
                next.read = Some(read);
                Some((Ok(text), Some(next)))
            }
            Err(error) => {
                tracing::error!(%error, "a ledger could not be read to its end");
                // Cut off rather than whole: nobody is to take a part for all of it.
                Some((Err(error), None))
            }
        }
    });
    let head = stream::once(async { Ok(Bytes::from_static(HEAD.as_bytes())) });
    let mut response = Response::new(Body::from_stream(head.chain(rest)));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    let name = HeaderValue::from_static("attachment; filename=\"ledger.csv\"");
    headers.insert(header::CONTENT_DISPOSITION, name);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

/// A page that was read, and how to go on.
struct Next {
    gateway: Gateway,
    viewer: Viewer,
    user: UserId,
    read: Option<(String, Option<i64>)>,
}

/// The lines after a number, oldest first, and the number to go on from.
async fn step(
    gateway: &Gateway,
    viewer: &Viewer,
    user: UserId,
    after: i64,
) -> Result<(String, Option<i64>), gateway::Error> {
    let size = PageSize::nearest(100);
    let page = gateway
        .credits()
        .ledger(viewer, user, Cursor::After(after), size)
        .await?;
    let more = page.newer.and_then(|seq| seq.parse().ok());
    Ok((page.rows.iter().rev().map(row).collect(), more))
}

fn row(line: &LedgerLine) -> String {
    let cells = [
        line.seq.0.to_string(),
        moment(line.booked_at.microseconds()),
        line.kind.as_str().to_owned(),
        line.change.to_string(),
        line.balance.to_string(),
        line.debt.to_string(),
        line.call.map(|call| call.to_string()).unwrap_or_default(),
        text(line.model.as_deref().unwrap_or_default()),
        text(line.key.as_deref().unwrap_or_default()),
        text(line.reason().unwrap_or_default()),
        text(&actor(&line.actor)),
    ];
    format!("{}\r\n", cells.join(","))
}

fn actor(actor: &Actor) -> String {
    match actor {
        Actor::User { email, .. } => email.to_string(),
        Actor::CommandLine => "command line".to_owned(),
        Actor::System => "hub".to_owned(),
    }
}

fn moment(microseconds: i64) -> String {
    let at = jiff::Timestamp::from_microsecond(microseconds);
    at.map_or_else(|_| microseconds.to_string(), |at| at.to_string())
}

/// A text as one cell. What a spreadsheet would take for a formula is made a text.
fn text(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stay_cells_and_no_formula_is_one() {
        assert_eq!(text("because"), "because");
        assert_eq!(text("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(text("=1+1"), "'=1+1");
        assert_eq!(text("@x,y"), "\"'@x,y\"");
        assert_eq!(moment(1_795_442_520_000_000), "2026-11-23T14:02:00Z");
    }
}

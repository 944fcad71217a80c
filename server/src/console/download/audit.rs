//! The list of changes as CSV, oldest first, narrowed by what the address of its page says. The admin API gives the same
//! (`admin/audit.rs`).

use axum::{
    Extension,
    extract::{Query, State},
    response::Response,
};
use domain::{
    audit::{AuditEntry, AuditFilter},
    page::{Cursor, PageSize},
    refusal::Refusal,
};
use gateway::Gateway;

use super::{
    csv::{self, actor, key, moment, text},
    failed, refused,
};
use crate::{
    console::{presence::Presence, visit::Visit},
    state::HubState,
};

/// The names of the columns.
const HEAD: &str = "id,at,actor,key,address,action,subject,subject_name,before,after\r\n";

/// The file.
pub async fn all(
    State(state): State<HubState>,
    Extension(visit): Extension<Visit>,
    Query(asked): Query<Vec<(String, String)>>,
) -> Response {
    let language = visit.visitor.language;
    let Some(whose) = Presence::of(&visit.visitor) else {
        return refused(&Refusal::NotSignedIn, language);
    };
    let gateway = state.gateway().clone();
    let filter = app::pages::audit::filter_of(asked, gateway.now());
    file(gateway, whose, filter)
        .await
        .unwrap_or_else(|error| failed(&error, language))
}

/// All that the filter shows, as long as whoever downloads it reads everything.
///
/// # Errors
/// Those of the first page.
pub async fn file(gateway: Gateway, whose: Presence, filter: AuditFilter) -> Result<Response, gateway::Error> {
    let name = "attachment; filename=\"audit.csv\"";
    csv::file(name, HEAD, move |after| {
        let (gateway, whose, filter) = (gateway.clone(), whose.clone(), filter.clone());
        Box::pin(async move {
            let reader = whose.now(&gateway).await?.reader()?;
            let (cursor, size) = (Cursor::After(after), PageSize::nearest(100));
            let page = gateway.audit().page(&reader, &filter, cursor, size).await?;
            let more = page.newer.and_then(|id| id.parse().ok());
            Ok((page.rows.iter().rev().map(row).collect(), more))
        })
    })
    .await
}

fn row(entry: &AuditEntry) -> String {
    let cells = [
        entry.id.to_string(),
        moment(entry.at.microseconds()),
        actor(&entry.actor),
        key(&entry.actor),
        text(entry.address.as_deref().unwrap_or_default()),
        text(&entry.action),
        text(&entry.subject),
        text(&entry.subject_name),
        text(entry.before.as_deref().unwrap_or_default()),
        text(entry.after.as_deref().unwrap_or_default()),
    ];
    format!("{}\r\n", cells.join(","))
}

//! `/api/admin/audit`: the list of changes, as JSON, as CSV, and the proof that only the hub has written it.

use axum::{Json, extract::State, response::Response};
use domain::{
    access::Reader,
    audit::{ActorFilter, AuditEntry, AuditFilter},
    id::AuditId,
};
use gateway::{ChainFinding, ChainReport};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ActorEntry, AdminError, Asked, By, Listed, Moment, cursor, operation};
use crate::{
    console::{download, presence::Presence},
    contract::{Book, Operation},
    state::HubState,
};

/// A change.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AuditEntry")]
pub struct ChangeEntry {
    #[schemars(with = "String")]
    id: AuditId,
    at: Moment,
    by: ActorEntry,
    /// From which address; null on the command line.
    address: Option<String>,
    /// What was done, as `key.revoke`.
    action: String,
    /// The id of what it was done to.
    subject: String,
    /// What people called it at the time.
    subject_name: String,
    /// How it was, without secrets.
    before: Option<Value>,
    /// How it is, without secrets.
    after: Option<Value>,
}

impl From<AuditEntry> for ChangeEntry {
    fn from(entry: AuditEntry) -> Self {
        let read = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
        Self {
            id: entry.id,
            at: entry.at.into(),
            by: entry.actor.into(),
            address: entry.address,
            action: entry.action,
            subject: entry.subject,
            subject_name: entry.subject_name,
            before: read(entry.before),
            after: read(entry.after),
        }
    }
}

/// Which changes to list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// Part of an address of mail, the id of a key, `command_line` or `system`.
    #[serde(default)]
    by: Option<String>,
    /// One action, as `key.revoke`, or all on one kind of thing, as `key`.
    #[serde(default)]
    action: Option<String>,
    /// The id of what was changed, or part of its name.
    #[serde(default)]
    subject: Option<String>,
    /// From this moment on.
    #[serde(default)]
    from: Option<Moment>,
    /// Before this moment.
    #[serde(default)]
    until: Option<Moment>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
    /// 25, 50 or 100.
    #[serde(default)]
    limit: Option<u32>,
}

impl AuditQuery {
    fn filter(&self) -> AuditFilter {
        let text = |text: &Option<String>| {
            let text: Option<String> = text.as_deref().map(|text| text.trim().chars().take(254).collect());
            text.filter(|text| !text.is_empty())
        };
        let actor = |word: String| match word.as_str() {
            "command_line" => ActorFilter::CommandLine,
            "system" => ActorFilter::System,
            _ => word.parse().map_or(ActorFilter::Email(word), ActorFilter::Key),
        };
        AuditFilter {
            actor: text(&self.by).map(actor),
            action: text(&self.action),
            subject: text(&self.subject),
            from: self.from.map(|at| at.0),
            until: self.until.map(|at| at.0),
        }
    }
}

/// Changes, newest first.
pub async fn list(
    State(state): State<HubState>,
    by: By<Reader>,
    Asked(asked): Asked<AuditQuery>,
) -> Result<Json<Listed<ChangeEntry>>, AdminError> {
    let (place, size) = (cursor::by_id(asked.cursor.as_deref())?, cursor::size(asked.limit)?);
    let audit = state.gateway().audit();
    let page = audit.page(&by.proof, &asked.filter(), place, size).await?;
    Ok(Json(Listed::by_id(page, ChangeEntry::from)))
}

/// What is said of it.
pub fn list_described(book: &mut Book) -> Operation {
    operation("The list of changes, newest first")
        .asks::<AuditQuery>(book)
        .tells::<Listed<ChangeEntry>>(book)
}

/// All that the filter shows, oldest first, as a file.
pub async fn file(
    State(state): State<HubState>,
    by: By<Reader>,
    Asked(asked): Asked<AuditQuery>,
) -> Result<Response, AdminError> {
    if asked.cursor.is_some() || asked.limit.is_some() {
        let field = if asked.cursor.is_some() { "cursor" } else { "limit" };
        return Err(AdminError::invalid(field, "A file holds all that its filters show."));
    }
    let filter = asked.filter();
    let whose = Presence::by_key(&by.viewer, by.origin());
    Ok(download::audit::file(state.gateway().clone(), whose, filter).await?)
}

/// What is said of it.
pub fn file_described(book: &mut Book) -> Operation {
    operation("The list of changes as CSV, oldest first")
        .about("With the filters of the list; without `cursor` and `limit`. What a spreadsheet would take for a formula is made a text.")
        .asks::<AuditQuery>(book)
        .answers("text/csv", &serde_json::json!({ "type": "string" }))
}

/// What came of looking at the chain of entries.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AuditProof")]
pub struct ProofEntry {
    /// Nothing is wrong.
    sound: bool,
    /// Entries in the chain.
    entries: i64,
    /// Entries from before it; only their number is watched.
    unchained: i64,
    /// What is wrong, as sentences; at most 50.
    findings: Vec<String>,
}

impl From<ChainReport> for ProofEntry {
    fn from(report: ChainReport) -> Self {
        Self {
            sound: report.findings.is_empty(),
            entries: report.entries,
            unchained: report.unchained,
            findings: report.findings.iter().map(ChainFinding::to_string).collect(),
        }
    }
}

/// Proves that only the hub has written the list.
pub async fn verify(State(state): State<HubState>, by: By<Reader>) -> Result<Json<ProofEntry>, AdminError> {
    Ok(Json(state.gateway().audit().verify(&by.proof, None).await?.into()))
}

/// What is said of it.
pub fn verify_described(book: &mut Book) -> Operation {
    operation("Prove that only the hub has written the list of changes")
        .about("Reads all of it.")
        .tells::<ProofEntry>(book)
}

//! Table `audit`: changes, written down. Rows are only ever added, each linked to the one before (`audit/chain.rs`).

pub(crate) mod chain;

use domain::{
    access::Actor,
    audit::{ActorFilter, AuditEntry, AuditFilter},
    id::{AuditId, KeyId, UserId},
    page::{Cursor, PageSize},
    time::Timestamp,
};
use sqlx::{Database, Encode, QueryBuilder, Type};

use super::{
    Store, StoreError, Tx,
    calls::escape_like,
    change::Subject,
    filtered::{filtered_count, filtered_page, matches_nothing},
    tx_execute,
};
use crate::secrets::{AuditSeal, Chained};

/// A row to add.
pub(super) struct NewEntry<'a> {
    pub(super) id: AuditId,
    pub(super) at: Timestamp,
    pub(super) actor: &'a Actor,
    pub(super) address: Option<&'a str>,
    pub(super) subject: Subject<'a>,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    pub(super) seal: &'a AuditSeal,
}

pub(super) async fn insert(tx: &mut Tx, entry: NewEntry<'_>) -> Result<(), StoreError> {
    let (kind, id, email, key) = match entry.actor {
        Actor::User { id, email, key } => ("user", Some(id.number()), Some(email.as_str()), key.map(KeyId::number)),
        Actor::CommandLine => ("command_line", None, None, None),
        Actor::System => ("system", None, None, None),
    };
    let told = Chained {
        number: 0,
        id: entry.id.number(),
        at: entry.at.microseconds(),
        actor_kind: kind,
        actor_id: id,
        actor_email: email,
        address: entry.address,
        action: entry.subject.action,
        subject: &entry.subject.id,
        subject_name: entry.subject.name,
        before_json: entry.before.as_deref(),
        after_json: entry.after.as_deref(),
        actor_key: key,
    };
    let (number, link) = chain::append(tx, entry.seal, told).await?;
    tx_execute!(
        tx,
        "INSERT INTO audit (id, at, actor_kind, actor_id, actor_email, address, action, subject, subject_name, before_json, after_json,
            number, chain, actor_key)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        entry.id.number(),
        entry.at.microseconds(),
        kind,
        id,
        email,
        entry.address,
        entry.subject.action,
        entry.subject.id.as_str(),
        entry.subject.name,
        entry.before.as_deref(),
        entry.after.as_deref(),
        number,
        link,
        key,
    )?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    at: i64,
    actor_kind: String,
    actor_id: Option<i64>,
    actor_email: Option<String>,
    actor_key: Option<i64>,
    address: Option<String>,
    action: String,
    subject: String,
    subject_name: String,
    before_json: Option<String>,
    after_json: Option<String>,
}

impl Row {
    fn entry(self) -> AuditEntry {
        let email = self.actor_email.and_then(|text| text.parse().ok());
        let actor = match (self.actor_kind.as_str(), self.actor_id, email) {
            ("user", Some(id), Some(email)) => Actor::User {
                id: UserId::from_number(id),
                email,
                key: self.actor_key.map(KeyId::from_number),
            },
            ("command_line", ..) => Actor::CommandLine,
            _ => Actor::System,
        };
        AuditEntry {
            id: AuditId::from_number(self.id),
            at: Timestamp(self.at),
            actor,
            address: self.address,
            action: self.action,
            subject: self.subject,
            subject_name: self.subject_name,
            before: self.before_json,
            after: self.after_json,
        }
    }
}

/// Adds the conditions of a filter. Values are always bound.
fn push_filter<DB>(query: &mut QueryBuilder<DB>, filter: &AuditFilter)
where
    DB: Database,
    for<'q> i64: Encode<'q, DB> + Type<DB>,
    for<'q> String: Encode<'q, DB> + Type<DB>,
{
    let who = match &filter.actor {
        Some(ActorFilter::Email(text)) => Some(text.as_str()),
        Some(ActorFilter::Key(_) | ActorFilter::CommandLine | ActorFilter::System) | None => None,
    };
    if matches_nothing(query, &[who, filter.action.as_deref(), filter.subject.as_deref()]) {
        return;
    }
    match &filter.actor {
        // Addresses are kept in small letters.
        Some(ActorFilter::Email(text)) => {
            let pattern = format!("%{}%", escape_like(&text.to_lowercase()));
            query
                .push(" AND actor_email LIKE ")
                .push_bind(pattern)
                .push(" ESCAPE '\\'");
        }
        Some(ActorFilter::Key(key)) => {
            query.push(" AND actor_key = ").push_bind(key.number());
        }
        Some(ActorFilter::CommandLine) => {
            query.push(" AND actor_kind = 'command_line'");
        }
        Some(ActorFilter::System) => {
            query.push(" AND actor_kind = 'system'");
        }
        None => {}
    }
    match filter.action.as_deref() {
        Some(action) if action.contains('.') => {
            query.push(" AND action = ").push_bind(action.to_owned());
        }
        // Everything done to one kind of thing lies between `kind.` and `kind/`.
        Some(kind) => {
            query.push(" AND action >= ").push_bind(format!("{kind}."));
            query.push(" AND action < ").push_bind(format!("{kind}/"));
        }
        None => {}
    }
    if let Some(subject) = &filter.subject {
        let pattern = format!("%{}%", escape_like(subject));
        query.push(" AND (subject = ").push_bind(subject.clone());
        query.push(" OR LOWER(subject_name) LIKE LOWER(").push_bind(pattern);
        query.push(") ESCAPE '\\')");
    }
    // Ids begin with the time, so a range of time is a range of the primary key.
    if let Some(from) = filter.from {
        query
            .push(" AND id >= ")
            .push_bind(domain::id::pack(from.milliseconds(), 0, 0));
    }
    if let Some(until) = filter.until {
        query
            .push(" AND id < ")
            .push_bind(domain::id::pack(until.milliseconds(), 0, 0));
    }
}

/// One more row than a page holds, in the order of the cursor: ascending after an id, else descending.
pub(crate) async fn page(
    store: &Store,
    filter: &AuditFilter,
    cursor: Cursor,
    size: PageSize,
) -> Result<Vec<AuditEntry>, StoreError> {
    let rows = filtered_page!(
        store,
        Row,
                "SELECT id, at, actor_kind, actor_id, actor_email, actor_key, address, action, subject, subject_name, before_json,
                    after_json
                 FROM audit WHERE 1 = 1",
        push_filter,
        filter,
        "id",
        cursor,
        size
    );
    Ok(rows.into_iter().map(Row::entry).collect())
}

/// How many changes match, counted up to `cap`.
pub(crate) async fn count(store: &Store, filter: &AuditFilter, cap: i64) -> Result<i64, StoreError> {
    Ok(filtered_count!(store, "audit", push_filter, filter, cap))
}

//! Table `audit`: changes, written down. Rows are only ever added.

use domain::{
    access::Actor,
    audit::AuditEntry,
    id::{AuditId, UserId},
    page::{Cursor, PageSize},
    time::Timestamp,
};
use sqlx::QueryBuilder;

use super::{Store, StoreError, Tx, change::Subject, tx_execute};

/// A row to add.
pub(super) struct NewEntry<'a> {
    pub(super) id: AuditId,
    pub(super) at: Timestamp,
    pub(super) actor: &'a Actor,
    pub(super) address: Option<&'a str>,
    pub(super) subject: Subject<'a>,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

pub(super) async fn insert(tx: &mut Tx, entry: NewEntry<'_>) -> Result<(), StoreError> {
    let (kind, id, email) = match entry.actor {
        Actor::User { id, email } => ("user", Some(id.number()), Some(email.as_str())),
        Actor::CommandLine => ("command_line", None, None),
        Actor::System => ("system", None, None),
    };
    tx_execute!(
        tx,
        "INSERT INTO audit (id, at, actor_kind, actor_id, actor_email, address, action, subject, subject_name, before_json, after_json)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
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

/// One more row than a page holds, in the order of the cursor: ascending after an id, else descending.
pub(crate) async fn page(
    store: &Store,
    subject: Option<&str>,
    cursor: Cursor,
    size: PageSize,
) -> Result<Vec<AuditEntry>, StoreError> {
    macro_rules! read {
        ($pool:expr) => {{
            let mut query = QueryBuilder::new(
                "SELECT id, at, actor_kind, actor_id, actor_email, address, action, subject, subject_name, before_json, after_json
                 FROM audit WHERE 1 = 1",
            );
            if let Some(subject) = subject {
                // Actions are `subject.verb`; everything of one subject lies between `subject.` and `subject/`.
                query.push(" AND action >= ").push_bind(format!("{subject}.")).push(" AND action < ").push_bind(format!("{subject}/"));
            }
            super::calls::push_cursor!(query, "id", cursor, size);
            query.build_query_as::<Row>().fetch_all($pool).await?
        }};
    }
    let rows: Vec<Row> = match store {
        Store::Sqlite(pools) => read!(&pools.read),
        Store::Postgres(pool) => read!(pool),
    };
    Ok(rows.into_iter().map(Row::entry).collect())
}

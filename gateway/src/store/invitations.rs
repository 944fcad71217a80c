//! Table `invitation`: who was asked to come.

use domain::{
    access::Role,
    id::{InvitationId, ProjectId, UserId},
    invitation::{Invitation, InvitedInto},
    name::Label,
    project::ProjectRole,
    time::Timestamp,
};

use super::{Store, StoreError, Tx, fetch_all, fetch_optional, tx_execute, tx_fetch_optional};

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    email: String,
    role: String,
    project_id: Option<i64>,
    project: Option<String>,
    project_role: Option<String>,
    invited_by: Option<i64>,
    created_at: i64,
    expires_at: i64,
    ended_at: Option<i64>,
    accepted_by: Option<i64>,
}

impl Row {
    fn invitation(self) -> Result<Invitation, StoreError> {
        let unknown = |column| StoreError::Row {
            table: "invitation",
            column,
        };
        let project = match (self.project_id, self.project, self.project_role) {
            (Some(id), Some(name), Some(role)) => Some(InvitedInto {
                id: ProjectId::from_number(id),
                name: Label::stored(&name).map_err(|_| unknown("project_id"))?,
                role: ProjectRole::parse(&role).ok_or_else(|| unknown("project_role"))?,
            }),
            _ => None,
        };
        Ok(Invitation {
            id: InvitationId::from_number(self.id),
            email: self.email.parse().map_err(|_| unknown("email"))?,
            role: Role::parse(&self.role).ok_or_else(|| unknown("role"))?,
            project,
            invited_by: self.invited_by.map(UserId::from_number),
            created_at: Timestamp(self.created_at),
            expires_at: Timestamp(self.expires_at),
            ended_at: self.ended_at.map(Timestamp),
            accepted_by: self.accepted_by.map(UserId::from_number),
        })
    }
}

macro_rules! invitations {
    ($end:literal) => {
        concat!(
            "SELECT i.id, i.email, i.role, i.project_id, j.name AS project, i.project_role, i.invited_by, i.created_at, i.expires_at,
                i.ended_at, i.accepted_by
             FROM invitation i LEFT JOIN project j ON j.id = i.project_id ",
            $end
        )
    };
}

const BY_ID: &str = invitations!("WHERE i.id = $1");
const NEWEST: &str =
    invitations!("ORDER BY CASE WHEN i.ended_at IS NULL AND i.expires_at > $1 THEN 0 ELSE 1 END, i.id DESC LIMIT $2");

/// One.
pub(crate) async fn get(store: &Store, id: InvitationId) -> Result<Option<Invitation>, StoreError> {
    fetch_optional!(store, Row, BY_ID, id.number())?
        .map(Row::invitation)
        .transpose()
}

/// One, within a change.
pub(crate) async fn get_in(tx: &mut Tx, id: InvitationId) -> Result<Option<Invitation>, StoreError> {
    tx_fetch_optional!(tx, Row, BY_ID, id.number())?
        .map(Row::invitation)
        .transpose()
}

/// The newest, those that are open before the others.
pub(crate) async fn newest(store: &Store, now: Timestamp, most: i64) -> Result<Vec<Invitation>, StoreError> {
    let rows = fetch_all!(store, Row, NEWEST, now.microseconds(), most)?;
    rows.into_iter().map(Row::invitation).collect()
}

/// Whether somebody is asked already, and the link works.
pub(crate) async fn is_open(tx: &mut Tx, email: &str, now: Timestamp) -> Result<bool, StoreError> {
    let found = tx_fetch_optional!(
        tx,
        (i64,),
        "SELECT id FROM invitation WHERE email = $1 AND ended_at IS NULL AND expires_at > $2 LIMIT 1",
        email,
        now.microseconds()
    )?;
    Ok(found.is_some())
}

/// Adds one.
pub(crate) async fn insert(tx: &mut Tx, invitation: &Invitation) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "INSERT INTO invitation (id, email, role, invited_by, created_at, expires_at, project_id, project_role)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        invitation.id.number(),
        invitation.email.as_str(),
        invitation.role.as_str(),
        invitation.invited_by.map(UserId::number),
        invitation.created_at.microseconds(),
        invitation.expires_at.microseconds(),
        invitation.project.as_ref().map(|project| project.id.number()),
        invitation.project.as_ref().map(|project| project.role.as_str()),
    )?;
    Ok(())
}

/// Ends one that is open: somebody came of it, or it is revoked. The number of rows: 0 when it was over.
pub(crate) async fn end(
    tx: &mut Tx,
    id: InvitationId,
    accepted_by: Option<UserId>,
    now: Timestamp,
) -> Result<u64, StoreError> {
    Ok(tx_execute!(
        tx,
        "UPDATE invitation SET ended_at = $2, accepted_by = $3 WHERE id = $1 AND ended_at IS NULL",
        id.number(),
        now.microseconds(),
        accepted_by.map(UserId::number)
    )?)
}

/// Moves the end of one that nobody has accepted or revoked, and says in whose name it is given now.
pub(crate) async fn extend(tx: &mut Tx, invitation: &Invitation) -> Result<u64, StoreError> {
    Ok(tx_execute!(
        tx,
        "UPDATE invitation SET expires_at = $2, invited_by = $3 WHERE id = $1 AND ended_at IS NULL",
        invitation.id.number(),
        invitation.expires_at.microseconds(),
        invitation.invited_by.map(UserId::number)
    )?)
}

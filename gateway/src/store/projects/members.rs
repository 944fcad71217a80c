//! Table `project_member`: who is in which project, as what.

use domain::{
    id::{ProjectId, UserId},
    name::Label,
    project::{Member, ProjectRole},
};

use crate::store::{Store, StoreError, Tx, fetch_all, tx_execute, tx_fetch_all, tx_fetch_optional};

fn role(text: &str) -> Result<ProjectRole, StoreError> {
    ProjectRole::parse(text).ok_or(StoreError::Row {
        table: "project_member",
        column: "role",
    })
}

const ROLE: &str = "SELECT role FROM project_member WHERE project_id = $1 AND person_id = $2";

/// Each project that somebody is in, with their role.
pub(crate) async fn roles_of(store: &Store, person: UserId) -> Result<Vec<(ProjectId, ProjectRole)>, StoreError> {
    let rows = fetch_all!(
        store,
        (i64, String),
        "SELECT project_id, role FROM project_member WHERE person_id = $1",
        person.number()
    )?;
    let told = |(id, word): (i64, String)| Ok((ProjectId::from_number(id), role(&word)?));
    rows.into_iter().map(told).collect()
}

/// The same within a change, by the projects' names.
pub(crate) async fn memberships(tx: &mut Tx, person: UserId) -> Result<Vec<(String, ProjectRole)>, StoreError> {
    let rows = tx_fetch_all!(
        tx,
        (String, String),
        "SELECT p.name, m.role FROM project_member m JOIN project p ON p.id = m.project_id
         WHERE m.person_id = $1 ORDER BY p.id",
        person.number()
    )?;
    let told = |(name, word): (String, String)| Ok((name, role(&word)?));
    rows.into_iter().map(told).collect()
}

/// Somebody's role in a project, within a change; none when they are not in it.
pub(crate) async fn role_in(tx: &mut Tx, id: ProjectId, person: UserId) -> Result<Option<ProjectRole>, StoreError> {
    let found = tx_fetch_optional!(tx, (String,), ROLE, id.number(), person.number())?;
    found.map(|(word,)| role(&word)).transpose()
}

#[derive(sqlx::FromRow)]
struct MemberRow {
    person_id: i64,
    email: String,
    name: Option<String>,
    role: String,
}

/// Who is in a project, by their addresses.
pub(crate) async fn members(store: &Store, id: ProjectId) -> Result<Vec<Member>, StoreError> {
    let rows = fetch_all!(
        store,
        MemberRow,
        "SELECT m.person_id, p.email, p.name, m.role FROM project_member m JOIN person p ON p.id = m.person_id
         WHERE m.project_id = $1 ORDER BY p.email",
        id.number()
    )?;
    let member = |row: MemberRow| {
        Ok(Member {
            user: UserId::from_number(row.person_id),
            email: row.email.parse().map_err(|_| StoreError::Row {
                table: "person",
                column: "email",
            })?,
            name: row.name.and_then(|name| Label::stored(&name).ok()),
            role: role(&row.role)?,
        })
    };
    rows.into_iter().map(member).collect()
}

/// Puts somebody into a project, or changes their role in it.
pub(crate) async fn set_member(
    tx: &mut Tx,
    id: ProjectId,
    person: UserId,
    role: ProjectRole,
) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "INSERT INTO project_member (project_id, person_id, role) VALUES ($1, $2, $3)
         ON CONFLICT (project_id, person_id) DO UPDATE SET role = excluded.role",
        id.number(),
        person.number(),
        role.as_str()
    )?;
    Ok(())
}

/// Takes somebody out of a project.
pub(crate) async fn remove_member(tx: &mut Tx, id: ProjectId, person: UserId) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "DELETE FROM project_member WHERE project_id = $1 AND person_id = $2",
        id.number(),
        person.number()
    )?;
    Ok(())
}

/// Takes somebody who leaves for good out of all projects but their own.
pub(crate) async fn leave_all(tx: &mut Tx, person: UserId) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "DELETE FROM project_member WHERE person_id = $1 AND project_id <> $1",
        person.number()
    )?;
    Ok(())
}

//! Table `project`. Everybody has a personal project from the first moment on, which has their number. Who is in one stands in
//! `projects/members.rs`, which programs are its own in `projects/applications.rs`.

mod applications;
mod members;

use domain::{
    id::{AccountId, ProjectId, UserId},
    name::Label,
    project::{PERSONAL, Project, ProjectRole},
    time::Timestamp,
};

pub(crate) use applications::{
    add_application, applications, count_applications, named_people, remove_application, remove_applications,
};
pub(crate) use members::{leave_all, members, memberships, remove_member, role_in, roles_of, set_member};

use super::{Store, StoreError, Tx, fetch_all, tx_execute, tx_fetch_optional};

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    name: String,
    personal_of: Option<i64>,
    account_id: i64,
    created_at: i64,
    archived_at: Option<i64>,
    unpaid_since: Option<i64>,
}

fn unreadable(column: &'static str) -> StoreError {
    StoreError::Row {
        table: "project",
        column,
    }
}

impl Row {
    fn project(self) -> Result<Project, StoreError> {
        Ok(Project {
            id: ProjectId::from_number(self.id),
            name: Label::stored(&self.name).map_err(|_| unreadable("name"))?,
            personal_of: self.personal_of.map(UserId::from_number),
            account: AccountId::from_number(self.account_id),
            created_at: Timestamp(self.created_at),
            archived_at: self.archived_at.map(Timestamp),
            unpaid_since: self.unpaid_since.map(Timestamp),
        })
    }
}

macro_rules! projects {
    ($end:literal) => {
        concat!(
            "SELECT j.id, j.name, j.personal_of, j.account_id, j.created_at, j.archived_at, j.unpaid_since FROM project j ",
            $end
        )
    };
}

const BY_ID: &str = projects!("WHERE j.id = $1");
/// Personal ones first, which are one's own; then by name.
const OF_PERSON: &str = projects!(
    "JOIN project_member m ON m.project_id = j.id WHERE m.person_id = $1 ORDER BY j.personal_of IS NULL, j.name, j.id"
);
/// Shared ones, whether or not they are in them.
const PAID_BY: &str =
    projects!("WHERE j.account_id = $1 AND j.personal_of IS NULL AND j.unpaid_since IS NULL ORDER BY j.name, j.id");
const SHARED: &str = projects!("WHERE j.personal_of IS NULL ORDER BY j.name, j.id");
const BY_NAME: &str = projects!("WHERE j.personal_of IS NULL AND j.archived_at IS NULL AND j.name = $1");

/// One project.
pub(crate) async fn get(store: &Store, id: ProjectId) -> Result<Option<Project>, StoreError> {
    let mut tx = store.begin_read().await?;
    get_in(&mut tx, id).await
}

/// The same within a change.
pub(crate) async fn get_in(tx: &mut Tx, id: ProjectId) -> Result<Option<Project>, StoreError> {
    tx_fetch_optional!(tx, Row, BY_ID, id.number())?
        .map(Row::project)
        .transpose()
}

/// The shared project with this name that is not archived.
pub(crate) async fn find(store: &Store, name: &str) -> Result<Option<Project>, StoreError> {
    let mut tx = store.begin_read().await?;
    tx_fetch_optional!(&mut tx, Row, BY_NAME, name)?
        .map(Row::project)
        .transpose()
}

/// The projects that somebody is in.
pub(crate) async fn of_person(store: &Store, person: UserId) -> Result<Vec<Project>, StoreError> {
    let rows = fetch_all!(store, Row, OF_PERSON, person.number())?;
    rows.into_iter().map(Row::project).collect()
}

/// The shared projects that somebody's account pays for.
pub(crate) async fn paid_by(store: &Store, account: AccountId) -> Result<Vec<Project>, StoreError> {
    let rows = fetch_all!(store, Row, PAID_BY, account.number())?;
    rows.into_iter().map(Row::project).collect()
}

/// All projects but personal ones.
pub(crate) async fn shared(store: &Store) -> Result<Vec<Project>, StoreError> {
    fetch_all!(store, Row, SHARED)?.into_iter().map(Row::project).collect()
}

/// How many people and working keys each shared project has, and each that somebody is in.
pub(crate) async fn counts(store: &Store, person: UserId) -> Result<Vec<(ProjectId, i64, i64)>, StoreError> {
    let rows = fetch_all!(
        store,
        (i64, i64, i64),
        "SELECT j.id, (SELECT COUNT(*) FROM project_member m WHERE m.project_id = j.id),
            (SELECT COUNT(*) FROM api_key k WHERE k.project_id = j.id AND k.deleted_at IS NULL AND k.revoked_at IS NULL
               AND k.replaced_by IS NULL)
         FROM project j WHERE j.personal_of IS NULL OR j.personal_of = $1",
        person.number()
    )?;
    let told = |(id, people, keys)| (ProjectId::from_number(id), people, keys);
    Ok(rows.into_iter().map(told).collect())
}

/// Adds a project.
pub(crate) async fn insert(tx: &mut Tx, project: &Project) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "INSERT INTO project (id, name, personal_of, account_id, created_at) VALUES ($1, $2, $3, $4, $5)",
        project.id.number(),
        project.name.as_str(),
        project.personal_of.map(UserId::number),
        project.account.number(),
        project.created_at.microseconds()
    )?;
    Ok(())
}

/// Makes the personal project of somebody who is being added, in the same transaction. Their account is there.
pub(super) async fn insert_personal(tx: &mut Tx, person: UserId, now: Timestamp) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "INSERT INTO project (id, name, personal_of, account_id, created_at) VALUES ($1, $2, $1, $1, $3)",
        person.number(),
        PERSONAL,
        now.microseconds()
    )?;
    set_member(tx, ProjectId::personal_of(person), person, ProjectRole::Admin).await
}

/// Changes what a project is called.
pub(crate) async fn rename(tx: &mut Tx, id: ProjectId, name: &Label) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE project SET name = $2 WHERE id = $1",
        id.number(),
        name.as_str()
    )?;
    Ok(())
}

/// Changes who pays. Somebody does from now on.
pub(crate) async fn set_account(tx: &mut Tx, id: ProjectId, account: AccountId) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE project SET account_id = $2, unpaid_since = NULL WHERE id = $1",
        id.number(),
        account.number()
    )?;
    Ok(())
}

/// Nobody pays from a moment on.
pub(crate) async fn set_unpaid(tx: &mut Tx, id: ProjectId, now: Timestamp) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE project SET unpaid_since = $2 WHERE id = $1",
        id.number(),
        now.microseconds()
    )?;
    Ok(())
}

/// Archives a project.
pub(crate) async fn archive(tx: &mut Tx, id: ProjectId, now: Timestamp) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE project SET archived_at = $2 WHERE id = $1",
        id.number(),
        now.microseconds()
    )?;
    Ok(())
}

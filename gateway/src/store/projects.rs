//! Tables `project`, `project_member` and `project_application`. Everybody has a personal project from the first moment on, which has
//! their number.

use domain::{
    id::{AccountId, ProjectId, UserId},
    name::Label,
    project::{Application, Member, PERSONAL, Project, ProjectApplication, ProjectRole},
    time::Timestamp,
};

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
            name: self.name.parse().map_err(|_| unreadable("name"))?,
            personal_of: self.personal_of.map(UserId::from_number),
            account: AccountId::from_number(self.account_id),
            created_at: Timestamp(self.created_at),
            archived_at: self.archived_at.map(Timestamp),
            unpaid_since: self.unpaid_since.map(Timestamp),
        })
    }
}

fn role(text: &str) -> Result<ProjectRole, StoreError> {
    ProjectRole::parse(text).ok_or(StoreError::Row {
        table: "project_member",
        column: "role",
    })
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
            name: row.name.and_then(|name| name.parse().ok()),
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

/// The applications of a project, by name.
pub(crate) async fn applications(store: &Store, id: ProjectId) -> Result<Vec<ProjectApplication>, StoreError> {
    let rows = fetch_all!(
        store,
        (String, i64),
        "SELECT application, pays FROM project_application WHERE project_id = $1 ORDER BY application",
        id.number()
    )?;
    let told = |(name, pays): (String, i64)| {
        Ok(ProjectApplication {
            application: Application::parse(&name).map_err(|_| StoreError::Row {
                table: "project_application",
                column: "application",
            })?,
            pays: pays != 0,
        })
    };
    rows.into_iter().map(told).collect()
}

/// Says that an application belongs to a project. One that belongs to another violates a unique constraint.
pub(crate) async fn add_application(
    tx: &mut Tx,
    id: ProjectId,
    application: &Application,
    pays: bool,
) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "INSERT INTO project_application (application, project_id, pays) VALUES ($1, $2, $3)",
        application.as_str(),
        id.number(),
        i64::from(pays)
    )?;
    Ok(())
}

/// How many applications a project has.
pub(crate) async fn count_applications(tx: &mut Tx, id: ProjectId) -> Result<i64, StoreError> {
    let found = tx_fetch_optional!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM project_application WHERE project_id = $1",
        id.number()
    )?;
    Ok(found.map_or(0, |(count,)| count))
}

/// Takes an application from a project. Gives whether it was its own, and whether the project paid for it.
pub(crate) async fn remove_application(
    tx: &mut Tx,
    id: ProjectId,
    application: &Application,
) -> Result<Option<bool>, StoreError> {
    let removed = tx_fetch_optional!(
        tx,
        (i64,),
        "DELETE FROM project_application WHERE project_id = $1 AND application = $2 RETURNING pays",
        id.number(),
        application.as_str()
    )?;
    Ok(removed.map(|(pays,)| pays != 0))
}

/// Somebody who may call by an application: they have keys in its project.
#[derive(sqlx::FromRow)]
pub(crate) struct NamedPerson {
    pub(crate) application: String,
    pub(crate) project_id: i64,
    pub(crate) account_id: i64,
    pub(crate) pays: i64,
    pub(crate) person_id: i64,
}

/// Who may call by which application, of projects that are not archived and that somebody pays for. `CROSS JOIN` as with keys.
pub(crate) async fn named_people(store: &Store) -> Result<Vec<NamedPerson>, StoreError> {
    Ok(fetch_all!(
        store,
        NamedPerson,
        "SELECT a.application, a.project_id, j.account_id, a.pays, m.person_id
         FROM project_application a CROSS JOIN project j CROSS JOIN person y CROSS JOIN project_member m
         WHERE j.id = a.project_id AND y.id = j.account_id AND m.project_id = j.id AND j.archived_at IS NULL
            AND j.unpaid_since IS NULL AND y.suspended = 0 AND m.role IN ('admin', 'member')"
    )?)
}

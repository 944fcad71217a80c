//! Table `project_application`: programs that name themselves in their calls, and the project that such calls of its people belong to.

use domain::{
    id::ProjectId,
    project::{Application, ProjectApplication},
};

use crate::store::{Store, StoreError, Tx, fetch_all, tx_execute, tx_fetch_all, tx_fetch_optional};

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

/// Takes all applications from a project that comes to its end: their names are free. Gives them.
pub(crate) async fn remove_applications(tx: &mut Tx, id: ProjectId) -> Result<Vec<String>, StoreError> {
    let removed = tx_fetch_all!(
        tx,
        (String,),
        "DELETE FROM project_application WHERE project_id = $1 RETURNING application",
        id.number()
    )?;
    Ok(removed.into_iter().map(|(application,)| application).collect())
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

//! The applications of a project: programs that name themselves in their calls.

use domain::{
    access::Admin,
    id::ProjectId,
    project::{Application, ProjectKeeper},
    refusal::{Full, Refusal, Thing},
};
use serde_json::json;

use super::{
    Projects, about,
    change::{kept_in, shared_in, taken},
};
use crate::{Error, Origin, store::projects as table};

impl Projects<'_> {
    /// Says that an application belongs to a project: calls of the project's people that name it are the project's. `pays`: and its
    /// account pays for them. For admins of the hub, who alone decide about calls by people's own keys.
    ///
    /// # Errors
    /// [`Refusal::Taken`] when it belongs to another project; [`Refusal::PersonalProject`]; [`Refusal::Archived`]; [`Refusal::Full`];
    /// [`Refusal::NotFound`].
    pub async fn add_application(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        id: ProjectId,
        application: &Application,
        pays: bool,
    ) -> Result<(), Error> {
        let mut change = self.0.change(admin.actor(), origin).await?;
        let project = shared_in(&mut change, id).await?;
        Full::Applications.room(table::count_applications(&mut change.tx, id).await?)?;
        table::add_application(&mut change.tx, project.id, application, pays)
            .await
            .map_err(taken(Thing::Application))?;
        let after = json!({ "application": application, "pays": pays });
        change
            .audit::<(), _>(about("project.add_application", &project), None, Some(&after))
            .await?;
        self.0.finish(change).await
    }

    /// Takes an application from a project.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn remove_application(
        &self,
        keeper: &ProjectKeeper,
        origin: Origin<'_>,
        application: &Application,
    ) -> Result<(), Error> {
        let mut change = self.0.change(keeper.actor(), origin).await?;
        let project = kept_in(&mut change, keeper).await?;
        let removed = table::remove_application(&mut change.tx, project.id, application).await?;
        let pays = removed.ok_or(Refusal::NotFound {
            what: Thing::Application,
        })?;
        let before = json!({ "application": application, "pays": pays });
        change
            .audit::<_, ()>(about("project.remove_application", &project), Some(&before), None)
            .await?;
        self.0.finish(change).await
    }
}

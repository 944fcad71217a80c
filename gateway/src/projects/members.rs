//! Who is in a project. Who leaves it loses the power of their keys in it at once, and gets it back when they come again.

use domain::{
    account::User,
    id::UserId,
    name::Email,
    project::{ProjectKeeper, ProjectRole},
    refusal::{Refusal, Thing},
};
use serde_json::json;

use super::{
    Projects, about,
    change::{kept_in, shared},
};
use crate::{
    Error, Origin,
    store::{people, projects as table},
};

impl Projects<'_> {
    /// The person with this address, for whoever keeps a project and would name them in it. Whether somebody is here can be tried
    /// by that: it is for people who are trusted with others.
    ///
    /// # Errors
    /// [`Refusal::PersonalProject`]; [`Refusal::NotFound`]; the database's.
    pub async fn person(&self, keeper: &ProjectKeeper, email: &Email) -> Result<User, Error> {
        // Everybody keeps a project of their own, and nobody is to be looked up by that.
        if keeper.project().is_personal() {
            return Err(Refusal::PersonalProject.into());
        }
        let found = people::find(&self.0.store, email.as_str()).await?;
        Ok(found.ok_or(Refusal::NotFound { what: Thing::User })?)
    }

    /// Puts somebody into a project, or changes their role in it.
    ///
    /// # Errors
    /// [`Refusal::PersonalProject`]; [`Refusal::Archived`]; [`Refusal::NotFound`] when there is no such person; [`Refusal::NotAllowed`] for
    /// whoever keeps the project no more.
    pub async fn set_member(
        &self,
        keeper: &ProjectKeeper,
        origin: Origin<'_>,
        user: UserId,
        role: ProjectRole,
    ) -> Result<(), Error> {
        let mut change = self.0.change(keeper.actor(), origin).await?;
        let project = shared(kept_in(&mut change, keeper).await?)?;
        let person = people::get_in(&mut change.tx, user).await?;
        let person = person
            .filter(|person| person.deleted_at.is_none())
            .ok_or(Refusal::NotFound { what: Thing::User })?;
        let before = table::role_in(&mut change.tx, project.id, user).await?;
        if before == Some(role) {
            return Ok(());
        }
        table::set_member(&mut change.tx, project.id, user, role).await?;
        let told = |role: Option<ProjectRole>| json!({ "user": person.email, "role": role });
        let action = match before {
            None => "project.add_member",
            Some(_) => "project.set_role",
        };
        change
            .audit(about(action, &project), Some(&told(before)), Some(&told(Some(role))))
            .await?;
        self.0.finish(change).await
    }

    /// Takes somebody out of a project. Their keys in it stay and are refused.
    ///
    /// # Errors
    /// [`Refusal::PersonalProject`]; [`Refusal::Archived`]; [`Refusal::NotFound`] when they are not in it; [`Refusal::Pays`] for whoever pays.
    pub async fn remove_member(&self, keeper: &ProjectKeeper, origin: Origin<'_>, user: UserId) -> Result<(), Error> {
        let mut change = self.0.change(keeper.actor(), origin).await?;
        let project = shared(kept_in(&mut change, keeper).await?)?;
        let role = table::role_in(&mut change.tx, project.id, user).await?;
        let role = role.ok_or(Refusal::NotFound { what: Thing::Member })?;
        if project.is_paid_by(user) {
            return Err(Refusal::Pays.into());
        }
        let person = people::get_in(&mut change.tx, user).await?;
        table::remove_member(&mut change.tx, project.id, user).await?;
        let before = json!({ "user": person.map(|person| person.email), "role": role });
        change
            .audit::<_, ()>(about("project.remove_member", &project), Some(&before), None)
            .await?;
        self.0.finish(change).await
    }
}

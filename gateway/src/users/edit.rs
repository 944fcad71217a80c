//! Changes of somebody by an admin: their role, their access, their name, their time zone. What comes together is one change: all of
//! it, or nothing.

use domain::{
    access::{Admin, Role},
    account::User,
    id::UserId,
    name::Label,
    refusal::Refusal,
};
use serde_json::json;

use super::{Users, about, only_owners_for, present, securing, zone};
use crate::{
    Error, Origin,
    store::{Change, people},
};

/// What somebody is to be. Absent stays as it is.
#[derive(Clone, Debug, Default)]
pub struct UserEdit {
    /// What they may do.
    pub role: Option<Role>,
    /// Whether they are kept out.
    pub suspended: Option<bool>,
    /// What people call them; inside, none takes it away.
    pub name: Option<Option<Label>>,
    /// Where the days of their account's limits begin.
    pub time_zone: Option<String>,
}

/// What a step of a change did: the request path has to know of some.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Did {
    Nothing,
    Changed,
    ChangedKeys,
}

impl Users<'_> {
    /// Changes somebody: all that is asked, or nothing. What is an owner's only by an owner.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::OwnersOnly`]; [`Refusal::LastOwner`] and [`Refusal::LastAdmin`] when nobody would be left;
    /// [`domain::refusal::Invalid::TimeZone`]; [`domain::identity::IdentityRefusal::LastWayIn`].
    pub async fn edit(&self, admin: &Admin, origin: Origin<'_>, id: UserId, edit: &UserEdit) -> Result<(), Error> {
        let mut change = self.0.change(admin.actor(), origin).await?;
        let mut user = present(&mut change, id).await?;
        let mut did = Did::Nothing;
        if let Some(role) = edit.role {
            did = did.max(
                self.stand(&mut change, admin, &user, ("user.set_role", role, user.suspended))
                    .await?,
            );
            user.role = role;
        }
        if let Some(suspended) = edit.suspended {
            let action = if suspended { "user.suspend" } else { "user.activate" };
            did = did.max(
                self.stand(&mut change, admin, &user, (action, user.role, suspended))
                    .await?,
            );
            user.suspended = suspended;
        }
        if let Some(name) = &edit.name {
            did = did.max(rename(&mut change, admin, &user, name.as_ref()).await?);
        }
        if let Some(zone) = &edit.time_zone {
            only_owners_for(admin, &[user.role])?;
            did = did.max(zone::set_in(&mut change, &user, zone).await?);
        }
        match did {
            Did::Nothing => Ok(()),
            Did::Changed => Ok(change.commit().await?),
            Did::ChangedKeys => self.0.finish(change).await,
        }
    }

    /// Changes what people call somebody. An owner only by an owner.
    ///
    /// # Errors
    /// As [`Users::edit`].
    pub async fn set_name(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        id: UserId,
        name: Option<&Label>,
    ) -> Result<(), Error> {
        let edit = UserEdit {
            name: Some(name.cloned()),
            ..UserEdit::default()
        };
        self.edit(admin, origin, id, &edit).await
    }

    /// Changes what somebody may do. It acts on their next request. Owners are made and unmade by owners only.
    ///
    /// # Errors
    /// As [`Users::edit`].
    pub async fn set_role(&self, admin: &Admin, origin: Origin<'_>, id: UserId, role: Role) -> Result<(), Error> {
        let edit = UserEdit {
            role: Some(role),
            ..UserEdit::default()
        };
        self.edit(admin, origin, id, &edit).await
    }

    /// Suspends somebody: they cannot sign in, their sessions end and their keys are refused. Or lets them in again.
    ///
    /// # Errors
    /// As [`Users::edit`].
    pub async fn set_suspended(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        id: UserId,
        suspended: bool,
    ) -> Result<(), Error> {
        let edit = UserEdit {
            suspended: Some(suspended),
            ..UserEdit::default()
        };
        self.edit(admin, origin, id, &edit).await
    }

    async fn stand(
        &self,
        change: &mut Change<'_>,
        admin: &Admin,
        user: &User,
        (action, role, suspended): (&str, Role, bool),
    ) -> Result<Did, Error> {
        if (role, suspended) == (user.role, user.suspended) {
            return Ok(Did::Nothing);
        }
        only_owners_for(admin, &[user.role, role])?;
        let before = people::active_admins(&mut change.tx).await?;
        people::set_standing(&mut change.tx, user.id, role, suspended).await?;
        somebody_left(before, people::active_admins(&mut change.tx).await?)?;
        self.0.keep_a_way_in(&mut change.tx).await?;
        if suspended {
            securing::secure(change, user.id, &user.email, None).await?;
        }
        let before = json!({ "role": user.role, "suspended": user.suspended });
        let after = json!({ "role": role, "suspended": suspended });
        change.audit(about(action, user), Some(&before), Some(&after)).await?;
        // The snapshot knows whose keys are refused: those of suspended people, and of auditors.
        let keys = suspended != user.suspended || (role == Role::Auditor) != (user.role == Role::Auditor);
        Ok(if keys { Did::ChangedKeys } else { Did::Changed })
    }
}

async fn rename(change: &mut Change<'_>, admin: &Admin, user: &User, name: Option<&Label>) -> Result<Did, Error> {
    only_owners_for(admin, &[user.role])?;
    if user.name.as_ref() == name {
        return Ok(Did::Nothing);
    }
    people::set_name(&mut change.tx, user.id, name).await?;
    let (before, after) = (json!({ "name": user.name }), json!({ "name": name }));
    change
        .audit(about("user.rename", user), Some(&before), Some(&after))
        .await?;
    Ok(Did::Changed)
}

/// There is always an owner who can sign in, once there was one, and somebody who administers.
pub(super) const fn somebody_left(before: (i64, i64), after: (i64, i64)) -> Result<(), Refusal> {
    match (before, after) {
        ((1.., _), (0, _)) => Err(Refusal::LastOwner),
        (_, (_, 0)) => Err(Refusal::LastAdmin),
        _ => Ok(()),
    }
}

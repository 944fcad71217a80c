//! People: adding them, what they may do, their passwords and preferences.

use domain::{
    access::{Admin, Role, Viewer},
    account::User,
    id::{SessionId, UserId},
    name::Email,
    refusal::{Refusal, Thing},
};
use serde_json::json;

use crate::{
    Error, Inner, Origin, passwords,
    store::{change::Subject, people, sessions},
};

/// Use-cases about people.
pub struct Users<'a>(pub(crate) &'a Inner);

/// How somebody likes the console. Absent means: as the browser says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// A language tag such as `en` or `zh`.
    pub language: Option<String>,
    /// `light` or `dark`.
    pub theme: Option<String>,
}

const MISSING: Refusal = Refusal::NotFound { what: Thing::User };

impl Users<'_> {
    /// Everybody, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(&self, _: &Admin) -> Result<Vec<User>, Error> {
        Ok(people::all(&self.0.store).await?)
    }

    /// One person.
    ///
    /// # Errors
    /// The database's.
    pub async fn get(&self, _: &Admin, id: UserId) -> Result<Option<User>, Error> {
        Ok(people::get(&self.0.store, id).await?)
    }

    /// The person with this address.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_by_email(&self, _: &Admin, email: &Email) -> Result<Option<User>, Error> {
        Ok(people::find(&self.0.store, email.as_str()).await?)
    }

    /// Adds a person.
    ///
    /// # Errors
    /// [`Refusal::Taken`] for a known address; [`Refusal::Invalid`] for a password of the wrong length.
    pub async fn create(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        email: &Email,
        role: Role,
        password: &str,
    ) -> Result<User, Error> {
        let hash = passwords::hash(password).await?;
        self.insert(admin, origin, email, role, Some(&hash)).await
    }

    /// Adds somebody who only holds keys: without a password nobody signs in as them, until an admin sets one.
    ///
    /// # Errors
    /// [`Refusal::Taken`] for a known address.
    pub async fn create_without_password(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        email: &Email,
        role: Role,
    ) -> Result<User, Error> {
        self.insert(admin, origin, email, role, None).await
    }

    async fn insert(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        email: &Email,
        role: Role,
        hash: Option<&str>,
    ) -> Result<User, Error> {
        let mut change = self.0.change(admin.actor(), origin).await?;
        let user = User {
            id: UserId::from_number(change.next_id()),
            email: email.clone(),
            role,
            suspended: false,
            created_at: change.at,
            last_seen_at: None,
        };
        people::insert(&mut change.tx, &user, hash).await.map_err(taken)?;
        self.0.welcome(&mut change, &user).await?;
        let subject = Subject {
            action: "user.create",
            id: user.id.to_string(),
            name: email.as_str(),
        };
        change
            .audit::<(), _>(subject, None, Some(&json!({ "email": email, "role": role })))
            .await?;
        change.commit().await?;
        Ok(user)
    }

    /// Replaces somebody's password and ends all their sessions.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::Invalid`] for a password of the wrong length.
    pub async fn set_password(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        id: UserId,
        password: &str,
    ) -> Result<(), Error> {
        let hash = passwords::hash(password).await?;
        let mut change = self.0.change(admin.actor(), origin).await?;
        let user = people::get_in(&mut change.tx, id).await?.ok_or(MISSING)?;
        people::set_password_hash(&mut change.tx, id, &hash).await?;
        let ended = sessions::delete_of_person(&mut change.tx, id, None).await?;
        let subject = Subject {
            action: "user.set_password",
            id: id.to_string(),
            name: user.email.as_str(),
        };
        change
            .audit::<(), _>(subject, None, Some(&json!({ "sessions_ended": ended })))
            .await?;
        change.commit().await?;
        Ok(())
    }

    /// Changes what somebody may do.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::LastAdmin`] when nobody would be left to administer.
    pub async fn set_role(&self, admin: &Admin, origin: Origin<'_>, id: UserId, role: Role) -> Result<(), Error> {
        self.set_standing(admin, origin, id, "user.set_role", |user| (role, user.suspended))
            .await
    }

    /// Suspends somebody: they cannot sign in, their sessions end and their keys are refused. Or lets them in again.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::LastAdmin`] when nobody would be left to administer.
    pub async fn set_suspended(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        id: UserId,
        suspended: bool,
    ) -> Result<(), Error> {
        let action = if suspended { "user.suspend" } else { "user.activate" };
        self.set_standing(admin, origin, id, action, |user| (user.role, suspended))
            .await
    }

    async fn set_standing(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        id: UserId,
        action: &str,
        wanted: impl FnOnce(&User) -> (Role, bool),
    ) -> Result<(), Error> {
        let mut change = self.0.change(admin.actor(), origin).await?;
        let user = people::get_in(&mut change.tx, id).await?.ok_or(MISSING)?;
        let (role, suspended) = wanted(&user);
        if (role, suspended) == (user.role, user.suspended) {
            return Ok(());
        }
        people::set_standing(&mut change.tx, id, role, suspended).await?;
        if people::active_admins(&mut change.tx).await? == 0 {
            return Err(Refusal::LastAdmin.into());
        }
        if suspended {
            sessions::delete_of_person(&mut change.tx, id, None).await?;
        }
        let before = json!({ "role": user.role, "suspended": user.suspended });
        let after = json!({ "role": role, "suspended": suspended });
        let subject = Subject {
            action,
            id: id.to_string(),
            name: user.email.as_str(),
        };
        change.audit(subject, Some(&before), Some(&after)).await?;
        if suspended != user.suspended {
            // The snapshot knows whose keys are refused.
            return self.0.finish(change).await;
        }
        change.commit().await?;
        Ok(())
    }

    /// Replaces one's own password and ends one's other sessions.
    ///
    /// # Errors
    /// [`Refusal::WrongCredentials`] when the present password is wrong; [`Refusal::Invalid`] for a bad new one.
    pub async fn change_own_password(
        &self,
        viewer: &Viewer,
        origin: Origin<'_>,
        session: SessionId,
        current: &str,
        new: &str,
    ) -> Result<(), Error> {
        self.0
            .check_password(origin, viewer.email.as_str(), Some(viewer.id), current)
            .await?;
        let hash = passwords::hash(new).await?;
        let actor = viewer.actor();
        let mut change = self.0.change(&actor, origin).await?;
        people::set_password_hash(&mut change.tx, viewer.id, &hash).await?;
        let ended = sessions::delete_of_person(&mut change.tx, viewer.id, Some(session)).await?;
        let subject = Subject {
            action: "user.change_password",
            id: viewer.id.to_string(),
            name: viewer.email.as_str(),
        };
        change
            .audit::<(), _>(subject, None, Some(&json!({ "sessions_ended": ended })))
            .await?;
        change.commit().await?;
        Ok(())
    }

    /// How this person likes the console.
    ///
    /// # Errors
    /// The database's.
    pub async fn preferences(&self, viewer: &Viewer) -> Result<Preferences, Error> {
        let (language, theme) = people::preferences(&self.0.store, viewer.id).await?;
        Ok(Preferences { language, theme })
    }

    /// Remembers how this person likes the console. Not a change that is written down.
    ///
    /// # Errors
    /// The database's.
    pub async fn set_preferences(&self, viewer: &Viewer, preferences: &Preferences) -> Result<(), Error> {
        let (language, theme) = (preferences.language.as_deref(), preferences.theme.as_deref());
        Ok(people::set_preferences(&self.0.store, viewer.id, language, theme).await?)
    }
}

/// A unique violation on people is a known address.
pub(crate) fn taken(error: crate::store::StoreError) -> Error {
    if error.is_unique_violation() {
        Refusal::Taken { what: Thing::User }.into()
    } else {
        error.into()
    }
}

//! People: adding them, their passwords and preferences. What an admin changes of them is in `users/edit.rs`, how one leaves in
//! `users/leaving.rs`, how they are signed out everywhere in `users/signing_out.rs`, what ends then in `users/securing.rs`, where the days of their limits begin in
//! `users/zone.rs`, how an admin looks at the console as somebody else in `users/viewing.rs`.

mod edit;
mod leaving;
pub(crate) mod securing;
mod signing_out;
mod viewing;
mod zone;

use domain::{
    access::{Actor, Admin, MoneyReader, Role, Viewer},
    account::{User, UserFilter},
    id::{SessionId, UserId},
    mail::MailKind,
    name::{Email, Label},
    page::{Cursor, Page, PageSize},
    refusal::{Refusal, Thing},
};
use serde_json::json;

use crate::{
    Error, Inner, Origin,
    call_log::page_of,
    passwords,
    store::{Change, change::Subject, people},
};

pub use edit::UserEdit;

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
    /// Everybody who was not deleted, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(&self, _: &MoneyReader) -> Result<Vec<User>, Error> {
        Ok(people::all(&self.0.store).await?)
    }

    /// One page of those that match, newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn page(
        &self,
        _: &MoneyReader,
        filter: &UserFilter,
        cursor: Cursor,
        size: PageSize,
    ) -> Result<Page<User>, Error> {
        let rows = people::page(&self.0.store, filter, cursor, size).await?;
        Ok(page_of(rows, cursor, size, |user| user.id.number()))
    }

    /// How many people match, counted up to `cap`.
    ///
    /// # Errors
    /// The database's.
    pub async fn count(&self, _: &MoneyReader, filter: &UserFilter, cap: i64) -> Result<i64, Error> {
        Ok(people::count(&self.0.store, filter, cap).await?)
    }

    /// One person, also one who was deleted.
    ///
    /// # Errors
    /// The database's.
    pub async fn get(&self, _: &MoneyReader, id: UserId) -> Result<Option<User>, Error> {
        Ok(people::get(&self.0.store, id).await?)
    }

    /// The person with this address.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_by_email(&self, _: &MoneyReader, email: &Email) -> Result<Option<User>, Error> {
        Ok(people::find(&self.0.store, email.as_str()).await?)
    }

    /// Adds a person. The first admin whom the command line adds owns the hub, as whoever sets it up by the link does.
    ///
    /// # Errors
    /// [`Refusal::Taken`] for a known address; [`Refusal::Invalid`] for a password of the wrong length;
    /// [`Refusal::OwnersOnly`] when an admin adds an owner.
    pub async fn create(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        email: &Email,
        role: Role,
        password: &str,
    ) -> Result<User, Error> {
        self.create_named(admin, origin, (email, None), role, Some(password))
            .await
    }

    /// The same, with what people call them. Without a password nobody signs in as them, until an admin sets one.
    ///
    /// # Errors
    /// As [`Users::create`].
    pub async fn create_named(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        who: (&Email, Option<&Label>),
        role: Role,
        password: Option<&str>,
    ) -> Result<User, Error> {
        let hash = match password {
            Some(password) => Some(passwords::hash(password).await?),
            None => None,
        };
        self.insert(admin, origin, who, role, hash.as_deref()).await
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
        self.create_named(admin, origin, (email, None), role, None).await
    }

    async fn insert(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        (email, name): (&Email, Option<&Label>),
        role: Role,
        hash: Option<&str>,
    ) -> Result<User, Error> {
        only_owners_for(admin, &[role])?;
        let mut change = self.0.change(admin.actor(), origin).await?;
        let first = *admin.actor() == Actor::CommandLine
            && role == Role::Admin
            && people::active_admins(&mut change.tx).await? == (0, 0);
        let role = if first { Role::Owner } else { role };
        let user = User {
            id: UserId::from_number(change.next_id()),
            email: email.clone(),
            name: name.cloned(),
            role,
            suspended: false,
            created_at: change.at,
            last_seen_at: None,
            deleted_at: None,
        };
        people::insert(&mut change.tx, &user, hash).await.map_err(taken)?;
        self.0.welcome(&mut change, &user).await?;
        let after = json!({ "email": email, "name": name, "role": role });
        change
            .audit::<(), _>(about("user.create", &user), None, Some(&after))
            .await?;
        change.commit().await?;
        Ok(user)
    }

    /// Replaces somebody's password and ends all their sessions. An owner's only by an owner.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::Invalid`] for a password of the wrong length; [`Refusal::OwnersOnly`].
    pub async fn set_password(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        id: UserId,
        password: &str,
    ) -> Result<(), Error> {
        let hash = passwords::hash(password).await?;
        let told = self.0.tells(id).await?;
        let mut change = self.0.change(admin.actor(), origin).await?;
        let user = present(&mut change, id).await?;
        only_owners_for(admin, &[user.role])?;
        people::set_password_hash(&mut change.tx, id, &hash).await?;
        let ended = securing::secure(&mut change, id, &user.email, None).await?;
        self.0
            .tell(&mut change, origin, MailKind::Password, (id, &user.email), told)
            .await?;
        change
            .audit::<(), _>(
                about("user.set_password", &user),
                None,
                Some(&json!({ "sessions_ended": ended })),
            )
            .await?;
        change.commit().await?;
        self.0.wake_post();
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
        let verified = self
            .0
            .check_password(origin, viewer.email.as_str(), Some(viewer.id), current)
            .await?;
        let hash = passwords::hash(new).await?;
        let told = self.0.tells(viewer.id).await?;
        let actor = viewer.actor();
        let mut change = self.0.change(&actor, origin).await?;
        // Both hashes took a while, and whoever holds an old password does not replace a newer one.
        verified.holds(&mut change.tx, viewer.id).await?;
        people::set_password_hash(&mut change.tx, viewer.id, &hash).await?;
        let ended = securing::secure(&mut change, viewer.id, &viewer.email, Some(session)).await?;
        self.0
            .tell(
                &mut change,
                origin,
                MailKind::Password,
                (viewer.id, &viewer.email),
                told,
            )
            .await?;
        let subject = Subject {
            action: "user.change_password",
            id: viewer.id.to_string(),
            name: viewer.email.as_str(),
        };
        change
            .audit::<(), _>(subject, None, Some(&json!({ "sessions_ended": ended })))
            .await?;
        change.commit().await?;
        self.0.wake_post();
        Ok(())
    }

    /// Whether this person has not been shown yet how to begin; asked once, as the answer is noted.
    ///
    /// # Errors
    /// The database's.
    pub async fn greet(&self, viewer: &Viewer) -> Result<bool, Error> {
        Ok(people::welcome(&self.0.store, viewer.id, self.0.clock.now()).await?)
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

/// Somebody who was not deleted.
async fn present(change: &mut Change<'_>, id: UserId) -> Result<User, Error> {
    let user = people::get_in(&mut change.tx, id).await?;
    Ok(user.filter(|user| user.deleted_at.is_none()).ok_or(MISSING)?)
}

/// What is done to owners, or makes one, is for owners.
pub(crate) fn only_owners_for(admin: &Admin, roles: &[Role]) -> Result<(), Refusal> {
    if roles.contains(&Role::Owner) {
        admin.owner()?;
    }
    Ok(())
}

/// How the list of changes names somebody.
fn about<'a>(action: &'a str, user: &'a User) -> Subject<'a> {
    Subject {
        action,
        id: user.id.to_string(),
        name: user.email.as_str(),
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

//! API keys: making them, shown once; revoking them, at once.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    access::{Actor, Admin, KeyHolder, Reader, Viewer},
    id::{KeyId, UserId},
    key::{ApiKey, KEY_PREFIX},
    name::{Email, Label},
    refusal::{Refusal, Thing},
};
use serde_json::json;

use crate::{
    Error, Inner, Origin, SecretText,
    secrets::{hex, random},
    store::{Change, change::Subject, keys as table, people},
};

/// Use-cases about API keys.
pub struct Keys<'a>(pub(crate) &'a Inner);

/// A key that was just made, with the one copy of its secret.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// The key.
    pub key: ApiKey,
    /// What goes into `Authorization: Bearer`. The hub keeps only its HMAC.
    pub secret: SecretText,
}

const MISSING: Refusal = Refusal::NotFound { what: Thing::Key };

impl Keys<'_> {
    /// One's own keys, newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(&self, viewer: &Viewer) -> Result<Vec<ApiKey>, Error> {
        Ok(table::of_person(&self.0.store, viewer.id).await?)
    }

    /// Everybody's keys, newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_all(&self, _: &Reader) -> Result<Vec<ApiKey>, Error> {
        Ok(table::all(&self.0.store).await?)
    }

    /// One of one's own keys; any for admins.
    ///
    /// # Errors
    /// The database's.
    pub async fn get(&self, viewer: &Viewer, id: KeyId) -> Result<Option<ApiKey>, Error> {
        let key = table::get(&self.0.store, id).await?;
        Ok(key.filter(|key| key.user_id == viewer.id || viewer.admin().is_ok()))
    }

    /// Makes a key for oneself.
    ///
    /// # Errors
    /// The database's.
    pub async fn create(&self, holder: &KeyHolder, origin: Origin<'_>, name: &Label) -> Result<NewKey, Error> {
        let viewer = holder.viewer();
        self.create_as(&viewer.actor(), origin, viewer.id, &viewer.email, name)
            .await
    }

    /// Makes a key for somebody.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is no such person.
    pub async fn create_for(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        user: UserId,
        name: &Label,
    ) -> Result<NewKey, Error> {
        let user = people::get(&self.0.store, user)
            .await?
            .filter(|user| user.deleted_at.is_none())
            .ok_or(Refusal::NotFound { what: Thing::User })?;
        self.create_as(admin.actor(), origin, user.id, &user.email, name).await
    }

    async fn create_as(
        &self,
        actor: &Actor,
        origin: Origin<'_>,
        user: UserId,
        email: &Email,
        name: &Label,
    ) -> Result<NewKey, Error> {
        let mut change = self.0.change(actor, origin).await?;
        let new = self.create_in(&mut change, user, email, name).await?;
        self.0.finish(change).await?;
        Ok(new)
    }

    /// Makes a key within a change, which has to be finished.
    pub(crate) async fn create_in(
        &self,
        change: &mut Change<'_>,
        user: UserId,
        email: &Email,
        name: &Label,
    ) -> Result<NewKey, Error> {
        let secret = SecretText::from(format!("{KEY_PREFIX}{}", URL_SAFE_NO_PAD.encode(random::<32>()?)));
        let key = ApiKey {
            id: KeyId::from_number(change.next_id()),
            name: name.clone(),
            user_id: user,
            user_email: email.clone(),
            hint: hint(secret.expose()),
            created_at: change.at,
            last_used_at: None,
            revoked_at: None,
        };
        table::insert(&mut change.tx, &key, &hex(&self.0.keys.api_key_hash(secret.expose()))).await?;
        let subject = Subject {
            action: "key.create",
            id: key.id.to_string(),
            name: name.as_str(),
        };
        change
            .audit::<(), _>(
                subject,
                None,
                Some(&json!({ "name": name, "user": email, "hint": key.hint })),
            )
            .await?;
        Ok(NewKey { key, secret })
    }

    /// Revokes one of one's own keys; any for admins. It is refused from the next request on.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for keys of others.
    pub async fn revoke(&self, holder: &KeyHolder, origin: Origin<'_>, id: KeyId) -> Result<(), Error> {
        let key = self.get(holder.viewer(), id).await?.ok_or(MISSING)?;
        self.revoke_as(&holder.viewer().actor(), origin, &key).await
    }

    /// Revokes any key.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn revoke_any(&self, admin: &Admin, origin: Origin<'_>, id: KeyId) -> Result<(), Error> {
        let key = table::get(&self.0.store, id).await?.ok_or(MISSING)?;
        self.revoke_as(admin.actor(), origin, &key).await
    }

    async fn revoke_as(&self, actor: &Actor, origin: Origin<'_>, key: &ApiKey) -> Result<(), Error> {
        let mut change = self.0.change(actor, origin).await?;
        let at = change.at;
        if table::revoke(&mut change.tx, key.id, at).await? > 0 {
            let subject = Subject {
                action: "key.revoke",
                id: key.id.to_string(),
                name: key.name.as_str(),
            };
            change
                .audit::<_, ()>(
                    subject,
                    Some(&json!({ "name": key.name, "user": key.user_email, "hint": key.hint })),
                    None,
                )
                .await?;
        }
        self.0.finish(change).await
    }
}

/// Enough of a key to recognise it: six of its 43 characters.
fn hint(secret: &str) -> String {
    let rest = secret.strip_prefix(KEY_PREFIX).unwrap_or(secret);
    let (start, end) = (
        rest.get(..3).unwrap_or_default(),
        rest.get(rest.len().saturating_sub(3)..).unwrap_or_default(),
    );
    format!("{KEY_PREFIX}{start}…{end}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_hint_gives_away_six_characters() {
        assert_eq!(super::hint("sk-hub-abcdefghijklmnop"), "sk-hub-abc…nop");
    }
}

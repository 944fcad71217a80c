//! The first admin, who owns the hub: a one-time link, printed to the terminal at each start until there is one.

use domain::{
    access::{Role, Viewer},
    account::User,
    id::UserId,
    name::Email,
    refusal::Refusal,
    time::{Micros, Timestamp},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use subtle::ConstantTimeEq as _;

use crate::{
    Error, Inner, Origin, SecretText, passwords,
    secrets::{hex, random},
    store::{change::Subject, people, settings},
    users::taken,
};

/// Use-cases before there is an admin.
pub struct Setup<'a>(pub(crate) &'a Inner);

/// Where the link's hash stands.
const SETTING: &str = "setup_link";
const LIFETIME: Micros = Micros::from_seconds(3600);

#[derive(Serialize, Deserialize)]
struct Stored {
    hash: String,
    expires_at: Timestamp,
}

impl Setup<'_> {
    /// Whether there is no admin yet.
    ///
    /// # Errors
    /// The database's.
    pub async fn needed(&self) -> Result<bool, Error> {
        Ok(!people::any_admin(&self.0.store).await?)
    }

    /// A fresh link, built from the configured public URL; the one before stops working. None once there is an admin.
    ///
    /// # Errors
    /// The database's.
    pub async fn new_link(&self) -> Result<Option<SecretText>, Error> {
        if !self.needed().await? {
            return Ok(None);
        }
        let token = hex(&random::<32>()?);
        let now = self.0.clock.now();
        let stored = Stored {
            hash: self.0.keys.session_hash(&token),
            expires_at: now.plus(LIFETIME),
        };
        let stored = serde_json::to_string(&stored).unwrap_or_default();
        settings::set(&self.0.store, SETTING, &stored, now).await?;
        Ok(Some(SecretText::from(format!(
            "{}/setup?token={token}",
            self.0.public_url
        ))))
    }

    /// Whether a link may still be used.
    ///
    /// # Errors
    /// [`Refusal::SetupLink`] when it may not.
    pub async fn check(&self, token: &str) -> Result<(), Error> {
        if !self.needed().await? {
            return Err(Refusal::SetupLink.into());
        }
        self.compare(settings::get(&self.0.store, SETTING).await?, token)
    }

    /// Makes the first admin, the owner, and uses the link up.
    ///
    /// # Errors
    /// [`Refusal::SetupLink`]; [`Refusal::Invalid`] for a bad password; [`Refusal::Taken`] for a known address.
    pub async fn complete(
        &self,
        origin: Origin<'_>,
        token: &str,
        email: &Email,
        password: &str,
    ) -> Result<Viewer, Error> {
        self.check(token).await?;
        let hash = passwords::hash(password).await?;
        let actor = domain::access::Actor::System;
        let mut change = self.0.change(&actor, origin).await?;
        // Looked at again under the change's lock: of two who hold the link, one wins.
        self.compare(settings::get_in(&mut change.tx, SETTING).await?, token)?;
        if people::active_admins(&mut change.tx).await?.1 > 0 {
            return Err(Refusal::SetupLink.into());
        }
        let user = User {
            id: UserId::from_number(change.next_id()),
            email: email.clone(),
            name: None,
            role: Role::Owner,
            suspended: false,
            created_at: change.at,
            last_seen_at: Some(change.at),
            deleted_at: None,
        };
        people::insert(&mut change.tx, &user, Some(&hash))
            .await
            .map_err(taken)?;
        self.0.welcome(&mut change, &user).await?;
        people::note_seen(&mut change.tx, user.id, change.at).await?;
        settings::remove(&mut change.tx, SETTING).await?;
        let subject = Subject {
            action: "user.set_up",
            id: user.id.to_string(),
            name: email.as_str(),
        };
        change
            .audit::<(), _>(subject, None, Some(&json!({ "email": email, "role": Role::Owner })))
            .await?;
        change.commit().await?;
        Ok(Viewer {
            id: user.id,
            email: user.email,
            role: user.role,
            key: None,
        })
    }

    fn compare(&self, stored: Option<String>, token: &str) -> Result<(), Error> {
        let stored: Option<Stored> = stored.and_then(|text| serde_json::from_str(&text).ok());
        let valid = stored.is_some_and(|stored| {
            let same: bool = stored
                .hash
                .as_bytes()
                .ct_eq(self.0.keys.session_hash(token).as_bytes())
                .into();
            same && self.0.clock.now() < stored.expires_at
        });
        if valid { Ok(()) } else { Err(Refusal::SetupLink.into()) }
    }
}

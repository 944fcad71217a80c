//! Identity providers as admins manage them in the console. Those of the configuration file are shown beside them, and
//! changed nowhere but there.

use domain::{
    access::{Admin, Reader},
    id::IdentityProviderId,
    identity::{IdentityDraft, IdentityProvider, IdentityRefusal, InvalidIdentity},
    refusal::{Refusal, Thing},
};
use serde_json::{Value, json};

use super::{IdentityProviders, binding, callback, taken};
use crate::{
    Error, Origin, SecretText,
    store::{
        Change,
        change::Subject,
        identities,
        identity_providers::{self as table, Stored},
    },
};

const MISSING: Refusal = Refusal::NotFound {
    what: Thing::IdentityProvider,
};

/// What a form does to the secret.
#[derive(Clone, Debug)]
enum Secret<'a> {
    Keep,
    Replace(&'a SecretText),
}

impl IdentityProviders<'_> {
    /// All: those of the file first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(&self, _: &Reader) -> Result<Vec<IdentityProvider>, Error> {
        let people = identities::people_by_issuer(&self.0.store).await?;
        let people = |draft: &IdentityDraft| {
            let found = people.iter().find(|(issuer, _)| *issuer == draft.way.issuer());
            found.map_or(0, |(_, count)| *count)
        };
        let agent = &self.0.identities;
        let filed = agent.filed.iter().map(|filed| IdentityProvider {
            id: None,
            people: people(&filed.draft),
            draft: filed.draft.clone(),
            enabled: filed.enabled,
            has_secret: filed.secret.is_some(),
            shadowed: false,
        });
        let stored = table::all(&self.0.store).await?;
        let stored = stored.into_iter().map(|row| IdentityProvider {
            id: Some(row.id),
            people: people(&row.draft),
            enabled: row.enabled,
            has_secret: row.sealed.is_some(),
            shadowed: agent.of_file(row.draft.slug.as_str()).is_some(),
            draft: row.draft,
        });
        Ok(filed.chain(stored).collect())
    }

    /// The one with this slug; of two, that of the file.
    ///
    /// # Errors
    /// The database's.
    pub async fn get(&self, reader: &Reader, slug: &str) -> Result<Option<IdentityProvider>, Error> {
        let all = self.list(reader).await?;
        Ok(all.into_iter().find(|provider| provider.draft.slug.as_str() == slug))
    }

    /// What the provider must be told to send people back to.
    #[must_use]
    pub fn callback(&self, slug: &str) -> String {
        callback(&self.0.public_url, slug)
    }

    /// Adds one.
    ///
    /// # Errors
    /// [`Refusal::Taken`] for a known slug; [`InvalidIdentity::Secret`].
    pub async fn create(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        draft: &IdentityDraft,
        secret: Option<&SecretText>,
    ) -> Result<(), Error> {
        if self.0.identities.of_file(draft.slug.as_str()).is_some() {
            return Err(Refusal::Taken {
                what: Thing::IdentityProvider,
            }
            .into());
        }
        let mut change = self.0.change(admin.actor(), origin).await?;
        let id = IdentityProviderId::from_number(change.next_id());
        let row = Stored {
            id,
            draft: draft.clone(),
            sealed: secret.map(|secret| self.seal(id, secret)).transpose()?,
            enabled: true,
        };
        let at = change.at;
        table::insert(&mut change.tx, &row, at).await.map_err(taken)?;
        write(&mut change, "identity_provider.create", &row, None, Some(shown(&row))).await?;
        change.commit().await?;
        Ok(())
    }

    /// Changes one; its slug stays. Another scheme, host or port drops the secret unless a new one comes along: whoever may
    /// edit an address must not thereby learn it. True when that happened.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`IdentityRefusal::FromFile`], [`IdentityRefusal::LastWayIn`], [`InvalidIdentity::Secret`].
    pub async fn update(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        draft: &IdentityDraft,
        secret: Option<&SecretText>,
    ) -> Result<bool, Error> {
        self.edit(admin, origin, (draft, secret), None).await
    }

    /// The same, and lets people sign in by it or not: all that is asked, or nothing.
    ///
    /// # Errors
    /// As [`Self::update`].
    pub async fn edit(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        (draft, secret): (&IdentityDraft, Option<&SecretText>),
        enabled: Option<bool>,
    ) -> Result<bool, Error> {
        let (mut change, before) = self.open(admin, origin, draft.slug.as_str()).await?;
        let mut dropped = false;
        let mut row = before.clone();
        if before.draft != *draft || secret.is_some() {
            (row, dropped) = self.redraft(&mut change, &before, draft, secret).await?;
        }
        if let Some(enabled) = enabled.filter(|enabled| *enabled != before.enabled) {
            switch(&mut change, &row, enabled).await?;
        }
        self.0.keep_a_way_in(&mut change.tx).await?;
        change.commit().await?;
        Ok(dropped)
    }

    async fn redraft(
        &self,
        change: &mut Change<'_>,
        before: &Stored,
        draft: &IdentityDraft,
        secret: Option<&SecretText>,
    ) -> Result<(Stored, bool), Error> {
        let secret = secret.map_or(Secret::Keep, Secret::Replace);
        let moved = before.draft.way.place() != draft.way.place();
        let (sealed, dropped) = match secret {
            Secret::Replace(secret) => (Some(self.seal(before.id, secret)?), false),
            Secret::Keep if moved => (None, before.sealed.is_some()),
            Secret::Keep => (before.sealed.clone(), false),
        };
        let replaced = sealed.is_some() && sealed != before.sealed;
        let row = Stored {
            draft: draft.clone(),
            sealed,
            ..before.clone()
        };
        table::update(&mut change.tx, &row).await?;
        let mut after = shown(&row);
        after["secret_replaced"] = replaced.into();
        after["secret_dropped"] = dropped.into();
        write(
            change,
            "identity_provider.update",
            &row,
            Some(shown(before)),
            Some(after),
        )
        .await?;
        Ok((row, dropped))
    }

    /// Lets people sign in by one, or not.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`IdentityRefusal::FromFile`], [`IdentityRefusal::LastWayIn`].
    pub async fn set_enabled(&self, admin: &Admin, origin: Origin<'_>, slug: &str, enabled: bool) -> Result<(), Error> {
        let (mut change, before) = self.open(admin, origin, slug).await?;
        switch(&mut change, &before, enabled).await?;
        self.0.keep_a_way_in(&mut change.tx).await?;
        change.commit().await?;
        Ok(())
    }

    /// Removes one. Who was linked to it stays linked to its issuer, should that come back.
    ///
    /// # Errors
    /// As [`Self::set_enabled`]; [`Refusal::ConfirmationMismatch`] unless its slug was typed.
    pub async fn delete(&self, admin: &Admin, origin: Origin<'_>, slug: &str, typed: &str) -> Result<(), Error> {
        let (mut change, before) = self.open(admin, origin, slug).await?;
        if typed.trim() != slug {
            return Err(Refusal::ConfirmationMismatch.into());
        }
        table::delete(&mut change.tx, before.id).await?;
        self.0.keep_a_way_in(&mut change.tx).await?;
        write(
            &mut change,
            "identity_provider.delete",
            &before,
            Some(shown(&before)),
            None,
        )
        .await?;
        change.commit().await?;
        Ok(())
    }

    /// A change of the one with this slug.
    async fn open<'a>(
        &'a self,
        admin: &'a Admin,
        origin: Origin<'a>,
        slug: &str,
    ) -> Result<(Change<'a>, Stored), Error> {
        if self.0.identities.of_file(slug).is_some() {
            return Err(IdentityRefusal::FromFile.into());
        }
        let mut change = self.0.change(admin.actor(), origin).await?;
        let found = table::find_in(&mut change.tx, slug).await?.ok_or(MISSING)?;
        Ok((change, found))
    }

    fn seal(&self, id: IdentityProviderId, secret: &SecretText) -> Result<String, Error> {
        let text = secret.expose().trim();
        if !(1..=1000).contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(IdentityRefusal::from(InvalidIdentity::Secret).into());
        }
        Ok(self.0.keys.credential.seal(text.as_bytes(), &binding(id))?)
    }
}

/// Lets people sign in by one, or not, within a change.
async fn switch(change: &mut Change<'_>, before: &Stored, enabled: bool) -> Result<(), Error> {
    let row = Stored {
        enabled,
        ..before.clone()
    };
    table::update(&mut change.tx, &row).await?;
    let action = match enabled {
        true => "identity_provider.enable",
        false => "identity_provider.disable",
    };
    let told = |enabled: bool| json!({ "enabled": enabled });
    write(change, action, &row, Some(told(before.enabled)), Some(told(enabled))).await
}

/// What of a provider is written down.
fn shown(row: &Stored) -> Value {
    json!({ "draft": row.draft, "has_secret": row.sealed.is_some() })
}

async fn write(
    change: &mut Change<'_>,
    action: &str,
    row: &Stored,
    before: Option<Value>,
    after: Option<Value>,
) -> Result<(), Error> {
    let subject = Subject {
        action,
        id: row.id.to_string(),
        name: row.draft.slug.as_str(),
    };
    Ok(change.audit(subject, before.as_ref(), after.as_ref()).await?)
}

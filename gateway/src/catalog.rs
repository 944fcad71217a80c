//! Upstreams as admins manage them: providers, their credentials, their models, and live tests of them.

mod credentials;
mod models;
mod probe;

use domain::{
    access::{Admin, Reader},
    catalog::ProviderKind,
    id::ProviderId,
    name::BaseUrl,
    provider::{Health, Provider, ProviderDraft},
    refusal::{Invalid, Refusal, Thing},
};
use serde_json::json;

pub use models::Models;

use crate::{
    Error, Inner, Origin,
    store::{StoreError, change::Subject, credentials as credential_table, providers as table},
};

/// Use-cases about providers and their credentials.
pub struct Providers<'a>(pub(crate) &'a Inner);

pub(crate) const MISSING: Refusal = Refusal::NotFound { what: Thing::Provider };

impl Providers<'_> {
    /// Every provider in its order.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(&self, _: &Reader) -> Result<Vec<Provider>, Error> {
        Ok(table::all(&self.0.store).await?)
    }

    /// One provider.
    ///
    /// # Errors
    /// The database's.
    pub async fn get(&self, _: &Reader, id: ProviderId) -> Result<Option<Provider>, Error> {
        Ok(table::get(&self.0.store, id).await?)
    }

    /// Adds a provider after all others.
    ///
    /// # Errors
    /// [`Refusal::Taken`] for a known name; [`Refusal::Invalid`] for limits or an address that make no sense.
    pub async fn create(&self, admin: &Admin, origin: Origin<'_>, draft: &ProviderDraft) -> Result<Provider, Error> {
        let draft = checked(draft)?;
        let mut change = self.0.change(admin.actor(), origin).await?;
        let provider = Provider {
            id: ProviderId::from_number(change.next_id()),
            draft,
            enabled: true,
            position: table::next_position(&mut change.tx).await?,
            health: Health::Unknown,
            last_error: None,
            last_used_at: None,
            created_at: change.at,
            credentials: Vec::new(),
            models: 0,
            models_enabled: 0,
        };
        table::insert(&mut change.tx, &provider).await.map_err(taken)?;
        let subject = Subject {
            action: "provider.create",
            id: provider.id.to_string(),
            name: provider.draft.name.as_str(),
        };
        change.audit::<(), _>(subject, None, Some(&provider.draft)).await?;
        self.0.finish(change).await?;
        Ok(provider)
    }

    /// Changes a provider. Another scheme, host or port drops its credentials: a secret belongs to the place it was
    /// entered for, and whoever may edit an address must not thereby learn it.
    ///
    /// # Errors
    /// As [`Self::create`], and [`Refusal::NotFound`].
    pub async fn update(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        id: ProviderId,
        draft: &ProviderDraft,
    ) -> Result<Provider, Error> {
        let draft = checked(draft)?;
        let mut change = self.0.change(admin.actor(), origin).await?;
        let before = table::get_in(&mut change.tx, id).await?.ok_or(MISSING)?;
        table::update(&mut change.tx, id, &draft).await.map_err(taken)?;
        let moved = place(&before.draft) != place(&draft);
        let dropped = if moved {
            table::forget_health(&mut change.tx, id).await?;
            credential_table::delete_of_provider(&mut change.tx, id).await?
        } else {
            0
        };
        let after = json!({ "draft": draft, "credentials_dropped": dropped });
        let subject = Subject {
            action: "provider.update",
            id: id.to_string(),
            name: draft.name.as_str(),
        };
        change
            .audit(subject, Some(&json!({ "draft": before.draft })), Some(&after))
            .await?;
        self.0.finish(change).await?;
        Ok(table::get(&self.0.store, id).await?.ok_or(MISSING)?)
    }

    /// Lets calls use a provider, or not.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn set_enabled(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        id: ProviderId,
        enabled: bool,
    ) -> Result<(), Error> {
        let mut change = self.0.change(admin.actor(), origin).await?;
        let provider = table::get_in(&mut change.tx, id).await?.ok_or(MISSING)?;
        table::set_enabled(&mut change.tx, id, enabled).await?;
        let action = if enabled { "provider.enable" } else { "provider.disable" };
        let subject = Subject {
            action,
            id: id.to_string(),
            name: provider.draft.name.as_str(),
        };
        change
            .audit(
                subject,
                Some(&json!({ "enabled": provider.enabled })),
                Some(&json!({ "enabled": enabled })),
            )
            .await?;
        self.0.finish(change).await
    }

    /// Gives a provider another place in the order, counted from 1; the others close up.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn move_to(&self, admin: &Admin, origin: Origin<'_>, id: ProviderId, position: i64) -> Result<(), Error> {
        let mut change = self.0.change(admin.actor(), origin).await?;
        let provider = table::get_in(&mut change.tx, id).await?.ok_or(MISSING)?;
        let mut order = table::order(&mut change.tx).await?;
        let from = order.iter().position(|known| *known == id).unwrap_or_default();
        order.retain(|known| *known != id);
        let to = usize::try_from(position.saturating_sub(1))
            .unwrap_or_default()
            .min(order.len());
        order.insert(to, id);
        for (place, known) in (1_i64..).zip(&order) {
            table::set_position(&mut change.tx, *known, place).await?;
        }
        let subject = Subject {
            action: "provider.move",
            id: id.to_string(),
            name: provider.draft.name.as_str(),
        };
        change
            .audit(
                subject,
                Some(&json!({ "position": from + 1 })),
                Some(&json!({ "position": to + 1 })),
            )
            .await?;
        self.0.finish(change).await
    }

    /// Removes a provider with its credentials and models. Its calls stay in the log.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::ConfirmationMismatch`] unless its name was typed.
    pub async fn delete(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        id: ProviderId,
        typed_name: &str,
    ) -> Result<(), Error> {
        let mut change = self.0.change(admin.actor(), origin).await?;
        let provider = table::get_in(&mut change.tx, id).await?.ok_or(MISSING)?;
        if typed_name.trim() != provider.draft.name.as_str() {
            return Err(Refusal::ConfirmationMismatch.into());
        }
        table::delete(&mut change.tx, id).await?;
        let subject = Subject {
            action: "provider.delete",
            id: id.to_string(),
            name: provider.draft.name.as_str(),
        };
        change.audit::<_, ()>(subject, Some(&provider.draft), None).await?;
        self.0.finish(change).await
    }
}

/// A unique violation on providers is a known name.
fn taken(error: StoreError) -> Error {
    if error.is_unique_violation() {
        Refusal::Taken { what: Thing::Provider }.into()
    } else {
        error.into()
    }
}

/// The draft with what its kind prescribes.
fn checked(draft: &ProviderDraft) -> Result<ProviderDraft, Error> {
    let mut draft = draft.clone();
    draft.timeouts = draft.timeouts.checked()?;
    // A preset knows its own quirks, and learns of new ones with the next version.
    if draft.kind != ProviderKind::OpenaiCompatible || draft.known_preset().is_some() {
        draft.quirks = None;
    }
    draft.base_url = match (draft.kind, draft.base_url) {
        (ProviderKind::Simulated, _) => None,
        (_, Some(url)) => Some(url),
        (kind, None) => {
            let default = kind.default_base_url().and_then(|url| url.parse::<BaseUrl>().ok());
            Some(default.ok_or(Invalid::Name(domain::name::InvalidName::BaseUrl))?)
        }
    };
    Ok(draft)
}

/// Scheme, host and port with the scheme's default, in lower case: the place a credential belongs to.
fn place(draft: &ProviderDraft) -> Option<(String, String, u16)> {
    let url = reqwest::Url::parse(draft.base_url.as_ref()?.as_str()).ok()?;
    Some((
        url.scheme().to_owned(),
        url.host_str()?.to_owned(),
        url.port_or_known_default()?,
    ))
}

#[cfg(test)]
mod tests {
    use domain::provider::{DisconnectPolicy, Timeouts};

    use super::*;

    fn draft(url: &str) -> ProviderDraft {
        ProviderDraft {
            name: "p".parse().expect("name"),
            title: "P".parse().expect("title"),
            kind: ProviderKind::OpenaiCompatible,
            preset: None,
            base_url: Some(url.parse().expect("url")),
            timeouts: Timeouts::DEFAULT,
            disconnect: DisconnectPolicy::Cancel,
            quirks: None,
        }
    }

    #[test]
    fn a_place_is_scheme_host_and_port() {
        let same = [
            ("https://a.b/v1", "https://A.b:443/v2"),
            ("http://a.b", "http://a.b:80/x"),
        ];
        let other = [
            ("https://a.b", "http://a.b"),
            ("https://a.b", "https://a.b.c"),
            ("https://a.b", "https://a.b:8443"),
        ];
        for (one, two) in same {
            assert_eq!(place(&draft(one)), place(&draft(two)), "{one} {two}");
        }
        for (one, two) in other {
            assert_ne!(place(&draft(one)), place(&draft(two)), "{one} {two}");
        }
    }

    #[test]
    fn only_a_kind_with_a_known_address_needs_none() {
        let mut openai = draft("https://a.b");
        openai.base_url = None;
        assert!(checked(&openai).is_err());
        openai.kind = ProviderKind::Openai;
        assert_eq!(
            checked(&openai)
                .ok()
                .and_then(|draft| draft.base_url)
                .map(String::from)
                .as_deref(),
            Some("https://api.openai.com/v1")
        );
    }
}

//! Upstreams as admins manage them: providers, their credentials, their models, and live tests of them.

mod credentials;
mod edit;
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

pub use edit::ProviderEdit;
pub use models::{ModelEdit, Models};

use crate::{
    Error, Inner, Limits, Origin,
    store::{StoreError, change::Subject, providers as table},
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

    /// Removes a provider with its credentials, its models and the limits of them all. Its calls stay in the log.
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
        let limits = Limits::take_along(&mut change.tx, id.into()).await?;
        table::delete(&mut change.tx, id).await?;
        let subject = Subject {
            action: "provider.delete",
            id: id.to_string(),
            name: provider.draft.name.as_str(),
        };
        let before = Deleted {
            what: &provider.draft,
            enabled: provider.enabled,
            limits,
        };
        change.audit::<_, ()>(subject, Some(&before), None).await?;
        self.0.finish(change).await
    }
}

/// What went, as the list of changes has it: what it was, whether calls could use it, and the limits that went with it.
#[derive(serde::Serialize)]
struct Deleted<What> {
    #[serde(flatten)]
    what: What,
    enabled: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    limits: Vec<serde_json::Value>,
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

//! Credentials of providers: entered, never shown again.

use domain::{
    access::Admin,
    id::{CredentialId, ProviderId},
    name::Label,
    provider::{Credential, Health},
    refusal::{Invalid, Refusal, Thing},
};
use serde_json::json;

use super::{MISSING, Providers};
use crate::{
    Error, Origin, SecretText,
    snapshot::credential_binding,
    store::{change::Subject, credentials as table, providers},
};

const NO_CREDENTIAL: Refusal = Refusal::NotFound {
    what: Thing::Credential,
};
/// Shorter secrets give away nothing of themselves.
const HINT_FROM: usize = 16;

impl Providers<'_> {
    /// Whether a secret is text that a header can carry. Asked before a provider is made for it.
    ///
    /// # Errors
    /// [`Refusal::Invalid`].
    pub fn check_credential(secret: &SecretText) -> Result<(), Error> {
        let text = secret.expose().trim();
        if (1..=4096).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(())
        } else {
            Err(Invalid::Credential.into())
        }
    }

    /// Stores a secret for a provider.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::Invalid`] for text that no header can carry.
    pub async fn add_credential(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        id: ProviderId,
        label: &Label,
        secret: &SecretText,
    ) -> Result<CredentialId, Error> {
        Self::check_credential(secret)?;
        let text = secret.expose().trim();
        let mut change = self.0.change(admin.actor(), origin).await?;
        let provider = providers::get_in(&mut change.tx, id).await?.ok_or(MISSING)?;
        let credential = Credential {
            id: CredentialId::from_number(change.next_id()),
            label: label.clone(),
            hint: if text.len() >= HINT_FROM {
                text[text.len() - 4..].to_owned()
            } else {
                String::new()
            },
            enabled: true,
            health: Health::Unknown,
            last_error: None,
            last_used_at: None,
            created_at: change.at,
        };
        let sealed = self
            .0
            .keys
            .credential
            .seal(text.as_bytes(), &credential_binding(credential.id))?;
        table::insert(&mut change.tx, id, &credential, &sealed).await?;
        let after = json!({ "provider": provider.draft.name, "label": label, "hint": credential.hint });
        let subject = Subject {
            action: "credential.create",
            id: credential.id.to_string(),
            name: label.as_str(),
        };
        change.audit::<(), _>(subject, None, Some(&after)).await?;
        self.0.finish(change).await?;
        Ok(credential.id)
    }

    /// Lets calls use a credential, or not.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn set_credential_enabled(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        provider: ProviderId,
        id: CredentialId,
        enabled: bool,
    ) -> Result<(), Error> {
        let mut change = self.0.change(admin.actor(), origin).await?;
        let credential = table::get_in(&mut change.tx, provider, id)
            .await?
            .ok_or(NO_CREDENTIAL)?;
        table::set_enabled(&mut change.tx, id, enabled).await?;
        let action = if enabled {
            "credential.enable"
        } else {
            "credential.disable"
        };
        let subject = Subject {
            action,
            id: id.to_string(),
            name: credential.label.as_str(),
        };
        change
            .audit(
                subject,
                Some(&json!({ "enabled": credential.enabled })),
                Some(&json!({ "enabled": enabled })),
            )
            .await?;
        self.0.finish(change).await
    }

    /// Removes a credential.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn delete_credential(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        provider: ProviderId,
        id: CredentialId,
    ) -> Result<(), Error> {
        let mut change = self.0.change(admin.actor(), origin).await?;
        let credential = table::get_in(&mut change.tx, provider, id)
            .await?
            .ok_or(NO_CREDENTIAL)?;
        table::delete(&mut change.tx, id).await?;
        let before = json!({ "label": credential.label, "hint": credential.hint });
        let subject = Subject {
            action: "credential.delete",
            id: id.to_string(),
            name: credential.label.as_str(),
        };
        change.audit::<_, ()>(subject, Some(&before), None).await?;
        self.0.finish(change).await
    }
}

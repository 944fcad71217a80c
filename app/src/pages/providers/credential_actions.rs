//! What the page of a provider can do with its credentials: add with a live test, test again, switch, delete.
//!
//! A secret goes in and never comes out: it is no part of a flash, an address or a page.

use domain::{
    id::CredentialId,
    provider::{Credential, Provider},
    refusal::Thing,
};
use gateway::SecretText;
use leptos::prelude::*;

use super::{
    actions::{page_of, page_of_text, provider_id},
    press::press,
    report,
};
use crate::{
    context::{address, admin, gateway, missing},
    error::AppError,
    form::{AtField, Back, Done, parse, submit},
    text::use_language,
};

/// Stores one more credential and tries it at once. A provider without models is asked for them, as when it was added.
#[server]
pub async fn add_credential(
    provider: String,
    #[server(default)] label: String,
    #[server(default)] credential: String,
) -> Result<(), AppError> {
    let back = Back::to(page_of_text(&provider)).keeping("label", &label);
    submit(back, async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        let id = provider_id(&provider)?;
        let label = parse("label", &label)?;
        let secret = SecretText::from(credential);
        let added = gateway
            .providers()
            .add_credential(&admin, address.origin(), id, &label, &secret)
            .await
            .at("credential")?;
        let provider = gateway
            .providers()
            .get(&admin.reader(), id)
            .await?
            .ok_or_else(|| missing(Thing::Provider))?;
        let found = gateway
            .providers()
            .test_credential(&admin, address.origin(), id, Some(added))
            .await?;
        let mut said = report::after_test(provider.draft.title.as_str(), label.as_str(), &found, language);
        if found.listed && provider.models == 0 {
            let listed = gateway.providers().refresh_models(&admin, address.origin(), id).await?;
            if listed.listed {
                said = report::after_adding(&provider, &listed, language);
            }
        }
        let (tone, sentence) = said;
        Ok(Done::to(page_of(id)).noticing(tone, sentence))
    })
    .await
}

/// Asks the provider with one credential, or with none where it needs none.
#[server]
pub async fn test_credential(provider: String, #[server(default)] credential: String) -> Result<(), AppError> {
    press(page_of_text(&provider), async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        let id = provider_id(&provider)?;
        let provider = gateway
            .providers()
            .get(&admin.reader(), id)
            .await?
            .ok_or_else(|| missing(Thing::Provider))?;
        let wanted = (!credential.is_empty())
            .then(|| credential_id(&credential))
            .transpose()?;
        let found = gateway
            .providers()
            .test_credential(&admin, address.origin(), id, wanted)
            .await?;
        let title = provider.draft.title.as_str();
        let (tone, sentence) = match wanted.and_then(|wanted| credential_of(&provider, wanted)) {
            Some(credential) => report::after_test(title, credential.label.as_str(), &found, language),
            None => report::after_connection_test(title, &found, language),
        };
        Ok(Done::to(page_of(id)).noticing(tone, sentence))
    })
    .await
}

/// Lets calls use a credential, or not.
#[server]
pub async fn switch_credential(provider: String, credential: String, enabled: bool) -> Result<(), AppError> {
    press(page_of_text(&provider), async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        let (id, wanted) = (provider_id(&provider)?, credential_id(&credential)?);
        gateway
            .providers()
            .set_credential_enabled(&admin, address.origin(), id, wanted, enabled)
            .await?;
        let sentence = match enabled {
            true => language.pick(
                "The credential is enabled. Calls may use it from now on.",
                "已启用该凭据，调用即刻可以使用它。",
            ),
            false => language.pick(
                "The credential is disabled. No new call uses it.",
                "已停用该凭据，新的调用不再使用它。",
            ),
        };
        Ok(Done::to(page_of(id)).saying(sentence))
    })
    .await
}

/// Removes a credential for good.
#[server]
pub async fn delete_credential(provider: String, credential: String) -> Result<(), AppError> {
    press(page_of_text(&provider), async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        let (id, wanted) = (provider_id(&provider)?, credential_id(&credential)?);
        gateway
            .providers()
            .delete_credential(&admin, address.origin(), id, wanted)
            .await?;
        let sentence = language.pick(
            "The credential was deleted. Revoke it at the provider too if nobody else uses it.",
            "已删除该凭据。如果没有其他用途，也请在提供商处吊销它。",
        );
        Ok(Done::to(page_of(id)).saying(sentence))
    })
    .await
}

/// The credential of a provider with this id.
pub fn credential_of(provider: &Provider, id: CredentialId) -> Option<&Credential> {
    provider.credentials.iter().find(|credential| credential.id == id)
}

fn credential_id(text: &str) -> Result<CredentialId, AppError> {
    text.parse().map_err(|_| missing(Thing::Credential))
}

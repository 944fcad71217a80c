//! What the pages about providers can do: add, edit, switch, move, delete. Thin doors to `gateway::Providers`.
//!
//! Credentials have a file of their own beside this one; the sentences about live tests are in `report.rs`.

use domain::{
    id::ProviderId,
    provider::Provider,
    refusal::{Invalid, Thing},
};
use gateway::SecretText;
use leptos::prelude::*;

use super::{
    fields::ProviderFields,
    offer::{CredentialNeed, Offer},
    press::press,
    report,
};
use crate::{
    components::Tone,
    context::{address, admin, gateway, missing},
    error::AppError,
    form::{AtField, Back, Done, encode, parse, submit},
    text::{Language, use_language},
};

/// The page of one provider.
pub fn page_of(id: ProviderId) -> String {
    format!("/providers/{id}")
}

/// The page of the provider with this id, as a form names it.
pub fn page_of_text(id: &str) -> String {
    id.parse()
        .map_or_else(|_| format!("/providers/{}", encode(id)), page_of)
}

/// The id in a form of ours; anything else names nothing.
pub fn provider_id(text: &str) -> Result<ProviderId, AppError> {
    text.parse().map_err(|_| missing(Thing::Provider))
}

/// Adds a provider with its first credential, asks it for its models and shows what it said. A provider that refuses the
/// credential stays, so that only the credential has to be corrected.
#[server]
pub async fn create_provider(
    #[server(flatten)] fields: ProviderFields,
    #[server(default)] label: String,
    #[server(default)] credential: String,
) -> Result<(), AppError> {
    let back = fields
        .back(format!("/providers/new?preset={}", encode(&fields.offer)))
        .keeping("label", &label);
    submit(back, async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        let draft = match fields.draft() {
            Ok(draft) => draft,
            Err((field, problem)) => return Err(problem).at(field),
        };
        let need = Offer::of(&draft).credential();
        let secret = Some(credential.trim()).filter(|text| !text.is_empty() && need != CredentialNeed::None);
        if secret.is_none() && need == CredentialNeed::Required {
            return Err(Invalid::CredentialMissing).at("credential");
        }
        let label = parse(
            "label",
            if label.trim().is_empty() {
                language.pick("first", "首个")
            } else {
                &label
            },
        )?;
        let provider = gateway
            .providers()
            .create(&admin, address.origin(), &draft)
            .await
            .at("name")?;
        let done = Done::to(page_of(provider.id));
        if let Some(secret) = secret {
            let secret = SecretText::from(secret.to_owned());
            let added = gateway
                .providers()
                .add_credential(&admin, address.origin(), provider.id, &label, &secret)
                .await;
            if let Err(error) = added {
                // The provider stands; its page asks for the credential again.
                return Ok(done.noticing(Tone::Bad, AppError::from(error).sentence(language)));
            }
        }
        let found = gateway
            .providers()
            .refresh_models(&admin, address.origin(), provider.id)
            .await?;
        let (tone, sentence) = report::after_adding(&provider, &found, language);
        Ok(done.noticing(tone, sentence))
    })
    .await
}

/// Changes a provider. When that moves it to another host, its credentials are gone, and the next page says so.
#[server]
pub async fn update_provider(id: String, #[server(flatten)] fields: ProviderFields) -> Result<(), AppError> {
    let back = fields.back(format!("{}/edit", page_of_text(&id)));
    submit(back, async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        let id = provider_id(&id)?;
        let draft = match fields.draft() {
            Ok(draft) => draft,
            Err((field, problem)) => return Err(problem).at(field),
        };
        let before = gateway
            .providers()
            .get(&admin.reader(), id)
            .await?
            .ok_or_else(|| missing(Thing::Provider))?;
        let after = gateway
            .providers()
            .update(&admin, address.origin(), id, &draft)
            .await
            .at("name")?;
        let done = Done::to(page_of(id));
        Ok(match before.credentials.len().saturating_sub(after.credentials.len()) {
            0 => done.saying(saved(&after)),
            dropped => done.noticing(Tone::Warning, report::credentials_dropped(&after, dropped, language)),
        })
    })
    .await
}

fn saved(provider: &Provider) -> String {
    let title = provider.draft.title.as_str();
    match use_language() {
        Language::En => format!("{title} was saved. New calls use it as it now stands."),
        Language::Zh => format!("已保存 {title}。新的调用将按当前设置进行。"),
    }
}

/// Lets calls use a provider, or not.
#[server]
pub async fn switch_provider(id: String, enabled: bool, next: String) -> Result<(), AppError> {
    press(next.clone(), async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        gateway
            .providers()
            .set_enabled(&admin, address.origin(), provider_id(&id)?, enabled)
            .await?;
        let sentence = match enabled {
            true => language.pick(
                "The provider is enabled. Calls may use it from now on.",
                "已启用该提供商，调用即刻可以使用它。",
            ),
            false => language.pick(
                "The provider is disabled. New calls to its models are refused; running ones end by themselves.",
                "已停用该提供商。对其模型的新调用将被拒绝，进行中的调用会自行结束。",
            ),
        };
        Ok(Done::to(next).saying(sentence))
    })
    .await
}

/// Moves a provider one place up or down in the order in which bare model names are looked up.
#[server]
pub async fn move_provider(id: String, up: bool) -> Result<(), AppError> {
    press("/providers", async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        let id = provider_id(&id)?;
        let listed = gateway.providers().list(&admin.reader()).await?;
        let place = (1_i64..)
            .zip(&listed)
            .find(|(_, provider)| provider.id == id)
            .map(|(place, _)| place);
        let place = place.ok_or_else(|| missing(Thing::Provider))?;
        let wanted = if up {
            place.saturating_sub(1).max(1)
        } else {
            place.saturating_add(1)
        };
        gateway
            .providers()
            .move_to(&admin, address.origin(), id, wanted)
            .await?;
        Ok(Done::to("/providers").saying(language.pick("The order was changed.", "顺序已调整。")))
    })
    .await
}

/// Removes a provider, when its name was typed.
#[server]
pub async fn delete_provider(id: String, #[server(default)] typed: String) -> Result<(), AppError> {
    let back = Back::to(format!("{}/delete", page_of_text(&id))).keeping("typed", &typed);
    submit(back, async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        gateway
            .providers()
            .delete(&admin, address.origin(), provider_id(&id)?, &typed)
            .await
            .at("typed")?;
        let sentence = language.pick(
            "The provider was deleted with its credentials and models. Its calls stay in the log.",
            "已删除该提供商及其凭据和模型。它的调用记录仍保留在日志中。",
        );
        Ok(Done::to("/providers").saying(sentence))
    })
    .await
}

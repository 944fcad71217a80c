//! What can be done with models: type one in, enable, disable, delete, ask the provider again. Thin doors to
//! `gateway::Models`; the page of a provider and the list of all models share them and say where to go next.

use domain::{
    id::{ModelId, ProviderId},
    name::ModelSlug,
    refusal::Thing,
};
use leptos::prelude::*;

use crate::{
    context::{address, admin, gateway, local_path, missing},
    error::AppError,
    form::{AtField, Back, Done, parse, submit},
    pages::providers::{press::press, report},
    text::{Language, use_language},
};

/// Adds a model that the provider does not list.
#[server]
pub async fn add_model(provider: String, #[server(default)] slug: String, next: String) -> Result<(), AppError> {
    let back = Back::to(local_path(Some(&next)))
        .keeping("slug", &slug)
        .keeping("provider", &provider);
    submit(back, async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        let slug = parse::<ModelSlug>("slug", &slug)?;
        let model = gateway
            .models()
            .add(&admin, address.origin(), provider_id(&provider)?, &slug)
            .await
            .at("slug")?;
        let name = model.public_name();
        let sentence = match language {
            Language::En => format!("The model {name} was added. Calls may use it from now on."),
            Language::Zh => format!("已添加模型 {name}，调用即刻可以使用它。"),
        };
        Ok(Done::to(next).saying(sentence))
    })
    .await
}

/// Lets calls use a model, or not.
#[server]
pub async fn switch_model(id: String, name: String, enabled: bool, next: String) -> Result<(), AppError> {
    press(next.clone(), async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        gateway
            .models()
            .set_enabled(&admin, address.origin(), model_id(&id)?, enabled)
            .await?;
        let sentence = match (language, enabled) {
            (Language::En, true) => format!("{name} is enabled."),
            (Language::En, false) => format!("{name} is disabled. New calls to it are refused."),
            (Language::Zh, true) => format!("已启用 {name}。"),
            (Language::Zh, false) => format!("已停用 {name}，对它的新调用将被拒绝。"),
        };
        Ok(Done::to(next).saying(sentence))
    })
    .await
}

/// Lets calls use all models of a provider, or none.
#[server]
pub async fn switch_models(provider: String, enabled: bool, next: String) -> Result<(), AppError> {
    press(next.clone(), async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        let changed = gateway
            .models()
            .set_all_enabled(&admin, address.origin(), provider_id(&provider)?, enabled)
            .await?;
        let sentence = match (language, enabled, changed) {
            (Language::En, _, 0) => "Nothing to change: they were all so already.".to_owned(),
            (Language::En, true, 1) => "1 model was enabled.".to_owned(),
            (Language::En, true, _) => format!("{changed} models were enabled."),
            (Language::En, false, 1) => "1 model was disabled.".to_owned(),
            (Language::En, false, _) => format!("{changed} models were disabled. Enable the ones you want."),
            (Language::Zh, _, 0) => "没有需要更改的模型。".to_owned(),
            (Language::Zh, true, _) => format!("已启用 {changed} 个模型。"),
            (Language::Zh, false, _) => format!("已停用 {changed} 个模型，请启用需要的模型。"),
        };
        Ok(Done::to(next).saying(sentence))
    })
    .await
}

/// Removes a model.
#[server]
pub async fn delete_model(id: String, name: String, next: String) -> Result<(), AppError> {
    press(next.clone(), async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        gateway
            .models()
            .delete(&admin, address.origin(), model_id(&id)?)
            .await?;
        let sentence = match language {
            Language::En => format!("{name} was deleted. If its provider lists it, the next refresh brings it back."),
            Language::Zh => format!("已删除 {name}。如果提供商仍列出它，下次刷新会重新添加。"),
        };
        Ok(Done::to(next).saying(sentence))
    })
    .await
}

/// Adds what a provider lists by now.
#[server]
pub async fn refresh_models(provider: String, next: String) -> Result<(), AppError> {
    press(next.clone(), async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        let id = provider_id(&provider)?;
        let before = gateway
            .providers()
            .get(&admin.reader(), id)
            .await?
            .ok_or_else(|| missing(Thing::Provider))?;
        let found = gateway.providers().refresh_models(&admin, address.origin(), id).await?;
        let after = gateway
            .providers()
            .get(&admin.reader(), id)
            .await?
            .ok_or_else(|| missing(Thing::Provider))?;
        let (tone, sentence) = report::after_refresh(
            before.draft.title.as_str(),
            &found,
            after.models - before.models,
            language,
        );
        Ok(Done::to(next).noticing(tone, sentence))
    })
    .await
}

fn provider_id(text: &str) -> Result<ProviderId, AppError> {
    text.parse().map_err(|_| missing(Thing::Provider))
}

fn model_id(text: &str) -> Result<ModelId, AppError> {
    text.parse().map_err(|_| missing(Thing::Model))
}

//! How many tokens a model takes in one call: shown in the public price list, and the measure of what a provider may report
//! as used. Providers that tell are believed; an admin may say otherwise.

use domain::{
    id::ModelId,
    provider::Model,
    refusal::{Invalid, Thing},
};
use leptos::prelude::*;

use super::model::page_of;
use crate::{
    components::{Form, Hidden, Panel, SubmitButton, TextField, format},
    context::{address, admin, gateway, missing},
    error::AppError,
    form::{self, AtField, Back, Done, encode, submit},
    text::{Language, use_language},
};

/// Says how many tokens a model takes; nothing when that is not known.
#[server]
pub async fn set_context(
    /// Which model.
    model: String,
    /// A whole number, or nothing.
    #[server(default)]
    tokens: String,
) -> Result<(), AppError> {
    let here = model
        .parse()
        .map_or_else(|_| format!("/prices/{}", encode(&model)), page_of);
    submit(Back::to(&here).keeping("tokens", &tokens), async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        let model: ModelId = model.parse().map_err(|_| missing(Thing::Model))?;
        let tokens = match tokens.trim() {
            "" => None,
            text => Some(
                text.parse()
                    .ok()
                    .filter(|tokens| *tokens > 0_u32)
                    .ok_or(Invalid::Tokens)
                    .at("tokens")?,
            ),
        };
        let model = gateway
            .models()
            .set_context(&admin, address.origin(), model, tokens)
            .await?;
        let name = model.public_name();
        let sentence = match (language, model.context_tokens.map(format::count)) {
            (Language::En, Some(tokens)) => format!("{name} takes {tokens} tokens in a call."),
            (Language::En, None) => format!("How many tokens {name} takes is not known any more."),
            (Language::Zh, Some(tokens)) => format!("{name} 每次调用最多 {tokens} 个 token。"),
            (Language::Zh, None) => format!("{name} 的上下文长度已清除。"),
        };
        Ok(Done::to(here).saying(sentence))
    })
    .await
}

/// The form.
#[component]
pub fn ContextSize(
    /// Whose.
    model: Model,
) -> impl IntoView {
    let language = use_language();
    let known = model
        .context_tokens
        .map(|tokens| tokens.to_string())
        .unwrap_or_default();
    view! {
        <Panel title=language.pick("Context size", "上下文长度") id="context" note=language.pick("shown in the price list", "显示在价目表中") body=true>
            <Form action={form::action::<SetContext>()} part=model.id.to_string() class="form form-tight">
                <Hidden name="model" value=model.id.to_string() />
                <TextField
                    name="tokens"
                    label=language.pick("Tokens in one call", "单次调用的 token 数")
                    value=known
                    optional=true
                    autocomplete="off"
                    max_length=10_u32
                    short=true
                    placeholder="128000"
                    hint=language.pick(
                        "Prompt and answer together. A provider that reports more than this as used is not believed, and the call is estimated.",
                        "提示与回答合计。若提供商报告的用量超过此值，则不予采信，改为估算。",
                    )
                />
                <div class="form-foot"><SubmitButton>{language.pick("Save", "保存")}</SubmitButton></div>
            </Form>
        </Panel>
    }
}

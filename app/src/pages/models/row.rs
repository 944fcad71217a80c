//! One model as a row of a table: its name to copy, its state, and what can be done with it.

use domain::{
    access::Capability,
    catalog::{Abilities, ProviderKind},
    provider::{Model, ModelSource},
};
use leptos::prelude::*;

use super::{
    abilities,
    actions::{DeleteModel, SwitchModel},
    filter::ModelState,
};
use crate::{
    components::{Column, Icon, PostButton, Status, SwitchButton, Time, TimeStyle, Tone},
    context,
    form::{self, encode},
    islands::copy::CopyButton,
    pages::{calls::SimulatedMark, prices::model::page_of as price_page},
    text::{Language, use_language},
};

/// The heads over [`ModelRow`]s.
pub fn columns(with_provider: bool, language: Language) -> Vec<Column> {
    let provider = with_provider.then(|| Column::new(language.pick("Provider", "提供商")).leaves(2));
    std::iter::once(Column::new(language.pick("Model", "模型")))
        .chain(provider)
        .chain([
            Column::new(language.pick("Known from", "来源")).leaves(3),
            Column::new(language.pick("Added, UTC", "添加时间（UTC）")).leaves(3),
            Column::new(language.pick("State", "状态")),
        ])
        .chain(context::may(Capability::Administer).then(|| Column::actions(language.pick("Actions", "操作"))))
        .collect()
}

/// A row; its buttons come back to `next`.
#[component]
pub fn ModelRow(
    /// The model.
    model: Model,
    /// The page that holds the row.
    next: String,
    /// Among models of other providers.
    #[prop(optional)]
    with_provider: bool,
) -> impl IntoView {
    let language = use_language();
    let name = model.public_name();
    let simulated = model.kind == ProviderKind::Simulated;
    let state = ModelState::of(&model);
    let tone = match state {
        ModelState::Enabled => Tone::Good,
        ModelState::Disabled => Tone::Off,
        ModelState::ProviderDisabled => Tone::Warning,
    };
    let source = match model.source {
        ModelSource::Listed => language.pick("its provider", "提供商列出"),
        ModelSource::Typed => language.pick("typed in", "手动输入"),
    };
    let provider = with_provider.then(|| {
        view! {
            <td class="col-2 col-card-off ellipsis" title=model.provider_title.to_string()>
                <a class="link" href=format!("/providers/{}", model.provider_id)>{model.provider_title.to_string()}</a>
            </td>
        }
    });
    let able: Vec<_> = abilities::of(&model)
        .iter()
        .map(|ability| view! { <li class="badge badge-line">{ability.word(language)}</li> })
        .collect();
    let able = (!able.is_empty())
        .then(|| view! { <ul class="abilities" aria-label=language.pick("Can do", "能力")>{able}</ul> });
    let lacking = context::gateway().ok().and_then(|gateway| {
        let price = gateway.snapshot().price_at(model.id, gateway.now());
        let abilities = Abilities::of(model.kind, model.slug.as_str());
        match price.as_ref().map(|price| &price.sheet) {
            None => Some(language.pick("No price", "未定价").to_owned()),
            Some(sheet) => {
                let lacking = sheet.lacking(&abilities, model.slug.as_str());
                let refuses = sheet
                    .refuses_chats(&abilities)
                    .then(|| language.embeddings_alone().to_owned());
                (!lacking.is_empty()).then(|| language.lacking(&lacking)).or(refuses)
            }
        }
    });
    let unpriced = lacking.map(|text| view! { <a class="badge badge-warn above" href=price_page(model.id)>{text}</a> });
    let copy = match language {
        Language::En => format!("Copy {name}"),
        Language::Zh => format!("复制 {name}"),
    };
    view! {
        <tr class=(state != ModelState::Enabled).then_some("is-off")>
            <td class="cell-lead">
                <span class="offer-name">
                <span class="row-nowrap name-marks">
                    <code class="break"><span class="muted">{format!("{}/", model.provider)}</span>{model.slug.to_string()}</code>
                    <CopyButton text=name class="btn btn-icon btn-quiet btn-s" label=copy language=language />
                    <SimulatedMark shown=simulated />
                    {unpriced}
                </span>
                {able}
                </span>
            </td>
            {provider}
            <td class="col-3"><span class="nowrap">{source}</span></td>
            <td class="col-3"><Time at=model.created_at style=TimeStyle::Short /></td>
            <td class="cell-end"><Status tone=tone text=state.word(language) /></td>
            {context::may(Capability::Administer).then(|| view! { <td class="cell-actions"><Actions model=model next=next /></td> })}
        </tr>
    }
}

#[component]
fn Actions(model: Model, next: String) -> impl IntoView {
    let language = use_language();
    let name = model.public_name();
    let (try_it, more) = match language {
        Language::En => (format!("Try {name} in the playground"), format!("More for {name}")),
        Language::Zh => (format!("试用 {name}"), format!("{name} 的更多操作")),
    };
    let delete = language.pick("Delete model", "删除模型");
    let fields = || {
        vec![
            ("id", model.id.to_string()),
            ("name", name.clone()),
            ("next", next.clone()),
        ]
    };
    let try_link = (ModelState::of(&model) == ModelState::Enabled).then(|| {
        view! {
            <a class="btn btn-s" href=format!("/playground?model={}", encode(&name)) aria-label=try_it.clone() title=try_it>
                <Icon name="play-chat" />
                {language.pick("Try", "试用")}
            </a>
        }
    });
    view! {
        <div class="btn-row">
            {try_link}
            <SwitchButton action={form::action::<SwitchModel>()} fields=fields() enabled=model.enabled title=name.clone() small=true />
            <details class="menu">
                <summary class="btn btn-quiet btn-icon btn-s" aria-label=more.clone() title=more><Icon name="dots" /></summary>
                <div class="menu-list">
                    <a class="menu-item" href=price_page(model.id)><Icon name="price" />{language.pick("Price", "价格")}</a>
                    <PostButton action={form::action::<DeleteModel>()} fields=fields() class="menu-item menu-item-danger" icon="trash">{delete}</PostButton>
                </div>
            </details>
        </div>
    }
}

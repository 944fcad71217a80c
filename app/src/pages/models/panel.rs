//! The models of one provider, on its page: refresh, switches, and a name to type in.

use domain::{
    access::Capability,
    provider::{Model, Provider},
};
use leptos::prelude::*;

use super::{
    actions::{RefreshModels, SwitchModels},
    add::AddModelPanel,
    row::{ModelRow, columns},
};
use crate::{
    components::{Nothing, Panel, PostButton, Table, format},
    context, form,
    text::{Language, use_language},
};

/// Rows before the list of all models takes over.
const MOST: usize = 50;

/// The panel, and the form for one more.
#[component]
pub fn ProviderModels(
    /// Whose.
    provider: Provider,
    /// All of them.
    models: Vec<Model>,
) -> impl IntoView {
    let language = use_language();
    let next = format!("/providers/{}", provider.id);
    let fields = |enabled: Option<bool>| {
        let mut fields = vec![("provider", provider.id.to_string()), ("next", next.clone())];
        fields.extend(enabled.map(|enabled| ("enabled", enabled.to_string())));
        fields
    };
    let switches = (!models.is_empty()).then(|| {
        view! {
            <PostButton action={form::action::<SwitchModels>()} fields=fields(Some(true)) class="btn-s">{language.pick("Enable all", "全部启用")}</PostButton>
            <PostButton action={form::action::<SwitchModels>()} fields=fields(Some(false)) class="btn-s">{language.pick("Disable all", "全部停用")}</PostButton>
        }
    });
    let may = context::may(Capability::Administer);
    let actions = may.then(|| {
        view! {
            {switches}
            <PostButton action={form::action::<RefreshModels>()} fields=fields(None) class="btn-s" icon="rotate">
                {language.pick("Refresh from provider", "从提供商刷新")}
            </PostButton>
        }
    });
    let count = models.len();
    let note = match language {
        // The panel says already that there are none.
        _ if count == 0 => String::new(),
        Language::En => format!(
            "{} of {} enabled",
            format::count(provider.models_enabled.unsigned_abs()),
            format::count(models.len() as u64)
        ),
        Language::Zh => format!(
            "已启用 {} / {}",
            format::count(provider.models_enabled.unsigned_abs()),
            format::count(models.len() as u64)
        ),
    };
    let content = if count == 0 {
        view! {
            <Nothing
                title=language.pick("No models yet", "还没有模型")
                text=language.pick("Refresh asks the provider for its list. What it does not list can be typed in below.", "点击刷新向提供商查询列表。未列出的模型可在下方手动输入。")
            />
        }
        .into_any()
    } else {
        let rows: Vec<_> = models
            .into_iter()
            .take(MOST)
            .map(|model| view! { <ModelRow model=model next=next.clone() /> })
            .collect();
        view! { <Table columns=columns(false, language) dense=true>{rows}</Table> }.into_any()
    };
    let all = (count > MOST).then(|| {
        let word = match language {
            Language::En => format!("All {} models", format::count(count as u64)),
            Language::Zh => format!("全部 {} 个模型", format::count(count as u64)),
        };
        view! { <footer class="panel-foot"><a class="link" href=format!("/models?provider={}", provider.id)>{word}</a></footer> }
    });
    view! {
        <Panel title=language.pick("Models", "模型") id="models" note=note actions=actions.into_any()>
            {content}
            {all}
        </Panel>
        {may.then(|| view! { <AddModelPanel providers=vec![provider] next=next /> })}
    }
}

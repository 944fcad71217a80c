//! The providers and how they fare, as words.

use domain::{access::Capability, provider::Provider};
use leptos::prelude::*;

use crate::{
    components::{Icon, LinkButton, Logo, Panel, State, StateKind, Status},
    context,
    pages::providers::health::of_provider,
    text::{Language, use_language},
};

/// One line for each provider, those in trouble first.
#[component]
pub(super) fn HealthPanel(mut providers: Vec<Provider>) -> impl IntoView {
    let language = use_language();
    providers.sort_by_key(|provider| (!provider.condition().is_failing(), provider.position));
    let empty = providers.is_empty();
    let rows: Vec<_> = providers
        .into_iter()
        .take(8)
        .map(|provider| view! { <Row provider=provider /> })
        .collect();
    let actions = view! {
        <LinkButton href="/providers" class="btn-quiet btn-s">{language.pick("All providers", "全部提供商")}<Icon name="right" /></LinkButton>
    };
    view! {
        <Panel title=language.pick("Provider health", "提供商状态") id="health" actions=actions.into_any()>
            {if empty {
                view! {
                    <State
                        kind=StateKind::NothingYet
                        level=3
                        small=true
                        title=language.pick("No provider yet", "还没有提供商")
                        text=language.pick("Without one there is no model to call.", "没有提供商就没有可调用的模型。")
                    >
                        {context::may(Capability::Administer).then(|| view! {
                            <LinkButton href="/providers/new" class="btn-primary" icon="plus">{language.pick("Connect a provider", "连接提供商")}</LinkButton>
                        })}
                    </State>
                }
                .into_any()
            } else {
                view! { <ul class="list">{rows}</ul> }.into_any()
            }}
        </Panel>
    }
}

#[component]
fn Row(provider: Provider) -> impl IntoView {
    let language = use_language();
    let condition = of_provider(&provider, language);
    let note = condition.said.unwrap_or_else(|| match language {
        Language::En => format!("{} of {} models enabled", provider.models_enabled, provider.models),
        Language::Zh => format!("已启用 {} / {} 个模型", provider.models_enabled, provider.models),
    });
    let logo = provider
        .draft
        .preset
        .clone()
        .unwrap_or_else(|| provider.draft.kind.as_str().to_owned());
    view! {
        <li>
            <Logo of=logo />
            <div class="list-main">
                <p class="list-head">
                    <a class="link" href=format!("/providers/{}", provider.id)>{provider.draft.title.to_string()}</a>
                    <Status tone=condition.tone text=condition.word />
                </p>
                <p class="list-note break">{note}</p>
            </div>
        </li>
    }
}

//! `/providers/new`: first a choice of tiles, then (`?preset=…`) the form with what is known filled in.

use leptos::prelude::*;

use super::{
    actions::CreateProvider,
    fields::ProviderFields,
    form_fields::ProviderFormFields,
    offer::{CredentialNeed, Offer},
};
use crate::{
    components::{Form, FormFoot, LinkButton, Logo, Page, PageHead, Panel, Place, TextField, page},
    context,
    form::{self, Query, encode},
    text::{Language, use_language},
};

/// Adds a provider.
#[component]
pub fn NewProviderPage() -> impl IntoView {
    page(async move {
        context::admin()?;
        let chosen = Query::current().get("preset").and_then(|preset| Offer::parse(&preset));
        let language = use_language();
        let title = language.pick("Add provider", "添加提供商");
        let crumbs = vec![("/providers".to_owned(), language.pick("Providers", "提供商").to_owned())];
        let content = match chosen {
            None => view! { <Tiles /> }.into_any(),
            Some(offer) => view! { <NewForm offer=offer /> }.into_any(),
        };
        Ok(view! {
            <Page title=title place=Place::Providers narrow=true>
                <PageHead title=title crumbs=crumbs />
                {content}
            </Page>
        })
    })
}

#[component]
fn Tiles() -> impl IntoView {
    let language = use_language();
    let tiles: Vec<_> = Offer::all()
        .map(|offer| {
            view! {
                <a class="choice" href=format!("/providers/new?preset={}", encode(offer.id()))>
                    <span class="row-nowrap strong"><Logo of=offer.id() />{offer.title(language)}</span>
                    <span class="choice-note break">{offer.note(language)}</span>
                </a>
            }
        })
        .collect();
    let note = language.pick("each step can be changed later", "之后均可修改");
    view! {
        <Panel title=language.pick("Whose models do you want to call?", "要调用谁的模型？") id="choose" note=note body=true>
            <nav class="choices" aria-label=language.pick("Kinds of providers", "提供商种类")>{tiles}</nav>
        </Panel>
    }
}

#[component]
fn NewForm(offer: Offer) -> impl IntoView {
    let language = use_language();
    let heading = match (language, offer) {
        (_, Offer::Compatible | Offer::Simulated) => offer.title(language).to_owned(),
        (Language::En, Offer::Preset(preset)) => format!("Connect {}", preset.title),
        (Language::Zh, Offer::Preset(preset)) => format!("连接 {}", preset.title),
    };
    let other = view! {
        <LinkButton href="/providers/new" class="btn-s btn-quiet" icon="left">{language.pick("Another kind", "选择其他")}</LinkButton>
    };
    let submit = match offer.credential() {
        CredentialNeed::None => language.pick("Add provider", "添加提供商"),
        CredentialNeed::Required | CredentialNeed::Optional => {
            language.pick("Add and test provider", "添加并测试提供商")
        }
    };
    view! {
        <Panel title=heading id="provider" actions=other.into_any() body=true>
            <Form action={form::action::<CreateProvider>()}>
                {(offer == Offer::Simulated).then(|| view! { <SimulatedNote /> })}
                <ProviderFormFields fields=ProviderFields::proposed(offer) offer=offer>
                    <CredentialFields offer=offer />
                </ProviderFormFields>
                <FormFoot submit=submit cancel="/providers" />
            </Form>
        </Panel>
        {(offer.credential() != CredentialNeed::None)
            .then(|| {
                view! {
                    <p class="panel-note">
                        {language
                            .pick(
                                "When you add it, the hub asks the provider for its models. That costs nothing and shows at once whether it can be reached.",
                                "添加时，系统会向提供商查询模型列表。这不产生费用，并能立即看出能否连通。",
                            )}
                    </p>
                }
            })}
    }
}

#[component]
fn SimulatedNote() -> impl IntoView {
    let sentence = use_language().pick(
        "Its answers are made up within the hub: no model, no network, no cost. It says “simulated” wherever it shows.",
        "其回答由网关自身生成：没有模型，没有网络请求，也没有费用。凡显示之处都会标明“模拟”。",
    );
    view! { <p class="help">{sentence}</p> }
}

/// Label and secret of the first credential, for kinds that take one.
#[component]
fn CredentialFields(offer: Offer) -> impl IntoView {
    let language = use_language();
    let need = offer.credential();
    if need == CredentialNeed::None {
        return ().into_any();
    }
    let hint = match need {
        // What the field says of itself would be read as an order.
        CredentialNeed::Optional => language.pick(
            "Only if the server asks for one; most of one's own do not. Stored encrypted and never shown again.",
            "仅当服务器要求时填写；自建服务器大多不需要。加密保存，此后不再显示。",
        ),
        _ => language.pick(
            "Stored encrypted and never shown again, in no page, log or answer.",
            "加密保存，此后不会在任何页面、日志或应答中显示。",
        ),
    };
    view! {
        <div class="form-grid">
            <TextField
                name="credential"
                label=language.pick("API key of the provider", "提供商的 API 密钥")
                kind="password"
                mono=true
                optional=need == CredentialNeed::Optional
                placeholder=offer.secret_shape()
                autocomplete="off"
                hint=hint
            />
            <TextField
                name="label"
                label=language.pick("What you call this key", "该密钥的名称")
                optional=true
                autocomplete="off"
                placeholder=language.pick("production", "生产环境")
                hint=language.pick("To tell several keys apart.", "用于区分多个密钥。")
            />
        </div>
    }
    .into_any()
}

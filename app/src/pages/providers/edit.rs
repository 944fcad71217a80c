//! `/providers/:id/edit`: the same fields as adding, and a warning of what a change of address costs.

use domain::{id::ProviderId, provider::Provider, refusal::Thing};
use leptos::prelude::*;

use super::{
    actions::{UpdateProvider, page_of},
    fields::ProviderFields,
    form_fields::ProviderFormFields,
    offer::Offer,
};
use crate::{
    components::{Banner, Form, FormFoot, Hidden, Logo, Page, PageHead, Panel, Place, Tone, page},
    context,
    error::AppError,
    form::{self, path_id},
    text::{Language, use_language},
};

/// The provider that the address names.
pub(super) async fn of_path() -> Result<Provider, AppError> {
    let id = path_id::<ProviderId>("id", Thing::Provider)?;
    let found = context::gateway()?.providers().get(&context::reader()?, id).await?;
    found.ok_or(context::missing(Thing::Provider))
}

/// Changes a provider.
#[component]
pub fn EditProviderPage() -> impl IntoView {
    page(async move {
        context::admin()?;
        let provider = of_path().await?;
        let id = provider.id;
        let language = use_language();
        let offer = Offer::of(&provider.draft);
        let name = provider.draft.title.to_string();
        let title = match language {
            Language::En => format!("Edit {name}"),
            Language::Zh => format!("编辑 {name}"),
        };
        let crumbs = vec![
            ("/providers".to_owned(), language.pick("Providers", "提供商").to_owned()),
            (page_of(id), name),
        ];
        let warning = (!provider.credentials.is_empty()).then(|| {
            let sentence = match (language, provider.credentials.len()) {
                (Language::En, 1) => {
                    "Another scheme, host or port drops the credential: it belongs to the place it was entered for and must be entered again. A change of the path keeps it."
                        .to_owned()
                }
                (Language::En, all) => format!(
                    "Another scheme, host or port drops all {all} credentials: they belong to the place they were entered for and must be entered again. A change of the path keeps them."
                ),
                (Language::Zh, all) => {
                    format!("更改协议、主机或端口会移除全部 {all} 个凭据：密钥只属于录入时的地址，之后需要重新录入。仅更改路径则保留。")
                }
            };
            view! { <Banner tone=Tone::Warning>{sentence}</Banner> }
        });
        let renaming = language.pick(
            "A new name in model names acts at once: clients that still ask for the old one are refused.",
            "更改模型名前缀会立即生效：仍使用旧名称的客户端将被拒绝。",
        );
        Ok(view! {
            <Page title=title.clone() place=Place::Providers narrow=true>
                <PageHead title=title crumbs=crumbs logo=view! { <Logo of=offer.id() large=true /> }.into_any() />
                {warning}
                <Panel title=language.pick("How it is reached", "连接方式") id="provider" body=true>
                    <Form action={form::action::<UpdateProvider>()}>
                        <Hidden name="id" value=id.to_string() />
                        <ProviderFormFields fields=ProviderFields::of(&provider.draft) offer=offer>
                            <p class="help">{renaming}</p>
                        </ProviderFormFields>
                        <FormFoot submit=language.pick("Save provider", "保存提供商") cancel=page_of(id) />
                    </Form>
                </Panel>
            </Page>
        })
    })
}

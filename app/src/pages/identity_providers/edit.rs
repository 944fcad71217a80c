//! `/identity-providers/:slug/edit`: one provider, with the address that it must know, a live test, and what can be changed.

use domain::{
    access::Capability,
    identity::{IdentityProvider, Typed},
    refusal::Thing,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    LIST,
    actions::{SwitchIdentityProvider, TestIdentityProvider, UpdateIdentityProvider},
    fields::IdentityFields,
    page_of,
    words::{self, kind_in_words},
};
use crate::{components::*, context, error::AppError, form, text::use_language};

/// The provider that the address names.
pub(super) async fn of_path() -> Result<IdentityProvider, AppError> {
    let reader = context::reader()?;
    let slug = use_params_map().get_untracked().get("slug").unwrap_or_default();
    let found = context::gateway()?.identity_providers().get(&reader, &slug).await?;
    found.ok_or(context::missing(Thing::IdentityProvider))
}

/// Shows and changes an identity provider.
#[component]
pub fn EditIdentityProviderPage() -> impl IntoView {
    page(async move {
        let provider = of_path().await?;
        let language = use_language();
        let slug = provider.draft.slug.to_string();
        let callback = context::gateway()?.identity_providers().callback(&slug);
        let title = provider.draft.title.to_string();
        let crumbs = vec![(LIST.to_owned(), language.pick("Sign-in", "登录方式").to_owned())];
        let (tone, word) = words::state(&provider, language);
        let beside = view! { <Status tone=tone text=word /> };
        let may = context::may(Capability::Administer);
        let actions = may.then(|| view! {
            <PostButton action={form::action::<TestIdentityProvider>()} fields=vec![("slug", slug.clone())] icon="run">
                {language.pick("Test", "测试")}
            </PostButton>
        });
        let below = if may && provider.id.is_some() {
            view! { <Change provider=provider.clone() /> }.into_any()
        } else {
            view! { <Told provider=provider.clone() /> }.into_any()
        };
        Ok::<_, AppError>(view! {
            <Page title=title.clone() place=Place::IdentityProviders narrow=true>
                <PageHead title=title crumbs=crumbs beside=beside.into_any() actions=actions.into_any() />
                <Panel title=language.pick("What it must know of this hub", "需在对方登记的地址") id="callback" body=true>
                    <div class="stack stack-s">
                        <CopyLine text=callback label=language.pick("Come back to", "回调地址") />
                        <p class="help">
                            {language.pick(
                                "The redirect (callback) address, letter by letter. It is made of HUB_PUBLIC_URL.",
                                "重定向（回调）地址，须逐字一致。它由 HUB_PUBLIC_URL 生成。",
                            )}
                        </p>
                    </div>
                </Panel>
                {below}
            </Page>
        })
    })
}

/// What the console may change.
#[component]
fn Change(provider: IdentityProvider) -> impl IntoView {
    let language = use_language();
    let slug = provider.draft.slug.to_string();
    let (word, sentence) = if provider.enabled {
        (
            language.pick("Disable provider", "停用提供方"),
            language.pick(
                "Its button leaves the sign-in page at once. Sessions that run go on.",
                "它的按钮会立即从登录页消失，现有会话不受影响。",
            ),
        )
    } else {
        (
            language.pick("Enable provider", "启用提供方"),
            language.pick(
                "Its button stands on the sign-in page again.",
                "它的按钮会重新出现在登录页上。",
            ),
        )
    };
    let fields = vec![
        ("slug", slug.clone()),
        ("enabled", (!provider.enabled).to_string()),
        ("next", page_of(&slug)),
    ];
    view! {
        <Panel title=kind_in_words(&provider.draft.way, language) id="provider" body=true>
            <Form action={form::action::<UpdateIdentityProvider>()}>
                <IdentityFields typed=Typed::of(&provider.draft) new=false has_secret=provider.has_secret />
                <FormFoot submit=language.pick("Test and save", "测试并保存") cancel=LIST />
            </Form>
        </Panel>
        <Panel title=language.pick("Take it out of use", "停止使用") id="danger" danger=true body=true>
            <div class="stack stack-s">
                <p class="help">{sentence}</p>
                <div class="btn-row">
                    <PostButton action={form::action::<SwitchIdentityProvider>()} fields=fields>{word}</PostButton>
                    <LinkButton href=format!("{LIST}/{}/delete", form::encode(&slug)) class="btn-quiet btn-quiet-danger" icon="trash">
                        {language.pick("Delete provider", "删除提供方")}
                    </LinkButton>
                </div>
            </div>
        </Panel>
    }
}

/// What the file says, or an admin has said, to be read.
#[component]
fn Told(provider: IdentityProvider) -> impl IntoView {
    let language = use_language();
    let draft = provider.draft;
    let typed = Typed::of(&draft);
    let none = || language.pick("none", "无").to_owned();
    let or_none = |text: String| if text.is_empty() { none() } else { text };
    let mono = |text: String| view! { <span class="mono break">{text}</span> };
    let secret = if provider.has_secret {
        language.pick("given, not shown", "已提供，不显示")
    } else {
        language.pick("none (public client)", "无（公共客户端）")
    };
    let rules = or_none(typed.roles);
    let facts = vec![
        fact(language.pick("Kind", "类型"), kind_in_words(&draft.way, language)),
        fact(language.pick("Issuer", "签发者"), mono(draft.way.issuer().into_owned())),
        fact(language.pick("Client id", "客户端 ID"), mono(typed.client_id)),
        fact(language.pick("Client secret", "客户端密钥"), secret),
        fact(language.pick("Scopes", "范围"), mono(or_none(typed.scopes))),
        fact(language.pick("Mail domains", "邮箱域名"), mono(or_none(typed.domains))),
        fact(language.pick("Roles by claims", "按声明分配角色"), mono(rules)),
    ];
    let (title, note) = if provider.id.is_none() {
        (
            language.pick("By the configuration file", "由配置文件设定"),
            language.pick(
                "stands in the configuration file, and is changed there",
                "来自配置文件，只能在那里修改",
            ),
        )
    } else {
        (
            kind_in_words(&draft.way, language),
            language.pick("to be read; admins change it", "仅供查看，由管理员修改"),
        )
    };
    view! {
        <Panel title=title id="file" note=note body=true>
            <Facts of=facts />
        </Panel>
    }
}

//! Identity providers: who else says who people are. The list, and what belongs to it: adding, editing, testing, deleting.
//!
//! Who reads everything sees the list, the rest is for admins. Those of the configuration file are shown, and changed nowhere but there.

pub(super) mod actions;
pub mod delete;
pub mod edit;
mod fields;
pub mod new;
mod words;

use domain::{
    access::Capability,
    identity::{IdentityProvider, Registration},
};
use leptos::prelude::*;

use self::{actions::SwitchIdentityProvider, words::kind_in_words};
use crate::{components::*, context, error::AppError, form, text::use_language};

/// Where the list stands.
pub(super) const LIST: &str = "/identity-providers";

/// The page of one provider.
pub(super) fn page_of(slug: &str) -> String {
    format!("{LIST}/{}/edit", form::encode(slug))
}

/// `/identity-providers`: every provider, those of the file first.
#[component]
pub fn IdentityProvidersPage() -> impl IntoView {
    page(async move {
        let reader = context::reader()?;
        let may = context::may(Capability::Administer);
        let gateway = context::gateway()?;
        let providers = gateway.identity_providers().list(&reader).await?;
        let registration = gateway
            .options()
            .get(&reader.money(), domain::setting::Setting::Registration)
            .await?;
        let language = use_language();
        let title = language.pick("Sign-in", "登录方式");
        let add = language.pick("Add identity provider", "添加身份提供方");
        if providers.is_empty() {
            return Ok::<_, AppError>(view! {
                <Page title=title place=Place::IdentityProviders>
                    <PageHead title=title />
                    <section class="panel" aria-label=title>
                        <State
                            kind=StateKind::NothingYet
                            title=language.pick("People sign in by password only", "目前只能使用密码登录")
                            text=language.pick(
                                "Add your company's identity provider (OpenID Connect), GitHub, or another OAuth 2 service, and its people sign in with the account they have.",
                                "添加公司的身份提供方（OpenID Connect）、GitHub 或其他 OAuth 2 服务，其用户即可用已有账号登录。",
                            )
                        >
                            {may.then(|| view! { <LinkButton href=format!("{LIST}/new") class="btn-primary" icon="plus">{add}</LinkButton> })}
                        </State>
                    </section>
                </Page>
            }
            .into_any());
        }
        let rows: Vec<_> = providers
            .into_iter()
            .map(|provider| view! { <Row provider=provider /> })
            .collect();
        let mut columns = vec![
            Column::new(language.pick("Provider", "提供方")),
            Column::new(language.pick("Issuer and kind", "签发者与类型")).leaves(3),
            Column::new(language.pick("State", "状态")),
            Column::new(language.pick("People", "人数")).number().leaves(2),
        ];
        columns.extend(may.then(|| Column::actions(language.pick("State", "状态"))));
        let sub = words::registration(Registration::parse(&registration).unwrap_or_default(), language);
        let actions = may.then(|| {
            view! { <LinkButton href=format!("{LIST}/new") class="btn-primary" icon="plus">{add}</LinkButton> }
        });
        Ok(view! {
            <Page title=title place=Place::IdentityProviders>
                <PageHead title=title sub=sub actions=actions.into_any() />
                <section class="panel" aria-label=title>
                    <Table columns=columns>{rows}</Table>
                </section>
                <p class="panel-note">
                    {language.pick("Who may register, and whether passwords work, stands under ", "谁可以注册、是否允许密码登录，见")}
                    <a class="link" href="/settings#sign-in">{language.pick("Settings", "设置")}</a>
                    {language.pick(".", "。")}
                </p>
            </Page>
        }
        .into_any())
    })
}

#[component]
fn Row(provider: IdentityProvider) -> impl IntoView {
    let language = use_language();
    let draft = &provider.draft;
    let (tone, word) = words::state(&provider, language);
    let slug = draft.slug.to_string();
    let issuer = draft.way.issuer();
    let issuer = issuer.strip_prefix("https://").unwrap_or(&issuer).to_owned();
    let title = draft.title.to_string();
    let filed = provider
        .id
        .is_none()
        .then(|| view! { <Badge text=language.pick("file", "配置文件") /> });
    // Of two with one slug, the page shows that of the file.
    let may = context::may(Capability::Administer);
    let name = if provider.shadowed {
        view! { <span class="cell-main">{title.clone()}</span> }.into_any()
    } else {
        view! { <a class="row-link cell-main" href=page_of(&slug)>{title.clone()}</a> }.into_any()
    };
    let switch = (may && provider.id.is_some() && !provider.shadowed).then(|| {
        let fields = vec![("slug", slug.clone()), ("next", LIST.to_owned())];
        let action = form::action::<SwitchIdentityProvider>();
        view! { <SwitchButton action=action fields=fields enabled=provider.enabled title=title small=true /> }
    });
    view! {
        <tr class=(!provider.enabled || provider.shadowed).then_some("is-off")>
            <td class="cell-lead two-line">
                <span class="row-nowrap">{name}{filed}</span>
                <small class="mono">{slug.clone()}</small>
            </td>
            <td class="col-3 two-line">
                <div class="ellipsis mono">{issuer}</div>
                <small>{kind_in_words(&draft.way, language)}</small>
            </td>
            <td class="cell-end"><Status tone=tone text=word /></td>
            <td class="num col-2" data-label=language.pick("People", "人数")>{format::count(provider.people.unsigned_abs())}</td>
            {may.then(|| view! { <td class="cell-actions">{switch}</td> })}
        </tr>
    }
}

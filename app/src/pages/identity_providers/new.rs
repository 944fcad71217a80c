//! `/identity-providers/new`: first a choice of tiles, then (`?kind=…`) the form with what is known filled in.

use domain::identity::Typed;
use leptos::prelude::*;

use super::{LIST, actions::CreateIdentityProvider, fields::IdentityFields};
use crate::{
    components::{Form, FormFoot, Hidden, LinkButton, Page, PageHead, Panel, Place, page},
    context,
    error::AppError,
    form::{self, Query},
    text::{Language, use_language},
};

/// What is on offer. GitHub's addresses: <https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Offer {
    Oidc,
    Github,
    Oauth2,
}

impl Offer {
    const ALL: [Self; 3] = [Self::Oidc, Self::Github, Self::Oauth2];

    const fn id(self) -> &'static str {
        match self {
            Self::Oidc => "oidc",
            Self::Github => "github",
            Self::Oauth2 => "oauth2",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|offer| offer.id() == text)
    }

    const fn title(self, language: Language) -> &'static str {
        match self {
            Self::Oidc => "OpenID Connect",
            Self::Github => "GitHub",
            Self::Oauth2 => language.pick("Another OAuth 2 service", "其他 OAuth 2 服务"),
        }
    }

    const fn note(self, language: Language) -> &'static str {
        match self {
            Self::Oidc => language.pick(
                "Keycloak, Entra ID, Okta, Auth0, Google and most others: the issuer's address is enough.",
                "Keycloak、Entra ID、Okta、Auth0、Google 等：只需签发者地址。",
            ),
            Self::Github => language.pick("An OAuth app of your organisation.", "你所在组织的 OAuth 应用。"),
            Self::Oauth2 => language.pick(
                "A service without discovery: its addresses and the names of its fields are typed.",
                "没有发现机制的服务：需填写各地址和字段名。",
            ),
        }
    }

    fn proposed(self) -> Typed {
        let text = str::to_owned;
        match self {
            Self::Oidc => Typed {
                kind: text("oidc"),
                scopes: text("openid email profile"),
                ..Typed::default()
            },
            Self::Github => Typed {
                kind: text("oauth2"),
                slug: text("github"),
                title: text("GitHub"),
                authorize_url: text("https://github.com/login/oauth/authorize"),
                token_url: text("https://github.com/login/oauth/access_token"),
                userinfo_url: text("https://api.github.com/user"),
                emails_url: text("https://api.github.com/user/emails"),
                subject_field: text("id"),
                email_field: text("email"),
                name_field: text("name"),
                scopes: text("read:user user:email"),
                ..Typed::default()
            },
            Self::Oauth2 => Typed {
                kind: text("oauth2"),
                subject_field: text("id"),
                email_field: text("email"),
                name_field: text("name"),
                ..Typed::default()
            },
        }
    }
}

/// Adds an identity provider.
#[component]
pub fn NewIdentityProviderPage() -> impl IntoView {
    page(async move {
        context::admin()?;
        let callback = context::gateway()?.identity_providers().callback("");
        let chosen = Query::current().get("kind").and_then(|kind| Offer::parse(&kind));
        let language = use_language();
        let title = language.pick("Add identity provider", "添加身份提供方");
        let crumbs = vec![(LIST.to_owned(), language.pick("Sign-in", "登录方式").to_owned())];
        let content = match chosen {
            None => view! { <Tiles /> }.into_any(),
            Some(offer) => view! { <NewForm offer=offer callback=callback /> }.into_any(),
        };
        Ok::<_, AppError>(view! {
            <Page title=title place=Place::IdentityProviders narrow=true>
                <PageHead title=title crumbs=crumbs />
                {content}
            </Page>
        })
    })
}

#[component]
fn Tiles() -> impl IntoView {
    let language = use_language();
    let tiles: Vec<_> = Offer::ALL
        .into_iter()
        .map(|offer| {
            view! {
                <a class="choice" href=format!("{LIST}/new?kind={}", offer.id())>
                    <span class="row-nowrap strong">{offer.title(language)}</span>
                    <span class="choice-note break">{offer.note(language)}</span>
                </a>
            }
        })
        .collect();
    view! {
        <Panel title=language.pick("What does it speak?", "它使用哪种协议？") id="choose" body=true>
            <nav class="choices" aria-label=language.pick("Kinds of identity providers", "身份提供方种类")>{tiles}</nav>
        </Panel>
    }
}

#[component]
fn NewForm(offer: Offer, callback: String) -> impl IntoView {
    let language = use_language();
    let other = view! {
        <LinkButton href=format!("{LIST}/new") class="btn-s btn-quiet" icon="left">{language.pick("Another kind", "选择其他")}</LinkButton>
    };
    let example = callback.replace("//callback", "/NAME/callback");
    let note = match language {
        Language::En => format!(
            "There, register this hub with the address {example} to come back to, NAME being the name in addresses below."
        ),
        Language::Zh => format!("请在对方登记此 Hub 的回调地址 {example}，其中 NAME 为下方的地址名。"),
    };
    view! {
        <Panel title=offer.title(language) id="provider" actions=other.into_any() body=true>
            <Form action={form::action::<CreateIdentityProvider>()}>
                <p class="help break">{note}</p>
                <Hidden name="offer" value=offer.id() />
                <IdentityFields typed=offer.proposed() new=true has_secret=false />
                <FormFoot submit=language.pick("Test and add provider", "测试并添加") cancel=LIST />
            </Form>
        </Panel>
    }
}

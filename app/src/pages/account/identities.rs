//! By what one signs in beside a password: which identities are linked, linking another one, taking one away.

use domain::{
    id::IdentityId,
    identity::{IdentityButton, LinkedIdentity},
    refusal::{Refusal, Thing},
};
use gateway::Purpose;
use leptos::prelude::*;

use crate::{
    components::{Badge, Form, Hidden, Icon, Panel, PostButton, SubmitButton, TextField, Time, TimeStyle, Tone},
    context,
    error::AppError,
    form::{self, AtField as _, Back, Done, Refused, action},
    text::{Language, use_language},
};

const PAGE: &str = "/account";

/// Leads the browser to a provider, to link what it says to this account.
#[server]
pub async fn link_identity(
    /// The provider.
    provider: String,
    /// The present password, where there is one.
    #[server(default)]
    current: String,
) -> Result<(), AppError> {
    form::submit(Back::to(PAGE).part(&provider), async {
        let (viewer, gateway, visitor) = (context::viewer()?, context::gateway()?, context::visitor()?);
        let address = context::address()?;
        let purpose = Purpose::Link {
            viewer: &viewer,
            password: &current,
        };
        let identities = gateway.identities();
        let begun = match identities
            .begin(address.origin(), &provider, purpose, visitor.browser())
            .await
        {
            Err(error) if error.refusal() == Refusal::WrongCredentials => {
                return Err(Refused::saying("current", AppError::WrongPassword));
            }
            Err(error) if matches!(error.refusal(), Refusal::TryLater { .. }) => Err(error).at("current")?,
            begun => begun?,
        };
        context::carry(&visitor, &begun);
        Ok(Done::away(begun.url, PAGE))
    })
    .await
}

/// Takes an identity away from this account.
#[server]
pub async fn unlink_identity(
    /// The identity's id.
    id: String,
) -> Result<(), AppError> {
    form::submit(Back::to(PAGE), async {
        let (viewer, visitor, address) = (context::viewer()?, context::visitor()?, context::address()?);
        let id: IdentityId = id.parse().map_err(|_| context::missing(Thing::Identity))?;
        context::gateway()?
            .identities()
            .unlink(&viewer, address.origin(), id)
            .await?;
        let words = visitor.language.pick(
            "It is unlinked and signs in to this account no more.",
            "已取消关联，不能再用它登录此账号。",
        );
        Ok(Done::to(PAGE).saying(words))
    })
    .await
}

/// The list, and a form for each provider that may be linked: with the password, where the account has one.
#[component]
pub(super) fn IdentitiesPanel(
    linked: Vec<LinkedIdentity>,
    buttons: Vec<IdentityButton>,
    has_password: bool,
) -> impl IntoView {
    let language = use_language();
    let none = linked.is_empty();
    // One of each is enough for anybody.
    let linked_by = |button: &IdentityButton| {
        linked
            .iter()
            .any(|identity| identity.provider.as_ref() == Some(&button.title))
    };
    let buttons: Vec<_> = buttons.into_iter().filter(|button| !linked_by(button)).collect();
    let rows: Vec<_> = linked
        .into_iter()
        .map(|identity| view! { <Row identity=identity /> })
        .collect();
    let foot = (!buttons.is_empty()).then(|| {
        let buttons: Vec<_> = buttons
            .into_iter()
            .map(|button| {
                let word = match language {
                    Language::En => format!("Link {}", button.title),
                    Language::Zh => format!("关联 {}", button.title),
                };
                let label = match language {
                    Language::En => format!("Your password, to link {}", button.title),
                    Language::Zh => format!("你的密码（用于关联 {}）", button.title),
                };
                let slug = button.slug.to_string();
                let part = slug.clone();
                view! {
                    <Form action={action::<LinkIdentity>()} part=part class="form form-tight">
                        <Hidden name="provider" value=slug />
                        {has_password.then(|| view! {
                            <TextField name="current" kind="password" label=label autocomplete="current-password" max_length=200_u32 />
                        })}
                        <div class="form-foot"><SubmitButton class="" icon="plus">{word}</SubmitButton></div>
                    </Form>
                }
            })
            .collect();
        view! { <div class="stack">{buttons}</div> }.into_any()
    });
    let empty = none.then(|| {
        view! {
            <li>
                <Icon name="info" />
                <div class="list-main">
                    {language.pick(
                        "No identity is linked. Link one, and you can sign in by it as well.",
                        "尚未关联任何身份。关联后也可以用它登录。",
                    )}
                </div>
            </li>
        }
    });
    let title = language.pick("Sign-in by providers", "通过身份提供方登录");
    let list = view! { <ul class="list">{empty}{rows}</ul> };
    match foot {
        Some(foot) => view! { <Panel title=title id="identities" foot=foot>{list}</Panel> }.into_any(),
        None => view! { <Panel title=title id="identities">{list}</Panel> }.into_any(),
    }
}

#[component]
fn Row(identity: LinkedIdentity) -> impl IntoView {
    let language = use_language();
    let name = identity
        .provider
        .as_ref()
        .map_or_else(|| identity.issuer.clone(), ToString::to_string);
    let who = identity.email.clone().unwrap_or_else(|| identity.subject.clone());
    let label = match language {
        Language::En => format!("Unlink {name}, {who}"),
        Language::Zh => format!("取消关联 {name}，{who}"),
    };
    let used = identity.last_used_at.map(|at| {
        view! { {language.pick(", last used ", "，上次使用 ")}<Time at=at style=TimeStyle::Ago /> }
    });
    let off = identity
        .provider
        .is_none()
        .then(|| view! { <Badge tone=Tone::Off text=language.pick("not offered now", "目前不可用") /> });
    view! {
        <li>
            <Icon name="lock" />
            <div class="list-main">
                <span class="break" title=identity.issuer.clone()>{name}</span>" "{off}
                <p class="list-note">
                    <span class="break">{who}</span>
                    {language.pick(", linked ", "，关联于 ")}
                    <Time at=identity.created_at />
                    {used}
                </p>
            </div>
            <div class="list-end">
                <PostButton action={action::<UnlinkIdentity>()} fields=vec![("id", identity.id.to_string())] class="btn-s" label=label>
                    {language.pick("Unlink", "取消关联")}
                </PostButton>
            </div>
        </li>
    }
}

//! The page behind an invitation: a name and a password, or on to an identity provider.

use gateway::{Invited, Purpose};
use leptos::prelude::*;

use super::{
    behind::{Another, behind, token, with_token},
    choose::{ChoosePassword, enter, twice},
    providers::ProviderButtons,
};
use crate::{
    components::{Form, Hidden, SubmitButton, TextField, page},
    context,
    error::AppError,
    form::{self, Back, Done},
    pages::users::optional_name,
    text::{Language, use_language},
};

/// Makes the account and signs in to it. The invitation works once.
#[server]
pub async fn accept_invitation(
    /// Out of the link.
    #[server(default)]
    token: String,
    /// What people call them.
    #[server(default)]
    name: String,
    /// The password.
    #[server(default)]
    password: String,
    /// The same again.
    #[server(default)]
    repeated: String,
) -> Result<(), AppError> {
    form::submit(Back::to(page_of(&token)).keeping("name", &name), async {
        let (gateway, address) = (context::gateway()?, context::address()?);
        let name = optional_name(&name)?;
        twice(&password, &repeated)?;
        let made = gateway
            .invitations()
            .accept(address.origin(), &token, name.as_ref(), &password)
            .await;
        enter(made).await
    })
    .await
}

/// Leads the browser to a provider; who comes back is let in by the invitation.
#[server]
pub async fn begin_accept(
    /// The provider.
    provider: String,
    /// Out of the link.
    #[server(default)]
    token: String,
) -> Result<(), AppError> {
    form::submit(Back::to(page_of(&token)), async {
        let (gateway, visitor, address) = (context::gateway()?, context::visitor()?, context::address()?);
        gateway.invitations().look(&token).await?;
        let begun = gateway
            .identities()
            .begin(address.origin(), &provider, Purpose::Accept(&token), visitor.browser())
            .await?;
        context::carry(&visitor, &begun);
        Ok(Done::away(begun.url, page_of(&token)))
    })
    .await
}

fn page_of(token: &str) -> String {
    with_token("/invite", token)
}

/// `/invite?token=…`.
#[component]
pub fn InvitePage() -> impl IntoView {
    page(async move {
        let gateway = context::gateway()?;
        let (language, token) = (use_language(), token());
        let looked = gateway.invitations().look(&token).await;
        let passwords = gateway.identities().passwords_are_on().await?;
        let buttons = gateway.identities().buttons().await?;
        let another = Another {
            text: language.pick(
                "An invitation works once and for some days, and whoever made it can take it back. Ask them for another one.",
                "邀请只能使用一次，在有限的天数内有效，邀请人也可以撤销。请向对方重新索取。",
            ),
            href: "/sign-in",
            word: language.pick("To the sign-in page", "前往登录页"),
        };
        behind(
            looked,
            language.pick("You are invited", "你收到了邀请"),
            another,
            |invited| {
                let alone = buttons.is_empty();
                let between = !alone && passwords;
                let carried = ("token", token.clone());
                let form = view! {
                    {(!alone).then(|| view! { <ProviderButtons buttons=buttons action={form::action::<BeginAccept>()} carried=carried /> })}
                    {between.then(|| view! { <p class="gate-or">{language.pick("or by password", "或使用密码")}</p> })}
                    {passwords.then(|| view! { <PasswordForm token=token focus=!between /> })}
                };
                (sentence(&invited, language), form)
            },
        )
    })
}

#[component]
fn PasswordForm(token: String, focus: bool) -> impl IntoView {
    let language = use_language();
    view! {
        <Form action={form::action::<AcceptInvitation>()} class="form form-tight">
            <Hidden name="token" value=token />
            <TextField name="name" label=language.pick("Name", "姓名") optional=true autocomplete="name" max_length=80_u32 focus=focus />
            <ChoosePassword />
            <SubmitButton class="btn-primary btn-wide">{language.pick("Accept the invitation", "接受邀请")}</SubmitButton>
        </Form>
    }
}

fn sentence(invited: &Invited, language: Language) -> String {
    let (email, role) = (&invited.email, language.role(invited.role));
    let told = match (language, &invited.by) {
        (Language::En, Some(by)) => format!("{by} invites {email} as {}.", role.to_lowercase()),
        (Language::En, None) => format!("{email} is invited as {}.", role.to_lowercase()),
        (Language::Zh, Some(by)) => format!("{by} 邀请 {email} 以“{role}”身份加入。"),
        (Language::Zh, None) => format!("{email} 受邀以“{role}”身份加入。"),
    };
    match (language, &invited.project) {
        (_, None) => told,
        (Language::En, Some(project)) => format!("{told} You come into the project {project}."),
        (Language::Zh, Some(project)) => format!("{told}你将加入项目“{project}”。"),
    }
}

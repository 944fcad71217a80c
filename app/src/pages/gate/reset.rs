//! A new password for who has lost theirs: asking for the mail (`/forgot`), and the page behind its link (`/reset`).

use domain::{mail::MailLanguage, name::Email};
use leptos::prelude::*;

use super::{
    asking::AskingPage,
    behind::{Another, behind, token, with_token},
    choose::{ChoosePassword, at_password, twice},
};
use crate::{
    components::{Form, Hidden, SubmitButton, page},
    context,
    error::AppError,
    form::{self, Back, Done},
    text::use_language,
};

/// Has a link sent. The answer is the same for every address.
#[server]
pub async fn ask_reset(
    /// Whose password is lost.
    #[server(default)]
    email: String,
) -> Result<(), AppError> {
    form::submit(Back::to("/forgot").keeping("email", &email), async {
        let (gateway, visitor, address) = (context::gateway()?, context::visitor()?, context::address()?);
        let email = form::parse::<Email>("email", &email)?;
        let language = MailLanguage::of_tag(visitor.language.tag());
        gateway.door().ask_reset(address.origin(), &email, language).await?;
        Ok(Done::to("/forgot?sent=yes"))
    })
    .await
}

/// Sets the new password. The person signs in with it then.
#[server]
pub async fn reset_password(
    /// Out of the link.
    #[server(default)]
    token: String,
    /// The new password.
    #[server(default)]
    password: String,
    /// The same again.
    #[server(default)]
    repeated: String,
) -> Result<(), AppError> {
    form::submit(Back::to(with_token("/reset", &token)), async {
        let (gateway, visitor, address) = (context::gateway()?, context::visitor()?, context::address()?);
        twice(&password, &repeated)?;
        at_password(gateway.door().reset(address.origin(), &token, &password).await)?;
        let words = visitor.language.pick(
            "Your password is set. You are signed out everywhere; sign in with the new one.",
            "密码已设置，所有登录均已退出。请用新密码登录。",
        );
        Ok(Done::to("/sign-in").saying(words))
    })
    .await
}

/// `/forgot`.
#[component]
pub fn ForgotPage() -> impl IntoView {
    page(async move {
        let works = context::gateway()?.door().resets_passwords().await?;
        let language = use_language();
        Ok::<_, AppError>(view! {
            <AskingPage
                title=language.pick("Choose a new password", "设置新密码")
                text=language.pick("Type your address, and a link comes by mail.", "输入你的邮箱，我们会发送一个链接。")
                works=works
                shut=language.pick(
                    "This hub sends no mail for that. An admin can set a new password for you, under Users.",
                    "此 Hub 不能通过邮件重设密码。管理员可以在“用户”中为你重设。",
                )
                sent=language.pick(
                    "If somebody signs in here with that address, a mail with a link is on its way. It works for 30 minutes. If none comes, look into the folder for spam, or ask an admin.",
                    "如果这个邮箱可以在这里登录，带链接的邮件已在发送途中，30 分钟内有效。如果没有收到，请查看垃圾邮件或联系管理员。",
                )
                action={form::action::<AskReset>()}
                autocomplete="username"
                back=language.pick("Back to the sign-in page", "返回登录页")
            />
        })
    })
}

/// `/reset?token=…`.
#[component]
pub fn ResetPage() -> impl IntoView {
    page(async move {
        let (language, token) = (use_language(), token());
        let looked = context::gateway()?.door().check_reset(&token).await;
        let another = Another {
            text: language.pick(
                "A link for a new password works once and for 30 minutes. Ask for another one.",
                "设置密码的链接只能使用一次，30 分钟内有效。请重新申请。",
            ),
            href: "/forgot",
            word: language.pick("Ask for another link", "重新申请链接"),
        };
        behind(
            looked,
            language.pick("Choose a new password", "设置新密码"),
            another,
            |email| {
                let form = view! {
                    <Form action={form::action::<ResetPassword>()} class="form form-tight">
                        <Hidden name="token" value=token />
                        <ChoosePassword focus=true />
                        <SubmitButton class="btn-primary btn-wide">{language.pick("Set the password", "设置密码")}</SubmitButton>
                    </Form>
                };
                (email, form)
            },
        )
    })
}

//! Registering by oneself, where registration is open: asking for the mail (`/register`), and the page behind its link, which
//! makes the account (`/register/complete`).

use domain::{mail::MailLanguage, name::Email};
use leptos::prelude::*;

use super::{
    asking::AskingPage,
    behind::{Another, behind, token, with_token},
    choose::{ChoosePassword, enter, twice},
};
use crate::{
    components::{Form, Hidden, SubmitButton, TextField, page},
    context,
    error::AppError,
    form::{self, Back, Done},
    pages::users::optional_name,
    text::use_language,
};

/// Has a link sent. The answer is the same for every address.
#[server]
pub async fn ask_register(
    /// Whose account it will be.
    #[server(default)]
    email: String,
) -> Result<(), AppError> {
    form::submit(Back::to("/register").keeping("email", &email), async {
        let (gateway, visitor, address) = (context::gateway()?, context::visitor()?, context::address()?);
        let email = form::parse::<Email>("email", &email)?;
        let language = MailLanguage::of_tag(visitor.language.tag());
        gateway.door().ask_register(address.origin(), &email, language).await?;
        Ok(Done::to("/register?sent=yes"))
    })
    .await
}

/// Makes the account and signs in to it.
#[server]
pub async fn complete_register(
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
    let back = Back::to(with_token("/register/complete", &token)).keeping("name", &name);
    form::submit(back, async {
        let (gateway, address) = (context::gateway()?, context::address()?);
        let name = optional_name(&name)?;
        twice(&password, &repeated)?;
        let made = gateway
            .door()
            .register(address.origin(), &token, name.as_ref(), &password)
            .await;
        enter(made).await
    })
    .await
}

/// `/register`.
#[component]
pub fn RegisterPage() -> impl IntoView {
    page(async move {
        let works = context::gateway()?.door().is_open().await?;
        let language = use_language();
        Ok::<_, AppError>(view! {
            <AskingPage
                title=language.pick("Make an account", "创建账号")
                text=language.pick(
                    "Type your address, and a link comes by mail by which you choose a password.",
                    "输入你的邮箱，我们会发送链接，由你设置密码。",
                )
                works=works
                shut=language.pick(
                    "Nobody can register here by themselves. Ask an admin for an invitation.",
                    "这里不能自行注册，请向管理员索取邀请。",
                )
                sent=language.pick(
                    "A mail is on its way. Its link makes the account; it works for 24 hours. If none comes, look into the folder for spam, or ask again in 15 minutes.",
                    "邮件已在发送途中。其中的链接用于创建账号，24 小时内有效。如果没有收到，请查看垃圾邮件，或 15 分钟后再试。",
                )
                action={form::action::<AskRegister>()}
                autocomplete="email"
                back=language.pick("I have an account", "我已有账号")
            />
        })
    })
}

/// `/register/complete?token=…`.
#[component]
pub fn CompleteRegisterPage() -> impl IntoView {
    page(async move {
        let (language, token) = (use_language(), token());
        let looked = context::gateway()?.door().check_register(&token).await;
        let another = Another {
            text: language.pick(
                "A link that makes an account works once and for 24 hours. Ask for another one.",
                "创建账号的链接只能使用一次，24 小时内有效。请重新申请。",
            ),
            href: "/register",
            word: language.pick("Ask for another link", "重新申请链接"),
        };
        behind(
            looked,
            language.pick("Make your account", "创建你的账号"),
            another,
            |email| {
                let form = view! {
                    <Form action={form::action::<CompleteRegister>()} class="form form-tight">
                        <Hidden name="token" value=token />
                        <TextField name="name" label=language.pick("Name", "姓名") optional=true autocomplete="name" max_length=80_u32 focus=true />
                        <ChoosePassword />
                        <SubmitButton class="btn-primary btn-wide">{language.pick("Make the account", "创建账号")}</SubmitButton>
                    </Form>
                };
                (email.to_string(), form)
            },
        )
    })
}

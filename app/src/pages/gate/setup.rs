//! The page behind the one-time link that the first start prints: it makes the first admin.

use domain::{name::Email, refusal::Refusal};
use leptos::prelude::*;

use super::{
    behind::{token, with_token},
    choose::{ChoosePassword, at_password, twice},
    head::Head,
};
use crate::{
    components::{Form, GatePage, Hidden, LinkButton, State, StateKind, SubmitButton, TextField, page},
    context,
    error::AppError,
    form::{self, Back, Done},
    text::use_language,
};

/// Makes the first admin and signs them in. The link works once.
#[server]
pub async fn complete_setup(
    /// Out of the link.
    token: String,
    /// How the admin will sign in.
    email: String,
    /// Their password.
    password: String,
    /// The password again.
    repeated: String,
) -> Result<(), AppError> {
    let back = Back::to(with_token("/setup", &token)).keeping("email", &email);
    form::submit(back, async {
        let (gateway, visitor, address) = (context::gateway()?, context::visitor()?, context::address()?);
        let email = form::parse::<Email>("email", &email)?;
        twice(&password, &repeated)?;
        let made = gateway
            .setup()
            .complete(address.origin(), &token, &email, &password)
            .await;
        let viewer = at_password(made)?;
        context::session()?
            .0
            .sign_in(viewer.id, gateway::Secured::NEVER)
            .await?;
        let words = visitor.language.pick(
            "Welcome. You are the first admin of this hub.",
            "欢迎。你是这个 Hub 的第一位管理员。",
        );
        Ok(Done::to("/").saying(words))
    })
    .await
}

/// The form, or what to do when the link is not valid any more.
#[component]
pub fn SetupPage() -> impl IntoView {
    page(async move {
        let gateway = context::gateway()?;
        let token = token();
        let usable = match gateway.setup().check(&token).await {
            Ok(()) => {
                // The form holds the link's secret.
                context::keep_plain();
                true
            }
            Err(error) if error.refusal() == Refusal::SetupLink => false,
            Err(error) => return Err(error.into()),
        };
        let needed = gateway.setup().needed().await?;
        let title = use_language().pick("Set up the hub", "设置 Hub");
        Ok(view! {
            <GatePage title=title wide=!usable>
                {if usable { view! { <SetupForm token=token /> }.into_any() } else { view! { <Unusable needed=needed /> }.into_any() }}
            </GatePage>
        })
    })
}

#[component]
fn SetupForm(token: String) -> impl IntoView {
    let language = use_language();
    view! {
        <Head
            title=language.pick("Make the first admin", "创建第一位管理员")
            text=language.pick(
                "This account connects providers and adds people. The link works once.",
                "这个账号用来连接提供商和添加用户。此链接只能使用一次。",
            )
        />
        <Form action={form::action::<CompleteSetup>()} class="form form-tight">
            <Hidden name="token" value=token />
            <TextField name="email" kind="email" label=language.pick("E-mail", "邮箱") autocomplete="username" max_length=254_u32 focus=true />
            <ChoosePassword />
            <SubmitButton class="btn-primary btn-wide">{language.pick("Create admin", "创建管理员")}</SubmitButton>
        </Form>
    }
}

#[component]
fn Unusable(needed: bool) -> impl IntoView {
    let language = use_language();
    if needed {
        view! {
            <State
                kind=StateKind::Failed
                level=1
                title=language.pick("This set-up link is not valid any more", "此设置链接已失效")
                text=language.pick(
                    "A link works once and for one hour. Start the hub again: until there is an admin, each start prints a new link in its terminal.",
                    "链接只能使用一次，有效期一小时。请重新启动 Hub：在有管理员之前，每次启动都会在终端打印新的链接。",
                )
            />
        }
        .into_any()
    } else {
        view! {
            <State
                kind=StateKind::NoMatch
                level=1
                title=language.pick("This hub is set up already", "此 Hub 已完成设置")
                text=language.pick(
                    "It has an admin. Sign in, or ask an admin to add you.",
                    "它已经有管理员。请登录，或请管理员添加你。",
                )
            >
                <LinkButton href="/sign-in" class="btn-primary">{language.pick("Sign in", "登录")}</LinkButton>
            </State>
        }
        .into_any()
    }
}

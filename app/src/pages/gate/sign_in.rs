//! Signing in: by an identity provider where there is one (`providers`), or by e-mail and password.

use leptos::prelude::*;

use super::{
    head::Head,
    providers::{BeginSignIn, ProviderButtons},
};
use crate::{
    components::{Banner, Form, GatePage, Hidden, SubmitButton, TextField, Tone, page},
    context,
    error::AppError,
    form::{self, AtField, Back, Done, Query},
    pages::welcome,
    text::use_language,
};

/// Checks e-mail and password and begins a session under a new id. Failures are delayed and counted by the engine.
#[server]
pub async fn sign_in(
    /// Who.
    email: String,
    /// Their password.
    password: String,
    /// The page that was asked for first.
    #[server(default)]
    next: String,
) -> Result<(), AppError> {
    let next = context::local_path(Some(&next)).to_owned();
    let back = if next == "/" {
        "/sign-in".to_owned()
    } else {
        format!("/sign-in?next={}", form::encode(&next))
    };
    form::submit(Back::to(back).keeping("email", &email), async {
        let (gateway, visitor, address) = (context::gateway()?, context::visitor()?, context::address()?);
        let gateway::SignedIn { viewer, secured } = gateway
            .sessions()
            .sign_in(address.origin(), &email, &password)
            .await
            .at("password")?;
        context::session()?.0.sign_in(viewer.id, secured).await?;
        context::recall(&gateway, &visitor, &viewer).await?;
        Ok(Done::to(welcome::first(&gateway, &viewer, &next).await?))
    })
    .await
}

/// The form; whoever is signed in already goes on.
#[component]
pub fn SignInPage() -> impl IntoView {
    page(async move {
        let (gateway, visitor) = (context::gateway()?, context::visitor()?);
        let next = Query::current().get("next").unwrap_or_default();
        if visitor.viewer.is_some() {
            context::redirect(&next);
            return Ok(().into_any());
        }
        let language = use_language();
        let empty = gateway.setup().needed().await?;
        let buttons = gateway.identities().buttons().await?;
        let passwords = gateway.identities().passwords_are_on().await?;
        let (resets, registers) = (
            gateway.door().resets_passwords().await?,
            gateway.door().is_open().await?,
        );
        let title = language.pick("Sign in", "登录");
        let between = !buttons.is_empty() && passwords;
        let by_provider = (!buttons.is_empty()).then(|| {
            let carried = ("next", next.clone());
            view! { <ProviderButtons buttons=buttons action={form::action::<BeginSignIn>()} carried=carried /> }
        });
        let view = view! {
            <GatePage title=title>
                <Head
                    title=language.pick("Sign in to AIGNE Hub", "登录 AIGNE Hub")
                    text=language.pick("One endpoint and one key for every model.", "一个端点、一个密钥，连接所有模型。")
                />
                {empty.then(|| view! {
                    <Banner tone=Tone::Warning>
                        {language.pick(
                            "Nobody can sign in yet. Open the set-up link that the hub printed in its terminal when it started.",
                            "还没有人可以登录。请打开 Hub 启动时在终端打印的设置链接。",
                        )}
                    </Banner>
                })}
                {by_provider}
                {between.then(|| view! { <p class="gate-or">{language.pick("or by password", "或使用密码")}</p> })}
                {passwords.then(|| view! { <PasswordForm next=next focus=!between resets=resets /> })}
                {registers.then(|| view! {
                    <p class="help">
                        {language.pick("No account yet? ", "还没有账号？")}
                        <a class="link" href="/register">{language.pick("Make one", "创建账号")}</a>
                    </p>
                })}
                {(!passwords && !between && !empty).then(|| view! {
                    <p class="help">{language.pick("Passwords are switched off here.", "这里已停用密码登录。")}</p>
                })}
            </GatePage>
        };
        Ok::<_, AppError>(view.into_any())
    })
}

#[component]
fn PasswordForm(
    /// Where to go on.
    next: String,
    /// Typing may begin at once: nothing stands above it.
    focus: bool,
    /// Who has lost the password gets a mail.
    resets: bool,
) -> impl IntoView {
    let language = use_language();
    let submit = if focus { "btn-primary btn-wide" } else { "btn-wide" };
    view! {
        <Form action={form::action::<SignIn>()} class="form form-tight">
            <Hidden name="next" value=next />
            <TextField name="email" kind="email" label=language.pick("E-mail", "邮箱") autocomplete="username" max_length=254_u32 focus=focus />
            <TextField
                name="password"
                kind="password"
                label=language.pick("Password", "密码")
                autocomplete="current-password"
                max_length=200_u32
            />
            <SubmitButton class=submit>{language.pick("Sign in", "登录")}</SubmitButton>
        </Form>
        <p class="help">
            {if resets {
                view! { <a class="link" href="/forgot">{language.pick("Forgot the password?", "忘记密码？")}</a> }.into_any()
            } else {
                language.pick("Forgot the password? An admin can set a new one under Users.", "忘记密码？管理员可以在“用户”中为你重设。").into_any()
            }}
        </p>
    }
}

//! `/welcome`: what somebody new does first: a key, a client, a question, and where their credit stands. Shown once by itself,
//! after the first sign-in or after an invitation was accepted; the address stays.

use domain::{
    access::{Capability, Viewer},
    setting::Mode,
};
use gateway::Gateway;
use leptos::prelude::*;

use crate::{
    components::*,
    context,
    error::AppError,
    pages::keys::connect,
    text::{Language, use_language},
};

/// Where somebody goes on who has just come in: to this page the first time, unless they wanted to go somewhere.
///
/// # Errors
/// The database's.
pub async fn first(gateway: &Gateway, viewer: &Viewer, next: &str) -> Result<String, AppError> {
    // Who runs the hub finds the next step on the overview.
    let for_them = viewer.may(Capability::Call) && !viewer.may(Capability::Administer);
    if next == "/" && for_them && gateway.users().greet(viewer).await? {
        return Ok("/welcome".to_owned());
    }
    Ok(next.to_owned())
}

/// The page.
#[component]
pub fn WelcomePage() -> impl IntoView {
    page(async move {
        let holder = context::key_holder()?;
        let (viewer, gateway, language) = (holder.viewer(), context::gateway()?, use_language());
        let has_key = gateway.keys().own(viewer).any().await?;
        let paid = gateway.snapshot().mode() == Mode::ServiceProvider;
        let title = language.pick("Welcome to AIGNE Hub", "欢迎使用 AIGNE Hub");
        let note = match language {
            Language::En => format!("You are signed in as {}.", viewer.email),
            Language::Zh => format!("你已登录为 {}。", viewer.email),
        };
        let (word, href) = if has_key {
            (language.pick("Your API keys", "你的 API 密钥"), "/keys")
        } else {
            (language.pick("Create API key", "创建 API 密钥"), "/keys/new")
        };
        Ok::<_, AppError>(view! {
            <Page title=title place=Place::Nowhere narrow=true>
                <PageHead title=title sub=note />
                <Panel title=language.pick("First steps", "开始使用") id="first">
                    <ol class="list" role="list">
                        {step(
                            "key",
                            language.pick("Make a key", "创建密钥"),
                            language.pick(
                                "A program signs in with an API key. It is shown once, so have a place for it.",
                                "程序使用 API 密钥登录。密钥只显示一次，请先准备好保存的位置。",
                            ),
                            view! { <LinkButton href=href class="btn-primary">{word}</LinkButton> },
                        )}
                        {step(
                            "play-chat",
                            language.pick("Ask a model here", "在这里试用模型"),
                            language.pick(
                                "The playground needs no key and shows what each answer costs.",
                                "试用页面无需密钥，并显示每次回答的费用。",
                            ),
                            view! { <LinkButton href="/playground">{language.pick("Playground", "试用")}</LinkButton> },
                        )}
                        {paid.then(|| step(
                            "credits",
                            language.pick("See your credit", "查看额度"),
                            language.pick(
                                "Calls are paid from your credit. The page shows what you have, until when it lives, and what took it.",
                                "调用由你的额度支付。额度页面显示余额、有效期和用途。",
                            ),
                            view! { <LinkButton href="/credits">{language.pick("Credits", "额度")}</LinkButton> },
                        ))}
                    </ol>
                </Panel>
                {connect::section(&gateway, None)}
                <div class="btn-row"><LinkButton href="/">{language.pick("To the overview", "前往概览")}</LinkButton></div>
            </Page>
        })
    })
}

/// One thing to do, and the button that leads to it.
fn step(icon: &'static str, title: &'static str, text: &'static str, button: impl IntoView) -> impl IntoView {
    view! {
        <li>
            <Icon name=icon/>
            <div class="list-main">
                <h3 class="setting-title">{title}</h3>
                <p class="list-note">{text}</p>
            </div>
            <div class="list-end">{button}</div>
        </li>
    }
}

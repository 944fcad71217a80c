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
        let has_key = !gateway.keys().list(viewer).await?.is_empty();
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
                <Panel title=language.pick("1. Make a key", "1. 创建密钥") id="key" body=true>
                    <div class="stack stack-s">
                        <p>{language.pick(
                            "A program signs in with an API key. It is shown once, so have a place for it.",
                            "程序使用 API 密钥登录。密钥只显示一次，请先准备好保存的位置。",
                        )}</p>
                        <div class="btn-row"><LinkButton href=href class="btn-primary" icon="key">{word}</LinkButton></div>
                    </div>
                </Panel>
                <Panel title=language.pick("2. Ask a model here", "2. 在这里试用模型") id="try" body=true>
                    <div class="stack stack-s">
                        <p>{language.pick(
                            "The playground needs no key and shows what each answer costs.",
                            "试用页面无需密钥，并显示每次回答的费用。",
                        )}</p>
                        <div class="btn-row"><LinkButton href="/playground" icon="play-chat">{language.pick("Playground", "试用")}</LinkButton></div>
                    </div>
                </Panel>
                {paid.then(|| view! {
                    <Panel title=language.pick("3. Your credit", "3. 你的额度") id="credit" body=true>
                        <div class="stack stack-s">
                            <p>{language.pick(
                                "Calls are paid from your credit. The page shows what you have, until when it lives, and what took it.",
                                "调用由你的额度支付。额度页面显示余额、有效期和用途。",
                            )}</p>
                            <div class="btn-row"><LinkButton href="/credits" icon="credits">{language.pick("Credits", "额度")}</LinkButton></div>
                        </div>
                    </Panel>
                })}
                {connect::section(&gateway, None)}
                <div class="btn-row"><LinkButton href="/">{language.pick("To the overview", "前往概览")}</LinkButton></div>
            </Page>
        })
    })
}

//! What the pages behind links share: the heads, the word that a link works no more, and that a mail is on its way.

use domain::door::DoorRefusal;
use gateway::Error;
use leptos::prelude::*;

use crate::{
    components::{GatePage, LinkButton, State, StateKind},
    error::AppError,
    text::use_language,
};

/// What a link says; none when it works no more.
///
/// # Errors
/// Everything else that went wrong.
pub fn usable<T>(looked: Result<T, Error>) -> Result<Option<T>, AppError> {
    match looked {
        Ok(found) => Ok(Some(found)),
        Err(Error::Door(DoorRefusal::Link)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Heading and sentence.
#[component]
pub fn Head(
    /// The heading.
    title: &'static str,
    /// What it is about.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <div><h1>{title}</h1><p class="soft break">{text}</p></div> }
}

/// The page behind a link that works no more.
#[component]
pub fn Unusable(
    /// What to do.
    #[prop(into)]
    text: String,
    /// Where a new one is asked for.
    href: &'static str,
    /// What its button says.
    word: &'static str,
) -> impl IntoView {
    let title = use_language().pick("This link is not valid any more", "此链接已失效");
    view! {
        <GatePage title=title wide=true>
            <State kind=StateKind::Failed level=1 title=title text=text>
                <LinkButton href=href class="btn-primary">{word}</LinkButton>
            </State>
        </GatePage>
    }
}

/// A mail is on its way, whoever asked.
#[component]
pub fn OnItsWay(
    /// What to look for, and what it means when nothing comes.
    text: &'static str,
) -> impl IntoView {
    let language = use_language();
    view! {
        <State kind=StateKind::Done level=1 title=language.pick("Look into your mailbox", "请查看邮箱") text=text>
            <LinkButton href="/sign-in">{language.pick("To the sign-in page", "返回登录页")}</LinkButton>
        </State>
    }
}

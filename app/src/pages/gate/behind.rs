//! The pages behind links that came by mail (`reset`, `register`, `confirm`, `invite`): what the link is for and its form, or that it
//! works no more and where another one is had.

use domain::door::DoorRefusal;
use gateway::Error;
use leptos::prelude::*;

use super::head::Head;
use crate::{
    components::{GatePage, LinkButton, State, StateKind},
    context,
    error::AppError,
    form::{self, Query},
    text::use_language,
};

/// What to do when a link works no more.
pub struct Another {
    /// Why that may be, and what to do.
    pub text: &'static str,
    /// Where another one is asked for.
    pub href: &'static str,
    /// What the button there says.
    pub word: &'static str,
}

/// The token of the page's address.
pub fn token() -> String {
    Query::current().get("token").unwrap_or_default()
}

/// The address of a page with the token of its link.
pub fn with_token(path: &str, token: &str) -> String {
    format!("{path}?token={}", form::encode(token))
}

/// The page: what was `looked` up by the token decides. `content` says what the link is about, in a sentence, and gives the form.
///
/// # Errors
/// When the looking went wrong in any other way than that the link works no more.
pub fn behind<T, V: IntoView + 'static>(
    looked: Result<T, Error>,
    title: &'static str,
    another: Another,
    content: impl FnOnce(T) -> (String, V),
) -> Result<AnyView, AppError> {
    let found = match looked {
        Ok(found) => found,
        Err(Error::Door(DoorRefusal::Link)) => return Ok(over(another).into_any()),
        Err(error) => return Err(error.into()),
    };
    // The form holds the link's secret.
    context::keep_plain();
    let (text, form) = content(found);
    Ok(view! { <GatePage title=title><Head title=title text=text />{form}</GatePage> }.into_any())
}

fn over(another: Another) -> impl IntoView {
    let title = use_language().pick("This link is not valid any more", "此链接已失效");
    view! {
        <GatePage title=title wide=true>
            <State kind=StateKind::Failed level=1 title=title text=another.text>
                <LinkButton href=another.href class="btn-primary">{another.word}</LinkButton>
            </State>
        </GatePage>
    }
}

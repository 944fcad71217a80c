//! One's own account: password, where one is signed in, language and theme.

pub mod actions;
mod appearance;
mod password;
mod sessions;

use leptos::prelude::*;

use self::{appearance::Appearance, password::PasswordPanel, sessions::SessionsPanel};
use crate::{
    components::{Page, PageHead, Place, page},
    context,
    error::AppError,
    text::use_language,
};

/// Everything about oneself on one page.
#[component]
pub fn AccountPage() -> impl IntoView {
    page(async move {
        let (viewer, visitor) = (context::viewer()?, context::visitor()?);
        let sessions = context::gateway()?.sessions().list(&viewer, visitor.session).await?;
        let title = use_language().pick("Account", "账号");
        let email = viewer.email.to_string();
        Ok::<_, AppError>(view! {
            <Page title=title place=Place::Account narrow=true>
                <PageHead title=title note=email.clone() />
                <Appearance theme=visitor.theme />
                <PasswordPanel email=email />
                <SessionsPanel sessions=sessions />
            </Page>
        })
    })
}

//! Credit: one's own page (`/credits`), the same for admins about others (`/users/{id}/credits`, `admin.rs`), and the forms
//! by which admins change it. What both show is in `view.rs` and the files beside it.

pub(super) mod actions;
pub mod adjust;
pub mod admin;
mod balance;
mod banners;
pub(super) mod brief;
mod expiry;
mod field;
pub mod grant;
mod ledger;
pub mod lot;
mod lots;
mod today;
mod view;
pub(super) mod words;

use leptos::prelude::*;

use self::view::Shown;
use crate::{components::*, context, text::use_language};

pub(super) use field::{OnceField, ReasonField};
pub(super) use ledger::entry_link;
pub(super) use view::Whose;

/// `/credits`.
#[component]
pub fn CreditsPage() -> impl IntoView {
    page(async move {
        let viewer = context::viewer()?;
        let shown = Shown::read(&viewer, Whose::mine(&viewer)).await?;
        let title = use_language().pick("Credits", "额度");
        Ok(view! {
            <Page title=title place=Place::Credits>
                <PageHead title=title/>
                {banners::banners(&shown)}
                {view::view(shown)}
            </Page>
        })
    })
}

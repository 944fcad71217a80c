//! API keys: the list, making one, the page that shows it once, the page of one, revoking and deleting it. Everybody sees their
//! own and those of their projects, whoever reads everything may see all.

mod actions;
pub(super) mod connect;
mod created;
mod delete;
mod detail;
mod fields;
pub mod list;
mod new;
pub mod paged;
mod revoke;
mod snippets;

pub use created::KeyCreatedPage;
pub use delete::DeleteKeyPage;
pub use detail::KeyPage;
pub use list::KeysPage;
pub use new::NewKeyPage;
pub use revoke::RevokeKeyPage;

use domain::{
    access::Viewer,
    id::{KeyId, ProjectId},
    key::{ApiKey, KeyState},
    time::Timestamp,
};
use leptos::prelude::*;

use crate::{
    components::{Status, Tone},
    text::{Language, use_language},
};

/// The name under which a new key waits for the page that shows it.
const ONCE: &str = "key";

/// Where the calls of a key are listed.
fn calls_of(id: KeyId) -> String {
    format!("/calls?range=all&key={id}")
}

/// The page of one key.
fn page_of(id: KeyId) -> String {
    format!("/keys/{id}")
}

/// The list in which somebody finds a key.
fn list_of(viewer: &Viewer, key: &ApiKey) -> String {
    if key.user_id == viewer.id {
        "/keys".to_owned()
    } else {
        format!("/projects/{}#keys", key.project_id)
    }
}

/// A key can be revoked still.
const fn is_alive(key: &ApiKey) -> bool {
    key.revoked_at.is_none()
}

/// How a key stands, as a mark.
pub fn standing(key: &ApiKey, now: Timestamp) -> impl IntoView + use<> {
    let (state, language) = (key.state(now), use_language());
    let tone = match state {
        KeyState::Active => Tone::Good,
        KeyState::Expired => Tone::Warning,
        KeyState::Disabled | KeyState::Revoked => Tone::Off,
    };
    view! { <Status tone=tone text=state_in_words(state, language) /> }
}

const fn state_in_words(state: KeyState, language: Language) -> &'static str {
    match state {
        KeyState::Active => language.pick("Active", "有效"),
        KeyState::Disabled => language.pick("Disabled", "已停用"),
        KeyState::Expired => language.pick("Expired", "已过期"),
        KeyState::Revoked => language.pick("Revoked", "已吊销"),
    }
}

/// What a project is called: a personal one in the reader's language.
pub fn project_in_words(key: &ApiKey, language: Language) -> String {
    if key.project_id == ProjectId::personal_of(key.user_id) {
        language.pick("Personal", "个人").to_owned()
    } else {
        key.project_name.to_string()
    }
}

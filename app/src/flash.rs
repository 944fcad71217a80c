//! What one request leaves for the next page: a sentence, a refused form with its typed values, a secret that is shown
//! once. It lies sealed in the session, never in an address. `form::submit` writes it, `components::page` reads it.

use std::collections::BTreeMap;

use leptos::prelude::{provide_context, use_context};
use serde::{Deserialize, Serialize};

use crate::{components::Tone, context, error::AppError};

/// A sentence on top of the next page, in the language of the person who caused it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// How it is meant.
    pub tone: Tone,
    /// The sentence.
    pub text: String,
}

/// A form that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The path that the form posts to.
    pub action: String,
    /// The field that the refusal is about, if it is about one.
    pub field: Option<String>,
    /// Why.
    pub error: AppError,
    /// What was typed, without secrets.
    pub typed: BTreeMap<String, String>,
}

/// Everything left for one page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Flash {
    /// A sentence.
    pub notice: Option<Notice>,
    /// A refused form.
    pub problem: Option<Problem>,
    /// Values for this one page, such as a new key.
    pub once: BTreeMap<String, String>,
}

/// Leaves something for the next page.
///
/// # Errors
/// When the session cannot be written.
pub async fn set(flash: &Flash) -> Result<(), AppError> {
    let json = serde_json::to_string(flash).map_err(|error| AppError::Transport(error.to_string()))?;
    context::session()?.0.put_flash(json).await?;
    Ok(())
}

/// Takes what was left for this page and provides it to its components. `components::page` calls it, nobody else.
pub async fn receive() {
    let Ok(session) = context::session() else { return };
    if let Some(flash) = session
        .0
        .take_flash()
        .await
        .and_then(|json| serde_json::from_str::<Flash>(&json).ok())
    {
        provide_context(flash);
    }
}

/// What was left for this page; empty when nothing was.
#[must_use]
pub fn take() -> Flash {
    use_context::<Flash>().unwrap_or_default()
}

/// A value that the last request left for this page alone, such as a new key. A reload no longer has it.
#[must_use]
pub fn once(name: &str) -> Option<String> {
    take().once.remove(name)
}

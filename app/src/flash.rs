//! What one request leaves for the next page: a sentence, a refused form with its typed values, a secret that is shown
//! once. It lies sealed in the session, never in an address. `form::submit` writes it, `components::page` reads it. What
//! must not be stored even there goes by [`AtOnce`].

mod at_once;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use leptos::prelude::{provide_context, use_context};
use serde::{Deserialize, Serialize};

pub use at_once::AtOnce;
pub(crate) use at_once::answer;

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
    /// What else is wrong, and with which field.
    #[serde(default)]
    pub also: Vec<(String, AppError)>,
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

/// Leaves something for the next page. `false` when the session does not take it.
pub async fn set(flash: &Flash) -> bool {
    let (Ok(json), Ok(session)) = (serde_json::to_string(flash), context::session()) else {
        return false;
    };
    let kept = session.0.put_flash(json).await;
    if let Err(error) = &kept {
        tracing::debug!(%error, "what a form says is told at once");
    }
    kept.is_ok()
}

/// Whether a form of this page has shown the problem that was left for it.
#[derive(Clone, Debug, Default)]
struct Shown(Arc<AtomicBool>);

/// Says that a form of this page shows the problem.
pub fn problem_is_shown() {
    if let Some(shown) = use_context::<Shown>() {
        shown.0.store(true, Ordering::Relaxed);
    }
}

/// The problem that no form of this page has shown so far: its form is not here, or cannot hold a sentence.
#[must_use]
pub fn problem_without_form() -> Option<Problem> {
    let shown = use_context::<Shown>().is_some_and(|shown| shown.0.load(Ordering::Relaxed));
    take().problem.filter(|_| !shown)
}

/// Takes what was left for this page and provides it to its components. `components::page` calls it, nobody else.
pub async fn receive() {
    let flash = match AtOnce::of_request().and_then(|answer| answer.take()) {
        Some(flash) => Some(flash),
        None => of_session().await,
    };
    if let Some(flash) = flash {
        provide_context(flash);
        provide_context(Shown::default());
    }
}

/// What the last request left in the session.
async fn of_session() -> Option<Flash> {
    let json = context::session().ok()?.0.take_flash().await?;
    serde_json::from_str(&json).ok()
}

/// What was left for this page; empty when nothing was.
#[must_use]
pub fn take() -> Flash {
    use_context::<Flash>().unwrap_or_default()
}

/// A value that the last request left for this page alone, such as a new key. A reload no longer has it.
#[must_use]
pub fn once(name: &str) -> Option<String> {
    let value = take().once.remove(name)?;
    context::keep_plain();
    Some(value)
}

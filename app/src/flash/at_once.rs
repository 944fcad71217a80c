//! What a form says to the very page that answers it. It lies in the request and nowhere else: words that the hub never
//! stores, such as a question to a model, must not wait in a session. `form::submit` fills it, `server` makes the page.

use std::sync::{Arc, Mutex};

use domain::refusal::Refusal;
use http::request::Parts;
use leptos::prelude::use_context;

use super::Flash;
use crate::error::AppError;

/// An answer that is on its way to its page; an extension of the request. `server` puts an empty one into each form.
#[derive(Clone, Debug, Default)]
pub struct AtOnce(Arc<Mutex<Option<Answer>>>);

#[derive(Debug)]
struct Answer {
    page: String,
    flash: Flash,
}

impl AtOnce {
    /// That of the request which is being answered.
    pub(crate) fn of_request() -> Option<Self> {
        use_context::<Parts>()?.extensions.get::<Self>().cloned()
    }

    /// Path and query of the page that is the answer; `None` when the form has been answered in another way.
    #[must_use]
    pub fn page(&self) -> Option<String> {
        let answer = self.0.lock().ok()?;
        answer.as_ref().map(|answer| answer.page.clone())
    }

    /// Takes out what the page is to show.
    pub(super) fn take(&self) -> Option<Flash> {
        Some(self.0.lock().ok()?.take()?.flash)
    }
}

/// Answers this request with that page, and with what it is to show.
///
/// # Errors
/// Only when the server has not provided the way.
pub(crate) fn answer(page: String, flash: Flash) -> Result<(), AppError> {
    let Some(AtOnce(slot)) = AtOnce::of_request() else {
        tracing::error!("the server has not provided the way from a form to its page");
        return Err(AppError::Refused(Refusal::Internal));
    };
    if let Ok(mut slot) = slot.lock() {
        *slot = Some(Answer { page, flash });
    }
    Ok(())
}

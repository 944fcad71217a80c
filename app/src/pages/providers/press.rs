//! Forms that are nothing but a button: they have no field that a refusal could stand beside, so it is told on top of the
//! page they lead back to. Used by the pages about providers, models and users.

use std::future::Future;

use domain::refusal::Refusal;

use crate::{
    components::Tone,
    error::AppError,
    form::{Back, Done, submit},
    text::use_language,
};

/// As `form::submit`; a refusal becomes a sentence on top of `next`.
///
/// # Errors
/// Only when neither a session nor a page can carry the outcome.
pub async fn press(
    next: impl Into<String>,
    work: impl Future<Output = Result<Done, AppError>>,
) -> Result<(), AppError> {
    let (next, language) = (next.into(), use_language());
    submit(Back::to(next.clone()), async move {
        match work.await {
            Err(error) if error != AppError::Refused(Refusal::NotSignedIn) => {
                Ok(Done::to(next).noticing(Tone::Bad, error.sentence(language)))
            }
            outcome => Ok(outcome?),
        }
    })
    .await
}

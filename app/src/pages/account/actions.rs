//! What a person may change about themselves. Each function is a thin door to one use-case.

use domain::{
    id::SessionId,
    refusal::{Invalid, Refusal, Thing},
};
use gateway::{Gateway, Preferences};
use leptos::prelude::*;

use crate::{
    context::{self, Visitor},
    error::AppError,
    form::{self, AtField, Back, Done, Refused},
    text::{Language, Theme},
};

const PAGE: &str = "/account";

/// Speaks this language from now on: in this browser, and for the account when somebody is signed in.
#[server]
pub async fn set_language(
    /// The tag of a language.
    language: String,
    /// The page to return to.
    back: String,
) -> Result<(), AppError> {
    let here = context::local_path(Some(&back)).to_owned();
    form::submit(Back::to(here.clone()), async {
        let chosen = Language::parse(&language).ok_or(Invalid::Choice)?;
        let visitor = context::visitor()?;
        context::remember(&visitor, Some(chosen), None);
        store(&context::gateway()?, &visitor, |preferences| {
            preferences.language = Some(chosen.tag().to_owned());
        })
        .await?;
        Ok(Done::to(here))
    })
    .await
}

/// Shows this theme from now on; `system` leaves the choice to the system.
#[server]
pub async fn set_theme(
    /// `light`, `dark` or `system`.
    theme: String,
    /// The page to return to.
    back: String,
) -> Result<(), AppError> {
    let here = context::local_path(Some(&back)).to_owned();
    form::submit(Back::to(here.clone()), async {
        let chosen = Theme::parse(&theme);
        let visitor = context::visitor()?;
        context::remember(&visitor, None, Some(chosen));
        let word = chosen.map_or("system", Theme::as_str).to_owned();
        store(&context::gateway()?, &visitor, |preferences| {
            preferences.theme = Some(word);
        })
        .await?;
        Ok(Done::to(here))
    })
    .await
}

/// Sets a new password and ends the person's other sessions.
#[server]
pub async fn change_password(
    /// The present password.
    current: String,
    /// The new one.
    new: String,
    /// The new one again.
    repeated: String,
) -> Result<(), AppError> {
    form::submit(Back::to(PAGE), async {
        let (viewer, visitor, address) = (context::viewer()?, context::visitor()?, context::address()?);
        let session = visitor.session.ok_or(Refusal::NotSignedIn)?;
        if new != repeated {
            return Err(Refused::saying("repeated", AppError::PasswordsDiffer));
        }
        let changed = context::gateway()?
            .users()
            .change_own_password(&viewer, address.origin(), session, &current, &new)
            .await;
        match changed {
            Err(error) if error.refusal() == Refusal::Invalid(Invalid::PasswordLength) => Err(error).at("new")?,
            Err(error) if error.refusal() == Refusal::WrongCredentials => {
                return Err(Refused::saying("current", AppError::WrongPassword));
            }
            other => other.at("current")?,
        }
        let words = visitor.language.pick(
            "Your password is changed. Everywhere else you are signed out.",
            "密码已修改，其他地方的登录均已退出。",
        );
        Ok(Done::to(PAGE).saying(words))
    })
    .await
}

/// Ends one of the person's sessions.
#[server]
pub async fn end_session(
    /// The session's id.
    id: String,
) -> Result<(), AppError> {
    form::submit(Back::to(PAGE), async {
        let (viewer, visitor, address) = (context::viewer()?, context::visitor()?, context::address()?);
        let id: SessionId = id.parse().map_err(|_| context::missing(Thing::Session))?;
        context::gateway()?
            .sessions()
            .end(&viewer, address.origin(), id)
            .await?;
        Ok(Done::to(PAGE).saying(visitor.language.pick("That session is signed out.", "该会话已退出。")))
    })
    .await
}

/// Ends all of the person's sessions but this one.
#[server]
pub async fn end_other_sessions() -> Result<(), AppError> {
    form::submit(Back::to(PAGE), async {
        let (viewer, visitor, address) = (context::viewer()?, context::visitor()?, context::address()?);
        let session = visitor.session.ok_or(Refusal::NotSignedIn)?;
        context::gateway()?
            .sessions()
            .end_all(&viewer, address.origin(), Some(session))
            .await?;
        Ok(Done::to(PAGE).saying(
            visitor
                .language
                .pick("Everywhere else you are signed out.", "其他地方的登录均已退出。"),
        ))
    })
    .await
}

/// Ends all of the person's sessions, this one too.
#[server]
pub async fn end_all_sessions() -> Result<(), AppError> {
    form::submit(Back::to(PAGE), async {
        let (viewer, address) = (context::viewer()?, context::address()?);
        context::gateway()?
            .sessions()
            .end_all(&viewer, address.origin(), None)
            .await?;
        context::session()?.0.sign_out().await?;
        context::carry_nothing(&context::visitor()?);
        Ok(Done::to("/sign-in"))
    })
    .await
}

/// Ends this session.
#[server]
pub async fn sign_out() -> Result<(), AppError> {
    form::submit(Back::to("/sign-in"), async {
        if let Ok(viewer) = context::viewer() {
            let address = context::address()?;
            context::gateway()?
                .sessions()
                .record_sign_out(&viewer, address.origin())
                .await?;
        }
        // Read before the session ends, used after: whatever the provider does, here it is over.
        let elsewhere = context::session()?.0.provider_sign_out().await;
        context::session()?.0.sign_out().await?;
        context::carry_nothing(&context::visitor()?);
        Ok(match elsewhere {
            Some(address) => Done::away(address, "/sign-in"),
            None => Done::to("/sign-in"),
        })
    })
    .await
}

/// Changes what the account remembers; without an account the browser's cookie is all.
async fn store(gateway: &Gateway, visitor: &Visitor, change: impl FnOnce(&mut Preferences)) -> Result<(), AppError> {
    let Some(viewer) = &visitor.viewer else { return Ok(()) };
    let mut preferences = gateway.users().preferences(viewer).await?;
    change(&mut preferences);
    Ok(gateway.users().set_preferences(viewer, &preferences).await?)
}

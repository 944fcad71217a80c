//! Choosing a first or a new password, typed twice, and what follows: for the forms of set-up, reset, registration and invitation.

use domain::{
    access::Viewer,
    refusal::{Invalid, Refusal},
};
use leptos::prelude::*;

use crate::{
    components::TextField,
    context,
    error::AppError,
    form::{AtField as _, Done, Refused},
    pages::welcome,
    text::use_language,
};

/// The two fields, `password` and `repeated`.
#[component]
pub fn ChoosePassword(
    /// Typing may begin here at once.
    #[prop(optional)]
    focus: bool,
) -> impl IntoView {
    let language = use_language();
    view! {
        <TextField
            name="password"
            kind="password"
            label=language.pick("Password", "密码")
            hint=language.pick("10 characters or more. A few words are easier to keep than signs.", "至少 10 个字符。几个单词比符号更好记。")
            autocomplete="new-password"
            min_length=10_u32
            max_length=200_u32
            focus=focus
        />
        <TextField
            name="repeated"
            kind="password"
            label=language.pick("The same password again", "再次输入密码")
            autocomplete="new-password"
            max_length=200_u32
        />
    }
}

/// Whether the same was typed twice.
///
/// # Errors
/// At the second field.
pub fn twice(password: &str, repeated: &str) -> Result<(), Refused> {
    if password == repeated {
        Ok(())
    } else {
        Err(Refused::saying("repeated", AppError::PasswordsDiffer))
    }
}

/// What is wrong with a password stands beside it, everything else on top of the form.
///
/// # Errors
/// The outcome's.
pub fn at_password<T>(outcome: Result<T, gateway::Error>) -> Result<T, Refused> {
    match outcome {
        Err(error) if error.refusal() == Refusal::Invalid(Invalid::PasswordLength) => Err(error).at("password"),
        other => Ok(other?),
    }
}

/// Signs in to the account that was just `made`, and leads to where it begins.
///
/// # Errors
/// What kept it from being made, beside the password where it is about that.
pub async fn enter(made: Result<Viewer, gateway::Error>) -> Result<Done, Refused> {
    let viewer = at_password(made)?;
    context::session()?
        .0
        .sign_in(viewer.id, gateway::Secured::NEVER)
        .await?;
    Ok(Done::to(welcome::first(&context::gateway()?, &viewer, "/").await?))
}

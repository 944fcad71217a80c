//! How a form is answered: post, do, redirect. Success leaves a sentence for the next page; a refusal brings the person
//! back to the form with the sentence beside the field and what they had typed.
//!
//! Server functions call [`submit`]; the field components read the outcome through [`FormScope`].

pub mod period;
mod scope;
mod url;

use std::{collections::BTreeMap, future::Future};

use domain::{
    name::InvalidName,
    refusal::{Invalid, Refusal},
};
use http::request::Parts;
use leptos::prelude::use_context;

pub use scope::FormScope;
pub use url::{Query, encode, path_id};

use crate::{
    components::Tone,
    context,
    error::AppError,
    flash::{self, Flash, Notice, Problem},
};

/// The path that a server function's form posts to: `<Form action=action::<CreateKey>()>`.
#[must_use]
pub fn action<Function: leptos::server_fn::ServerFn>() -> &'static str {
    Function::PATH
}

/// Where a form leads when all went well.
#[derive(Clone, Debug, Default)]
pub struct Done {
    path: String,
    flash: Flash,
    away: Option<String>,
}

impl Done {
    /// To this page of ours.
    #[must_use]
    pub fn to(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            flash: Flash::default(),
            away: None,
        }
    }

    /// To an identity provider, at an address that the engine made. To `otherwise`, a page of ours, should that be none.
    #[must_use]
    pub fn away(address: impl Into<String>, otherwise: impl Into<String>) -> Self {
        Self {
            away: Some(address.into()),
            ..Self::to(otherwise)
        }
    }

    /// With this sentence on top.
    #[must_use]
    pub fn saying(self, text: impl Into<String>) -> Self {
        self.noticing(Tone::Good, text)
    }

    /// With this sentence on top, meant in this tone.
    #[must_use]
    pub fn noticing(mut self, tone: Tone, text: impl Into<String>) -> Self {
        self.flash.notice = Some(Notice {
            tone,
            text: text.into(),
        });
        self
    }

    /// With a value that only the next page gets, as `flash::once(name)`.
    #[must_use]
    pub fn once(mut self, name: &str, value: impl Into<String>) -> Self {
        self.flash.once.insert(name.to_owned(), value.into());
        self
    }
}

/// Where a form leads when it is refused.
#[derive(Clone, Debug)]
pub struct Back {
    path: String,
    typed: BTreeMap<String, String>,
    at_once: bool,
}

impl Back {
    /// To the page that holds the form.
    #[must_use]
    pub fn to(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            typed: BTreeMap::new(),
            at_once: false,
        }
    }

    /// Answered by its page in the same breath, success and refusal alike: nothing of it waits in the session. The price is
    /// that a reload sends the form again, which browsers ask about.
    #[must_use]
    pub const fn at_once(mut self) -> Self {
        self.at_once = true;
        self
    }

    /// Keeping what was typed into this field. Never for passwords and credentials.
    #[must_use]
    pub fn keeping(mut self, field: &str, typed: &str) -> Self {
        // A session is no place for a pasted book.
        self.typed.insert(field.to_owned(), typed.chars().take(2000).collect());
        self
    }
}

/// A refusal and the field it is about.
#[derive(Clone, Debug)]
pub struct Refused {
    error: AppError,
    field: Option<&'static str>,
    also: Vec<(&'static str, AppError)>,
}

impl Refused {
    /// A refusal that the function itself found, about this field.
    #[must_use]
    pub const fn saying(field: &'static str, error: AppError) -> Self {
        Self {
            error,
            field: Some(field),
            also: Vec::new(),
        }
    }
}

impl<E: Into<AppError>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self {
            error: error.into(),
            field: None,
            also: Vec::new(),
        }
    }
}

/// Names the field that an error is about: `users.create(…).await.at("email")?`.
pub trait AtField<T> {
    /// The same outcome; an error now points to `field`.
    ///
    /// # Errors
    /// The error itself.
    fn at(self, field: &'static str) -> Result<T, Refused>;
}

impl<T, E: Into<AppError>> AtField<T> for Result<T, E> {
    fn at(self, field: &'static str) -> Result<T, Refused> {
        self.map_err(|error| Refused {
            error: error.into(),
            field: Some(field),
            also: Vec::new(),
        })
    }
}

/// Reads the fields of a form one after the other, so that whoever typed is told of all that is wrong at once.
#[derive(Debug, Default)]
pub struct Fields {
    wrong: Option<Refused>,
}

impl Fields {
    /// Takes a field that was read; none when it is refused.
    pub fn take<T>(&mut self, read: Result<T, Refused>) -> Option<T> {
        let more = match read {
            Ok(value) => return Some(value),
            Err(refused) => refused,
        };
        match &mut self.wrong {
            Some(first) => first.also.extend(more.field.map(|field| (field, more.error))),
            none => *none = Some(more),
        }
        None
    }

    /// Everything together, made of what was taken.
    ///
    /// # Errors
    /// The first refusal, with the others beside it.
    pub fn all<T>(self, together: Option<T>) -> Result<T, Refused> {
        match (self.wrong, together) {
            (None, Some(together)) => Ok(together),
            (Some(refused), _) => Err(refused),
            (None, None) => Err(AppError::from(Refusal::Invalid(Invalid::Choice)).into()),
        }
    }
}

/// Reads a typed value into its checked type; a refusal points to the field.
///
/// # Errors
/// What the type says about its shape.
pub fn parse<T: std::str::FromStr<Err = InvalidName>>(field: &'static str, typed: &str) -> Result<T, Refused> {
    typed.parse::<T>().at(field)
}

/// Runs what the form asks for and sends the browser on, either way. Every form's server function ends in this call.
///
/// # Errors
/// Only when neither a session nor a page can carry the outcome.
pub async fn submit(back: Back, work: impl Future<Output = Result<Done, Refused>>) -> Result<(), AppError> {
    match work.await {
        Ok(Done {
            away: Some(address), ..
        }) if context::redirect_away(&address) => Ok(()),
        Ok(done) => lead(done.path, done.flash, back.at_once).await,
        Err(Refused {
            error: AppError::Refused(Refusal::NotSignedIn),
            ..
        }) => {
            context::redirect(&format!("/sign-in?next={}", encode(&back.path)));
            Ok(())
        }
        Err(Refused { error, field, also }) => {
            let action = use_context::<Parts>()
                .map(|parts| parts.uri.path().to_owned())
                .unwrap_or_default();
            let problem = Problem {
                action,
                field: field.map(str::to_owned),
                error,
                also: also
                    .into_iter()
                    .map(|(field, error)| (field.to_owned(), error))
                    .collect(),
                typed: back.typed,
            };
            let flash = Flash {
                problem: Some(problem),
                ..Flash::default()
            };
            lead(back.path, flash, back.at_once).await
        }
    }
}

/// To a page of ours, with what it is to show.
async fn lead(path: String, flash: Flash, at_once: bool) -> Result<(), AppError> {
    // Where the session cannot keep it for the next page, that page is the answer.
    if at_once || flash != Flash::default() && !flash::set(&flash).await {
        return flash::answer(path, flash);
    }
    context::redirect(&path);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_wrong_is_told_and_nothing_else_is_lost() {
        let wrong = |field| Err::<u8, _>(Invalid::Choice).at(field);
        let mut fields = Fields::default();
        assert_eq!(fields.take(Ok(1)), Some(1));
        assert_eq!((fields.take(wrong("b")), fields.take(wrong("c"))), (None, None));
        let refused = fields.all(Some(())).expect_err("two fields are wrong");
        let also: Vec<_> = refused.also.iter().map(|(field, _)| *field).collect();
        assert_eq!((refused.field, also), (Some("b"), vec!["c"]));
        let mut sound = Fields::default();
        let taken = sound.take(Ok(2));
        assert!(matches!(sound.all(taken), Ok(2)));
    }
}

//! The ways from a page into the hub: the engine, who is looking, and the session. `server` provides them once for every
//! page and server function through [`provide`]; nothing else in this crate knows about cookies or HTTP.

mod configuration;
mod cookies;
mod redirect;
mod visitor;

use std::sync::Arc;

use domain::{
    access::{Admin, Capability, KeyHolder, Money, MoneyReader, Owner, Reader, Viewer},
    id::UserId,
    refusal::{Refusal, Thing},
};
use futures_util::future::BoxFuture;
use gateway::{Gateway, Origin, Secured, Seen};
use leptos::prelude::{provide_context, use_context};

pub use configuration::{Configuration, Configured, ValueSource, configuration};
pub use cookies::{carried_no_longer, carry, carry_nothing, recall, recalled, remember};
pub use redirect::{keep_plain, local_path, redirect, redirect_away, set_status};
pub use visitor::{Looking, Visitor, language};

use crate::error::AppError;

/// The session of this request, as far as pages may touch it. `server` implements it.
pub trait SessionStore: Send + Sync {
    /// Begins a signed-in session under a new id; good until the account is secured once more.
    fn sign_in(&self, user: UserId, secured: Secured) -> BoxFuture<'_, Result<(), SessionFailed>>;

    /// Ends the session: its row and its cookie.
    fn sign_out(&self) -> BoxFuture<'_, Result<(), SessionFailed>>;

    /// From now on pages are shown as this person sees them; with none, as oneself does.
    fn look_as(&self, user: Option<UserId>) -> BoxFuture<'_, Result<(), SessionFailed>>;

    /// Keeps one text for the next page, in place of an older one.
    fn put_flash(&self, json: String) -> BoxFuture<'_, Result<(), SessionFailed>>;

    /// Takes that text out again. Never begins a session.
    fn take_flash(&self) -> BoxFuture<'_, Option<String>>;

    /// Keeps the address where the person's session at their identity provider ends, until this one does.
    fn keep_provider_sign_out(&self, address: String) -> BoxFuture<'_, Result<(), SessionFailed>>;

    /// That address. Never begins a session.
    fn provider_sign_out(&self) -> BoxFuture<'_, Option<String>>;
}

/// The session as context.
#[derive(Clone)]
pub struct SessionHandle(pub Arc<dyn SessionStore>);

/// The session could not be written; the text is for the log.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the session could not be written: {0}")]
pub struct SessionFailed(pub String);

/// This request leads to no page, or a form was refused and has none to go back to: the page for unknown paths shows this,
/// and no other page is looked for.
#[derive(Clone, Debug)]
pub struct Stranded(pub AppError);

/// Puts everything in place for one request.
pub fn provide(gateway: Gateway, visitor: Visitor, session: SessionHandle) {
    provide_context(gateway);
    provide_context(visitor);
    provide_context(session);
}

/// The engine.
///
/// # Errors
/// Only when the server has not provided it.
pub fn gateway() -> Result<Gateway, AppError> {
    provided()
}

/// Who looks at the page: signed in or not, language, theme, request id.
///
/// # Errors
/// Only when the server has not provided it.
pub fn visitor() -> Result<Visitor, AppError> {
    provided()
}

/// The session of this request.
///
/// # Errors
/// Only when the server has not provided it.
pub fn session() -> Result<SessionHandle, AppError> {
    provided()
}

/// The signed-in person.
///
/// # Errors
/// [`Refusal::NotSignedIn`] for everybody else; `page` turns it into the way to the sign-in page.
pub fn viewer() -> Result<Viewer, AppError> {
    visitor()?.viewer.ok_or(AppError::Refused(Refusal::NotSignedIn))
}

/// The proof that an admin is signed in.
///
/// # Errors
/// [`Refusal::NotSignedIn`] or [`Refusal::NotAllowed`].
pub fn admin() -> Result<Admin, AppError> {
    Ok(viewer()?.admin()?)
}

/// The proof that an owner is signed in.
///
/// # Errors
/// [`Refusal::NotSignedIn`] or [`Refusal::OwnersOnly`].
pub fn owner() -> Result<Owner, AppError> {
    Ok(viewer()?.owner()?)
}

/// The proof that somebody is signed in who may change what concerns money.
///
/// # Errors
/// [`Refusal::NotSignedIn`] or [`Refusal::NotAllowed`].
pub fn money() -> Result<Money, AppError> {
    Ok(viewer()?.money()?)
}

/// The proof that somebody is signed in who may read everything.
///
/// # Errors
/// [`Refusal::NotSignedIn`] or [`Refusal::NotAllowed`].
pub fn reader() -> Result<Reader, AppError> {
    Ok(viewer()?.reader()?)
}

/// The proof that somebody is signed in who may read what concerns money.
///
/// # Errors
/// [`Refusal::NotSignedIn`] or [`Refusal::NotAllowed`].
pub fn money_reader() -> Result<MoneyReader, AppError> {
    Ok(viewer()?.money_reader()?)
}

/// The proof that somebody is signed in who may have keys and ask models.
///
/// # Errors
/// [`Refusal::NotSignedIn`] or [`Refusal::NotAllowed`].
pub fn key_holder() -> Result<KeyHolder, AppError> {
    Ok(viewer()?.key_holder()?)
}

/// Whether the person may do that, for what a page shows or leaves out. What is done asks for a witness.
#[must_use]
pub fn may(what: Capability) -> bool {
    viewer().is_ok_and(|viewer| viewer.may(what))
}

/// From which address the request came, for the audit list: `users.create(&admin, address.origin(), …)`.
///
/// # Errors
/// Only when the server has not provided the visitor.
pub fn address() -> Result<Address, AppError> {
    Ok(visitor()?.came_from())
}

/// The client's address, owned, and as whom they were let in.
#[derive(Clone, Debug)]
pub struct Address {
    address: Option<String>,
    seen: Option<Seen>,
}

impl Address {
    /// As the engine wants it.
    #[must_use]
    pub fn origin(&self) -> Origin<'_> {
        Origin {
            seen: self.seen,
            ..Origin::at(self.address.as_deref())
        }
    }
}

/// Shortens `find(..).ok_or(...)`: what is missing is a 404 of this kind.
#[must_use]
pub const fn missing(what: Thing) -> AppError {
    AppError::Refused(Refusal::NotFound { what })
}

fn provided<T: Clone + Send + Sync + 'static>() -> Result<T, AppError> {
    use_context::<T>().ok_or_else(|| {
        tracing::error!(
            what = std::any::type_name::<T>(),
            "the server has not provided the context of the console"
        );
        AppError::Refused(Refusal::Internal)
    })
}

//! The first visit: where the browser is sent, and what it carries until it comes back.

use domain::{
    access::Viewer,
    identity::{IdentityRefusal, Way},
};
use openidconnect::PkceCodeChallenge;

use super::{
    Identities, callback,
    carried::{AWAY, Attempt, Browser, Carried},
    oauth2, oidc, passwords_are_on,
};
use crate::{
    Error, Origin,
    secrets::{hex, random},
    store::people,
    users::securing::Secured,
};

/// What somebody goes to a provider for.
#[derive(Clone, Copy, Debug)]
pub enum Purpose<'a> {
    /// To sign in, and go on to this path then.
    SignIn(&'a str),
    /// To accept an invitation: the token of its link.
    Accept(&'a str),
    /// To link an identity to the account that they are signed in to. It lets in whoever has it from then on, so where the
    /// account has a password, a session alone is not enough.
    Link {
        /// Whose account.
        viewer: &'a Viewer,
        /// Their password; not looked at where they can sign in by none.
        password: &'a str,
    },
}

/// A sign-in that has begun.
#[derive(Clone, Debug)]
pub struct Begun {
    /// Where the browser goes now.
    pub url: String,
    /// What it must bring back: without it nobody can finish.
    pub carried: Carried,
    /// The names of those that it is to carry no longer.
    pub ended: Vec<String>,
}

impl Begun {
    /// How long it is good, in seconds.
    pub const SECONDS: i64 = AWAY.0 / 1_000_000;
}

impl Identities<'_> {
    /// Begins a sign-in by the provider `slug`, asked for from `origin` in this `browser`.
    ///
    /// # Errors
    /// [`IdentityRefusal::Provider`], [`IdentityRefusal::Unreachable`]; who links,
    /// [`Refusal::WrongCredentials`] and [`Refusal::TryLater`] about the password; the database's.
    ///
    /// [`Refusal::WrongCredentials`]: domain::refusal::Refusal::WrongCredentials
    /// [`Refusal::TryLater`]: domain::refusal::Refusal::TryLater
    pub async fn begin(
        &self,
        origin: Origin<'_>,
        slug: &str,
        purpose: Purpose<'_>,
        browser: Browser<'_>,
    ) -> Result<Begun, Error> {
        let secured = match purpose {
            Purpose::Link { viewer, password } => self.may_link(origin, viewer, password).await?,
            Purpose::SignIn(_) | Purpose::Accept(_) => Secured::NEVER,
        };
        let known = self.0.identity_provider(slug).await?;
        let (state, nonce, verifier) = (hex(&random::<32>()?), hex(&random::<32>()?), hex(&random::<32>()?));
        let verifier_type = openidconnect::PkceCodeVerifier::new(verifier.clone());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier_type);
        let redirect = callback(&self.0.public_url, slug);
        let asked = Asked {
            redirect: &redirect,
            state: &state,
            nonce: &nonce,
            challenge,
        };
        let url = match &known.draft.way {
            Way::Oidc { issuer } => oidc::authorize(self.0, &known.draft, issuer, asked).await?,
            Way::Oauth2(plain) => oauth2::authorize(&known.draft, plain, &asked).ok_or(IdentityRefusal::Provider)?,
        };
        let (next, link, invitation) = match purpose {
            Purpose::SignIn(next) => (next.to_owned(), None, None),
            Purpose::Accept(token) => ("/".to_owned(), None, Some(self.0.invitation_hash(token))),
            Purpose::Link { viewer, .. } => ("/account".to_owned(), Some(viewer.id), None),
        };
        let (keys, now) = (&self.0.keys, self.0.clock.now());
        let attempt = Attempt {
            state,
            until: now.plus(AWAY),
            slug: slug.to_owned(),
            issuer: known.draft.way.issuer().into_owned(),
            nonce,
            verifier,
            next,
            by: browser.viewer.map(|viewer| viewer.id),
            link,
            secured,
            invitation,
        };
        let carried = attempt.carried(keys)?;
        let ended = browser.ended(keys, &carried, now);
        Ok(Begun { url, carried, ended })
    }

    /// Checks the password of somebody who links, where they have one.
    pub(super) async fn may_link(&self, origin: Origin<'_>, viewer: &Viewer, password: &str) -> Result<Secured, Error> {
        if self.has_password(viewer).await? && passwords_are_on(&self.0.store).await? {
            let (email, id) = (viewer.email.as_str(), Some(viewer.id));
            return Ok(self.0.check_password(origin, email, id, password).await?.secured);
        }
        Ok(Secured(people::standing(&self.0.store, viewer.id).await?.1))
    }
}

/// What an address to a provider is made of.
pub(super) struct Asked<'a> {
    pub(super) redirect: &'a str,
    pub(super) state: &'a str,
    pub(super) nonce: &'a str,
    pub(super) challenge: PkceCodeChallenge,
}

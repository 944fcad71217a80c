//! The first visit: where the browser is sent, and what is remembered until it comes back.

use domain::{
    access::Viewer,
    id::UserId,
    identity::{IdentityRefusal, Way},
    time::Micros,
};
use openidconnect::PkceCodeChallenge;
use serde::{Deserialize, Serialize};

use super::{Identities, callback, oauth2, oidc, passwords_are_on};
use crate::{
    Error, Origin, SecretText,
    secrets::{hex, random},
    sign_in::network,
    store::{
        identity_attempts::{self, NewAttempt},
        people,
    },
    users::securing::Secured,
};

/// How long a browser may stay away.
const PATIENCE: Micros = Micros::from_seconds(600);
/// Sign-ins that one session may have open at a time: windows of one browser. When it begins more, the first of them ends.
const OF_A_SESSION: i64 = 5;
/// The same of a network, so that nobody fills the database. It is no limit for anybody who signs in: behind a proxy that is not
/// trusted, or in a large company, all are one network, and whoever begins one sign-in after the other must not keep the others out. So
/// nobody is refused here (the console lets as many strangers of one network begin a session), and to have ended a sign-in of somebody else takes as many as this before they are back.
const OF_A_NETWORK: i64 = 20_000;

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
    /// What its session must keep: without it nobody can finish.
    pub binding: SecretText,
}

/// What lies sealed between the two visits.
#[derive(Serialize, Deserialize)]
pub(super) struct Attempt {
    /// The provider.
    pub(super) slug: String,
    /// Whose issuer it had: an admin may change it meanwhile.
    pub(super) issuer: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
    /// Where to go on.
    pub(super) next: String,
    /// Who links.
    pub(super) link: Option<UserId>,
    /// How often their account had been secured then: one who was locked out meanwhile links nothing.
    #[serde(default)]
    pub(super) secured: Secured,
    /// Of whoever was invited: what the database knows the link by.
    #[serde(default)]
    pub(super) invitation: Option<String>,
}

impl Attempt {
    /// What the sealed text is bound to.
    pub(super) fn bound_to(state_hash: &str) -> String {
        format!("identity_attempt:{state_hash}")
    }
}

impl Identities<'_> {
    /// Begins a sign-in by the provider `slug`, asked for from `origin`. `binding` is what the browser's session keeps of an earlier one, so that two
    /// windows do not end each other's.
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
        binding: Option<String>,
    ) -> Result<Begun, Error> {
        let secured = match purpose {
            Purpose::Link { viewer, password } => self.may_link(origin, viewer, password).await?,
            Purpose::SignIn(_) | Purpose::Accept(_) => Secured::NEVER,
        };
        let known = self.0.identity_provider(slug).await?;
        let binding = match binding.filter(|kept| kept.len() == 64) {
            Some(kept) => kept,
            None => hex(&random::<32>()?),
        };
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
        let attempt = Attempt {
            slug: slug.to_owned(),
            issuer: known.draft.way.issuer().into_owned(),
            nonce,
            verifier,
            next,
            link,
            secured,
            invitation,
        };
        let state_hash = self.0.keys.session_hash(&state);
        let json = serde_json::to_vec(&attempt).unwrap_or_default();
        let sealed = self.0.keys.session_data.seal(&json, &Attempt::bound_to(&state_hash))?;
        let (session, until) = (self.0.keys.session_hash(&binding), self.0.clock.now().plus(PATIENCE));
        let new = NewAttempt {
            state_hash: &state_hash,
            session_hash: &session,
            sealed: &sealed,
            network: &network(origin.address.unwrap_or_default()),
            expires_at: until,
        };
        identity_attempts::insert(&self.0.store, &new, (OF_A_SESSION, OF_A_NETWORK)).await?;
        Ok(Begun {
            url,
            binding: SecretText::from(binding),
        })
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

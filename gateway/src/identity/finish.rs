//! The second visit: what the browser brings back is held against what was begun, the provider is asked who it is, and
//! `admit` says what becomes of them. Who comes in is written down by that, who is turned away by `refused`; what was not begun here is told to the log alone.

use domain::{
    access::Viewer,
    door::DoorRefusal,
    identity::{IdentityDraft, IdentityRefusal, Way},
};

use super::{
    Identities, Known, callback,
    carried::{Attempt, Browser},
    oauth2,
    oidc::{self, Proof, code_word},
    refused::site_of,
};
use crate::{Error, Origin, SecretText, SignedIn, store::identity_attempts, users::securing::Secured};

/// So many codes of one site are exchanged within a quarter of an hour. Generous: behind one address may be a whole company, in the morning.
const EXCHANGED: u32 = 5_000;

/// What the browser brings back, as it stands in the address.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Which sign-in this is.
    pub state: String,
    /// What is turned into a proof.
    pub code: Option<String>,
    /// Or why there is none.
    pub error: Option<String>,
    /// Who answers (RFC 9207), where they say so.
    pub issuer: Option<String>,
}

/// How a sign-in ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Somebody came again.
    SignedIn,
    /// Somebody came first.
    Registered,
    /// Somebody has one more way to sign in.
    Linked,
}

/// A sign-in that ended well.
#[derive(Clone, Debug)]
pub struct Finished {
    /// Who it is.
    pub viewer: Viewer,
    /// For their session, where they come in.
    pub secured: Secured,
    /// How it ended.
    pub outcome: Outcome,
    /// Where to go on.
    pub next: String,
    /// The provider's own name for its button.
    pub title: String,
    /// The address that ends their session at the provider; a secret, as it names them.
    pub sign_out: Option<SecretText>,
    /// What the browser is to carry no longer, by name.
    pub ended: String,
}

/// A sign-in that did not.
#[derive(Debug)]
pub struct Stopped {
    /// Why.
    pub error: Error,
    /// It was begun on the account page.
    pub linking: bool,
    /// Where the person wanted to go.
    pub next: String,
    /// What the browser is to carry no longer, by name; none where it did not begin this.
    pub ended: Option<String>,
}

impl Identities<'_> {
    /// Takes what a `browser` brings back from the provider `slug`.
    ///
    /// # Errors
    /// [`Stopped`] with an [`IdentityRefusal`], [`DoorRefusal::TooMany`], or the database's error.
    pub async fn finish(
        &self,
        origin: Origin<'_>,
        slug: &str,
        browser: Browser<'_>,
        answer: &Answer,
    ) -> Result<Finished, Stopped> {
        let begun = browser.find(&self.0.keys, &answer.state, self.0.clock.now());
        // Each provider has an address of its own to come back to, so that none can answer for another.
        let Some(attempt) = begun.filter(|attempt| attempt.slug == slug) else {
            tracing::debug!(
                provider = slug,
                "somebody came back with what was not begun in their browser"
            );
            return Err(Stopped {
                error: IdentityRefusal::State.into(),
                linking: false,
                next: String::new(),
                ended: None,
            });
        };
        let finished = self.conclude(origin, &attempt, answer, browser.viewer).await;
        match finished {
            Ok(finished) => Ok(finished),
            Err(error) => {
                self.note_refused(origin, &attempt, &error).await;
                // What only has to wait, or has failed here, they can try once more. Where it was spent by then, that tells them so.
                let again = matches!(error, Error::Store(_) | Error::Door(DoorRefusal::TooMany { .. }));
                Err(Stopped {
                    ended: (!again).then(|| attempt.name().to_owned()),
                    error,
                    linking: attempt.link.is_some(),
                    next: attempt.next,
                })
            }
        }
    }

    /// Uses a sign-in up, of which several may try at once. A browser cannot be made to forget: that its code was exchanged is known here, for as long as
    /// it would be good.
    async fn spend(&self, origin: Origin<'_>, attempt: &Attempt) -> Result<(), Error> {
        let agent = &self.0.identities;
        let (nth, seconds) = agent.exchanged.nth(site_of(origin), self.0.clock.now());
        if nth > EXCHANGED {
            tracing::warn!(
                provider = attempt.slug,
                "one site has come back from identity providers too often"
            );
            return Err(DoorRefusal::TooMany { seconds }.into());
        }
        let state = self.0.keys.session_hash(&attempt.state);
        match identity_attempts::spend(&self.0.store, &state, attempt.until).await? {
            true => Ok(()),
            false => Err(IdentityRefusal::State.into()),
        }
    }

    async fn conclude(
        &self,
        origin: Origin<'_>,
        attempt: &Attempt,
        answer: &Answer,
        viewer: Option<&Viewer>,
    ) -> Result<Finished, Error> {
        let known = self.0.identity_provider(&attempt.slug).await?;
        if known.draft.way.issuer() != attempt.issuer {
            return Err(IdentityRefusal::State.into());
        }
        let present = viewer.map(|viewer| viewer.id);
        if attempt.link.is_some() && attempt.link != present {
            return Err(match present {
                Some(_) => IdentityRefusal::OtherPerson.into(),
                None => IdentityRefusal::SignedOut.into(),
            });
        }
        let code = code(&known.draft, answer)?;
        self.spend(origin, attempt).await?;
        let Proof { profile, sign_out } = self.prove(&known, attempt, code).await?;
        profile.may_come_by(&known.draft)?;
        let (SignedIn { viewer, secured }, outcome) = match viewer.filter(|_| attempt.link.is_some()) {
            Some(viewer) => {
                let by = (viewer, attempt.secured);
                (self.link(origin, &known.draft, by, &profile).await?, Outcome::Linked)
            }
            None => {
                let meanwhile = present.filter(|present| attempt.by != Some(*present));
                let invitation = attempt.invitation.as_deref();
                self.admit(origin, &known.draft, &profile, invitation, meanwhile)
                    .await?
            }
        };
        Ok(Finished {
            viewer,
            secured,
            outcome,
            next: attempt.next.clone(),
            title: known.draft.title.to_string(),
            sign_out,
            ended: attempt.name().to_owned(),
        })
    }

    async fn prove(&self, known: &Known, attempt: &Attempt, code: &str) -> Result<Proof, IdentityRefusal> {
        let redirect = callback(&self.0.public_url, &attempt.slug);
        match &known.draft.way {
            Way::Oidc { issuer } => {
                let returned = oidc::Returned {
                    redirect: &redirect,
                    code,
                    verifier: &attempt.verifier,
                    nonce: &attempt.nonce,
                };
                oidc::prove(self.0, known, issuer, returned).await
            }
            Way::Oauth2(plain) => {
                let egress = &self.0.identities.egress;
                let profile = oauth2::profile(egress, known, plain, &redirect, code, &attempt.verifier).await?;
                Ok(Proof {
                    profile,
                    sign_out: None,
                })
            }
        }
    }
}

/// The code, if the provider sent one, and is who it says.
fn code<'a>(draft: &IdentityDraft, answer: &'a Answer) -> Result<&'a str, IdentityRefusal> {
    let title = || draft.title.to_string();
    let answered = |code: &str| IdentityRefusal::Answered {
        title: title(),
        code: code_word(code),
    };
    if let (Way::Oidc { issuer }, Some(told)) = (&draft.way, &answer.issuer)
        && told != issuer.as_str()
    {
        return Err(answered("issuer_mismatch"));
    }
    match (&answer.error, &answer.code) {
        (Some(error), _) if error == "access_denied" => Err(IdentityRefusal::Declined { title: title() }),
        (Some(error), _) => Err(answered(error)),
        (None, Some(code)) if (1..=4000).contains(&code.len()) => Ok(code),
        (None, _) => Err(answered("no_code")),
    }
}

#[cfg(test)]
mod tests;

//! The second visit: what the browser brings back is held against what was begun, the provider is asked who it is, and
//! `admit` says what becomes of them. Every end is written down.

use domain::{
    access::{Actor, Viewer},
    identity::{IdentityDraft, IdentityRefusal, Way},
};
use serde_json::json;

use super::{
    Identities, Known, callback,
    carried::{Attempt, Carried},
    oauth2,
    oidc::{self, Proof, code_word},
};
use crate::{
    Error, Origin, SecretText, SignedIn,
    sign_in::network,
    store::{change::Subject, identity_attempts},
    users::securing::Secured,
};

/// So many refusals of one network are written down within a quarter of an hour.
const WRITTEN_DOWN: u32 = 100;

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
}

impl Identities<'_> {
    /// Takes what a browser brings back from the provider `slug`. `carried` is what it has carried since it began, `viewer` who is signed in
    /// to it.
    ///
    /// # Errors
    /// [`Stopped`] with an [`IdentityRefusal`], or the database's error.
    pub async fn finish(
        &self,
        origin: Origin<'_>,
        slug: &str,
        carried: Option<&str>,
        answer: &Answer,
        viewer: Option<&Viewer>,
    ) -> Result<Finished, Stopped> {
        let stranded = |error| Stopped {
            error,
            linking: false,
            next: String::new(),
        };
        let attempt = self.take(slug, carried, answer).await.map_err(stranded)?;
        let finished = self.conclude(origin, &attempt, answer, viewer).await;
        match finished {
            Ok(finished) => Ok(finished),
            Err(error) => {
                let error = self.refused(origin, &attempt, error).await;
                Err(Stopped {
                    error,
                    linking: attempt.link.is_some(),
                    next: attempt.next,
                })
            }
        }
    }

    /// What was begun, if this browser began it and nobody has finished it.
    async fn take(&self, slug: &str, carried: Option<&str>, answer: &Answer) -> Result<Attempt, Error> {
        let keys = &self.0.keys;
        let begun = Carried::open(keys, carried, self.0.clock.now()).find(&answer.state);
        // Each provider has an address of its own to come back to, so that none can answer for another.
        let attempt = begun.filter(|attempt| attempt.slug == slug);
        let attempt = attempt.ok_or(IdentityRefusal::State)?;
        // A browser cannot be made to forget: what was answered is known here, for as long as it would be good.
        let state = keys.session_hash(&attempt.state);
        match identity_attempts::spend(&self.0.store, &state, attempt.until).await? {
            true => Ok(attempt),
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
        if attempt.link.is_some() && attempt.link != viewer.map(|viewer| viewer.id) {
            return Err(IdentityRefusal::OtherPerson.into());
        }
        let code = code(&known.draft, answer)?;
        let Proof { profile, sign_out } = self.prove(&known, attempt, code).await?;
        profile.may_come_by(&known.draft)?;
        let (SignedIn { viewer, secured }, outcome) = match viewer.filter(|_| attempt.link.is_some()) {
            Some(viewer) => {
                let by = (viewer, attempt.secured);
                (self.link(origin, &known.draft, by, &profile).await?, Outcome::Linked)
            }
            None => {
                let invitation = attempt.invitation.as_deref();
                let (admitted, outcome) = self.admit(origin, &known.draft, &profile, invitation).await?;
                // Whoever has signed in here meanwhile must not find themselves in the account of whoever began.
                if viewer.is_some_and(|present| present.id != admitted.viewer.id) && invitation.is_none() {
                    return Err(IdentityRefusal::OtherPerson.into());
                }
                (admitted, outcome)
            }
        };
        Ok(Finished {
            viewer,
            secured,
            outcome,
            next: attempt.next.clone(),
            title: known.draft.title.to_string(),
            sign_out,
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

    /// Writes down that somebody was turned away; of one network so often and no more, for anybody can begin and come back with nothing, and
    /// would fill the list.
    async fn refused(&self, origin: Origin<'_>, attempt: &Attempt, error: Error) -> Error {
        let Error::Identity(refusal) = &error else { return error };
        tracing::warn!(provider = attempt.slug, %refusal, "nobody was signed in by an identity provider");
        let network = network(origin.address.unwrap_or_default());
        if self
            .0
            .identities
            .refused
            .take(network, WRITTEN_DOWN, self.0.clock.now())
            .is_err()
        {
            return error;
        }
        let after =
            json!({ "reason": refusal.word(), "sentence": refusal.to_string(), "linking": attempt.link.is_some() });
        let written = async {
            let mut change = self.0.change(&Actor::System, origin).await?;
            let subject = Subject {
                action: "identity.refuse",
                id: attempt.slug.clone(),
                name: &attempt.slug,
            };
            change.audit::<(), _>(subject, None, Some(&after)).await?;
            Ok::<_, Error>(change.commit().await?)
        };
        if let Err(error) = written.await {
            tracing::error!(%error, "a refused sign-in could not be written down");
        }
        error
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

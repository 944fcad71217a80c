//! What a browser carries between the two visits: the sign-ins that it has begun, sealed. They lie there and not here, so whoever begins
//! one, who need not be anybody, writes nothing, takes nobody's place, and need not be counted.

use domain::{
    id::UserId,
    time::{Micros, Timestamp},
};
use serde::{Deserialize, Serialize};

use crate::{
    secrets::{HubKeys, SealError},
    users::securing::Secured,
};

/// How long a browser may stay away.
pub(super) const AWAY: Micros = Micros::from_seconds(600);
/// Sign-ins that one browser may have open at a time, in its windows. When it begins more, the first of them ends.
const WINDOWS: usize = 3;
/// Bytes of the sealed text at the most: with the address of the provider and all other headers the answer must be one that proxies pass on, and
/// nginx by itself passes heads of 4096.
const LONGEST: usize = 2_400;
/// Where somebody goes on whose way is forgotten.
const HOME: &str = "/";
/// What the sealed text is for.
const BOUND_TO: &str = "identity_attempts";

/// A sign-in that has begun.
#[derive(Serialize, Deserialize)]
pub(super) struct Attempt {
    /// What the provider sends back with the browser.
    pub(super) state: String,
    /// It is good before this.
    pub(super) until: Timestamp,
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
    pub(super) secured: Secured,
    /// Of whoever was invited: what the database knows the link by.
    pub(super) invitation: Option<String>,
}

/// All that one browser has begun, oldest first.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Carried(Vec<Attempt>);

impl Carried {
    /// What is still good of a browser's text. Nothing of one that is not ours.
    pub(super) fn open(keys: &HubKeys, text: Option<&str>, now: Timestamp) -> Self {
        let opened = text.and_then(|text| keys.session_data.open(text, BOUND_TO).ok());
        let mut carried: Self = opened
            .and_then(|json| serde_json::from_slice(&json).ok())
            .unwrap_or_default();
        carried.0.retain(|attempt| attempt.until > now);
        carried
    }

    /// The text with one more. Where it would be too long, ways on are forgotten, those of older ones first, and at last the oldest end.
    pub(super) fn with(mut self, keys: &HubKeys, attempt: Attempt) -> Result<String, SealError> {
        self.0.push(attempt);
        loop {
            let json = serde_json::to_vec(&self).unwrap_or_default();
            let text = keys.session_data.seal(&json, BOUND_TO)?;
            let count = self.0.len();
            if count <= WINDOWS && text.len() <= LONGEST {
                return Ok(text);
            }
            let strayed = self.0.iter_mut().find(|attempt| attempt.next != HOME);
            match strayed {
                Some(attempt) if count <= WINDOWS => HOME.clone_into(&mut attempt.next),
                _ if count > 1 => drop(self.0.remove(0)),
                _ => return Ok(text),
            }
        }
    }

    /// The one that the provider answers.
    pub(super) fn find(self, state: &str) -> Option<Attempt> {
        self.0.into_iter().find(|attempt| attempt.state == state)
    }
}

//! What a browser carries between the two visits: the sign-ins that it has begun, each sealed and by a name of its own, so that of windows that begin
//! at the same time none ends another's. They lie there and not here, so whoever begins one, who need not be anybody, writes nothing, takes nobody's
//! place, and need not be counted.

use domain::{
    access::Viewer,
    id::UserId,
    time::{Micros, Timestamp},
};
use serde::{Deserialize, Serialize};

use crate::{
    SecretText,
    secrets::{HubKeys, SealError},
    users::securing::Secured,
};

/// How long a browser may stay away.
pub(super) const AWAY: Micros = Micros::from_seconds(600);
/// Sign-ins that one browser may have open at a time, in its windows. When it begins more, the first of them ends.
const WINDOWS: usize = 3;
/// Bytes of a sealed text at the most, if the provider's own words need no more: with the address of the provider and all other headers the answer must be
/// one that proxies pass on, and nginx by itself passes heads of 4096.
const LONG: usize = 1_200;
/// The same of all that a browser sends: of a request nginx takes lines of 8192.
const ALL: usize = WINDOWS * LONG;
/// Where somebody goes on whose way is forgotten.
const HOME: &str = "/";
/// What the sealed text is for.
const BOUND_TO: &str = "identity_attempts";
/// As many letters of a state tell the sign-ins of one browser apart.
const LETTERS: usize = 8;

/// A sign-in as a browser carries it.
#[derive(Clone, Debug)]
pub struct Carried {
    /// Tells it apart from the browser's others; the first letters of its state.
    pub name: String,
    /// All that is to be known of it.
    pub sealed: SecretText,
}

/// A browser, on either visit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Browser<'a> {
    /// What it carries, as it came.
    pub carried: &'a [Carried],
    /// Who is signed in to it.
    pub viewer: Option<&'a Viewer>,
}

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
    /// Who was signed in to the browser. Whoever signs in meanwhile must not find themselves in somebody else's account.
    pub(super) by: Option<UserId>,
    /// Who links.
    pub(super) link: Option<UserId>,
    /// How often their account had been secured then: one who was locked out meanwhile links nothing.
    pub(super) secured: Secured,
    /// Of whoever was invited: what the database knows the link by.
    pub(super) invitation: Option<String>,
}

impl Attempt {
    /// By what a browser carries it.
    pub(super) fn name(&self) -> &str {
        name(&self.state)
    }

    /// What is still good of a browser's text. Nothing of one that is not ours.
    fn open(keys: &HubKeys, carried: &Carried, now: Timestamp) -> Option<Self> {
        let json = keys.session_data.open(carried.sealed.expose(), BOUND_TO).ok()?;
        let attempt: Self = serde_json::from_slice(&json).ok()?;
        (attempt.until > now && attempt.name() == carried.name).then_some(attempt)
    }

    /// For the browser. Where it would be too long, the way on is forgotten.
    pub(super) fn carried(mut self, keys: &HubKeys) -> Result<Carried, SealError> {
        loop {
            let json = serde_json::to_vec(&self).unwrap_or_default();
            let sealed = keys.session_data.seal(&json, BOUND_TO)?;
            if sealed.len() <= LONG || self.next == HOME {
                return Ok(Carried {
                    name: self.name().to_owned(),
                    sealed: SecretText::from(sealed),
                });
            }
            HOME.clone_into(&mut self.next);
        }
    }
}

/// By what a sign-in with this state is carried; the provider sends it back, or whoever says that they come from one.
fn name(state: &str) -> &str {
    state.get(..LETTERS).unwrap_or(state)
}

impl Browser<'_> {
    /// The one that the provider answers.
    pub(super) fn find(&self, keys: &HubKeys, state: &str, now: Timestamp) -> Option<Attempt> {
        let named = self.carried.iter().filter(|carried| carried.name == name(state));
        named
            .filter_map(|carried| Attempt::open(keys, carried, now))
            .find(|attempt| attempt.state == state)
    }

    /// The names of those that end when it begins one more: what is not good any more, and of the others the oldest, where they would be too many, or too long
    /// together.
    pub(super) fn ended(&self, keys: &HubKeys, one_more: &Carried, now: Timestamp) -> Vec<String> {
        let (mut good, mut ended) = (Vec::new(), Vec::new());
        for carried in self.carried {
            match Attempt::open(keys, carried, now) {
                Some(attempt) => good.push((attempt.until, carried)),
                None => ended.push(carried.name.clone()),
            }
        }
        good.sort_by_key(|(until, _)| *until);
        let length = |carried: &Carried| carried.sealed.expose().len();
        let mut all: usize = good.iter().map(|(_, carried)| length(carried)).sum();
        for (place, (_, oldest)) in good.iter().enumerate() {
            if good.len() - place < WINDOWS && all + length(one_more) <= ALL {
                break;
            }
            all -= length(oldest);
            ended.push(oldest.name.clone());
        }
        ended
    }
}

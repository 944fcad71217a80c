//! Identity providers: who else may say who somebody is, how they are asked, and what their word is worth here.
//!
//! An identity is an issuer and a subject, never an address of mail. `gateway::identity` carries the conversation; what is
//! allowed is decided here.

mod address;
mod profile;
mod refusal;
mod rules;
mod typed;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{
    id::{IdentityId, IdentityProviderId},
    name::{Label, ProviderName},
    time::Timestamp,
};
pub use address::IdentityUrl;
pub use profile::Profile;
pub use refusal::{IdentityRefusal, InvalidIdentity, TokenFault};
pub use rules::{RoleRules, may_be_granted};
pub use typed::{Typed, TypedProblem, domains};

/// What an admin says of an identity provider. Its secret is not part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityDraft {
    /// Its name in addresses; stays, as the provider knows the callback address.
    pub slug: ProviderName,
    /// What stands on its button.
    #[serde(deserialize_with = "Label::read_stored")]
    pub title: Label,
    /// How it is asked.
    pub way: Way,
    /// How it knows this hub.
    pub client_id: String,
    /// What it is asked for.
    pub scopes: Vec<String>,
    /// The domains whose people it may bring, in lower case; none for all.
    pub domains: Vec<String>,
    /// Which claim makes which role.
    pub rules: RoleRules,
    /// Its addresses of mail count as verified where it says nothing of that.
    pub trusts_mail: bool,
}

/// How a provider is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Way {
    /// OpenID Connect: the issuer tells the rest by discovery.
    Oidc {
        /// Its name, letter by letter as it stands in its tokens.
        issuer: IdentityUrl,
    },
    /// OAuth 2 without discovery, as GitHub has it.
    Oauth2(Box<Plain>),
}

/// What discovery would tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plain {
    /// Where the browser goes.
    pub authorize: IdentityUrl,
    /// Where a code becomes a token.
    pub token: IdentityUrl,
    /// Who it is, as JSON.
    pub userinfo: IdentityUrl,
    /// A list of `{email, primary, verified}`, as GitHub has it; absent where `userinfo` tells all.
    pub emails: Option<IdentityUrl>,
    /// What the fields of `userinfo` are called.
    pub fields: Fields,
}

/// The names of fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fields {
    /// What never changes of a person.
    pub subject: String,
    /// Their mail.
    pub email: String,
    /// Whether that was verified; empty where it is not told.
    pub verified: String,
    /// What they are called.
    pub name: String,
}

impl Way {
    /// The word in storage, in forms and in the file.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Oidc { .. } => "oidc",
            Self::Oauth2(_) => "oauth2",
        }
    }

    /// Whose subjects these are. Two providers with the same issuer speak of the same people. Of plain OAuth 2 all of that is
    /// part of it which decides who somebody is: where that is told, in which field, and who gives the token it is asked with.
    /// Else whoever may edit a provider could name a field that people choose themselves, and come as anybody. Addresses have
    /// neither `#` nor `@`, so no two ways make the same text.
    #[must_use]
    pub fn issuer(&self) -> Cow<'_, str> {
        match self {
            Self::Oidc { issuer } => Cow::Borrowed(issuer.as_str()),
            Self::Oauth2(plain) => Cow::Owned(format!("{}#{}@{}", plain.userinfo, plain.fields.subject, plain.token)),
        }
    }

    /// Where the client's secret goes: scheme, host and port.
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Self::Oidc { issuer } => issuer.place(),
            Self::Oauth2(plain) => plain.token.place(),
        }
    }
}

/// An identity provider as admins see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityProvider {
    /// Its id; absent where the configuration file made it, which alone can change it then.
    pub id: Option<IdentityProviderId>,
    /// What was said of it.
    pub draft: IdentityDraft,
    /// People may sign in by it.
    pub enabled: bool,
    /// A secret is stored.
    pub has_secret: bool,
    /// One of the file has the same slug and stands in its place.
    pub shadowed: bool,
    /// People who are linked to its issuer.
    pub people: i64,
}

/// A button of the sign-in page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityButton {
    /// The provider.
    pub slug: ProviderName,
    /// What stands on it.
    pub title: Label,
}

/// An identity that somebody has linked, as they see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedIdentity {
    /// Its id.
    pub id: IdentityId,
    /// Who says so.
    pub issuer: String,
    /// What they call the person.
    pub subject: String,
    /// The mail that they told last.
    pub email: Option<String>,
    /// What the provider is called; absent when there is none of this issuer any more, or it is disabled.
    pub provider: Option<Label>,
    /// When it was linked.
    pub created_at: Timestamp,
    /// When it last signed in.
    pub last_used_at: Option<Timestamp>,
}

/// Who may come without being added by an admin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Registration {
    /// Everybody whom an enabled provider knows, or who proves an address of mail.
    Open,
    /// Those who were invited.
    Invitation,
    /// Nobody: admins add people.
    #[default]
    Closed,
}

impl Registration {
    /// All, in the order of a form.
    pub const ALL: [Self; 3] = [Self::Open, Self::Invitation, Self::Closed];

    /// The word in storage and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Invitation => "invitation",
            Self::Closed => "closed",
        }
    }

    /// What this word names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == text)
    }
}

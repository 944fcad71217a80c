//! Why somebody is not signed in by a provider, and why a provider is not taken as it was typed.

use serde::{Deserialize, Serialize};

/// A sentence for whoever wanted to sign in, or who manages how.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "kind", content = "detail", rename_all = "snake_case")]
pub enum IdentityRefusal {
    /// This browser did not begin it, it was answered already, or ten minutes have passed.
    #[error(
        "This sign-in was not begun in this browser, was answered already, or is older than 10 minutes. Begin again."
    )]
    State,
    /// No enabled provider has this name.
    #[error("This way of signing in does not exist, or was switched off.")]
    Provider,
    /// It did not answer, or not in time.
    #[error("{title} does not answer: {reason}. Try again, or sign in another way.")]
    Unreachable {
        /// What it is called.
        title: String,
        /// What went wrong, without addresses.
        reason: String,
    },
    /// The person said no there.
    #[error("You did not agree at {title}, so nobody was signed in.")]
    Declined {
        /// What it is called.
        title: String,
    },
    /// It sent an error instead of a code.
    #[error("{title} refused: {code}. Try again; if it stays, tell your admin.")]
    Answered {
        /// What it is called.
        title: String,
        /// Its word for it.
        code: String,
    },
    /// It does not take the code.
    #[error(
        "{title} did not accept its own code ({code}): it was used before, is too old, or the hub's client id or secret is wrong. Begin again."
    )]
    Code {
        /// What it is called.
        title: String,
        /// Its word for it.
        code: String,
    },
    /// Its token proves nothing.
    #[error("What {title} sent is not a valid proof of who you are: {fault}. Nobody was signed in.")]
    Token {
        /// What it is called.
        title: String,
        /// What is wrong.
        fault: TokenFault,
    },
    /// It tells no address.
    #[error("{title} told no e-mail address. Allow it to, or ask your admin.")]
    NoMail {
        /// What it is called.
        title: String,
    },
    /// It does not vouch for the address.
    #[error("{title} says that your e-mail address is not verified. Verify it there, then sign in again.")]
    Unverified {
        /// What it is called.
        title: String,
    },
    /// Another domain.
    #[error("People of {domain} cannot sign in by {title}.")]
    Domain {
        /// What it is called.
        title: String,
        /// The domain of the person's address.
        domain: String,
    },
    /// An account with this address was made in another way.
    #[error("There is already an account with {email}. Sign in to it as before, then link {title} under Account.")]
    MailTaken {
        /// What it is called.
        title: String,
        /// The address.
        email: String,
    },
    /// Nobody registers.
    #[error("You have no account here, and new ones are made by admins only. Ask one of your admins.")]
    Closed,
    /// Only who was invited.
    #[error("You have no account here. This hub is open by invitation: ask one of your admins for one.")]
    InvitationOnly,
    /// Suspended.
    #[error("Your account is suspended. Ask one of your admins.")]
    Suspended,
    /// Somebody else uses it.
    #[error("This identity belongs to another account of this hub. Unlink it there first.")]
    LinkedElsewhere,
    /// Whoever began to link is not signed in any more.
    #[error("You were signed out meanwhile, so nothing was linked. Sign in and begin again.")]
    SignedOut,
    /// The person changed between beginning and end.
    #[error("Somebody else signed in meanwhile, so nothing was done. Begin again.")]
    OtherPerson,
    /// Nothing else would be left.
    #[error("This is your only way to sign in. Link another one first, or ask an admin to set a password.")]
    OnlyWayIn,
    /// Passwords are switched off.
    #[error("Passwords are switched off here. Sign in by one of the providers.")]
    PasswordsOff,
    /// No admin could sign in any more.
    #[error(
        "No admin could sign in any more: passwords may only be off while an active admin is linked to an enabled provider."
    )]
    LastWayIn,
    /// The file made it.
    #[error("This provider stands in the configuration file, and can only be changed there.")]
    FromFile,
    /// Not a value that it can have.
    #[error("{0}")]
    Invalid(InvalidIdentity),
}

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenFault {
    /// There is none.
    #[error("there is no ID token")]
    Missing,
    /// Not for this sign-in.
    #[error("it was not made for this sign-in")]
    Nonce,
    /// Not signed by the provider.
    #[error("its signature does not fit")]
    Signature,
    /// Too old.
    #[error("it has expired")]
    Expired,
    /// Of a moment that is yet to come.
    #[error("it is from the future: the clock of this hub or of the provider is wrong")]
    Early,
    /// By somebody else.
    #[error("it was made by another issuer")]
    Issuer,
    /// For somebody else.
    #[error("it was made for another client")]
    Audience,
    /// About another person than the token.
    #[error("its parts speak of different people")]
    Subject,
    /// Anything else.
    #[error("it cannot be read")]
    Shape,
}

/// What is wrong with what was typed about a provider.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvalidIdentity {
    /// Not an address.
    #[error("An address begins with https:// (http:// only for this machine) and has no user name and no #.")]
    Address,
    /// Not a kind.
    #[error("The kind is oidc or oauth2.")]
    Kind,
    /// Not a client id.
    #[error("A client id has 1 to 400 printable characters without spaces.")]
    ClientId,
    /// Not a secret.
    #[error("A client secret has 1 to 1000 printable characters without spaces.")]
    Secret,
    /// Not scopes.
    #[error("Scopes are words with spaces between, such as openid email profile, at most 20.")]
    Scopes,
    /// Not domains.
    #[error("Domains are written like example.com, with spaces between, at most 50.")]
    Domains,
    /// Not a field.
    #[error("The name of a field has 1 to 100 letters, such as id or user.mail.")]
    Field,
    /// Not a rule.
    #[error(
        "A rule is written like `groups: hub-admins = admin`, or `otherwise = member`; nobody becomes an owner by one. Wrong is: {0}"
    )]
    Rule(String),
}

impl From<InvalidIdentity> for IdentityRefusal {
    fn from(problem: InvalidIdentity) -> Self {
        Self::Invalid(problem)
    }
}

impl IdentityRefusal {
    /// A word for the audit and the log, without anything that a stranger has said.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Provider => "provider",
            Self::Unreachable { .. } => "unreachable",
            Self::Declined { .. } => "declined",
            Self::Answered { .. } => "answered",
            Self::Code { .. } => "code",
            Self::Token { fault, .. } => match fault {
                TokenFault::Missing => "token_missing",
                TokenFault::Nonce => "token_nonce",
                TokenFault::Signature => "token_signature",
                TokenFault::Expired => "token_expired",
                TokenFault::Early => "token_early",
                TokenFault::Issuer => "token_issuer",
                TokenFault::Audience => "token_audience",
                TokenFault::Subject => "token_subject",
                TokenFault::Shape => "token_shape",
            },
            Self::NoMail { .. } => "no_mail",
            Self::Unverified { .. } => "unverified",
            Self::Domain { .. } => "domain",
            Self::MailTaken { .. } => "mail_taken",
            Self::Closed => "closed",
            Self::InvitationOnly => "invitation_only",
            Self::Suspended => "suspended",
            Self::LinkedElsewhere => "linked_elsewhere",
            Self::SignedOut => "signed_out",
            Self::OtherPerson => "other_person",
            Self::OnlyWayIn => "only_way_in",
            Self::PasswordsOff => "passwords_off",
            Self::LastWayIn => "last_way_in",
            Self::FromFile => "from_file",
            Self::Invalid(_) => "invalid",
        }
    }
}

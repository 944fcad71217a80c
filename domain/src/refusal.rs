//! Why somebody is turned away, in terms of the product. No HTTP here and no secrets: each edge gives it its own shape.

use serde::{Deserialize, Serialize};

use crate::{
    key::{Bound, Tie},
    limit::InvalidLimit,
    name::InvalidName,
};

/// A request that was understood and is not granted. The display text is a sentence for the asker.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "kind", content = "detail", rename_all = "snake_case")]
pub enum Refusal {
    /// Nobody is signed in.
    #[error("Sign in first.")]
    NotSignedIn,
    /// Signed in, but not allowed.
    #[error("Your role does not allow this. Ask one of your admins.")]
    NotAllowed,
    /// Only owners decide about owners.
    #[error("Only an owner may do this. Ask one of your owners.")]
    OwnersOnly,
    /// An admin looks at the console as somebody else: nothing can be changed meanwhile.
    #[error("You see the console as somebody else, and can change nothing meanwhile. Leave that view first.")]
    OnlyLooking,
    /// No such thing, or not theirs: the two are not told apart.
    #[error("There is no such {what}.")]
    NotFound {
        /// The kind of thing: `key`, `provider`, `call`.
        what: Thing,
    },
    /// Another thing already has this name.
    #[error("Another {what} has that {} already. Choose a different one.", what.told_apart_by())]
    Taken {
        /// The kind of thing.
        what: Thing,
    },
    /// A field holds something it cannot hold.
    #[error("{0}")]
    Invalid(#[from] Invalid),
    /// E-mail and password do not belong together. The same for unknown addresses.
    #[error("E-mail or password is wrong.")]
    WrongCredentials,
    /// Too many failed sign-ins.
    #[error("Too many failed attempts. Try again in {seconds} seconds.")]
    TryLater {
        /// Seconds until the next attempt is looked at.
        seconds: u32,
    },
    /// The set-up link is not the printed one, or too old.
    #[error(
        "This set-up link is not valid any more. Start the hub again: it prints a new one until there is an admin."
    )]
    SetupLink,
    /// The last admin would be lost.
    #[error("This is the last active admin. Make somebody else an admin first.")]
    LastAdmin,
    /// The last owner would be lost.
    #[error("This is the last active owner. Make somebody else an owner first.")]
    LastOwner,
    /// Whoever would be deleted, or looked as, is the asker.
    #[error("You cannot do this to yourself. Ask another admin.")]
    Yourself,
    /// An admin would look at the console as somebody who is not below them.
    #[error("You can only see the console as somebody whose role is below yours.")]
    NotBelow,
    /// A personal project would get members, another account, or an end.
    #[error("A personal project is one person's own: it has no other members, pays from their account, and stays.")]
    PersonalProject,
    /// The project was archived.
    #[error("This project is archived. Make a new one, or use another.")]
    Archived,
    /// A key can do nothing any more.
    #[error("This key was revoked or has expired, and cannot be changed. Make a new one.")]
    KeyEnded,
    /// There are as many of something as there may be.
    #[error("{0}")]
    Full(Full),
    /// The account of whoever would be removed pays for the project.
    #[error("The account of this person pays for the project. Name another payer first.")]
    Pays,
    /// Somebody with more right than the asker switched the key off.
    #[error("An admin disabled this key. Ask them to enable it.")]
    DisabledByAdmin,
    /// A bound of a key would be loosened that somebody with more right than the asker has set.
    #[error("An admin has set {bound}. You can bind it more; ask them to lift that.")]
    BoundByAdmin {
        /// Which.
        bound: Bound,
    },
    /// A limit would be raised or removed that somebody with more right than the asker has set.
    #[error("An admin has set this limit. You can lower it; ask them to raise or remove it.")]
    LimitByAdmin,
    /// A key would make or widen one that manages, or free itself of a limit.
    #[error(
        "A key makes no key that manages, shows no secret of another, and lifts no bound of one, nor a limit that it counts in itself. Sign in to the console for that."
    )]
    ByKey,
    /// A key would make, open or show another that may do more than itself.
    #[error(
        "The key by which you ask is bound more narrowly ({bound}), and gives no other key more than it has. Bind that key as much, or sign in to the console for it."
    )]
    BeyondKey {
        /// In what.
        bound: Bound,
    },
    /// A key that is limited would show the secret of one that does not count in its limits.
    #[error(
        "The key by which you ask is limited, and that one does not count in its limits, so it shows no new secret of it. Make a key by it, or sign in to the console for this."
    )]
    BeyondLimits,
    /// A key would make, open or show another of its owner's in a project that is not its own.
    #[error(
        "The key by which you ask belongs to another project, and reaches its owner's keys in that one alone. Sign in to the console for this."
    )]
    OtherProject,
    /// A key that is tied would let somebody in, give rights, or lift a limit.
    #[error(
        "The key by which you ask is tied ({tie}), so it lets nobody in, gives nobody rights and lifts no limit or bound. Ask by a key that nothing ties, or sign in to the console for this."
    )]
    TiedKey {
        /// By what.
        tie: Tie,
    },
    /// What is to be changed was changed since the asker looked.
    #[error("This {what} was changed in the meantime. Look at it as it is now, then change it again.")]
    Changed {
        /// The kind of thing.
        what: Thing,
    },
    /// The typed name does not match.
    #[error("The name you typed does not match.")]
    ConfirmationMismatch,
    /// Something outside the asker's reach failed; the request id leads to the log.
    #[error("Something went wrong on our side. Try again; if it stays, give your admin the request id.")]
    Internal,
}

/// What there is as much of as may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Full {
    /// Keys of one person in one project.
    #[error("One person has at most 200 keys in a project. Revoke or delete some first.")]
    Keys,
    /// Secrets of one key that still work beside the present one.
    #[error(
        "At most 10 earlier secrets of a key work at a time. Rotate it with the old one ending at once: that ends them all."
    )]
    Secrets,
    /// Applications of one project.
    #[error("A project has at most 50 applications. Remove one first.")]
    Applications,
}

impl Full {
    /// How many there may be.
    #[must_use]
    pub const fn most(self) -> i64 {
        match self {
            Self::Keys => 200,
            Self::Secrets => 10,
            Self::Applications => 50,
        }
    }

    /// Whether there is room for one more.
    ///
    /// # Errors
    /// [`Refusal::Full`].
    pub const fn room(self, there: i64) -> Result<(), Refusal> {
        if there < self.most() {
            Ok(())
        } else {
            Err(Refusal::Full(self))
        }
    }
}

/// The kinds of things that can be missing or taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Thing {
    /// A person.
    User,
    /// An API key.
    Key,
    /// People and keys together.
    Project,
    /// Somebody in a project.
    Member,
    /// A program that names itself in its calls.
    Application,
    /// An upstream.
    Provider,
    /// A provider's secret.
    Credential,
    /// A model.
    Model,
    /// A call.
    Call,
    /// A session.
    Session,
    /// Credit that came in at once.
    Lot,
    /// A page of the console.
    Page,
    /// A program's request for a key.
    Connection,
    /// Somebody else who says who people are.
    IdentityProvider,
    /// An identity that somebody signs in with.
    Identity,
    /// How much somebody may use.
    Limit,
    /// A mail that waits or was sent.
    Mail,
    /// Somebody who was asked to come.
    Invitation,
}

impl Thing {
    /// What there can be one of.
    const fn told_apart_by(self) -> &'static str {
        match self {
            Self::User => "e-mail address",
            _ => "name",
        }
    }
}

impl std::fmt::Display for Thing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::User => "user",
            Self::Key => "key",
            Self::Project => "project",
            Self::Member => "member of this project",
            Self::Application => "application",
            Self::Provider => "provider",
            Self::Credential => "credential",
            Self::Model => "model",
            Self::Call => "call",
            Self::Session => "session",
            Self::Lot => "lot",
            Self::Page => "page",
            Self::Connection => "request to connect",
            Self::IdentityProvider => "identity provider",
            Self::Identity => "linked identity",
            Self::Limit => "limit",
            Self::Mail => "mail",
            Self::Invitation => "invitation",
        })
    }
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "field", content = "problem", rename_all = "snake_case")]
pub enum Invalid {
    /// A name or address.
    #[error("{0}.")]
    Name(InvalidName),
    /// A password outside 10 to 200 characters.
    #[error("A password has 10 to 200 characters.")]
    PasswordLength,
    /// A credential that is empty, too long or not printable.
    #[error("A credential has 1 to 4096 printable characters without spaces.")]
    Credential,
    /// A credential is needed by this kind of provider.
    #[error("This kind of provider needs a credential.")]
    CredentialMissing,
    /// A time limit outside what makes sense.
    #[error("A time limit lies between 100 ms and 1 hour, and no limit exceeds the total.")]
    Timeout,
    /// The name of a field of requests that cannot be left out.
    #[error(
        "A field is written like store or messages[].name; what a request is made of, such as model, cannot be left out."
    )]
    Field,
    /// A number of tokens that is none.
    #[error("A number of tokens is a whole number from 1 to 4,294,967,295, without separators.")]
    Tokens,
    /// A key without anything that it may do.
    #[error("A key may do at least one thing: call models, read its own usage, or manage.")]
    Scopes,
    /// An address that is none.
    #[error("An address is written like 192.0.2.7 or 10.0.0.0/8, one a line; at most 50.")]
    Addresses,
    /// A model or provider that is not named as they are.
    #[error("A model is written as provider/model, all of a provider's as provider/*, one a line; at most 200.")]
    Allowed,
    /// An end in the past or too far away.
    #[error("A key ends in the future, within ten years.")]
    Expiry,
    /// The name of an application that is none.
    #[error("An application is named by 1 to 200 letters, digits, '-', '_', '.' and ':', as AIGNE's clients send it.")]
    Application,
    /// A time zone that there is not.
    #[error("A time zone is written as Europe/Berlin, Asia/Shanghai or UTC.")]
    TimeZone,
    /// A limit that cannot be.
    #[error("{0}")]
    Limit(InvalidLimit),
    /// A name under which something is to be booked once.
    #[error("A name under which a change is booked once has 1 to 100 printable characters.")]
    Once,
    /// A choice that does not exist.
    #[error("That choice does not exist.")]
    Choice,
}

impl From<InvalidName> for Refusal {
    fn from(problem: InvalidName) -> Self {
        Self::Invalid(Invalid::Name(problem))
    }
}

impl From<InvalidName> for Invalid {
    fn from(problem: InvalidName) -> Self {
        Self::Name(problem)
    }
}

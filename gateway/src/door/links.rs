//! Links that work once. Their token is 256 bits of chance; the database knows its HMAC, which says the kind too, so that a
//! link for one thing opens no other. Addresses are built from the configured public URL and from nothing else.

use domain::{
    door::DoorRefusal,
    id::UserId,
    invitation::Invitation,
    time::{Micros, Timestamp},
};

use crate::{
    Error, Inner, SecretText,
    secrets::{hex, random},
    store::{
        Change,
        links::{self as table, Row},
    },
};

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkKind {
    Reset,
    Register,
    Confirm,
    Invite,
}

impl LinkKind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Register => "register",
            Self::Confirm => "confirm",
            Self::Invite => "invite",
        }
    }

    /// The page that it opens.
    const fn path(self) -> &'static str {
        match self {
            Self::Reset => "/reset",
            Self::Register => "/register/complete",
            Self::Confirm => "/confirm",
            Self::Invite => "/invite",
        }
    }

    /// How long it works; an invitation says so itself.
    const fn lifetime(self) -> Micros {
        match self {
            Self::Reset => Micros::from_seconds(30 * 60),
            Self::Register | Self::Confirm => Micros::from_days(1),
            Self::Invite => Micros::from_days(30),
        }
    }
}

/// For whom a link is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum For<'a> {
    /// Somebody who is here, and the address that it goes to.
    Person(UserId, &'a str),
    /// Somebody who is not.
    Stranger(&'a str),
    /// Somebody who was invited.
    Invited(&'a Invitation),
}

/// A fresh link, within a change.
///
/// # Errors
/// The database's.
pub(crate) async fn fresh_in(
    inner: &Inner,
    change: &mut Change<'_>,
    kind: LinkKind,
    whose: For<'_>,
) -> Result<SecretText, Error> {
    let token = SecretText::from(hex(&random::<32>()?));
    let usual = change.at.plus(kind.lifetime());
    let (person_id, invitation_id, email, until) = match whose {
        For::Person(person, email) => (Some(person.number()), None, email, usual),
        For::Stranger(email) => (None, None, email, usual),
        For::Invited(invitation) => (
            None,
            Some(invitation.id.number()),
            invitation.email.as_str(),
            invitation.expires_at,
        ),
    };
    let row = Row {
        person_id,
        invitation_id,
        email: email.to_owned(),
        expires_at: until.microseconds(),
    };
    let hash = hash_of(inner, kind, token.expose());
    table::insert(&mut change.tx, &hash, kind.as_str(), &row).await?;
    let (url, path) = (&inner.public_url, kind.path());
    Ok(SecretText::from(format!("{url}{path}?token={}", token.expose())))
}

/// What the database holds instead of a token.
pub(crate) fn hash_of(inner: &Inner, kind: LinkKind, token: &str) -> String {
    inner.keys.session_hash(&format!("link {} {token}", kind.as_str()))
}

/// Looks whether a link works. Nothing of it is used up.
///
/// # Errors
/// [`DoorRefusal::Link`]; the database's.
pub(crate) async fn look(inner: &Inner, kind: LinkKind, token: &str) -> Result<Row, Error> {
    let hash = hash_of(inner, kind, token);
    let found = table::get(&inner.store, &hash, kind.as_str(), inner.clock.now()).await?;
    Ok(found.ok_or(DoorRefusal::Link)?)
}

/// Uses a link up, within a change.
///
/// # Errors
/// [`DoorRefusal::Link`]; the database's.
pub(crate) async fn take(inner: &Inner, change: &mut Change<'_>, kind: LinkKind, token: &str) -> Result<Row, Error> {
    take_hash(change, kind, &hash_of(inner, kind, token)).await
}

/// The same by what the database knows it by.
///
/// # Errors
/// As [`take`].
pub(crate) async fn take_hash(change: &mut Change<'_>, kind: LinkKind, hash: &str) -> Result<Row, Error> {
    let at: Timestamp = change.at;
    let found = table::take(&mut change.tx, hash, kind.as_str(), at).await?;
    Ok(found.ok_or(DoorRefusal::Link)?)
}

//! People and their sessions, as pages show them.

use serde::{Deserialize, Serialize};

use crate::{
    access::Role,
    id::{SessionId, UserId},
    name::Email,
    time::Timestamp,
};

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// How they sign in.
    pub email: Email,
    /// What they may do.
    pub role: Role,
    /// Suspended people cannot sign in, and their keys are refused.
    pub suspended: bool,
    /// When they were added.
    pub created_at: Timestamp,
    /// When they last signed in.
    pub last_seen_at: Option<Timestamp>,
}

/// A sign-in that has not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// Its id; not the secret in the cookie.
    pub id: SessionId,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// When it was last used; written in intervals.
    pub last_seen_at: Timestamp,
    /// The address it came from, as far as trusted proxies tell.
    pub address: String,
    /// The browser's own description, cut to 200 characters.
    pub agent: String,
    /// The session that asks.
    pub current: bool,
}

/// Whose key `serve --demo` hands out. Nobody can sign in as them: they have no password.
pub const DEMO_EMAIL: &str = "demo@localhost";

/// The length of passwords, in characters.
pub const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 10..=200;

//! `/api/admin`: everything that the console lets admins, billing and auditors do, as JSON over HTTP, for keys that may manage.
//! One file a subject, each with what the document says of its routes; the paths and who may come stand in `routes/admin.rs`.
//!
//! A handler is a thin door: who asks ([`By`], which proves what their role lets them do), what is asked ([`At`], [`Asked`],
//! [`Given`]), one use-case of `gateway`, and the answer in a shape of its own. Moments are RFC 3339 in UTC, money and prices
//! exact decimal strings, ids as everywhere. Cookies mean nothing here. No answer holds a secret but that of a new key.

mod actor;
mod answer;
pub mod audit;
mod body;
pub mod books;
pub mod calls;
pub mod credentials;
pub mod credits;
mod cursor;
mod error;
pub mod identity_providers;
pub mod invitations;
pub mod keys;
pub mod limits;
pub mod mail;
mod manager;
pub mod models;
mod moment;
mod path;
pub mod prices;
pub mod projects;
pub mod providers;
mod query;
pub mod settings;
pub mod users;
mod words;

pub use error::AdminError;

use actor::ActorEntry;
use answer::{Booked, Listed, Made};
use body::{Given, Secret};
pub use manager::Asks;
use manager::{By, Freely};
pub use moment::Moment;
use path::{At, Within};
use query::Asked;

use crate::contract::{Errors, Operation, Tag};

/// Whether a path belongs to the admin API.
#[must_use]
pub fn is_ours(path: &str) -> bool {
    path.strip_prefix("/api/admin")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A route of which nothing else is known yet.
fn operation(summary: &'static str) -> Operation {
    Operation::new(Tag::Admin, summary).shaped(Errors::Admin)
}

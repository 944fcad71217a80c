//! Changes, written down: by whom, to what, before and after. Secrets are never part of it.

use serde::{Deserialize, Serialize};

use crate::{
    access::Actor,
    id::{AuditId, KeyId},
    time::Timestamp,
};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// From which address, when it came over HTTP.
    pub address: Option<String>,
    /// What was done, as `subject.verb`: `provider.create`, `key.revoke`, `user.sign_in`.
    pub action: String,
    /// The id of what it was done to, with its prefix, and a name for people.
    pub subject: String,
    /// The name for people at the time.
    pub subject_name: String,
    /// JSON before the change, without secrets.
    pub before: Option<String>,
    /// JSON after the change, without secrets.
    pub after: Option<String>,
}

/// Which changes to list. Absent means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only by them.
    pub actor: Option<ActorFilter>,
    /// Only this action (`key.revoke`), or every action on one kind of thing (`key`).
    pub action: Option<String>,
    /// Only what was done to the thing with this id, or to things whose name contains this text.
    pub subject: Option<String>,
    /// Only from this moment on.
    pub from: Option<Timestamp>,
    /// Only before this moment.
    pub until: Option<Timestamp>,
}

/// Whose changes to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActorFilter {
    /// People whose address contains this text.
    Email(String),
    /// Whoever asked by this key.
    Key(KeyId),
    /// Whoever used the command line.
    CommandLine,
    /// The hub itself.
    System,
}

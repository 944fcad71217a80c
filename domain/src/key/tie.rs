//! What ties a key that manages, beside its end: a limit that it counts in, or a rule of its own. Such a key keeps prices, credit and
//! upstreams, takes power away and reads; it lets nobody in, gives nobody rights, and lifts no limit that it counts in itself. Whoever has
//! found one would else make their way round what ties it: by another password, another role, another account that pays.
//!
//! An end alone ties nothing: while a key lasts it may do all that its owner may.

use serde::{Deserialize, Serialize};

use super::KeyRules;
use crate::limit::{Subject, SubjectKind};

/// The first thing that ties a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tie {
    /// A limit on it, or on a key by which it came to be.
    Limits,
    /// A limit on its owner, or on the owner of a key by which it came to be.
    Owner,
    /// A limit on its project, or on that of a key by which it came to be.
    Project,
    /// The models and providers that it may ask.
    Allowed,
    /// The addresses from which it may be used.
    Addresses,
}

impl Tie {
    /// What a limit on this ties a key by that counts in it. Limits of models and providers are everybody's, and tie none.
    #[must_use]
    pub const fn of_limit(subject: Subject) -> Option<Self> {
        match subject.kind {
            SubjectKind::Key => Some(Self::Limits),
            SubjectKind::User => Some(Self::Owner),
            SubjectKind::Project => Some(Self::Project),
            SubjectKind::Model | SubjectKind::Provider => None,
        }
    }

    /// What these rules tie a key by.
    #[must_use]
    pub fn of_rules(rules: &KeyRules) -> Option<Self> {
        if !rules.allowed.is_everything() {
            Some(Self::Allowed)
        } else if rules.addresses.is_some() {
            Some(Self::Addresses)
        } else {
            None
        }
    }
}

impl std::fmt::Display for Tie {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Limits => "it counts in limits of its own, or of the key by which it was made",
            Self::Owner => "its owner has limits",
            Self::Project => "its project has limits",
            Self::Allowed => "it may not ask every model",
            Self::Addresses => "it may not be used from everywhere",
        })
    }
}

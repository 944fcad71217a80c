//! API keys as people see them: whose, of which project, for what, from where and how long. The key itself is shown once, when it
//! is made or rotated, and never held here. What it may do is in `key/scope.rs`, what it may ask in `key/allowed.rs`, how long
//! it lives in `key/expiry.rs`, who may change it in `key/standing.rs`, and which of its bounds in `key/bound.rs`.

mod allowed;
mod bound;
mod expiry;
mod scope;
mod standing;
mod tie;

use serde::{Deserialize, Serialize};

use crate::{
    id::{KeyId, ProjectId, UserId},
    name::{Email, Label},
    network::Network,
    refusal::Invalid,
    time::Timestamp,
};

pub use allowed::Allowed;
pub use bound::{Bound, BoundRights};
pub use expiry::{Expiry, Overlap};
pub use scope::{Scope, Scopes};
pub use standing::{KeyStanding, OnKey, Right};
pub use tie::Tie;

/// What every key begins with.
pub const KEY_PREFIX: &str = "sk-hub-";

/// The most networks that a key may be bound to.
const MOST_NETWORKS: usize = 50;

/// Which keys to list. Absent means all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyFilter {
    /// Only this person's.
    pub user: Option<UserId>,
    /// Only this project's.
    pub project: Option<ProjectId>,
    /// Only those that stand so.
    pub state: Option<KeyState>,
}

impl KeyFilter {
    /// What matches both; none where nothing can.
    #[must_use]
    pub fn within(&self, bounds: &Self) -> Option<Self> {
        fn both<T: Copy + PartialEq>(one: Option<T>, other: Option<T>) -> Option<Option<T>> {
            match (one, other) {
                (Some(one), Some(other)) => (one == other).then_some(Some(one)),
                (one, other) => Some(one.or(other)),
            }
        }
        Some(Self {
            user: both(self.user, bounds.user)?,
            project: both(self.project, bounds.project)?,
            state: both(self.state, bounds.state)?,
        })
    }
}

/// An API key, without the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its id.
    pub id: KeyId,
    /// What its owner calls it.
    pub name: Label,
    /// Whose it is.
    pub user_id: UserId,
    /// The owner's address.
    pub user_email: Email,
    /// Of which project.
    pub project_id: ProjectId,
    /// What the project is called.
    pub project_name: Label,
    /// The beginning and end of the key, enough to recognise it: `sk-hub-3fk…9x2a`.
    pub hint: String,
    /// What it may be used for.
    pub rules: KeyRules,
    /// The key by which it was made, in whose limits it counts, too; none where a person made it.
    pub made_by: Option<KeyId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When a call last used it; written in intervals, so up to a minute old.
    pub last_used_at: Option<Timestamp>,
    /// Since when it is switched off; it can be switched on again.
    pub disabled_at: Option<Timestamp>,
    /// When it was revoked; such a key is refused for good.
    pub revoked_at: Option<Timestamp>,
}

/// What a key may be used for, from where, and until when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRules {
    /// What it may do.
    pub scopes: Scopes,
    /// Which models it may ask.
    pub allowed: Allowed,
    /// From where it may be used; absent: from everywhere.
    pub addresses: Option<Addresses>,
    /// When it ends; absent: never.
    pub expires_at: Option<Timestamp>,
}

impl KeyRules {
    /// Whether a key with these may do nothing that one with the others may not: no bound of theirs is lifted.
    #[must_use]
    pub fn are_within(&self, others: &Self) -> bool {
        Bound::ALL.into_iter().all(|bound| bound.is_within(self, others))
    }
}

/// How a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyState {
    /// It works, as far as its owner and its project do.
    Active,
    /// Switched off.
    Disabled,
    /// Its time is over.
    Expired,
    /// Refused for good.
    Revoked,
}

impl KeyState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Active, Self::Disabled, Self::Expired, Self::Revoked];

    /// The word in addresses and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }

    /// The state that this word names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

impl ApiKey {
    /// How it stands at a moment.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> KeyState {
        if self.revoked_at.is_some() {
            KeyState::Revoked
        } else if self.rules.expires_at.is_some_and(|end| end <= now) {
            KeyState::Expired
        } else if self.disabled_at.is_some() {
            KeyState::Disabled
        } else {
            KeyState::Active
        }
    }
}

/// An earlier secret of a key that still works, or worked lately.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierSecret {
    /// Enough of it to recognise it.
    pub hint: String,
    /// Until when it works.
    pub until: Timestamp,
}

/// The networks that a key may be used from. One that holds nothing lets nobody in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Addresses(Vec<Network>);

impl Addresses {
    /// Reads networks with commas or lines between them. None: there is no word, so no bound.
    ///
    /// # Errors
    /// [`Invalid::Addresses`] for the first that is none, and for too many.
    pub fn parse(text: &str) -> Result<Option<Self>, Invalid> {
        let words = text.split([',', '\n', '\r', ' ', '\t']).filter(|word| !word.is_empty());
        let networks: Vec<Network> = words
            .map(|word| Network::parse(word).ok_or(Invalid::Addresses))
            .collect::<Result<_, _>>()?;
        if networks.len() > MOST_NETWORKS {
            return Err(Invalid::Addresses);
        }
        Ok((!networks.is_empty()).then_some(Self(networks)))
    }

    /// What storage holds. A word that cannot be read lets nobody in, as it once bound the key to something.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        Self(text.split(',').filter_map(Network::parse).collect())
    }

    /// Whether each is one of the others.
    fn are_within(&self, others: &Self) -> bool {
        self.0.iter().all(|network| others.0.contains(network))
    }

    /// Whether a key may be used from here.
    #[must_use]
    pub fn contain(&self, address: std::net::IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }
}

impl std::fmt::Display for Addresses {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (number, network) in self.0.iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            write!(formatter, "{comma}{network}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_fail_closed() {
        let read = |text| Addresses::parse(text).map(|read| read.map(|read| read.to_string()));
        assert_eq!(
            read(" 10.0.0.0/8\r\n192.0.2.7, ::1"),
            Ok(Some("10.0.0.0/8,192.0.2.7,::1".to_owned()))
        );
        assert_eq!(read(" \n"), Ok(None));
        assert_eq!(read("10.0.0.0/8, host"), Err(Invalid::Addresses));
        assert_eq!(read(&"::1,".repeat(51)), Err(Invalid::Addresses));
        let bound = Addresses::stored("10.0.0.0/8,nonsense");
        assert!(bound.contain("10.1.2.3".parse().expect("an address")));
        assert!(bound.contain("::ffff:10.1.2.3".parse().expect("an address")));
        assert!(!bound.contain("11.1.2.3".parse().expect("an address")));
        assert!(!Addresses::stored("nonsense").contain("10.1.2.3".parse().expect("an address")));
    }

    #[test]
    fn each_bound_of_a_key_can_be_lifted() {
        let rules = |scopes: &[Scope], allowed: &str, addresses: &str, end: Option<i64>| KeyRules {
            scopes: scopes.iter().copied().collect(),
            allowed: Allowed::parse(allowed).expect("models"),
            addresses: Addresses::parse(addresses).expect("networks"),
            expires_at: end.map(Timestamp),
        };
        let bound = rules(&[Scope::Manage, Scope::Usage], "a/*, b/c", "10.0.0.0/8, ::1", Some(9));
        for narrower in [
            bound.clone(),
            rules(&[Scope::Manage], "a/b, b/c", "::1", Some(8)),
            rules(&[Scope::Usage], "a/*", "10.0.0.0/8", Some(9)),
        ] {
            assert!(narrower.are_within(&bound), "{narrower:?}");
        }
        for wider in [
            rules(&[Scope::Inference], "a/*", "::1", Some(9)),
            rules(&[Scope::Manage], "", "::1", Some(9)),
            rules(&[Scope::Manage], "b/*", "::1", Some(9)),
            rules(&[Scope::Manage], "b/d", "::1", Some(9)),
            rules(&[Scope::Manage], "a/*", "", Some(9)),
            rules(&[Scope::Manage], "a/*", "10.0.0.1, 11.0.0.0/8", Some(9)),
            rules(&[Scope::Manage], "a/*", "::1", Some(10)),
            rules(&[Scope::Manage], "a/*", "::1", None),
        ] {
            assert!(!wider.are_within(&bound), "{wider:?}");
        }
        assert!(bound.are_within(&rules(&Scope::ALL, "", "", None)));
    }
}

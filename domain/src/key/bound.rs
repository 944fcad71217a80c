//! What a key is bound to, bound by bound, and by whose right each was set: whoever has less right tightens it and never loosens it.
//! Called by [`KeyRules::are_within`] and by whoever changes keys (`gateway::keys`).

use serde::{Deserialize, Serialize};

use super::{KeyRules, Right, Scope};
use crate::refusal::Refusal;

/// One of the things that a key is bound by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// What it may do.
    Scopes,
    /// Which models it may ask.
    Allowed,
    /// From where it may be used.
    Addresses,
    /// When it ends.
    ExpiresAt,
}

impl Bound {
    /// Every bound, in the order of [`BoundRights`].
    pub const ALL: [Self; 4] = [Self::Scopes, Self::Allowed, Self::Addresses, Self::ExpiresAt];

    /// Whether the first rules allow nothing here that the second do not.
    #[must_use]
    pub fn is_within(self, these: &KeyRules, others: &KeyRules) -> bool {
        match self {
            Self::Scopes => these.scopes.iter().all(|scope| others.scopes.has(scope)),
            Self::Allowed => these.allowed.is_within(&others.allowed),
            Self::Addresses => match (&these.addresses, &others.addresses) {
                (_, None) => true,
                (None, Some(_)) => false,
                (Some(these), Some(others)) => these.are_within(others),
            },
            Self::ExpiresAt => match (these.expires_at, others.expires_at) {
                (_, None) => true,
                (None, Some(_)) => false,
                (Some(this), Some(other)) => this <= other,
            },
        }
    }

    fn is_same(self, these: &KeyRules, others: &KeyRules) -> bool {
        match self {
            Self::Scopes => these.scopes == others.scopes,
            Self::Allowed => these.allowed == others.allowed,
            Self::Addresses => these.addresses == others.addresses,
            Self::ExpiresAt => these.expires_at == others.expires_at,
        }
    }

    /// Whether a change leaves nothing bound here. To take away that a key manages binds it.
    fn is_opened(self, before: &KeyRules, after: &KeyRules) -> bool {
        let manages = |rules: &KeyRules| rules.scopes.has(Scope::Manage);
        let manages_no_more = self == Self::Scopes && manages(before) && !manages(after);
        self.is_open(after) && !manages_no_more
    }

    /// Whether these rules bind nothing here. That a key does not manage binds nothing: it is the owner's to say, whoever bound the rest.
    fn is_open(self, rules: &KeyRules) -> bool {
        match self {
            Self::Scopes => rules.scopes.has(Scope::Inference) && rules.scopes.has(Scope::Usage),
            Self::Allowed => rules.allowed.is_everything(),
            Self::Addresses => rules.addresses.is_none(),
            Self::ExpiresAt => rules.expires_at.is_none(),
        }
    }
}

impl std::fmt::Display for Bound {
    /// As within the sentence of [`Refusal::BoundByAdmin`].
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Scopes => "what this key may do",
            Self::Allowed => "which models this key may ask",
            Self::Addresses => "from where this key may be used",
            Self::ExpiresAt => "when this key ends",
        })
    }
}

/// By whose right each bound of a key was set, in the order of [`Bound::ALL`]. What is open is its owner's to bind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BoundRights(pub [Right; 4]);

impl Serialize for BoundRights {
    /// By the names of the bounds, as the list of changes has it.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Bound::ALL.into_iter().zip(self.0))
    }
}

impl BoundRights {
    /// Of a key that somebody makes by this right.
    #[must_use]
    pub fn of_new(rules: &KeyRules, by: Right) -> Self {
        Self(Bound::ALL.map(|bound| if bound.is_open(rules) { Right::Owner } else { by }))
    }

    /// What becomes of them by a change of somebody who has `right`, and whose word counts as `by`. `said`: whether they have said
    /// something of a bound; who says what holds already, with more right, holds it from then on.
    ///
    /// # Errors
    /// [`Refusal::BoundByAdmin`] for the first bound that they would loosen and somebody with more right has set.
    pub fn changed(
        self,
        (before, after): (&KeyRules, &KeyRules),
        said: impl Fn(Bound) -> bool,
        right: Right,
        by: Right,
    ) -> Result<Self, Refusal> {
        let mut rights = self.0;
        for (bound, held) in Bound::ALL.into_iter().zip(&mut rights) {
            if bound.is_same(before, after) {
                if said(bound) && !bound.is_open(after) {
                    *held = by.max(*held);
                }
                continue;
            }
            if right >= *held {
                *held = if bound.is_opened(before, after) {
                    Right::Owner
                } else if bound.is_within(after, before) {
                    // Who tightens what somebody else has set does not make it theirs to loosen.
                    by.max(*held)
                } else {
                    by
                };
            } else if !bound.is_within(after, before) {
                return Err(Refusal::BoundByAdmin { bound });
            }
        }
        Ok(Self(rights))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        key::{Addresses, Allowed},
        time::Timestamp,
    };

    fn rules(scopes: &[Scope], allowed: &str, addresses: &str, end: Option<i64>) -> KeyRules {
        KeyRules {
            scopes: scopes.iter().copied().collect(),
            allowed: Allowed::parse(allowed).expect("models"),
            addresses: Addresses::parse(addresses).expect("networks"),
            expires_at: end.map(Timestamp),
        }
    }

    /// Each bound alone: its owner tightens it and loosens it never, who set it does, and then it is the owner's again.
    #[test]
    fn who_has_less_right_only_tightens() {
        use Right::{Hub, Owner, Project};
        let open = rules(&[Scope::Inference, Scope::Usage], "", "", None);
        let bound = rules(&[Scope::Inference], "a/*", "10.0.0.0/8, ::1", Some(9));
        let tighter = [
            rules(&[Scope::Inference], "a/*", "10.0.0.0/8, ::1", Some(8)),
            rules(&[Scope::Inference], "a/*", "::1", Some(9)),
            rules(&[Scope::Inference], "a/b", "10.0.0.0/8, ::1", Some(9)),
        ];
        let looser = [
            (
                Bound::Scopes,
                rules(&[Scope::Usage, Scope::Inference], "a/*", "10.0.0.0/8, ::1", Some(9)),
            ),
            (Bound::Scopes, rules(&[Scope::Usage], "a/*", "10.0.0.0/8, ::1", Some(9))),
            (
                Bound::Allowed,
                rules(&[Scope::Inference], "", "10.0.0.0/8, ::1", Some(9)),
            ),
            (
                Bound::Allowed,
                rules(&[Scope::Inference], "b/c", "10.0.0.0/8, ::1", Some(9)),
            ),
            (Bound::Addresses, rules(&[Scope::Inference], "a/*", "", Some(9))),
            (Bound::Addresses, rules(&[Scope::Inference], "a/*", "::1, ::2", Some(9))),
            (
                Bound::ExpiresAt,
                rules(&[Scope::Inference], "a/*", "10.0.0.0/8, ::1", Some(10)),
            ),
            (
                Bound::ExpiresAt,
                rules(&[Scope::Inference], "a/*", "10.0.0.0/8, ::1", None),
            ),
        ];
        for held in [Project, Hub] {
            let rights = BoundRights::default()
                .changed((&open, &bound), |_| true, held, held)
                .expect("a change");
            assert_eq!(rights, BoundRights([held; 4]));
            assert_eq!(rights, BoundRights::of_new(&bound, held));
            for less in [Owner, Project].into_iter().filter(|right| *right < held) {
                for after in &tighter {
                    assert_eq!(
                        rights.changed((&bound, after), |_| true, less, less),
                        Ok(rights),
                        "{after:?}"
                    );
                }
                for (bound_by, after) in &looser {
                    let refusal = Refusal::BoundByAdmin { bound: *bound_by };
                    assert_eq!(
                        rights.changed((&bound, after), |_| true, less, less),
                        Err(refusal),
                        "{after:?}"
                    );
                }
            }
            for (_, after) in &looser {
                assert!(
                    rights.changed((&bound, after), |_| true, held, held).is_ok(),
                    "{after:?}"
                );
            }
            // An admin who is its owner lifts it and binds it as its owner. Where they tighten it, it stays whose it was.
            let later = rules(&[Scope::Inference], "a/*", "10.0.0.0/8, ::1", Some(10));
            assert_eq!(
                rights.changed((&bound, &later), |_| true, Hub, Owner),
                Ok(BoundRights([held, held, held, Owner]))
            );
            assert_eq!(rights.changed((&bound, &tighter[0]), |_| true, Hub, Owner), Ok(rights));
            assert_eq!(
                rights.changed((&bound, &open), |_| true, Hub, Hub),
                Ok(BoundRights::default())
            );
        }
        assert_eq!(BoundRights::of_new(&open, Hub), BoundRights::default());
        // What the owner bound themselves they open again.
        assert!(
            BoundRights::default()
                .changed((&bound, &open), |_| true, Owner, Owner)
                .is_ok()
        );
    }

    /// Who has more right and sets what holds already holds it afterwards; who says nothing of it, or has less, does not.
    #[test]
    fn who_sets_what_holds_already_holds_it() {
        use Right::{Hub, Owner, Project};
        let bound = rules(&[Scope::Inference], "a/*", "::1", Some(9));
        let own = BoundRights::of_new(&bound, Owner);
        let only = |wanted: Bound| move |bound: Bound| bound == wanted;
        for (place, wanted) in Bound::ALL.into_iter().enumerate() {
            let held = own
                .changed((&bound, &bound), only(wanted), Hub, Hub)
                .expect("no change");
            assert_eq!(held.0[place], Hub);
            assert_eq!(held.0.iter().filter(|right| **right == Hub).count(), 1, "{wanted:?}");
            // Saying it again with less right takes nothing away, nor does an admin who speaks as the key's owner.
            for (right, by) in [(Owner, Owner), (Project, Project), (Hub, Owner)] {
                assert_eq!(
                    held.changed((&bound, &bound), |_| true, right, by)
                        .map(|rights| rights.0[place]),
                    Ok(Hub)
                );
            }
        }
        assert_eq!(own.changed((&bound, &bound), |_| false, Hub, Hub), Ok(own));
        let open = rules(&[Scope::Inference, Scope::Usage], "", "", None);
        let nothing = BoundRights::default().changed((&open, &open), |_| true, Hub, Hub);
        assert_eq!(nothing, Ok(BoundRights::default()), "what is open is nobody's");
    }

    /// To manage is granted by the owner: no bound of others speaks of it.
    #[test]
    fn a_key_that_manages_is_not_bound_by_its_scopes() {
        let all = rules(&Scope::ALL, "", "", None);
        assert_eq!(BoundRights::of_new(&all, Right::Hub), BoundRights::default());
    }

    /// But that somebody took it away is a bound: its owner takes it away and gives it back, and gives back no other's.
    #[test]
    fn who_may_not_manage_by_an_admins_word_does_not_give_it_back() {
        let (all, usual) = (
            rules(&Scope::ALL, "", "", None),
            rules(&[Scope::Inference, Scope::Usage], "", "", None),
        );
        let open = BoundRights::default();
        let taken = open
            .changed((&all, &usual), |_| true, Right::Hub, Right::Hub)
            .expect("a change");
        let refusal = Refusal::BoundByAdmin { bound: Bound::Scopes };
        assert_eq!(
            taken.changed((&usual, &all), |_| true, Right::Owner, Right::Owner),
            Err(refusal)
        );
        assert!(
            taken
                .changed((&usual, &all), |_| true, Right::Hub, Right::Owner)
                .is_ok()
        );
        let own = open.changed((&all, &usual), |_| true, Right::Owner, Right::Owner);
        assert_eq!(own, Ok(open));
    }
}

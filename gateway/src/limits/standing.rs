//! Who sees the limits of something, and who changes them. Of keys that is `domain::key::KeyStanding`; of all else it is decided here,
//! and by admins of the hub alone, or who is bound would be bound by nobody.

use domain::{
    access::{Capability, Role, Viewer},
    id::{KeyId, ProjectId, UserId},
    key::{KeyStanding, OnKey, Right, Scope},
    limit::{Subject, SubjectKind},
    project::InProject,
    refusal::Refusal,
};

use super::{Limits, missing};
use crate::{
    Error, Keys, Projects,
    keys::Hand,
    store::{Tx, keys, people},
};

/// Where somebody stands towards the limits of one thing.
pub(super) enum LimitStanding {
    /// Of a key.
    OfKey {
        standing: KeyStanding,
        /// It manages.
        manages: bool,
    },
    /// Of anything else.
    Other {
        sees: bool,
        /// They change it, or why not.
        changes: Result<(), Refusal>,
    },
    /// There is no such thing, or none any more.
    Nothing(Hub),
}

/// Whether whoever asks acts for the hub: they clean up after what is gone.
pub(super) struct Hub(bool);

/// By whose right somebody changes limits.
#[derive(Clone, Copy)]
pub(super) struct LimitRight {
    /// The greatest that they have.
    pub(super) most: Right,
    /// The one that is remembered.
    pub(super) by: Right,
}

const OF_HUB: LimitRight = LimitRight {
    most: Right::Hub,
    by: Right::Hub,
};

impl LimitStanding {
    /// Whether they see them: what somebody may not see is not there.
    pub(super) fn sees(&self, subject: Subject) -> Result<(), Refusal> {
        let sees = match self {
            Self::OfKey { standing, .. } => standing.may(OnKey::See),
            Self::Other { sees, .. } => *sees,
            Self::Nothing(Hub(hub)) => *hub,
        };
        if sees { Ok(()) } else { Err(missing(subject)) }
    }

    /// By whose right they change them.
    pub(super) fn changes(&self, subject: Subject) -> Result<LimitRight, Refusal> {
        self.sees(subject)?;
        match self {
            Self::OfKey { standing, .. } => standing.has(OnKey::Limit).map(|standing| LimitRight {
                most: standing.right(),
                by: standing.by(),
            }),
            Self::Other { changes, .. } => changes.clone().map(|()| OF_HUB),
            Self::Nothing(_) => Ok(OF_HUB),
        }
    }

    /// Whether they may raise or remove one: a key lifts no limit of one that manages, itself among them.
    pub(super) fn lifts(&self, hand: Hand<'_>) -> Result<(), Refusal> {
        let asks_by_key = matches!(hand, Hand::Person(viewer) if viewer.key.is_some());
        match self {
            Self::OfKey { manages: true, .. } if asks_by_key => Err(Refusal::ByKey),
            _ => Ok(()),
        }
    }
}

impl Limits<'_> {
    /// Where somebody stands towards the limits of something, read with what they are about to change.
    pub(super) async fn standing_in(
        &self,
        hand: Hand<'_>,
        tx: &mut Tx,
        subject: Subject,
    ) -> Result<LimitStanding, Error> {
        let is_hubs = match hand {
            Hand::Hub(_) => true,
            Hand::Person(viewer) => viewer.may(Capability::Administer),
        };
        let sees = match subject.kind {
            SubjectKind::Key => {
                let found = Keys(self.0).found(hand, tx, KeyId::from_number(subject.number)).await?;
                let nothing = LimitStanding::Nothing(Hub(is_hubs));
                return Ok(found.map_or(nothing, |(key, standing)| LimitStanding::OfKey {
                    standing,
                    manages: key.rules.scopes.has(Scope::Manage),
                }));
            }
            SubjectKind::User => {
                is_hubs
                    || sees(hand, |viewer| {
                        viewer.may(Capability::ReadMoney) || UserId::from_number(subject.number) == viewer.id
                    })
            }
            SubjectKind::Model | SubjectKind::Provider => {
                is_hubs || sees(hand, |viewer| viewer.may(Capability::ReadAll))
            }
            SubjectKind::Project => match hand {
                Hand::Hub(_) => true,
                Hand::Person(viewer) => {
                    let project = ProjectId::from_number(subject.number);
                    match Projects(self.0).standing_in(tx, viewer, project).await {
                        Ok(standing) => standing.may(InProject::See),
                        Err(Error::Refused(_)) => return Ok(LimitStanding::Nothing(Hub(is_hubs))),
                        Err(error) => return Err(error),
                    }
                }
            },
        };
        let changes = if is_hubs {
            self.owners_are_for_owners(hand, tx, subject).await?
        } else {
            Err(Refusal::NotAllowed)
        };
        Ok(LimitStanding::Other { sees, changes })
    }

    /// A key lifts no limit that it counts in itself: its own, those of the keys by which it was made, and those of whose they are and of
    /// their projects. Any other is raised and removed by a key that nothing ties: who is limited would let somebody else call instead.
    ///
    /// # Errors
    /// [`Refusal::ByKey`]; [`Refusal::TiedKey`]; the database's.
    pub(super) async fn key_lifts(&self, hand: Hand<'_>, tx: &mut Tx, subject: Subject) -> Result<(), Error> {
        let Hand::Person(Viewer { key: Some(key), .. }) = hand else {
            return Ok(());
        };
        if keys::counted(tx, *key).await?.contains(&subject) {
            return Err(Refusal::ByKey.into());
        }
        Keys::is_untied(tx, *key).await
    }

    /// What limits an owner, or what is theirs alone, is for owners.
    async fn owners_are_for_owners(
        &self,
        hand: Hand<'_>,
        tx: &mut Tx,
        subject: Subject,
    ) -> Result<Result<(), Refusal>, Error> {
        // A personal project has the number of its person, and no other has that of one.
        if !matches!(subject.kind, SubjectKind::User | SubjectKind::Project) {
            return Ok(Ok(()));
        }
        let person = people::get_in(tx, UserId::from_number(subject.number)).await?;
        if person.map(|person| person.role) != Some(Role::Owner) {
            return Ok(Ok(()));
        }
        Ok(match hand {
            Hand::Hub(admin) => admin.owner().map(drop),
            Hand::Person(viewer) => viewer.owner().map(drop),
        })
    }
}

fn sees(hand: Hand<'_>, person: impl FnOnce(&Viewer) -> bool) -> bool {
    match hand {
        Hand::Hub(_) => true,
        Hand::Person(viewer) => person(viewer),
    }
}

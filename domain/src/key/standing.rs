//! Who may do what with a key, its limits among it: the one table, [`KeyStanding::may`]. Use-cases about keys and about limits ask it
//! with what they have read in the transaction that they change (`gateway::keys`, `gateway::limits`).

use serde::{Deserialize, Serialize};

use super::ApiKey;
use crate::{
    access::{Actor, Admin, Capability, Role},
    project::{InProject, Standing},
    refusal::{Refusal, Thing},
};

/// By whose right something about a key was decided, the least first. It stays until somebody with as much right decides anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Right {
    /// Of whoever's key it is.
    #[default]
    Owner,
    /// Of an admin of its project, which people share.
    Project,
    /// Of an admin of the hub.
    Hub,
}

impl Right {
    /// As storage holds it.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Owner => 0,
            Self::Project => 1,
            Self::Hub => 2,
        }
    }

    /// What storage holds. A number that nobody wrote is the greatest right: it frees nobody.
    #[must_use]
    pub const fn from_number(number: i64) -> Self {
        match number {
            0 => Self::Owner,
            1 => Self::Project,
            _ => Self::Hub,
        }
    }
}

/// Something that somebody may do with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OnKey {
    /// See it, without its secret, and its limits.
    See,
    /// Change its name and bounds, switch it off, revoke and delete it.
    Change,
    /// Say how much it may use.
    Limit,
    /// See a new secret of it.
    Rotate,
    /// Let it manage.
    Grant,
}

/// Where somebody stands towards one key, worked out anew with each request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyStanding {
    own: bool,
    sees: bool,
    /// The greatest right that they have over it.
    right: Option<Right>,
    /// It is an owner's of the hub, and they are none.
    above: bool,
    rotates: bool,
    grants: bool,
}

impl KeyStanding {
    /// Of a person who stands so in the key's project. `owner` is the role of whose key it is.
    #[must_use]
    pub fn of(standing: &Standing, key: &ApiKey, owner: Option<Role>) -> Self {
        let viewer = standing.viewer();
        let own = key.user_id == viewer.id;
        let holds = own && viewer.may(Capability::Call);
        let right = if viewer.may(Capability::Administer) {
            Some(Right::Hub)
        } else if standing.may(InProject::Manage) && !standing.project().is_personal() {
            Some(Right::Project)
        } else {
            holds.then_some(Right::Owner)
        };
        Self {
            own,
            sees: own || standing.may(InProject::SeeKeys),
            right,
            above: !own && owner == Some(Role::Owner) && !viewer.may(Capability::Own),
            rotates: own && standing.may(InProject::HaveKeys),
            grants: holds && viewer.may(Capability::ReadMoney),
        }
    }

    /// Of whoever acts for the hub. Only whoever has a shell on the machine sees secrets of others.
    #[must_use]
    pub fn of_hub(admin: &Admin, owner: Option<Role>) -> Self {
        Self {
            own: false,
            sees: true,
            right: Some(Right::Hub),
            above: owner == Some(Role::Owner) && admin.owner().is_err(),
            rotates: *admin.actor() == Actor::CommandLine,
            grants: false,
        }
    }

    /// The table. An owner's key is an owner's to change, wherever it is; who keeps a project takes it out by taking its owner out.
    #[must_use]
    pub const fn may(&self, what: OnKey) -> bool {
        match what {
            OnKey::See => self.sees,
            OnKey::Change | OnKey::Limit => self.right.is_some() && !self.above,
            OnKey::Rotate => self.rotates,
            OnKey::Grant => self.grants,
        }
    }

    /// The greatest right that they have over it: what was decided by more than that they do not undo.
    #[must_use]
    pub fn right(&self) -> Right {
        self.right.unwrap_or_default()
    }

    /// The right that is remembered of what they decide. With a key of one's own one decides as its owner.
    #[must_use]
    pub fn by(&self) -> Right {
        if self.own { Right::Owner } else { self.right() }
    }

    /// Themselves, where they may do that.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for what they do not see; [`Refusal::OwnersOnly`]; [`Refusal::NotAllowed`].
    pub const fn has(self, what: OnKey) -> Result<Self, Refusal> {
        if self.may(what) {
            Ok(self)
        } else if !self.sees {
            Err(Refusal::NotFound { what: Thing::Key })
        } else if matches!(what, OnKey::Change | OnKey::Limit) && self.above && self.right.is_some() {
            Err(Refusal::OwnersOnly)
        } else {
            Err(Refusal::NotAllowed)
        }
    }
}

#[cfg(test)]
mod tests;

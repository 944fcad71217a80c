//! Changes of keys that exist: name and rules, off and on, revoked, deleted. Their owner may, whoever keeps their project, and
//! admins of the hub. Each acts on the next request.

use domain::{
    access::{Actor, Admin, Capability, KeyHolder, Viewer},
    id::KeyId,
    key::{Addresses, Allowed, ApiKey, Expiry, KeyRules, Scope, Scopes},
    name::Label,
    project::InProject,
    refusal::{Invalid, Refusal},
};
use serde_json::json;

use super::{Keys, MISSING, about, is_for_owners};
use crate::{
    Error, Origin, Projects,
    store::{Change, keys as table, people},
};

/// What a key is to be. Absent stays as it is.
#[derive(Clone, Debug, Default)]
pub struct KeyEdit {
    /// What its owner calls it.
    pub name: Option<Label>,
    /// What it may do.
    pub scopes: Option<Scopes>,
    /// Which models it may ask.
    pub allowed: Option<Allowed>,
    /// From where it may be used.
    pub addresses: Option<Option<Addresses>>,
    /// When it ends, counted from now.
    pub expiry: Option<Expiry>,
}

/// By whose right a key was switched off, as `api_key.disabled_right` holds it: its owner's,
const OWNERS: i64 = 0;
/// that of an admin of its project,
const PROJECTS: i64 = 1;
/// or that of an admin of the hub.
const HUBS: i64 = 2;

/// Who changes a key.
#[derive(Clone, Copy)]
pub(super) enum Hand<'a> {
    Person(&'a Viewer),
    Hub(&'a Admin),
}

impl Hand<'_> {
    pub(super) fn actor(self) -> Actor {
        match self {
            Self::Person(viewer) => viewer.actor(),
            Self::Hub(admin) => admin.actor().clone(),
        }
    }
}

impl Keys<'_> {
    /// Changes a key's name and rules. That it may manage, only its owner says, and only where they manage themselves.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for keys that one does not see; [`Refusal::NotAllowed`]; [`Refusal::KeyEnded`]; [`Refusal::Invalid`];
    /// [`Refusal::ByKey`] where a key would lift a bound of one that manages.
    pub async fn edit(&self, viewer: &Viewer, origin: Origin<'_>, id: KeyId, edit: &KeyEdit) -> Result<ApiKey, Error> {
        let hand = Hand::Person(viewer);
        let actor = hand.actor();
        let mut change = self.0.change(&actor, origin).await?;
        let before = self.held(hand, &mut change, id).await?;
        if before.revoked_at.is_some() {
            return Err(Refusal::KeyEnded.into());
        }
        let scopes = edit.scopes.unwrap_or(before.rules.scopes);
        if scopes.is_empty() {
            return Err(Invalid::Scopes.into());
        }
        let grants = scopes.has(Scope::Manage) && !before.rules.scopes.has(Scope::Manage);
        if grants && !(before.user_id == viewer.id && Self::may_manage(viewer)) {
            return Err(Refusal::NotAllowed.into());
        }
        let rules = KeyRules {
            scopes,
            allowed: edit.allowed.clone().unwrap_or_else(|| before.rules.allowed.clone()),
            addresses: edit.addresses.clone().unwrap_or_else(|| before.rules.addresses.clone()),
            expires_at: match edit.expiry {
                Some(expiry) => expiry.end(change.at)?,
                None => before.rules.expires_at,
            },
        };
        let manages = scopes.has(Scope::Manage) || before.rules.scopes.has(Scope::Manage);
        if manages && viewer.key.is_some() && !rules.are_within(&before.rules) {
            return Err(Refusal::ByKey.into());
        }
        let after = ApiKey {
            name: edit.name.clone().unwrap_or_else(|| before.name.clone()),
            rules,
            ..before.clone()
        };
        if after == before {
            return Ok(after);
        }
        table::update(&mut change.tx, id, &after.name, &after.rules).await?;
        let told = |key: &ApiKey| json!({ "name": key.name, "rules": key.rules });
        change
            .audit(about("key.change", &before), Some(&told(&before)), Some(&told(&after)))
            .await?;
        self.0.finish(change).await?;
        Ok(after)
    }

    /// Switches a key off, or on again. What an admin switched off, only an admin with as much right switches on.
    ///
    /// # Errors
    /// As [`Keys::edit`]; [`Refusal::DisabledByAdmin`].
    pub async fn set_disabled(
        &self,
        viewer: &Viewer,
        origin: Origin<'_>,
        id: KeyId,
        disabled: bool,
    ) -> Result<(), Error> {
        self.switch(Hand::Person(viewer), origin, id, disabled).await
    }

    /// The same with any key.
    ///
    /// # Errors
    /// As [`Keys::edit`].
    pub async fn set_any_disabled(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        id: KeyId,
        disabled: bool,
    ) -> Result<(), Error> {
        self.switch(Hand::Hub(admin), origin, id, disabled).await
    }

    async fn switch(&self, hand: Hand<'_>, origin: Origin<'_>, id: KeyId, disabled: bool) -> Result<(), Error> {
        let actor = hand.actor();
        let mut change = self.0.change(&actor, origin).await?;
        let key = self.held(hand, &mut change, id).await?;
        if key.revoked_at.is_some() {
            return Err(Refusal::KeyEnded.into());
        }
        let (right, own) = self.right_over(hand, &mut change, &key).await?;
        // Whoever switches off a key of their own does so as its owner.
        let by = if own { OWNERS } else { right };
        let was = match key.disabled_at {
            Some(_) => Some(table::disabled_right(&mut change.tx, id).await?),
            None => None,
        };
        if !disabled && was.is_some_and(|was| right < was) {
            return Err(Refusal::DisabledByAdmin.into());
        }
        let stays = match disabled {
            true => was.is_some_and(|was| by <= was),
            false => was.is_none(),
        };
        if stays {
            return Ok(());
        }
        let (since, by) = match disabled {
            true => (key.disabled_at.or(Some(change.at)), by),
            false => (None, OWNERS),
        };
        table::set_disabled(&mut change.tx, id, since, by).await?;
        let action = if disabled { "key.disable" } else { "key.enable" };
        let told = |disabled: bool| json!({ "disabled": disabled });
        change
            .audit(about(action, &key), Some(&told(was.is_some())), Some(&told(disabled)))
            .await?;
        self.0.finish(change).await
    }

    /// The right by which a hand switches a key off or on, and whether the key is its own.
    async fn right_over(&self, hand: Hand<'_>, change: &mut Change<'_>, key: &ApiKey) -> Result<(i64, bool), Error> {
        let Hand::Person(viewer) = hand else {
            return Ok((HUBS, false));
        };
        let standing = Projects(self.0)
            .standing_in(&mut change.tx, viewer, key.project_id)
            .await?;
        let right = if viewer.may(Capability::Administer) {
            HUBS
        } else if standing.may(InProject::Manage) && !standing.project().is_personal() {
            PROJECTS
        } else {
            OWNERS
        };
        Ok((right, key.user_id == viewer.id))
    }

    /// Revokes a key. It is refused from the next request on, and for good.
    ///
    /// # Errors
    /// As [`Keys::edit`].
    pub async fn revoke(&self, holder: &KeyHolder, origin: Origin<'_>, id: KeyId) -> Result<(), Error> {
        self.end(Hand::Person(holder.viewer()), origin, id, false).await
    }

    /// Revokes any key.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn revoke_any(&self, admin: &Admin, origin: Origin<'_>, id: KeyId) -> Result<(), Error> {
        self.end(Hand::Hub(admin), origin, id, false).await
    }

    /// Revokes a key and takes it out of the lists. Its row stays, as calls name it.
    ///
    /// # Errors
    /// As [`Keys::edit`].
    pub async fn delete(&self, viewer: &Viewer, origin: Origin<'_>, id: KeyId) -> Result<(), Error> {
        self.end(Hand::Person(viewer), origin, id, true).await
    }

    /// The same with any key.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn delete_any(&self, admin: &Admin, origin: Origin<'_>, id: KeyId) -> Result<(), Error> {
        self.end(Hand::Hub(admin), origin, id, true).await
    }

    async fn end(&self, hand: Hand<'_>, origin: Origin<'_>, id: KeyId, delete: bool) -> Result<(), Error> {
        let actor = hand.actor();
        let mut change = self.0.change(&actor, origin).await?;
        let key = self.held(hand, &mut change, id).await?;
        let at = change.at;
        let action = if delete {
            table::delete(&mut change.tx, id, at).await?;
            "key.delete"
        } else if table::revoke(&mut change.tx, id, at).await? > 0 {
            "key.revoke"
        } else {
            return Ok(());
        };
        let before = json!({ "name": key.name, "user": key.user_email, "hint": key.hint });
        change.audit::<_, ()>(about(action, &key), Some(&before), None).await?;
        self.0.finish(change).await
    }

    /// A key that this hand may change, read within the change. Those of owners only owners change.
    pub(super) async fn held(&self, hand: Hand<'_>, change: &mut Change<'_>, id: KeyId) -> Result<ApiKey, Error> {
        let key = table::get_in(&mut change.tx, id).await?.ok_or(MISSING)?;
        let whose = people::get_in(&mut change.tx, key.user_id).await?;
        let of_owner = is_for_owners(&key, whose.map(|user| user.role));
        let viewer = match hand {
            Hand::Person(viewer) => viewer,
            Hand::Hub(admin) => {
                if of_owner {
                    admin.owner()?;
                }
                return Ok(key);
            }
        };
        let standing = Projects(self.0)
            .standing_in(&mut change.tx, viewer, key.project_id)
            .await?;
        let own = key.user_id == viewer.id;
        if own && viewer.may(Capability::Call) {
            Ok(key)
        } else if standing.may(InProject::Manage) {
            if of_owner {
                viewer.owner()?;
            }
            Ok(key)
        } else if own || standing.may(InProject::SeeKeys) {
            Err(Refusal::NotAllowed.into())
        } else {
            Err(MISSING.into())
        }
    }
}

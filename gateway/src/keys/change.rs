//! Changes of keys that exist: name and rules, off and on, revoked, deleted. Their owner may, whoever keeps their project, and
//! admins of the hub. Each acts on the next request.

use domain::{
    access::{Admin, KeyHolder, Viewer},
    id::KeyId,
    key::{Addresses, Allowed, ApiKey, Bound, BoundRights, Expiry, KeyRules, KeyStanding, OnKey, Right, Scope, Scopes},
    name::Label,
    refusal::{Invalid, Refusal, Thing},
    time::Timestamp,
};
use serde_json::json;

use super::{Hand, KeyTag, Keys, about};
use crate::{
    Error, Limits, Origin,
    store::{Change, keys as table},
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
    /// Whether it is refused until it is enabled again.
    pub disabled: Option<bool>,
    /// As which whoever asks has seen it; absent where they have not looked.
    pub seen: Option<KeyTag>,
}

impl Keys<'_> {
    /// Changes a key's name and rules, and whether it is switched off: all of it, or nothing where something of it is refused. That
    /// it may manage, only its owner says, and only where they manage themselves. Who has less right than whoever set a bound or
    /// switched the key off tightens it, and neither loosens it nor switches it on. Who has more right and says of a bound what holds already
    /// has set it from then on.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for keys that one does not see; [`Refusal::NotAllowed`]; [`Refusal::OwnersOnly`]; [`Refusal::KeyEnded`];
    /// [`Refusal::Invalid`]; [`Refusal::BoundByAdmin`]; [`Refusal::DisabledByAdmin`]; [`Refusal::ByKey`] where a key would lift a
    /// bound of one that manages, [`Refusal::BeyondKey`] and [`Refusal::OtherProject`] where it would give more than it has;
    /// [`Refusal::TiedKey`] where one that counts in a limit would loosen one that it has not made; [`Refusal::Changed`] where it is not as they
    /// have seen it.
    pub async fn edit(&self, viewer: &Viewer, origin: Origin<'_>, id: KeyId, edit: &KeyEdit) -> Result<ApiKey, Error> {
        self.edit_by(Hand::Person(viewer), origin, id, edit).await
    }

    async fn edit_by(&self, hand: Hand<'_>, origin: Origin<'_>, id: KeyId, edit: &KeyEdit) -> Result<ApiKey, Error> {
        let actor = hand.actor();
        let mut change = self.0.change(&actor, origin).await?;
        let (before, standing) = self.held(hand, &mut change.tx, id, OnKey::Change).await?;
        if before.revoked_at.is_some() {
            return Err(Refusal::KeyEnded.into());
        }
        if edit.seen.as_ref().is_some_and(|seen| *seen != KeyTag::of(&before)) {
            return Err(Refusal::Changed { what: Thing::Key }.into());
        }
        let rules = rules_after(&before, edit, change.at)?;
        let asks_by_key = matches!(hand, Hand::Person(viewer) if viewer.key.is_some());
        let manages = [&rules, &before.rules]
            .iter()
            .any(|rules| rules.scopes.has(Scope::Manage));
        if rules.scopes.has(Scope::Manage) && !before.rules.scopes.has(Scope::Manage) && !standing.may(OnKey::Grant) {
            return Err(Refusal::NotAllowed.into());
        }
        let frees = edit.disabled == Some(false) && before.disabled_at.is_some();
        let loosens = frees || !rules.are_within(&before.rules);
        if manages && asks_by_key && loosens {
            return Err(Refusal::ByKey.into());
        }
        if let Some(maker) = Self::maker(&mut change.tx, &actor).await? {
            maker.changes(&before, &rules)?;
            if loosens {
                maker.opens(&mut change.tx, &before).await?;
            }
        }
        let after = ApiKey {
            name: edit.name.clone().unwrap_or_else(|| before.name.clone()),
            rules,
            ..before.clone()
        };
        let held = table::bound_rights(&mut change.tx, id).await?;
        let rights = held.changed(
            (&before.rules, &after.rules),
            |bound| edit.says(bound),
            standing.right(),
            standing.by(),
        )?;
        let mut changed = false;
        if after != before || rights != held {
            table::update(&mut change.tx, id, &after.name, &after.rules, rights).await?;
            let told =
                |key: &ApiKey, rights: BoundRights| json!({ "name": key.name, "rules": key.rules, "set_by": rights });
            let (was, is) = (told(&before, held), told(&after, rights));
            change
                .audit(about("key.change", &before), Some(&was), Some(&is))
                .await?;
            changed = true;
        }
        if let Some(disabled) = edit.disabled {
            changed |= switch(&mut change, &after, standing, disabled).await?;
        }
        if changed {
            self.0.finish(change).await?;
        }
        Ok(after)
    }

    /// Switches a key off, or on again. What an admin switched off, only an admin with as much right switches on.
    ///
    /// # Errors
    /// As [`Keys::edit`].
    pub async fn set_disabled(
        &self,
        viewer: &Viewer,
        origin: Origin<'_>,
        id: KeyId,
        disabled: bool,
    ) -> Result<(), Error> {
        self.edit(viewer, origin, id, &KeyEdit::switching(disabled))
            .await
            .map(drop)
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
        let edit = KeyEdit::switching(disabled);
        self.edit_by(Hand::Hub(admin), origin, id, &edit).await.map(drop)
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
        let (key, _) = self.held(hand, &mut change.tx, id, OnKey::Change).await?;
        let at = change.at;
        let mut limits = Vec::new();
        let action = if delete {
            // Those that it made count in its limits for good, and whoever looks after them finds these by it still.
            if !table::has_made(&mut change.tx, id).await? {
                limits = Limits::take_along(&mut change.tx, id.into()).await?;
            }
            table::delete(&mut change.tx, id, at).await?;
            "key.delete"
        } else if table::revoke(&mut change.tx, id, at).await? > 0 {
            "key.revoke"
        } else {
            return Ok(());
        };
        let before = json!({
            "name": key.name, "user": key.user_email, "hint": key.hint, "project": key.project_name, "rules": key.rules,
            "disabled": key.disabled_at.is_some(), "limits": limits,
        });
        change.audit::<_, ()>(about(action, &key), Some(&before), None).await?;
        self.0.finish(change).await
    }
}

impl KeyEdit {
    /// Whether it says anything of a bound.
    const fn says(&self, bound: Bound) -> bool {
        match bound {
            Bound::Scopes => self.scopes.is_some(),
            Bound::Allowed => self.allowed.is_some(),
            Bound::Addresses => self.addresses.is_some(),
            Bound::ExpiresAt => self.expiry.is_some(),
        }
    }

    fn switching(disabled: bool) -> Self {
        Self {
            disabled: Some(disabled),
            ..Self::default()
        }
    }
}

fn rules_after(before: &ApiKey, edit: &KeyEdit, now: Timestamp) -> Result<KeyRules, Invalid> {
    let was = &before.rules;
    let scopes = edit.scopes.unwrap_or(was.scopes);
    if scopes.is_empty() {
        return Err(Invalid::Scopes);
    }
    Ok(KeyRules {
        scopes,
        allowed: edit.allowed.clone().unwrap_or_else(|| was.allowed.clone()),
        addresses: edit.addresses.clone().unwrap_or_else(|| was.addresses.clone()),
        expires_at: match edit.expiry {
            Some(expiry) => expiry.end(now)?,
            None => was.expires_at,
        },
    })
}

/// Switches a key off or on within a change. Gives whether that changed anything.
async fn switch(change: &mut Change<'_>, key: &ApiKey, standing: KeyStanding, disabled: bool) -> Result<bool, Error> {
    let by = standing.by();
    let was = match key.disabled_at {
        Some(_) => Some(table::disabled_right(&mut change.tx, key.id).await?),
        None => None,
    };
    if !disabled && was.is_some_and(|was| standing.right() < was) {
        return Err(Refusal::DisabledByAdmin.into());
    }
    let stays = match disabled {
        true => was.is_some_and(|was| by <= was),
        false => was.is_none(),
    };
    if stays {
        return Ok(false);
    }
    let (since, by) = match disabled {
        true => (key.disabled_at.or(Some(change.at)), by),
        false => (None, Right::Owner),
    };
    table::set_disabled(&mut change.tx, key.id, since, by).await?;
    let action = if disabled { "key.disable" } else { "key.enable" };
    let told = |disabled: bool| json!({ "disabled": disabled });
    change
        .audit(about(action, key), Some(&told(was.is_some())), Some(&told(disabled)))
        .await?;
    Ok(true)
}

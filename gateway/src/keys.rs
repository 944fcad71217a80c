//! API keys: making them, shown once, and reading them. `keys/change.rs` changes what they may do and takes their power, at once;
//! `keys/rotate.rs` gives them other secrets; `keys/listing.rs` lists them a page at a time; `keys/standing.rs` finds out who may do what with one, `keys/maker.rs` what a key gives to
//! others; `keys/seen.rs` tells whether one is as somebody has seen it.

mod change;
mod listing;
mod maker;
mod rotate;
mod seen;
mod standing;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    access::{Actor, Admin, Capability, KeyHolder, Reader, Viewer},
    account::User,
    id::{KeyId, ProjectId, UserId},
    key::{
        Addresses, Allowed, ApiKey, BoundRights, EarlierSecret, Expiry, KEY_PREFIX, KeyRules, OnKey, Right, Scope,
        Scopes,
    },
    name::Label,
    refusal::{Full, Invalid, Refusal, Thing},
    time::Timestamp,
};
use serde_json::json;

use crate::{
    Error, Inner, Origin, SecretText,
    secrets::{hex, random},
    store::{Change, change::Subject, keys as table, people, projects},
    users::only_owners_for,
};
pub use change::KeyEdit;
pub use listing::KeyListing;
pub use seen::KeyTag;
pub(crate) use standing::Hand;

/// Use-cases about API keys.
pub struct Keys<'a>(pub(crate) &'a Inner);

/// What is wished of a key that is to be made.
#[derive(Clone, Debug)]
pub struct KeyDraft {
    /// What its owner calls it.
    pub name: Label,
    /// Of which project; the owner's personal one where there is none.
    pub project: Option<ProjectId>,
    /// What it may do.
    pub scopes: Scopes,
    /// Which models it may ask.
    pub allowed: Allowed,
    /// From where it may be used.
    pub addresses: Option<Addresses>,
    /// When it ends.
    pub expiry: Expiry,
}

impl KeyDraft {
    /// An ordinary key: for everything but managing, from everywhere, without an end, in the personal project.
    #[must_use]
    pub fn named(name: &Label) -> Self {
        Self {
            name: name.clone(),
            project: None,
            scopes: Scopes::default(),
            allowed: Allowed::default(),
            addresses: None,
            expiry: Expiry::Never,
        }
    }

    fn rules(&self, now: Timestamp) -> Result<KeyRules, Invalid> {
        if self.scopes.is_empty() {
            return Err(Invalid::Scopes);
        }
        Ok(KeyRules {
            scopes: self.scopes,
            allowed: self.allowed.clone(),
            addresses: self.addresses.clone(),
            expires_at: self.expiry.end(now)?,
        })
    }
}

/// A key that was just made or rotated, with the one copy of its secret.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// The key.
    pub key: ApiKey,
    /// What goes into `Authorization: Bearer`. The hub keeps only its HMAC.
    pub secret: SecretText,
}

const MISSING: Refusal = Refusal::NotFound { what: Thing::Key };

impl Keys<'_> {
    /// Whether somebody may have a key that manages: those who manage something, or read all of it. An auditor gets theirs from whoever
    /// has a shell on the machine.
    #[must_use]
    pub const fn may_manage(viewer: &Viewer) -> bool {
        viewer.may(Capability::ReadMoney)
    }

    /// All of one's own keys, newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(&self, viewer: &Viewer) -> Result<Vec<ApiKey>, Error> {
        Ok(table::of_person(&self.0.store, viewer.id).await?)
    }

    /// All of everybody's keys, newest first: for the command line, which writes them all down.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_all(&self, _: &Reader) -> Result<Vec<ApiKey>, Error> {
        Ok(table::all(&self.0.store).await?)
    }

    /// A key that this person may see: their own, those of their projects, and any for whoever reads everything.
    ///
    /// # Errors
    /// The database's.
    pub async fn get(&self, viewer: &Viewer, id: KeyId) -> Result<Option<ApiKey>, Error> {
        let mut tx = self.0.store.begin_read().await?;
        let found = self.found(Hand::Person(viewer), &mut tx, id).await?;
        Ok(found.and_then(|(key, standing)| standing.may(OnKey::See).then_some(key)))
    }

    /// Earlier secrets of a key that still work.
    ///
    /// # Errors
    /// The database's.
    pub async fn earlier_secrets(&self, key: &ApiKey) -> Result<Vec<EarlierSecret>, Error> {
        Ok(table::earlier(&self.0.store, key.id, self.0.clock.now()).await?)
    }

    /// Makes an ordinary key for oneself.
    ///
    /// # Errors
    /// The database's.
    pub async fn create(&self, holder: &KeyHolder, origin: Origin<'_>, name: &Label) -> Result<NewKey, Error> {
        self.create_with(holder, origin, &KeyDraft::named(name)).await
    }

    /// Makes a key for oneself, in a project in which one has keys.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for projects of others, [`Refusal::NotAllowed`] for readers and for a key that manages where its owner
    /// does not; [`Refusal::ByKey`], [`Refusal::BeyondKey`], [`Refusal::OtherProject`]; [`Refusal::Archived`]; [`Refusal::Full`]; [`Refusal::Invalid`].
    pub async fn create_with(&self, holder: &KeyHolder, origin: Origin<'_>, draft: &KeyDraft) -> Result<NewKey, Error> {
        let viewer = holder.viewer();
        if draft.scopes.has(Scope::Manage) && !Self::may_manage(viewer) {
            return Err(Refusal::NotAllowed.into());
        }
        // One that leaked for a day would be one for ever.
        if draft.scopes.has(Scope::Manage) && viewer.key.is_some() {
            return Err(Refusal::ByKey.into());
        }
        let actor = viewer.actor();
        let mut change = self.0.change(&actor, origin).await?;
        let owner = people::get_in(&mut change.tx, viewer.id).await?;
        let owner = owner.ok_or(Refusal::NotFound { what: Thing::User })?;
        let new = self.create_in(&mut change, &actor, &owner, draft, Right::Owner).await?;
        self.0.finish(change).await?;
        Ok(new)
    }

    /// Makes an ordinary key for somebody.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is no such person.
    pub async fn create_for(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        user: UserId,
        name: &Label,
    ) -> Result<NewKey, Error> {
        self.create_for_with(admin, origin, user, &KeyDraft::named(name)).await
    }

    /// Makes a key for somebody, in a project in which they have keys. Its bounds are the hub's, not theirs to loosen. Nobody makes one that manages for somebody else: it would do
    /// what that person may. Only whoever has a shell on the machine does.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is no such person or project, or they are not in it; [`Refusal::OwnersOnly`] for an owner's;
    /// as [`Keys::create_with`].
    pub async fn create_for_with(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        user: UserId,
        draft: &KeyDraft,
    ) -> Result<NewKey, Error> {
        let mut change = self.0.change(admin.actor(), origin).await?;
        let owner = people::get_in(&mut change.tx, user).await?;
        let owner = owner
            .filter(|owner| owner.deleted_at.is_none())
            .ok_or(Refusal::NotFound { what: Thing::User })?;
        let trusted = *admin.actor() == Actor::CommandLine && Self::may_manage(&viewer_of(&owner));
        if draft.scopes.has(Scope::Manage) && !trusted {
            return Err(Refusal::NotAllowed.into());
        }
        only_owners_for(admin, &[owner.role])?;
        let new = self
            .create_in(&mut change, admin.actor(), &owner, draft, Right::Hub)
            .await?;
        self.0.finish(change).await?;
        Ok(new)
    }

    /// Makes a key within a change by `actor`, which has to be finished, whose bounds are set `by` somebody's right. Whether it may manage
    /// was asked before.
    pub(crate) async fn create_in(
        &self,
        change: &mut Change<'_>,
        actor: &Actor,
        owner: &User,
        draft: &KeyDraft,
        by: Right,
    ) -> Result<NewKey, Error> {
        let project = draft.project.unwrap_or(ProjectId::personal_of(owner.id));
        let missing = Refusal::NotFound { what: Thing::Project };
        let role = projects::role_in(&mut change.tx, project, owner.id).await?;
        if !role.ok_or(missing.clone())?.has_keys() {
            return Err(Refusal::NotAllowed.into());
        }
        let project = projects::get_in(&mut change.tx, project).await?.ok_or(missing)?;
        if project.archived_at.is_some() {
            return Err(Refusal::Archived.into());
        }
        let there = table::living(&mut change.tx, owner.id, project.id, change.at).await?;
        Full::Keys.room(there)?;
        let secret = new_secret()?;
        let key = ApiKey {
            id: KeyId::from_number(change.next_id()),
            name: draft.name.clone(),
            user_id: owner.id,
            user_email: owner.email.clone(),
            project_id: project.id,
            project_name: project.name,
            hint: hint(secret.expose()),
            rules: draft.rules(change.at)?,
            made_by: Self::asked_by(actor),
            created_at: change.at,
            last_used_at: None,
            disabled_at: None,
            revoked_at: None,
        };
        if let Some(maker) = Self::maker(&mut change.tx, actor).await? {
            maker.gives(&key)?;
        }
        let rights = BoundRights::of_new(&key.rules, by);
        table::insert(&mut change.tx, &key, rights, &self.hash(&secret)).await?;
        let after = json!({ "name": key.name, "user": key.user_email, "hint": key.hint, "project": key.project_name, "rules": key.rules });
        change
            .audit::<(), _>(about("key.create", &key), None, Some(&after))
            .await?;
        Ok(NewKey { key, secret })
    }

    /// The key by which somebody asks.
    pub(crate) const fn asked_by(actor: &Actor) -> Option<KeyId> {
        match actor {
            Actor::User { key, .. } => *key,
            _ => None,
        }
    }

    fn hash(&self, secret: &SecretText) -> String {
        hex(&self.0.keys.api_key_hash(secret.expose()))
    }
}

fn viewer_of(user: &User) -> Viewer {
    Viewer {
        id: user.id,
        email: user.email.clone(),
        role: user.role,
        key: None,
    }
}

fn new_secret() -> Result<SecretText, Error> {
    let secret = format!("{KEY_PREFIX}{}", URL_SAFE_NO_PAD.encode(random::<32>()?));
    Ok(SecretText::from(secret))
}

/// How the list of changes names a key.
fn about<'a>(action: &'a str, key: &'a ApiKey) -> Subject<'a> {
    Subject {
        action,
        id: key.id.to_string(),
        name: key.name.as_str(),
    }
}

/// Enough of a key to recognise it: six of its 43 characters.
fn hint(secret: &str) -> String {
    let rest = secret.strip_prefix(KEY_PREFIX).unwrap_or(secret);
    let (start, end) = (
        rest.get(..3).unwrap_or_default(),
        rest.get(rest.len().saturating_sub(3)..).unwrap_or_default(),
    );
    format!("{KEY_PREFIX}{start}…{end}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_hint_gives_away_six_characters() {
        assert_eq!(super::hint("sk-hub-abcdefghijklmnop"), "sk-hub-abc…nop");
    }
}

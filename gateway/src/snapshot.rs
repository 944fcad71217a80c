//! What the request path reads, in memory: keys, providers with opened credentials, models, prices. Replaced as a whole.
//!
//! A change raises a counter in the database. The process that made the change reloads before it answers; others notice
//! within a quarter of a second (`opening`).

mod keys;
mod limits;
mod load;
mod prices;
mod seen;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use ::http::HeaderValue;
use domain::{
    catalog::{Abilities, ProviderKind, Quirks},
    id::{AccountId, CredentialId, KeyId, ModelId, ProjectId, ProviderId, UserId},
    name::ModelAddress,
    price::PriceVersion,
    provider::{DisconnectPolicy, Model, Timeouts},
    setting::Mode,
    time::Timestamp,
};

use keys::KeyBook;
pub use keys::KeyEntry;
use limits::LimitBook;
pub(crate) use load::{credential_binding, open_credential};
use prices::PriceBook;
pub(crate) use seen::Seen;

use crate::{
    Error, Inner,
    call::{Asking, CallError, Withdrawn},
    http,
    providers::Addresses,
    secrets::{HubKeys, KeyHash, Marks, SecretText},
    store::{self, Store, settings::Versions},
};

/// One consistent view.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// The counters' values when this was read.
    versions: Versions,
    keys: KeyBook,
    providers: Vec<Arc<ProviderEntry>>,
    models: Vec<VisibleModel>,
    by_public_name: HashMap<Arc<str>, usize>,
    /// Bare names; the first provider in order that has it.
    by_slug: HashMap<Arc<str>, usize>,
    prices: PriceBook,
    options: Options,
    /// Accounts that admit no call.
    blocked: HashSet<AccountId>,
    limits: LimitBook,
}

/// Settings that calls follow. A call keeps those that it began with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Options {
    mode: Mode,
    hold_output_tokens: u64,
}

/// An upstream, ready to be called.
#[derive(Debug)]
pub struct ProviderEntry {
    /// Its id.
    pub id: ProviderId,
    /// The first part of its models' names.
    pub name: String,
    /// What people call it.
    pub title: Arc<str>,
    /// The word of its logo: the preset it was made from, else its kind.
    pub logo: String,
    /// How it is spoken to.
    pub kind: ProviderKind,
    /// Where its wire differs.
    pub quirks: Quirks,
    /// Calls may go without a credential.
    pub works_without_credential: bool,
    /// Where a credential is proved when the list of models is open to everybody.
    pub proof: Option<&'static str>,
    /// Where its API begins.
    pub base_url: Option<String>,
    /// Time limits.
    pub timeouts: Timeouts,
    /// What happens when a client leaves.
    pub disconnect: DisconnectPolicy,
    /// Who leaves is billed for all of an answer, by whichever of its wires it comes.
    pub bills_on: bool,
    /// Calls may use it.
    pub enabled: bool,
    /// Enabled credentials, oldest first.
    pub credentials: Vec<Arc<CredentialEntry>>,
    /// The addresses of its API, or why the base URL makes none.
    pub addresses: Result<Addresses, String>,
    /// The clients with this provider's connection limit.
    pub clients: http::Clients,
}

/// A provider's secret, opened.
#[derive(Debug)]
pub struct CredentialEntry {
    /// Its id.
    pub id: CredentialId,
    /// What it is called.
    pub label: Arc<str>,
    /// The secret as an `Authorization: Bearer` header, marked sensitive.
    pub authorization: HeaderValue,
    /// The secret as a header of its own, marked sensitive.
    pub bare: HeaderValue,
    /// The secret.
    pub secret: SecretText,
    /// What it is known by in what the provider says.
    pub(crate) marks: Marks,
}

/// An enabled model of an enabled provider.
#[derive(Clone, Debug)]
pub struct VisibleModel {
    /// Its id.
    pub id: ModelId,
    /// `provider/model`.
    pub public_name: Arc<str>,
    /// Whose it is.
    pub provider: Arc<ProviderEntry>,
    /// What the provider calls it.
    pub slug: Arc<str>,
    /// How many tokens it takes in one call, where that is known.
    pub context_tokens: Option<u64>,
    /// What it can do, where that is known: looked up once, as it takes a while.
    pub abilities: Abilities,
    /// When it was added.
    pub created_at: Timestamp,
}

/// Where a call can go.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The model, whose price counts.
    pub model: ModelId,
    /// The provider.
    pub provider: Arc<ProviderEntry>,
    /// What it calls the model.
    pub slug: Arc<str>,
    /// `provider/model`.
    pub public_name: Arc<str>,
    /// How many tokens it takes in one call, where that is known.
    pub context_tokens: Option<u64>,
    /// What it can do, where that is known: looked up once, as it takes a while.
    pub abilities: Abilities,
}

impl Snapshot {
    /// The key with this hash.
    #[must_use]
    pub fn key(&self, hash: &KeyHash) -> Option<&KeyEntry> {
        self.keys.key(hash)
    }

    /// Why a call ends that has begun, where whoever called may not any more.
    pub(crate) fn withdrawn(&self, asking: &Asking) -> Option<Withdrawn> {
        let lost = || (!self.still_allowed(asking)).then_some(Withdrawn::Model);
        self.keys.withdrawn(asking).or_else(lost)
    }

    /// Whether the key of a call that has begun may ask its model, under the name that it had then or the one that it has now.
    fn still_allowed(&self, asking: &Asking) -> bool {
        let Some(allowed) = asking.caller.key.and_then(|key| self.keys.allowed(key)) else {
            return true;
        };
        let (then, slug) = (&asking.provider, &asking.slug);
        let allows = |provider: &ProviderEntry| allowed.allows(&provider.name, &format!("{}/{slug}", provider.name));
        allows(then) || self.provider(then.id).is_some_and(|now| allows(now))
    }

    /// Whether a caller may ask a model: every key may, unless it is bound to some.
    #[must_use]
    pub fn may_ask(&self, key: Option<KeyId>, provider: &ProviderEntry, public_name: &str) -> bool {
        let allowed = key.and_then(|key| self.keys.allowed(key));
        allowed.is_none_or(|allowed| allowed.allows(&provider.name, public_name))
    }

    /// The same, as the answer for whoever may not.
    ///
    /// # Errors
    /// [`CallError`], 403.
    pub fn check_allowed(
        &self,
        key: Option<KeyId>,
        provider: &ProviderEntry,
        public_name: &str,
    ) -> Result<(), CallError> {
        match self.may_ask(key, provider, public_name) {
            true => Ok(()),
            false => Err(CallError::model_not_allowed(public_name)),
        }
    }

    /// The project of an application that somebody calls by, and who pays instead of their key's account. None where the
    /// application is nobody's, or they have no keys in its project.
    #[must_use]
    pub fn application(&self, name: &str, user: UserId) -> Option<(ProjectId, Option<AccountId>)> {
        self.keys.application(name, user)
    }

    /// Where a model can be served: `provider/model`, or a bare name at the first provider in order that has it.
    #[must_use]
    pub fn resolve(&self, asked: &str) -> Option<Candidate> {
        let model = self.model(asked)?;
        Some(Candidate {
            model: model.id,
            provider: Arc::clone(&model.provider),
            slug: Arc::clone(&model.slug),
            public_name: Arc::clone(&model.public_name),
            context_tokens: model.context_tokens,
            abilities: model.abilities,
        })
    }

    /// The model that a call for this name would get.
    ///
    /// A configured provider owns every name that begins with its own, also while it or the model is disabled: what was
    /// switched off there must not be served elsewhere, where a model happens to be called the same.
    #[must_use]
    pub fn model(&self, name: &str) -> Option<&VisibleModel> {
        let index = self
            .by_public_name
            .get(name)
            .or_else(|| match ModelAddress::split(name) {
                ModelAddress::Qualified { provider, .. } if self.has_provider(provider) => None,
                _ => self.by_slug.get(name),
            })?;
        self.models.get(*index)
    }

    /// The price version of a model that is in force at a moment. A version that was scheduled takes effect by the time
    /// alone. None: the model is unpriced.
    #[must_use]
    pub fn price_at(&self, model: ModelId, moment: Timestamp) -> Option<Arc<PriceVersion>> {
        self.prices.at(model, moment).cloned()
    }

    /// The price version of a model that takes effect next after a moment.
    #[must_use]
    pub fn next_price(&self, model: ModelId, moment: Timestamp) -> Option<Arc<PriceVersion>> {
        self.prices.after(model, moment).cloned()
    }

    /// Whether calls need credit.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.options.mode
    }

    /// The tokens of answer that a call without a limit is admitted for.
    #[must_use]
    pub fn hold_output_tokens(&self) -> u64 {
        self.options.hold_output_tokens
    }

    fn has_provider(&self, name: &str) -> bool {
        self.providers.iter().any(|provider| provider.name == name)
    }

    /// Whether an account admits no call, in whichever mode. The ledger itself refuses a hold too, and knows it earlier.
    #[must_use]
    pub fn is_blocked(&self, account: AccountId) -> bool {
        self.blocked.contains(&account)
    }

    /// Limits on keys, projects, people, models and providers.
    pub(crate) fn limits(&self) -> &LimitBook {
        &self.limits
    }

    /// The counter's value when this was read, which each change of it raises.
    #[must_use]
    pub const fn version(&self) -> i64 {
        self.versions.all
    }

    /// Every model that calls may use, in the order of providers.
    pub fn models(&self) -> impl Iterator<Item = &VisibleModel> {
        self.models.iter()
    }

    /// One provider, enabled or not.
    #[must_use]
    pub fn provider(&self, id: ProviderId) -> Option<&Arc<ProviderEntry>> {
        self.providers.iter().find(|provider| provider.id == id)
    }

    /// Reads everything. Clients of unchanged providers are taken over from `previous`, so that connections stay open.
    pub(crate) async fn load(
        store: &Store,
        hub_keys: &HubKeys,
        now: Timestamp,
        previous: Option<&Self>,
    ) -> Result<Self, Error> {
        // The counter is read first: what changes meanwhile raises it again and is read again.
        let versions = store::settings::versions(store).await?;
        let keys = KeyBook::load(store, now).await?;
        let providers = load::providers(store, hub_keys, previous).await?;
        let options = load::options(store).await?;
        let blocked = store::ledger::blocked(store).await?;
        let mut snapshot = Self {
            versions,
            keys,
            providers,
            prices: PriceBook::load(store, &hub_keys.price, now, previous.map(|snapshot| &snapshot.prices)).await?,
            options,
            blocked,
            limits: LimitBook::load(store).await?,
            ..Self::default()
        };
        for model in store::models::all(store).await? {
            snapshot.add_model(&model);
        }
        Ok(snapshot)
    }

    fn add_model(&mut self, model: &Model) {
        let Some(provider) = self.provider(model.provider_id).cloned() else {
            return;
        };
        if !(model.enabled && provider.enabled) {
            return;
        }
        let visible = VisibleModel {
            id: model.id,
            public_name: model.public_name().into(),
            slug: model.slug.as_str().into(),
            context_tokens: model.context_tokens,
            abilities: Abilities::of(provider.kind, model.slug.as_str()),
            created_at: model.created_at,
            provider,
        };
        let index = self.models.len();
        self.by_public_name.insert(Arc::clone(&visible.public_name), index);
        // Models come in the order of providers: the first to claim a bare name keeps it.
        self.by_slug.entry(Arc::clone(&visible.slug)).or_insert(index);
        self.models.push(visible);
    }
}

/// Reads everything again, and ends the calls of whoever may not call any more.
pub(crate) async fn reload(inner: &Inner) -> Result<(), Error> {
    let _one_at_a_time = inner.reload.lock().await;
    read_again(inner).await
}

/// Reads everything again when any of it has changed.
pub(crate) async fn reload_if_changed(inner: &Inner) -> Result<(), Error> {
    reload_unless(inner, |stored, known| stored == known).await
}

/// Reads everything again when prices have changed. What else changes may be much, and nobody is priced by it.
async fn reload_if_prices_changed(inner: &Inner) -> Result<(), Error> {
    reload_unless(inner, |stored, known| stored.prices == known.prices).await
}

async fn reload_unless(inner: &Inner, is_known: fn(Versions, Versions) -> bool) -> Result<(), Error> {
    if look(inner, is_known).await? {
        return Ok(());
    }
    let _one_at_a_time = inner.reload.lock().await;
    // Whoever had the lock may have read it.
    if look(inner, is_known).await? {
        return Ok(());
    }
    read_again(inner).await
}

/// Compares what is in memory with what is stored.
async fn look(inner: &Inner, is_known: fn(Versions, Versions) -> bool) -> Result<bool, Error> {
    let moment = || inner.seen.before(inner.clock.now());
    let (before, stored) = store::settings::versions_after(&inner.store, moment).await?;
    let known = inner.snapshot.load().versions;
    if stored.prices == known.prices {
        inner.seen.note(before);
    }
    Ok(is_known(stored, known))
}

/// With the lock.
async fn read_again(inner: &Inner) -> Result<(), Error> {
    let before = inner.seen.before(inner.clock.now());
    let fresh = Snapshot::load(
        &inner.store,
        &inner.keys,
        inner.clock.now(),
        Some(&inner.snapshot.load()),
    )
    .await?;
    inner.snapshot.store(Arc::new(fresh));
    inner.seen.note(before);
    let now = inner.snapshot.load();
    inner.calls.withdraw(|asking| now.withdrawn(asking));
    Ok(())
}

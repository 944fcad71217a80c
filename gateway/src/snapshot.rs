//! What the request path reads, in memory: keys, providers with opened credentials, models, prices. Replaced as a whole.
//!
//! A change raises a counter in the database. The process that made the change reloads before it answers; others notice
//! within a quarter of a second (`opening`).

mod prices;

use std::{collections::HashMap, sync::Arc};

use ::http::HeaderValue;
use domain::{
    catalog::{CredentialNeed, ProviderKind, Quirks},
    id::{CredentialId, KeyId, ModelId, ProviderId, UserId},
    name::ModelAddress,
    price::PriceVersion,
    provider::{DisconnectPolicy, Model, Timeouts},
    setting::{Mode, Setting},
    time::Timestamp,
};

use prices::PriceBook;

use crate::{
    Error, Inner, http,
    providers::Addresses,
    secrets::{HubKeys, KeyHash, SecretText, parse_hash},
    store::{self, Store},
};

/// One consistent view.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// The counter's value when this was read.
    pub version: i64,
    keys: HashMap<KeyHash, KeyEntry>,
    providers: Vec<Arc<ProviderEntry>>,
    models: Vec<VisibleModel>,
    by_public_name: HashMap<Arc<str>, usize>,
    /// Bare names; the first provider in order that has it.
    by_slug: HashMap<Arc<str>, usize>,
    prices: PriceBook,
    options: Options,
}

/// Settings that calls follow. A call keeps those that it began with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Options {
    mode: Mode,
    hold_output_tokens: u64,
}

/// An API key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyEntry {
    /// Its id.
    pub id: KeyId,
    /// Whose it is.
    pub user: UserId,
    /// It was revoked.
    pub revoked: bool,
    /// Its owner is suspended.
    pub suspended: bool,
}

/// An upstream, ready to be called.
#[derive(Debug)]
pub struct ProviderEntry {
    /// Its id.
    pub id: ProviderId,
    /// The first part of its models' names.
    pub name: String,
    /// What people call it.
    pub title: String,
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
    pub label: String,
    /// The secret as an `Authorization: Bearer` header, marked sensitive.
    pub authorization: HeaderValue,
    /// The secret.
    pub secret: SecretText,
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
}

impl Snapshot {
    /// The key with this hash.
    #[must_use]
    pub fn key(&self, hash: &KeyHash) -> Option<&KeyEntry> {
        self.keys.get(hash)
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
        let version = store::settings::snapshot_version(store).await?;
        let keys = load_keys(store).await?;
        let providers = load_providers(store, hub_keys, previous).await?;
        let options = load_options(store).await?;
        let mut snapshot = Self {
            version,
            keys,
            providers,
            prices: PriceBook::load(store, now, previous.map(|snapshot| &snapshot.prices)).await?,
            options,
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

async fn load_options(store: &Store) -> Result<Options, Error> {
    let value = async |setting: Setting| {
        let stored = store::settings::get(store, setting.as_str()).await?;
        Ok::<_, Error>(stored.unwrap_or_else(|| setting.default_value().to_owned()))
    };
    // A value that nobody understands was not written by `settings set`: calls are not given away for it.
    Ok(Options {
        mode: Mode::parse(&value(Setting::Mode).await?).unwrap_or(Mode::ServiceProvider),
        hold_output_tokens: value(Setting::HoldOutputTokens).await?.parse().unwrap_or(2048),
    })
}

async fn load_keys(store: &Store) -> Result<HashMap<KeyHash, KeyEntry>, Error> {
    let mut keys = HashMap::new();
    for row in store::keys::access(store).await? {
        let entry = KeyEntry {
            id: KeyId::from_number(row.id),
            user: UserId::from_number(row.person_id),
            revoked: row.revoked != 0,
            suspended: row.suspended != 0,
        };
        match parse_hash(&row.token_hash) {
            Some(hash) => drop(keys.insert(hash, entry)),
            None => tracing::error!(key = %entry.id, "a stored key hash is unreadable; the key is refused"),
        }
    }
    Ok(keys)
}

async fn load_providers(
    store: &Store,
    hub_keys: &HubKeys,
    previous: Option<&Snapshot>,
) -> Result<Vec<Arc<ProviderEntry>>, Error> {
    let mut credentials: HashMap<i64, Vec<Arc<CredentialEntry>>> = HashMap::new();
    for row in store::credentials::sealed(store)
        .await?
        .into_iter()
        .filter(|row| row.enabled != 0)
    {
        let (id, provider) = (row.id, row.provider_id);
        match open_credential(hub_keys, row) {
            Ok(entry) => credentials.entry(provider).or_default().push(Arc::new(entry)),
            // One damaged row must not stop the others.
            Err(error) => {
                tracing::error!(credential = %CredentialId::from_number(id), %error, "a credential cannot be opened and is not used");
            }
        }
    }
    let mut entries = Vec::new();
    for provider in store::providers::all(store).await? {
        let draft = provider.draft;
        // A client reads the system's certificates when it is made, and differs only by its connection limit.
        let connect_ms = draft.timeouts.connect_ms;
        let before = previous
            .map(|snapshot| snapshot.providers.as_slice())
            .unwrap_or_default();
        let shared = before
            .iter()
            .chain(&entries)
            .find(|entry: &&Arc<ProviderEntry>| entry.timeouts.connect_ms == connect_ms);
        let shared = shared.map(|entry| entry.clients.clone());

        entries.push(Arc::new(ProviderEntry {
            id: provider.id,
            name: draft.name.to_string(),
            title: draft.title.to_string(),
            kind: draft.kind,
            quirks: draft.effective_quirks(),
            works_without_credential: draft.credential_need() != CredentialNeed::Required,
            proof: draft.known_preset().and_then(|preset| preset.proof),
            addresses: Addresses::of(draft.kind, draft.base_url.as_ref().map(domain::name::BaseUrl::as_str)),
            timeouts: draft.timeouts,
            disconnect: draft.disconnect,
            base_url: draft.base_url.map(String::from),
            enabled: provider.enabled,
            credentials: credentials.remove(&provider.id.number()).unwrap_or_default(),
            clients: match shared {
                Some(clients) => clients,
                None => http::clients(&draft.timeouts)?,
            },
        }));
    }
    Ok(entries)
}

/// What a credential's sealing is bound to: a row copied elsewhere does not open.
pub(crate) fn credential_binding(id: CredentialId) -> String {
    format!("credential:{}", id.number())
}

pub(crate) fn open_credential(hub_keys: &HubKeys, row: store::credentials::Sealed) -> Result<CredentialEntry, Error> {
    let id = CredentialId::from_number(row.id);
    let bytes = hub_keys.credential.open(&row.sealed, &credential_binding(id))?;
    let secret = SecretText::from(String::from_utf8_lossy(&bytes).into_owned());
    let authorization = bearer(&secret).ok_or(crate::secrets::SealError::Closed)?;
    Ok(CredentialEntry {
        id,
        label: row.label,
        authorization,
        secret,
    })
}

/// `Bearer …`, never shown by Debug.
pub(crate) fn bearer(secret: &SecretText) -> Option<HeaderValue> {
    let text = zeroize::Zeroizing::new(format!("Bearer {}", secret.expose()));
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Reads everything again.
pub(crate) async fn reload(inner: &Inner) -> Result<(), Error> {
    let _one_at_a_time = inner.reload.lock().await;
    let fresh = Snapshot::load(
        &inner.store,
        &inner.keys,
        inner.clock.now(),
        Some(&inner.snapshot.load()),
    )
    .await?;
    inner.snapshot.store(Arc::new(fresh));
    Ok(())
}

/// Reads everything again when the counter has moved.
pub(crate) async fn reload_if_changed(inner: &Inner) -> Result<(), Error> {
    if store::settings::snapshot_version(&inner.store).await? == inner.snapshot.load().version {
        return Ok(());
    }
    reload(inner).await
}

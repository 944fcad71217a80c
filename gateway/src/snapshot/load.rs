//! Reads the parts of a snapshot from storage. A damaged row is left out and told in the log; it must not stop the others.

use std::{collections::HashMap, sync::Arc};

use ::http::HeaderValue;
use domain::{
    catalog::CredentialNeed,
    id::CredentialId,
    setting::{Mode, Setting},
};

use super::{CredentialEntry, Options, ProviderEntry, Snapshot};
use crate::{
    Error, http,
    providers::Addresses,
    secrets::{HubKeys, Marks, SecretText},
    store::{self, Store},
};

pub(super) async fn options(store: &Store) -> Result<Options, Error> {
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

pub(super) async fn providers(
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
            title: draft.title.as_str().into(),
            logo: draft.preset.clone().unwrap_or_else(|| draft.kind.as_str().to_owned()),
            kind: draft.kind,
            quirks: draft.effective_quirks(),
            works_without_credential: draft.credential_need() != CredentialNeed::Required,
            proof: draft.known_preset().and_then(|preset| preset.proof),
            addresses: Addresses::of(draft.kind, draft.base_url.as_ref().map(domain::name::BaseUrl::as_str)),
            timeouts: draft.timeouts,
            disconnect: draft.disconnect,
            bills_on: !draft.facts().cancel_stops_billing,
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
    let authorization = sensitive(&zeroize::Zeroizing::new(format!("Bearer {}", secret.expose())));
    let bare = sensitive(secret.expose());
    let (Some(authorization), Some(bare)) = (authorization, bare) else {
        return Err(crate::secrets::SealError::Closed.into());
    };
    Ok(CredentialEntry {
        id,
        label: row.label.into(),
        authorization,
        bare,
        marks: Marks::of(secret.expose()),
        secret,
    })
}

/// A header that Debug never shows.
fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

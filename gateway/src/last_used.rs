//! When keys and credentials were last used, and how credentials fared: gathered in memory, written every few seconds.

use std::{collections::HashMap, sync::Mutex};

use domain::{
    id::{CredentialId, KeyId},
    provider::Health,
    time::Timestamp,
};

use crate::{Error, Inner, store};

/// How a credential's last use went, with the provider's words when it failed.
type CredentialNote = (Health, Option<String>, Timestamp);

/// What has not been written yet.
#[derive(Debug, Default)]
pub struct LastUsed {
    keys: Mutex<HashMap<KeyId, Timestamp>>,
    credentials: Mutex<HashMap<CredentialId, CredentialNote>>,
}

impl LastUsed {
    /// A call used this key.
    pub fn note_key(&self, key: KeyId, at: Timestamp) {
        if let Ok(mut keys) = self.keys.lock() {
            keys.insert(key, at);
        }
    }

    /// The provider accepted this credential, or refused with these words (masked).
    pub fn note_credential(&self, credential: CredentialId, outcome: Result<(), &str>, at: Timestamp) {
        let note = match outcome {
            Ok(()) => (Health::Good, None, at),
            Err(words) => (Health::Failing, Some(words.to_owned()), at),
        };
        if let Ok(mut credentials) = self.credentials.lock() {
            credentials.insert(credential, note);
        }
    }
}

/// Writes what has gathered. What cannot be written is lost, which costs nothing but a date.
pub(crate) async fn flush(inner: &Inner) {
    let keys = inner
        .last_used
        .keys
        .lock()
        .map(|mut keys| std::mem::take(&mut *keys))
        .unwrap_or_default();
    let credentials = inner
        .last_used
        .credentials
        .lock()
        .map(|mut notes| std::mem::take(&mut *notes))
        .unwrap_or_default();
    if keys.is_empty() && credentials.is_empty() {
        return;
    }
    if let Err(error) = write(inner, keys, credentials).await {
        tracing::warn!(%error, "last uses could not be written");
    }
}

async fn write(
    inner: &Inner,
    keys: HashMap<KeyId, Timestamp>,
    credentials: HashMap<CredentialId, CredentialNote>,
) -> Result<(), Error> {
    let mut tx = inner.store.begin().await?;
    // In the order of ids, so that two replicas never wait for each other in a circle.
    let mut keys: Vec<_> = keys.into_iter().collect();
    keys.sort_unstable();
    for (key, at) in keys {
        store::keys::note_used(&mut tx, key, at).await?;
    }
    let mut credentials: Vec<_> = credentials.into_iter().collect();
    credentials.sort_unstable_by_key(|(credential, _)| *credential);
    for (credential, (health, words, at)) in credentials {
        store::credentials::note_health(&mut tx, credential, health, words.as_deref(), at).await?;
    }
    tx.commit().await?;
    Ok(())
}

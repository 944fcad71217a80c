//! When keys and providers were last used, and how providers fared with each credential or without one: gathered in memory,
//! written every few seconds.

use std::{collections::HashMap, sync::Mutex};

use domain::{
    id::{CredentialId, KeyId, ProviderId},
    provider::Health,
    time::Timestamp,
};

use crate::{Error, Inner, store};

/// With what a provider was used: one of its credentials, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Used {
    Provider(ProviderId),
    Credential(CredentialId),
}

/// How the last use went, with the provider's words when it failed.
type Note = (Health, Option<String>, Timestamp);

/// What has not been written yet.
#[derive(Debug, Default)]
pub struct LastUsed {
    keys: Mutex<HashMap<KeyId, Timestamp>>,
    notes: Mutex<HashMap<Used, Note>>,
}

impl LastUsed {
    /// A call used this key.
    pub fn note_key(&self, key: KeyId, at: Timestamp) {
        if let Ok(mut keys) = self.keys.lock() {
            keys.insert(key, at);
        }
    }

    /// The provider served with this credential or without one, or refused with these words (masked).
    pub fn note_provider(
        &self,
        provider: ProviderId,
        credential: Option<CredentialId>,
        outcome: Result<(), &str>,
        at: Timestamp,
    ) {
        match outcome {
            Ok(()) => self.note_test(provider, credential, Health::Good, None, at),
            Err(words) => self.note_test(provider, credential, Health::Failing, Some(words), at),
        }
    }

    /// What a test found. When it could not tell, a good use before it counts on, and a failure is forgotten.
    pub fn note_test(
        &self,
        provider: ProviderId,
        credential: Option<CredentialId>,
        health: Health,
        words: Option<&str>,
        at: Timestamp,
    ) {
        let used = credential.map_or(Used::Provider(provider), Used::Credential);
        if let Ok(mut notes) = self.notes.lock() {
            notes.insert(used, (health, words.map(str::to_owned), at));
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
    let notes = inner
        .last_used
        .notes
        .lock()
        .map(|mut notes| std::mem::take(&mut *notes))
        .unwrap_or_default();
    if keys.is_empty() && notes.is_empty() {
        return;
    }
    if let Err(error) = write(inner, keys, notes).await {
        tracing::warn!(%error, "last uses could not be written");
    }
}

async fn write(inner: &Inner, keys: HashMap<KeyId, Timestamp>, notes: HashMap<Used, Note>) -> Result<(), Error> {
    let mut tx = inner.store.begin().await?;
    // In the order of ids, so that two replicas never wait for each other in a circle.
    let mut keys: Vec<_> = keys.into_iter().collect();
    keys.sort_unstable();
    for (key, at) in keys {
        store::keys::note_used(&mut tx, key, at).await?;
    }
    let mut notes: Vec<_> = notes.into_iter().collect();
    notes.sort_unstable_by_key(|(used, _)| *used);
    for (used, (health, words, at)) in notes {
        let words = words.as_deref();
        match used {
            Used::Provider(id) => store::providers::note_health(&mut tx, id, health, words, at).await?,
            Used::Credential(id) => store::credentials::note_health(&mut tx, id, health, words, at).await?,
        }
    }
    tx.commit().await?;
    Ok(())
}

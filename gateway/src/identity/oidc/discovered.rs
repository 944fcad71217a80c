//! What providers tell of themselves, and their keys: kept for an hour, and asked for by one at a time. A provider that did not answer is not asked again for some
//! seconds: whoever sets out to it, who need not be anybody, would else have the hub ask it each time, and wait each time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{
    identity::{IdentityDraft, IdentityRefusal, IdentityUrl},
    time::{Micros, Timestamp},
};
use openidconnect::{DiscoveryError, IssuerUrl, ProviderMetadataWithLogout, core::CoreJsonWebKeySet};

use super::{told, unusable};
use crate::{Inner, identity::egress::EgressError};

/// How long what was discovered is believed.
const KEPT: Micros = Micros::from_seconds(3600);
/// How long it is believed that a provider does not answer.
const FAILED: Micros = Micros::from_seconds(3);
/// Unknown keys are asked for at most once in this time.
const ASK_AGAIN: Micros = Micros::from_seconds(30);

/// What was discovered, by issuer.
#[derive(Default)]
pub(in crate::identity) struct Discovered(Mutex<HashMap<String, Known>>);

/// What is known of an issuer.
#[derive(Clone, Default)]
struct Known {
    entry: Option<Entry>,
    /// Whoever asks it holds this: who needs the same meanwhile waits for that answer.
    asking: Arc<tokio::sync::Mutex<Option<Failure>>>,
}

/// What an issuer has told.
#[derive(Clone)]
struct Entry {
    metadata: Arc<ProviderMetadataWithLogout>,
    read_at: Timestamp,
    keys_asked_at: Option<Timestamp>,
}

/// Why the last question was not answered.
struct Failure {
    reason: String,
    at: Timestamp,
}

impl Discovered {
    fn of(&self, issuer: &IdentityUrl) -> Known {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(issuer.as_str().to_owned()).or_default().clone()
    }

    fn put(&self, issuer: &IdentityUrl, entry: Entry) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(issuer.as_str().to_owned()).or_default().entry = Some(entry);
    }

    /// What is believed still.
    fn fresh(&self, issuer: &IdentityUrl, now: Timestamp) -> Option<Arc<ProviderMetadataWithLogout>> {
        let entry = self.of(issuer).entry?;
        (now < entry.read_at.plus(KEPT)).then_some(entry.metadata)
    }
}

/// Discovery and keys, fresh; also what they are kept as from now on.
pub(in crate::identity) async fn discover(
    hub: &Inner,
    draft: &IdentityDraft,
    issuer: &IdentityUrl,
) -> Result<Arc<ProviderMetadataWithLogout>, IdentityRefusal> {
    ask(hub, issuer).await.map_err(|reason| unusable(draft, reason))
}

async fn ask(hub: &Inner, issuer: &IdentityUrl) -> Result<Arc<ProviderMetadataWithLogout>, String> {
    let name = IssuerUrl::new(issuer.to_string()).map_err(|_| "its address cannot be read".to_owned())?;
    let egress = hub.identities.egress.named_by(issuer);
    let metadata = ProviderMetadataWithLogout::discover_async(name, &egress).await;
    let metadata = metadata.map_err(|error| words(&error))?;
    told::check(&metadata, issuer)?;
    let entry = Entry {
        metadata: Arc::new(metadata),
        read_at: hub.clock.now(),
        keys_asked_at: None,
    };
    hub.identities.discovered.put(issuer, entry.clone());
    Ok(entry.metadata)
}

/// The same, from memory where it is not too old.
pub(super) async fn metadata(
    hub: &Inner,
    draft: &IdentityDraft,
    issuer: &IdentityUrl,
) -> Result<Arc<ProviderMetadataWithLogout>, IdentityRefusal> {
    let discovered = &hub.identities.discovered;
    if let Some(metadata) = discovered.fresh(issuer, hub.clock.now()) {
        return Ok(metadata);
    }
    let asking = discovered.of(issuer).asking;
    let mut failure = asking.lock().await;
    let now = hub.clock.now();
    // Somebody else has asked meanwhile.
    if let Some(metadata) = discovered.fresh(issuer, now) {
        return Ok(metadata);
    }
    if let Some(known) = &*failure
        && (known.at..known.at.plus(FAILED)).contains(&now)
    {
        return Err(unusable(draft, known.reason.clone()));
    }
    // Who asks may leave before there is an answer. Those who wait behind them do not ask at once as well.
    *failure = Some(Failure {
        reason: "it has not answered yet".to_owned(),
        at: now,
    });
    let asked = ask(hub, issuer).await;
    // Counted from the end: it may have taken as long as a question may.
    *failure = asked.as_ref().err().map(|reason| Failure {
        reason: reason.clone(),
        at: hub.clock.now(),
    });
    asked.map_err(|reason| unusable(draft, reason))
}

/// Newer keys than these: such as somebody else has just got, or asked for anew, unless that was a moment ago.
pub(super) async fn newer_keys(
    hub: &Inner,
    issuer: &IdentityUrl,
    known: &Arc<ProviderMetadataWithLogout>,
) -> Option<Arc<ProviderMetadataWithLogout>> {
    let discovered = &hub.identities.discovered;
    let asking = discovered.of(issuer).asking;
    let _one_at_a_time = asking.lock().await;
    let now = hub.clock.now();
    let mut entry = discovered.of(issuer).entry?;
    if !Arc::ptr_eq(&entry.metadata, known) {
        return Some(entry.metadata);
    }
    if entry.keys_asked_at.is_some_and(|asked| now < asked.plus(ASK_AGAIN)) {
        return None;
    }
    let egress = hub.identities.egress.named_by(issuer);
    let keys = CoreJsonWebKeySet::fetch_async(entry.metadata.jwks_uri(), &egress).await;
    // Only now: whoever asked may have left meanwhile, and then the next one asks.
    entry.keys_asked_at = Some(now);
    let newer = keys.ok().map(|keys| Arc::new((*entry.metadata).clone().set_jwks(keys)));
    if let Some(newer) = &newer {
        entry.metadata = Arc::clone(newer);
    }
    discovered.put(issuer, entry);
    newer
}

fn words(error: &DiscoveryError<EgressError>) -> String {
    match error {
        DiscoveryError::Request(error) => error.to_string(),
        DiscoveryError::Response(status, ..) if *status != http::StatusCode::OK => {
            format!("it answered discovery with status {}", status.as_u16())
        }
        DiscoveryError::Response(..) => "its discovery is not JSON".to_owned(),
        DiscoveryError::Parse(error) => {
            let reason: String = error.to_string().chars().take(200).collect();
            format!("its discovery cannot be read: {reason}")
        }
        DiscoveryError::Validation(reason) => format!("its discovery does not fit: {reason}"),
        DiscoveryError::UrlParse(_) | DiscoveryError::Other(_) => "its address cannot be read".to_owned(),
        _ => "its discovery cannot be read".to_owned(),
    }
}

//! Answers that a provider keeps: who asks to go on with one (`previous_response_id`) reaches the credential that it was asked
//! for with, and only the person whose answer it is may. Called by `before`, ahead of the hold, which has to know how long that
//! conversation is, by `attempt` before anything is sent, and where an answer ends: where it lies is written with the end of its call.

use std::sync::Arc;

use domain::{call::Fault, id::UserId};

use super::{CallError, attempt::Reached, task::Context};
use crate::{
    CredentialEntry, Inner, KeptAnswer, ProviderEntry,
    store::responses::{self, Place},
};

/// The longest id that is remembered. OpenAI's have 55 letters.
const LONGEST: usize = 200;

/// Where the answer lies that a request goes on with. None: it goes on with none.
///
/// # Errors
/// There is no such answer of this person at this provider.
pub(super) async fn find(
    inner: &Inner,
    person: UserId,
    provider: &ProviderEntry,
    previous: Option<&str>,
) -> Result<Option<Place>, CallError> {
    let Some(previous) = previous else {
        return Ok(None);
    };
    match responses::find(&inner.store, previous).await {
        Ok(place) => {
            let place = place.filter(|place| place.person == person && place.provider == provider.id);
            place.map(Some).ok_or_else(|| not_found(previous))
        }
        Err(error) => {
            tracing::error!(%error, "where an answer lies could not be read");
            let sentence = "The hub cannot read where that answer lies at the moment. Try again in a few seconds.";
            Err(CallError {
                retry_after: Some(2),
                ..CallError::new(Fault::Hub, 503, "journal_behind", sentence)
            })
        }
    }
}

/// The credential that the request is bound to: the one that got the answer that it goes on with. None: it goes on with none.
///
/// # Errors
/// Its credential is gone.
pub(super) fn credential(
    provider: &ProviderEntry,
    place: Option<Place>,
    previous: Option<&str>,
) -> Result<Option<Pin>, CallError> {
    match place.map(|place| place.credential) {
        None => Ok(None),
        Some(None) => Ok(Some(Pin(None))),
        Some(Some(id)) => {
            let known = provider.credentials.iter().find(|known| known.id == id);
            known
                .map(|known| Some(Pin(Some(Arc::clone(known)))))
                .ok_or_else(|| not_found(previous.unwrap_or_default()))
        }
    }
}

/// What a request is bound to: this credential, or none at all.
pub(super) struct Pin(pub Option<Arc<CredentialEntry>>);

fn not_found(previous: &str) -> CallError {
    let shown: String = previous.chars().take(LONGEST).collect();
    let sentence = format!(
        "Previous response with id '{shown}' not found. Send the whole conversation in 'input', or an id that a call of yours to this provider got."
    );
    CallError {
        param: Some("previous_response_id".to_owned()),
        ..CallError::new(Fault::Caller, 400, "previous_response_not_found", sentence)
    }
}

/// What will have to be remembered when the answer is there.
pub(super) struct Keeper(Option<domain::id::CredentialId>);

impl Keeper {
    /// For an answer that its provider keeps.
    pub fn of(context: &Context<'_>, reached: &Reached) -> Option<Self> {
        let credential = reached.credential.as_ref();
        let keeper = || Self(credential.map(|credential| credential.id));
        context.scanned.is_kept().then(keeper)
    }

    /// The answer by its id, if that is one, and how many tokens the conversation has with it, where that was counted.
    pub fn kept(self, id: Option<&str>, tokens: Option<u64>) -> Option<KeptAnswer> {
        let id = id.filter(|id| !id.is_empty() && id.len() <= LONGEST)?;
        Some(KeptAnswer {
            id: id.to_owned(),
            credential: self.0,
            tokens,
        })
    }
}

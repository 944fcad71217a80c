//! How many tokens a request has, for clients of Anthropic's dialect that ask before they send it. A provider that counts
//! itself is asked; for all others it is estimated. Costs nothing and is no call, but counts as a request where those are limited.

use std::time::Duration;

use bytes::Bytes;
use domain::call::{Dialect, Fault};
use tokio::time::timeout;

use super::{
    CallError, Caller, Passing, Room,
    accept::{unknown_reference, unread},
    attempt::{may_be_told, secret_of},
    fault, refused, room,
};
use crate::{
    Candidate, Gateway, http,
    providers::{self, Outgoing},
    wire::{
        anthropic::{count, read},
        speech::{self, Speech},
    },
};

/// Longer than this nobody waits for a number that can be estimated.
const PATIENCE: Duration = Duration::from_secs(10);
/// Largest answer that is read. It holds one number, or an error.
const LIMIT: usize = 64 << 10;

impl Gateway {
    /// The tokens of a request in Anthropic's dialect, as its answer's body. Of the memory for requests it takes what its body takes, and its
    /// values where the hub itself has to read them. Who may not call may not ask a provider this either,
    /// and what a call may not name no question may.
    ///
    /// # Errors
    /// [`CallError`], with the answer for the client.
    pub async fn count_tokens(
        &self,
        caller: Caller,
        (body, room): (Bytes, Room),
        headers: &Passing,
    ) -> Result<Bytes, CallError> {
        let dialect = Dialect::AnthropicMessages;
        let scanned = speech::scan(dialect, &body).map_err(unread)?;
        let (candidate, limits) = {
            let snapshot = self.0.snapshot.load();
            if snapshot.is_blocked(caller.account()) {
                return Err(refused::blocked());
            }
            let found = snapshot.resolve(&scanned.model);
            let found = found.ok_or_else(|| snapshot.unknown_model(&scanned.model))?;
            snapshot.check_allowed(caller.key, &found.provider, &found.public_name)?;
            let limits = snapshot.limits().applying(caller, &found);
            (found, limits)
        };
        if let Some(limits) = limits {
            let counted = self.0.count_request(limits).await;
            counted.map_err(|error| refused::refused(&self.0, caller, error))?;
        }
        let speech = Speech::between(dialect, candidate.provider.kind, &candidate.slug);
        if let Some(member) = &scanned.files.kept {
            return Err(unknown_reference(member));
        }
        if speech.passes() {
            may_be_told(&self.0, &scanned, dialect)?;
        }
        if speech.passes()
            && let Ok(asked) = speech.ask(&scanned, &body, &candidate.slug, &candidate.provider.quirks, None)
        {
            match timeout(PATIENCE, self.ask_count(&candidate, speech, asked.body, headers)).await {
                Ok(Ok(counted)) => return Ok(counted),
                Ok(Err(Some(error))) => return Err(error),
                Ok(Err(None)) | Err(_) => {}
            }
        }
        room::for_values(&room, &body)?;
        let request = read::read(&body).map_err(unread)?;
        Ok(count::body(count::estimate(&request)).into())
    }

    /// Asks the provider. An error is told where it is the caller's; everything else has an estimate.
    async fn ask_count(
        &self,
        candidate: &Candidate,
        speech: Speech,
        body: Bytes,
        headers: &Passing,
    ) -> Result<Bytes, Option<CallError>> {
        let provider = &candidate.provider;
        let rotation = &self.0.calls.rotation;
        let credential = rotation.pick(&provider.credentials, &[], tokio::time::Instant::now());
        let outgoing = Outgoing {
            wire: speech.wire,
            stream: false,
            slug: &candidate.slug,
            headers: headers.sent(),
            query: headers.query(),
            body,
            sent: http::Sent::default(),
        };
        let mut incoming = providers::count(provider, credential.as_deref(), outgoing)
            .await
            .map_err(|_| None)?;
        let mut answer = Vec::new();
        while let Some(piece) = incoming.body.next().await.map_err(|_| None)? {
            answer.extend_from_slice(&piece);
            if answer.len() > LIMIT {
                return Err(None);
            }
        }
        let answer = Bytes::from(answer);
        if incoming.status.is_success() {
            return if count::is_answer(&answer) {
                Ok(answer)
            } else {
                Err(None)
            };
        }
        let wait = http::retry_after(&incoming.headers);
        let secret = secret_of(credential.as_deref());
        let (status, title) = (incoming.status.as_u16(), &provider.title);
        let error = fault::of_answer(speech, status, &answer, wait, secret, title, &candidate.slug).error;
        Err(Some(error).filter(|error| error.fault == Fault::Caller))
    }
}

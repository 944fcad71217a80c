//! What those who carry an answer need of its call.

use domain::{id::CallId, time::Timestamp};

use crate::{
    Candidate, Inner,
    call::{CallRequest, Passing, Room, estimate, record::Record},
    store::responses::Place,
    wire::{Scanned, canonical::Ids, speech::Speech},
};

/// What `whole` and `stream` need of the call.
pub(in crate::call) struct Context<'a> {
    pub inner: &'a Inner,
    pub call: CallId,
    pub started_at: Timestamp,
    pub speech: Speech,
    /// Of the client's own, what goes on to a provider that speaks the same dialect.
    pub headers: &'a Passing,
    pub scanned: &'a Scanned,
    pub candidate: &'a Candidate,
    /// Where the answer lies that it goes on with.
    pub place: Option<Place>,
    /// Where its answer finds room.
    pub room: &'a Room,
    /// A client that leaves ends the call.
    pub cancels: bool,
}

impl<'a> Context<'a> {
    /// Of a call that is served by this candidate.
    pub fn new(
        inner: &'a Inner,
        request: &'a CallRequest,
        scanned: &'a Scanned,
        (speech, candidate, place): (Speech, &'a Candidate, Option<Place>),
        cancels: bool,
    ) -> Self {
        Self {
            inner,
            call: request.id,
            started_at: request.arrived_at,
            speech,
            headers: &request.headers,
            scanned,
            candidate,
            place,
            room: &request.room,
            cancels,
        }
    }

    /// What an answer that is told anew is called.
    pub fn ids(&self) -> Ids {
        ids(self.call, self.started_at, self.scanned)
    }

    /// What the provider's report of usage is held against.
    pub fn asked<'b>(&'b self, record: &'b Record) -> estimate::Asked<'b> {
        estimate::Asked {
            request: self.scanned,
            context_tokens: self.candidate.context_tokens,
            told: record.funds().told(self.scanned),
            thinks_apart: self.candidate.provider.quirks.reasoning_outside_completion,
            counts_prompt: self.speech.wire.counts_prompt(),
            sell: record.funds().sell(),
        }
    }
}

/// What an answer is called that the hub writes itself.
pub(super) fn ids(call: CallId, at: Timestamp, scanned: &Scanned) -> Ids {
    Ids {
        call: call.to_string(),
        model: scanned.model.clone(),
        created: at.seconds(),
    }
}

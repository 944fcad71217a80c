//! One call, from an authenticated request to its settled row. No HTTP server here and no dialect's error bodies.
//!
//! `caller` says who calls and who pays; `accept` reads the request and finds a model; `task` owns the call from then on, within its caller (`carried`) or beside it,
//! so that a client that leaves cannot undo its record; `attempt` reaches the provider; `whole` and `stream` carry the answer; `record` keeps
//! the row; `before` gets what a call has to wait for first; `files` fetches what a provider does not; `framework` has embeddings and pictures told in AIGNE's words; `funds` says how it is paid, `measurable` what it must be for that, `limited` which limits it counts against, and `refused` why it is not let in; `fault` tells whose fault a failure is; `patience` says how long the hub's own books are waited for; `pinned` sends who goes on with an answer to where it lies; `quoted` keeps prompts out of the log; `room` bounds what requests and whole answers take of the memory; `heavy` works on large ones without keeping others waiting; `running` knows what runs, `signed_out` ends what somebody asked who has signed out. Called by `server` and `app`.

mod accept;
mod admits;
mod attempt;
mod before;
mod bounds;
mod caller;
mod carried;
mod count;
mod estimate;
mod fault;
mod files;
mod framework;
mod funds;
mod heavy;
mod limited;
mod measurable;
mod patience;
mod pinned;
mod quoted;
mod record;
mod refused;
mod room;
mod running;
pub(crate) mod signed_out;
mod stream;
mod task;
mod unfit;
mod whole;

use std::{
    borrow::Cow,
    net::IpAddr,
    time::{Duration, Instant},
};

use ::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use domain::{
    call::{Dialect, Door, Failure, Fault},
    id::{CallId, SessionId},
    time::Timestamp,
};

pub use crate::{
    http::{Passing, passing},
    wire::speech::{Problem, error_body},
};
pub use caller::{Caller, KeyProblem, Payer};
pub use framework::PictureShape;
pub use limited::{Figure, Figures, OverLimitTold, window};
pub use refused::Facts;
pub use refused::Shortfall;
pub use room::{BodyMemory, Full, Room};
pub(crate) use running::{Asking, Running, Withdrawn};

/// A request to a model.
#[derive(Clone, Debug)]
pub struct CallRequest {
    /// The client's words: of the request, the answer, and errors.
    pub dialect: Dialect,
    /// Through which door it came.
    pub door: Door,
    /// Who asks.
    pub caller: Caller,
    /// From where a key is used; none where somebody calls without.
    pub from: Option<IpAddr>,
    /// In which session of the console somebody asks; none where a key is used.
    pub session: Option<SessionId>,
    /// The body as it came.
    pub body: Bytes,
    /// What that takes of the memory for requests. What is kept of it when a provider answers is little, and the rest is given back; then a whole
    /// answer takes its part, until nobody has its body any more.
    pub room: Room,
    /// A stream is asked for outside the body, as by `Accept` in some dialects.
    pub stream: bool,
    /// What of its headers and its query goes on to a provider that speaks the same dialect; see [`passing`].
    pub headers: Passing,
    /// The client's own description.
    pub agent: Option<String>,
    /// When it arrived, for spans.
    pub arrived: Instant,
    /// When it arrived, for the log.
    pub arrived_at: Timestamp,
    /// Made by `Gateway::new_call_id`; the client gets it as `x-request-id`.
    pub id: CallId,
}

/// The beginning of an answer (or all of it).
#[derive(Debug)]
pub struct CallAnswer {
    /// Its status.
    pub status: StatusCode,
    /// The upstream's headers that a client may see, with the content type.
    pub headers: HeaderMap,
    /// For `Server-Timing`.
    pub timing: Timing,
    /// The tokens that each answer may have, where the hub set that limit or lowered the client's.
    pub max_tokens: Option<u64>,
    /// What of the request its provider could not be told.
    pub dropped: Vec<String>,
    /// What follows.
    pub body: AnswerBody,
}

/// Where the time to the first byte went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// The hub's own part.
    pub overhead: Duration,
    /// From sending the last attempt to the provider's first byte.
    pub upstream_first_byte: Duration,
}

/// The body of an answer.
#[derive(Debug)]
pub enum AnswerBody {
    /// All of it; its row is durable.
    Whole(Bytes),
    /// Pieces of a stream, each of complete events, to be sent at once and unchanged. The row is durable before the last
    /// one. Dropping the receiver says that the client has left.
    Stream(tokio::sync::mpsc::Receiver<Bytes>),
}

/// A call that got no answer (or none of its own kind).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CallError {
    /// Whose fault it is.
    pub fault: Fault,
    /// Stable word for programs.
    pub code: Cow<'static, str>,
    /// A sentence for the caller.
    pub message: String,
    /// The member of the request that is wrong.
    pub param: Option<String>,
    /// The HTTP status to answer with.
    pub status: u16,
    /// Seconds to wait before trying again.
    pub retry_after: Option<u32>,
    /// The provider's own body, when the fault is the caller's and both speak the same dialect: answer with it unmodified.
    pub upstream_body: Option<Bytes>,
    /// The provider's own event, when it told an error within a stream and both speak the same dialect: what tells the error
    /// to a client whose stream has begun.
    pub event: Option<Box<Bytes>>,
    /// What the log keeps instead of the message, where that holds words of the provider: they may quote the prompt.
    pub kept: Option<Box<str>>,
    /// Where the time went, when the call has begun.
    pub timing: Option<Timing>,
    /// What the credit came to, when it is too little.
    pub credit: Option<Box<Shortfall>>,
    /// The limit that is in the way.
    pub limit: Option<Box<OverLimitTold>>,
}

impl CallError {
    /// An error without the rarer details.
    #[must_use]
    pub fn new(fault: Fault, status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            fault,
            code: Cow::Borrowed(code),
            message: message.into(),
            param: None,
            status,
            retry_after: None,
            upstream_body: None,
            event: None,
            kept: None,
            timing: None,
            credit: None,
            limit: None,
        }
    }

    /// The body for this error in a client's dialect: the provider's own where that may pass, else one in the same shape.
    #[must_use]
    pub fn body(&self, dialect: Dialect, request_id: Option<&str>) -> Bytes {
        self.body_at(dialect, request_id, None)
    }

    /// The same with the moment, as `2027-01-31T12:00:00.000Z`, for dialects that tell it.
    #[must_use]
    pub fn body_at(&self, dialect: Dialect, request_id: Option<&str>, at: Option<&str>) -> Bytes {
        let problem = Problem {
            at,
            ..self.problem(self.param.as_deref(), request_id)
        };
        self.upstream_body
            .clone()
            .unwrap_or_else(|| error_body(dialect, &problem))
    }

    /// The error as a dialect tells it.
    fn problem<'a>(&'a self, param: Option<&'a str>, request_id: Option<&'a str>) -> Problem<'a> {
        Problem {
            message: &self.message,
            fault: self.fault,
            status: self.status,
            code: &self.code,
            param,
            facts: Facts {
                credit: self.credit.as_deref(),
                limit: self.limit.as_deref(),
            },
            request_id,
            at: None,
        }
    }

    /// What the log keeps of it.
    fn failure(&self) -> Failure {
        Failure {
            fault: self.fault,
            code: self.code.to_string(),
            message: self.kept.as_deref().unwrap_or(&self.message).to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;

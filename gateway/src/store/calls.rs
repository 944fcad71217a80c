//! Tables `call` and `attempt`: the log. Written in batches by `recorder`, read by pages.

pub(crate) mod concern;
mod money;
pub(crate) mod past;
mod read;
#[cfg(test)]
mod sample;
mod window;
mod write;

use std::sync::Arc;

use domain::{
    call::{CallState, Dialect, Door, Endpoint, Failure},
    catalog::ProviderKind,
    id::{AccountId, AttemptId, CallId, CredentialId, KeyId, ProcessId, ProjectId, ProviderId, UserId},
    price::Drawn,
    time::{Micros, Timestamp},
    usage::{Usage, UsageSource},
};

pub use super::limits::Limited;
use crate::call::{Caller, Payer};
pub use money::CallMoney;
pub(crate) use read::{count, detail, page};
pub(super) use window::escape_like;
pub(super) use write::{ATTEMPTS, NEW_CALLS, bind_attempt, bind_call};
pub(crate) use write::{Rows, mark_ahead, write};

/// A row of `call` as the recorder writes it. It is cloned once or twice for each call, so its texts are shared.
#[derive(Clone, Debug)]
pub struct CallRow {
    /// The call.
    pub id: CallId,
    /// Who runs it; calls of a dead process are lost.
    pub process: ProcessId,
    /// When the request arrived.
    pub started_at: Timestamp,
    /// What was asked for.
    pub endpoint: Endpoint,
    /// In which words.
    pub dialect: Dialect,
    /// What of them the provider could not be told: names with commas between them.
    pub dropped: Option<String>,
    /// Through which door.
    pub door: Door,
    /// Whether the answer is streamed.
    pub streamed: bool,
    /// How far it got.
    pub state: CallState,
    /// What the client got.
    pub status: Option<u16>,
    /// Who called.
    pub user: UserId,
    /// With which key.
    pub key: Option<KeyId>,
    /// Of which project it is.
    pub project: ProjectId,
    /// Who pays, or would.
    pub account: AccountId,
    /// The model as asked for.
    pub model_asked: Arc<str>,
    /// The model that serves, as `provider/model`.
    pub model_served: Option<Arc<str>>,
    /// The provider that serves.
    pub provider_id: Option<ProviderId>,
    /// Its title.
    pub provider: Option<Arc<str>>,
    /// How it is spoken to.
    pub provider_kind: Option<ProviderKind>,
    /// Why the model stopped.
    pub finish_reason: Option<Arc<str>>,
    /// What was consumed.
    pub usage: Usage,
    /// The pictures that came, where pictures were asked for.
    pub drawn: Option<Drawn>,
    /// Where those numbers come from.
    pub usage_source: UsageSource,
    /// The provider's own usage object.
    pub raw_usage: Option<Arc<str>>,
    /// Arrival to first byte to the client.
    pub first_byte: Option<Micros>,
    /// Arrival to last byte.
    pub duration: Option<Micros>,
    /// Our part of the time to the first byte.
    pub overhead: Option<Micros>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// The client's own description.
    pub agent: Option<Arc<str>>,
    /// How many attempts were made.
    pub attempts: i64,
    /// How it is paid.
    pub money: CallMoney,
    /// What it has reserved of limits.
    pub limited: Option<Arc<Limited>>,
    /// What the provider keeps of it, once that is known; where it lies is written with the row (`store::responses`).
    pub kept: Option<KeptAnswer>,
}

impl CallRow {
    /// Who called, and who pays. The project of their key is not written down: where it is not the call's, it is their own.
    #[must_use]
    pub const fn caller(&self) -> Caller {
        Caller {
            user: self.user,
            key: self.key,
            project: self.project,
            home: ProjectId::personal_of(self.user),
            payer: Payer::of(self.user, self.account),
        }
    }
}

/// An answer that its provider keeps, so that a later call may go on with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// What the provider calls it.
    pub id: String,
    /// The credential that it was asked for with; absent where none is needed.
    pub credential: Option<CredentialId>,
    /// Tokens of the conversation with this answer, where the provider has counted them.
    pub tokens: Option<u64>,
}

/// A row of `attempt` as the recorder writes it.
#[derive(Clone, Debug)]
pub struct AttemptRow {
    /// The attempt.
    pub id: AttemptId,
    /// Of which call.
    pub call: CallId,
    /// Counted from 1.
    pub number: i64,
    /// Which provider.
    pub provider_id: ProviderId,
    /// Its title.
    pub provider: Arc<str>,
    /// With which secret.
    pub credential_id: Option<CredentialId>,
    /// What the secret is called.
    pub credential: Option<Arc<str>>,
    /// The model as the provider calls it.
    pub model: Arc<str>,
    /// When it was sent.
    pub started_at: Timestamp,
    /// The provider's status.
    pub status: Option<u16>,
    /// Sending to the provider's first byte.
    pub first_byte: Option<Micros>,
    /// Sending to the end.
    pub duration: Micros,
    /// The provider's own id of the request.
    pub upstream_request_id: Option<Arc<str>>,
    /// Why it failed.
    pub failure: Option<Failure>,
}

/// Adds a keyset condition, the order and the limit. One row more than the page holds tells whether there is another page.
macro_rules! push_cursor {
    ($query:expr, $column:literal, $cursor:expr, $size:expr) => {{
        let ascending = match $cursor {
            domain::page::Cursor::Newest => false,
            domain::page::Cursor::Before(id) => {
                $query.push(concat!(" AND ", $column, " < ")).push_bind(id);
                false
            }
            domain::page::Cursor::After(id) => {
                $query.push(concat!(" AND ", $column, " > ")).push_bind(id);
                true
            }
        };
        $query.push(if ascending {
            concat!(" ORDER BY ", $column, " ASC LIMIT ")
        } else {
            concat!(" ORDER BY ", $column, " DESC LIMIT ")
        });
        $query.push_bind(i64::from($size.rows()) + 1);
    }};
}
pub(super) use push_cursor;

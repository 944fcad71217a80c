//! Calls and attempts as the log shows them. Prompts and answers are never part of it.

mod concern;
mod dialect;

pub use concern::Concern;
pub use dialect::Dialect;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    catalog::ProviderKind,
    id::{AccountId, AttemptId, CallId, CredentialId, KeyId, ProjectId, ProviderId, UserId},
    money::Amount,
    price::Drawn,
    time::{Micros, Timestamp},
    usage::{Usage, UsageSource},
};

/// How far a call got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CallState {
    /// Running.
    Open,
    /// Answered to the end.
    Succeeded,
    /// Ended with an error.
    Failed,
    /// The client left, or pressed Stop; with a failure: its key or its person was refused from then on.
    Cancelled,
    /// The hub's process ended first.
    Interrupted,
}

impl CallState {
    /// Every state, in the order in which filters offer them.
    pub const ALL: [Self; 5] = [
        Self::Open,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
        Self::Interrupted,
    ];

    /// The word in storage, URLs and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
        }
    }

    /// The state that this word names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Endpoint {
    /// A chat completion.
    Chat,
    /// Embeddings.
    Embeddings,
    /// Pictures.
    Images,
}

impl Endpoint {
    /// Every endpoint.
    pub const ALL: [Self; 3] = [Self::Chat, Self::Embeddings, Self::Images];

    /// The word in storage, URLs and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Embeddings => "embeddings",
            Self::Images => "images",
        }
    }

    /// The endpoint that this word names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|endpoint| endpoint.as_str() == text)
    }
}

/// Through which door a call came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Door {
    /// The HTTP API, with a key.
    Api,
    /// The console's playground, with a session.
    Playground,
}

impl Door {
    /// The word in storage and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Playground => "playground",
        }
    }

    /// The door that this word names.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text == "playground" {
            Self::Playground
        } else {
            Self::Api
        }
    }
}

/// How a call is paid. Decided when it is admitted; a change of mode concerns calls begun later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Funding {
    /// Not at all: it was refused, or nobody has set a price and none is needed.
    #[default]
    None,
    /// From credit, which it holds while it runs.
    Credit,
    /// Its charge is allocated as a cost of ours.
    Allocated,
}

impl Funding {
    /// The word in storage and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Credit => "credit",
            Self::Allocated => "allocated",
        }
    }

    /// The way that this word names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::None, Self::Credit, Self::Allocated]
            .into_iter()
            .find(|funding| funding.as_str() == text)
    }
}

/// Whose fault a failed call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fault {
    /// The request itself.
    Caller,
    /// The caller's key.
    Key,
    /// There is not enough credit.
    Credit,
    /// A limit was reached.
    Limit,
    /// The operator's configuration, credential or quota.
    Operator,
    /// The provider is down, slow or broken.
    Provider,
    /// The hub itself.
    Hub,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 7] = [
        Self::Caller,
        Self::Key,
        Self::Credit,
        Self::Limit,
        Self::Operator,
        Self::Provider,
        Self::Hub,
    ];

    /// The word in storage and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Key => "key",
            Self::Credit => "credit",
            Self::Limit => "limit",
            Self::Operator => "operator",
            Self::Provider => "provider",
            Self::Hub => "hub",
        }
    }

    /// The fault that this word names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.as_str() == text)
    }
}

/// Why a call failed, in three texts: whose fault, a stable code, a sentence (shortened and masked).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Whose fault it is.
    pub fault: Fault,
    /// Stable word for programs, such as `provider_timeout`.
    pub code: String,
    /// For people.
    pub message: String,
}

/// A call that was lost with the process that ran it, while it held credit. Nothing was charged for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unbilled {
    /// What the provider bills for it, by an estimate of when it began: its prompt at a token for four bytes, and an answer as long
    /// as holds grow by at a time, or as short as it was limited to. Absent for whoever may not see what providers bill, and of
    /// calls of before there was an estimate.
    pub estimated_cost: Option<Amount>,
    /// What it had held: more it cannot have been charged.
    pub at_most: Amount,
}

/// One row of the call list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Its id, which is also the request id that the client got.
    pub id: CallId,
    /// When the request arrived.
    pub started_at: Timestamp,
    /// What was asked for.
    pub endpoint: Endpoint,
    /// Through which door.
    pub door: Door,
    /// Whether the answer was streamed.
    pub streamed: bool,
    /// How far it got.
    pub state: CallState,
    /// The status that the client got; absent while open.
    pub status: Option<u16>,
    /// Who called.
    pub user_id: UserId,
    /// Their address; empty when the person is gone.
    pub user_email: String,
    /// With which key; absent in the playground.
    pub key_id: Option<KeyId>,
    /// What the key is called.
    pub key_name: Option<String>,
    /// Of which project it is; absent for calls of before there were projects.
    pub project_id: Option<ProjectId>,
    /// What the project is called.
    pub project_name: Option<String>,
    /// Whose credit it takes.
    pub account_id: AccountId,
    /// The model as asked for, cut to 200 characters.
    pub model_asked: String,
    /// The model that served, as `provider/model`.
    pub model_served: Option<String>,
    /// The provider that served.
    pub provider_id: Option<ProviderId>,
    /// What the provider is called.
    pub provider: Option<String>,
    /// How the provider was spoken to; simulated answers are marked as such wherever they show.
    pub provider_kind: Option<ProviderKind>,
    /// Why the model stopped, in OpenAI's words.
    pub finish_reason: Option<String>,
    /// What was consumed.
    pub usage: Usage,
    /// The pictures that came, where pictures were asked for: no more than those, as no more are charged.
    #[serde(default)]
    pub drawn: Option<Drawn>,
    /// Where those numbers come from.
    pub usage_source: UsageSource,
    /// From the request's arrival to the first byte to the client.
    pub first_byte: Option<Micros>,
    /// From the request's arrival to the last byte.
    pub duration: Option<Micros>,
    /// The part of the time to the first byte that was ours, not the provider's.
    pub overhead: Option<Micros>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// How many attempts were made.
    pub attempt_count: i64,
    /// What it was charged; absent while it runs and when nothing was charged.
    pub charge: Option<Amount>,
    /// It was lost and not charged, though it held credit.
    pub unbilled: Option<Unbilled>,
}

impl Call {
    /// The person whose account pays.
    #[must_use]
    pub const fn payer(&self) -> UserId {
        UserId::from_number(self.account_id.number())
    }

    /// The answer came from within the hub.
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        self.provider_kind == Some(ProviderKind::Simulated)
    }
}

/// One request to a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// Counted from 1 within the call.
    pub number: i64,
    /// The provider that was tried.
    pub provider_id: ProviderId,
    /// What the provider is called.
    pub provider: String,
    /// With which secret.
    pub credential_id: Option<CredentialId>,
    /// What the secret is called.
    pub credential: Option<String>,
    /// The model as the provider calls it.
    pub model: String,
    /// When it was sent.
    pub started_at: Timestamp,
    /// The provider's status, when it answered.
    pub status: Option<u16>,
    /// From sending to the provider's first byte.
    pub first_byte: Option<Micros>,
    /// From sending to the end.
    pub duration: Micros,
    /// The provider's own id of the request.
    pub upstream_request_id: Option<String>,
    /// Why it failed.
    pub failure: Option<Failure>,
}

/// Everything that is known of one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallDetail {
    /// The row of the list.
    #[serde(flatten)]
    pub call: Call,
    /// The attempts, in order; listed when the call is over.
    pub attempts: Vec<Attempt>,
    /// The provider's usage object: as it came, or of one beyond 4 KB its numbers and the mark `"shortened": true`. Where it
    /// reported none and more pictures came than were asked for, how many.
    pub raw_usage: Option<String>,
    /// How often tools ran at the provider, such as its search, by their names.
    #[serde(default)]
    pub tool_uses: BTreeMap<String, u64>,
    /// The client's own description, cut to 200 characters.
    pub agent: Option<String>,
    /// In which words it was asked; absent for calls of before that was written down.
    pub dialect: Option<Dialect>,
    /// What of the request the provider could not be told, by the names of the parameters.
    pub dropped: Vec<String>,
}

/// Which calls to list. Absent means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallFilter {
    /// Only this person's.
    pub user: Option<UserId>,
    /// Only this key's.
    pub key: Option<KeyId>,
    /// Only this project's. Of a personal one, its person is the `user`.
    pub project: Option<ProjectId>,
    /// Only this provider's.
    pub provider: Option<ProviderId>,
    /// Only in this state.
    pub state: Option<CallState>,
    /// Only this endpoint.
    pub endpoint: Option<Endpoint>,
    /// Only what should be looked at for this reason.
    pub concern: Option<Concern>,
    /// Only when the model's name, asked or served, contains this text.
    pub model: Option<String>,
    /// Only from this moment on.
    pub from: Option<Timestamp>,
    /// Only before this moment.
    pub until: Option<Timestamp>,
}

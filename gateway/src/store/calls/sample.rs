//! A row for tests that want one, whatever it says.

use domain::{
    call::{CallState, Dialect, Door, Endpoint},
    id::{AccountId, CallId, ProcessId, ProjectId, UserId},
    time::Timestamp,
    usage::{Usage, UsageSource},
};

use super::{CallMoney, CallRow};

impl CallRow {
    /// A call that has just begun.
    pub(crate) fn sample(id: CallId) -> Self {
        Self {
            id,
            process: ProcessId::from_number(1),
            started_at: Timestamp(0),
            endpoint: Endpoint::Chat,
            dialect: Dialect::OpenaiChat,
            dropped: None,
            door: Door::Api,
            streamed: false,
            state: CallState::Open,
            status: None,
            user: UserId::from_number(1),
            key: None,
            project: ProjectId::from_number(1),
            account: AccountId::from_number(1),
            model_asked: "".into(),
            model_served: None,
            provider_id: None,
            provider: None,
            provider_kind: None,
            finish_reason: None,
            usage: Usage::default(),
            drawn: None,
            usage_source: UsageSource::None,
            raw_usage: None,
            first_byte: None,
            duration: None,
            overhead: None,
            failure: None,
            agent: None,
            attempts: 0,
            money: CallMoney::default(),
            kept: None,
            limited: None,
        }
    }
}

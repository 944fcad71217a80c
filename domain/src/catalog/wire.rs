//! What is spoken to a provider: each kind has its wires, and a client's dialect decides which of them a call takes.

use serde::{Deserialize, Serialize};

use super::ProviderKind;
use crate::call::Dialect;

/// A provider's wire format: of the request, of the answer, of its stream, and of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wire {
    /// `POST …/chat/completions`.
    OpenaiChat,
    /// `POST …/embeddings`.
    OpenaiEmbeddings,
    /// `POST …/messages`.
    AnthropicMessages,
}

impl Wire {
    /// Every wire.
    pub const ALL: [Self; 3] = [Self::OpenaiChat, Self::OpenaiEmbeddings, Self::AnthropicMessages];

    /// What a provider of this kind is asked in, for a client of this dialect.
    #[must_use]
    pub const fn of(kind: ProviderKind, dialect: Dialect) -> Self {
        match (kind, dialect) {
            (
                ProviderKind::Openai | ProviderKind::OpenaiCompatible | ProviderKind::Simulated,
                Dialect::OpenaiEmbeddings,
            ) => Self::OpenaiEmbeddings,
            (ProviderKind::Openai | ProviderKind::OpenaiCompatible | ProviderKind::Simulated, _) => Self::OpenaiChat,
            (ProviderKind::Anthropic, _) => Self::AnthropicMessages,
        }
    }

    /// A stream of it comes in lines of JSON, not as server-sent events.
    #[must_use]
    pub const fn sends_lines(self) -> bool {
        match self {
            Self::OpenaiChat | Self::OpenaiEmbeddings | Self::AnthropicMessages => false,
        }
    }

    /// A stream of it may have this content type.
    #[must_use]
    pub fn streams_as(self, content_type: &str) -> bool {
        match self.sends_lines() {
            true => content_type == "application/x-ndjson",
            false => content_type == "text/event-stream",
        }
    }

    /// Both sides speak the same: bytes pass.
    #[must_use]
    pub const fn is(self, dialect: Dialect) -> bool {
        matches!(
            (self, dialect),
            (Self::OpenaiChat, Dialect::OpenaiChat)
                | (Self::OpenaiEmbeddings, Dialect::OpenaiEmbeddings)
                | (Self::AnthropicMessages, Dialect::AnthropicMessages)
        )
    }
}

//! In which words a client asks and wants to be answered.

use serde::{Deserialize, Serialize};

use super::Endpoint;

/// A client's wire format: of the request, of the answer, and of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// OpenAI's chat completions.
    OpenaiChat,
    /// OpenAI's legacy completions.
    OpenaiCompletions,
    /// OpenAI's responses.
    OpenaiResponses,
    /// OpenAI's embeddings.
    OpenaiEmbeddings,
    /// OpenAI's pictures: `/v1/images/generations`.
    OpenaiImages,
    /// Anthropic's messages.
    AnthropicMessages,
    /// The AIGNE framework's: `/api/v2/chat`.
    AigneChat,
    /// AIGNE Hub's older one: `/api/v2/completions`.
    AigneCompletions,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 8] = [
        Self::OpenaiChat,
        Self::OpenaiCompletions,
        Self::OpenaiResponses,
        Self::OpenaiEmbeddings,
        Self::OpenaiImages,
        Self::AnthropicMessages,
        Self::AigneChat,
        Self::AigneCompletions,
    ];

    /// The word in storage, URLs and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenaiChat => "openai-chat",
            Self::OpenaiCompletions => "openai-completions",
            Self::OpenaiResponses => "openai-responses",
            Self::OpenaiEmbeddings => "openai-embeddings",
            Self::OpenaiImages => "openai-images",
            Self::AnthropicMessages => "anthropic-messages",
            Self::AigneChat => "aigne-chat",
            Self::AigneCompletions => "aigne-completions",
        }
    }

    /// The dialect that this word names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.as_str() == text)
    }

    /// What is asked for in it.
    #[must_use]
    pub const fn endpoint(self) -> Endpoint {
        match self {
            Self::OpenaiChat
            | Self::OpenaiCompletions
            | Self::OpenaiResponses
            | Self::AnthropicMessages
            | Self::AigneChat
            | Self::AigneCompletions => Endpoint::Chat,
            Self::OpenaiEmbeddings => Endpoint::Embeddings,
            Self::OpenaiImages => Endpoint::Images,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dialects_are_read_as_they_are_written() {
        for dialect in Dialect::ALL {
            assert_eq!(Dialect::parse(dialect.as_str()), Some(dialect));
            assert_eq!(serde_json::json!(dialect), dialect.as_str());
        }
        assert_eq!(Dialect::parse("openai"), None);
    }
}

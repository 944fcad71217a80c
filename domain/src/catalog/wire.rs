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
    /// `POST …/responses`.
    OpenaiResponses,
    /// `POST …/completions`.
    OpenaiCompletions,
    /// `POST …/embeddings`.
    OpenaiEmbeddings,
    /// `POST …/images/generations`.
    OpenaiImages,
    /// `POST …/messages`.
    AnthropicMessages,
    /// `POST …/models/{model}:generateContent`.
    GoogleGenerate,
    /// `POST …/models/{model}:batchEmbedContents`.
    GoogleEmbed,
    /// `POST …/api/chat`.
    OllamaChat,
    /// `POST …/api/embed`.
    OllamaEmbed,
}

impl Wire {
    /// Every wire.
    pub const ALL: [Self; 10] = [
        Self::OpenaiChat,
        Self::OpenaiResponses,
        Self::OpenaiCompletions,
        Self::OpenaiEmbeddings,
        Self::OpenaiImages,
        Self::AnthropicMessages,
        Self::GoogleGenerate,
        Self::GoogleEmbed,
        Self::OllamaChat,
        Self::OllamaEmbed,
    ];

    /// What a provider of this kind is asked in for its model `slug`, for a client of this dialect.
    #[must_use]
    pub fn of(kind: ProviderKind, slug: &str, dialect: Dialect) -> Self {
        let embeds = dialect == Dialect::OpenaiEmbeddings;
        match kind {
            ProviderKind::Openai | ProviderKind::OpenaiCompatible | ProviderKind::Simulated if embeds => {
                Self::OpenaiEmbeddings
            }
            ProviderKind::Openai | ProviderKind::OpenaiCompatible | ProviderKind::Simulated
                if dialect == Dialect::OpenaiImages =>
            {
                Self::OpenaiImages
            }
            ProviderKind::Openai | ProviderKind::OpenaiCompatible
                if dialect == Dialect::OpenaiCompletions && completes(slug) =>
            {
                Self::OpenaiCompletions
            }
            ProviderKind::Openai if dialect == Dialect::OpenaiResponses || only_responds(slug) => Self::OpenaiResponses,
            ProviderKind::Openai | ProviderKind::OpenaiCompatible | ProviderKind::Simulated => Self::OpenaiChat,
            ProviderKind::Anthropic => Self::AnthropicMessages,
            ProviderKind::Google if embeds => Self::GoogleEmbed,
            ProviderKind::Google => Self::GoogleGenerate,
            ProviderKind::Ollama if embeds => Self::OllamaEmbed,
            ProviderKind::Ollama => Self::OllamaChat,
        }
    }

    /// One of OpenAI's older wires: answers hold `choices`, or `data`.
    #[must_use]
    pub const fn is_openais(self) -> bool {
        matches!(
            self,
            Self::OpenaiChat | Self::OpenaiCompletions | Self::OpenaiEmbeddings | Self::OpenaiImages
        )
    }

    /// It makes embeddings.
    #[must_use]
    pub const fn embeds(self) -> bool {
        matches!(self, Self::OpenaiEmbeddings | Self::GoogleEmbed | Self::OllamaEmbed)
    }

    /// It makes pictures where it is asked to: OpenAI's does nothing else, Gemini's models draw where they are asked anything.
    #[must_use]
    pub const fn draws(self) -> bool {
        matches!(self, Self::OpenaiImages | Self::GoogleGenerate)
    }

    /// A stream of it comes in lines of JSON, not as server-sent events.
    #[must_use]
    pub const fn sends_lines(self) -> bool {
        matches!(self, Self::OllamaChat | Self::OllamaEmbed)
    }

    /// It counts all of a prompt. Ollama leaves out what its model has in memory from before.
    #[must_use]
    pub const fn counts_prompt(self) -> bool {
        !matches!(self, Self::OllamaChat)
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
                | (Self::OpenaiResponses, Dialect::OpenaiResponses)
                | (Self::OpenaiCompletions, Dialect::OpenaiCompletions)
                | (Self::OpenaiEmbeddings, Dialect::OpenaiEmbeddings)
                | (Self::OpenaiImages, Dialect::OpenaiImages)
                | (Self::AnthropicMessages, Dialect::AnthropicMessages)
        )
    }
}

/// Models that OpenAI serves by responses alone.
fn only_responds(slug: &str) -> bool {
    let bare = slug.strip_prefix("openai/").unwrap_or(slug);
    let named = |word: &str| bare.split('-').any(|part| part == word);
    let is_own = bare.starts_with("gpt-") || bare.starts_with("o1") || bare.starts_with("o3") || bare.starts_with("o4");
    is_own && (named("pro") || named("codex") || bare.contains("deep-research")) || bare.starts_with("codex-")
}

/// OpenAI's models that only complete texts. Any other is asked in a chat by clients of legacy completions, because hardly a
/// service serves its models both ways.
fn completes(slug: &str) -> bool {
    let bare = slug.strip_prefix("openai/").unwrap_or(slug);
    bare.starts_with("gpt-3.5-turbo-instruct") || matches!(bare, "davinci-002" | "babbage-002")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_that_only_respond_are_asked_so_by_everybody() {
        let of = |slug| Wire::of(ProviderKind::Openai, slug, Dialect::AnthropicMessages);
        for slug in [
            "o1-pro",
            "gpt-5-pro-2025-10-06",
            "gpt-5.1-codex-max",
            "codex-mini-latest",
            "o3-deep-research",
        ] {
            assert_eq!(of(slug), Wire::OpenaiResponses, "{slug}");
        }
        for slug in [
            "gpt-5",
            "o1-preview",
            "gpt-4o-mini",
            "chatgpt-4o-latest",
            "provence-pro",
        ] {
            assert_eq!(of(slug), Wire::OpenaiChat, "{slug}");
        }
    }

    #[test]
    fn texts_are_completed_where_a_model_does_and_asked_for_in_a_chat_elsewhere() {
        let of = |kind, slug| Wire::of(kind, slug, Dialect::OpenaiCompletions);
        for kind in [ProviderKind::Openai, ProviderKind::OpenaiCompatible] {
            assert_eq!(of(kind, "gpt-3.5-turbo-instruct"), Wire::OpenaiCompletions);
            assert_eq!(of(kind, "gpt-4o"), Wire::OpenaiChat);
        }
        assert_eq!(of(ProviderKind::Anthropic, "davinci-002"), Wire::AnthropicMessages);
        assert_eq!(of(ProviderKind::Openai, "o1-pro"), Wire::OpenaiResponses);
    }

    #[test]
    fn embeddings_are_asked_where_they_are_made() {
        for kind in ProviderKind::ALL {
            let wire = Wire::of(kind, "m", Dialect::OpenaiEmbeddings);
            assert_eq!(wire.embeds(), kind != ProviderKind::Anthropic, "{kind:?}");
            assert!(!Wire::of(kind, "m", Dialect::OpenaiChat).embeds());
        }
    }

    #[test]
    fn pictures_are_asked_for_where_they_are_drawn() {
        for kind in ProviderKind::ALL {
            let draws = !matches!(kind, ProviderKind::Anthropic | ProviderKind::Ollama);
            // Whatever its name: no model is asked for pictures by responses.
            for slug in ["m", "gpt-5-pro"] {
                assert_eq!(Wire::of(kind, slug, Dialect::OpenaiImages).draws(), draws, "{kind:?}");
            }
        }
    }
}

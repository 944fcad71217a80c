//! What each wire says and does beside its models: where a stream tells what it used, and whether leaving saves anything.

use serde::{Deserialize, Serialize};

use crate::catalog::{ProviderKind, Wire};

/// Where a stream tells what was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StreamUsage {
    /// In a chunk of its own at the end, where it is asked for.
    LastWhenAsked,
    /// In the event that ends the answer, of whichever kind.
    LastEvent,
    /// The prompt at the beginning, the answer so far in later events; the last of each counts.
    FromTheBeginning,
    /// In each event, everything so far; the last counts.
    EveryEvent,
    /// There are no streams.
    Never,
}

/// Facts about a wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireFacts {
    /// Where a stream tells what was used.
    pub usage: StreamUsage,
    /// A call that is cut off is billed only for what was written until then.
    pub cancel_stops_billing: bool,
}

impl Wire {
    /// So many texts to stop at this kind of provider takes at the most, where that is known.
    #[must_use]
    pub const fn most_stops(self, kind: ProviderKind) -> Option<usize> {
        match (self, kind) {
            // <https://platform.openai.com/docs/api-reference/chat/create>
            (Self::OpenaiChat | Self::OpenaiCompletions, ProviderKind::Openai) => Some(4),
            // <https://ai.google.dev/api/generate-content#generationconfig>
            (Self::GoogleGenerate, _) => Some(5),
            _ => None,
        }
    }

    /// The smallest limit of an answer that it takes.
    #[must_use]
    pub const fn least_answer(self) -> u64 {
        match self {
            // "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16": OpenAI, of any smaller one.
            Self::OpenaiResponses => 16,
            // OpenAI and Google refuse 0, Anthropic takes it to fill its cache (which only its own dialect says), and to Ollama
            // `num_predict: 0` is no limit at all (its runner compares only numbers above 0).
            _ => 1,
        }
    }

    /// What is known of it.
    #[must_use]
    pub const fn facts(self) -> WireFacts {
        let (usage, cancel_stops_billing) = match self {
            Self::OpenaiChat | Self::OpenaiCompletions => (StreamUsage::LastWhenAsked, true),
            Self::OpenaiResponses => (StreamUsage::LastEvent, true),
            Self::AnthropicMessages => (StreamUsage::FromTheBeginning, true),
            // Google's documents say nothing of it; until they do, it is taken to bill the whole answer.
            Self::GoogleGenerate => (StreamUsage::EveryEvent, false),
            Self::OllamaChat => (StreamUsage::LastEvent, true),
            Self::OpenaiEmbeddings | Self::OpenaiImages | Self::GoogleEmbed | Self::OllamaEmbed => {
                (StreamUsage::Never, false)
            }
        };
        WireFacts {
            usage,
            cancel_stops_billing,
        }
    }
}

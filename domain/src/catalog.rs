//! The upstreams the hub knows how to speak to: kinds, and presets of kinds as data.
//!
//! To add a kind: a variant here, a file in `gateway::providers`, fixtures beside it; the compiler names the rest.
//! To add an OpenAI-compatible service: a row in [`PRESETS`] and a logo in `public/logos`.

use serde::{Deserialize, Serialize};

/// How an upstream is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderKind {
    /// OpenAI itself.
    Openai,
    /// Any server that speaks OpenAI's chat completions, with or without a preset.
    OpenaiCompatible,
    /// Answers from within the hub, for trying things out. It says "simulated" wherever it shows.
    Simulated,
}

impl ProviderKind {
    /// Every kind, in the order in which the console offers them.
    pub const ALL: [Self; 3] = [Self::Openai, Self::OpenaiCompatible, Self::Simulated];

    /// The word in storage, on the command line and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Openai => "openai",
            Self::OpenaiCompatible => "openai-compatible",
            Self::Simulated => "simulated",
        }
    }

    /// The kind that this word names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Where this kind is reached when nothing else is configured.
    #[must_use]
    pub const fn default_base_url(self) -> Option<&'static str> {
        match self {
            Self::Openai => Some("https://api.openai.com/v1"),
            Self::OpenaiCompatible | Self::Simulated => None,
        }
    }
}

/// A known service that speaks a kind's wire: what a form fills in, and what differs from OpenAI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// The word in storage and URLs; also the provider's proposed name and the logo's file name.
    pub id: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Which wire it speaks.
    pub kind: ProviderKind,
    /// Where its API begins.
    pub base_url: &'static str,
    /// Whether calls without a credential make sense.
    pub needs_credential: bool,
    /// What differs from OpenAI.
    pub quirks: Quirks,
}

/// Where the wire of a service differs from OpenAI's. Sources: `gateways.md` E.6 to E.13 name the public documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quirks {
    /// Accepts `stream_options`; without it the service reports usage unasked or refuses unknown fields (Mistral: 422).
    pub stream_options: bool,
    /// `completion_tokens` leaves reasoning out, so that total = prompt + completion + reasoning (xAI).
    pub reasoning_outside_completion: bool,
    /// Needs `max_tokens`, because it refuses `max_completion_tokens` (Mistral: 422 `extra_forbidden`).
    pub max_tokens_only: bool,
}

impl Quirks {
    /// OpenAI itself.
    pub const NONE: Self = Self {
        stream_options: true,
        reasoning_outside_completion: false,
        max_tokens_only: false,
    };
}

/// The services with a preset, in the order in which the console offers them.
pub const PRESETS: &[Preset] = &[
    preset("openai", "OpenAI", ProviderKind::Openai, "https://api.openai.com/v1"),
    preset(
        "deepseek",
        "DeepSeek",
        ProviderKind::OpenaiCompatible,
        "https://api.deepseek.com",
    ),
    Preset {
        quirks: Quirks {
            reasoning_outside_completion: true,
            ..Quirks::NONE
        },
        ..preset("xai", "xAI", ProviderKind::OpenaiCompatible, "https://api.x.ai/v1")
    },
    preset(
        "openrouter",
        "OpenRouter",
        ProviderKind::OpenaiCompatible,
        "https://openrouter.ai/api/v1",
    ),
    preset("poe", "Poe", ProviderKind::OpenaiCompatible, "https://api.poe.com/v1"),
    preset(
        "doubao",
        "Doubao",
        ProviderKind::OpenaiCompatible,
        "https://ark.cn-beijing.volces.com/api/v3",
    ),
    Preset {
        quirks: Quirks {
            stream_options: false,
            max_tokens_only: true,
            ..Quirks::NONE
        },
        ..preset(
            "mistral",
            "Mistral",
            ProviderKind::OpenaiCompatible,
            "https://api.mistral.ai/v1",
        )
    },
    preset(
        "groq",
        "Groq",
        ProviderKind::OpenaiCompatible,
        "https://api.groq.com/openai/v1",
    ),
    Preset {
        needs_credential: false,
        ..preset(
            "ollama",
            "Ollama",
            ProviderKind::OpenaiCompatible,
            "http://127.0.0.1:11434/v1",
        )
    },
];

const fn preset(id: &'static str, title: &'static str, kind: ProviderKind, base_url: &'static str) -> Preset {
    Preset {
        id,
        title,
        kind,
        base_url,
        needs_credential: true,
        quirks: Quirks::NONE,
    }
}

/// The preset with this id.
#[must_use]
pub fn find_preset(id: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::{BaseUrl, ProviderName};

    #[test]
    fn presets_are_usable_as_they_stand() {
        for preset in PRESETS {
            assert!(preset.id.parse::<ProviderName>().is_ok(), "{}", preset.id);
            assert_eq!(
                preset.base_url.parse::<BaseUrl>().map(String::from),
                Ok(preset.base_url.to_owned())
            );
            assert_eq!(find_preset(preset.id), Some(preset));
        }
    }

    #[test]
    fn kinds_are_read_as_they_are_written() {
        for kind in ProviderKind::ALL {
            assert_eq!(ProviderKind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(ProviderKind::parse("OpenAI"), None);
    }
}

//! What can be added as a provider: a known service, any server that speaks OpenAI's wire, or the simulation.
//!
//! Used by the page that adds, by the forms, and wherever a provider's logo is shown (`<Logo of=offer.id() />`).

pub use domain::catalog::CredentialNeed;
use domain::{
    catalog::{PRESETS, Preset, ProviderKind, find_preset},
    provider::ProviderDraft,
};

use crate::text::Language;

/// One tile of the page that adds a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// A service that is known by name.
    Preset(&'static Preset),
    /// Any server that speaks OpenAI's chat completions, by its base URL.
    Compatible,
    /// Answers from within the hub.
    Simulated,
}

impl Offer {
    /// The word for [`Offer::Compatible`] in URLs and forms.
    const COMPATIBLE: &'static str = "compatible";
    /// The word for [`Offer::Simulated`] in URLs and forms.
    const SIMULATED: &'static str = "simulated";

    /// Every offer, in the order of the tiles.
    pub fn all() -> impl Iterator<Item = Self> {
        PRESETS
            .iter()
            .map(Self::Preset)
            .chain([Self::Compatible, Self::Simulated])
    }

    /// The offer that this word names.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            Self::COMPATIBLE => Some(Self::Compatible),
            Self::SIMULATED => Some(Self::Simulated),
            preset => find_preset(preset).map(Self::Preset),
        }
    }

    /// The offer that a provider was made from.
    pub fn of(draft: &ProviderDraft) -> Self {
        match (draft.kind, draft.preset.as_deref().and_then(find_preset)) {
            (ProviderKind::Simulated, _) => Self::Simulated,
            (_, Some(preset)) => Self::Preset(preset),
            (
                kind @ (ProviderKind::Openai | ProviderKind::Anthropic | ProviderKind::Google | ProviderKind::Ollama),
                None,
            ) => find_preset(kind.as_str()).map_or(Self::Compatible, Self::Preset),
            (ProviderKind::OpenaiCompatible, None) => Self::Compatible,
        }
    }

    /// The word in URLs and forms.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Preset(preset) => preset.id,
            Self::Compatible => Self::COMPATIBLE,
            Self::Simulated => Self::SIMULATED,
        }
    }

    /// The word in storage; only known services have one.
    pub fn preset(self) -> Option<String> {
        match self {
            Self::Preset(preset) => Some(preset.id.to_owned()),
            Self::Compatible | Self::Simulated => None,
        }
    }

    /// What people call it.
    pub const fn title(self, language: Language) -> &'static str {
        match self {
            Self::Preset(preset) => preset.title,
            Self::Compatible => language.pick("OpenAI-compatible", "兼容 OpenAI"),
            Self::Simulated => language.pick("Simulated", "模拟"),
        }
    }

    /// One line for the tile.
    pub fn note(self, language: Language) -> &'static str {
        match self {
            Self::Preset(preset) => preset
                .base_url
                .trim_start_matches("https://")
                .trim_start_matches("http://"),
            Self::Compatible => language.pick(
                "any server by its URL: vLLM, llama.cpp, LM Studio",
                "任何服务器，填写网址即可：vLLM、llama.cpp、LM Studio",
            ),
            Self::Simulated => language.pick(
                "made-up answers from within the hub, at no cost",
                "由网关自身生成的模拟回答，不产生费用",
            ),
        }
    }

    /// How it is spoken to.
    pub const fn kind(self) -> ProviderKind {
        match self {
            Self::Preset(preset) => preset.kind,
            Self::Compatible => ProviderKind::OpenaiCompatible,
            Self::Simulated => ProviderKind::Simulated,
        }
    }

    /// Where its API begins, as far as that is known beforehand.
    pub const fn base_url(self) -> &'static str {
        match self {
            Self::Preset(preset) => preset.base_url,
            Self::Compatible | Self::Simulated => "",
        }
    }

    /// What is added to the base URL for a chat.
    pub const fn chat_path(self) -> &'static str {
        match self.kind() {
            ProviderKind::Openai | ProviderKind::OpenaiCompatible | ProviderKind::Simulated => "/chat/completions",
            ProviderKind::Anthropic => "/messages",
            ProviderKind::Google => "/models/NAME:generateContent",
            ProviderKind::Ollama => "/api/chat",
        }
    }

    /// How its secrets begin, where they are known to.
    pub const fn secret_shape(self) -> &'static str {
        match self.kind() {
            ProviderKind::Openai => "sk-…",
            ProviderKind::Anthropic => "sk-ant-…",
            ProviderKind::Google => "AIza…",
            ProviderKind::Ollama | ProviderKind::OpenaiCompatible | ProviderKind::Simulated => "",
        }
    }

    /// The first part of its models' names, as proposed.
    pub const fn proposed_name(self) -> &'static str {
        match self {
            Self::Preset(preset) => preset.id,
            Self::Compatible => "",
            Self::Simulated => Self::SIMULATED,
        }
    }

    /// The title that the form proposes; a server known by its URL alone is named by the admin.
    pub const fn proposed_title(self) -> &'static str {
        match self {
            Self::Preset(preset) => preset.title,
            Self::Compatible => "",
            Self::Simulated => "Simulated",
        }
    }

    /// Whether a secret is asked for.
    pub fn credential(self) -> CredentialNeed {
        let preset = match self {
            Self::Preset(preset) => Some(preset),
            Self::Compatible | Self::Simulated => None,
        };
        CredentialNeed::of(self.kind(), preset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_read_as_they_are_written() {
        for offer in Offer::all() {
            assert_eq!(Offer::parse(offer.id()), Some(offer));
        }
        assert_eq!(Offer::parse("../etc"), None);
    }

    #[test]
    fn every_kind_and_every_service_has_one_tile() {
        let ids: Vec<&str> = Offer::all().map(Offer::id).collect();
        let distinct: std::collections::HashSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
        for kind in ProviderKind::ALL {
            assert!(Offer::all().any(|offer| offer.kind() == kind), "{kind:?}");
        }
    }
}

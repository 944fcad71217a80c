//! The upstreams the hub knows how to speak to: kinds, and presets of kinds as data.
//!
//! To add a kind: a variant here, a file in `gateway::providers`, fixtures beside it; the compiler names the rest.
//! To add an OpenAI-compatible service: a row in [`PRESETS`] and a logo in `public/logos`.

use serde::{Deserialize, Serialize};

use crate::call::Dialect;

mod abilities;
mod pictures;
mod quirks;
mod wire;

pub use abilities::{Abilities, EffortWord, Media, Parameter, StreamUsage, Task, WireFacts};
pub use pictures::{PictureTokens, kind_of as picture_kind, kinds_of as picture_kinds};
pub use wire::Wire;

pub use quirks::{Field, InvalidField, KnownQuirks, Quirks, Thoughts};

/// How an upstream is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderKind {
    /// OpenAI itself.
    Openai,
    /// Any server that speaks OpenAI's chat completions, with or without a preset.
    OpenaiCompatible,
    /// Anthropic, and whoever speaks its messages.
    Anthropic,
    /// Google's Gemini API.
    Google,
    /// Ollama's own API.
    Ollama,
    /// Answers from within the hub, for trying things out. It says "simulated" wherever it shows.
    Simulated,
}

impl ProviderKind {
    /// Every kind, in the order in which the console offers them.
    pub const ALL: [Self; 6] = [
        Self::Openai,
        Self::OpenaiCompatible,
        Self::Anthropic,
        Self::Google,
        Self::Ollama,
        Self::Simulated,
    ];

    /// The word in storage, on the command line and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Openai => "openai",
            Self::OpenaiCompatible => "openai-compatible",
            Self::Anthropic => "anthropic",
            Self::Google => "google",
            Self::Ollama => "ollama",
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
            Self::Anthropic => Some("https://api.anthropic.com/v1"),
            Self::Google => Some("https://generativelanguage.googleapis.com/v1beta"),
            Self::Ollama => Some("http://127.0.0.1:11434"),
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
    /// Where a credential is proved, for services whose list of models is open to everybody: a path below the base URL, or
    /// one of its host when it begins with a slash. It must cost nothing.
    pub proof: Option<&'static str>,
    /// A call that is cut off is billed whole, although its wire would let it be billed less.
    pub bills_on: bool,
    /// What differs from OpenAI.
    pub known: KnownQuirks,
}

/// Whether a provider is reached with a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialNeed {
    /// It refuses calls without one.
    Required,
    /// Some such servers want one, some do not.
    Optional,
    /// It never leaves the hub.
    None,
}

impl CredentialNeed {
    /// What a kind of provider needs, with or without a preset.
    #[must_use]
    pub fn of(kind: ProviderKind, preset: Option<&Preset>) -> Self {
        match (kind, preset) {
            (ProviderKind::Simulated, _) => Self::None,
            (ProviderKind::Openai | ProviderKind::Anthropic | ProviderKind::Google, _) => Self::Required,
            (ProviderKind::OpenaiCompatible, Some(preset)) if preset.needs_credential => Self::Required,
            (ProviderKind::OpenaiCompatible | ProviderKind::Ollama, _) => Self::Optional,
        }
    }
}

/// What a provider's chat wire says and does, of the kind or of its preset.
#[must_use]
pub fn chat_facts(kind: ProviderKind, preset: Option<&Preset>) -> WireFacts {
    let facts = Wire::of(kind, "", Dialect::OpenaiChat).facts();
    WireFacts {
        cancel_stops_billing: facts.cancel_stops_billing && !preset.is_some_and(|preset| preset.bills_on),
        ..facts
    }
}

/// The services with a preset, in the order in which the console offers them. What differs is from their public documents.
pub const PRESETS: &[Preset] = &[
    preset("openai", "OpenAI", ProviderKind::Openai, "https://api.openai.com/v1"),
    preset(
        "anthropic",
        "Anthropic",
        ProviderKind::Anthropic,
        "https://api.anthropic.com/v1",
    ),
    preset(
        "google",
        "Google Gemini",
        ProviderKind::Google,
        "https://generativelanguage.googleapis.com/v1beta",
    ),
    Preset {
        // It ignores the newer name of the limit without a word, so that there would be none. Of forms it takes `text` and `json_object`
        // (<https://api-docs.deepseek.com/api/create-chat-completion>), and says of a schema "This response_format type is unavailable now"
        // (<https://github.com/UKGovernmentBEIS/inspect_ai/issues/4916>).
        known: KnownQuirks {
            max_tokens_only: true,
            thoughts: Thoughts::Plain,
            json_object_only: true,
            ..KnownQuirks::NONE
        },
        ..compatible("deepseek", "DeepSeek", "https://api.deepseek.com")
    },
    Preset {
        known: KnownQuirks {
            reasoning_outside_completion: true,
            ..KnownQuirks::NONE
        },
        ..compatible("xai", "xAI", "https://api.x.ai/v1")
    },
    Preset {
        proof: Some("key"),
        known: KnownQuirks {
            thoughts: Thoughts::Details,
            ..KnownQuirks::NONE
        },
        ..compatible("openrouter", "OpenRouter", "https://openrouter.ai/api/v1")
    },
    Preset {
        proof: Some("/usage/current_balance"),
        ..compatible("poe", "Poe", "https://api.poe.com/v1")
    },
    compatible("doubao", "Doubao", "https://ark.cn-beijing.volces.com/api/v3"),
    Preset {
        // <https://openrouter.ai/docs/api-reference/streaming>, "Stream Cancellation": who stops billing, and who does not.
        bills_on: true,
        // It refuses whatever it does not know (422 `extra_forbidden`), within messages too, and knows what `ChatCompletionRequest` of its own
        // client has (<https://github.com/mistralai/client-python>); of `seed`, which it calls otherwise:
        // <https://github.com/Vali-98/ChatterUI/issues/143>.
        known: KnownQuirks {
            stream_options: false,
            max_tokens_only: true,
            nine_letter_ids: true,
            forbidden_fields: &[
                "store",
                "user",
                "seed",
                "logit_bias",
                "service_tier",
                "verbosity",
                "safety_identifier",
                "messages[].name",
                "messages[].reasoning_content",
            ],
            ..KnownQuirks::NONE
        },
        ..compatible("mistral", "Mistral", "https://api.mistral.ai/v1")
    },
    Preset {
        // The same list.
        bills_on: true,
        // "Will result in a 400 error […] if they are supplied" (<https://console.groq.com/docs/openai>). Who asks for `logprobs` is told so by
        // Groq itself.
        known: KnownQuirks {
            forbidden_fields: &["logit_bias", "messages[].name"],
            ..KnownQuirks::NONE
        },
        ..compatible("groq", "Groq", "https://api.groq.com/openai/v1")
    },
    Preset {
        needs_credential: false,
        // As DeepSeek, where it is asked in OpenAI's words: providers from before it had a kind of its own.
        known: KnownQuirks {
            max_tokens_only: true,
            ..KnownQuirks::NONE
        },
        ..preset("ollama", "Ollama", ProviderKind::Ollama, "http://127.0.0.1:11434")
    },
];

const fn compatible(id: &'static str, title: &'static str, base_url: &'static str) -> Preset {
    preset(id, title, ProviderKind::OpenaiCompatible, base_url)
}

const fn preset(id: &'static str, title: &'static str, kind: ProviderKind, base_url: &'static str) -> Preset {
    Preset {
        id,
        title,
        kind,
        base_url,
        needs_credential: true,
        proof: None,
        bills_on: false,
        known: KnownQuirks::NONE,
    }
}

impl Preset {
    /// What differs from OpenAI, as requests are edited by it.
    #[must_use]
    pub fn quirks(&self) -> Quirks {
        let known = self.known;
        Quirks {
            stream_options: known.stream_options,
            reasoning_outside_completion: known.reasoning_outside_completion,
            max_tokens_only: known.max_tokens_only,
            thoughts: known.thoughts,
            nine_letter_ids: known.nine_letter_ids,
            json_object_only: known.json_object_only,
            forbidden_fields: known
                .forbidden_fields
                .iter()
                .filter_map(|field| field.parse().ok())
                .collect(),
        }
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
            let fields = preset.quirks().forbidden_fields;
            let texts: Vec<String> = fields.iter().map(ToString::to_string).collect();
            assert_eq!(texts, preset.known.forbidden_fields, "{}", preset.id);
        }
    }

    #[test]
    fn whether_leaving_saves_anything_is_known_of_kinds_and_of_services() {
        let of = |kind, preset: Option<&str>| chat_facts(kind, preset.and_then(find_preset)).cancel_stops_billing;
        for (kind, preset, saves) in [
            (ProviderKind::Openai, Some("openai"), true),
            (ProviderKind::Anthropic, None, true),
            (ProviderKind::Google, Some("google"), false),
            (ProviderKind::Google, None, false),
            (ProviderKind::Ollama, None, true),
            (ProviderKind::OpenaiCompatible, None, true),
            (ProviderKind::OpenaiCompatible, Some("deepseek"), true),
            (ProviderKind::OpenaiCompatible, Some("groq"), false),
            (ProviderKind::OpenaiCompatible, Some("mistral"), false),
            (ProviderKind::Simulated, None, true),
        ] {
            assert_eq!(of(kind, preset), saves, "{kind:?} {preset:?}");
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

//! What a model can do and what it refuses, by the names of models: data, read off public documents.
//!
//! The mapping between dialects leaves out what a model refuses (`gateway::wire::speech`), `/v1/models` tells it, the console
//! shows it. A name that no row knows can do what any chat model can. To add a model: a row in [`ROWS`], the first that fits counts.

use serde::{Serialize, ser::SerializeStruct as _};

use super::ProviderKind;

mod rows;
mod wires;

pub use rows::ROWS;
pub use wires::{StreamUsage, WireFacts};

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// It answers.
    Chat,
    /// It makes embeddings.
    Embeddings,
    /// It draws.
    Images,
    /// It speaks, listens or moderates: nothing that calls here can use.
    Other,
}

/// Media beside text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Media {
    /// Pictures.
    pub image: bool,
    /// Documents such as PDF.
    pub document: bool,
    /// Sounds.
    pub audio: bool,
    /// Films.
    pub video: bool,
}

impl Media {
    /// Their words, text first.
    #[must_use]
    pub fn words(self) -> Vec<&'static str> {
        let rest = [
            (self.image, "image"),
            (self.document, "document"),
            (self.audio, "audio"),
            (self.video, "video"),
        ];
        let there = rest.into_iter().filter_map(|(there, word)| there.then_some(word));
        std::iter::once("text").chain(there).collect()
    }
}

/// A parameter of a request that some models refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Parameter {
    /// Sampling.
    Temperature,
    /// Sampling.
    TopP,
    /// Sampling.
    TopK,
    /// Sampling.
    PresencePenalty,
    /// Sampling.
    FrequencyPenalty,
    /// Texts at which the answer stops.
    Stop,
    /// The shape of the answer: of pictures, whether they come as bytes or as addresses.
    ResponseFormat,
}

impl Parameter {
    /// The parameter with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "temperature" => Self::Temperature,
            "top_p" => Self::TopP,
            "top_k" => Self::TopK,
            "presence_penalty" => Self::PresencePenalty,
            "frequency_penalty" => Self::FrequencyPenalty,
            "stop" => Self::Stop,
            "response_format" => Self::ResponseFormat,
            _ => return None,
        })
    }

    /// Its name in OpenAI's words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Temperature => "temperature",
            Self::TopP => "top_p",
            Self::TopK => "top_k",
            Self::PresencePenalty => "presence_penalty",
            Self::FrequencyPenalty => "frequency_penalty",
            Self::Stop => "stop",
            Self::ResponseFormat => "response_format",
        }
    }
}

/// What a model can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// What it is for.
    pub task: Task,
    /// What it reads beside text.
    pub reads: Media,
    /// What it writes beside text.
    pub writes: Media,
    /// It calls tools.
    pub tools: bool,
    /// It answers in JSON that obeys a schema.
    pub json_schema: bool,
    /// It thinks before it answers.
    pub reasoning: bool,
    /// It refuses these parameters: they are left out, and the client is told.
    pub refuses: &'static [Parameter],
    /// It refuses them only while it thinks, which it does when it is told to.
    pub takes_unthinking: bool,
    /// It knows the limit of its answer by the newer name alone: `max_completion_tokens`.
    pub newer_limit: bool,
    /// Some row knows it.
    pub known: bool,
}

impl Abilities {
    /// Any chat model.
    const UNKNOWN: Self = Self {
        task: Task::Chat,
        reads: Media {
            image: false,
            document: false,
            audio: false,
            video: false,
        },
        writes: Media {
            image: false,
            document: false,
            audio: false,
            video: false,
        },
        tools: false,
        json_schema: false,
        reasoning: false,
        refuses: &[],
        takes_unthinking: false,
        newer_limit: false,
        known: false,
    };

    /// What it refuses of a request that tells it to think, or does not.
    #[must_use]
    pub const fn refused(&self, thinks: bool) -> &'static [Parameter] {
        if self.takes_unthinking && !thinks {
            &[]
        } else {
            self.refuses
        }
    }

    /// It may be told how hard to think: it thinks, or nobody here knows whether it does. To others the wish is not told, since
    /// they refuse it.
    #[must_use]
    pub const fn may_reason(&self) -> bool {
        self.reasoning || !self.known
    }

    /// It makes pictures where it is asked for them: by `/v1/images/generations` and what is like it.
    #[must_use]
    pub const fn draws(&self) -> bool {
        self.writes.image
    }

    /// Of a provider's model, by its name there. Services that resell others name them `owner/model`, and tags may follow a colon.
    #[must_use]
    pub fn of(kind: ProviderKind, slug: &str) -> Self {
        let lower = slug.to_ascii_lowercase();
        let bare = lower.rsplit('/').next().unwrap_or_default();
        // `us.anthropic.claude-sonnet-4-20250514-v1:0`
        let bare = bare.find("claude-").map_or(bare, |at| &bare[at..]);
        let row = ROWS.iter().find(|row| row.fits(kind, bare));
        row.map_or(Self::UNKNOWN, |row| row.abilities)
    }
}

impl Serialize for Abilities {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut told = serializer.serialize_struct("Abilities", 7)?;
        told.serialize_field("task", &self.task)?;
        told.serialize_field("input", &self.reads.words())?;
        let output = match self.task {
            Task::Images => vec!["image"],
            _ => self.writes.words(),
        };
        told.serialize_field("output", &output)?;
        told.serialize_field("tools", &self.tools)?;
        told.serialize_field("json_schema", &self.json_schema)?;
        told.serialize_field("reasoning", &self.reasoning)?;
        told.serialize_field("refuses", self.refuses)?;
        told.end()
    }
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Only for this kind of provider.
    kind: Option<ProviderKind>,
    /// The name, where `*` stands for any letters.
    pattern: &'static str,
    abilities: Abilities,
}

impl Row {
    fn fits(&self, kind: ProviderKind, name: &str) -> bool {
        self.kind.is_none_or(|own| own == kind) && matches(self.pattern, name)
    }
}

/// Whether a name fits a pattern with any number of `*`.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut left) = name.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match left.find(part) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(slug: &str) -> Abilities {
        Abilities::of(ProviderKind::OpenaiCompatible, slug)
    }

    #[test]
    fn patterns_match_whole_names() {
        for (pattern, name, wanted) in [
            ("o1*", "o1-mini", true),
            ("o1*", "go1", false),
            ("gpt-4o", "gpt-4o", true),
            ("gpt-4o", "gpt-4o-mini", false),
            ("*embed*", "nomic-embed-text:latest", true),
            ("*-vl*", "qwen3-vl:8b", true),
            ("gpt-*-chat", "gpt-5-chat", true),
            ("gpt-*-chat", "gpt-5-chat-x-chat", true),
            ("gpt-*-chat", "gpt-5-chat-x", false),
        ] {
            assert_eq!(matches(pattern, name), wanted, "{pattern} {name}");
        }
    }

    #[test]
    fn models_are_known_by_their_names_wherever_they_are_sold() {
        for slug in ["o3", "openai/o4-mini", "gpt-5", "gpt-5.1-codex-max"] {
            let found = of(slug);
            assert!(
                found.reasoning && found.refuses.contains(&Parameter::Temperature),
                "{slug}"
            );
        }
        for slug in ["gpt-4o", "gpt-5-chat-latest", "gpt-4.1-mini"] {
            let found = of(slug);
            assert!(
                !found.reasoning && found.refuses.is_empty() && found.reads.image,
                "{slug}"
            );
        }
        assert!(of("anthropic/claude-sonnet-4.5").reads.document);
        assert!(of("claude-3-5-haiku-latest").known && !of("claude-3-5-haiku-latest").reasoning);
        assert!(Abilities::of(ProviderKind::Google, "models/gemini-2.5-pro").reads.video);
        assert_eq!(of("text-embedding-3-small").task, Task::Embeddings);
        assert_eq!(
            Abilities::of(ProviderKind::Ollama, "nomic-embed-text:latest").task,
            Task::Embeddings
        );
        assert_eq!(of("somebody/something-new"), Abilities::UNKNOWN);
    }

    #[test]
    fn parameters_are_found_by_their_names() {
        for row in ROWS {
            for parameter in row.abilities.refuses {
                assert_eq!(Parameter::named(parameter.as_str()), Some(*parameter));
            }
        }
        assert_eq!(Parameter::named("Temperature"), None);
    }

    #[test]
    fn only_who_is_known_not_to_think_is_not_told_to() {
        for (slug, told) in [
            ("gpt-4o-mini", false),
            ("llama3.2", false),
            ("claude-3-5-haiku-20241022", false),
            ("gemini-2.0-flash", false),
            ("gemini-2.5-flash-image", false),
            ("gemini-3-pro-image-preview", true),
            ("deepseek-chat", false),
            ("deepseek-v3.1:671b", true),
            ("deepseek/deepseek-chat-v3.1", true),
            ("kimi-k2:1t", false),
            ("moonshotai/kimi-k2.5", true),
            ("qwen3-vl:8b", true),
            ("qwen2.5-vl:7b", false),
            ("doubao-seed-1-6-250615", true),
            ("o4-mini", true),
            ("somebody/something-new", true),
        ] {
            assert_eq!(of(slug).may_reason(), told, "{slug}");
        }
    }

    #[test]
    fn models_that_need_not_think_take_sampling_then() {
        for (slug, resting, thinking) in [
            ("gpt-5", false, false),
            ("gpt-5.1", true, false),
            ("gpt-5.2-2025-12-11", true, false),
            ("gpt-5.1-codex-max", false, false),
            ("gpt-5.2-pro", false, false),
            ("gpt-4o", true, true),
        ] {
            let takes = |thinks| !of(slug).refused(thinks).contains(&Parameter::Temperature);
            assert_eq!((takes(false), takes(true)), (resting, thinking), "{slug}");
        }
        assert!(of("o3").newer_limit && !of("gpt-4o").newer_limit);
    }

    #[test]
    fn newer_claudes_refuse_sampling_and_none_knows_penalties() {
        for (slug, sampling) in [
            ("claude-3-5-haiku-20241022", true),
            ("claude-3-7-sonnet-latest", true),
            ("claude-opus-4-20250514", true),
            ("claude-opus-4-1@20250805", true),
            ("us.anthropic.claude-sonnet-4-20250514-v1:0", true),
            ("claude-haiku-4-5-20251001", true),
            ("anthropic/claude-opus-4.6", true),
            ("claude-2.1", true),
            ("claude-opus-4-7", false),
            ("anthropic/claude-opus-4.8", false),
            ("claude-sonnet-5", false),
            ("claude-opus-5-5-20270101", false),
            ("claude-mythos-preview", false),
        ] {
            for kind in [ProviderKind::Anthropic, ProviderKind::OpenaiCompatible] {
                let found = Abilities::of(kind, slug);
                let refuses = |parameter| found.refused(false).contains(&parameter);
                for parameter in [Parameter::Temperature, Parameter::TopP, Parameter::TopK] {
                    assert_eq!(!refuses(parameter), sampling, "{slug} {parameter:?}");
                }
                assert!(
                    refuses(Parameter::PresencePenalty) && refuses(Parameter::FrequencyPenalty),
                    "{slug}"
                );
                assert!(!found.newer_limit && found.tools && found.known, "{slug}");
            }
        }
    }

    #[test]
    fn models_that_only_complete_call_no_tools() {
        for (slug, tools) in [
            ("gpt-3.5-turbo-instruct", false),
            ("davinci-002", false),
            ("gpt-3.5-turbo", true),
        ] {
            assert_eq!((of(slug).known, of(slug).tools), (true, tools), "{slug}");
        }
    }

    #[test]
    fn who_draws_is_known() {
        for (kind, slug, draws) in [
            (ProviderKind::Openai, "gpt-image-1", true),
            (ProviderKind::Openai, "dall-e-3", true),
            (ProviderKind::Openai, "gpt-4o", false),
            (ProviderKind::Google, "gemini-2.5-flash-image", true),
            (ProviderKind::Google, "gemini-3-pro-image-preview", true),
            (ProviderKind::Google, "gemini-2.5-flash", false),
            // By a method of its own, which is not spoken here.
            (ProviderKind::Google, "imagen-4.0-generate-001", false),
            (ProviderKind::OpenaiCompatible, "doubao-seedream-4-0-250828", true),
            (ProviderKind::OpenaiCompatible, "grok-2-image-1212", true),
            (ProviderKind::Simulated, "draw", true),
        ] {
            assert_eq!(Abilities::of(kind, slug).draws(), draws, "{slug}");
        }
        assert_eq!(of("gpt-image-1").refuses, [Parameter::ResponseFormat]);
        assert_eq!(
            serde_json::to_value(of("gpt-image-1")).unwrap()["output"],
            serde_json::json!(["image"])
        );
    }

    #[test]
    fn every_row_can_be_met() {
        for (index, row) in ROWS.iter().enumerate() {
            let name = row.pattern.replace('*', "-");
            let kind = row.kind.unwrap_or(ProviderKind::OpenaiCompatible);
            let first = ROWS.iter().position(|row| row.fits(kind, &name));
            assert_eq!(first, Some(index), "{} is hidden by an earlier row", row.pattern);
        }
    }

    #[test]
    fn it_is_told_in_words() {
        let told = serde_json::to_value(of("gpt-4o")).unwrap();
        assert_eq!(told["input"], serde_json::json!(["text", "image", "document"]));
        assert_eq!(told["task"], "chat");
        assert_eq!(serde_json::to_value(of("o3")).unwrap()["refuses"][0], "temperature");
    }
}

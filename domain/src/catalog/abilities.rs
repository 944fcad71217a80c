//! What a model can do and what it refuses, by the names of models: data, read off public documents.
//!
//! The mapping between dialects leaves out what a model refuses (`gateway::wire::speech`), `/v1/models` tells it, the console
//! shows it. A name that no row knows can do what any chat model can. To add a model: a row in [`ROWS`], the first that fits counts.
//!
//! What a model cannot do is refused where a request is written anew for it ([`Abilities::lacks_tools`] and what is beside it), and
//! only where the row is sure of it: not by the name of a whole family, and what a service can add (tools, schemas, documents) only
//! where the model's own maker serves it.

use serde::{Serialize, ser::SerializeStruct as _};

use super::ProviderKind;

mod efforts;
mod rows;
mod wires;

pub use efforts::EffortWord;
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
    /// Whether several tools may be called at once.
    ParallelToolCalls,
    /// How hard to think, where bytes pass; where a request is written anew [`Abilities::may_reason`] decides.
    ReasoningEffort,
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
            "parallel_tool_calls" => Self::ParallelToolCalls,
            "reasoning_effort" => Self::ReasoningEffort,
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
            Self::ParallelToolCalls => "parallel_tool_calls",
            Self::ReasoningEffort => "reasoning_effort",
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
    /// It refuses them even with a value that changes nothing.
    pub refuses_usual: bool,
    /// The words for how hard to think that it takes, the lowest first; empty where nobody knows, or where it takes all.
    pub efforts: &'static [EffortWord],
    /// It answers in JSON or calls tools: asked for both it refuses.
    pub json_or_tools: bool,
    /// It knows the limit of its answer by the newer name alone: `max_completion_tokens`.
    pub newer_limit: bool,
    /// It thinks as hard as it thinks, and refuses to be told how hard.
    pub fixed_effort: bool,
    /// It knows no instructions: what is said as such is said by the user.
    pub no_instructions: bool,
    /// The row's name stands for models to come as well, so that only what they can do is sure.
    pub family: bool,
    /// Its own maker serves it, who adds nothing to what it can do.
    pub firsthand: bool,
    /// Some row knows it.
    pub known: bool,
    /// Whether it thinks is not known, and where it does not a wish to think is refused.
    pub unsure_to_think: bool,
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
        refuses_usual: false,
        efforts: &[],
        json_or_tools: false,
        newer_limit: false,
        fixed_effort: false,
        no_instructions: false,
        family: false,
        firsthand: false,
        known: false,
        unsure_to_think: false,
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
        !self.unsure_to_think && (self.reasoning && !self.fixed_effort || !self.known)
    }

    /// It may be told not to think: who may be told how hard, and at Ollama who may not, since nobody is refused for it.
    #[must_use]
    pub const fn may_rest(&self) -> bool {
        self.may_reason() || self.unsure_to_think
    }

    /// What the row does not say that it can do, it cannot.
    const fn is_sure(&self) -> bool {
        self.known && !self.family && matches!(self.task, Task::Chat)
    }

    /// It is known to call no tools.
    #[must_use]
    pub const fn lacks_tools(&self) -> bool {
        self.is_sure() && self.firsthand && !self.tools
    }

    /// It is known not to be held to a schema.
    #[must_use]
    pub const fn lacks_schemas(&self) -> bool {
        self.is_sure() && self.firsthand && !self.json_schema
    }

    /// What it is known not to read. Documents are read out to models by some services.
    #[must_use]
    pub const fn unread(&self) -> Media {
        let sure = self.is_sure();
        Media {
            image: sure && !self.reads.image,
            document: sure && self.firsthand && !self.reads.document,
            audio: sure && !self.reads.audio,
            video: sure && !self.reads.video,
        }
    }

    /// It makes pictures where it is asked for them: by `/v1/images/generations` and what is like it.
    #[must_use]
    pub const fn draws(&self) -> bool {
        self.writes.image
    }

    /// It draws, or nobody here knows whether it does.
    #[must_use]
    pub const fn may_draw(&self) -> bool {
        self.draws() || !self.known
    }

    /// A model's own name, by which the table and the writers of wires know it, in small letters. Services that resell others name them
    /// `owner/model`.
    #[must_use]
    pub fn name_of(slug: &str) -> String {
        let lower = slug.to_ascii_lowercase();
        let bare = lower.rsplit('/').next().unwrap_or_default();
        // `us.anthropic.claude-sonnet-4-20250514-v1:0`
        bare.find("claude-").map_or(bare, |at| &bare[at..]).to_owned()
    }

    /// Of a provider's model, by its name there. Tags may follow a colon.
    #[must_use]
    pub fn of(kind: ProviderKind, slug: &str) -> Self {
        let name = Self::name_of(slug);
        let row = ROWS.iter().find(|row| row.fits(kind, &name));
        let found = row.map_or(Self::UNKNOWN, |row| Self {
            firsthand: !matches!(kind, ProviderKind::OpenaiCompatible | ProviderKind::Ollama),
            ..row.abilities
        });
        let thinks_at_ollama = found.reasoning && is_of_ollamas_library(slug);
        Self {
            unsure_to_think: kind == ProviderKind::Ollama && !thinks_at_ollama && (found.reasoning || !found.known),
            ..found
        }
    }
}

/// Whether Ollama itself made this model of it. Whether one thinks there depends on its template, and others make their own: "400 Bad
/// Request: "huggingface.co/unsloth/GLM-4.7-Flash-GGUF:Q3_K_S" does not support thinking" (ollama/ollama#14212), where Ollama's own does.
fn is_of_ollamas_library(slug: &str) -> bool {
    slug.rsplit_once('/')
        .is_none_or(|(owner, _)| owner == "library" || owner.ends_with("/library"))
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
mod tests;

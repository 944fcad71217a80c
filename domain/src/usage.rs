//! What a call consumed, in buckets that never overlap, whatever the provider's own way of counting.
//!
//! How each wire counts is decided in `gateway::wire`; here stands only what the result means and how it is checked.

use serde::{Deserialize, Serialize};

/// Counted quantities of one call or attempt. Buckets are disjoint: a cached token is not also an uncached one,
/// a reasoning token is not also a text token. Units are tokens unless the name says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Prompt tokens that were not served from a cache, text.
    pub input_uncached: u64,
    /// Prompt tokens read from the provider's cache.
    pub cache_read: u64,
    /// Prompt tokens written to a cache that lives five minutes.
    pub cache_write_5m: u64,
    /// Prompt tokens written to a cache that lives an hour.
    pub cache_write_1h: u64,
    /// Prompt tokens that were audio.
    pub input_audio: u64,
    /// Prompt tokens that were images, where the provider counts them apart.
    pub input_image: u64,
    /// Answer tokens that the client can read.
    pub output_text: u64,
    /// Answer tokens spent on thinking.
    pub output_reasoning: u64,
    /// Answer tokens that were audio.
    pub output_audio: u64,
    /// Answer tokens that were images.
    pub output_image: u64,
}

impl Usage {
    /// Every token that went in.
    #[must_use]
    pub const fn input_total(&self) -> u64 {
        self.input_uncached
            .saturating_add(self.cache_read)
            .saturating_add(self.cache_write_5m)
            .saturating_add(self.cache_write_1h)
            .saturating_add(self.input_audio)
            .saturating_add(self.input_image)
    }

    /// Every token that came out.
    #[must_use]
    pub const fn output_total(&self) -> u64 {
        self.output_text
            .saturating_add(self.output_reasoning)
            .saturating_add(self.output_audio)
            .saturating_add(self.output_image)
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, more: Self) -> Self {
        Self {
            input_uncached: self.input_uncached.saturating_add(more.input_uncached),
            cache_read: self.cache_read.saturating_add(more.cache_read),
            cache_write_5m: self.cache_write_5m.saturating_add(more.cache_write_5m),
            cache_write_1h: self.cache_write_1h.saturating_add(more.cache_write_1h),
            input_audio: self.input_audio.saturating_add(more.input_audio),
            input_image: self.input_image.saturating_add(more.input_image),
            output_text: self.output_text.saturating_add(more.output_text),
            output_reasoning: self.output_reasoning.saturating_add(more.output_reasoning),
            output_audio: self.output_audio.saturating_add(more.output_audio),
            output_image: self.output_image.saturating_add(more.output_image),
        }
    }

    /// Nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Where the numbers come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UsageSource {
    /// The provider reported them.
    Provider,
    /// The prompt is as reported; the answer was cut off before its last report, so its length is estimated.
    Mixed,
    /// We estimated them, because the provider reported none or nonsense.
    Estimated,
    /// Nothing was consumed: the call never reached a model.
    None,
}

impl UsageSource {
    /// The word in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Mixed => "mixed",
            Self::Estimated => "estimated",
            Self::None => "none",
        }
    }

    /// The source that this word names; unknown words mean nothing was counted.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "provider" => Self::Provider,
            "mixed" => Self::Mixed,
            "estimated" => Self::Estimated,
            _ => Self::None,
        }
    }
}

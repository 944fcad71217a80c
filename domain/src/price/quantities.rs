//! Everything a call used that can have a price.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Dimension, ImageKind};
use crate::usage::Usage;

/// Counted quantities of one call. Stored with the call: with the price version they prove the charge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Quantities {
    /// Tokens, in buckets that never overlap.
    pub usage: Usage,
    /// Generated images by the piece.
    pub images: BTreeMap<ImageKind, u64>,
    /// Seconds of audio or video.
    pub seconds: u64,
    /// Characters of text.
    pub characters: u64,
    /// Calls: one, unless nothing was served.
    pub requests: u64,
}

impl Default for Quantities {
    fn default() -> Self {
        Self::of(Usage::default())
    }
}

impl Quantities {
    /// One call that used these tokens.
    #[must_use]
    pub const fn of(usage: Usage) -> Self {
        Self {
            usage,
            images: BTreeMap::new(),
            seconds: 0,
            characters: 0,
            requests: 1,
        }
    }

    /// The prompt in the order in which its tokens count against a threshold: the cached part is a prefix of the
    /// prompt, longer-lived caches stand first, media last. Only the marginal rule looks at this order.
    pub(super) const fn input(&self) -> [(Dimension, u64); 6] {
        let usage = &self.usage;
        [
            (Dimension::CacheRead, usage.cache_read),
            (Dimension::CacheWrite1h, usage.cache_write_1h),
            (Dimension::CacheWrite5m, usage.cache_write_5m),
            (Dimension::Input, usage.input_uncached),
            (Dimension::InputAudio, usage.input_audio),
            (Dimension::InputImage, usage.input_image),
        ]
    }

    /// Every prompt token. Wider than each bucket, so that absurd counts cannot slip below a threshold.
    pub(super) fn input_total(&self) -> u128 {
        self.input().iter().map(|(_, count)| u128::from(*count)).sum()
    }

    /// All that is not prompt.
    pub(super) fn rest(&self) -> impl Iterator<Item = (Dimension, u64)> {
        let usage = &self.usage;
        [
            (Dimension::Output, usage.output_text),
            (Dimension::Reasoning, usage.output_reasoning),
            (Dimension::OutputAudio, usage.output_audio),
            (Dimension::OutputImage, usage.output_image),
            (Dimension::Second, self.seconds),
            (Dimension::Character, self.characters),
            (Dimension::Request, self.requests),
        ]
        .into_iter()
        .chain(
            self.images
                .iter()
                .map(|(kind, count)| (Dimension::Image(kind.clone()), *count)),
        )
    }
}

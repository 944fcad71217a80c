//! The words for how hard to think, as OpenAI has them, and which of them a model takes.

/// A word of `reasoning_effort`. Their order is how much is thought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EffortWord {
    /// Not at all.
    None,
    /// Hardly.
    Minimal,
    /// A little.
    Low,
    /// As usual.
    Medium,
    /// Hard.
    High,
    /// Harder than hard.
    Xhigh,
}

impl EffortWord {
    /// The one of these that comes nearest, of two the lower one, as it costs less; itself where there are none. Whoever wants thoughts
    /// is not told "not at all", where anything else is known.
    #[must_use]
    pub fn nearest(self, known: &[Self]) -> Self {
        let far = |word: Self| (word as u8).abs_diff(self as u8);
        let thinking = |word: &Self| self == Self::None || *word != Self::None;
        let fitting = known.iter().copied().filter(thinking);
        fitting.min_by_key(|word| (far(*word), *word)).unwrap_or(self)
    }
}

#[cfg(test)]
mod tests {
    use super::EffortWord::{self, High, Low, Medium, Minimal, None, Xhigh};

    #[test]
    fn the_nearest_word_is_said() {
        let all = [None, Minimal, Low, Medium, High, Xhigh];
        for (known, wanted) in [
            (&[][..], all),
            (&[Low, Medium, High], [Low, Low, Low, Medium, High, High]),
            (&[None, Low, Medium, High, Xhigh], [None, Low, Low, Medium, High, Xhigh]),
            (&[Low, High], [Low, Low, Low, Low, High, High]),
            (&[High], [High; 6]),
        ] {
            assert_eq!(all.map(|word| EffortWord::nearest(word, known)), wanted, "{known:?}");
        }
    }
}

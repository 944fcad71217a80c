//! Whether a long text has one of a few words, in one pass over it. Called by what looks for files in prompts.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};

/// A few words, of at least two letters each.
pub(super) struct Words {
    words: &'static [&'static str],
    /// Made when it is first needed; none where that did not work.
    searcher: OnceLock<Option<AhoCorasick>>,
}

impl Words {
    pub const fn new(words: &'static [&'static str]) -> Self {
        Self {
            words,
            searcher: OnceLock::new(),
        }
    }

    /// Whether one of them is in the text. `true` also where nothing can be said.
    pub fn may_be_in(&self, text: &[u8]) -> bool {
        // Only this kind looks for all first letters at once (https://docs.rs/aho-corasick, `packed`).
        let searcher = || {
            AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostFirst)
                .build(self.words)
                .ok()
        };
        let searcher = self.searcher.get_or_init(searcher);
        searcher.as_ref().is_none_or(|searcher| searcher.is_match(text))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    static WORDS: Words = Words::new(&["ab", "bcd", "\\u00"]);

    proptest! {
        #[test]
        fn finds_what_a_plain_search_finds(text in "[abcd0u\\\\]{0,60}") {
            let plain = WORDS.words.iter().any(|word| text.contains(word));
            prop_assert_eq!(WORDS.may_be_in(text.as_bytes()), plain, "{}", text);
        }
    }
}

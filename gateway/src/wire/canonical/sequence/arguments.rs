//! The arguments of one call as they come, in pieces. Used by [`super::Sequencer`].
//!
//! Whether they are complete is known after each piece without reading them again: brackets are counted, and texts skipped.

/// What came so far.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    /// JSON as text.
    pub(super) text: String,
    /// Brackets that are open.
    depth: usize,
    /// A text is open, and whether its last letter takes the next one's meaning.
    inside: bool,
    escaped: bool,
    /// The outermost bracket has been closed.
    closed: bool,
}

impl Arguments {
    /// More of them. Each letter is looked at once.
    pub(super) fn push(&mut self, more: &str) {
        for letter in more.bytes() {
            match letter {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.inside => self.escaped = true,
                b'"' => self.inside = !self.inside,
                _ if self.inside => {}
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.closed |= self.depth == 0;
                }
                _ => {}
            }
        }
        self.text.push_str(more);
    }

    /// The object that they are has ended: nothing more can come. Before any bracket nobody knows.
    pub(super) fn are_complete(&self) -> bool {
        self.closed && self.depth == 0 && !self.inside
    }

    /// A tool can be run with them: an object, or nothing at all. Reads them, so it is asked once, at their end.
    pub(super) fn are_sound(&self) -> bool {
        let text = self.text.trim();
        text.is_empty()
            || text == "null"
            || text.starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(pieces: &[&str]) -> Arguments {
        let mut arguments = Arguments::default();
        pieces.iter().for_each(|piece| arguments.push(piece));
        arguments
    }

    #[test]
    fn only_objects_and_nothing_are_sound() {
        for text in ["", "  ", "null", "{}", " {\"a\":[1]}\n"] {
            assert!(of(&[text]).are_sound(), "{text}");
        }
        for text in ["{", "{\"a\":1", "{}{}", "[1]", "\"a\"", "3", "{a}", "} {"] {
            assert!(!of(&[text]).are_sound(), "{text}");
        }
    }

    proptest! {
        /// Complete at its last letter and not before, wherever it is cut.
        #[test]
        fn an_object_is_complete_at_its_end(texts in proptest::collection::vec("[\"\\\\{}\\[\\]a\u{e9}]{0,5}", 0..4), cut: prop::sample::Index) {
            let whole = serde_json::json!({"a": texts, "b": {"c": [{}, "}"]}}).to_string();
            let places: Vec<usize> = whole.char_indices().map(|(at, _)| at).collect();
            let at = places[cut.index(places.len())];
            let (before, after) = whole.split_at(at);
            prop_assert!(!of(&[before]).are_complete());
            let both = of(&[before, after]);
            prop_assert!(both.are_complete() && both.are_sound());
        }
    }
}

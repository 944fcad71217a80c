//! The calls of an answer that have begun, and which of them a piece belongs to. A hostile provider may begin very many.

use std::collections::HashMap;

/// The calls by what providers tell of them: an index and an id.
#[derive(Debug, Default)]
pub(super) struct Calls {
    count: usize,
    /// The last call of each of the provider's indexes.
    last: HashMap<u64, usize>,
    /// Each call and its index by its id.
    ids: HashMap<String, (usize, u64)>,
}

impl Calls {
    /// How many have begun: the place of the next one.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether a call has this id.
    pub fn know(&self, id: &str) -> bool {
        self.ids.contains_key(id)
    }

    /// Another call begins; without an index that was told its place is its index.
    pub fn begin(&mut self, told: Option<u64>, id: String) {
        let index = told.unwrap_or(self.count as u64);
        self.last.insert(index, self.count);
        self.ids.insert(id, (self.count, index));
        self.count += 1;
    }

    /// The call that a piece belongs to, if it begins none. The index decides; services that give 0 to every call give each call an id of
    /// its own, and some give no index at all.
    pub fn find(&self, told: Option<u64>, id: Option<&str>, named: bool) -> Option<usize> {
        let known = id.and_then(|id| self.ids.get(id).copied());
        let place = |(place, _): (usize, u64)| place;
        let Some(told) = told else {
            return match known {
                // Without index and known id: a name begins a call, anything else goes on with the last one.
                None if named => None,
                None => self.count.checked_sub(1),
                known => known.map(place),
            };
        };
        let begins = id.is_some() && named;
        match (known, self.last.get(&told)) {
            (Some((place, index)), _) if index == told => Some(place),
            _ if begins => None,
            (_, Some(place)) => Some(*place),
            // Another index with a known id goes on with its call, unless it begins one.
            (known, None) => known.map(place),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_finds_its_call() {
        let mut calls = Calls::default();
        assert_eq!(calls.find(None, None, false), None);
        calls.begin(Some(0), "a".to_owned());
        calls.begin(Some(0), "b".to_owned());
        calls.begin(Some(7), "c".to_owned());
        calls.begin(None, "d".to_owned());
        for (told, id, named, wanted) in [
            (Some(0), None, false, Some(1)),
            (Some(0), Some("a"), false, Some(0)),
            (Some(0), Some("a"), true, Some(0)),
            (Some(0), Some("x"), false, Some(1)),
            (Some(0), Some("x"), true, None),
            (Some(0), Some("c"), false, Some(1)),
            (Some(0), None, true, Some(1)),
            (Some(3), None, false, Some(3)),
            (Some(9), Some("c"), false, Some(2)),
            (Some(9), Some("c"), true, None),
            (Some(9), None, true, None),
            (None, Some("b"), true, Some(1)),
            (None, Some("x"), true, None),
            (None, Some("x"), false, Some(3)),
            (None, None, false, Some(3)),
        ] {
            assert_eq!(calls.find(told, id, named), wanted, "{told:?} {id:?} {named}");
        }
    }
}

//! The ids of calls of tools. A client of this dialect gets Gemini's `thoughtSignature` inside the id of its call, because the
//! id is the one thing of a call that every client sends back unchanged; a provider of this wire gets only ids that it takes.

use std::collections::{HashMap, HashSet};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Between the id and what is carried in it. An id of a provider never holds it by chance.
const MARK: &str = "__thought__";

/// The id for the client, with the signature in it.
pub(super) fn wrap(id: &str, signature: Option<&str>) -> String {
    match signature {
        Some(signature) => format!("{id}{MARK}{}", URL_SAFE_NO_PAD.encode(signature)),
        None => id.to_owned(),
    }
}

/// The id as its provider knows it, and the signature.
pub(super) fn unwrap(id: &str) -> (String, Option<String>) {
    let carried = id.rsplit_once(MARK).and_then(|(id, carried)| {
        let signature = String::from_utf8(URL_SAFE_NO_PAD.decode(carried).ok()?).ok()?;
        Some((id.to_owned(), Some(signature)))
    });
    carried.unwrap_or_else(|| (id.to_owned(), None))
}

/// Makes ids that Anthropic takes (`^[a-zA-Z0-9_-]+$`), the same for the same id, and different for different ones.
#[derive(Debug, Default)]
pub(super) struct Valid {
    given: HashMap<String, String>,
    taken: HashSet<String>,
    /// The number of the next id that reads like this one: all before it are taken.
    next: HashMap<String, usize>,
}

impl Valid {
    /// The id for Anthropic.
    pub fn id(&mut self, id: &str) -> String {
        if let Some(valid) = self.given.get(id) {
            return valid.clone();
        }
        let is_valid = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
        let plain: String = id
            .chars()
            .map(|letter| if is_valid(letter) { letter } else { '_' })
            .collect();
        let plain = if plain.is_empty() { "call".to_owned() } else { plain };
        let mut valid = plain.clone();
        if !self.taken.insert(valid.clone()) {
            let next = self.next.entry(plain.clone()).or_insert(2);
            loop {
                valid = format!("{plain}_{next}");
                *next += 1;
                if self.taken.insert(valid.clone()) {
                    break;
                }
            }
        }
        self.given.insert(id.to_owned(), valid.clone());
        valid
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_are_valid_stable_and_apart() {
        let mut valid = Valid::default();
        assert_eq!(valid.id("toolu_1-A"), "toolu_1-A");
        assert_eq!(valid.id("call:1"), "call_1");
        assert_eq!(valid.id("call.1"), "call_1_2");
        assert_eq!(valid.id("call:1"), "call_1");
        assert_eq!(valid.id(""), "call");
        // A number that somebody has taken is nobody else's.
        assert_eq!(valid.id("call_1_3"), "call_1_3");
        assert_eq!(valid.id("call,1"), "call_1_4");
        assert_eq!(valid.id("call;1"), "call_1_5");
    }

    /// A hundred thousand ids that read alike are no square of work.
    #[test]
    fn many_ids_that_read_alike_stay_apart() {
        let ids = || (0..100_000_u32).map(|at| format!("{at:017b}").replace('0', ".").replace('1', ":"));
        let mut valid = Valid::default();
        let first: Vec<String> = ids().map(|id| valid.id(&id)).collect();
        assert_eq!(first.iter().collect::<HashSet<_>>().len(), first.len());
        assert!(ids().map(|id| valid.id(&id)).eq(first), "and are the same again");
    }

    proptest! {
        #[test]
        fn a_signature_comes_back(id in "[a-z_]{1,9}", signature in prop::option::of(".{0,30}")) {
            prop_assert_eq!(unwrap(&wrap(&id, signature.as_deref())), (id, signature));
        }

        #[test]
        fn any_id_is_read(id in ".{0,60}") {
            let _ = unwrap(&id);
        }
    }
}

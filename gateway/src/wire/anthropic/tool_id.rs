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
        let mut number = 2;
        while !self.taken.insert(valid.clone()) {
            valid = format!("{plain}_{number}");
            number += 1;
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

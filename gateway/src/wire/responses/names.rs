//! Names of tools that say more than a name: in which namespace a tool is, and that it takes free text. No other wire knows
//! either, so within the hub both stand in the one name, behind signs that no client's own name may hold. A provider is told words
//! instead of the signs, and a call comes back with them only if the request's own list of tools says so (`wire::speech`): a function
//! that its client has called `edit-free-text` stays one.

use std::borrow::Cow;

/// Between a namespace and a name.
const NAMESPACE: char = '\u{1f}';
/// Behind the name of a tool that takes free text.
const FREE: char = '\u{1e}';
/// What a provider is told instead. Names are letters, digits, `_` and `-`.
const WORDS: [(char, &str); 2] = [(NAMESPACE, "-ns-"), (FREE, "-free-text")];

/// A tool as this dialect names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Callee<'a> {
    pub(super) namespace: Option<&'a str>,
    pub(super) name: &'a str,
    /// It takes free text (`custom`), not JSON.
    pub(super) free: bool,
}

/// The flat name of a tool that takes free text and is in no namespace: OpenAI's chat knows none.
pub(in crate::wire) fn flat_free(name: &str) -> String {
    let callee = Callee {
        namespace: None,
        name,
        free: true,
    };
    callee.flat()
}

/// The same back.
pub(in crate::wire) fn free_of(flat: &str) -> Option<&str> {
    flat.strip_suffix(FREE).filter(|name| !name.is_empty())
}

/// It says more than a name.
pub(in crate::wire) fn is_marked(name: &str) -> bool {
    name.contains([NAMESPACE, FREE])
}

/// As a provider is told it, with words instead of signs.
pub(in crate::wire) fn in_words(flat: &str) -> Cow<'_, str> {
    if !is_marked(flat) {
        return flat.into();
    }
    let spelled = WORDS
        .iter()
        .fold(flat.to_owned(), |name, (sign, word)| name.replace(*sign, word));
    spelled.into()
}

impl<'a> Callee<'a> {
    /// As one name.
    pub(super) fn flat(&self) -> String {
        let mut flat = String::new();
        if let Some(namespace) = self.namespace {
            flat.push_str(namespace);
            flat.push(NAMESPACE);
        }
        flat.push_str(self.name);
        if self.free {
            flat.push(FREE);
        }
        flat
    }

    /// What one name stands for.
    pub(super) fn of(flat: &'a str) -> Self {
        let (namespace, name) = match flat.split_once(NAMESPACE) {
            Some((namespace, name)) => (Some(namespace), name),
            None => (None, flat),
        };
        let free = free_of(name);
        Self {
            namespace,
            name: free.unwrap_or(name),
            free: free.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_name_comes_back_as_what_it_was(namespace in proptest::option::of("[a-z_-]{1,9}"), name in "[a-z_-]{1,9}(-ns-[a-z])?(-free-text)?", free: bool) {
            let callee = Callee { namespace: namespace.as_deref(), name: &name, free };
            let flat = callee.flat();
            prop_assert_eq!(Callee::of(&flat), callee);
            prop_assert_eq!(is_marked(&flat), namespace.is_some() || free);
            let told = in_words(&flat).into_owned();
            prop_assert!(!is_marked(&told) && told.starts_with(namespace.as_deref().unwrap_or(&name)));
        }
    }
}

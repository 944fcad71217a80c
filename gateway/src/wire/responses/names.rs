//! Names of tools that say more than a name: in which namespace a tool is, and that it takes free text. No other wire knows
//! either, so they go there as one name and come back from it as what they were. One that is too long for a provider is shortened
//! on its way there (`wire::speech`).

/// Between a namespace and a name. Names are letters, digits, `_` and `-`.
const NAMESPACE: &str = "-ns-";
/// Behind the name of a tool that takes free text.
const FREE: &str = "-free-text";

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

impl<'a> Callee<'a> {
    /// As one name.
    pub(super) fn flat(&self) -> String {
        let namespace = self.namespace.map(|namespace| format!("{namespace}{NAMESPACE}"));
        let end = if self.free { FREE } else { "" };
        format!("{}{}{end}", namespace.unwrap_or_default(), self.name)
    }

    /// What one name stands for.
    pub(super) fn of(flat: &'a str) -> Self {
        let (namespace, name) = match flat.split_once(NAMESPACE) {
            Some((namespace, name)) => (Some(namespace), name),
            None => (None, flat),
        };
        match name.strip_suffix(FREE) {
            Some(name) => Self {
                namespace,
                name,
                free: true,
            },
            None => Self {
                namespace,
                name,
                free: false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_name_comes_back_as_what_it_was(namespace in proptest::option::of("[a-z_]{1,9}"), name in "[a-z_]{1,9}", free: bool) {
            let callee = Callee { namespace: namespace.as_deref(), name: &name, free };
            let flat = callee.flat();
            prop_assert_eq!(Callee::of(&flat), callee);
        }
    }
}

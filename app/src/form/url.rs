//! Addresses of our own pages: reading the query, and changing single values of it for filters, sorting and paging.

use domain::refusal::Thing;
use leptos::prelude::GetUntracked;
use leptos_router::{
    hooks::{use_params_map, use_query_map},
    location::Url,
    params::ParamsMap,
};

use crate::{context, error::AppError};

/// Text as it may stand within an address. Letters, digits and the signs of our own ids stay readable.
#[must_use]
pub fn encode(text: &str) -> String {
    ["-", "_", ".", "~"]
        .into_iter()
        .fold(Url::escape(text), |escaped, sign| {
            escaped.replace(&Url::escape(sign), sign)
        })
}

/// The query of the page that is shown. Unknown values are the caller's to ignore.
#[derive(Clone, Debug)]
pub struct Query(ParamsMap);

impl Query {
    /// The query of this request. Only within pages and components.
    #[must_use]
    pub fn current() -> Self {
        Self(use_query_map().get_untracked())
    }

    /// A query of these values, for whoever makes no page.
    #[must_use]
    pub fn of(pairs: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }

    /// A form sends its empty fields along. The address of `path` without them; none where nothing is to be left out.
    #[must_use]
    pub fn tidied(&self, path: &str, known: &[&str]) -> Option<String> {
        let untidy = known
            .iter()
            .any(|name| self.0.get_str(name).is_some_and(|value| value.trim().is_empty()));
        untidy.then(|| self.link(path, known, &[]))
    }

    /// A value that is there and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        self.0
            .get(name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    /// A value, when it can be read as what is wanted.
    #[must_use]
    pub fn parsed<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.get(name)?.parse().ok()
    }

    /// The address `path` with only these values of the present query, some of them changed. `None` removes one.
    #[must_use]
    pub fn link(&self, path: &str, kept: &[&str], changed: &[(&str, Option<&str>)]) -> String {
        let mut pairs: Vec<(&str, String)> = Vec::new();
        for name in kept {
            if !changed.iter().any(|(other, _)| other == name) {
                pairs.extend(self.get(name).map(|value| (*name, value)));
            }
        }
        pairs.extend(
            changed
                .iter()
                .filter_map(|(name, value)| value.map(|value| (*name, value.to_owned()))),
        );
        let query: Vec<String> = pairs
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        if query.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{}", query.join("&"))
        }
    }
}

/// The id in the path of this page (`/keys/{id}`).
///
/// # Errors
/// Not found, when the text is no such id.
pub fn path_id<Id: std::str::FromStr>(name: &str, what: Thing) -> Result<Id, AppError> {
    let text = use_params_map().get_untracked().get(name);
    text.and_then(|text| text.parse().ok()).ok_or(context::missing(what))
}

#[cfg(test)]
mod tests {
    use super::{Query, encode};

    #[test]
    fn empty_fields_leave_the_address() {
        let query = Query::of([("q", "a b"), ("state", ""), ("x", "1")]);
        assert_eq!(
            query.tidied("/calls", &["q", "state"]).as_deref(),
            Some("/calls?q=a%20b")
        );
        assert_eq!(query.tidied("/calls", &["q", "x"]), None);
    }

    #[test]
    fn ids_and_models_stay_readable() {
        assert_eq!(encode("call_0-9.a~"), "call_0-9.a~");
        assert_eq!(encode("a/b&c=%2D 中"), "a%2Fb%26c%3D%252D%20%E4%B8%AD");
    }
}

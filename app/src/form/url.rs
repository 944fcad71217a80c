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

    /// A form sends its empty fields along, and addresses are typed and cut off. The address of `path` without what is empty or
    /// means nothing; none where all of `known` may stay. `means` says whether the page understands a value of this name.
    #[must_use]
    pub fn tidied(&self, path: &str, known: &[&str], means: impl Fn(&str, &str) -> bool) -> Option<String> {
        let there = |name: &&&str| self.0.get_str(name).is_some();
        let stays = |name: &&&str| self.get(name).is_some_and(|value| means(name, &value));
        let kept: Vec<&str> = known.iter().filter(stays).copied().collect();
        (kept.len() < known.iter().filter(there).count()).then(|| self.link(path, &kept, &[]))
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
        let all = |_: &str, _: &str| true;
        assert_eq!(
            query.tidied("/calls", &["q", "state"], all).as_deref(),
            Some("/calls?q=a%20b")
        );
        assert_eq!(query.tidied("/calls", &["q", "x"], all), None);
    }

    #[test]
    fn what_means_nothing_leaves_the_address() {
        let query = Query::of([("q", "a"), ("size", "large"), ("state", "failed")]);
        let means = |name: &str, value: &str| name != "size" || value.parse::<u8>().is_ok();
        assert_eq!(
            query.tidied("/calls", &["q", "size", "state"], means).as_deref(),
            Some("/calls?q=a&state=failed")
        );
        assert_eq!(query.tidied("/calls", &["q", "state"], means), None);
    }

    #[test]
    fn ids_and_models_stay_readable() {
        assert_eq!(encode("call_0-9.a~"), "call_0-9.a~");
        assert_eq!(encode("a/b&c=%2D 中"), "a%2Fb%26c%3D%252D%20%E4%B8%AD");
    }
}

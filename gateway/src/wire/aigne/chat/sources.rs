//! Where a text comes from. The framework has no member for it, and its client keeps members that it does not know, so
//! sources go along in one more; in a stream all of them with its end, as calls do.

use serde::Serialize;

use super::super::super::canonical::Citation;

/// One source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Source {
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// The words that are quoted.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// Adds a source, unless it is there already.
pub(super) fn add(sources: &mut Vec<Source>, citation: &Citation) {
    let source = Source {
        url: citation.url.clone(),
        title: citation.title.clone(),
        text: citation.quoted.clone(),
    };
    let says = source.url.is_some() || source.title.is_some() || source.text.is_some();
    if says && !sources.contains(&source) {
        sources.push(source);
    }
}

//! Where a text comes from. The framework has no member for it, and its client keeps members that it does not know, so
//! sources go along in one more; in a stream all of them with its end, as calls do.

use std::collections::HashSet;

use serde::Serialize;

use super::super::super::canonical::Citation;

/// One source.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub(super) struct Source {
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// The words that are quoted.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// The sources of an answer in their order, each once.
#[derive(Debug, Default)]
pub(super) struct Sources {
    list: Vec<Source>,
    known: HashSet<Source>,
}

impl Sources {
    /// Adds a source, unless it is there already or says nothing.
    pub(super) fn add(&mut self, citation: &Citation) {
        let source = Source {
            url: citation.url.clone(),
            title: citation.title.clone(),
            text: citation.quoted.clone(),
        };
        let says = source.url.is_some() || source.title.is_some() || source.text.is_some();
        if says && self.known.insert(source.clone()) {
            self.list.push(source);
        }
    }

    pub(super) fn list(&self) -> &[Source] {
        &self.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two hundred thousand of which half are new are no square of work.
    #[test]
    fn each_source_stands_there_once() {
        let source = |url: Option<String>| Citation {
            url,
            title: None,
            quoted: None,
            raw: serde_json::Value::Null,
        };
        let mut sources = Sources::default();
        sources.add(&source(None));
        for at in 0..200_000 {
            sources.add(&source(Some(format!("https://a.test/{}", at % 100_000))));
        }
        assert_eq!(sources.list().len(), 100_000);
        assert_eq!(sources.list()[7].url.as_deref(), Some("https://a.test/7"));
    }
}

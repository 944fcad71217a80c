//! Where a text comes from, in Anthropic's words and in ours.

use serde_json::{Value, json};

use super::super::{canonical::Citation, json};

/// Reads a citation of any of Anthropic's kinds.
pub(super) fn read(raw: &Value) -> Citation {
    let word = |name: &str| raw.get(name).and_then(Value::as_str).map(str::to_owned);
    Citation {
        url: word("url").or_else(|| word("source").filter(|source| source.contains("://"))),
        title: word("title").or_else(|| word("document_title")),
        quoted: word("cited_text"),
        raw: raw.clone(),
    }
}

/// Anthropic's kinds.
const KINDS: [&str; 5] = [
    "char_location",
    "page_location",
    "content_block_location",
    "web_search_result_location",
    "search_result_location",
];

/// A citation as its clients read it: as it came, where the provider is of the family.
pub(super) fn write(citation: &Citation) -> Value {
    let kind = citation.raw.get("type").and_then(Value::as_str);
    if kind.is_some_and(|kind| KINDS.contains(&kind)) {
        return citation.raw.clone();
    }
    let quoted = citation.quoted.as_deref().unwrap_or_default();
    match &citation.url {
        Some(url) => json!({
            "type": "web_search_result_location",
            "cited_text": quoted,
            "url": url,
            "title": citation.title,
            "encrypted_index": "",
        }),
        None => json!({
            "type": "char_location",
            "cited_text": quoted,
            "document_index": 0,
            "document_title": citation.title,
            "start_char_index": 0,
            "end_char_index": 0,
        }),
    }
}

/// Whether [`write()`] made it of what another provider named: where it stood there is told by nothing that Anthropic would know again.
pub(super) fn is_ours(citation: &json::Value<'_>) -> bool {
    let word = |name| citation.member(name).and_then(|value| value.as_str());
    let number = |name| citation.member(name).and_then(|value| value.as_whole());
    match word("type").as_deref() {
        Some("web_search_result_location") => word("encrypted_index").is_some_and(|index| index.is_empty()),
        Some("char_location") => number("start_char_index") == Some(0) && number("end_char_index") == Some(0),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn their_own_come_back_as_they_came() {
        let raw = json!({"type": "page_location", "cited_text": "a", "document_index": 2, "document_title": "D",
            "start_page_number": 1, "end_page_number": 2});
        let citation = read(&raw);
        assert_eq!(
            (
                citation.title.as_deref(),
                citation.quoted.as_deref(),
                citation.url.as_deref()
            ),
            (Some("D"), Some("a"), None)
        );
        assert_eq!(write(&citation), raw);
        assert!(!known_again(&raw));
    }

    fn known_again(written: &Value) -> bool {
        is_ours(&json::read(written.to_string().as_bytes()).unwrap())
    }

    #[test]
    fn those_of_others_are_pages_or_places_in_a_document() {
        let page = Citation {
            url: Some("https://a.test/".into()),
            title: Some("A".into()),
            quoted: None,
            raw: json!({"type": "url_citation"}),
        };
        let written = write(&page);
        assert_eq!(written["type"], "web_search_result_location");
        assert!(known_again(&written));
        let written = write(&Citation { url: None, ..page });
        assert_eq!(written["type"], "char_location");
        assert!(known_again(&written));
    }
}

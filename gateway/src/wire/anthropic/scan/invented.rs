//! Finds sources in the hub's own writing: what another provider named while it answered stands in Anthropic's words, but Anthropic never
//! wrote it and refuses it. Called by `scan`.

use std::ops::Range;

use super::super::{
    super::{json::Value, traces},
    citation,
};

/// What is to be taken out of the lists of sources beside what the model said.
pub(super) fn citations(messages: &Value<'_>) -> Vec<Range<usize>> {
    let mut cuts = Vec::new();
    if !may_have(messages.raw()) {
        return cuts;
    }
    messages.elements(|turn| {
        let role = turn.member("role").and_then(|role| role.as_str());
        if role.as_deref() != Some("assistant") {
            return;
        }
        let Some(content) = turn.member("content") else { return };
        content.elements(|block| {
            if let Some(listed) = block.member("citations") {
                cuts.extend(traces::taken_out(&listed, citation::is_ours));
            }
        });
    });
    cuts
}

/// Quick: most conversations name no sources.
fn may_have(messages: &[u8]) -> bool {
    let named = |name: &[u8]| memchr::memmem::find(messages, name).is_some();
    named(b"\"encrypted_index\"") || named(b"\"end_char_index\"")
}

#[cfg(test)]
mod tests {
    use domain::{call::Dialect, catalog::ProviderKind};
    use serde_json::{Value, json};

    use crate::wire::speech::{Speech, scan};

    /// What Anthropic gets of a conversation with these sources, and what the client is told of it.
    fn asked(mark: &str, role: &str, citations: &Value) -> (Value, Vec<String>) {
        let body = json!({ "model": "claude-opus-4-6", "max_tokens": 9, "messages": [
            { "role": "user", "content": "1" },
            { "role": role, "content": [{ "type": "text", "text": "It is \"encrypted_index\":\"\"", "citations": citations }] },
            { "role": "user", "content": "2" },
        ]});
        let body = bytes::Bytes::from(format!("{mark}{body}"));
        let scanned = scan(Dialect::AnthropicMessages, &body).unwrap();
        let speech = Speech::between(Dialect::AnthropicMessages, ProviderKind::Anthropic, "claude-opus-4-6");
        let asked = speech.ask(&scanned, &body, "claude-opus-4-6", &Default::default(), None);
        let asked = asked.unwrap();
        let sent: Value =
            serde_json::from_slice(asked.body.strip_prefix(mark.as_bytes()).unwrap_or(&asked.body)).unwrap();
        let left = sent["messages"][1]["content"][0]["citations"].clone();
        (left, asked.dropped.into_iter().map(|dropped| dropped.0).collect())
    }

    #[test]
    fn sources_that_the_hub_wrote_for_others_go_and_no_other() {
        let page = json!({ "type": "web_search_result_location", "cited_text": "", "url": "https://a.test/", "title": "A", "encrypted_index": "" });
        let place = json!({ "type": "char_location", "cited_text": "x", "document_index": 0, "document_title": null, "start_char_index": 0, "end_char_index": 0 });
        let theirs = json!({ "type": "web_search_result_location", "cited_text": "", "url": "https://a.test/", "title": "A", "encrypted_index": "Eo8B" });
        let first = json!({ "type": "char_location", "cited_text": "x", "document_index": 0, "document_title": null, "start_char_index": 0, "end_char_index": 6 });
        for mark in ["", "\u{feff}"] {
            for (listed, left) in [
                (json!([page]), json!([])),
                (json!([page, place]), json!([])),
                (json!([theirs, page, first, place]), json!([theirs, first])),
                (json!([place, page, theirs]), json!([theirs])),
            ] {
                let told = vec!["messages[].citations".to_owned()];
                assert_eq!(asked(mark, "assistant", &listed), (left, told), "{listed}");
            }
            for stays in [
                json!([theirs, first]),
                json!([]),
                json!(null),
                json!("x"),
                json!([{ "type": "page_location" }]),
            ] {
                assert_eq!(asked(mark, "assistant", &stays), (stays.clone(), Vec::new()), "{stays}");
            }
            // What somebody says themselves is theirs.
            assert_eq!(asked(mark, "user", &json!([page])), (json!([page]), Vec::new()));
        }
    }
}

//! Finds thoughts of other providers in the hub's own writing: without a proof, or with one that is not Anthropic's. Anthropic
//! refuses them. Called by `scan`.

use std::ops::Range;

use super::super::super::{google, json::Value, responses::sealed, traces};

/// What is to be taken out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Thoughts {
    /// Blocks, and turns that have no others, as cuts.
    pub cuts: Vec<Range<usize>>,
    /// The answers of tools come last, and the turn that called them begins with no thought any more. Who thinks with a budget
    /// cannot go on thinking from there.
    pub unproven_call: bool,
}

impl Thoughts {
    /// Looks through the conversation.
    pub fn look(&mut self, messages: &Value<'_>) {
        if !may_have(messages.raw()) {
            return;
        }
        // Whether the turn before begins with no thought because one went.
        let (mut bared, mut unproven) = (false, false);
        let mut blocks = Vec::new();
        let turns = traces::taken_out(messages, |turn| {
            let word = turn.member("role").and_then(|role| role.as_str());
            let content = turn.member("content");
            if word.as_deref() != Some("assistant") {
                let answers = |content: Value<'_>| any(&content, |block| is_of(block, "tool_result"));
                unproven = bared && content.is_some_and(answers);
                bared = false;
                return false;
            }
            unproven = false;
            let Some(content) = content else { return false };
            let (mut first, mut stayed) = (None, false);
            let cuts = traces::taken_out(&content, |block| {
                let goes = is_strange(block);
                if !goes {
                    first.get_or_insert(is_thought(block));
                    stayed = true;
                }
                goes
            });
            bared = !cuts.is_empty() && first == Some(false);
            let all = !cuts.is_empty() && !stayed;
            if !all {
                blocks.extend(cuts);
            }
            all
        });
        self.cuts.extend(turns);
        self.cuts.extend(blocks);
        self.unproven_call |= unproven;
    }

    /// Counted from further on.
    pub fn shift(&mut self, by: usize) {
        for cut in &mut self.cuts {
            *cut = cut.start + by..cut.end + by;
        }
    }
}

/// Quick: most conversations have no such thought, though they have others.
fn may_have(messages: &[u8]) -> bool {
    let strange = |at: usize| {
        let rest = messages[at..]
            .strip_prefix(b"\"signature\"")
            .unwrap_or_default()
            .trim_ascii_start();
        let proof = rest.strip_prefix(b":").unwrap_or_default().trim_ascii_start();
        proof.starts_with(b"\"\"") || proof.starts_with(b"\"gemini")
    };
    memchr::memmem::find_iter(messages, b"\"signature\"").any(strange)
        || memchr::memmem::find(messages, b"\"rs_").is_some()
}

fn any(list: &Value<'_>, is: impl Fn(&Value<'_>) -> bool) -> bool {
    let mut found = false;
    list.elements(|one| found |= is(&one));
    found
}

fn is_of(block: &Value<'_>, kind: &str) -> bool {
    block.member("type").and_then(|kind| kind.as_str()).as_deref() == Some(kind)
}

fn is_thought(block: &Value<'_>) -> bool {
    is_of(block, "thinking") || is_of(block, "redacted_thinking")
}

fn is_strange(block: &Value<'_>) -> bool {
    let word = |name| block.member(name).and_then(|value| value.as_str());
    if is_of(block, "thinking") {
        // One without the member is the client's own business.
        return word("signature").is_some_and(|proof| proof.is_empty() || google::own_signature(&proof).is_some());
    }
    is_of(block, "redacted_thinking") && word("data").is_some_and(|data| sealed::split_own(&data).is_some())
}

#[cfg(test)]
mod tests {
    use domain::{call::Dialect, catalog::ProviderKind};

    use crate::wire::speech::{Speech, scan};

    fn asked(slug: &str, body: &str, cap: Option<u64>) -> (String, Vec<String>) {
        let body = bytes::Bytes::copy_from_slice(body.as_bytes());
        let scanned = scan(Dialect::AnthropicMessages, &body).unwrap();
        let speech = Speech::between(Dialect::AnthropicMessages, ProviderKind::Anthropic, slug);
        let asked = speech.ask(&scanned, &body, slug, &Default::default(), cap).unwrap();
        let dropped = asked.dropped.into_iter().map(|dropped| dropped.0).collect();
        let body = String::from_utf8(asked.body.to_vec()).unwrap();
        serde_json::from_str::<serde_json::Value>(body.trim_start_matches('\u{feff}')).unwrap();
        (body, dropped)
    }

    const OPUS: &str = "claude-opus-4-6";
    const EMPTY: &str = r#"{"type":"thinking","thinking":"Hm.","signature":""}"#;
    const GEMINI: &str = r#"{"signature" : "gemini:abc","type":"thinking","thinking":"Hm."}"#;
    const OPENAI: &str = r#"{"type":"redacted_thinking","data":"rs_1.gAAAA"}"#;
    const OWN: &str = r#"{"type":"thinking","thinking":"Hm.","signature":"EqQB"}"#;

    #[test]
    fn only_what_the_hub_wrote_for_others_goes() {
        let text = r#"{"type":"text","text":"thinking\" signature\":\"\""}"#;
        let body = |turns: &str| {
            format!(
                "\u{feff}{{ \"messages\": [ {{\"role\":\"user\",\"content\":\"1\"}}{turns} ],\"model\":\"{OPUS}\", \"x\":1.50}}"
            )
        };
        let said = |blocks: &str| {
            format!(r#" , {{"content":[{blocks}],"role":"assistant"}}, {{"role":"user","content":[{text}]}}"#)
        };
        for (blocks, left) in [
            (format!("{EMPTY}, {text}"), text.to_owned()),
            (format!("{text} , {GEMINI} ,{OWN}"), format!("{text} ,{OWN}")),
            (format!("{OPENAI},{EMPTY},{OWN},{text}"), format!("{OWN},{text}")),
        ] {
            let (sent, dropped) = asked(OPUS, &body(&said(&blocks)), None);
            assert_eq!(sent, body(&said(&left)).trim_start_matches('\u{feff}'));
            assert_eq!(dropped, ["messages[].reasoning"]);
        }
        // A turn that had nothing else goes as well: none may be empty.
        let (sent, _) = asked(OPUS, &body(&said(&format!("{EMPTY},{GEMINI}"))), None);
        let user = format!(r#", {{"role":"user","content":[{text}]}}"#);
        assert_eq!(sent, body(&user).trim_start_matches('\u{feff}'));
        for blocks in [
            text.to_owned(),
            format!("{OWN},{text}"),
            r#"{"type":"thinking","thinking":"x"}"#.to_owned(),
        ] {
            let same = body(&said(&blocks));
            let (sent, dropped) = asked(OPUS, &same, None);
            assert_eq!((sent.as_str(), dropped.len()), (same.trim_start_matches('\u{feff}'), 0));
        }
        // By way of another hub Gemini gets its own back.
        let through = body(&said(GEMINI)).replace(OPUS, "google/gemini-3-pro");
        assert_eq!(
            asked("google/gemini-3-pro", &through, None).0,
            through.trim_start_matches('\u{feff}')
        );
    }

    #[test]
    fn who_thinks_with_a_budget_cannot_go_on_from_a_call_without_its_thought() {
        let body = |slug: &str, thought: &str, wish: &str| {
            format!(
                r#"{{"model":"{slug}","max_tokens":9000{wish},"messages":[{{"role":"user","content":"1"}},{{"role":"assistant","content":[{thought}{{"type":"tool_use","id":"c","name":"f","input":{{}}}}]}},{{"role":"user","content":[{{"type":"tool_result","tool_use_id":"c","content":"2"}}]}}]}}"#
            )
        };
        let wish = r#","thinking":{"type":"enabled","budget_tokens":8000}"#;
        let old = "claude-haiku-4-5";
        for cap in [None, Some(5_000)] {
            let limited = |body: String| match cap {
                Some(cap) => body.replace("9000", &cap.to_string()),
                None => body,
            };
            let (sent, dropped) = asked(old, &body(old, &format!("{EMPTY},"), wish), cap);
            assert_eq!(sent, limited(body(old, "", "")));
            assert_eq!(dropped, ["messages[].reasoning", "reasoning"]);
        }
        // Others may, and so may who still has the thought.
        assert_eq!(
            asked(OPUS, &body(OPUS, &format!("{EMPTY},"), wish), None).0,
            body(OPUS, "", wish)
        );
        let proven = body(old, &format!("{EMPTY},{OWN},"), wish);
        assert_eq!(asked(old, &proven, None).0, body(old, &format!("{OWN},"), wish));
    }
}

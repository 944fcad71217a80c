//! Takes out of a provider's words what they quote of the request. Prompts are never stored and never logged, not even in
//! the disguise of an error message such as `invalid input: "…"`. The caller, whose words they are, gets them whole.

use std::{collections::HashSet, ops::Range};

use serde_json::Value;

/// What both texts share is a quotation from this many bytes on: twelve letters, or four Chinese characters.
const RUN: usize = 12;
/// Larger requests are not searched, and nothing is kept of the provider's words then.
const LIMIT: usize = 256 << 10;
/// Stands where a quotation was.
const GAP: &str = "…";

/// `words` without what stands in the request too, but for the model's name.
pub(super) fn hide(words: &str, request: &[u8]) -> String {
    if words.is_empty() || request.len() > LIMIT {
        return String::new();
    }
    let words = plain(words);
    let mut quoted = vec![false; words.len()];
    {
        let known: HashSet<&str> = runs(&words).map(|run| &words[run]).collect();
        let mut met = HashSet::new();
        let mut search = |text: &str| {
            let text = plain(text);
            met.extend(runs(&text).filter_map(|run| known.get(&text[run]).copied()));
        };
        match serde_json::from_slice(request) {
            Ok(Value::Object(members)) => members
                .iter()
                .filter(|(name, _)| *name != "model")
                .for_each(|(_, value)| each_text(value, &mut search)),
            // The provider got what the hub does not understand: then all of it counts.
            _ => search(&String::from_utf8_lossy(request)),
        }
        for run in runs(&words).filter(|run| met.contains(&words[run.clone()])) {
            quoted[run].fill(true);
        }
    }
    let mut kept = String::with_capacity(words.len());
    let mut in_gap = false;
    for (at, letter) in words.char_indices() {
        if !quoted[at] {
            kept.push(letter);
        } else if !in_gap {
            kept.push_str(GAP);
        }
        in_gap = quoted[at];
    }
    kept
}

/// Whether a provider's code is one: a word, not a sentence that might quote something.
pub(super) fn is_code(code: &str) -> bool {
    (1..=64).contains(&code.len())
        && code
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte))
}

/// One line, one space between words: both sides break their lines differently.
fn plain(text: &str) -> String {
    let words: Vec<&str> = text
        .split(|letter: char| letter.is_whitespace() || letter.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

/// The shortest pieces of at least [`RUN`] bytes, one from each letter on.
fn runs(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.char_indices().filter_map(|(start, _)| {
        let end = (start + RUN..=text.len()).find(|end| text.is_char_boundary(*end))?;
        Some(start..end)
    })
}

fn each_text(value: &Value, search: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => search(text),
        Value::Array(values) => values.iter().for_each(|value| each_text(value, search)),
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            search(name);
            each_text(value, search);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn request(prompt: &str) -> Vec<u8> {
        json!({"model": "a-model-with-a-name", "messages": [{"role": "user", "content": prompt}]})
            .to_string()
            .into_bytes()
    }

    #[test]
    fn quotations_go_and_the_rest_stays() {
        let request = request("my private prompt\nabout 一个秘密的项目");
        let hidden = |words: &str| hide(words, &request);
        assert_eq!(
            hidden("cannot handle input: my private prompt about 一个秘密的项目!"),
            "cannot handle input: …!"
        );
        assert_eq!(hidden("cut: private prompt abo"), "cut:…");
        assert_eq!(hidden("说的是秘密的项目吗"), "说的是…吗");
        let honest = "The model a-model-with-a-name is overloaded, my friend.";
        assert_eq!(hidden(honest), honest);
        assert_eq!(hidden(""), "");
    }

    #[test]
    fn escapes_of_a_client_do_not_hide_a_quotation() {
        let request = br#"{"messages":[{"content":"\u4e00\u4e2a\u79d8\u5bc6\u7684 line\none"}]}"#;
        assert_eq!(hide("bad: 一个秘密的 line one", request), "bad: …");
    }

    #[test]
    fn a_request_too_large_to_search_leaves_no_words() {
        assert_eq!(hide("something failed", &request(&"x".repeat(LIMIT))), "");
    }

    #[test]
    fn sentences_are_no_codes() {
        assert!(is_code("context_length_exceeded") && is_code("429"));
        assert!(!is_code("") && !is_code("you said: hello") && !is_code(&"x".repeat(65)));
    }

    proptest! {
        /// No piece of the prompt long enough to mean something survives, wherever it is quoted.
        #[test]
        fn no_run_survives(prompt in "[a-zé中]{12,60}", before in "[0-9 ]{0,30}", after in "[0-9 ]{0,30}", cut in 0_usize..40) {
            let quoted: String = prompt.chars().skip(cut.min(20)).collect();
            let words = format!("{before}{quoted}{after}");
            let kept = hide(&words, &request(&prompt));
            for run in runs(&prompt) {
                prop_assert!(!kept.contains(&prompt[run]), "{kept}");
            }
        }

        #[test]
        fn nothing_makes_it_panic(words in ".{0,80}", request in proptest::collection::vec(any::<u8>(), 0..80)) {
            hide(&words, &request);
        }
    }
}

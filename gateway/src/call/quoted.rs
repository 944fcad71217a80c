//! Takes out of a provider's words what they quote of the request. Prompts are never stored and never logged, not even in
//! the disguise of an error message such as `invalid input: "…"`. The caller, whose words they are, gets them whole.

use std::{borrow::Cow, collections::HashSet, ops::Range};

use serde_json::Value;

/// What both texts share is a quotation from this many bytes on: twelve letters, or four Chinese characters.
const RUN: usize = 12;
/// Shorter words of people are found where they stand alone, from this many bytes on: a number, a name.
const SHORT: usize = 3;
/// What people say stands in members of these names, in every dialect. Other short texts are the words of the dialect itself.
const SAID: [&str; 10] = [
    "content",
    "text",
    "input",
    "prompt",
    "system",
    "instructions",
    "arguments",
    "output",
    "query",
    "parts",
];
/// So often one request is told within another: as JSON in a text of JSON.
const NESTED: usize = 4;
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
        let mut search = |text: &str, said: bool| {
            let text = plain(text);
            met.extend(runs(&text).filter_map(|run| known.get(&text[run]).copied()));
            if said && (SHORT..RUN).contains(&text.len()) {
                alone(&words, &text).for_each(|whole| quoted[whole].fill(true));
            }
        };
        match serde_json::from_slice(request) {
            Ok(Value::Object(members)) => members
                .iter()
                .filter(|(name, _)| *name != "model")
                .for_each(|(name, value)| each_text(value, is_said(name), &mut search)),
            // The provider got what the hub does not understand: then all of it counts.
            _ => search(&String::from_utf8_lossy(request), false),
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

/// One line, one space between words, no escapes of JSON: both sides break their lines and write their letters differently.
fn plain(text: &str) -> String {
    let mut text = Cow::Borrowed(text);
    for _ in 0..NESTED {
        match unescaped(&text) {
            Some(shorter) => text = Cow::Owned(shorter),
            None => break,
        }
    }
    let words: Vec<&str> = text
        .split(|letter: char| letter.is_whitespace() || letter.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

/// Without one layer of JSON's escapes, if there is any. What is none stays.
fn unescaped(text: &str) -> Option<String> {
    text.contains('\\').then_some(())?;
    let (mut plain, mut rest) = (String::with_capacity(text.len()), text);
    let mut found = false;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        let (letter, length) = escape(&rest[at..]).unwrap_or(('\\', 1));
        found |= length > 1;
        plain.push(letter);
        rest = &rest[at + length..];
    }
    plain.push_str(rest);
    found.then_some(plain)
}

/// The letter that the escape at the beginning of a text stands for, and how long the escape is.
fn escape(text: &str) -> Option<(char, usize)> {
    let letter = match text.as_bytes().get(1)? {
        b'n' | b'r' | b't' | b'f' | b'b' => ' ',
        quoted @ (b'"' | b'\\' | b'/') => char::from(*quoted),
        b'u' => return unicode(text),
        _ => return None,
    };
    Some((letter, 2))
}

/// The same for `\uXXXX`, or two of them for one letter.
fn unicode(text: &str) -> Option<(char, usize)> {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let first = unit(0)?;
    let units = [first, unit(6).unwrap_or_default()];
    match char::decode_utf16(units).next()? {
        Ok(letter) => Some((letter, 6 * letter.len_utf16())),
        Err(_) => Some((char::REPLACEMENT_CHARACTER, 6)),
    }
}

/// Where a text stands in words as a word of its own.
fn alone(words: &str, text: &str) -> impl Iterator<Item = Range<usize>> {
    words.match_indices(text).filter_map(|(at, _)| {
        let whole = at..at + text.len();
        let before = words[..whole.start].chars().next_back();
        let after = words[whole.end..].chars().next();
        let joins = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
        (!joins(before) && !joins(after)).then_some(whole)
    })
}

fn is_said(name: &str) -> bool {
    SAID.contains(&name)
}

/// The shortest pieces of at least [`RUN`] bytes, one from each letter on.
fn runs(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.char_indices().filter_map(|(start, _)| {
        let end = (start + RUN..=text.len()).find(|end| text.is_char_boundary(*end))?;
        Some(start..end)
    })
}

/// Each text in a value, and whether it stands where people's own words do.
fn each_text(value: &Value, said: bool, search: &mut impl FnMut(&str, bool)) {
    match value {
        Value::String(text) => search(text, said),
        Value::Array(values) => values.iter().for_each(|value| each_text(value, said, search)),
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            search(name, false);
            each_text(value, is_said(name), search);
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
    fn escapes_of_a_provider_do_not_hide_a_quotation() {
        let prompt = "My name:\nBob Fox\nacct\n99887766\npin\n1234, \"says\" 我的密码是 naïve café 🙂 secret";
        let request = request(prompt);
        let messages = json!([{"role": "user", "content": prompt}]).to_string();
        let ascii = |text: &str| -> String {
            text.encode_utf16()
                .map(|unit| match u8::try_from(unit) {
                    Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
                    _ => format!("\\u{unit:04x}"),
                })
                .collect()
        };
        let told_again = |text: &str| json!({ "was": text }).to_string();
        for words in [
            messages.clone(),
            ascii(&messages),
            told_again(&messages),
            told_again(&ascii(&messages)),
            told_again(&told_again(&messages)),
        ] {
            let kept = hide(&format!("boom: {words}"), &request);
            assert!(kept.starts_with("boom: "), "{kept}");
            for secret in ["Bob", "9988", "1234", "says", "密码", "caf", "🙂", "secret"] {
                assert!(!kept.contains(secret), "{secret} in {kept} of {words}");
            }
        }
    }

    #[test]
    fn short_words_of_people_go_where_they_stand_alone() {
        let request = request("PIN 4711");
        assert_eq!(hide("you said 'PIN 4711', no", &request), "you said '…', no");
        assert_eq!(hide("of user: PIN 47110", &request), "of user: PIN 47110");
        let parts = json!({"contents": [{"role": "user", "parts": [{"text": "Ada"}]}]}).to_string();
        assert_eq!(hide("user Ada, not Adam", parts.as_bytes()), "user …, not Adam");
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

//! Knows one secret again in what its provider says: plain, in capital letters, as base64, escaped as JSON does it; whole, or by its
//! beginning or its end. For what is kept or passed on beside errors, which are masked more widely (`mask`): ids of requests
//! resemble keys, and stay.

use std::{borrow::Cow, fmt};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use serde_json::Value;

use super::mask::{PIECE, pieces};

/// Stands in place of what gives the secret away.
const MASK: &str = "***";

/// What a secret is known by.
pub struct Marks(Option<AhoCorasick>);

impl Marks {
    /// Of this secret. One that is very short stands in other words by chance, and is not looked for.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        let plain = pieces(secret).map(str::to_owned);
        let forms = plain.chain((0..3).flat_map(|before| in_base64(secret, before)));
        let forms: Vec<String> = forms.filter(|form| form.len() >= PIECE).collect();
        let searcher = || {
            AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .kind(Some(AhoCorasickKind::ContiguousNFA))
                .build(&forms)
                .ok()
        };
        Self((secret.len() >= PIECE).then(searcher).flatten())
    }

    /// Whether a text gives the secret away.
    #[must_use]
    pub fn are_in(&self, text: &[u8]) -> bool {
        let Some(searcher) = self.0.as_ref().filter(|_| text.len() >= PIECE) else {
            return false;
        };
        searcher.is_match(text) || memchr::memchr(b'\\', text).is_some() && searcher.is_match(&unescaped(text))
    }

    /// A word as it came, unless it gives the secret away.
    #[must_use]
    pub fn mask<'a>(&self, word: &'a str) -> Cow<'a, str> {
        Cow::Borrowed(if self.are_in(word.as_bytes()) { MASK } else { word })
    }

    /// JSON as it came; or with its texts and names masked that give the secret away.
    #[must_use]
    pub fn mask_json(&self, json: String) -> String {
        if !self.are_in(json.as_bytes()) {
            return json;
        }
        let masked = serde_json::from_str(&json)
            .ok()
            .map(|value| self.mask_within(value).to_string());
        let masked = masked.filter(|masked| !self.are_in(masked.as_bytes()));
        masked.unwrap_or_else(|| Value::from(MASK).to_string())
    }

    fn mask_within(&self, value: Value) -> Value {
        match value {
            Value::String(text) => self.mask(&text).into(),
            Value::Array(values) => values.into_iter().map(|value| self.mask_within(value)).collect(),
            Value::Object(members) => {
                let masked = |(name, value): (String, Value)| (self.mask(&name).into_owned(), self.mask_within(value));
                members.into_iter().map(masked).collect()
            }
            other => other,
        }
    }
}

impl fmt::Debug for Marks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Marks(…)")
    }
}

/// The letters that base64 has for a secret with so many bytes before it in a group of three, whatever these are and whatever
/// follows; in both alphabets.
fn in_base64(secret: &str, before: usize) -> [String; 2] {
    let bytes = [&[0; 2][..before.min(2)], secret.as_bytes()].concat();
    let first = (before * 4).div_ceil(3);
    let last = bytes.len() / 3 * 4 + [0, 1, 2][bytes.len() % 3];
    [STANDARD_NO_PAD, URL_SAFE_NO_PAD]
        .map(|alphabet| alphabet.encode(&bytes).get(first..last).unwrap_or_default().to_owned())
}

/// A text without the escapes of JSON.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'\\' {
            plain.push(*first);
        } else if let Some((letter, after)) = of_number(after) {
            plain.push(letter);
            rest = after;
        }
    }
    plain
}

/// The letter of `u0041`, and what follows.
fn of_number(text: &[u8]) -> Option<(u8, &[u8])> {
    let (digits, rest) = text.strip_prefix(b"u")?.split_at_checked(4)?;
    let letter = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    Some((letter, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &str = "sk-secret-0123456789abcdefgh";

    fn escaped(text: &str) -> String {
        text.bytes().map(|byte| format!("\\u{byte:04x}")).collect()
    }

    #[test]
    fn every_form_is_known_and_nothing_else() {
        let marks = Marks::of(SECRET);
        for said in [
            SECRET.to_owned(),
            SECRET.to_uppercase(),
            escaped(SECRET),
            format!("\\{SECRET}"),
            SECRET[..10].to_owned(),
            format!("…{}", &SECRET[SECRET.len() - 8..]),
            STANDARD_NO_PAD.encode(SECRET),
        ] {
            assert_eq!(marks.mask(&said), MASK, "{said}");
            let said = said.replace('\\', "\\\\");
            let report = format!(r#"{{"prompt_tokens":5,"by":["{said}"],"{said}":1}}"#);
            let masked = marks.mask_json(report);
            assert_eq!(masked, r#"{"prompt_tokens":5,"by":["***"],"***":1}"#, "{said}");
        }
        assert_eq!(
            marks.mask_json(format!(r#"{{"a":"{}"}}"#, escaped(SECRET))),
            r#"{"a":"***"}"#
        );
        assert_eq!(marks.mask_json(SECRET.to_owned()), r#""***""#);
        for said in [
            "stop",
            "req_011CSHoEeqs5C35K2UUqR7Fy",
            "2020-10-01",
            "sk-",
            "a\\u0073k\\",
        ] {
            assert!(matches!(marks.mask(said), Cow::Borrowed(same) if same == said));
        }
        let report = r#"{"prompt_tokens": 5, "id": "chatcmpl-A1b2C3d4E5f6G7h8I9j0K1l2"}"#;
        assert_eq!(marks.mask_json(report.to_owned()), report);
    }

    #[test]
    fn without_a_secret_nothing_is_masked() {
        for secret in ["", "token", "EMPTY"] {
            assert!(!Marks::of(secret).are_in(br#"{"prompt_tokens":"token EMPTY"}"#));
        }
        assert_eq!(format!("{:?}", Marks::of(SECRET)), "Marks(…)");
    }

    proptest! {
        #[test]
        fn base64_is_known_whatever_stands_around(secret in "[!-~]{12,40}", before in ".{0,5}", after in ".{0,5}") {
            let said = format!("{before}{secret}{after}");
            for said in [STANDARD_NO_PAD.encode(&said), URL_SAFE_NO_PAD.encode(&said)] {
                prop_assert!(Marks::of(&secret).are_in(said.as_bytes()), "{}", said);
            }
        }
    }
}

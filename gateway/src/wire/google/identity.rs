//! Ids of calls, and the signatures that travel in them.
//!
//! Gemini often sends no id for a call, and it refuses a conversation whose calls have lost their `thoughtSignature`.
//! Clients of other dialects keep nothing of a call but id, name and arguments. So the id that they see holds the signature
//! too, behind a mark, in letters that every dialect allows; going back, both are taken apart again. Signatures of thoughts
//! get a mark of their own, so that another provider's are never sent to Google, which would refuse them.

/// Stands between an id and its signature. Anthropic's dialect has a mark of its own, which must be another: it takes off what
/// stands behind it.
pub(in crate::wire) const IN_ID: &str = "__gemini__";
/// Stands before a thought's signature.
const OF_THOUGHT: &str = "gemini:";
/// What Google's documentation tells to send for a call that Gemini did not make.
pub(super) const FOREIGN: &str = "skip_thought_signature_validator";

/// The id was made here and means nothing to Google.
fn is_made_up(id: &str) -> bool {
    let Some((index, hash)) = id.strip_prefix("call_").and_then(|rest| rest.split_once('_')) else {
        return false;
    };
    let is_hash = hash.len() == 16 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_hash && !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit())
}

/// The id that a client sees, and the signature if the id cannot hold it.
pub(super) fn with_signature(id: String, signature: Option<String>) -> (String, Option<String>) {
    match signature.as_deref().and_then(to_letters) {
        Some(letters) => (format!("{id}{IN_ID}{letters}"), None),
        None => (id, signature),
    }
}

/// What a client's id stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known<'a> {
    /// The provider's id, where it gave one, or another provider's.
    pub(super) id: Option<&'a str>,
    /// The signature in it.
    pub(super) signature: Option<String>,
}

pub(super) fn take_apart(id: &str) -> Known<'_> {
    let (id, signature) = match id.split_once(IN_ID) {
        Some((id, letters)) => (id, from_letters(letters)),
        None => (id, None),
    };
    Known {
        id: Some(id).filter(|id| !id.is_empty() && !is_made_up(id)),
        signature,
    }
}

/// Base64 in the alphabet for addresses, without padding. A signature that is not base64 cannot travel in an id.
fn to_letters(signature: &str) -> Option<String> {
    let text = signature.trim_end_matches('=');
    let letter = |letter: char| match letter {
        '+' => Some('-'),
        '/' => Some('_'),
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' => Some(letter),
        _ => None,
    };
    Some(text)
        .filter(|text| !text.is_empty())?
        .chars()
        .map(letter)
        .collect()
}

/// The standard alphabet again, with its padding.
fn from_letters(letters: &str) -> Option<String> {
    let letter = |letter: char| match letter {
        '-' => Some('+'),
        '_' => Some('/'),
        'a'..='z' | 'A'..='Z' | '0'..='9' => Some(letter),
        _ => None,
    };
    let mut text: String = Some(letters)
        .filter(|letters| !letters.is_empty())?
        .chars()
        .map(letter)
        .collect::<Option<_>>()?;
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    Some(text)
}

/// A thought's signature as clients see it.
pub(super) fn mark(signature: &str) -> String {
    format!("{OF_THOUGHT}{signature}")
}

/// A thought's signature as Google wrote it; `None` when it is not Google's.
pub(in crate::wire) fn unmark(signature: &str) -> Option<&str> {
    signature.strip_prefix(OF_THOUGHT)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::canonical::ToolStart;

    #[test]
    fn signatures_travel_in_ids_of_plain_letters() {
        let (id, rest) = with_signature(ToolStart::made_up_id("r", 0, "f", "{}"), Some("ab+/cd==".into()));
        assert_eq!(rest, None);
        assert!(
            id.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'),
            "{id}"
        );
        assert_eq!(
            take_apart(&id),
            Known {
                id: None,
                signature: Some("ab+/cd==".into())
            }
        );
        assert_eq!(take_apart("toolu_01").id, Some("toolu_01"));
        assert_eq!(take_apart("call_AbC").id, Some("call_AbC"));
        let odd = Some("not base64!".to_owned());
        assert_eq!(with_signature("x".into(), odd.clone()), ("x".into(), odd));
    }

    proptest! {
        #[test]
        fn every_signature_comes_back(bytes in proptest::collection::vec(any::<u8>(), 1..80), id in "[a-z_]{1,12}") {
            use base64::Engine as _;
            let signature = base64::engine::general_purpose::STANDARD.encode(bytes);
            let (sealed, _) = with_signature(id.clone(), Some(signature.clone()));
            prop_assert_eq!(take_apart(&sealed).signature, Some(signature));
        }

        #[test]
        fn no_id_makes_it_panic(id in ".{0,60}") {
            let _ = take_apart(&id);
        }
    }
}

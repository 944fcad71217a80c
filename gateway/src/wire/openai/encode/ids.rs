//! Ids of calls of tools that come from one provider and go to another, which takes fewer letters. The same id always becomes the
//! same, so that a call and its result find each other and the provider's cache hits.

use domain::catalog::Quirks;
use sha2::{Digest, Sha256};

/// An id of at most `limit` letters: its beginning, and a hash.
pub(in crate::wire) fn short(id: &str, limit: usize) -> String {
    const HASH: usize = 16;
    if id.len() <= limit {
        return id.to_owned();
    }
    let hash: String = Sha256::digest(id.as_bytes())
        .iter()
        .take(HASH / 2)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let kept: String = id
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || *letter == '_' || *letter == '-')
        .take(limit.saturating_sub(HASH + 1))
        .collect();
    format!("{kept}_{hash}")
}

/// OpenAI refuses longer ids of calls; other providers make longer ones.
const CHAT_LIMIT: usize = 40;

/// The id of a call as a provider of chats takes it: the same for the same, in a call and in its result. Its own come back to it
/// as they were.
pub(in crate::wire) fn chat(id: &str, quirks: &Quirks) -> String {
    match quirks.nine_letter_ids {
        true => nine_letters(id),
        false => short(id, CHAT_LIMIT),
    }
}

/// OpenAI takes the name of a speaker: "string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'"
/// (<https://github.com/jekalmin/extended_openai_conversation/issues/251>).
pub(super) fn is_name(name: &str) -> bool {
    let fits = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'-');
    (1..=64).contains(&name.len()) && name.bytes().all(fits)
}

/// An id of nine letters and digits, as Mistral makes them: it answers 400 to others ("must be a-z, A-Z, 0-9, with a length of
/// 9"). Those of its own stay.
fn nine_letters(id: &str) -> String {
    const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    if id.len() == 9 && id.bytes().all(|letter| letter.is_ascii_alphanumeric()) {
        return id.to_owned();
    }
    let hash = Sha256::digest(id.as_bytes());
    let letters = hash.iter().take(9);
    letters
        .map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn nine_letters_are_the_same_for_the_same_and_its_own_stay() {
        assert_eq!(nine_letters("D681PevKs"), "D681PevKs");
        let ids = [
            "toolu_01A",
            "toolu_01B",
            "call_1",
            "",
            "12345678",
            "D681Pev-s",
            "非ascii字母",
        ];
        let made: HashSet<String> = ids.iter().map(|id| nine_letters(id)).collect();
        assert_eq!(made.len(), ids.len(), "{made:?}");
        for (id, made) in ids.iter().map(|id| (id, nine_letters(id))) {
            assert!(
                made.len() == 9 && made.bytes().all(|letter| letter.is_ascii_alphanumeric()),
                "{made}"
            );
            assert_eq!(nine_letters(id), made);
            assert_eq!(nine_letters(&made), made, "once is enough");
        }
    }
}

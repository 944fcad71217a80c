//! Makes a foreign text fit to be stored and shown: whatever resembles a credential is replaced, and for the log the rest is
//! cut to length.

/// Longest text that is kept, in characters.
const LIMIT: usize = 500;
/// A run of key-like characters this long is taken for a credential.
const SUSPICIOUS_RUN: usize = 24;
/// Prefixes by which services mark their keys; after one of these a shorter run is enough.
const KEY_PREFIXES: [&str; 9] = ["sk-", "sk_", "pk-", "rk-", "gsk_", "xai-", "AIza", "key-", "Bearer "];

/// Pieces of a secret this long, at its beginning and its end, are enough to recognise it.
pub(super) const PIECE: usize = 8;
/// Stands for what was found while the rest is looked at: no text of a provider holds it.
const FOUND: char = '\u{e000}';

/// `text` without the given secrets, without whatever looks like one, on one line and at most 500 characters long.
#[must_use]
pub fn mask(text: &str, secrets: &[&str]) -> String {
    let clean = mask_all(text, secrets).replace(char::is_control, " ");
    let mut short: String = clean.trim().chars().take(LIMIT).collect();
    if short.len() < clean.trim().len() {
        short.push('…');
    }
    short
}

/// `text` in its full length, without the given secrets, pieces of them, and whatever looks like one.
#[must_use]
pub fn mask_all(text: &str, secrets: &[&str]) -> String {
    let mut clean = text.to_owned();
    for secret in secrets {
        for piece in pieces(secret) {
            if clean.contains(piece) {
                clean = clean.replace(piece, &FOUND.to_string());
            }
        }
    }
    let mut result = String::with_capacity(clean.len());
    let mut run = String::new();
    for letter in clean.chars().chain(std::iter::once(' ')) {
        if letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '+' | '=' | '*' | FOUND) {
            run.push(letter);
            continue;
        }
        let prefixed = KEY_PREFIXES
            .iter()
            .any(|prefix| run.starts_with(prefix.trim_end()) && run.len() >= prefix.len() + 4);
        // What hangs on a piece that was found is the rest of it.
        let found = run.contains(FOUND)
            || looks_like_key(&run)
            || prefixed && run.chars().any(|letter| letter.is_ascii_digit() || letter == '*');
        result.push_str(if found { "***" } else { &run });
        run.clear();
        result.push(letter);
    }
    result.pop();
    result
}

/// Whether a short text that should hold names and numbers holds a word that resembles a key.
#[must_use]
pub fn resembles_key(text: &str) -> bool {
    let separates = |letter: char| !letter.is_ascii_alphanumeric();
    let begins = |word: &str| {
        let is_prefix = |prefix: &&str| word.starts_with(prefix.trim_end()) && word.len() >= prefix.len() + 4;
        KEY_PREFIXES.iter().any(is_prefix)
    };
    text.starts_with("Bearer ")
        || text.split([' ', ',', '/', ':', '.']).any(begins)
        || text.split(separates).any(looks_like_key)
}

/// Whether a text holds a secret, or enough of its beginning or end to recognise it.
#[must_use]
pub fn gives_away(text: &[u8], secret: &str) -> bool {
    pieces(secret).any(|piece| memchr::memmem::find(text, piece.as_bytes()).is_some())
}

/// A secret and its recognisable pieces, longest first. Credentials are ASCII; of another text only the whole counts.
pub(super) fn pieces(secret: &str) -> impl Iterator<Item = &str> {
    let ends =
        (secret.len() >= 2 * PIECE && secret.is_ascii()).then(|| [&secret[..PIECE], &secret[secret.len() - PIECE..]]);
    std::iter::once(secret)
        .filter(|secret| !secret.is_empty())
        .chain(ends.into_iter().flatten())
}

/// Long and mixed: words are long too, but they hold no digits between letters.
fn looks_like_key(run: &str) -> bool {
    run.len() >= SUSPICIOUS_RUN
        && run.bytes().any(|byte| byte.is_ascii_digit())
        && run.bytes().any(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{gives_away, mask, mask_all};

    #[test]
    fn credentials_go_and_sentences_stay() {
        let text =
            "Incorrect API key provided: sk-abc123def. You can find your key at https://platform.example.com/account.";
        assert_eq!(
            mask(text, &[]),
            "Incorrect API key provided: ***. You can find your key at https://platform.example.com/account."
        );
        assert_eq!(mask("token A1b2C3d4E5f6G7h8I9j0K1l2 is bad", &[]), "token *** is bad");
        assert_eq!(mask("your key hunter2 is bad", &["hunter2"]), "your key *** is bad");
        assert_eq!(mask("a\r\nb", &[]), "a  b");
        assert_eq!(mask_all("a\r\nb ", &[]), "a\r\nb ");
        assert_eq!(mask(&"word ".repeat(200), &[]).chars().count(), 501);
    }

    proptest! {
        #[test]
        fn a_known_secret_never_survives(secret in "[a-zA-Z0-9]{8,40}", before in ".{0,40}", after in ".{0,40}") {
            let text = format!("{before}{secret}{after}");
            prop_assert!(!mask(&text, &[&secret]).contains(&secret));
        }

        #[test]
        fn no_recognisable_piece_survives(secret in "[a-zA-Z0-9_-]{16,40}", cut in 8_usize..16, before in "[^*]{0,40}", after in "[^*]{0,40}") {
            for piece in [&secret[..cut], &secret[secret.len() - cut..]] {
                let text = format!("{before}{piece}{after}");
                let masked = mask_all(&text, &[&secret]);
                prop_assert!(!gives_away(masked.as_bytes(), &secret), "{text:?} became {masked:?}");
            }
        }
    }
}

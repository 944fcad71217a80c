//! Makes a foreign text fit to be stored and shown: whatever resembles a credential is replaced, the rest is cut to length.

/// Longest text that is kept, in characters.
const LIMIT: usize = 500;
/// A run of key-like characters this long is taken for a credential.
const SUSPICIOUS_RUN: usize = 24;
/// Prefixes by which services mark their keys; after one of these a shorter run is enough.
const KEY_PREFIXES: [&str; 9] = ["sk-", "sk_", "pk-", "rk-", "gsk_", "xai-", "AIza", "key-", "Bearer "];

/// `text` without the given secrets, without whatever looks like one, on one line and at most 500 characters long.
#[must_use]
pub fn mask(text: &str, secrets: &[&str]) -> String {
    let mut clean = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        clean = clean.replace(secret, "***");
    }
    let mut result = String::with_capacity(clean.len().min(LIMIT));
    let mut run = String::new();
    for letter in clean.chars().chain(std::iter::once(' ')) {
        if letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '+' | '=' | '*') {
            run.push(letter);
            continue;
        }
        let prefixed = KEY_PREFIXES
            .iter()
            .any(|prefix| run.starts_with(prefix.trim_end()) && run.len() >= prefix.len() + 4);
        if looks_like_key(&run) || prefixed && run.chars().any(|letter| letter.is_ascii_digit() || letter == '*') {
            result.push_str("***");
        } else {
            result.push_str(&run);
        }
        run.clear();
        result.push(if letter.is_control() { ' ' } else { letter });
    }
    let mut short: String = result.trim().chars().take(LIMIT).collect();
    if short.len() < result.trim().len() {
        short.push('…');
    }
    short
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

    use super::mask;

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
        assert_eq!(mask(&"word ".repeat(200), &[]).chars().count(), 501);
    }

    proptest! {
        #[test]
        fn a_known_secret_never_survives(secret in "[a-zA-Z0-9]{8,40}", before in ".{0,40}", after in ".{0,40}") {
            let text = format!("{before}{secret}{after}");
            prop_assert!(!mask(&text, &[&secret]).contains(&secret));
        }
    }
}

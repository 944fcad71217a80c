//! The name of whoever stands behind a client, which a provider may know somebody by: longer ones, or ones that say who that is, some refuse.
//! Claude Code's is a hundred and fifty letters long.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

/// OpenAI's wires: "OpenAI enforces a 64 character maximum on the user field" (<https://github.com/maximhq/bifrost/pull/1000>); others that
/// speak them take 128 (<https://github.com/ujisati/claude-code-provider-proxy/pull/11>, <https://github.com/looplj/axonhub/issues/1669>).
const LONGEST_OPENAI: usize = 64;
/// Anthropic's: `metadata.user_id` of its API reference.
const LONGEST_ANTHROPIC: usize = 256;

/// As a provider of OpenAI's wires takes it.
pub(super) fn for_openai(user: &str) -> Cow<'_, str> {
    told(user, user.chars().count() <= LONGEST_OPENAI)
}

/// As a provider of Messages takes it: "a uuid, hash value, or other opaque identifier", no name, address or number of a telephone, which it
/// refuses (<https://github.com/BerriAI/litellm/pull/10102>); others behind this wire take letters, digits, `_` and `-`
/// (<https://github.com/chenhg5/cc-connect/issues/864>).
pub(super) fn for_anthropic(user: &str) -> Cow<'_, str> {
    let plain = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'-');
    let opaque = user.bytes().all(plain) && user.bytes().any(|letter| letter.is_ascii_alphabetic());
    told(user, opaque && user.len() <= LONGEST_ANTHROPIC)
}

/// What does not fit is told by its hash, of 64 letters: the same person is the same to the provider, which is all that it is for.
fn told(user: &str, fits: bool) -> Cow<'_, str> {
    if fits {
        return user.into();
    }
    let hash = Sha256::digest(user.as_bytes());
    hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_same(told: impl Fn(&str) -> Cow<'_, str>, user: &str) -> bool {
        let name = told(user);
        assert!(name == user || name.len() == 64 && name == told(user), "{name}");
        name == user
    }

    #[test]
    fn what_a_provider_would_refuse_is_told_by_a_hash_that_stays_the_same() {
        let long = |letters: usize| "u".repeat(letters);
        assert!(is_same(for_openai, "ann@example.com") && is_same(for_openai, &long(64)));
        assert!(!is_same(for_openai, &long(65)));
        for user in ["user_0b1c-2d", &long(65), &long(256)] {
            assert!(is_same(for_anthropic, user), "{user}");
        }
        for user in [
            "ann@example.com",
            "+41 44 668 18 00",
            "41446681800",
            "Ann Lee",
            "",
            &long(257),
        ] {
            assert!(!is_same(for_anthropic, user), "{user}");
        }
        assert_ne!(for_openai(&long(65)), for_openai(&"v".repeat(65)));
    }
}

//! Names of a request that decide something, spelled in another way: `Model`, `MAX_TOKENS`. Where bytes pass they are refused.
//!
//! Readers disagree about such a name. To most it is an unknown one; a server written in Go takes it for the name itself, and of
//! several the last (`encoding/json`, which also reads `ſ` as `s` and the Kelvin sign as `k`:
//! <https://pkg.go.dev/encoding/json#Unmarshal>). So it would name another model, or another limit, than the one that is paid
//! for. Called by the scanners of every dialect.

use std::sync::LazyLock;

use super::{RequestProblem, json::Value, openai::request::unpriced};

/// Every name at the top of a request by which a scanner decides anything, in any dialect. What no price counts stands in
/// [`unpriced`].
const DECIDING: [&str; 45] = [
    "audio",
    "background",
    "best_of",
    "chat_template",
    "chat_template_kwargs",
    "context_management",
    "conversation",
    "documents",
    "functions",
    "generation_config",
    "image",
    "images",
    "input",
    "instructions",
    "mask",
    "max_completion_tokens",
    "max_length",
    "max_new_tokens",
    "max_output_tokens",
    "max_tokens",
    "messages",
    "modalities",
    "model",
    "n",
    "n_predict",
    "num_predict",
    "num_return_sequences",
    "options",
    "output_config",
    "output_format",
    "prediction",
    "previous_response_id",
    "prompt",
    "quality",
    "response_format",
    "size",
    "store",
    "stream",
    "stream_options",
    "suffix",
    "system",
    "text",
    "thinking",
    "tool_choice",
    "tools",
];

/// Longer than any deciding name is, in bytes.
const ROOM: usize = 64;

/// All deciding names in their order. A request may have as many members as fit into its body, so each is looked up and compared
/// with none.
static KNOWN: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut names: Vec<_> = DECIDING.into_iter().chain(unpriced::names()).collect();
    names.sort_unstable();
    names
});

/// Their lengths, a bit each.
static LENGTHS: LazyLock<u64> = LazyLock::new(|| KNOWN.iter().fold(0, |lengths, name| lengths | 1 << name.len()));

/// A name as a reader without regard to case takes it, in small letters.
struct Folded {
    letters: [u8; ROOM],
    length: usize,
}

impl Folded {
    /// None where the name is written in small letters already, is too long, or has a letter that no reader takes for one of ASCII.
    fn of(name: &str) -> Option<Self> {
        let plain = name.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
        // No letter takes more than three bytes for one.
        if plain || name.len() > 3 * ROOM {
            return None;
        }
        let mut folded = Self {
            letters: [0; ROOM],
            length: 0,
        };
        for letter in name.chars() {
            let letter = match letter {
                'ſ' => b's',
                '\u{212A}' => b'k',
                letter => u8::try_from(letter).ok().filter(u8::is_ascii)?.to_ascii_lowercase(),
            };
            *folded.letters.get_mut(folded.length)? = letter;
            folded.length += 1;
        }
        Some(folded)
    }

    fn as_bytes(&self) -> &[u8] {
        self.letters.get(..self.length).unwrap_or_default()
    }
}

/// The deciding name that a member at the top of a request is taken for by some readers, and is not.
pub(super) fn mistaken(name: &str) -> Option<&'static str> {
    let folded = Folded::of(name)?;
    let fits = 1_u64.checked_shl(u32::try_from(folded.length).ok()?)? & *LENGTHS != 0;
    let found = fits.then(|| KNOWN.binary_search_by(|known| known.as_bytes().cmp(folded.as_bytes())));
    KNOWN.get(found?.ok()?).copied()
}

/// The same within an object whose one member decides something.
pub(super) fn mistaken_within(object: &Value<'_>, deciding: &'static str) -> bool {
    let mut found = false;
    object.members(|member| {
        found |= Folded::of(&member.name).is_some_and(|folded| folded.as_bytes() == deciding.as_bytes());
    });
    found
}

/// The refusal: a name and its other spelling are the same name twice.
pub(super) fn refusal(name: &'static str) -> RequestProblem {
    RequestProblem {
        message: format!(
            "A field of the request is '{name}' but for capital letters, and providers disagree about what it means. Write '{name}', in small letters and once."
        ),
        param: Some(name.into()),
        code: "duplicate_field",
    }
}

#[cfg(test)]
mod tests {
    use domain::call::Dialect;
    use proptest::prelude::*;

    use super::*;
    use crate::wire::speech::scan;

    const PASSING: [Dialect; 6] = [
        Dialect::OpenaiChat,
        Dialect::OpenaiCompletions,
        Dialect::OpenaiEmbeddings,
        Dialect::OpenaiImages,
        Dialect::OpenaiResponses,
        Dialect::AnthropicMessages,
    ];

    fn names() -> impl Iterator<Item = &'static str> {
        DECIDING.into_iter().chain(unpriced::names())
    }

    /// By comparing with each.
    fn mistaken_by_comparison(name: &str) -> Option<&'static str> {
        let folded = |letter: char| match letter {
            'ſ' => 's',
            '\u{212A}' => 'k',
            letter => letter.to_ascii_lowercase(),
        };
        let plain = name.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
        let mut found = names().filter(|known| !plain && name.chars().map(folded).eq(known.chars()));
        found.next()
    }

    fn refused(dialect: Dialect, name: &str) -> Option<String> {
        // After the true one and without it, and as nothing else than a name.
        let problem = |body: String| {
            let problem = scan(dialect, body.as_bytes()).err()?;
            (problem.code == "duplicate_field").then(|| problem.param.unwrap().into_owned())
        };
        let name = serde_json::Value::from(name);
        let after = problem(format!(r#"{{"model":"m",{name}:null}}"#));
        let before = problem(format!(r#"{{{name}:1,"model":"m"}}"#));
        assert_eq!(after, before, "{dialect:?} {name}");
        after
    }

    #[test]
    fn no_dialect_lets_another_spelling_pass() {
        for name in names() {
            assert_eq!(mistaken(name), None);
            for dialect in PASSING {
                let capital = format!("{}{}", name[..1].to_ascii_uppercase(), &name[1..]);
                assert_eq!(refused(dialect, &capital).as_deref(), Some(name), "{dialect:?}");
                assert_eq!(refused(dialect, &name.to_ascii_uppercase()).as_deref(), Some(name));
            }
        }
        for (name, meant) in [
            ("max_to\u{212A}ens", "max_tokens"),
            ("ſtream", "stream"),
            ("ſTREAM_OPTIONſ", "stream_options"),
        ] {
            assert_eq!(refused(Dialect::OpenaiChat, name).as_deref(), Some(meant));
        }
    }

    #[test]
    fn every_known_name_has_room() {
        assert!(
            names()
                .all(|name| name.len() < ROOM
                    && name.bytes().all(|letter| letter.is_ascii_lowercase() || letter == b'_'))
        );
    }

    #[test]
    fn other_names_are_other_names() {
        for name in [
            "Models_",
            "modell",
            "maxTokens",
            "X-Model",
            "mödel",
            "Metadata",
            "safetyIdentifier",
        ] {
            for dialect in PASSING {
                assert_eq!(refused(dialect, name), None, "{dialect:?} {name}");
            }
        }
    }

    #[test]
    fn usage_is_not_switched_off_by_another_spelling() {
        let body = br#"{"model":"m","stream":true,"stream_options":{"include_usage":true,"Include_Usage":false}}"#;
        let problem = scan(Dialect::OpenaiChat, body).unwrap_err();
        assert_eq!(
            (problem.code, problem.param.as_deref()),
            ("duplicate_field", Some("stream_options.include_usage"))
        );
        let body = br#"{"model":"m","max_tokens":5000,"thinking":{"budget_tokens":1024,"Budget_Tokens":9}}"#;
        let problem = scan(Dialect::AnthropicMessages, body).unwrap_err();
        assert_eq!(problem.param.as_deref(), Some("thinking.budget_tokens"));
    }

    proptest! {
        #[test]
        fn a_name_is_found_as_by_comparing_it_with_each(which in 0..72_usize, turns in prop::collection::vec(0..4_u8, 40), end in "[a-zA-Z_ſ\u{212A}é]{0,2}", any in "[A-Za-z_ſ\u{212A}é]{0,80}") {
            let name = names().nth(which).unwrap();
            let turned = name.chars().zip(turns).map(|(letter, turn)| match (turn, letter) {
                (1, letter) => letter.to_ascii_uppercase(),
                (2, 's') => 'ſ',
                (2, 'k') => '\u{212A}',
                (3, '_') => ' ',
                _ => letter,
            });
            let turned: String = turned.collect::<String>() + &end;
            for name in [turned, any] {
                prop_assert_eq!(mistaken(&name), mistaken_by_comparison(&name), "{}", name);
            }
        }

        /// As Go reads names: whatever it takes for a deciding one is either that very name, or refused.
        #[test]
        fn whatever_a_reader_without_regard_to_case_takes_for_a_name_is_refused(which in 0..DECIDING.len(), turns in prop::collection::vec(0..3_u8, 40)) {
            let name = DECIDING[which];
            let turned: String = name.chars().zip(turns).map(|(letter, turn)| match (turn, letter) {
                (1, letter) => letter.to_ascii_uppercase(),
                (2, 's') => 'ſ',
                (2, 'k') => '\u{212A}',
                _ => letter,
            }).collect();
            let wanted = (turned != name).then_some(name);
            prop_assert_eq!(mistaken(&turned), wanted);
        }
    }
}

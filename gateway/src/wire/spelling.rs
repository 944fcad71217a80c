//! Names of a request that decide something, spelled in another way: `Model`, `MAX_TOKENS`. Where bytes pass they are refused.
//!
//! Readers disagree about such a name. To most it is an unknown one; a server written in Go takes it for the name itself, and of
//! several the last (`encoding/json`, which also reads `ſ` as `s` and the Kelvin sign as `k`:
//! <https://pkg.go.dev/encoding/json#Unmarshal>). So it would name another model, or another limit, than the one that is paid
//! for. Called by the scanners of every dialect.

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

/// The letter that a reader without regard to case takes this one for.
fn folded(letter: char) -> char {
    match letter {
        'ſ' => 's',
        '\u{212A}' => 'k',
        letter => letter.to_ascii_lowercase(),
    }
}

fn is_like(name: &str, known: &str) -> bool {
    name.chars().map(folded).eq(known.chars())
}

/// The name among `known` that this one is taken for, though it is written in another way. All known ones are in small letters.
fn meant(name: &str, mut known: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let plain = name.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    (!plain).then(|| known.find(|known| is_like(name, known))).flatten()
}

/// The deciding name that a member at the top of a request is taken for by some readers, and is not.
pub(super) fn mistaken(name: &str) -> Option<&'static str> {
    meant(name, DECIDING.into_iter().chain(unpriced::names()))
}

/// The same within an object whose one member decides something.
pub(super) fn mistaken_within(object: &Value<'_>, deciding: &'static str) -> bool {
    let mut found = false;
    object.members(|member| found |= meant(&member.name, std::iter::once(deciding)).is_some());
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
        for name in DECIDING.into_iter().chain(unpriced::names()) {
            assert_eq!(meant(name, std::iter::once(name)), None);
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

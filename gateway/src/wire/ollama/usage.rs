//! Makes one record out of the counters of Ollama's last line.
//!
//! `prompt_eval_count` is what was evaluated of the prompt, `eval_count` all of the answer, thoughts among it. A counter that
//! is 0 is left out, and the prompt's is 0 where all of it was still in the model's memory: then nothing was evaluated, and
//! nothing is counted.

use domain::usage::Usage;
use serde_json::Value;

use crate::wire::canonical::Report;

/// More tokens than any call can have; larger numbers are mistakes.
const SENSIBLE: u64 = 100_000_000;

/// The report makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Nonsense {
    /// Not an object.
    #[error("the usage is not an object")]
    Shape,
    /// A count that is not a whole number from 0 to 100 million.
    #[error("{0} is not a sensible number of tokens")]
    Number(&'static str),
    /// Nothing is counted.
    #[error("neither prompt_eval_count nor eval_count is there")]
    Missing,
}

/// The report, normalised.
pub(super) fn report(raw: &[u8]) -> Report {
    Report {
        raw: raw.to_vec(),
        usage: normalise(raw).map_err(|nonsense| nonsense.to_string()),
    }
}

/// Reads the counters into buckets.
///
/// # Errors
/// [`Nonsense`].
pub fn normalise(raw: &[u8]) -> Result<Usage, Nonsense> {
    let counters: Value = serde_json::from_slice(raw).map_err(|_| Nonsense::Shape)?;
    if !counters.is_object() {
        return Err(Nonsense::Shape);
    }
    let count = |name: &'static str| match &counters[name] {
        Value::Null => Ok(None),
        count => {
            let count = count.as_u64().filter(|count| *count <= SENSIBLE);
            count.map(Some).ok_or(Nonsense::Number(name))
        }
    };
    match (count("prompt_eval_count")?, count("eval_count")?) {
        (None, None) => Err(Nonsense::Missing),
        (prompt, answer) => Ok(Usage {
            input_uncached: prompt.unwrap_or_default(),
            output_text: answer.unwrap_or_default(),
            ..Usage::default()
        }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn counters_are_read_or_refused() {
        let usage = |input_uncached, output_text| {
            Ok(Usage {
                input_uncached,
                output_text,
                ..Usage::default()
            })
        };
        for (raw, wanted) in [
            (
                r#"{"prompt_eval_count":26,"eval_count":298,"total_duration":51}"#,
                usage(26, 298),
            ),
            (r#"{"eval_count":3}"#, usage(0, 3)),
            (r#"{"prompt_eval_count":14,"eval_count":null}"#, usage(14, 0)),
            ("{}", Err(Nonsense::Missing)),
            ("[]", Err(Nonsense::Shape)),
            (r#"{"eval_count":-1}"#, Err(Nonsense::Number("eval_count"))),
            (
                r#"{"prompt_eval_count":"9","eval_count":1}"#,
                Err(Nonsense::Number("prompt_eval_count")),
            ),
        ] {
            assert_eq!(normalise(raw.as_bytes()), wanted, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn the_buckets_are_the_counters(prompt in prop::option::of(0..1_000_000_u64), answer in prop::option::of(0..1_000_000_u64)) {
            let raw = serde_json::json!({"prompt_eval_count": prompt, "eval_count": answer}).to_string();
            match normalise(raw.as_bytes()) {
                Ok(usage) => prop_assert_eq!((usage.input_total(), usage.output_total()), (prompt.unwrap_or(0), answer.unwrap_or(0))),
                Err(_) => prop_assert!(prompt.is_none() && answer.is_none()),
            }
        }

        #[test]
        fn no_report_makes_it_panic(raw in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = normalise(&raw);
        }
    }
}

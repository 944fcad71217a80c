//! What OpenAI's models that draw count: `ImageGenUsage`. Its output is pictures, but for what it says it wrote (`text_tokens`).
//! Models that are billed by the piece send none, and some services a part of it.

use domain::usage::Usage;

use super::super::{
    super::{
        canonical::Report,
        json::{self, Value},
    },
    usage::{Members, Nonsense},
};

const TOTALS: [&str; 5] = [
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "input_tokens_details",
    "output_tokens_details",
];

/// Reads the object into buckets that do not overlap.
///
/// # Errors
/// [`Nonsense`].
pub(crate) fn normalise(raw: &[u8]) -> Result<Usage, Nonsense> {
    let usage = json::read(raw).ok().filter(Value::is_object).ok_or(Nonsense::Shape)?;
    let usage = Members::of(Some(usage), TOTALS);
    let (input, output) = (usage.detail("input_tokens")?, usage.count("output_tokens")?);
    let output = output.ok_or(Nonsense::Missing)?;
    if usage
        .count("total_tokens")?
        .is_some_and(|total| total != input + output)
    {
        return Err(Nonsense::Part("output_tokens"));
    }
    let asked = Members::of(usage.object("input_tokens_details"), ["image_tokens"]);
    let input_image = asked.detail("image_tokens")?;
    let input_uncached = input.checked_sub(input_image).ok_or(Nonsense::Part("image_tokens"))?;
    let drawn = Members::of(usage.object("output_tokens_details"), ["text_tokens"]);
    let output_text = drawn.detail("text_tokens")?;
    let output_image = output.checked_sub(output_text).ok_or(Nonsense::Part("text_tokens"))?;
    Ok(Usage {
        input_uncached,
        input_image,
        output_text,
        output_image,
        ..Usage::default()
    })
}

/// The object with what it comes to.
pub(crate) fn report(raw: Vec<u8>) -> Report {
    let usage = normalise(&raw).map_err(|nonsense| nonsense.to_string());
    Report { raw, usage }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pictures_and_words_are_counted_apart() {
        let raw = br#"{"total_tokens":4190,"input_tokens":30,"output_tokens":4160,"input_tokens_details":{"text_tokens":10,"image_tokens":20}}"#;
        let usage = normalise(raw).unwrap();
        assert_eq!((usage.input_uncached, usage.input_image), (10, 20));
        assert_eq!((usage.output_image, usage.output_text), (4_160, 0));
        let split =
            br#"{"input_tokens":3,"output_tokens":50,"output_tokens_details":{"text_tokens":8,"image_tokens":42}}"#;
        let usage = normalise(split).unwrap();
        assert_eq!((usage.output_image, usage.output_text), (42, 8));
        // Ark's: pictures, and tokens of what was drawn alone.
        let ark = br#"{"generated_images":1,"output_tokens":16384,"total_tokens":16384}"#;
        assert_eq!(normalise(ark).unwrap().output_image, 16_384);
    }

    #[test]
    fn nonsense_is_refused() {
        for (raw, wanted) in [
            ("[]", Nonsense::Shape),
            ("{}", Nonsense::Missing),
            (r#"{"output_tokens":-1}"#, Nonsense::Number("output_tokens")),
            (
                r#"{"input_tokens":1,"output_tokens":1,"total_tokens":3}"#,
                Nonsense::Part("output_tokens"),
            ),
            (
                r#"{"input_tokens":1,"output_tokens":1,"input_tokens_details":{"image_tokens":2}}"#,
                Nonsense::Part("image_tokens"),
            ),
            (
                r#"{"output_tokens":1,"output_tokens_details":{"text_tokens":2}}"#,
                Nonsense::Part("text_tokens"),
            ),
        ] {
            assert_eq!(normalise(raw.as_bytes()), Err(wanted), "{raw}");
        }
    }

    proptest! {
        #[test]
        fn buckets_hold_the_whole_and_nothing_panics(counts in prop::array::uniform4(0..9_u64), raw in prop::collection::vec(any::<u8>(), 0..200)) {
            let [input, output, seen, text] = counts;
            let told = serde_json::json!({
                "input_tokens": input, "output_tokens": output,
                "input_tokens_details": {"image_tokens": seen}, "output_tokens_details": {"text_tokens": text},
            });
            match normalise(told.to_string().as_bytes()) {
                Ok(usage) => prop_assert_eq!((usage.input_total(), usage.output_total()), (input, output)),
                Err(_) => prop_assert!(seen > input || text > output),
            }
            let _ = normalise(&raw);
        }
    }
}

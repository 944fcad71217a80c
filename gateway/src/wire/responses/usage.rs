//! Reads the counters of this wire into buckets that do not overlap. `input_tokens` holds what came from a cache, and
//! `output_tokens` what was thought.

use domain::usage::Usage;

use crate::wire::{
    json::{self, Value},
    openai::usage::{Members, Nonsense},
};

const TOTALS: [&str; 4] = [
    "input_tokens",
    "input_tokens_details",
    "output_tokens",
    "output_tokens_details",
];
const INPUT: [&str; 4] = ["cached_tokens", "cache_write_tokens", "audio_tokens", "image_tokens"];
const OUTPUT: [&str; 3] = ["reasoning_tokens", "audio_tokens", "image_tokens"];

/// Reads a usage object.
///
/// # Errors
/// [`Nonsense`].
pub fn normalise(raw: &[u8]) -> Result<Usage, Nonsense> {
    let usage = json::read(raw).ok().filter(Value::is_object).ok_or(Nonsense::Shape)?;
    let usage = Members::of(Some(usage), TOTALS);
    let read = usage.count("input_tokens")?.ok_or(Nonsense::Number("input_tokens"))?;
    let written = usage.detail("output_tokens")?;
    let inside = Members::of(usage.object("input_tokens_details"), INPUT);
    let cache_read = inside.detail("cached_tokens")?;
    let mut input = read.checked_sub(cache_read).ok_or(Nonsense::Part("cached_tokens"))?;
    // Cached tokens may be audio or images as well; those are counted once, as cached.
    let cache_write_5m = take(&mut input, inside.part("cache_write_tokens", read)?);
    let input_audio = take(&mut input, inside.part("audio_tokens", read)?);
    let input_image = take(&mut input, inside.part("image_tokens", read)?);
    let outside = Members::of(usage.object("output_tokens_details"), OUTPUT);
    let output_reasoning = outside.detail("reasoning_tokens")?;
    let mut output = written
        .checked_sub(output_reasoning)
        .ok_or(Nonsense::Part("reasoning_tokens"))?;
    let output_audio = take(&mut output, outside.part("audio_tokens", written)?);
    let output_image = take(&mut output, outside.part("image_tokens", written)?);
    Ok(Usage {
        input_uncached: input,
        cache_read,
        cache_write_5m,
        cache_write_1h: 0,
        input_audio,
        input_image,
        output_text: output,
        output_reasoning,
        output_audio,
        output_image,
    })
}

/// Takes as much of `rest` as there is.
fn take(rest: &mut u64, wanted: u64) -> u64 {
    let taken = wanted.min(*rest);
    *rest -= taken;
    taken
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn parts_are_taken_out_of_their_wholes() {
        let raw = json!({
            "input_tokens": 100, "input_tokens_details": { "cached_tokens": 30, "cache_write_tokens": 20 },
            "output_tokens": 50, "output_tokens_details": { "reasoning_tokens": 40 }, "total_tokens": 150,
        });
        let wanted = Usage {
            input_uncached: 50,
            cache_read: 30,
            cache_write_5m: 20,
            output_text: 10,
            output_reasoning: 40,
            ..Usage::default()
        };
        assert_eq!(normalise(raw.to_string().as_bytes()), Ok(wanted));
    }

    #[test]
    fn nonsense_is_refused() {
        for (raw, wanted) in [
            ("[]", Nonsense::Shape),
            ("{}", Nonsense::Number("input_tokens")),
            (r#"{"input_tokens":-1}"#, Nonsense::Number("input_tokens")),
            (
                r#"{"input_tokens":1,"output_tokens":"1"}"#,
                Nonsense::Number("output_tokens"),
            ),
            (
                r#"{"input_tokens":1,"input_tokens_details":{"cached_tokens":2}}"#,
                Nonsense::Part("cached_tokens"),
            ),
            (
                r#"{"input_tokens":1,"output_tokens":1,"output_tokens_details":{"reasoning_tokens":2}}"#,
                Nonsense::Part("reasoning_tokens"),
            ),
        ] {
            assert_eq!(normalise(raw.as_bytes()), Err(wanted), "{raw}");
        }
    }

    proptest! {
        /// Whatever is reported, the buckets hold exactly the reported sums, or the report is refused.
        #[test]
        fn nothing_is_counted_twice_or_lost(input in 0..9_u64, output in 0..9_u64, parts in prop::array::uniform4(0..9_u64)) {
            let [cached, written, reasoning, spoken] = parts;
            let raw = json!({
                "input_tokens": input, "input_tokens_details": { "cached_tokens": cached, "cache_write_tokens": written },
                "output_tokens": output, "output_tokens_details": { "reasoning_tokens": reasoning, "audio_tokens": spoken },
            }).to_string();
            let are_parts = cached.max(written) <= input && reasoning.max(spoken) <= output;
            match normalise(raw.as_bytes()) {
                Ok(usage) => prop_assert_eq!((usage.input_total(), usage.output_total(), are_parts), (input, output, true)),
                Err(_) => prop_assert!(!are_parts),
            }
        }
    }
}

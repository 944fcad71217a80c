//! Sums of buckets are the provider's sums; nonsense is refused.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn read(value: &Value) -> Result<Usage, Nonsense> {
    normalise(value.to_string().as_bytes())
}

#[test]
fn every_report_ends_in_the_buckets_beside_it() {
    crate::wire::golden::provider::usage("anthropic", 8, |report, _| normalise(report));
}

#[test]
fn nonsense_is_refused() {
    let cases = [
        (json!([]), Nonsense::Shape),
        (json!({}), Nonsense::Missing),
        (json!({"input_tokens": null}), Nonsense::Missing),
        (json!({"input_tokens": -1}), Nonsense::Number("input_tokens")),
        (json!({"input_tokens": "5"}), Nonsense::Number("input_tokens")),
        (
            json!({"input_tokens": 1, "output_tokens": 1.5}),
            Nonsense::Number("output_tokens"),
        ),
        (
            json!({"input_tokens": 1, "cache_read_input_tokens": 100_000_001}),
            Nonsense::Number("cache_read_input_tokens"),
        ),
        (
            json!({"input_tokens": 1, "output_tokens": 2, "output_tokens_details": {"thinking_tokens": 3}}),
            Nonsense::Part("thinking_tokens"),
        ),
    ];
    for (report, wanted) in cases {
        assert_eq!(read(&report), Err(wanted), "{report}");
    }
}

#[test]
fn later_reports_replace_and_silence_keeps() {
    let mut whole = Map::new();
    let report = |value: Value| value.as_object().unwrap().clone();
    merge(
        &mut whole,
        report(json!({"input_tokens": 10, "output_tokens": 1, "cache_creation": {"ephemeral_1h_input_tokens": 4}})),
    );
    merge(
        &mut whole,
        report(json!({"input_tokens": null, "output_tokens": 7, "cache_creation_input_tokens": 6})),
    );
    merge(&mut whole, report(json!({"output_tokens": 9})));
    let usage = read(&Value::Object(whole)).unwrap();
    assert_eq!(
        (
            usage.input_uncached,
            usage.output_text,
            usage.cache_write_5m,
            usage.cache_write_1h
        ),
        (10, 9, 2, 4)
    );
}

proptest! {
    /// Whatever is reported, the buckets hold exactly the reported sums, or the report is refused.
    #[test]
    fn nothing_is_counted_twice_or_lost(
        input in 0..9_u64, read_from in 0..9_u64, written_to in prop::option::of(0..9_u64),
        split in prop::option::of((0..9_u64, 0..9_u64)), output in 0..9_u64, thinking in 0..9_u64,
    ) {
        let split_json = split.map(|(short, long)| json!({"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long}));
        let report = json!({
            "input_tokens": input, "cache_read_input_tokens": read_from, "cache_creation_input_tokens": written_to,
            "cache_creation": split_json, "output_tokens": output, "output_tokens_details": {"thinking_tokens": thinking},
        });
        match read(&report) {
            Ok(usage) => {
                let written_to = written_to.unwrap_or_else(|| split.map_or(0, |(short, long)| short + long));
                prop_assert_eq!(usage.input_total(), input + read_from + written_to);
                prop_assert_eq!(usage.output_total(), output);
            }
            Err(_) => prop_assert!(thinking > output),
        }
    }

    /// What we write is read as what it was.
    #[test]
    fn written_counts_are_read_again(counts in prop::array::uniform6(0..1000_u64)) {
        let [input_uncached, cache_read, cache_write_5m, cache_write_1h, output_text, output_reasoning] = counts;
        let usage = Usage { input_uncached, cache_read, cache_write_5m, cache_write_1h, output_text, output_reasoning, ..Usage::default() };
        prop_assert_eq!(read(&written(&usage)), Ok(usage));
    }

    #[test]
    fn no_report_makes_it_panic(raw in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = normalise(&raw);
    }
}

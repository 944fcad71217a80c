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

/// What was read and written stays so, whatever is told later. How much of a prompt the cache served may be told later.
#[test]
fn counts_do_not_fall() {
    let of = |reports: &[Value]| {
        let mut whole = Map::new();
        for report in reports {
            merge(&mut whole, report.as_object().unwrap().clone());
        }
        let usage = read(&Value::Object(whole)).unwrap();
        (usage.input_uncached, usage.cache_read, usage.output_total())
    };
    let start = json!({"input_tokens": 100, "output_tokens": 1});
    let zero = json!({"input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 7});
    assert_eq!(of(&[start.clone(), zero.clone()]), (100, 0, 7));
    let all = json!({"input_tokens": 0, "output_tokens": 0, "cache_creation": {}});
    assert_eq!(of(&[start.clone(), json!({"output_tokens": 9}), all]), (100, 0, 9));
    let served = json!({"input_tokens": 10, "cache_read_input_tokens": 90, "output_tokens": 7});
    assert_eq!(of(&[start, served.clone(), zero]), (10, 90, 7));
    let compacted =
        json!({"input_tokens": 1, "iterations": [{"type": "compaction", "input_tokens": 50, "output_tokens": 5}]});
    assert_eq!(of(&[compacted, json!({"iterations": []}), served]), (60, 90, 12));
}

proptest! {
    /// Cumulative counts never fall, and the last report that counts all anew is the one that counts.
    #[test]
    fn no_later_report_takes_anything_back(reports in prop::collection::vec(prop::array::uniform3(prop::option::of(0..9_u64)), 1..6)) {
        let (mut whole, mut most) = (Map::new(), (0, 0));
        for [input, cached, output] in reports {
            let told = json!({"input_tokens": input, "cache_read_input_tokens": cached, "output_tokens": output});
            merge(&mut whole, told.as_object().unwrap().clone());
            let counted = |name: &str| whole.get(name).and_then(Value::as_u64).unwrap_or_default();
            let (read, written) = (counted("input_tokens") + counted("cache_read_input_tokens"), counted("output_tokens"));
            prop_assert!(read >= most.0 && written >= most.1);
            prop_assert!(written >= output.unwrap_or_default());
            most = (read, written);
        }
    }

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

//! Makes one record out of the many ways in which services with OpenAI's wire count tokens.
//!
//! | service | prompt holds cached? | completion holds reasoning? | where cached stands |
//! |---|---|---|---|
//! | OpenAI, OpenRouter, Groq, Doubao, Poe | yes | yes | `prompt_tokens_details.cached_tokens` |
//! | DeepSeek | yes (hit + miss) | yes | `prompt_cache_hit_tokens` |
//! | xAI | yes | no (total = prompt + completion + reasoning) | details, or `cached_prompt_text_tokens` |
//!
//! What makes no sense is refused rather than repaired: the caller then estimates and says so.

use domain::{catalog::Quirks, usage::Usage};

use super::super::{
    canonical::Report,
    json::{self, Value},
};

/// More tokens than any call can have; larger numbers are mistakes.
const SENSIBLE: u64 = 100_000_000;
/// Longest usage object that is kept.
pub const RAW_LIMIT: usize = 4096;

/// The report contradicts itself or is no report at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Nonsense {
    /// Not an object.
    #[error("the usage is not an object")]
    Shape,
    /// A count that is not a whole number from 0 to 100 million.
    #[error("{0} is not a sensible number of tokens")]
    Number(&'static str),
    /// So many tokens are more than the model takes in one call.
    #[error("{0} tokens are more than the model takes")]
    BeyondContext(u64),
    /// There is no count of the prompt.
    #[error("prompt_tokens is missing")]
    Missing,
    /// A part is larger than its whole.
    #[error("{0} is larger than what it is part of")]
    Part(&'static str),
    /// Of sound or of pictures, where neither was sent or asked for.
    #[error("{0} are counted, and the call has nothing of that")]
    Unasked(&'static str),
    /// It cannot be priced.
    #[error("what it counts has no price, or one beyond all that can be booked")]
    Unpriced,
}

/// The members of an object with these names, found in one pass. Of two with one name the last counts.
pub(in crate::wire) struct Members<'a, const N: usize>([(&'static str, Option<Value<'a>>); N]);

impl<'a, const N: usize> Members<'a, N> {
    pub(in crate::wire) fn of(object: Option<Value<'a>>, names: [&'static str; N]) -> Self {
        let mut found = names.map(|name| (name, None));
        if let Some(object) = object {
            object.members(|member| {
                if let Some((_, value)) = found.iter_mut().find(|(name, _)| *name == member.name) {
                    *value = Some(member.value);
                }
            });
        }
        Self(found)
    }

    fn get(&self, wanted: &str) -> Option<(&'static str, Value<'a>)> {
        let (name, value) = self.0.iter().find(|(name, _)| *name == wanted)?;
        value.filter(|value| !value.is_null()).map(|value| (*name, value))
    }

    pub(in crate::wire) fn object(&self, name: &str) -> Option<Value<'a>> {
        self.get(name).map(|(_, value)| value).filter(Value::is_object)
    }

    pub(in crate::wire) fn count(&self, name: &str) -> Result<Option<u64>, Nonsense> {
        let Some((name, value)) = self.get(name) else {
            return Ok(None);
        };
        // Some proxies write `10.0`. In other ways nobody writes a count.
        let exponent = value.raw().iter().any(|letter| letter.eq_ignore_ascii_case(&b'e'));
        let whole = value.as_whole().filter(|_| !exponent);
        let count = whole.filter(|count| *count <= SENSIBLE);
        count.map(Some).ok_or(Nonsense::Number(name))
    }

    pub(in crate::wire) fn detail(&self, name: &str) -> Result<u64, Nonsense> {
        self.count(name).map(Option::unwrap_or_default)
    }

    /// A count of some among so many.
    pub(in crate::wire) fn part(&self, name: &'static str, whole: u64) -> Result<u64, Nonsense> {
        match self.detail(name)? {
            part if part <= whole => Ok(part),
            _ => Err(Nonsense::Part(name)),
        }
    }
}

const TOTALS: [&str; 7] = [
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "prompt_tokens_details",
    "completion_tokens_details",
    "prompt_cache_hit_tokens",
    "cached_prompt_text_tokens",
];
const INPUT: [&str; 4] = ["cached_tokens", "cache_write_tokens", "audio_tokens", "image_tokens"];
const OUTPUT: [&str; 3] = ["reasoning_tokens", "audio_tokens", "image_tokens"];

/// Reads a usage object into buckets that do not overlap.
///
/// # Errors
/// [`Nonsense`].
pub fn normalise(raw: &[u8], quirks: &Quirks) -> Result<Usage, Nonsense> {
    let usage = json::read(raw).ok().filter(Value::is_object).ok_or(Nonsense::Shape)?;
    let usage = Members::of(Some(usage), TOTALS);
    let prompt = usage.count("prompt_tokens")?.ok_or(Nonsense::Missing)?;
    let completion = usage.detail("completion_tokens")?;
    let total = usage.count("total_tokens")?;

    let input = Members::of(usage.object("prompt_tokens_details"), INPUT);
    let cached = match usage.count("prompt_cache_hit_tokens")? {
        Some(hit) => hit,
        None => match input.detail("cached_tokens")? {
            0 => usage.detail("cached_prompt_text_tokens")?,
            cached => cached,
        },
    };
    let rest = prompt.checked_sub(cached).ok_or(Nonsense::Part("cached_tokens"))?;
    // Cached tokens may be audio or images as well; those are counted once, as cached.
    let mut rest = Rest(rest);
    let cache_write_5m = rest.take(input.part("cache_write_tokens", prompt)?);
    let input_audio = rest.take(input.part("audio_tokens", prompt)?);
    let input_image = rest.take(input.part("image_tokens", prompt)?);

    let output = Members::of(usage.object("completion_tokens_details"), OUTPUT);
    let reasoning = output.detail("reasoning_tokens")?;
    let inside = prompt + completion;
    let outside = match total {
        Some(total) if total == inside => false,
        Some(total) if total == inside + reasoning => true,
        _ => quirks.reasoning_outside_completion,
    };
    let text = if outside {
        completion
    } else {
        completion
            .checked_sub(reasoning)
            .ok_or(Nonsense::Part("reasoning_tokens"))?
    };
    let mut text = Rest(text);
    let output_audio = text.take(output.part("audio_tokens", completion)?);
    let output_image = text.take(output.part("image_tokens", completion)?);
    Ok(Usage {
        input_uncached: rest.0,
        cache_read: cached,
        cache_write_5m,
        cache_write_1h: 0,
        input_audio,
        input_image,
        output_text: text.0,
        output_reasoning: reasoning,
        output_audio,
        output_image,
    })
}

/// A usage object with what it comes to.
#[must_use]
pub fn report(raw: Vec<u8>, quirks: &Quirks) -> Report {
    let usage = normalise(&raw, quirks).map_err(|nonsense| nonsense.to_string());
    Report { raw, usage }
}

/// What has not been put into a bucket yet.
struct Rest(u64);

impl Rest {
    fn take(&mut self, wanted: u64) -> u64 {
        let taken = wanted.min(self.0);
        self.0 -= taken;
        taken
    }
}

/// The text to keep beside the call: the object as it came; of one that is too long its numbers, as many as fit, and a mark.
#[must_use]
pub fn keep(raw: &[u8]) -> String {
    if raw.len() <= RAW_LIMIT {
        return String::from_utf8_lossy(raw).into_owned();
    }
    let mut kept = String::from("{\"shortened\":true");
    if std::str::from_utf8(raw).is_ok()
        && let Ok(usage) = json::read(raw)
    {
        keep_numbers(&usage, &mut kept, 1);
    }
    kept.push('}');
    kept
}

/// Deepest nesting of counts; services put details one level down.
const COUNTS_DEPTH: usize = 4;

/// Appends the members of an object that are numbers, or hold some. What would not fit is left out whole, so that JSON stays.
fn keep_numbers(object: &Value<'_>, kept: &mut String, depth: usize) {
    object.members(|member| {
        let is_number = matches!(member.value.raw().first(), Some(b'0'..=b'9' | b'-'));
        let holds_numbers = member.value.is_object() && depth < COUNTS_DEPTH;
        if !is_number && !holds_numbers {
            return;
        }
        let before = kept.len();
        kept.push_str(if kept.ends_with('{') { "" } else { "," });
        kept.push_str(&serde_json::Value::from(&*member.name).to_string());
        kept.push(':');
        if is_number {
            kept.push_str(&String::from_utf8_lossy(member.value.raw()));
        } else {
            kept.push('{');
            keep_numbers(&member.value, kept, depth + 1);
            kept.push('}');
        }
        // Every object that is still open takes its bracket.
        if kept.len() + depth > RAW_LIMIT || kept.ends_with("{}") {
            kept.truncate(before);
        }
    });
}

#[cfg(test)]
mod tests {
    use domain::catalog::find_preset;
    use proptest::prelude::*;

    use super::*;

    fn quirks(preset: &str) -> Quirks {
        find_preset(preset).unwrap().quirks()
    }

    /// Each names its source and the preset by whose quirks it is read.
    #[test]
    fn every_way_of_counting_ends_in_the_same_buckets() {
        crate::wire::golden::provider::usage("openai", 11, |report, case| {
            normalise(report, &quirks(case["preset"].as_str().unwrap()))
        });
    }

    #[test]
    fn nonsense_is_refused() {
        let cases = [
            ("[]", Nonsense::Shape),
            ("{}", Nonsense::Missing),
            (r#"{"prompt_tokens":-1}"#, Nonsense::Number("prompt_tokens")),
            (r#"{"prompt_tokens":"5"}"#, Nonsense::Number("prompt_tokens")),
            (r#"{"prompt_tokens":1.5}"#, Nonsense::Number("prompt_tokens")),
            (
                r#"{"prompt_tokens":5,"completion_tokens":100000001}"#,
                Nonsense::Number("completion_tokens"),
            ),
            (
                r#"{"prompt_tokens":5,"completion_tokens":18446744073709551616}"#,
                Nonsense::Number("completion_tokens"),
            ),
            (
                r#"{"prompt_tokens":5,"prompt_tokens_details":{"cached_tokens":6}}"#,
                Nonsense::Part("cached_tokens"),
            ),
            (
                r#"{"prompt_tokens":5,"completion_tokens":2,"completion_tokens_details":{"reasoning_tokens":3}}"#,
                Nonsense::Part("reasoning_tokens"),
            ),
        ];
        for (raw, wanted) in cases {
            assert_eq!(normalise(raw.as_bytes(), &Quirks::default()), Err(wanted), "{raw}");
        }
    }

    #[test]
    fn whole_numbers_may_be_written_with_a_point() {
        let usage = |raw: &str| normalise(raw.as_bytes(), &Quirks::default());
        let plain = usage(r#"{"prompt_tokens":10,"completion_tokens":2}"#);
        assert!(plain.is_ok());
        assert_eq!(usage(r#"{"prompt_tokens":10.0,"completion_tokens":2.0}"#), plain);
        assert!(usage(r#"{"prompt_tokens":1e1,"completion_tokens":2}"#).is_err());
    }

    #[test]
    fn a_long_report_keeps_its_numbers_and_stays_json() {
        let short = br#"{"prompt_tokens":1,"service_tier":"x"}"#;
        assert_eq!(keep(short).as_bytes(), short);
        let long = serde_json::json!({
            "prompt_tokens": 7, "note": "x".repeat(5000), "cost": 0.25, "list": [1, 2],
            "completion_tokens_details": {"reasoning_tokens": 3, "why": "y", "deeper": {"n": -1}, "none": {"s": "t"}},
        });
        let kept: serde_json::Value = serde_json::from_str(&keep(long.to_string().as_bytes())).unwrap();
        assert_eq!(
            kept,
            serde_json::json!({
                "shortened": true, "prompt_tokens": 7, "cost": 0.25,
                "completion_tokens_details": {"reasoning_tokens": 3, "deeper": {"n": -1}},
            })
        );
    }

    proptest! {
        #[test]
        fn what_is_kept_is_json_and_fits(members in prop::collection::vec(("[a-z\"\\\\]{1,40}", 0..1_000_000_u64, 0..3_usize), 0..200)) {
            let member = |(name, number, depth): (String, u64, usize)| {
                let value = (0..depth).fold(serde_json::json!(number), |inner, _| serde_json::json!({ "inner": inner, "text": name }));
                (name, value)
            };
            let raw = serde_json::Value::Object(members.into_iter().map(member).collect()).to_string();
            let kept = keep(raw.as_bytes());
            prop_assert!(kept.len() <= RAW_LIMIT);
            prop_assert!(serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&kept).is_ok(), "{}", kept);
        }

        /// Whatever is reported, the buckets hold exactly the reported sums, or the report is refused.
        #[test]
        fn nothing_is_counted_twice_or_lost(prompt in 0..9_u64, completion in 0..9_u64, parts in prop::array::uniform7(0..9_u64), total in prop::option::of(0..30_u64)) {
            let [cached, written, audio, image, reasoning, spoken, drawn] = parts;
            let raw = serde_json::json!({
                "prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": total,
                "prompt_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written, "audio_tokens": audio, "image_tokens": image},
                "completion_tokens_details": {"reasoning_tokens": reasoning, "audio_tokens": spoken, "image_tokens": drawn},
            }).to_string();
            let are_parts = [written, audio, image].iter().all(|part| *part <= prompt) && spoken.max(drawn) <= completion;
            if let Ok(usage) = normalise(raw.as_bytes(), &Quirks::default()) {
                prop_assert!(are_parts);
                prop_assert_eq!(usage.input_total(), prompt);
                let outside = total == Some(prompt + completion + reasoning) && reasoning > 0;
                prop_assert_eq!(usage.output_total(), completion + if outside { reasoning } else { 0 });
            } else {
                prop_assert!(!are_parts || cached > prompt || reasoning > completion);
            }
        }

        #[test]
        fn no_report_makes_it_panic(raw in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = normalise(&raw, &Quirks::default());
            let _ = keep(&raw);
        }
    }
}

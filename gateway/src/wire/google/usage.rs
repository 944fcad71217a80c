//! Makes one record out of `usageMetadata`.
//!
//! Google's counters overlap in one place only: `promptTokenCount` holds `cachedContentTokenCount`. Thoughts, and what tools
//! on Google's side put into the prompt, stand apart, so `totalTokenCount` is the sum of prompt, answer, thoughts and tools
//! (google-genai, `GenerateContentResponseUsageMetadata`). Counters that are 0 are left out, as JSON of protocol buffers does.
//! Each piece of a stream has its own report of everything so far: the last one counts, and none is added to another.

use domain::usage::Usage;
use serde_json::Value;

use crate::wire::canonical::Report;

/// More tokens than any call can have; larger numbers are mistakes.
const SENSIBLE: u64 = 100_000_000;

/// The report contradicts itself or is no report at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Nonsense {
    /// Not an object.
    #[error("the usage is not an object")]
    Shape,
    /// A count that is not a whole number from 0 to 100 million.
    #[error("{0} is not a sensible number of tokens")]
    Number(&'static str),
    /// There is no count of the prompt.
    #[error("promptTokenCount is missing")]
    Missing,
    /// A part is larger than its whole.
    #[error("{0} is larger than what it is part of")]
    Part(&'static str),
    /// The total is not the sum.
    #[error("totalTokenCount is not the sum of the other counts")]
    Sum,
}

/// The report speaks of the prompt; one that does not says less than those before.
pub(super) fn counts_prompt(raw: &str) -> bool {
    let usage: Result<Value, _> = serde_json::from_str(raw);
    usage.is_ok_and(|usage| !usage["promptTokenCount"].is_null())
}

/// The report, normalised.
pub(super) fn report(raw: &[u8]) -> Report {
    Report {
        raw: raw.to_vec(),
        usage: normalise(raw).map_err(|nonsense| nonsense.to_string()),
    }
}

/// Reads `usageMetadata` into buckets that do not overlap. Words, films and documents are text; what tools put into the
/// prompt is uncached input.
///
/// # Errors
/// [`Nonsense`].
pub fn normalise(raw: &[u8]) -> Result<Usage, Nonsense> {
    let usage: Value = serde_json::from_slice(raw).map_err(|_| Nonsense::Shape)?;
    if !usage.is_object() {
        return Err(Nonsense::Shape);
    }
    let count = |name| self::count(&usage[name], name);
    let prompt = count("promptTokenCount")?.ok_or(Nonsense::Missing)?;
    let cached = count("cachedContentTokenCount")?.unwrap_or_default();
    let tools = count("toolUsePromptTokenCount")?.unwrap_or_default();
    let thoughts = count("thoughtsTokenCount")?.unwrap_or_default();
    let total = count("totalTokenCount")?;
    let said = match (count("candidatesTokenCount")?, total) {
        (Some(said), _) => said,
        // Left out although something was said, as happens: the total tells.
        (None, Some(total)) => total.checked_sub(prompt + tools + thoughts).ok_or(Nonsense::Sum)?,
        (None, None) => 0,
    };
    let said = match total {
        None => said,
        Some(total) if total == prompt + tools + said + thoughts => said,
        // Some models count their thoughts with the answer.
        Some(total) if total == prompt + tools + said => {
            said.checked_sub(thoughts).ok_or(Nonsense::Part("thoughtsTokenCount"))?
        }
        Some(_) => return Err(Nonsense::Sum),
    };
    let uncached = prompt
        .checked_sub(cached)
        .ok_or(Nonsense::Part("cachedContentTokenCount"))?;

    let of = |details: &'static str, modality| detail(&usage[details], modality, details);
    let part = |details: &'static str, modality, whole: u64| match of(details, modality)? {
        part if part <= whole => Ok(part),
        _ => Err(Nonsense::Part(details)),
    };
    // Cached pictures and sounds are counted once, as cached.
    let fresh = |modality| -> Result<u64, Nonsense> {
        let all = part("promptTokensDetails", modality, prompt)?;
        Ok(all.saturating_sub(of("cacheTokensDetails", modality)?))
    };
    let mut input = Rest(uncached);
    let input_audio = input.take(fresh("AUDIO")?);
    let input_image = input.take(fresh("IMAGE")?);
    // Details may tell of thoughts as well.
    let answered = said + thoughts;
    let mut output = Rest(said);
    let output_audio = output.take(part("candidatesTokensDetails", "AUDIO", answered)?);
    let output_image = output.take(part("candidatesTokensDetails", "IMAGE", answered)?);
    Ok(Usage {
        input_uncached: input.0 + tools,
        cache_read: cached,
        cache_write_5m: 0,
        cache_write_1h: 0,
        input_audio,
        input_image,
        output_text: output.0,
        output_reasoning: thoughts,
        output_audio,
        output_image,
    })
}

fn count(value: &Value, name: &'static str) -> Result<Option<u64>, Nonsense> {
    if value.is_null() {
        return Ok(None);
    }
    let count = value.as_u64().filter(|count| *count <= SENSIBLE);
    count.map(Some).ok_or(Nonsense::Number(name))
}

/// The tokens of one kind in a list of `{modality, tokenCount}`.
fn detail(list: &Value, modality: &str, name: &'static str) -> Result<u64, Nonsense> {
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut sum = 0_u64;
    for one in list.iter().filter(|one| one["modality"] == modality) {
        sum = sum.saturating_add(count(&one["tokenCount"], name)?.unwrap_or_default());
    }
    Ok(sum)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_way_of_counting_ends_in_disjoint_buckets() {
        crate::wire::golden::provider::usage("google", 10, |report, _| normalise(report));
    }

    #[test]
    fn nonsense_is_refused() {
        for (raw, wanted) in [
            ("[]", Nonsense::Shape),
            ("{", Nonsense::Shape),
            ("{}", Nonsense::Missing),
            (r#"{"promptTokenCount":-1}"#, Nonsense::Number("promptTokenCount")),
            (r#"{"promptTokenCount":"7"}"#, Nonsense::Number("promptTokenCount")),
            (
                r#"{"promptTokenCount":1,"candidatesTokenCount":100000001}"#,
                Nonsense::Number("candidatesTokenCount"),
            ),
            (
                r#"{"promptTokenCount":5,"cachedContentTokenCount":6}"#,
                Nonsense::Part("cachedContentTokenCount"),
            ),
            (
                r#"{"promptTokenCount":5,"candidatesTokenCount":2,"totalTokenCount":8}"#,
                Nonsense::Sum,
            ),
            (r#"{"promptTokenCount":5,"totalTokenCount":4}"#, Nonsense::Sum),
        ] {
            assert_eq!(normalise(raw.as_bytes()), Err(wanted), "{raw}");
        }
    }

    proptest! {
        /// Whatever is reported, the buckets hold exactly the total, or the report is refused.
        #[test]
        fn nothing_is_counted_twice_or_lost(counts in prop::array::uniform5(0..9_u64), off in prop::option::of(0..3_u64), details in prop::array::uniform6(0..9_u64)) {
            let [prompt, cached, tools, said, thoughts] = counts;
            let sum = prompt + tools + said + thoughts;
            let total = off.map(|off| sum + off);
            let list = |audio: u64, image: u64| serde_json::json!([
                {"modality": "TEXT", "tokenCount": 1}, {"modality": "AUDIO", "tokenCount": audio}, {"modality": "IMAGE", "tokenCount": image},
            ]);
            let raw = serde_json::json!({
                "promptTokenCount": prompt, "cachedContentTokenCount": cached, "toolUsePromptTokenCount": tools,
                "candidatesTokenCount": said, "thoughtsTokenCount": thoughts, "totalTokenCount": total,
                "promptTokensDetails": list(details[0], details[1]), "cacheTokensDetails": list(details[2], details[3]),
                "candidatesTokensDetails": list(details[4], details[5]),
            }).to_string();
            let are_parts = details[0].max(details[1]) <= prompt && details[4].max(details[5]) <= said + thoughts;
            match normalise(raw.as_bytes()) {
                Ok(usage) => {
                    prop_assert!(are_parts);
                    prop_assert_eq!(usage.input_total(), prompt + tools);
                    prop_assert_eq!(usage.output_total(), said + thoughts);
                    prop_assert_eq!(usage.cache_read, cached);
                    prop_assert_eq!(total.unwrap_or(sum), sum);
                }
                Err(_) => prop_assert!(!are_parts || cached > prompt || total.is_some_and(|total| total != sum)),
            }
        }

        #[test]
        fn no_report_makes_it_panic(raw in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = normalise(&raw);
        }
    }
}

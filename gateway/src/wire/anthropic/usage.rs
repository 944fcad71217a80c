//! Makes one record out of Anthropic's counts, and out of a stream's reports one report.
//!
//! Input excludes what the cache served and took; output includes thinking. Of a stream `message_start` reports first and
//! every `message_delta` again, cumulative: the last value of each member counts, and what a later report leaves out (the
//! cache by its time to live) stays. So does what a later report counts less of. A compaction is counted apart, in `iterations`,
//! and is added. Counts of tools that ran at the provider are no tokens; they stay in the raw report.

use domain::usage::Usage;
use serde_json::{Map, Value};

use super::super::json;

/// More tokens than any call can have; larger numbers are mistakes.
const SENSIBLE: u64 = 100_000_000;

/// The report contradicts itself or is no report at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Nonsense {
    /// Not an object.
    #[error("the usage is not an object")]
    Shape,
    /// A count that is not a whole number from 0 to 100 million.
    #[error("{0} is not a sensible number of tokens")]
    Number(&'static str),
    /// There is no count of the prompt.
    #[error("input_tokens is missing")]
    Missing,
    /// A part is larger than its whole.
    #[error("{0} is larger than what it is part of")]
    Part(&'static str),
}

/// Reads a usage object into buckets that do not overlap.
///
/// # Errors
/// [`Nonsense`].
pub(crate) fn normalise(raw: &[u8]) -> Result<Usage, Nonsense> {
    let report: Map<String, Value> = serde_json::from_slice(raw).map_err(|_| Nonsense::Shape)?;
    let mut usage = one(&report)?;
    add(&mut usage, &compactions(&report)?);
    if usage.input_total() > SENSIBLE || usage.output_total() > SENSIBLE {
        return Err(Nonsense::Number("iterations"));
    }
    Ok(usage)
}

fn one(report: &Map<String, Value>) -> Result<Usage, Nonsense> {
    let input_uncached = count(report, "input_tokens")?.ok_or(Nonsense::Missing)?;
    let cache_read = count(report, "cache_read_input_tokens")?.unwrap_or_default();
    let (cache_write_5m, cache_write_1h) = cache_written(report)?;
    let output = count(report, "output_tokens")?.unwrap_or_default();
    let output_reasoning = match report.get("output_tokens_details").and_then(Value::as_object) {
        Some(details) => count(details, "thinking_tokens")?.unwrap_or_default(),
        None => 0,
    };
    let output_text = output
        .checked_sub(output_reasoning)
        .ok_or(Nonsense::Part("thinking_tokens"))?;
    Ok(Usage {
        input_uncached,
        cache_read,
        cache_write_5m,
        cache_write_1h,
        output_text,
        output_reasoning,
        ..Usage::default()
    })
}

/// What was read and written to make a long conversation shorter.
fn compactions(report: &Map<String, Value>) -> Result<Usage, Nonsense> {
    let mut usage = Usage::default();
    let iterations = report.get("iterations").and_then(Value::as_array);
    for iteration in iterations.into_iter().flatten().filter_map(Value::as_object) {
        if iteration.get("type").and_then(Value::as_str) == Some("compaction") {
            add(&mut usage, &one(iteration)?);
        }
    }
    Ok(usage)
}

/// What the cache took, by how long it keeps it. The sum decides: of a stream it may be newer than the split, and where there
/// is no split everything is kept for five minutes, which is the default.
fn cache_written(report: &Map<String, Value>) -> Result<(u64, u64), Nonsense> {
    let split = report.get("cache_creation").and_then(Value::as_object);
    let part = |name| split.map_or(Ok(None), |split| count(split, name));
    let five_minutes = part("ephemeral_5m_input_tokens")?.unwrap_or_default();
    let one_hour = part("ephemeral_1h_input_tokens")?.unwrap_or_default();
    let sum = count(report, "cache_creation_input_tokens")?.unwrap_or(five_minutes + one_hour);
    let one_hour = one_hour.min(sum);
    Ok((sum - one_hour, one_hour))
}

fn count(object: &Map<String, Value>, name: &'static str) -> Result<Option<u64>, Nonsense> {
    match object.get(name).filter(|value| !value.is_null()) {
        None => Ok(None),
        Some(value) => {
            let count = whole(value).filter(|count| *count <= SENSIBLE);
            count.map(Some).ok_or(Nonsense::Number(name))
        }
    }
}

/// A whole number, in whichever way it is written: some proxies write `10.0`.
fn whole(value: &Value) -> Option<u64> {
    let text = value.to_string();
    json::read(text.as_bytes()).ok()?.as_whole()
}

fn add(usage: &mut Usage, more: &Usage) {
    usage.input_uncached += more.input_uncached;
    usage.cache_read += more.cache_read;
    usage.cache_write_5m += more.cache_write_5m;
    usage.cache_write_1h += more.cache_write_1h;
    usage.output_text += more.output_text;
    usage.output_reasoning += more.output_reasoning;
}

/// The members that count what was read, those of what was written, and those of what was compacted.
const SIDES: [&[&str]; 3] = [
    &[
        "input_tokens",
        "cache_read_input_tokens",
        "cache_creation_input_tokens",
        "cache_creation",
    ],
    &["output_tokens", "output_tokens_details"],
    &["iterations"],
];

/// What each of [`SIDES`] comes to. How much of a prompt the cache served may be told later than how long it is.
fn sums(report: &Map<String, Value>) -> Result<[u64; 3], Nonsense> {
    let read = |name| Ok(count(report, name)?.unwrap_or_default());
    let (five_minutes, one_hour) = cache_written(report)?;
    let compacted = compactions(report)?;
    Ok([
        read("input_tokens")? + read("cache_read_input_tokens")? + five_minutes + one_hour,
        read("output_tokens")?,
        compacted.input_total() + compacted.output_total(),
    ])
}

/// Takes a later report of a stream into what was reported before. `null` says nothing, and counts do not fall: what was read,
/// written or compacted once is not undone. A report that makes no sense is taken as it is, and refused when it is read.
pub(super) fn merge(before: &mut Map<String, Value>, later: Map<String, Value>) {
    let told = std::mem::take(before);
    before.extend(told.clone());
    before.extend(later.into_iter().filter(|(_, value)| !value.is_null()));
    let (Ok(old), Ok(new)) = (sums(&told), sums(before)) else {
        return;
    };
    for (side, (old, new)) in SIDES.into_iter().zip(old.into_iter().zip(new)) {
        for name in side.iter().filter(|_| new < old) {
            match told.get(*name) {
                Some(value) => before.insert((*name).to_owned(), value.clone()),
                None => before.shift_remove(*name),
            };
        }
    }
}

/// The members of a usage object in Anthropic's words. The whole and its parts add up again when they are read.
pub(super) fn written(usage: &Usage) -> Value {
    serde_json::json!({
        "input_tokens": input(usage),
        "cache_creation_input_tokens": usage.cache_write_5m.saturating_add(usage.cache_write_1h),
        "cache_read_input_tokens": usage.cache_read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage.cache_write_5m,
            "ephemeral_1h_input_tokens": usage.cache_write_1h,
        },
        "output_tokens": usage.output_total(),
        "output_tokens_details": { "thinking_tokens": usage.output_reasoning },
        "service_tier": "standard",
    })
}

/// Everything of the prompt that the cache has nothing to do with.
fn input(usage: &Usage) -> u64 {
    usage
        .input_uncached
        .saturating_add(usage.input_audio)
        .saturating_add(usage.input_image)
}

/// The counts of a `message_delta`, which tells the sum of the cache and not its split.
pub(super) fn written_at_end(usage: &Usage) -> Value {
    serde_json::json!({
        "input_tokens": input(usage),
        "cache_creation_input_tokens": usage.cache_write_5m.saturating_add(usage.cache_write_1h),
        "cache_read_input_tokens": usage.cache_read,
        "output_tokens": usage.output_total(),
        "output_tokens_details": { "thinking_tokens": usage.output_reasoning },
    })
}

#[cfg(test)]
mod tests;

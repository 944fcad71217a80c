//! What a call came to, as AIGNE's clients read it.
//!
//! `inputTokens` is the whole prompt whoever the provider is; what of it was read from a cache or written to one stands beside
//! it and is a part of it. `aigneHubCredits` must be a JSON number for the client's check: the digits are those of the exact
//! decimal, and only the reader may round them.

use domain::usage::Usage;
use serde::Serialize;
use serde_json::value::RawValue;

use super::super::canonical::{End, Ids};

/// A credit is one US dollar.
pub(super) const CREDIT_PREFIX: &str = "$";

/// `usage` of `/api/v2/chat` and its siblings.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Told<'a> {
    input_tokens: u64,
    output_tokens: u64,
    #[serde(skip_serializing_if = "is_zero")]
    cache_creation_input_tokens: u64,
    #[serde(skip_serializing_if = "is_zero")]
    cache_read_input_tokens: u64,
    #[serde(skip_serializing_if = "is_zero")]
    reasoning_tokens: u64,
    #[serde(flatten)]
    paid: Paid<'a>,
}

/// `usage` of the older completions.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToldOld<'a> {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    #[serde(flatten)]
    paid: Paid<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Paid<'a> {
    model_call_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    aigne_hub_credits: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credit_prefix: Option<&'static str>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over by reference")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What a call came to.
pub(super) fn told<'a>(end: &End, ids: &'a Ids) -> Told<'a> {
    let Usage {
        cache_read,
        cache_write_5m,
        cache_write_1h,
        output_reasoning,
        ..
    } = end.usage;
    Told {
        input_tokens: end.usage.input_total(),
        output_tokens: end.usage.output_total(),
        cache_creation_input_tokens: cache_write_5m.saturating_add(cache_write_1h),
        cache_read_input_tokens: cache_read,
        reasoning_tokens: output_reasoning,
        paid: paid(end, ids),
    }
}

/// The same in the words of the older completions.
pub(super) fn told_old<'a>(end: &End, ids: &'a Ids) -> ToldOld<'a> {
    let (prompt, completion) = (end.usage.input_total(), end.usage.output_total());
    ToldOld {
        prompt_tokens: prompt,
        completion_tokens: completion,
        total_tokens: prompt.saturating_add(completion),
        paid: paid(end, ids),
    }
}

fn paid<'a>(end: &End, ids: &'a Ids) -> Paid<'a> {
    let credits = end.charge.as_deref().and_then(exact);
    Paid {
        model_call_id: &ids.call,
        credit_prefix: credits.is_some().then_some(CREDIT_PREFIX),
        aigne_hub_credits: credits,
    }
}

/// A decimal as a JSON number of the same digits.
fn exact(decimal: &str) -> Option<Box<RawValue>> {
    let is_decimal = decimal.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let shortest = match decimal.contains('.') {
        true => decimal.trim_end_matches('0').trim_end_matches('.'),
        false => decimal,
    };
    // What is no JSON number does not become one.
    RawValue::from_string(shortest.to_owned()).ok().filter(|_| is_decimal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credits_keep_every_digit() {
        let told = |decimal| exact(decimal).map(|number| number.get().to_owned());
        assert_eq!(told("0.000012199").as_deref(), Some("0.000012199"));
        assert_eq!(told("9007199254.740993001").as_deref(), Some("9007199254.740993001"));
        assert_eq!(told("0.00").as_deref(), Some("0"));
        assert_eq!(told("100").as_deref(), Some("100"));
        assert_eq!(told("41.50").as_deref(), Some("41.5"));
        for nonsense in ["", "1e5", "NaN", "1.2.3", "-1", "\"1\"", "."] {
            assert_eq!(told(nonsense), None, "{nonsense}");
        }
    }
}

//! What a call consumed: the provider's report where it makes sense, else an estimate that is marked as one.
//!
//! The estimate is one token for four bytes of UTF-8. That is the usual figure for English and near the truth for Chinese
//! (three bytes and somewhat less than a token a character). An embedded file counts as 1,000 tokens.

use domain::{
    catalog::Quirks,
    id::CallId,
    usage::{Usage, UsageSource},
};

use crate::wire::openai::{request::Scanned, usage};

const BYTES_PER_TOKEN: u64 = 4;
const TOKENS_PER_FILE: u64 = 1_000;

/// What was consumed and how we know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Consumed {
    pub usage: Usage,
    pub source: UsageSource,
    pub raw: Option<String>,
}

/// The tokens of a text of so many bytes.
pub(super) fn output_tokens(bytes: u64) -> u64 {
    bytes.div_ceil(BYTES_PER_TOKEN)
}

/// The bytes of a text of so many tokens.
pub(super) fn output_bytes(tokens: u64) -> u64 {
    tokens.saturating_mul(BYTES_PER_TOKEN)
}

/// Takes the provider's report, or estimates from the sizes of prompt and answer.
pub(super) fn consumed(
    call: CallId,
    report: Option<&[u8]>,
    quirks: &Quirks,
    request: &Scanned,
    answer_bytes: u64,
) -> Consumed {
    let raw = report.map(usage::keep);
    match report.map(|report| usage::normalise(report, quirks)) {
        Some(Ok(usage)) => {
            return Consumed {
                usage,
                source: UsageSource::Provider,
                raw,
            };
        }
        Some(Err(nonsense)) => {
            tracing::warn!(%call, %nonsense, "the provider reported nonsense as usage; the call's usage is estimated");
        }
        None => {}
    }
    let usage = Usage {
        input_uncached: request.prompt_bytes.div_ceil(BYTES_PER_TOKEN)
            + request.prompt_files.saturating_mul(TOKENS_PER_FILE),
        output_text: output_tokens(answer_bytes),
        ..Usage::default()
    };
    Consumed {
        usage,
        source: UsageSource::Estimated,
        raw,
    }
}

#[cfg(test)]
mod tests {
    use domain::call::Endpoint;

    use super::*;
    use crate::wire::openai::request::scan;

    const CALL: CallId = CallId::from_number(1);

    #[test]
    fn reports_count_and_nonsense_is_estimated() {
        let body =
            br#"{"model":"x","messages":[{"content":"12345678"},{"content":[{"url":"data:image/png;base64,AAAA"}]}]}"#;
        let request = scan(Endpoint::Chat, body).unwrap();
        let reported = consumed(
            CALL,
            Some(br#"{"prompt_tokens":5,"completion_tokens":2}"#),
            &Quirks::default(),
            &request,
            999,
        );
        assert_eq!(
            (
                reported.usage.input_uncached,
                reported.usage.output_text,
                reported.source
            ),
            (5, 2, UsageSource::Provider)
        );

        let nonsense = consumed(CALL, Some(br#"{"prompt_tokens":-5}"#), &Quirks::default(), &request, 9);
        assert_eq!(
            (
                nonsense.usage.input_uncached,
                nonsense.usage.output_text,
                nonsense.source
            ),
            (1_002, 3, UsageSource::Estimated)
        );
        assert_eq!(nonsense.raw.as_deref(), Some(r#"{"prompt_tokens":-5}"#));
        assert_eq!(consumed(CALL, None, &Quirks::default(), &request, 0).raw, None);
    }
}

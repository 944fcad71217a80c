//! An answer without a limit goes on as long as its credit does: the hold grows in steps, ahead of what was produced. When it
//! cannot, the stream ends with an error, and what was produced is settled. So it is with an answer whose provider overlooks the
//! limit of its client.

use super::super::{CallError, estimate, record::Record, task::Context};

/// Whoever keeps to a limit writes no more bytes than this for each of its tokens: rare scripts, escaped as JSON does it, come to
/// half of that on the average.
const LONGEST_TOKEN: u64 = 64;
/// And so many beside: proofs and ciphers of thoughts are long, however short the thought.
const AROUND: u64 = 4_096;

/// How far a stream may go.
#[derive(Debug, Default)]
pub(super) struct Allowance {
    /// More came than its provider can have written within the limit that it was told.
    overlooked: bool,
    /// The tokens that were covered when the next step was refused.
    refused_at: Option<u64>,
}

impl Allowance {
    /// To be asked before what was heard goes on to the client. Waits only when that is not covered yet.
    pub async fn check(
        &mut self,
        context: &Context<'_>,
        record: &mut Record,
        text_bytes: u64,
    ) -> Result<(), CallError> {
        if record.funds().is_limited() && !self.overlooked {
            if may_be_within(record.funds().covered(), text_bytes) {
                return Ok(());
            }
            self.overlooked = true;
            let provider = &*context.candidate.provider.title;
            tracing::warn!(call = %context.call, provider, "a provider writes on beyond the limit that it was told");
        }
        let produced = estimate::output_tokens(text_bytes);
        while let Some(covered) = record.funds().covered() {
            let needed = produced > covered;
            let answer = match record.grown(context.inner, needed).await {
                Some(answer) => answer,
                None if record.is_growing() => break,
                None if needed || produced > covered / 5 * 4 && self.refused_at != Some(covered) => {
                    record.grow(context.inner).await
                }
                None => break,
            };
            match answer {
                Ok(()) => self.refused_at = None,
                // There may be more when it is needed.
                Err(_) if !needed => self.refused_at = Some(covered),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Whoever keeps to a limit of so many tokens may have written so many bytes.
fn may_be_within(tokens: Option<u64>, bytes: u64) -> bool {
    tokens.is_none_or(|tokens| bytes <= tokens.saturating_mul(LONGEST_TOKEN).saturating_add(AROUND))
}

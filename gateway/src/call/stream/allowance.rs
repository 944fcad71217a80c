//! An answer without a limit goes on as long as its credit does: the hold grows in steps, ahead of what was produced. When it
//! cannot, the stream ends with an error, and what was produced is settled.

use super::super::{CallError, estimate, record::Record, task::Context};

/// How far a stream may go.
#[derive(Debug, Default)]
pub(super) struct Allowance {
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

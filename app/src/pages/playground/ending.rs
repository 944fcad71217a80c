//! How an answer ended, read from the call's row in the log: the playground shows the same numbers as the log does.

use domain::{
    access::Viewer,
    call::{Call, CallState},
    id::CallId,
    time::Micros,
    usage::UsageSource,
};
use gateway::Gateway;

use crate::{
    components::{format, money},
    islands::playground::frame::{Ending, Metrics, Outcome, Problem},
    pages::calls::remedy,
};

/// The ending of a call that is settled; `None` while it is open, or when the log cannot be read.
pub async fn of(gateway: &Gateway, viewer: &Viewer, id: CallId) -> Option<Ending> {
    let detail = gateway.calls().detail(viewer, id).await.ok()??;
    Some(Ending {
        outcome: outcome(gateway, viewer, &detail.call)?,
        metrics: metrics(&detail.call),
    })
}

fn outcome(gateway: &Gateway, viewer: &Viewer, call: &Call) -> Option<Outcome> {
    Some(match call.state {
        CallState::Open => return None,
        CallState::Succeeded if call.finish_reason.as_deref() == Some("length") => Outcome::Cut,
        CallState::Succeeded => Outcome::Complete,
        CallState::Cancelled if call.failure.is_none() => Outcome::Stopped,
        CallState::Cancelled | CallState::Failed | CallState::Interrupted => Outcome::Failed(match &call.failure {
            Some(failure) => Problem {
                fault: Some(failure.fault),
                code: failure.code.clone(),
                message: failure.message.clone(),
                retry_after: None,
                href: remedy(gateway, viewer, call),
            },
            None => Problem {
                fault: None,
                code: String::new(),
                message: String::new(),
                retry_after: None,
                href: None,
            },
        }),
    })
}

fn metrics(call: &Call) -> Option<Metrics> {
    if call.usage_source == UsageSource::None {
        return None;
    }
    let output = call.usage.output_total();
    Some(Metrics {
        first: call.first_byte.map(format::span),
        total: call.duration.map(format::span),
        speed: speed(output, call.first_byte, call.duration).map(format::count),
        input: format::count(call.usage.input_total()),
        output: format::count(output),
        estimated: matches!(call.usage_source, UsageSource::Mixed | UsageSource::Estimated),
        charge: call.charge.map(money::words),
    })
}

/// Tokens per second from the first byte to the last. `None` when that span is too short to mean anything.
fn speed(tokens: u64, first: Option<Micros>, total: Option<Micros>) -> Option<u64> {
    let span = u64::try_from(total?.0.checked_sub(first?.0)?).ok()?;
    (span >= 10_000 && tokens > 1).then(|| tokens.saturating_mul(1_000_000) / span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_is_told_only_where_it_means_something() {
        let at = |micros| Some(Micros(micros));
        assert_eq!(speed(344, at(402_000), at(3_103_000)), Some(127));
        assert_eq!(speed(344, at(402_000), at(402_000)), None);
        assert_eq!(speed(344, at(500_000), at(402_000)), None);
        assert_eq!(speed(344, None, at(402_000)), None);
        assert_eq!(speed(1, at(0), at(1_000_000)), None);
    }
}

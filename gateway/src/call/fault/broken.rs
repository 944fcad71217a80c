//! Answers that do not come, break off, or cannot be read, as the caller is told.

use domain::call::Fault;

use crate::{call::CallError, wire::canonical::Defect};

/// Nothing came in time.
pub(in crate::call) fn timed_out(provider: &str, what: &str) -> CallError {
    CallError::new(
        Fault::Provider,
        504,
        "provider_timeout",
        format!("{provider} did not answer in time: {what}."),
    )
}

/// The code of answers that are not what this wire prescribes.
pub(in crate::call) const UNREADABLE: &str = "provider_answer_unreadable";

/// The answer is not what this wire prescribes.
pub(in crate::call) fn unreadable(provider: &str, what: &str) -> CallError {
    CallError::new(
        Fault::Provider,
        502,
        UNREADABLE,
        format!("{provider} sent an answer that cannot be read: {what}."),
    )
}

/// The answer broke off.
pub(in crate::call) fn interrupted(provider: &str) -> CallError {
    CallError::new(
        Fault::Provider,
        502,
        "upstream_interrupted",
        format!("The answer of {provider} broke off. What came so far is incomplete."),
    )
}

/// The answer has ended, and is none.
pub(in crate::call) fn defective(provider: &str, defect: &Defect) -> CallError {
    match defect {
        Defect::NoEnd => interrupted(provider),
        defect => unreadable(provider, &defect.to_string()),
    }
}

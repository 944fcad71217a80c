//! What is written of a call when the database refuses its row: who, when, how far, how much. Whatever came from outside as
//! free text is left out, names are cut to plain letters. A call that stands like this is better than one that is missing.

use domain::call::Failure;

use crate::store::calls::{AttemptRow, CallRow};

/// Longest name that is kept.
const NAME_LIMIT: usize = 100;
/// What stands instead of the words of a failure.
const NOTE: &str = "The words of this failure could not be stored.";

/// The row of a call without its texts.
pub(crate) fn call(row: &CallRow) -> CallRow {
    CallRow {
        model_asked: plain(&row.model_asked),
        model_served: row.model_served.as_deref().map(plain),
        provider: row.provider.as_deref().map(plain),
        finish_reason: None,
        raw_usage: None,
        failure: row.failure.as_ref().map(failure),
        agent: None,
        dropped: None,
        kept: None,
        ..row.clone()
    }
}

/// The row of an attempt without its texts.
pub(crate) fn attempt(row: &AttemptRow) -> AttemptRow {
    AttemptRow {
        provider: plain(&row.provider),
        credential: row.credential.as_deref().map(plain),
        model: plain(&row.model),
        upstream_request_id: None,
        failure: row.failure.as_ref().map(failure),
        ..row.clone()
    }
}

fn failure(told: &Failure) -> Failure {
    Failure {
        fault: told.fault,
        code: plain(&told.code),
        message: NOTE.to_owned(),
    }
}

fn plain<T: From<String>>(name: &str) -> T {
    let plain: String = name
        .chars()
        .filter(|letter| letter.is_ascii_graphic() || *letter == ' ')
        .take(NAME_LIMIT)
        .collect();
    plain.into()
}

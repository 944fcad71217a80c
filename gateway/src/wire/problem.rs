//! What is wrong with a request, in words of no dialect. Each dialect's reader makes these; `call` answers 400 with them.

use std::borrow::Cow;

/// The request cannot be understood. Becomes an answer 400 in the caller's dialect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RequestProblem {
    /// A sentence for the caller.
    pub message: String,
    /// The member that is wrong, as `messages[2].content`.
    pub param: Option<Cow<'static, str>>,
    /// Stable word for programs.
    pub code: &'static str,
}

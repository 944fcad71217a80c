//! Reads a whole answer: one `GenerateContentResponse`, or the list of them that a stream without `alt=sse` is.

use super::chunk::State;
use crate::wire::canonical::{Event, ReadProblem, Report};

/// What the answer says, and what it counts.
///
/// # Errors
/// [`ReadProblem`].
pub fn answer(body: &[u8]) -> Result<(Vec<Event>, Option<Report>), ReadProblem> {
    let mut state = State::default();
    let mut events = Vec::new();
    state.read(body, &mut events)?;
    Ok((events, state.counts.report().cloned()))
}

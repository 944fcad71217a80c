//! Reads a whole answer.

use super::{line::State, usage};
use crate::wire::canonical::{Event, ReadProblem, Report};

/// What the answer says, and what it counts.
///
/// # Errors
/// [`ReadProblem`].
pub fn answer(body: &[u8]) -> Result<(Vec<Event>, Option<Report>), ReadProblem> {
    let mut state = State::default();
    let mut events = Vec::new();
    state.read(body, &mut events)?;
    Ok((events, state.usage.as_deref().map(usage::report)))
}

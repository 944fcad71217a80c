//! Marks for the provider's cache: "A maximum of 4 blocks with cache_control may be provided. Found 5."
//! (<https://github.com/continuedev/continue/pull/6937>). Clients of other dialects know no such limit, and AIGNE's options mark by themselves.

use super::{CacheControl, Losses, content::Block, messages::Turn, tools::Tool};

const MOST: usize = 4;

/// Leaves the last ones, which reach furthest, and names that others went. `taken` are those that stand elsewhere in the request.
pub(super) fn limit<'a>(
    tools: &mut [Tool<'_>],
    system: &mut [Block<'a>],
    turns: &mut [Turn<'a>],
    taken: usize,
    losses: &mut Losses,
) {
    let mut found: Vec<&mut Option<CacheControl>> = Vec::new();
    found.extend(tools.iter_mut().map(|tool| &mut tool.cache_control));
    let said = turns.iter_mut().flat_map(|turn| turn.content.iter_mut());
    system.iter_mut().chain(said).for_each(|block| block.marks(&mut found));
    found.retain(|mark| mark.is_some());
    let beyond = found.len().saturating_sub(MOST.saturating_sub(taken));
    for mark in found.into_iter().take(beyond) {
        *mark = None;
        losses.add("cache_control");
    }
}

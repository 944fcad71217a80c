//! Marks for the provider's cache: "A maximum of 4 blocks with cache_control may be provided. Found 5."
//! (<https://github.com/continuedev/continue/pull/6937>), and "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control
//! block" (<https://github.com/cnighswonger/claude-code-cache-fix/issues/44>). Clients of other dialects know no such limits, and AIGNE's options mark by
//! themselves.

use serde_json::{Map, Value};

use super::{CacheControl, Losses, content::Block, messages::Turn, tools::Tool};

const MOST: usize = 4;

/// Leaves the last ones, which reach furthest, and lets none live longer than one before it. Among the other members of the request may be a
/// mark of all of it, which counts as one behind all others. What went is named.
pub(super) fn limit<'a>(
    tools: &mut [Tool<'_>],
    system: &mut [Block<'a>],
    turns: &mut [Turn<'a>],
    members: &mut Map<String, Value>,
    losses: &mut Losses,
) {
    let whole = members.get_mut("cache_control");
    let mut found: Vec<&mut Option<CacheControl>> = Vec::new();
    found.extend(tools.iter_mut().map(|tool| &mut tool.cache_control));
    let said = turns.iter_mut().flat_map(|turn| turn.content.iter_mut());
    system.iter_mut().chain(said).for_each(|block| block.marks(&mut found));
    found.retain(|mark| mark.is_some());
    let beyond = found.len().saturating_sub(MOST - usize::from(whole.is_some()));
    for mark in found.drain(..beyond) {
        *mark = None;
        losses.add("cache_control");
    }
    let mut ends_soon = false;
    for mark in found.into_iter().flatten() {
        match mark.ttl {
            None => ends_soon = true,
            // Shorter, and not the ones before it longer: those would be dearer than was asked for.
            Some(_) if ends_soon => {
                mark.ttl = None;
                losses.add("cache_control.ttl");
            }
            Some(_) => {}
        }
    }
    if let Some(Value::Object(whole)) = whole
        && ends_soon
        && whole.get("ttl").is_some_and(|ttl| ttl == "1h")
    {
        whole.shift_remove("ttl");
        losses.add("cache_control.ttl");
    }
}

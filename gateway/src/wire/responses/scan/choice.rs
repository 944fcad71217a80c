//! What goes of `tool_choice` when tools that the provider runs are left out: OpenAI refuses a choice of a tool that is not there.

use std::ops::Range;

use super::{
    super::super::json::{Member, Value},
    is_clients, of_provider,
};

/// The bytes to take away so that valid JSON stays. `model` always stays: what stands before it goes with the comma that follows.
pub(super) fn gone(choice: &Member<'_>, text: &[u8], model: &Range<usize>, own_tools: bool) -> Vec<Range<usize>> {
    let value = &choice.value;
    let allowed = value.member("tools");
    if own_tools && value.is_object() {
        match &allowed {
            // `allowed_tools`: those that are left stay allowed, and no others.
            Some(tools) if any_own(tools) => return of_provider(tools).into_iter().map(|(span, _)| span).collect(),
            None if is_clients(value) => return Vec::new(),
            _ => {}
        }
    } else if own_tools {
        return Vec::new();
    }
    let (start, end) = (choice.name_span.start, value.span().end);
    let comma_after = || memchr::memchr(b',', &text[end..]).map_or(end, |skipped| end + skipped + 1);
    vec![match choice.comma_before {
        _ if start < model.start => start..comma_after(),
        Some(comma) => comma..end,
        None => start..end,
    }]
}

fn any_own(tools: &Value<'_>) -> bool {
    let mut own = false;
    tools.elements(|tool| own |= is_clients(&tool));
    own
}

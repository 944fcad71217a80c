//! JSON or tools: models that do not do both in one call.

use crate::wire::{
    canonical::{Dropped, Format, Request, ToolChoice},
    in_words,
};

/// Leaves one of both out. Tools that may not be called go, and nobody misses them; else the form of the answer goes, and is asked for in
/// words, as whoever has tools needs them.
pub(super) fn one(request: &mut Request) -> Option<Dropped> {
    if request.tool_choice == Some(ToolChoice::None) {
        request.tools.clear();
        request.tool_choice = None;
        return None;
    }
    let format = std::mem::take(&mut request.format);
    if format == Format::Text {
        return None;
    }
    in_words::ask(request, &format);
    Some(Dropped("response_format".to_owned()))
}

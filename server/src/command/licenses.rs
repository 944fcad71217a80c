//! `licenses`: what others have written that is linked into this binary, and under which words. Opens no database.

use serde_json::json;

use super::{CommandError, Outcome};
use crate::assets;

/// Prints the whole text.
pub fn run() -> Result<Outcome, CommandError> {
    let text = assets::licences().ok_or(CommandError::NoNotices)?;
    Ok(Outcome {
        json: json!({ "text": text }),
        result: text,
        sentence: String::new(),
    })
}

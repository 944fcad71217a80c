//! Reads Ollama's errors: `{"error":"…"}`, with a status 4xx or 5xx or as a line after 200, where a number may stand beside it
//! under `status`. It never says how long to wait.

use serde_json::Value;

use crate::wire::openai::error::{self, Said};

/// What the error says. `code` is the status beside it, or empty.
pub(crate) fn read(body: &[u8]) -> Said {
    let mut said = error::read(body);
    if said.code.is_empty()
        && let Ok(whole) = serde_json::from_slice::<Value>(body)
        && let Some(status) = whole["status"].as_u64()
    {
        said.code = status.to_string();
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_texts() {
        let said = read(br#"{"error":"model 'nope' not found"}"#);
        assert_eq!(
            (said.message.as_str(), said.code.as_str()),
            ("model 'nope' not found", "")
        );
        assert!(said.in_shape);
        assert_eq!(read(br#"{"error":"too long","status":400}"#).code, "400");
        assert_eq!(read(b"404 page not found").message, "404 page not found");
    }
}

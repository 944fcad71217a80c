//! Reads what Anthropic says about a failure: `{"type":"error","error":{"type","message"},"request_id"}`. Its type is the word
//! for programs. Proxies in front of it answer in other shapes, which are read as everywhere. Called for answers that are no
//! success.

use super::super::openai::error::{self, Said};

/// What a body says.
pub(crate) fn read(body: &[u8]) -> Said {
    error::read(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_is_the_word_for_programs() {
        let said = read(
            br#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"}"#,
        );
        assert_eq!(
            (said.in_shape, said.code.as_str(), said.message.as_str()),
            (true, "overloaded_error", "Overloaded")
        );
        assert!(!read(b"<html>").in_shape);
    }
}

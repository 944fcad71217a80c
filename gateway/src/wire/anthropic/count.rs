//! How many tokens a request has, for clients that ask before they send it. A provider of this wire is asked itself; for all
//! others it is estimated here, by the same figures as everywhere. Called by the handler of `count_tokens`.

use super::super::canonical::{Part, Request, Source, request::Format};

/// Bytes of a token, as in every estimate of the hub.
const BYTES_PER_TOKEN: u64 = 4;
/// Tokens of a picture or a document.
const TOKENS_PER_FILE: u64 = 1_000;
/// Tokens that a turn and a tool have beside their words.
const TOKENS_AROUND: u64 = 4;

/// The tokens of a request, roughly.
#[must_use]
pub(crate) fn estimate(request: &Request) -> u64 {
    let mut counted = Counted::default();
    for message in &request.messages {
        counted.tokens += TOKENS_AROUND;
        counted.parts(&message.parts);
    }
    for tool in &request.tools {
        counted.tokens += TOKENS_AROUND;
        counted.bytes += length(&tool.name) + tool.description.as_deref().map_or(0, length);
        counted.bytes += length(&tool.schema.to_string());
    }
    if let Format::JsonSchema { schema, .. } = &request.format {
        counted.bytes += length(&schema.to_string());
    }
    counted.tokens + counted.bytes.div_ceil(BYTES_PER_TOKEN)
}

#[derive(Default)]
struct Counted {
    bytes: u64,
    tokens: u64,
}

impl Counted {
    fn parts(&mut self, parts: &[Part]) {
        for part in parts {
            match part {
                Part::Text { text, .. } | Part::Refusal(text) => self.bytes += length(text),
                Part::File(file) => match &file.source {
                    Source::Text(text) => self.bytes += length(text),
                    _ => self.tokens += TOKENS_PER_FILE,
                },
                // Thoughts of earlier turns are read again only by the model that has thought them, which is not asked here.
                Part::Thought(thought) => self.bytes += length(&thought.text),
                Part::ToolCall(call) => self.bytes += length(&call.name) + length(&call.arguments),
                Part::ToolResult(result) => self.parts(&result.parts),
            }
        }
    }
}

fn length(text: &str) -> u64 {
    text.len() as u64
}

/// The answer's body.
#[must_use]
pub(crate) fn body(tokens: u64) -> Vec<u8> {
    format!("{{\"input_tokens\":{tokens}}}").into_bytes()
}

/// A provider's answer tells a number. It goes to the client as it came.
#[must_use]
pub(crate) fn is_answer(body: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(body).is_ok_and(|told| told["input_tokens"].is_u64())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::read, *};
    use crate::wire::golden::provider::any_json;

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = is_answer(&bytes);
        }

        /// Whatever else stands in it, and wherever it is cut.
        #[test]
        fn only_a_whole_number_is_an_answer(told in any_json(&["input_tokens", "context_management"]), tokens in any::<u64>(), cut in 0..40_usize) {
            let number = told.get("input_tokens").is_some_and(serde_json::Value::is_u64);
            prop_assert_eq!(is_answer(told.to_string().as_bytes()), number);
            let mut own = body(tokens);
            prop_assert!(is_answer(&own));
            own.truncate(own.len().saturating_sub(1).min(cut));
            prop_assert!(!is_answer(&own));
        }
    }

    #[test]
    fn texts_tools_and_files_count() {
        let request = |body: &str| read::read(body.as_bytes()).unwrap();
        let plain = request(r#"{"model":"m","messages":[{"role":"user","content":"12345678"}]}"#);
        assert_eq!(estimate(&plain), 4 + 2);
        let more = request(
            r#"{"model":"m","system":"1234","tools":[{"name":"abcd","input_schema":{}}],"messages":[{"role":"user","content":[
                {"type":"text","text":"12345678"},{"type":"image","source":{"type":"url","url":"https://a.test/"}}]}]}"#,
        );
        // Two turns and a tool, 4 + 8 + 4 + 2 bytes, a picture.
        assert_eq!(estimate(&more), 3 * 4 + 5 + 1_000);
        assert_eq!(body(12), b"{\"input_tokens\":12}");
    }
}

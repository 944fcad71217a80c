//! How much a request that is read as a whole may hold. Its bytes are counted where bodies are received; as a tree each of its values
//! takes many times as much, so that a body of nothing but `0,0,0` would take its length sixty times over.

use super::RequestProblem;
use crate::wire::json;

/// Values of one request: some hundred megabytes when it is read and written anew.
const MOST_VALUES: usize = 1_000_000;
/// A value and the comma before it.
const SMALLEST: usize = 2;

/// # Errors
/// [`RequestProblem`] when the request holds more values than are read.
pub(super) fn check(body: &[u8]) -> Result<(), RequestProblem> {
    if body.len() < MOST_VALUES * SMALLEST || json::values(body) <= MOST_VALUES {
        return Ok(());
    }
    Err(RequestProblem {
        message: format!(
            "The request holds more than {MOST_VALUES} JSON values, and its provider speaks another language than you do, so that all of them would have to be read. Send fewer, or choose a model whose provider speaks yours."
        ),
        param: None,
        code: "too_many_values",
    })
}

#[cfg(test)]
mod tests {
    use domain::{
        call::Dialect,
        catalog::ProviderKind::{Google, Ollama, Openai},
    };

    use super::*;
    use crate::wire::speech::{Speech, scan};

    /// A tool whose schema is a list of so many zeros.
    fn with_zeros(count: usize) -> String {
        let zeros = "0,".repeat(count);
        format!(
            r#"{{"model":"a/m","messages":[{{"role":"user","content":"x"}}],"max_tokens":9,
                "tools":[{{"type":"function","function":{{"name":"t","parameters":{{"default":[{zeros}0]}}}}}}]}}"#
        )
    }

    #[test]
    fn only_who_is_read_as_a_whole_may_hold_no_more_than_there_is_room_for() {
        let problem = |dialect, kind, body: &str| {
            let scanned = scan(dialect, body.as_bytes());
            scanned
                .and_then(|mut scanned| Speech::between(dialect, kind, "m").prepare(&mut scanned, body.as_bytes(), "m"))
        };
        let (many, fewer) = (with_zeros(MOST_VALUES), with_zeros(MOST_VALUES - 100));
        for kind in [Google, Ollama] {
            let refused = problem(Dialect::OpenaiChat, kind, &many).unwrap_err();
            assert_eq!(refused.code, "too_many_values", "{kind:?}");
            assert_eq!(problem(Dialect::OpenaiChat, kind, &fewer), Ok(()), "{kind:?}");
        }
        assert_eq!(
            problem(Dialect::OpenaiChat, Openai, &many),
            Ok(()),
            "it passes as it is"
        );
        for dialect in [Dialect::AigneChat, Dialect::AigneCompletions] {
            assert_eq!(problem(dialect, Openai, &many).unwrap_err().code, "too_many_values");
        }
    }

    #[test]
    fn what_stands_in_texts_is_not_counted() {
        assert_eq!(json::values(br#"{"a,[{": ["x,\",[{", 1, {}], "b": null}"#), 7);
        assert_eq!(json::values(b"7"), 1);
        assert_eq!(json::values(br#"["a, "#), 2);
    }
}

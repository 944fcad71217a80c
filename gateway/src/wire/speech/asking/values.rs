//! How many values a request that is read as a whole may hold. Its bytes are counted where bodies are received; as a tree each of its values
//! takes many times as much, so that a body of nothing but `0,0,0` would take its length sixty times over.

use domain::call::Dialect;

use super::RequestProblem;
use crate::wire::json;

/// Values of one request: some hundred megabytes when it is read and written anew.
const MOST: usize = 1_000_000;

/// How many values a request holds that is to be read as a whole.
///
/// # Errors
/// [`RequestProblem`] when it holds more than are read.
pub(crate) fn values(body: &[u8]) -> Result<usize, RequestProblem> {
    let values = json::values(body);
    if values <= MOST {
        return Ok(values);
    }
    Err(RequestProblem {
        message: format!(
            "The request holds more than {MOST} JSON values, and all of them would have to be read to tell this model's provider what you ask. Send fewer, or choose a model whose provider speaks your API."
        ),
        param: None,
        code: "too_many_values",
    })
}

/// Whether requests of this dialect are read as a whole before it is known who answers: nobody's bytes pass.
pub(crate) const fn is_read_at_once(dialect: Dialect) -> bool {
    matches!(dialect, Dialect::AigneChat | Dialect::AigneCompletions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_texts_is_not_counted() {
        assert_eq!(values(br#"{"a,[{": ["x,\",[{", 1, {}], "b": null}"#), Ok(7));
        assert_eq!(values(b"7"), Ok(1));
        assert_eq!(values(br#"["a, "#), Ok(2));
    }

    #[test]
    fn no_more_values_are_read_than_there_is_room_for() {
        let zeros = |count: usize| format!("[{}0]", "0,".repeat(count - 2));
        assert_eq!(values(zeros(MOST).as_bytes()), Ok(MOST));
        assert_eq!(values(zeros(MOST + 1).as_bytes()).unwrap_err().code, "too_many_values");
    }
}

//! Embeddings: `/api/embed`.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{line, usage};
use crate::wire::canonical::{
    Dropped, ReadProblem, Report, Target,
    embedding::{Embedding, Vectors},
};

/// Writes the request.
#[must_use]
pub fn write(wanted: &Embedding, target: &Target<'_>) -> (Vec<u8>, Vec<Dropped>) {
    let mut body = Map::new();
    body.insert("model".to_owned(), json!(target.slug));
    body.insert("input".to_owned(), json!(wanted.inputs));
    if let Some(dimensions) = wanted.dimensions {
        body.insert("dimensions".to_owned(), json!(dimensions));
    }
    let mut dropped: Vec<Dropped> = wanted.extra.keys().map(|name| Dropped(name.clone())).collect();
    dropped.sort();
    // A tree of values always is JSON.
    (serde_json::to_vec(&Value::Object(body)).unwrap_or_default(), dropped)
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    embeddings: Option<Vectors>,
    #[serde(default)]
    error: Option<Value>,
}

/// Reads the answer to a request for `inputs` texts.
///
/// # Errors
/// [`ReadProblem`], also when there is not one list of numbers for each text.
pub fn answer(body: &[u8], inputs: usize) -> Result<(Vectors, Option<Report>), ReadProblem> {
    let answer: Answer = serde_json::from_slice(body).map_err(|_| ReadProblem::Malformed)?;
    if answer.error.is_some_and(|error| !error.is_null()) {
        let said = super::refusal::read(body);
        return Err(ReadProblem::Reported {
            message: said.message,
            code: said.code,
        });
    }
    let vectors = answer.embeddings.unwrap_or_default();
    if vectors.len() != inputs {
        return Err(ReadProblem::Malformed);
    }
    Ok((vectors, line::counters(body).as_deref().map(usage::report)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_go_as_a_list_and_lists_of_numbers_come_back() {
        let wanted = Embedding {
            inputs: vec!["a".into(), "b".into()],
            dimensions: Some(2),
            extra: json!({"user": "u"}).as_object().unwrap().clone(),
            ..Embedding::default()
        };
        let target = Target {
            slug: "all-minilm",
            cap: None,
        };
        let (body, dropped) = write(&wanted, &target);
        assert_eq!(body, br#"{"model":"all-minilm","input":["a","b"],"dimensions":2}"#);
        assert_eq!(dropped, [Dropped("user".into())]);
        let body = br#"{"model":"all-minilm","embeddings":[[0.5,-1],[2e-3]],"total_duration":1,"prompt_eval_count":8}"#;
        let (vectors, report) = answer(body, 2).unwrap();
        assert_eq!(vectors, [vec![0.5, -1.0], vec![0.002]]);
        assert_eq!(report.unwrap().usage.unwrap().input_uncached, 8);
        assert_eq!(answer(body, 1), Err(ReadProblem::Malformed));
        assert!(matches!(
            answer(br#"{"error":"x"}"#, 1),
            Err(ReadProblem::Reported { .. })
        ));
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = answer(&body, 1);
        }
    }
}

//! Embeddings: `batchEmbedContents`, for one text as for many.
//!
//! The answer counts tokens only where the model does (`usageMetadata`); else the caller estimates.

use serde::Deserialize;
use serde_json::{Map, Value, json, value::RawValue};

use super::usage;
use crate::wire::canonical::{
    Dropped, ReadProblem, Report, Target, Unspeakable,
    embedding::{Embedding, Vectors},
};

/// Most texts that Google takes at once.
const MOST_INPUTS: usize = 100;

/// Writes the request.
///
/// # Errors
/// [`Unspeakable`] for more texts than Google takes at once.
pub fn write(wanted: &Embedding, target: &Target<'_>) -> Result<(Vec<u8>, Vec<Dropped>), Unspeakable> {
    if wanted.inputs.len() > MOST_INPUTS {
        return Err(Unspeakable {
            message: format!("Gemini embeds {MOST_INPUTS} texts at once at the most. Send fewer."),
            param: "input".to_owned(),
        });
    }
    let slug = target.slug.strip_prefix("models/").unwrap_or(target.slug);
    let one = |text: &String| {
        let mut one = Map::new();
        one.insert("model".to_owned(), json!(format!("models/{slug}")));
        one.insert("content".to_owned(), json!({"parts": [{"text": text}]}));
        if let Some(dimensions) = wanted.dimensions {
            one.insert("outputDimensionality".to_owned(), json!(dimensions));
        }
        Value::Object(one)
    };
    let requests: Vec<Value> = wanted.inputs.iter().map(one).collect();
    let mut dropped: Vec<Dropped> = wanted.extra.keys().map(|name| Dropped(name.clone())).collect();
    dropped.sort();
    // A tree of values always is JSON.
    let body = serde_json::to_vec(&json!({ "requests": requests })).unwrap_or_default();
    Ok((body, dropped))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    #[serde(default)]
    embeddings: Option<Vec<Values>>,
    /// As `embedContent` has it.
    #[serde(default)]
    embedding: Option<Values>,
    #[serde(default, borrow)]
    usage_metadata: Option<&'a RawValue>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Values {
    values: Vec<f32>,
}

/// Reads the answer to a request for `inputs` texts.
///
/// # Errors
/// [`ReadProblem`], also when there is not one list of numbers for each text.
pub fn answer(body: &[u8], inputs: usize) -> Result<(Vectors, Option<Report>), ReadProblem> {
    let answer: Answer<'_> = serde_json::from_slice(body).map_err(|_| ReadProblem::Malformed)?;
    if let Some(error) = answer.error.filter(|error| !error.is_null()) {
        let said = super::refusal::of_error(&error);
        return Err(ReadProblem::Reported {
            message: said.message,
            code: said.code,
        });
    }
    let lists = answer.embeddings.into_iter().flatten().chain(answer.embedding);
    let vectors: Vectors = lists.map(|list| list.values).collect();
    if vectors.len() != inputs {
        return Err(ReadProblem::Malformed);
    }
    let usage = answer.usage_metadata.filter(|raw| usage::counts_prompt(raw.get()));
    Ok((vectors, usage.map(|raw| usage::report(raw.get().as_bytes()))))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_become_requests_and_lists_of_numbers_come_back() {
        let wanted = Embedding {
            inputs: vec!["a".into(), "b".into()],
            dimensions: Some(2),
            extra: json!({"user": "u"}).as_object().unwrap().clone(),
            ..Embedding::default()
        };
        let target = Target {
            slug: "gemini-embedding-001",
            cap: None,
        };
        let (body, dropped) = write(&wanted, &target).unwrap();
        let one = |text| json!({"model": "models/gemini-embedding-001", "content": {"parts": [{"text": text}]}, "outputDimensionality": 2});
        assert_eq!(
            serde_json::from_slice::<Value>(&body).unwrap(),
            json!({"requests": [one("a"), one("b")]})
        );
        assert_eq!(dropped, [Dropped("user".into())]);
        let many = Embedding {
            inputs: vec!["a".into(); 101],
            ..Embedding::default()
        };
        assert_eq!(write(&many, &target).unwrap_err().param, "input");

        let body = br#"{"embeddings":[{"values":[0.5,-1]},{"values":[2e-3]}],"usageMetadata":{"promptTokenCount":9}}"#;
        let (vectors, report) = answer(body, 2).unwrap();
        assert_eq!(vectors, [vec![0.5, -1.0], vec![0.002]]);
        assert_eq!(report.unwrap().usage.unwrap().input_uncached, 9);
        assert_eq!(answer(body, 3), Err(ReadProblem::Malformed));
        assert_eq!(answer(br#"{"embedding":{"values":[1]}}"#, 1).unwrap().0, [vec![1.0]]);
        assert!(matches!(
            answer(br#"{"error":{"code":500}}"#, 1),
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

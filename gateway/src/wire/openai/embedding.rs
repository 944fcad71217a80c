//! Embeddings in OpenAI's dialect: `CreateEmbeddingRequest` and `CreateEmbeddingResponse`, for providers with another wire.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::wire::canonical::{
    Unspeakable,
    embedding::{Embedding, Vectors},
};

/// Reads a request. Lists of token numbers are refused: only OpenAI knows what they stand for.
///
/// # Errors
/// [`Unspeakable`], with the member that is wrong.
pub fn read(body: &[u8]) -> Result<Embedding, Unspeakable> {
    let wrong = |param: &str, message: &str| Unspeakable {
        message: message.to_owned(),
        param: param.to_owned(),
    };
    let body: Map<String, Value> =
        serde_json::from_slice(body).map_err(|_| wrong("", "The body of the request is not a JSON object."))?;
    let mut wanted = Embedding::default();
    for (name, value) in body {
        match (name.as_str(), value) {
            ("model", _) | (_, Value::Null) => {}
            ("input", Value::String(text)) => wanted.inputs = vec![text],
            ("input", Value::Array(texts)) => {
                let texts = texts.into_iter().map(|text| match text {
                    Value::String(text) => Ok(text),
                    _ => Err(wrong(
                        "input",
                        "This model takes texts as input, not the numbers of tokens.",
                    )),
                });
                wanted.inputs = texts.collect::<Result<_, _>>()?;
            }
            ("dimensions", value) => {
                let count = value.as_u64().filter(|count| *count > 0);
                wanted.dimensions =
                    Some(count.ok_or_else(|| wrong("dimensions", "dimensions must be a whole number above 0."))?);
            }
            ("encoding_format", Value::String(format)) => match format.as_str() {
                "float" => wanted.base64 = false,
                "base64" => wanted.base64 = true,
                _ => return Err(wrong("encoding_format", "encoding_format must be float or base64.")),
            },
            (_, value) => {
                wanted.extra.insert(name, value);
            }
        }
    }
    if wanted.inputs.iter().all(String::is_empty) {
        return Err(wrong(
            "input",
            "input must be a text or a list of texts, and not be empty.",
        ));
    }
    Ok(wanted)
}

#[derive(Serialize)]
struct List<'a> {
    object: &'a str,
    data: Vec<One<'a>>,
    model: &'a str,
    usage: Counted,
}

#[derive(Serialize)]
struct One<'a> {
    object: &'a str,
    index: usize,
    embedding: Numbers<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Numbers<'a> {
    Floats(&'a [f32]),
    Base64(String),
}

#[derive(Serialize)]
struct Counted {
    prompt_tokens: u64,
    total_tokens: u64,
}

fn one(index: usize, vector: &[f32], base64: bool) -> One<'_> {
    One {
        object: "embedding",
        index,
        embedding: if base64 {
            let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
            Numbers::Base64(STANDARD.encode(bytes))
        } else {
            Numbers::Floats(vector)
        },
    }
}

/// Writes the answer for the model as the client called it.
#[must_use]
pub fn write(vectors: &Vectors, base64: bool, model: &str, tokens: u64) -> Vec<u8> {
    let list = List {
        object: "list",
        data: vectors
            .iter()
            .enumerate()
            .map(|(index, vector)| one(index, vector, base64))
            .collect(),
        model,
        usage: Counted {
            prompt_tokens: tokens,
            total_tokens: tokens,
        },
    };
    // Texts and numbers always are JSON.
    serde_json::to_vec(&list).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn requests_are_read() {
        let read_one = |body: Value| read(body.to_string().as_bytes());
        let wanted = read_one(json!({"model": "m", "input": "a", "user": "u", "dimensions": null})).unwrap();
        assert_eq!(wanted.inputs, ["a"]);
        assert_eq!(wanted.extra["user"], "u");
        let wanted =
            read_one(json!({"model": "m", "input": ["a", ""], "dimensions": 4, "encoding_format": "base64"})).unwrap();
        assert_eq!(
            (wanted.inputs.len(), wanted.dimensions, wanted.base64),
            (2, Some(4), true)
        );
        for (body, param) in [
            (json!({"input": [1, 2]}), "input"),
            (json!({"input": [[1]]}), "input"),
            (json!({"input": []}), "input"),
            (json!({"input": ""}), "input"),
            (json!({}), "input"),
            (json!({"input": "a", "dimensions": 0}), "dimensions"),
            (json!({"input": "a", "encoding_format": "hex"}), "encoding_format"),
            (json!([]), ""),
        ] {
            assert_eq!(read_one(body.clone()).unwrap_err().param, param, "{body}");
        }
    }

    #[test]
    fn numbers_come_as_numbers_and_as_base64() {
        let vectors = vec![vec![0.5, -1.0], vec![0.1]];
        let text: Value = serde_json::from_slice(&write(&vectors, false, "google/m", 7)).unwrap();
        assert_eq!(
            text,
            json!({"object": "list", "data": [
                {"object": "embedding", "index": 0, "embedding": [0.5, -1.0]},
                {"object": "embedding", "index": 1, "embedding": [0.1]},
            ], "model": "google/m", "usage": {"prompt_tokens": 7, "total_tokens": 7}})
        );
        let packed: Value = serde_json::from_slice(&write(&vectors, true, "m", 0)).unwrap();
        let bytes = STANDARD
            .decode(packed["data"][0]["embedding"].as_str().unwrap())
            .unwrap();
        assert_eq!(bytes, [0.5_f32.to_le_bytes(), (-1.0_f32).to_le_bytes()].concat());
    }
}

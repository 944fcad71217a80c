//! Embeddings: a vector for every input, the same for the same text, of length one.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::request::fingerprint;

const DIMENSIONS: u64 = 64;
/// Most inputs of a request, as OpenAI's.
const MOST: usize = 2048;
/// Most numbers of an answer, which take some 20 MB when they are written.
const NUMBERS: u64 = 1 << 20;

pub(super) fn answer(body: &Value) -> Result<Value, &'static str> {
    let inputs: Vec<&Value> = match &body["input"] {
        Value::Array(all) if all.is_empty() => return Err("'input' must not be empty."),
        // A list of numbers is one text in tokens.
        Value::Array(all) if all.iter().all(Value::is_number) => vec![&body["input"]],
        Value::Array(all) => all.iter().collect(),
        text @ Value::String(_) => vec![text],
        _ => return Err("'input' must be a text or a list."),
    };
    let dimensions = body["dimensions"].as_u64().unwrap_or(DIMENSIONS).clamp(1, 4096);
    if inputs.len() > MOST {
        return Err("'input' must be a list of at most 2048 texts.");
    }
    if inputs.len() as u64 * dimensions > NUMBERS {
        return Err(
            "A simulated answer has at most 1048576 numbers: send fewer texts, or wish for fewer 'dimensions'.",
        );
    }
    let base64 = body["encoding_format"] == "base64";
    let data: Vec<Value> = inputs
        .iter()
        .enumerate()
        .map(|(index, input)| {
            let vector = vector(&input.to_string(), dimensions);
            let embedding = if base64 {
                let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
                STANDARD.encode(bytes).into()
            } else {
                json!(vector)
            };
            json!({ "object": "embedding", "index": index, "embedding": embedding })
        })
        .collect();
    let tokens: usize = inputs
        .iter()
        .map(|input| input.as_array().map_or_else(|| words(input), Vec::len))
        .sum();
    // Embeddings have no fingerprint elsewhere; clients pass over members that they do not know.
    Ok(
        json!({ "object": "list", "data": data, "model": "embed", "system_fingerprint": "simulated", "usage": { "prompt_tokens": tokens, "total_tokens": tokens } }),
    )
}

fn words(input: &Value) -> usize {
    input.as_str().unwrap_or_default().split_whitespace().count().max(1)
}

fn vector(text: &str, dimensions: u64) -> Vec<f32> {
    let seed = fingerprint(text.as_bytes());
    let raw: Vec<f32> = (0..dimensions)
        .map(|place| {
            let bits = fingerprint(&[seed.to_le_bytes(), place.to_le_bytes()].concat());
            // The upper bits as a number from -1 to 1.
            (bits >> 40) as f32 / 8_388_608.0 - 1.0
        })
        .collect();
    let length = raw
        .iter()
        .map(|number| number * number)
        .sum::<f32>()
        .sqrt()
        .max(f32::MIN_POSITIVE);
    raw.into_iter().map(|number| number / length).collect()
}

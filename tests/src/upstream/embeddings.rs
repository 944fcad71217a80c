//! Embeddings: the checks of `CreateEmbeddingRequest` and the shape of `CreateEmbeddingResponse` (openai-openapi), as floats
//! and as base64 of little-endian f32. The vectors are unit vectors made from the input alone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde_json::{Value, json};

use super::catalogue::Ability;
use super::check::{self, fields};
use super::fault::Fault;
use super::refusal::Refusal;
use super::usage::words;

const KNOWN: [&str; 5] = ["input", "model", "dimensions", "encoding_format", "user"];

/// The answer to an embeddings request.
pub(crate) fn answer(body: &Value) -> Result<Value, Refusal> {
    let body = check::object(body)?;
    check::unknown(body, &KNOWN)?;
    let (model, ability) = check::model(body)?;
    let full = match ability {
        Ability::Embedding(full) => full,
        _ if Fault::of_model(&model).is_some() => 1536,
        _ => {
            let refusal = Refusal::invalid("You are not allowed to generate embeddings from this model");
            return Err(refusal.status(StatusCode::FORBIDDEN));
        }
    };
    let most = i64::try_from(full).unwrap_or(i64::MAX);
    let dimensions = fields::integer(body, "dimensions", 1, most)?;
    let dimensions = dimensions.and_then(|count| usize::try_from(count).ok()).unwrap_or(full);
    let base64 = match fields::text(body, "encoding_format")? {
        None | Some("float") => false,
        Some("base64") => true,
        Some(other) => {
            return Err(fields::unsupported("encoding_format", other, &["float", "base64"]));
        }
    };
    fields::text(body, "user")?;
    let inputs = inputs(body.get("input").ok_or_else(|| fields::missing("input"))?)?;
    let show = |(index, (text, _)): (usize, &(String, u64))| {
        let vector = vector(text, dimensions);
        let embedding = if base64 {
            let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
            json!(STANDARD.encode(bytes))
        } else {
            json!(vector)
        };
        json!({"object": "embedding", "index": index, "embedding": embedding})
    };
    let data: Vec<Value> = inputs.iter().enumerate().map(show).collect();
    let tokens: u64 = inputs.iter().map(|(_, tokens)| tokens).sum();
    Ok(json!({
        "object": "list",
        "data": data,
        "model": model,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }))
}

/// The inputs, each with its tokens: a text, texts, token ids, or lists of token ids.
fn inputs(input: &Value) -> Result<Vec<(String, u64)>, Refusal> {
    let bad = || {
        Refusal::invalid(
            "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.",
        )
    };
    let ids = |value: &Value| {
        let list = value
            .as_array()
            .filter(|list| !list.is_empty() && list.iter().all(Value::is_u64))?;
        Some((value.to_string(), list.len() as u64))
    };
    let text = |value: &Value| {
        let text = value.as_str().filter(|text| !text.is_empty())?;
        Some((text.to_owned(), words(text) as u64))
    };
    if let Some(one) = text(input).or_else(|| ids(input)) {
        return Ok(vec![one]);
    }
    let many = input
        .as_array()
        .filter(|list| !list.is_empty() && list.len() <= 2048)
        .ok_or_else(bad)?;
    many.iter()
        .map(|one| text(one).or_else(|| ids(one)).ok_or_else(bad))
        .collect()
}

/// A unit vector that depends on the text alone.
pub(crate) fn vector(text: &str, dimensions: usize) -> Vec<f32> {
    let mut state = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mut next = || {
        // Xorshift: small, well known, and the same everywhere.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let sixteen = u16::try_from(state >> 48).unwrap_or_default();
        f32::from(sixteen) / 32_768.0 - 1.0
    };
    let raw: Vec<f32> = (0..dimensions).map(|_| next()).collect();
    let length = raw
        .iter()
        .map(|number| number * number)
        .sum::<f32>()
        .sqrt()
        .max(f32::MIN_POSITIVE);
    raw.into_iter().map(|number| number / length).collect()
}

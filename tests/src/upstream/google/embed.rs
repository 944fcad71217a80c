//! `batchEmbedContents`: unit vectors made from the texts, as the fake's OpenAI interface makes them.

use serde_json::{Value, json};

use super::super::embeddings::vector;
use super::super::refusal::Refusal;
use super::super::usage::words;
use super::admit::Method;
use super::check::{get, known, object};
use super::invalid;

pub(super) fn answer(body: &Value, method: &Method) -> Result<Value, Refusal> {
    let body = object(body, "")?;
    known(body, &["requests"], "")?;
    let requests = get(body, "requests")
        .and_then(Value::as_array)
        .filter(|list| !list.is_empty());
    let requests =
        requests.ok_or_else(|| invalid("* BatchEmbedContentsRequest.requests: requests is not specified\n"))?;
    if requests.len() > 100 {
        return Err(invalid(
            "* BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch\n",
        ));
    }
    let mut tokens = 0;
    let mut embeddings = Vec::new();
    for (at, request) in requests.iter().enumerate() {
        let place = format!("requests[{at}]");
        let request = object(request, &place)?;
        known(
            request,
            &["model", "content", "taskType", "title", "outputDimensionality"],
            &place,
        )?;
        if request.get("model") != Some(&json!(format!("models/{}", method.id))) {
            return Err(invalid(format!(
                "* BatchEmbedContentsRequest.{place}.model: the model must be that of the batch\n"
            )));
        }
        let text = request
            .get("content")
            .and_then(|content| content["parts"][0]["text"].as_str());
        let text = text.filter(|text| !text.is_empty()).ok_or_else(|| {
            invalid(format!(
                "* BatchEmbedContentsRequest.{place}.content: content is empty\n"
            ))
        })?;
        let dimensions = match get(request, "outputDimensionality") {
            None => Some(3072),
            Some(count) => count.as_u64().filter(|count| (1..=3072).contains(count)),
        };
        let dimensions = dimensions.and_then(|count| usize::try_from(count).ok());
        let dimensions = dimensions.ok_or_else(|| {
            invalid(format!(
                "* BatchEmbedContentsRequest.{place}.output_dimensionality: must be in the range [1, 3072]\n"
            ))
        })?;
        tokens += words(text);
        embeddings.push(json!({"values": vector(text, dimensions)}));
    }
    Ok(json!({
        "embeddings": embeddings,
        "usageMetadata": {"promptTokenCount": tokens, "totalTokenCount": tokens},
    }))
}

//! What a client of each dialect makes of an answer, whole or streamed; a breach of its grammar is an error.

use serde_json::Value;
use tests::grammar;
use tests::grammar::said::{Call, Said};

use super::ask::Dialect;

/// Reads a stream that has ended.
pub fn stream(dialect: Dialect, text: &str) -> Result<Said, String> {
    match dialect {
        Dialect::Chat => grammar::chat::check(text, true),
        Dialect::Completions => grammar::completions::check(text, true),
        Dialect::Responses => grammar::responses::check(text),
        Dialect::Messages => Ok(grammar::messages::check(text)?.said()),
        Dialect::Aigne => grammar::aigne::check(text),
        Dialect::AigneOld => grammar::aigne_old::check(text),
    }
}

/// Reads a whole answer.
pub fn whole(dialect: Dialect, body: &Value) -> Result<Said, String> {
    let said = match dialect {
        Dialect::Chat => chat(body)?,
        Dialect::Completions => completion(body)?,
        Dialect::Responses => {
            let status = text(&body["status"]);
            grammar::responses::whole(body, &status)?;
            responses(body, status)
        }
        Dialect::Messages => messages(body)?,
        Dialect::Aigne => aigne(body)?,
        Dialect::AigneOld => aigne_old(body)?,
    };
    let usage = Some(body["usage"].clone());
    Ok(Said { usage, ..said })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn chat(body: &Value) -> Result<Said, String> {
    let choice = &body["choices"][0];
    let is_whole =
        body["object"] == "chat.completion" && body["id"].is_string() && choice["message"]["role"] == "assistant";
    if !is_whole || !body["usage"]["prompt_tokens"].is_u64() {
        return Err(format!("no chat completion: {body}"));
    }
    let calls = choice["message"]["tool_calls"].as_array().cloned().unwrap_or_default();
    Ok(Said {
        text: text(&choice["message"]["content"]),
        thoughts: text(&choice["message"]["reasoning_content"]),
        calls: calls
            .iter()
            .map(|call| Call {
                id: text(&call["id"]),
                name: text(&call["function"]["name"]),
                arguments: text(&call["function"]["arguments"]),
            })
            .collect(),
        finish: choice["finish_reason"].as_str().map(str::to_owned),
        ..Said::default()
    })
}

fn completion(body: &Value) -> Result<Said, String> {
    let choice = &body["choices"][0];
    if body["object"] != "text_completion" || !choice["text"].is_string() {
        return Err(format!("no completion: {body}"));
    }
    Ok(Said {
        text: text(&choice["text"]),
        finish: choice["finish_reason"].as_str().map(str::to_owned),
        ..Said::default()
    })
}

fn aigne(body: &Value) -> Result<Said, String> {
    if !body["usage"]["inputTokens"].is_u64() || !body["modelWithProvider"].is_string() {
        return Err(format!("no answer of the framework: {body}"));
    }
    let words = match body["json"].is_object() {
        true => body["json"].to_string(),
        false => text(&body["text"]),
    };
    Ok(Said {
        text: words,
        thoughts: text(&body["thoughts"]),
        calls: body["toolCalls"]
            .as_array()
            .into_iter()
            .flatten()
            .map(grammar::aigne::call)
            .collect(),
        finish: body["finishReason"].as_str().map(str::to_owned),
        ..Said::default()
    })
}

fn aigne_old(body: &Value) -> Result<Said, String> {
    let is_whole = body["role"] == "assistant" && body["usage"]["totalTokens"].is_u64();
    if !is_whole || body["text"] != body["content"] {
        return Err(format!("no answer of the older dialect: {body}"));
    }
    Ok(Said {
        text: text(&body["content"]),
        thoughts: text(&body["thoughts"]),
        calls: grammar::aigne_old::calls(&body["toolCalls"]),
        ..Said::default()
    })
}

/// As of a stream, `finish` is `completed`, or the reason why the answer is not complete.
fn responses(body: &Value, status: String) -> Said {
    let reason = body["incomplete_details"]["reason"].as_str();
    let mut said = Said {
        finish: Some(reason.map_or(status, str::to_owned)),
        ..Said::default()
    };
    for item in body["output"].as_array().into_iter().flatten() {
        match item["type"].as_str() {
            Some("message") => {
                for part in item["content"].as_array().into_iter().flatten() {
                    said.text += part["text"].as_str().unwrap_or_default();
                }
            }
            Some("reasoning") => {
                for part in item["summary"].as_array().into_iter().flatten() {
                    said.thoughts += part["text"].as_str().unwrap_or_default();
                }
            }
            Some("function_call") => said.calls.push(Call {
                id: text(&item["call_id"]),
                name: text(&item["name"]),
                arguments: text(&item["arguments"]),
            }),
            _ => {}
        }
    }
    said
}

fn messages(body: &Value) -> Result<Said, String> {
    let is_whole = body["type"] == "message" && body["role"] == "assistant" && body["id"].is_string();
    if !is_whole || !body["usage"]["input_tokens"].is_u64() || !body["stop_reason"].is_string() {
        return Err(format!("no message: {body}"));
    }
    let mut said = Said {
        finish: body["stop_reason"].as_str().map(str::to_owned),
        ..Said::default()
    };
    for block in body["content"].as_array().into_iter().flatten() {
        match block["type"].as_str() {
            Some("text") => said.text += block["text"].as_str().unwrap_or_default(),
            Some("thinking") => said.thoughts += block["thinking"].as_str().unwrap_or_default(),
            Some("tool_use") => said.calls.push(Call {
                id: text(&block["id"]),
                name: text(&block["name"]),
                arguments: block["input"].to_string(),
            }),
            _ => {}
        }
    }
    Ok(said)
}

/// The sentence of an error's body, in the dialect's shape.
pub fn error(dialect: Dialect, body: &Value) -> Result<String, String> {
    let shaped = match dialect {
        Dialect::Chat | Dialect::Completions | Dialect::Responses | Dialect::Aigne | Dialect::AigneOld => {
            body["error"]["type"].is_string() && body["error"]["code"].is_string()
        }
        Dialect::Messages => {
            body["type"] == "error" && body["error"]["type"].is_string() && body["request_id"].is_string()
        }
    };
    let message = text(&body["error"]["message"]);
    if !shaped || message.is_empty() {
        return Err(format!("no error of this dialect: {body}"));
    }
    Ok(message)
}

//! The playground's question as a request in OpenAI's shape, and the pieces of the answer out of that shape.

use domain::catalog::ProviderKind;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::islands::playground::frame::Question;

/// The request that an API client would send for this question.
pub fn request(question: &Question, kind: Option<ProviderKind>) -> Vec<u8> {
    let mut body = Map::new();
    body.insert("model".to_owned(), question.model.clone().into());
    body.insert("messages".to_owned(), json!(question.messages));
    body.insert("stream".to_owned(), true.into());
    body.insert("stream_options".to_owned(), json!({ "include_usage": true }));
    if let Some(hundredths) = question.temperature {
        body.insert("temperature".to_owned(), json!(f64::from(hundredths) / 100.0));
    }
    if let Some(tokens) = question.max_tokens {
        // OpenAI's newer models refuse the older name; many compatible servers know no other.
        let name = if kind == Some(ProviderKind::Openai) {
            "max_completion_tokens"
        } else {
            "max_tokens"
        };
        body.insert(name.to_owned(), tokens.into());
    }
    Value::Object(body).to_string().into_bytes()
}

/// What one event of the answer says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// More of the answer.
    pub text: String,
    /// More of the thinking.
    pub reasoning: String,
}

/// Reads one event's data, or a whole answer. What is not understood says nothing.
pub fn piece(json: &str) -> Piece {
    let mut piece = Piece::default();
    let Ok(chunk) = serde_json::from_str::<Chunk>(json) else {
        return piece;
    };
    for choice in chunk.choices.into_iter().filter(|choice| choice.index == 0) {
        let Some(said) = choice.delta.or(choice.message) else {
            continue;
        };
        piece.text.push_str(&words(said.content.as_ref(), "text"));
        piece.text.push_str(said.refusal.as_deref().unwrap_or_default());
        let thought = said.reasoning_content.or(said.reasoning);
        piece
            .reasoning
            .push_str(thought.as_ref().and_then(Value::as_str).unwrap_or_default());
        piece.reasoning.push_str(&words(
            said.content.as_ref().filter(|content| content.is_array()),
            "thinking",
        ));
    }
    piece
}

#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    index: u32,
    delta: Option<Said>,
    message: Option<Said>,
}

#[derive(Deserialize)]
struct Said {
    content: Option<Value>,
    refusal: Option<String>,
    /// DeepSeek's name for it, and xAI's.
    reasoning_content: Option<Value>,
    /// OpenRouter's and Groq's.
    reasoning: Option<Value>,
}

/// Content is a text, or (Mistral) a list of parts of several kinds.
fn words(content: Option<&Value>, kind: &str) -> String {
    match content {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts
            .iter()
            .filter(|part| part.get("type").and_then(Value::as_str) == Some(kind))
            .map(|part| words(part.get(kind), "text"))
            .collect(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::islands::playground::frame::{Said as Line, Speaker};

    #[test]
    fn a_question_becomes_what_a_client_would_send() {
        let question = Question {
            model: "openai/gpt-x".to_owned(),
            messages: vec![Line {
                role: Speaker::User,
                content: "Hi \"there\"".to_owned(),
            }],
            temperature: Some(70),
            max_tokens: Some(9),
        };
        let body: Value = serde_json::from_slice(&request(&question, Some(ProviderKind::Openai))).unwrap();
        let expected = json!({
            "model": "openai/gpt-x", "messages": [{ "role": "user", "content": "Hi \"there\"" }], "temperature": 0.7,
            "max_completion_tokens": 9, "stream": true, "stream_options": { "include_usage": true },
        });
        assert_eq!(body, expected);
        let plain = Question {
            temperature: None,
            max_tokens: None,
            ..question
        };
        let body: Value = serde_json::from_slice(&request(&plain, None)).unwrap();
        assert_eq!((body.get("temperature"), body.get("max_tokens")), (None, None));
    }

    #[test]
    fn pieces_are_read_from_every_known_shape() {
        let cases = [
            (r#"{"choices":[{"index":0,"delta":{"content":"Hel"}}]}"#, "Hel", ""),
            (
                r#"{"choices":[{"index":0,"message":{"content":"whole"}}]}"#,
                "whole",
                "",
            ),
            (r#"{"choices":[{"index":1,"delta":{"content":"other"}}]}"#, "", ""),
            (
                r#"{"choices":[{"delta":{"content":null,"reasoning_content":"hm"}}]}"#,
                "",
                "hm",
            ),
            (r#"{"choices":[{"delta":{"content":"","reasoning":"hm"}}]}"#, "", "hm"),
            (r#"{"choices":[{"delta":{"refusal":"No."}}]}"#, "No.", ""),
            (
                r#"{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"a"}]}}]}"#,
                "a",
                "hm",
            ),
            (r#"{"choices":[],"usage":{"prompt_tokens":1}}"#, "", ""),
            ("[DONE]", "", ""),
            ("{", "", ""),
        ];
        for (json, text, reasoning) in cases {
            assert_eq!(
                piece(json),
                Piece {
                    text: text.to_owned(),
                    reasoning: reasoning.to_owned()
                },
                "{json}"
            );
        }
    }
}

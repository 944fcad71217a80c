//! The playground's question as a request in OpenAI's shape, and the pieces of the answer out of that shape.

use domain::catalog::ProviderKind;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::islands::playground::frame::{Attachment, AttachmentKind, Question, Said, ToolPiece};

/// The request that an API client would send for this question.
pub fn request(question: &Question, kind: Option<ProviderKind>) -> Vec<u8> {
    let mut body = Map::new();
    body.insert("model".to_owned(), question.model.clone().into());
    let messages: Vec<Value> = question.messages.iter().map(message).collect();
    body.insert("messages".to_owned(), messages.into());
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
    // The browser has read it already; what is no JSON after all offers nothing.
    let tools = question
        .tools
        .as_deref()
        .and_then(|tools| serde_json::from_str::<Value>(tools).ok());
    if let Some(tools) = tools {
        body.insert("tools".to_owned(), tools);
    }
    Value::Object(body).to_string().into_bytes()
}

fn message(said: &Said) -> Value {
    let mut message = Map::new();
    message.insert("role".to_owned(), json!(said.role));
    let content: Value = if said.attachments.is_empty() {
        said.content.clone().into()
    } else {
        let words = (!said.content.is_empty()).then(|| text(&said.content));
        said.attachments.iter().map(part).chain(words).collect()
    };
    if !said.calls.is_empty() {
        let calls: Vec<Value> = said
            .calls
            .iter()
            .map(|call| {
                let function = json!({ "name": call.name, "arguments": call.arguments });
                json!({ "id": call.id, "type": "function", "function": function })
            })
            .collect();
        // Beside calls an empty text is no text.
        message.insert(
            "content".to_owned(),
            if said.content.is_empty() { Value::Null } else { content },
        );
        message.insert("tool_calls".to_owned(), calls.into());
        return Value::Object(message);
    }
    message.insert("content".to_owned(), content);
    if let Some(call) = &said.answers {
        message.insert("tool_call_id".to_owned(), call.clone().into());
    }
    Value::Object(message)
}

fn text(words: &str) -> Value {
    json!({ "type": "text", "text": words })
}

/// A file as a part of a message. The words of a text go as words, which every model reads.
fn part(file: &Attachment) -> Value {
    let Attachment { name, kind, data, .. } = file;
    match kind {
        AttachmentKind::Image => json!({ "type": "image_url", "image_url": { "url": data } }),
        AttachmentKind::Document => json!({ "type": "file", "file": { "filename": name, "file_data": data } }),
        AttachmentKind::Sound => {
            let (head, bytes) = data.split_once(',').unwrap_or_default();
            let format = if head.contains("wav") { "wav" } else { "mp3" };
            json!({ "type": "input_audio", "input_audio": { "data": bytes, "format": format } })
        }
        AttachmentKind::Text => text(&format!("{name}:\n\n{data}")),
    }
}

/// What one event of the answer says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// More of the answer.
    pub text: String,
    /// More of the thinking.
    pub reasoning: String,
    /// More of calls of tools.
    pub calls: Vec<ToolPiece>,
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
        // In a whole answer calls are counted by their places.
        let calls = said.tool_calls.unwrap_or_default().into_iter().zip(0..);
        piece.calls.extend(calls.map(|(call, place)| {
            let function = call.function.unwrap_or_default();
            ToolPiece {
                index: call.index.unwrap_or(place),
                id: call.id,
                name: function.name,
                arguments: function.arguments.unwrap_or_default(),
            }
        }));
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
    delta: Option<Spoken>,
    message: Option<Spoken>,
}

#[derive(Deserialize)]
struct Spoken {
    content: Option<Value>,
    refusal: Option<String>,
    /// DeepSeek's name for it, and xAI's.
    reasoning_content: Option<Value>,
    /// OpenRouter's and Groq's.
    reasoning: Option<Value>,
    tool_calls: Option<Vec<Called>>,
}

#[derive(Deserialize)]
struct Called {
    index: Option<u32>,
    id: Option<String>,
    function: Option<Function>,
}

#[derive(Default, Deserialize)]
struct Function {
    name: Option<String>,
    arguments: Option<String>,
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
    use crate::islands::playground::frame::{Speaker, ToolCall};

    #[test]
    fn a_question_becomes_what_a_client_would_send() {
        let question = Question {
            model: "openai/gpt-x".to_owned(),
            messages: vec![Said::words(Speaker::User, "Hi \"there\"".to_owned())],
            temperature: Some(70),
            max_tokens: Some(9),
            tools: None,
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
                    reasoning: reasoning.to_owned(),
                    calls: Vec::new(),
                },
                "{json}"
            );
        }
    }

    #[test]
    fn files_and_tools_stand_where_openai_wants_them() {
        let file = |kind, name: &str, data: &str| Attachment {
            name: name.to_owned(),
            kind,
            data: data.to_owned(),
            bytes: 3,
        };
        let said = Said {
            attachments: vec![
                file(AttachmentKind::Image, "a.png", "data:image/png;base64,AAAA"),
                file(AttachmentKind::Document, "a.pdf", "data:application/pdf;base64,BBBB"),
                file(AttachmentKind::Sound, "a.wav", "data:audio/wav;base64,CCCC"),
                file(AttachmentKind::Sound, "a.mp3", "data:audio/mpeg;base64,DDDD"),
                file(AttachmentKind::Text, "a.md", "# A"),
            ],
            ..Said::words(Speaker::User, "Look".to_owned())
        };
        let parts = json!([
            { "type": "image_url", "image_url": { "url": "data:image/png;base64,AAAA" } },
            { "type": "file", "file": { "filename": "a.pdf", "file_data": "data:application/pdf;base64,BBBB" } },
            { "type": "input_audio", "input_audio": { "data": "CCCC", "format": "wav" } },
            { "type": "input_audio", "input_audio": { "data": "DDDD", "format": "mp3" } },
            { "type": "text", "text": "a.md:\n\n# A" },
            { "type": "text", "text": "Look" },
        ]);
        assert_eq!(message(&said), json!({ "role": "user", "content": parts }));
        let call = ToolCall {
            id: "call_1".to_owned(),
            name: "f".to_owned(),
            arguments: "{}".to_owned(),
        };
        let called = Said {
            calls: vec![call],
            ..Said::words(Speaker::Assistant, String::new())
        };
        let function = json!({ "name": "f", "arguments": "{}" });
        let expected = json!({
            "role": "assistant", "content": null,
            "tool_calls": [{ "id": "call_1", "type": "function", "function": function }],
        });
        assert_eq!(message(&called), expected);
        let result = Said {
            answers: Some("call_1".to_owned()),
            ..Said::words(Speaker::Tool, "4".to_owned())
        };
        assert_eq!(
            message(&result),
            json!({ "role": "tool", "content": "4", "tool_call_id": "call_1" })
        );
    }

    #[test]
    fn calls_are_read_in_pieces_and_whole() {
        let begun = piece(
            r#"{"choices":[{"delta":{"tool_calls":[{"index":1,"id":"c","type":"function","function":{"name":"f","arguments":""}}]}}]}"#,
        );
        let expected = ToolPiece {
            index: 1,
            id: Some("c".to_owned()),
            name: Some("f".to_owned()),
            arguments: String::new(),
        };
        assert_eq!(begun.calls, [expected]);
        let more = piece(r#"{"choices":[{"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]}}]}"#);
        assert_eq!((more.calls[0].arguments.as_str(), &more.calls[0].name), ("{}", &None));
        let whole = piece(
            r#"{"choices":[{"message":{"content":null,"tool_calls":[{"id":"a","function":{"name":"f","arguments":"1"}},{"id":"b","function":{"name":"g","arguments":"2"}}]}}]}"#,
        );
        let places: Vec<u32> = whole.calls.iter().map(|call| call.index).collect();
        assert_eq!(places, [0, 1]);
    }
}

//! AIGNE Hub's own dialects: the framework's, the older one, and embeddings. Their answers are the hub's, so they are closed.

use serde_json::{Value, json};

use super::{Words, count, embeddings as openai, flag, limit, open, text, text_or_null};
use crate::contract::{Book, Errors, Tag, errors::aigne_problem};

/// `/api/v2/chat`.
pub fn chat(book: &mut Book) -> Words {
    Words {
        tag: Tag::Aigne,
        summary: "Run a chat of the framework",
        errors: Errors::Aigne,
        request: book.named("AigneChatRequest", |_| chat_request()),
        answer: book.named("AigneChatAnswer", chat_answer),
        events: Some(book.named("AigneChatEvent", chat_event)),
        last: None,
    }
}

/// `/api/v2/completions`.
pub fn completions(book: &mut Book) -> Words {
    Words {
        tag: Tag::Aigne,
        summary: "Run a chat in the older dialect",
        errors: Errors::Aigne,
        request: book.named("AigneCompletionsRequest", |_| completions_request()),
        answer: book.named("AigneCompletionsAnswer", completions_answer),
        events: Some(book.named("AigneCompletionsEvent", completions_event)),
        last: None,
    }
}

/// `/api/v2/embeddings`.
pub fn embeddings(book: &mut Book) -> Words {
    Words {
        tag: Tag::Aigne,
        summary: "Make embeddings for the framework",
        errors: Errors::Aigne,
        request: book.named("AigneEmbeddingsRequest", |_| embeddings_request()),
        answer: book.named("AigneEmbeddings", embeddings_answer),
        events: None,
        last: None,
    }
}

/// `/api/v2/image`.
pub fn pictures(book: &mut Book) -> Words {
    Words {
        tag: Tag::Aigne,
        summary: "Draw for the framework",
        errors: Errors::Aigne,
        request: book.named("AigneImageRequest", |_| pictures_request()),
        answer: book.named("AigneImages", pictures_answer),
        events: None,
        last: None,
    }
}

/// `/api/v2/image/generations`.
pub fn generations(book: &mut Book) -> Words {
    Words {
        tag: Tag::Aigne,
        summary: "Draw, in the older dialect",
        errors: Errors::Aigne,
        request: book.named("AigneGenerationsRequest", |_| generations_request()),
        answer: book.named("AigneGenerations", generations_answer),
        events: None,
        last: None,
    }
}

/// An object that holds nothing else.
fn closed(required: &[&str], properties: &Value) -> Value {
    let mut schema = open(required, properties);
    schema["additionalProperties"] = false.into();
    schema
}

fn chat_request() -> Value {
    let options = open(&[], &json!({ "model": text_or_null(), "maxTokens": limit() }));
    let message = open(
        &["role"],
        &json!({ "role": text(), "content": { "type": ["string", "array", "null"] } }),
    );
    open(
        &["input"],
        &json!({
            "input": open(&["messages"], &json!({
                "messages": { "type": "array", "minItems": 1, "items": message },
                "modelOptions": options,
                "tools": { "type": ["array", "null"] },
                "toolChoice": { "type": ["string", "object", "null"] },
                "responseFormat": { "type": ["object", "null"] },
            })),
            "model": text_or_null(),
            "options": { "type": ["object", "null"], "properties": { "streaming": flag() } },
        }),
    )
}

fn completions_request() -> Value {
    json!({
        "type": "object",
        "properties": {
            "model": text_or_null(),
            "prompt": text_or_null(),
            "messages": { "type": ["array", "null"] },
            "stream": flag(),
            "maxTokens": limit(),
            "tools": { "type": ["array", "null"] },
        },
        "anyOf": [{ "required": ["messages"] }, { "required": ["prompt"] }],
    })
}

fn embeddings_request() -> Value {
    let inner = open(
        &["input"],
        &json!({ "input": { "type": ["string", "array"] }, "modelOptions": { "type": "object" } }),
    );
    json!({ "anyOf": [open(&["input"], &json!({ "input": inner })), openai::request()] })
}

fn pictures_request() -> Value {
    let input = open(
        &["prompt"],
        &json!({
            "prompt": text(),
            "n": { "type": ["integer", "null"] },
            "size": text_or_null(),
            "quality": text_or_null(),
            "image": { "type": ["array", "object", "string", "null"], "description": "Pictures to begin with, for models that take some." },
            "modelOptions": open(&[], &json!({ "model": text_or_null() })),
        }),
    );
    open(&["input"], &json!({ "input": input, "model": text_or_null() }))
}

fn pictures_answer(book: &mut Book) -> Value {
    let image = json!({ "anyOf": [
        closed(&["type", "url", "mimeType"], &json!({ "type": { "const": "url" }, "url": text(), "mimeType": text() })),
        closed(&["type", "data", "mimeType"], &json!({ "type": { "const": "file" }, "data": text(), "mimeType": text() })),
    ] });
    closed(
        &["images", "usage", "model", "modelWithProvider"],
        &json!({
            "images": { "type": "array", "items": image },
            "usage": framework_usage(book),
            "model": text(),
            "modelWithProvider": text(),
        }),
    )
}

fn generations_request() -> Value {
    open(
        &["prompt"],
        &json!({
            "model": text_or_null(),
            "prompt": text(),
            "n": { "type": ["integer", "null"] },
            "size": text_or_null(),
            "image": { "type": ["array", "object", "string", "null"] },
            "response_format": text_or_null(),
            "responseFormat": text_or_null(),
        }),
    )
}

fn generations_answer(book: &mut Book) -> Value {
    let image = closed(
        &[],
        &json!({ "base64": text(), "b64_json": text(), "b64Json": text(), "url": text() }),
    );
    let images = json!({ "type": "array", "items": image });
    closed(
        &["images", "data", "model", "usage"],
        &json!({ "images": images, "data": images, "model": text(), "usage": framework_usage(book) }),
    )
}

/// What a call came to: tokens by the words of one dialect, and what it was charged.
fn usage(required: &[&str], optional: &[&str]) -> Value {
    let mut properties = serde_json::Map::new();
    for name in required.iter().chain(optional) {
        properties.insert((*name).to_owned(), count());
    }
    properties.insert("modelCallId".to_owned(), text());
    let credits = json!({ "type": "number", "description": "The exact decimal of the charge, as a number." });
    properties.insert("aigneHubCredits".to_owned(), credits);
    properties.insert("creditPrefix".to_owned(), text());
    let required: Vec<&str> = required.iter().copied().chain(["modelCallId"]).collect();
    closed(&required, &properties.into())
}

fn framework_usage(book: &mut Book) -> Value {
    book.named("AigneUsage", |_| {
        usage(
            &["inputTokens", "outputTokens"],
            &["cacheCreationInputTokens", "cacheReadInputTokens", "reasoningTokens"],
        )
    })
}

fn old_usage(book: &mut Book) -> Value {
    book.named("AigneOldUsage", |_| {
        usage(&["promptTokens", "completionTokens", "totalTokens"], &[])
    })
}

fn call(arguments: &Value) -> Value {
    open(
        &["id", "type", "function"],
        &json!({
            "id": text(),
            "type": { "const": "function" },
            "function": open(&["name", "arguments"], &json!({ "name": text(), "arguments": arguments })),
        }),
    )
}

fn calls() -> Value {
    json!({ "type": "array", "items": call(&json!({ "type": ["object", "string"] })) })
}

fn old_calls() -> Value {
    json!({ "type": "array", "items": call(&text()) })
}

fn citations() -> Value {
    let source = closed(&[], &json!({ "url": text(), "title": text(), "text": text() }));
    json!({ "type": "array", "items": source, "description": "Where the text comes from, each source once." })
}

fn chat_answer(book: &mut Book) -> Value {
    closed(
        &["model", "usage", "modelWithProvider"],
        &json!({
            "text": text(),
            "thoughts": text(),
            "json": { "type": "object", "description": "The answer, read, where JSON was asked for." },
            "toolCalls": calls(),
            "files": { "type": "array", "items": { "type": "object" } },
            "citations": citations(),
            "model": text(),
            "usage": framework_usage(book),
            "modelWithProvider": text(),
            "finishReason": text(),
        }),
    )
}

fn chat_event(book: &mut Book) -> Value {
    let texts = closed(&[], &json!({ "text": text(), "thoughts": text() }));
    let members = closed(
        &[],
        &json!({
            "model": text(),
            "json": { "type": "object" },
            "toolCalls": calls(),
            "files": { "type": "array", "items": { "type": "object" } },
            "citations": citations(),
            "usage": framework_usage(book),
            "modelWithProvider": text(),
            "finishReason": text(),
        }),
    );
    let delta = json!({ "anyOf": [
        closed(&["text"], &json!({ "text": texts })),
        closed(&["json"], &json!({ "json": members })),
    ] });
    let problem = book.named("AigneProblem", aigne_problem);
    json!({
        "description": "Texts to put at the end of what there is, members to put in the place of what there is, or an error.",
        "anyOf": [closed(&["delta"], &json!({ "delta": delta })), problem],
    })
}

fn completions_answer(book: &mut Book) -> Value {
    closed(
        &["role", "text", "content", "model", "usage"],
        &json!({
            "role": { "const": "assistant" },
            "text": text(),
            "content": { "type": "string", "description": "The same as `text`." },
            "thoughts": text(),
            "toolCalls": old_calls(),
            "model": text(),
            "usage": old_usage(book),
        }),
    )
}

fn completions_event(book: &mut Book) -> Value {
    let delta = closed(
        &["role"],
        &json!({
            "role": { "const": "assistant" },
            "content": text(),
            "thoughts": text(),
            "toolCalls": old_calls(),
        }),
    );
    json!({
        "description": "A piece of the answer, what it came to, or an error.",
        "anyOf": [
            closed(&["delta"], &json!({ "delta": delta })),
            closed(&["usage"], &json!({ "usage": old_usage(book) })),
            Errors::Aigne.schema(book),
        ],
    })
}

fn embeddings_answer(book: &mut Book) -> Value {
    let vector = json!({ "type": ["array", "string"], "items": { "type": "number" } });
    let one = closed(
        &["object", "index", "embedding"],
        &json!({
            "object": { "const": "embedding" },
            "index": count(),
            "embedding": vector,
        }),
    );
    closed(
        &["embeddings", "data", "model", "usage", "modelWithProvider"],
        &json!({
            "embeddings": { "type": "array", "items": vector },
            "data": { "type": "array", "items": one },
            "model": text(),
            "usage": framework_usage(book),
            "modelWithProvider": text(),
        }),
    )
}

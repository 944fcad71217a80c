//! What is said of calls: alike in every dialect but for the words.

use domain::call::Dialect;
use gateway::call::PictureShape;
use serde_json::json;

use super::{Book, Errors, Operation, Tag, dialects};

/// Statuses with which the hub itself ends a call of any dialect.
const FAILURES: [u16; 10] = [400, 401, 402, 403, 404, 429, 500, 502, 503, 504];

const PASSED: &str = "Where the provider speaks this dialect, the request and the answer pass as they are, but for the model's name \
and the limit of the answer. For every other provider they are put into its words; what it cannot be told stands in the header \
`x-aigne-dropped`, or is refused with 400.";

/// A call in this dialect.
pub fn call(dialect: Dialect) -> impl Fn(&mut Book) -> Operation {
    move |book| {
        let words = dialects::of(dialect, book);
        let mut operation = Operation::new(words.tag, words.summary)
            .about(PASSED)
            .shaped(words.errors)
            .body(&words.request)
            .answers("application/json", &words.answer);
        if let Some(events) = &words.events {
            operation = operation.streams(events, words.last);
        }
        if dialect == Dialect::AigneCompletions {
            operation = operation.header(
                "Accept",
                "`text/event-stream` asks for a stream, as `stream` in the body does.",
            );
        }
        with_headers(finish(operation, book))
    }
}

/// Embeddings for the AIGNE framework.
pub fn embedding_for_framework(book: &mut Book) -> Operation {
    let words = dialects::aigne::embeddings(book);
    let operation = Operation::new(words.tag, words.summary)
        .about("The framework's request or OpenAI's; the answer can be read as either.")
        .shaped(words.errors)
        .body(&words.request)
        .answers("application/json", &words.answer);
    with_headers(finish(operation, book))
}

/// Pictures for AIGNE's clients.
pub fn drawing_for_framework(shape: PictureShape) -> impl Fn(&mut Book) -> Operation {
    move |book| {
        let words = match shape {
            PictureShape::Framework => dialects::aigne::pictures(book),
            PictureShape::Generations => dialects::aigne::generations(book),
        };
        let operation = Operation::new(words.tag, words.summary)
            .about("Asked of any model that draws, whatever its provider speaks. What comes as bytes is told as bytes, also where an address was asked for.")
            .shaped(words.errors)
            .body(&words.request)
            .answers("application/json", &words.answer);
        with_headers(finish(operation, book))
    }
}

/// `count_tokens`.
pub fn counting(book: &mut Book) -> Operation {
    let request = book.named("CountTokensRequest", dialects::messages::counted);
    let operation = Operation::new(Tag::Anthropic, "How many tokens a request has")
        .about("A provider that speaks this dialect is asked; for every other model it is estimated.")
        .shaped(Errors::AnthropicPassed)
        .body(&request)
        .answers(
            "application/json",
            &json!({
                "type": "object",
                "required": ["input_tokens"],
                "properties": { "input_tokens": { "type": "integer", "minimum": 0 } },
            }),
        );
    finish(operation, book)
}

fn finish(operation: Operation, book: &mut Book) -> Operation {
    operation.fails(book, &FAILURES).passes_refusals(book)
}

fn with_headers(mut operation: Operation) -> Operation {
    let header = |name: &str| json!({ "$ref": format!("#/components/headers/{name}") });
    if let Some(done) = operation.responses.get_mut("200") {
        done["headers"] = json!({
            "x-request-id": header("RequestId"),
            "x-aigne-dropped": header("Dropped"),
            "x-aigne-max-tokens": header("MaxTokens"),
        });
    }
    operation
}

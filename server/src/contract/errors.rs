//! Errors in each dialect, and what each status means. The shapes are written in `gateway::wire`; the words of a provider that
//! speaks the client's dialect pass as they came, so where they may come the shape is open.

use serde_json::{Value, json};

use super::{Book, shapes::Credit};

/// In whose shape a route tells errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errors {
    /// OpenAI's.
    Openai,
    /// The same, or as the provider says it.
    OpenaiPassed,
    /// Anthropic's, or as the provider says it.
    AnthropicPassed,
    /// OpenAI's, or Anthropic's for whoever sends `anthropic-version`.
    Either,
    /// AIGNE Hub's.
    Aigne,
    /// That of the admin API.
    Admin,
}

impl Errors {
    /// The schema of a body.
    pub(super) fn schema(self, book: &mut Book) -> Value {
        match self {
            Self::Openai => book.named("Error", |book| openai(book, false)),
            Self::OpenaiPassed => book.named("PassedError", |book| openai(book, true)),
            Self::AnthropicPassed => book.named("AnthropicPassedError", |book| anthropic(book, true)),
            Self::Either => {
                let anthropic = book.named("AnthropicError", |book| anthropic(book, false));
                json!({ "anyOf": [Self::Openai.schema(book), anthropic] })
            }
            Self::Aigne => book.named("AigneError", aigne),
            Self::Admin => book.named("AdminError", |_| admin()),
        }
    }
}

fn openai(book: &mut Book, passed: bool) -> Value {
    let (kind, code) = match passed {
        true => (json!(["string", "null"]), json!(["string", "integer", "null"])),
        false => (json!("string"), json!("string")),
    };
    let mut error = json!({
        "type": "object",
        "required": ["message"],
        "additionalProperties": passed,
        "properties": {
            "message": { "type": "string", "description": "A sentence that says what to do next." },
            "type": { "type": kind },
            "param": { "type": ["string", "null"], "description": "The member of the request that is wrong." },
            "code": { "type": code, "description": "A stable word for programs." },
            "credit": book.of::<Credit>(),
        },
    });
    if !passed {
        error["required"] = json!(["message", "type", "param", "code"]);
    }
    let about = match passed {
        true => "An error of the hub, or of a provider that speaks this dialect, in its own words.",
        false => "An error of the hub.",
    };
    json!({
        "type": "object",
        "description": about,
        "required": ["error"],
        "additionalProperties": passed,
        "properties": { "error": error },
    })
}

fn anthropic(book: &mut Book, passed: bool) -> Value {
    let details = json!({
        "type": ["object", "null"],
        "additionalProperties": passed,
        "properties": {
            "error_code": { "type": "string", "description": "A stable word for programs." },
            "param": { "type": "string", "description": "The member of the request that is wrong." },
            "credit": book.of::<Credit>(),
        },
    });
    let error = json!({
        "type": "object",
        "required": ["type", "message"],
        "additionalProperties": passed,
        "properties": {
            "type": { "type": "string" },
            "message": { "type": "string", "description": "A sentence that says what to do next." },
            "details": details,
        },
    });
    json!({
        "type": "object",
        "description": match passed {
            true => "An error of the hub, or of a provider that speaks this dialect, in its own words.",
            false => "An error of the hub in Anthropic's shape.",
        },
        "required": ["type", "error"],
        "additionalProperties": passed,
        "properties": {
            "type": { "const": "error" },
            "error": error,
            "request_id": { "type": ["string", "null"] },
        },
    })
}

fn aigne(book: &mut Book) -> Value {
    json!({
        "type": "object",
        "description": "An error as AIGNE's clients read it.",
        "required": ["error"],
        "additionalProperties": false,
        "properties": { "error": book.named("AigneProblem", aigne_problem) },
    })
}

fn admin() -> Value {
    json!({
        "type": "object",
        "description": "An error of the admin API.",
        "required": ["error"],
        "additionalProperties": false,
        "properties": { "error": {
            "type": "object",
            "required": ["code", "message"],
            "additionalProperties": false,
            "properties": {
                "code": { "type": "string", "description": "A stable word for programs." },
                "message": { "type": "string", "description": "A sentence that says what to do next." },
                "field": { "type": "string", "description": "The member of the request that is wrong, as `timeouts.gap_ms`." },
            },
        } },
    })
}

/// What stands in an error of AIGNE's dialects, and alone in the last event of a stream that broke.
pub(super) fn aigne_problem(book: &mut Book) -> Value {
    json!({
        "type": "object",
        "required": ["message", "type", "code"],
        "additionalProperties": false,
        "properties": {
            "message": { "type": "string", "description": "A sentence that says what to do next." },
            "type": { "type": "string", "description": "What the client goes by: `NOT_ENOUGH` shows the link." },
            "code": { "type": "string", "description": "A stable word for programs." },
            "param": { "type": "string", "description": "The member of the request that is wrong." },
            "timestamp": { "type": "string", "description": "As `2027-01-31T12:00:00.000Z`." },
            "link": { "type": "string", "description": "Where credit is to be had." },
            "credit": book.of::<Credit>(),
        },
    })
}

/// What a status means here.
const fn about(status: u16) -> &'static str {
    match status {
        400 => "The request cannot be read, or asks for what cannot be done.",
        401 => "There is no key, or none that counts.",
        402 => "There is not enough credit. `credit` says how much is missing and where it is to be had.",
        403 => "Whoever has this key may not do this.",
        404 => "There is no such thing, or this key cannot see it.",
        408 => "The request's body did not arrive in time.",
        409 => "It cannot be done as things stand: the name is taken, somebody was faster, or nobody would be left.",
        413 => "The request's body is larger than this hub accepts.",
        415 => "The request's body is compressed; send it as it is.",
        422 => "A member of the request is unknown, missing, or cannot be so. `field` names it.",
        429 => "Too many requests. `Retry-After` says how many seconds to wait, where that is known.",
        500 => "Something failed in the hub; its log knows what.",
        501 => "This hub does not do that.",
        502 => "The provider failed, or refuses the hub's credential or quota. Your key is fine.",
        503 => "The provider cannot be reached or is overloaded, or the hub takes no calls now.",
        504 => "The provider did not answer in time.",
        _ => "An error.",
    }
}

/// An answer that is an error.
pub(super) fn response(book: &mut Book, errors: Errors, status: u16) -> Value {
    let mut response = json!({
        "description": about(status),
        "content": { "application/json": { "schema": errors.schema(book) } },
    });
    if matches!(status, 429 | 502 | 503 | 504) {
        response["headers"] = json!({ "Retry-After": { "$ref": "#/components/headers/RetryAfter" } });
    }
    response
}

/// An answer with which a provider refuses a request.
pub(super) fn passed(book: &mut Book, errors: Errors) -> Value {
    json!({
        "description": "The provider refuses the request itself: its status, and its words where it speaks this dialect.",
        "content": { "application/json": { "schema": errors.schema(book) } },
    })
}

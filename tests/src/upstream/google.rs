//! Gemini's interface: `generateContent`, `streamGenerateContent`, `batchEmbedContents` and the list of models, as strict as
//! Google's. Answers are those of the fake's OpenAI interface in other words, so that a test expects the same.
//!
//! Names and shapes are those of google-genai 3.6 (`types.py`, `models.py`); sentences of refusals those that Google's API
//! sends, as quoted in public bug reports. The parts: `admit` (who asks for what), `check` (the request), `write` (the answer).

use http::StatusCode;
use serde_json::{Value, json};

use super::fault::Fault;
use super::refusal::Refusal;
use super::serve::{Asked, Reply};
use super::{State, answer};

mod admit;
mod check;
mod config;
mod contents;
mod draw;
mod embed;
mod tools;
mod write;

pub(super) use admit::model;

/// What Google answers.
pub(super) fn answer(state: &State, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let method = match admit::admitted(state, asked)? {
        admit::Wanted::Plain(value) => return Ok(Reply::Plain(value, Value::Null)),
        admit::Wanted::Method(method) => method,
    };
    let body = asked
        .json
        .as_ref()
        .map_err(|error| invalid(format!("Invalid JSON payload received. Parser error at: {error}")))?;
    if method.name == "batchEmbedContents" {
        return embed::answer(body, &method).map(|value| Reply::Plain(value, broken(asked)));
    }
    let prompt = check::prompt(body, &method)?;
    if prompt.draws {
        let (answer, broken) = (draw::answer(asked, &method, &prompt), broken(asked));
        return Ok(match Fault::streams(asked.fault, method.name != "generateContent") {
            false => Reply::Plain(answer, broken),
            true => Reply::Stream(draw::stream(&answer, &method, broken)),
        });
    }
    let answer = answer::answer(&prompt.chat);
    let broken = broken(asked);
    let writer = write::Writer::new(asked, &method, &prompt, &answer);
    Ok(match Fault::streams(asked.fault, method.name != "generateContent") {
        false => Reply::Plain(writer.whole(), broken),
        true => Reply::Stream(writer.stream(broken)),
    })
}

/// A 400 `INVALID_ARGUMENT`.
fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::invalid(message).kind("INVALID_ARGUMENT")
}

/// The error in the middle of an answer.
fn broken(asked: &Asked<'_>) -> Value {
    let message = match asked.fault {
        Some(Fault::QuoteFrame) => asked.quote,
        _ => {
            "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting"
        }
    };
    json!({"error": {"code": 500, "message": message, "status": "INTERNAL"}})
}

/// `google.rpc.Status` as JSON. A credential that is no good is an `INVALID_ARGUMENT` like any other, with a reason; a limit
/// tells in its details how long to wait.
pub(super) fn error(refusal: &Refusal, fault: Option<Fault>) -> (StatusCode, Value) {
    let kind = |name: &str| format!("type.googleapis.com/google.rpc.{name}");
    let key = json!({"@type": kind("ErrorInfo"), "reason": "API_KEY_INVALID", "domain": "googleapis.com"});
    let (status, details) = match (refusal.status.as_u16(), fault, refusal.code) {
        (_, Some(Fault::Unauthorized | Fault::EchoCredential), _) | (_, None, Some("API_KEY_INVALID")) => {
            (400, vec![key])
        }
        (_, Some(Fault::RateLimited), _) => (
            429,
            vec![
                json!({"@type": kind("QuotaFailure"), "violations": [{"quotaId": "GenerateRequestsPerMinutePerProjectPerModel"}]}),
                json!({"@type": kind("RetryInfo"), "retryDelay": "2s"}),
            ],
        ),
        (_, Some(Fault::QuotaSpent | Fault::PaymentRequired), _) => (
            429,
            vec![
                json!({"@type": kind("QuotaFailure"), "violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel"}]}),
            ],
        ),
        (413 | 422, ..) => (400, Vec::new()),
        (other, ..) => (other, Vec::new()),
    };
    let word = match status {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        503 => "UNAVAILABLE",
        _ => "INTERNAL",
    };
    let mut error = json!({"code": status, "message": refusal.message, "status": word});
    if !details.is_empty() {
        error["details"] = Value::Array(details);
    }
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, json!({ "error": error }))
}

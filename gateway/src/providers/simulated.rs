//! A provider within the hub, for trying things out and for tests: deterministic answers on OpenAI's wire, without a network.
//!
//! Its answers take the same way as those of the network: bytes, framed and listened to. Models: `echo` repeats the last
//! user message; `text` writes prose of `max_tokens` words; `tools` calls every given tool once; `json` answers what the
//! given JSON schema describes; `slow` writes slowly; `embed` makes embeddings; `draw` makes small pictures; `error-…` fail. A request may set the pace:
//! `"simulated": {"delay_ms": 0, "pace_ms": 15}` (before the first piece, and between pieces). Only this kind reads that.
//! Whatever can be seen says "simulated": ids, `system_fingerprint`, error messages.

mod answer;
mod draw;
mod embed;
#[cfg(test)]
mod hostile;
mod request;
mod sample;

use std::{collections::VecDeque, time::Duration};

use ::http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER},
};
use bytes::Bytes;
use domain::catalog::Wire;
use serde_json::Value;

use super::{Body, Broken, Incoming, Listed, Outgoing};
use crate::wire::openai::error;
use request::Request;

/// Every model there is.
const MODELS: [&str; 12] = [
    "echo",
    "text",
    "tools",
    "json",
    "slow",
    "embed",
    "draw",
    "error-400",
    "error-401",
    "error-429",
    "error-500",
    "error-stream",
];

/// The models as a provider would list them.
pub(super) fn models() -> Vec<Listed> {
    let listed = |slug: &str| Listed {
        slug: slug.to_owned(),
        context_tokens: None,
    };
    MODELS.map(listed).to_vec()
}

/// The body of an answer, piece by piece, with pauses.
pub(crate) struct Pieces {
    delay: Duration,
    pace: Duration,
    rest: VecDeque<Bytes>,
}

impl Pieces {
    /// The next piece, when its time has come.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Broken> {
        let pause = std::mem::replace(&mut self.delay, self.pace);
        let piece = self.rest.pop_front();
        if piece.is_some() && !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        #[cfg(test)]
        if piece.as_ref().is_some_and(|piece| tests::is_defect(piece)) {
            tests::fail();
        }
        Ok(piece)
    }
}

/// Answers a request. The head comes at once.
pub(super) fn send(outgoing: &Outgoing<'_>) -> Incoming {
    let request = match Request::read(&outgoing.body) {
        Ok(request) => request,
        Err(sentence) => return refused(sentence),
    };
    let failure = |status: StatusCode, kind: &str, code: &str| {
        refuse(
            status,
            kind,
            code,
            &format!("This simulated model always answers {}.", status.as_u16()),
        )
    };
    match (request.model.as_str(), outgoing.wire) {
        #[cfg(test)]
        ("panic", _) if !request.stream => tests::fail(),
        #[cfg(test)]
        ("panic", _) => stream(
            &request,
            [
                serde_json::json!({ "choices": [{ "index": 0, "delta": { "content": "12345678" } }] }),
                serde_json::json!(tests::DEFECT),
            ],
            true,
        ),
        ("error-400", _) => failure(StatusCode::BAD_REQUEST, "invalid_request_error", "simulated_refusal"),
        ("error-401", _) => failure(StatusCode::UNAUTHORIZED, "invalid_request_error", "invalid_api_key"),
        ("error-429", _) => {
            let mut limited = failure(StatusCode::TOO_MANY_REQUESTS, "requests", "rate_limit_exceeded");
            limited.headers.insert(RETRY_AFTER, HeaderValue::from_static("2"));
            limited
        }
        ("error-500", _) => failure(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "simulated_failure"),
        ("error-stream", _) if !request.stream => {
            failure(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "simulated_failure")
        }
        ("embed", Wire::OpenaiEmbeddings) => match embed::answer(&request.body) {
            Ok(answer) => whole(&request, &answer),
            Err(sentence) => refused(sentence),
        },
        ("draw", Wire::OpenaiImages) => match draw::answer(&request) {
            Ok(answer) => whole(&request, &answer),
            Err(sentence) => refused(sentence),
        },
        ("echo" | "text" | "tools" | "json" | "slow" | "error-stream", Wire::OpenaiChat) if request.has_messages() => {
            answer::chat(&request)
        }
        ("echo" | "text" | "tools" | "json" | "slow" | "error-stream", Wire::OpenaiChat) => {
            refused("'messages' must be a list of at least one message.")
        }
        (model, _) if MODELS.contains(&model) => refused("This simulated model does not serve this endpoint."),
        _ => refuse(
            StatusCode::NOT_FOUND,
            "invalid_request_error",
            "model_not_found",
            "There is no such simulated model.",
        ),
    }
}

fn incoming(status: StatusCode, content_type: &'static str, body: Pieces) -> Incoming {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
    Incoming {
        status,
        headers,
        body: Body::Simulated(body),
    }
}

fn refuse(status: StatusCode, kind: &str, code: &str, sentence: &str) -> Incoming {
    let rest = VecDeque::from([error::body(sentence, kind, None, code)]);
    incoming(
        status,
        "application/json",
        Pieces {
            delay: Duration::ZERO,
            pace: Duration::ZERO,
            rest,
        },
    )
}

/// The request is not one that it answers.
fn refused(sentence: &str) -> Incoming {
    refuse(
        StatusCode::BAD_REQUEST,
        "invalid_request_error",
        "simulated_refusal",
        sentence,
    )
}

/// An answer in one piece.
fn whole(request: &Request, answer: &Value) -> Incoming {
    let rest = VecDeque::from([answer.to_string().into()]);
    incoming(
        StatusCode::OK,
        "application/json",
        Pieces {
            delay: request.delay,
            pace: Duration::ZERO,
            rest,
        },
    )
}

/// A streamed answer, one event a piece.
fn stream(request: &Request, events: impl IntoIterator<Item = Value>, done: bool) -> Incoming {
    let mut rest: VecDeque<Bytes> = events
        .into_iter()
        .map(|event| format!("data: {event}\n\n").into())
        .collect();
    if done {
        rest.push_back(Bytes::from_static(b"data: [DONE]\n\n"));
    }
    incoming(
        StatusCode::OK,
        "text/event-stream; charset=utf-8",
        Pieces {
            delay: request.delay,
            pace: request.pace,
            rest,
        },
    )
}

/// The model `panic`, which only the tests of `call` have: a defect before the head of an answer, or within a stream.
#[cfg(test)]
mod tests {
    pub(super) const DEFECT: &str = "here the task of the call panics";

    pub(super) fn fail() -> ! {
        panic!("a defect, as a test wants it")
    }

    pub(super) fn is_defect(piece: &[u8]) -> bool {
        memchr::memmem::find(piece, DEFECT.as_bytes()).is_some()
    }
}

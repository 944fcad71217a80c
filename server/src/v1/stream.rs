//! Between HTTP and the engine: the request as the engine takes it, the answer as a client gets it.
//!
//! A stream is never compressed, buffered or merged here: each piece from the engine is one frame to the client. When the
//! client leaves, the body is dropped, and with it the receiver: that is how the engine notices.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use domain::call::{Dialect, Door};
use gateway::call::{AnswerBody, CallAnswer, CallRequest, Caller, Timing, passing};
use http::{HeaderMap, HeaderValue, header};
use http_body::Frame;
use tokio::sync::mpsc::Receiver;

use super::{dropped, extract::WholeBody};
use crate::arrival::Arrival;

/// The client's own description is kept this far, in characters.
const AGENT_LENGTH: usize = 200;

/// What the engine needs of a request.
pub fn request(
    dialect: Dialect,
    arrival: &Arrival,
    caller: Caller,
    (headers, query): (&HeaderMap, Option<&str>),
    body: WholeBody,
) -> CallRequest {
    let WholeBody(body, room) = body;
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    CallRequest {
        dialect,
        door: Door::Api,
        caller,
        from: Some(arrival.address),
        session: None,
        body,
        room,
        stream: false,
        headers: passing(dialect, headers, query),
        agent: agent.map(|text| text.chars().take(AGENT_LENGTH).collect()),
        arrived: arrival.instant,
        arrived_at: arrival.at,
        id: arrival.id,
    }
}

/// The limit of an answer that the hub has set or lowered.
const MAX_TOKENS: &str = "x-aigne-max-tokens";

/// The engine's answer over HTTP.
pub fn answer(answer: CallAnswer) -> Response {
    let streamed = matches!(answer.body, AnswerBody::Stream(_));
    let body = match answer.body {
        AnswerBody::Whole(bytes) => Body::from(bytes),
        AnswerBody::Stream(pieces) => Body::new(Pieces(pieces)),
    };
    let mut response = Response::new(body);
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    let headers = response.headers_mut();
    if let Some(value) = server_timing(answer.timing) {
        headers.insert("server-timing", value);
    }
    if let Some(limit) = answer.max_tokens {
        headers.insert(MAX_TOKENS, HeaderValue::from(limit));
    }
    if let Some(value) = dropped::header(&answer.dropped) {
        headers.insert(dropped::NAME, value);
    }
    if streamed {
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/event-stream; charset=utf-8"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        // Asks nginx not to collect the stream.
        headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    } else {
        headers
            .entry(header::CONTENT_TYPE)
            .or_insert(HeaderValue::from_static("application/json"));
    }
    response
}

/// Milliseconds, as the header wants them: our own part and the provider's.
pub(super) fn server_timing(timing: Timing) -> Option<HeaderValue> {
    let milliseconds = |span: std::time::Duration| span.as_secs_f64() * 1000.0;
    let text = format!(
        "overhead;dur={:.3}, upstream;dur={:.3}",
        milliseconds(timing.overhead),
        milliseconds(timing.upstream_first_byte)
    );
    HeaderValue::try_from(text).ok()
}

/// A body that hands out what the engine's task sends.
struct Pieces(Receiver<Bytes>);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.0
            .poll_recv(context)
            .map(|piece| piece.map(|bytes| Ok(Frame::data(bytes))))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::StatusCode;
    use http_body_util::BodyExt as _;

    use super::*;

    fn timing() -> Timing {
        Timing {
            overhead: Duration::from_micros(1250),
            upstream_first_byte: Duration::from_millis(40),
        }
    }

    #[tokio::test]
    async fn each_piece_is_one_frame() {
        let (sender, receiver) = tokio::sync::mpsc::channel(4);
        for piece in ["data: 1\n\n", "data: 2\n\n"] {
            assert!(sender.send(Bytes::from(piece)).await.is_ok());
        }
        drop(sender);
        let answered = CallAnswer {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            timing: timing(),
            max_tokens: Some(7),
            dropped: vec!["seed".to_owned(), "logit_bias".to_owned()],
            body: AnswerBody::Stream(receiver),
        };
        let mut response = answer(answered);
        assert_eq!(
            response.headers().get("server-timing").map(HeaderValue::as_bytes),
            Some(&b"overhead;dur=1.250, upstream;dur=40.000"[..])
        );
        assert_eq!(
            response.headers().get("x-accel-buffering").map(HeaderValue::as_bytes),
            Some(&b"no"[..])
        );
        assert_eq!(
            response.headers().get(dropped::NAME).map(HeaderValue::as_bytes),
            Some(&b"seed, logit_bias"[..])
        );
        let mut frames = Vec::new();
        while let Some(Ok(frame)) = response.body_mut().frame().await {
            frames.extend(frame.into_data());
        }
        assert_eq!(frames, ["data: 1\n\n", "data: 2\n\n"]);
    }

    #[test]
    fn whole_answers_keep_their_type() {
        let headers = HeaderMap::from_iter([(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json; charset=utf-8"),
        )]);
        let answered = CallAnswer {
            status: StatusCode::CREATED,
            headers,
            timing: timing(),
            max_tokens: None,
            dropped: Vec::new(),
            body: AnswerBody::Whole(Bytes::from_static(b"{}")),
        };
        let response = answer(answered);
        assert_eq!(response.status(), StatusCode::CREATED);
        assert_eq!(
            response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes),
            Some(&b"application/json; charset=utf-8"[..])
        );
        assert!(response.headers().get(header::CACHE_CONTROL).is_none());
    }
}

//! Accepts connections, reads requests, checks who asks and for what, and answers. The order of the checks is the
//! provider's: credential, address, content type, JSON, then the fields.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::answer;
use super::catalogue::{SLOW_MODEL, bare};
use super::check;
use super::connection::{Connection, ResetSwitch};
use super::fault::Fault;
use super::playback::{self, Body, Ending, Step};
use super::record::{Outcome, Record, lock};
use super::wire::Wire;
use super::{
    State, anthropic, completions, control, foreign, frames, google, headers, ollama, quote, responses, shape, spoil,
};

mod admit;
pub(crate) mod early;

use admit::{Checked, checked};

/// Accepts connections until dropped; they end with it.
pub(crate) async fn accept(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    let mut number = 0;
    loop {
        // What fails here is one caller's connection, or a moment without file descriptors; the next may do better.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        number += 1;
        let reset = ResetSwitch::default();
        let Ok(connection) = Connection::new(stream, reset.clone()) else {
            continue;
        };
        let state = Arc::clone(&state);
        connections.spawn(async move {
            let service = service_fn(move |request| {
                let state = Arc::clone(&state);
                let reset = reset.clone();
                async move { handle(&state, request, number, reset).await }
            });
            // An error here is a caller that left or a fault that was ordered; both are in the records.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(connection), service)
                .await;
        });
        while connections.try_join_next().is_some() {}
    }
}

/// What an answer needs besides its content.
pub(crate) struct Call {
    pub(crate) serial: u64,
    pub(crate) ending: Ending,
    reset: ResetSwitch,
}

async fn handle(
    state: &State,
    request: Request<Incoming>,
    connection: u64,
    reset: ResetSwitch,
) -> io::Result<Response<Body>> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let path = parts.uri.path().to_owned();
    if let Some(rest) = path.strip_prefix("/control/") {
        let answer = control::answer(state, &parts.method, rest, &body);
        return Ok(whole(answer.0, &answer.1));
    }
    let json: Result<Value, _> = serde_json::from_slice(&body);
    let request = anthropic::Request {
        method: &parts.method,
        path: &path,
        headers: &parts.headers,
        json: &json,
    };
    let for_anthropic = request.is_for_anthropic();
    let other = if for_anthropic { "authorization" } else { "x-api-key" };
    let violations = headers::violations(&parts.headers, &body, &lock(&state.forbidden), other);
    let serial = state.recorder.enter(Record {
        serial: 0,
        connection,
        method: parts.method.clone(),
        path: path.clone(),
        query: parts.uri.query().map(str::to_owned),
        headers: parts.headers.clone(),
        body: body.clone(),
        at: Instant::now(),
        ended: None,
        violations,
    });
    let mut call = Call {
        serial,
        ending: Ending::new(Arc::clone(&state.recorder), serial),
        reset,
    };
    if for_anthropic {
        return Ok(with_headers(serial, anthropic::answer(state, &request, call).await?));
    }
    let wire = Wire::of(&path);
    let read = json.as_ref().unwrap_or(&Value::Null);
    let key = wire.key(&parts.headers).unwrap_or_default().to_owned();
    let fault = state.rules.take(wire.model(&path, read), &key);
    if let Some(fault) = fault
        && let Some(answer) = early::answer(fault, state, &mut call, |fault| {
            let refusal = early::refusal(fault, &key, read)?;
            let (status, body) = wire.error(&refusal, Some(fault));
            Some((status, body, wire.has_retry_after()))
        })
        .await?
    {
        return Ok(with_headers(serial, answer));
    }
    let quote = quote::sentence(read);
    if wire != Wire::OpenAi {
        let asked = Asked {
            method: &parts.method,
            path: &path,
            query: parts.uri.query().unwrap_or_default(),
            headers: &parts.headers,
            json: &json,
            serial,
            fault,
            quote: &quote,
        };
        return Ok(with_headers(serial, foreign_answer(state, call, wire, &asked)));
    }
    let answer = match checked(state, &parts.method, &path, &parts.headers, &json) {
        Ok(Checked::Plain(value)) => plain(state, call, value, fault, ""),
        Ok(Checked::Chat(chat)) => chat_answer(state, call, &chat, fault, &quote),
        Ok(Checked::Responses(asked)) => responses_answer(state, call, &asked, fault, &quote),
        Ok(Checked::Completion(chat)) => completion_answer(state, call, &chat, fault, &quote),
        Err(refusal) => {
            call.ending.tell(Outcome::Answered);
            whole(refusal.status, &refusal.body())
        }
    };
    Ok(with_headers(serial, answer))
}

/// A request for one of the other interfaces.
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a http::Method,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a http::HeaderMap,
    pub(crate) json: &'a Result<Value, serde_json::Error>,
    /// The number of the request.
    pub(crate) serial: u64,
    pub(crate) fault: Option<Fault>,
    /// The sentence of an error that quotes.
    pub(crate) quote: &'a str,
}

/// What one of the other interfaces answers.
pub(crate) enum Reply {
    /// An answer at once, and the error in its place that some faults want.
    Plain(Value, Value),
    /// A streamed one.
    Stream(foreign::Stream),
}

fn foreign_answer(state: &State, mut call: Call, wire: Wire, asked: &Asked<'_>) -> Response<Body> {
    let reply = match wire {
        Wire::Google => google::answer(state, asked),
        Wire::Ollama => ollama::answer(asked),
        Wire::OpenAi => return whole(StatusCode::NOT_FOUND, &Value::Null),
    };
    match reply {
        Ok(Reply::Plain(value, error)) => {
            let (steps, length) = foreign::plain(&value, &error, asked.fault);
            played(state, call, steps, "application/json; charset=UTF-8", Some(length))
        }
        Ok(Reply::Stream(stream)) => {
            let steps = foreign::steps(&stream, asked.fault);
            played(state, call, steps, stream.framing.kind(), None)
        }
        Err(refusal) => {
            call.ending.tell(Outcome::Answered);
            let (status, body) = wire.error(&refusal, None);
            whole(status, &body)
        }
    }
}

fn plain(state: &State, call: Call, value: Value, fault: Option<Fault>, quote: &str) -> Response<Body> {
    let (steps, length) = spoil::plain(value, fault, quote);
    played(state, call, steps, "application/json", Some(length))
}

fn chat_answer(state: &State, call: Call, chat: &check::Chat, fault: Option<Fault>, quote: &str) -> Response<Body> {
    let head = shape::Head::new(call.serial, &chat.model);
    let answer = answer::answer(chat);
    if !Fault::streams(fault, chat.stream) {
        return plain(state, call, shape::completion(&head, &answer), fault, quote);
    }
    let steps = spoil::stream(
        frames::events(chat, &head, &answer, fault == Some(Fault::Interleaved)),
        fault,
        pace(&chat.model),
        quote,
    );
    played(state, call, steps, "text/event-stream; charset=utf-8", None)
}

fn responses_answer(
    state: &State,
    call: Call,
    asked: &responses::Accepted,
    fault: Option<Fault>,
    quote: &str,
) -> Response<Body> {
    let answered = asked.answer(call.serial, &state.kept);
    if Fault::streams(fault, asked.chat.stream) {
        let steps = responses::spoil::stream(asked, &answered, fault, pace(&asked.chat.model), quote);
        return played(state, call, steps, "text/event-stream; charset=utf-8", None);
    }
    // What is said is spoilt already; what a connection does is the same for all answers.
    let whole = responses::spoil::plain(asked, &answered, fault, quote);
    plain(
        state,
        call,
        whole,
        fault.filter(|fault| fault.concerns_the_connection()),
        quote,
    )
}

fn completion_answer(
    state: &State,
    call: Call,
    chat: &check::Chat,
    fault: Option<Fault>,
    quote: &str,
) -> Response<Body> {
    if !Fault::streams(fault, chat.stream) {
        let whole = completions::whole(call.serial, chat);
        return plain(state, call, whole, fault, quote);
    }
    let steps = spoil::stream(completions::events(call.serial, chat), fault, pace(&chat.model), quote);
    played(state, call, steps, "text/event-stream; charset=utf-8", None)
}

/// The pause between two events.
pub(crate) fn pace(model: &str) -> Duration {
    if bare(model) == SLOW_MODEL {
        Duration::from_millis(30)
    } else {
        Duration::ZERO
    }
}

pub(crate) fn played(
    state: &State,
    call: Call,
    steps: Vec<Step>,
    kind: &'static str,
    length: Option<usize>,
) -> Response<Body> {
    let body = playback::body(steps, call.ending, state.gate.place(), call.reset);
    let mut response = Response::new(body);
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Some(length) = length {
        response
            .headers_mut()
            .insert(http::header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    response
}

/// An answer that is sent at once.
pub(crate) fn whole(status: StatusCode, body: &Value) -> Response<Body> {
    let body = http_body_util::Full::new(Bytes::from(body.to_string())).map_err(|never: Infallible| match never {});
    let mut response = Response::new(body.boxed_unsync());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn with_headers(serial: u64, mut response: Response<Body>) -> Response<Body> {
    for (name, value) in headers::on_answers(serial) {
        set(&mut response, name, &value);
    }
    response
}

fn set(response: &mut Response<Body>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().append(name, value);
    }
}

//! The Messages API of the fake: as strict as Anthropic's, deterministic, and broken on demand like the rest.
//!
//! It shares port, credentials, rules and records with OpenAI's half; `serve` hands over what comes to Anthropic's addresses.
//! Shapes are those of the `anthropic` SDK 2.14 for Python; sentences of refusals are those of the API, as quoted in public
//! bug reports and on platform.claude.com, page "Errors".
//!
//! `admit` checks who asks and for what, `check` the fields, `models` knows what each model takes; `answer` decides what is
//! said, `usage` counts it, `shape` and `frames` write it, `spoil` breaks it.

use std::io;

use http::{HeaderMap, Method, Response, StatusCode};
use serde_json::Value;

use super::State;
use super::fault::Fault;
use super::playback::Body;
use super::quote;
use super::record::Outcome;
use super::serve::{self, Call, early};

mod admit;
pub mod answer;
pub mod check;
mod frames;
mod models;
pub mod refusal;
mod shape;
mod spoil;
pub mod usage;

use admit::Checked;

/// What arrived.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) json: &'a Result<Value, serde_json::Error>,
}

impl Request<'_> {
    /// It is for Anthropic: by its address, or, where both have it, by the header that its clients send.
    pub(crate) fn is_for_anthropic(&self) -> bool {
        let models = self.path == "/v1/models" || self.path.starts_with("/v1/models/");
        self.path == "/v1/messages"
            || self.path.starts_with("/v1/messages/")
            || models && self.headers.contains_key("anthropic-version")
    }
}

/// The credential, which stands in a header of its own.
pub(crate) fn key(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-api-key")?.to_str().ok()
}

/// Answers.
///
/// # Errors
/// To make hyper close the connection without an answer.
pub(crate) async fn answer(state: &State, request: &Request<'_>, mut call: Call) -> io::Result<Response<Body>> {
    let serial = call.serial;
    let nothing = Value::Null;
    let body = request.json.as_ref().unwrap_or(&nothing);
    let model = body["model"].as_str().unwrap_or_default();
    let key = key(request.headers).unwrap_or_default().to_owned();
    let fault = state.rules.take(model, &key);
    let quote = quote::sentence(body);
    if let Some(fault) = fault {
        let refuse =
            |fault| refusal::of_fault(fault, &key, &quote).map(|refusal| (refusal.status, refusal.body(serial), true));
        if let Some(answer) = early::answer(fault, state, &mut call, refuse).await? {
            return Ok(answer);
        }
    }
    Ok(match admit::checked(state, request) {
        Ok(Checked::Plain(value)) => {
            call.ending.tell(Outcome::Answered);
            serve::whole(StatusCode::OK, &value)
        }
        Ok(Checked::Ask(ask)) => {
            let answer = answer::answer(&ask);
            let streams = Fault::streams(fault, ask.stream);
            let (steps, length) = if streams {
                let pace = serve::pace(&ask.model);
                (
                    spoil::stream(frames::events(serial, &ask, &answer), fault, pace, &quote),
                    None,
                )
            } else {
                let (steps, length) = spoil::plain(shape::message(serial, &ask, &answer), fault, &quote);
                (steps, Some(length))
            };
            let kind = if streams {
                "text/event-stream; charset=utf-8"
            } else {
                "application/json"
            };
            serve::played(state, call, steps, kind, length)
        }
        Err(refusal) => {
            call.ending.tell(Outcome::Answered);
            serve::whole(refusal.status, &refusal.body(serial))
        }
    })
}

//! Runs a question through the gateway, as the API does, and tells it as lines of JSON. Dropping the stream drops the
//! engine's receiver: the client has left, and the playground's calls always stop then, as they do when the session ends in which they were asked.
//!
//! Used by `islands::playground::ask` line by line, and by the form without scripts as a whole.

use std::time::Instant;

use domain::{
    access::Viewer,
    call::{Dialect, Door},
    id::{CallId, SessionId},
};
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use gateway::{
    Gateway,
    call::{AnswerBody, CallError, CallRequest, Caller, Passing, Room},
};
use http::{header, request::Parts};
use leptos::prelude::use_context;

use super::{body, ending};
use crate::islands::playground::{
    frame::{Ending, Frame, Outcome, Problem, Question},
    lines::Lines,
    unheard::Unheard,
};

/// The answer as lines of JSON. The first line names the call before the provider has said anything.
pub fn stream(
    gateway: Gateway,
    viewer: Viewer,
    session: Option<SessionId>,
    question: Question,
) -> impl Stream<Item = Result<String, Unheard>> + Send + 'static {
    frames(gateway, viewer, session, question).map(|frames| {
        let mut lines = String::new();
        for frame in frames {
            lines.push_str(&serde_json::to_string(&frame).map_err(|_| Unheard::Lost)?);
            lines.push('\n');
        }
        Ok(lines)
    })
}

/// The answer as frames, several when they came in one piece.
pub fn frames(
    gateway: Gateway,
    viewer: Viewer,
    session: Option<SessionId>,
    question: Question,
) -> impl Stream<Item = Vec<Frame>> + Send + 'static {
    let asked = Asked::new(gateway, viewer, session, &question);
    let first = stream::iter([vec![Frame::Call(asked.request.id)]]);
    first.chain(stream::once(asked.begin()).flatten())
}

/// A question on its way.
struct Asked {
    gateway: Gateway,
    viewer: Viewer,
    request: CallRequest,
}

impl Asked {
    fn new(gateway: Gateway, viewer: Viewer, session: Option<SessionId>, question: &Question) -> Self {
        let kind = gateway
            .snapshot()
            .resolve(&question.model)
            .map(|candidate| candidate.provider.kind);
        let request = CallRequest {
            dialect: Dialect::OpenaiChat,
            door: Door::Playground,
            caller: Caller::of_person(viewer.id),
            from: None,
            session,
            body: body::request(question, kind).into(),
            room: room(),
            stream: false,
            headers: Passing::default(),
            agent: agent(),
            arrived: Instant::now(),
            arrived_at: gateway.now(),
            id: gateway.new_call_id(),
        };
        Self {
            gateway,
            viewer,
            request,
        }
    }

    async fn begin(self) -> BoxStream<'static, Vec<Frame>> {
        let Self {
            gateway,
            viewer,
            request,
        } = self;
        let id = request.id;
        match gateway.call(request).await {
            Err(error) => {
                let ending = failed(&gateway, &viewer, id, error).await;
                stream::iter([vec![Frame::End(ending)]]).boxed()
            }
            Ok(answer) => match answer.body {
                AnswerBody::Whole(bytes) => {
                    let mut frames = pieces(&[String::from_utf8_lossy(&bytes).into_owned()]);
                    frames.push(Frame::End(told(&gateway, &viewer, id).await));
                    stream::iter([frames]).boxed()
                }
                AnswerBody::Stream(receiver) => {
                    let state = Some((receiver, Lines::default()));
                    stream::unfold((state, gateway, viewer), move |(state, gateway, viewer)| async move {
                        let (mut receiver, mut lines) = state?;
                        loop {
                            let Some(bytes) = receiver.recv().await else {
                                let end = vec![Frame::End(told(&gateway, &viewer, id).await)];
                                return Some((end, (None, gateway, viewer)));
                            };
                            let frames = pieces(&data(lines.push(&bytes)));
                            if !frames.is_empty() {
                                return Some((frames, (Some((receiver, lines)), gateway, viewer)));
                            }
                        }
                    })
                    .boxed()
                }
            },
        }
    }
}

/// What the question takes of the memory for requests, as whoever received it has counted.
fn room() -> Room {
    let counted = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Room>().cloned());
    counted.unwrap_or_default()
}

/// The browser's own description.
fn agent() -> Option<String> {
    let parts = use_context::<Parts>()?;
    parts.headers.get(header::USER_AGENT)?.to_str().ok().map(str::to_owned)
}

/// The data of server-sent events, one line each, as OpenAI's wire has them.
fn data(lines: Vec<String>) -> Vec<String> {
    lines
        .into_iter()
        .filter_map(|line| line.strip_prefix("data:").map(|data| data.trim_start().to_owned()))
        .collect()
}

fn pieces(events: &[String]) -> Vec<Frame> {
    let mut frames = Vec::new();
    for event in events {
        let piece = body::piece(event);
        if !piece.reasoning.is_empty() {
            frames.push(Frame::Reasoning(piece.reasoning));
        }
        if !piece.text.is_empty() {
            frames.push(Frame::Text(piece.text));
        }
        frames.extend(piece.calls.into_iter().map(Frame::Tool));
    }
    frames
}

/// The ending as the log has it. The row is settled before the engine closes a stream; should the log not answer, the
/// end is told without numbers.
async fn told(gateway: &Gateway, viewer: &Viewer, id: CallId) -> Ending {
    ending::of(gateway, viewer, id)
        .await
        .unwrap_or(Ending::untold(Outcome::Complete))
}

/// The ending of a call without an answer: stopped before the first word, or failed.
async fn failed(gateway: &Gateway, viewer: &Viewer, id: CallId, error: CallError) -> Ending {
    let problem = |href| Problem {
        fault: Some(error.fault),
        code: error.code.to_string(),
        message: error.message,
        retry_after: error.retry_after,
        href,
    };
    match ending::of(gateway, viewer, id).await {
        Some(ending) if ending.outcome == Outcome::Stopped => ending,
        Some(Ending {
            outcome: Outcome::Failed(logged),
            ..
        }) => Ending::untold(Outcome::Failed(problem(logged.href))),
        _ => Ending::untold(Outcome::Failed(problem(None))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_become_frames_in_order() {
        let lines = [
            ": ping",
            "event: x",
            "data: {\"choices\":[{\"delta\":{\"reasoning\":\"hm\",\"content\":\"a\"}}]}",
            "",
            "data:[DONE]",
        ];
        let frames = pieces(&data(lines.map(str::to_owned).to_vec()));
        assert_eq!(frames, [Frame::Reasoning("hm".to_owned()), Frame::Text("a".to_owned())]);
    }
}

//! Reads an answer line by line into a turn. Dropping this future closes the connection, which stops the model.

use futures_util::StreamExt;
use leptos::prelude::*;

use super::{
    ask::ask,
    frame::{Ending, Frame, Outcome, Problem, Question},
    lines::Lines,
    turn::{Phase, Turn, Writer},
    unheard::Unheard,
};
use crate::text::Language;

/// Asks, and writes the answer into `turn` as it comes. Returns when it is over.
pub async fn read(question: Question, turn: Turn, grown: RwSignal<u32>, language: Language) {
    let text = Writer::new(turn.text, grown);
    let reasoning = Writer::new(turn.reasoning, grown);
    let ending = match pieces(question, turn, (&text, &reasoning), grown).await {
        Ok(Some(ending)) => ending,
        // The line went dead before the last word.
        Ok(None) => Ending::untold(broken(String::new())),
        Err(error) => Ending::untold(broken(error.sentence(language).to_owned())),
    };
    text.flush();
    reasoning.flush();
    finish(turn, ending);
}

/// Ends a turn. A break after Stop is what Stop is for.
pub fn finish(turn: Turn, mut ending: Ending) {
    let stopping = turn.phase.with_untracked(|phase| *phase == Phase::Stopping);
    if stopping && matches!(ending.outcome, Outcome::Failed(Problem { fault: None, .. })) {
        ending.outcome = Outcome::Stopped;
    }
    turn.phase.set(Phase::Ended(Box::new(ending)));
}

async fn pieces(
    question: Question,
    turn: Turn,
    (text, reasoning): (&Writer, &Writer),
    grown: RwSignal<u32>,
) -> Result<Option<Ending>, Unheard> {
    let mut stream = ask(question).await?.into_inner();
    let mut lines = Lines::default();
    let mut ending = None;
    // Read to the very end: a stream that is dropped early counts as a connection that broke.
    while let Some(bytes) = stream.next().await {
        for line in lines.push(&bytes?) {
            let Ok(frame) = serde_json::from_str::<Frame>(&line) else {
                continue;
            };
            let stopping = turn.phase.with_untracked(|phase| *phase == Phase::Stopping);
            match frame {
                Frame::Call(call) => turn.call.set(Some(call)),
                Frame::End(last) => ending = Some(last),
                Frame::Text(_) | Frame::Reasoning(_) | Frame::Tool(_) if stopping => {}
                Frame::Text(piece) => {
                    begin(turn);
                    text.push(&piece);
                }
                Frame::Reasoning(piece) => {
                    begin(turn);
                    reasoning.push(&piece);
                }
                Frame::Tool(piece) => {
                    begin(turn);
                    turn.hear_call(piece);
                    grown.update(|grown| *grown = grown.wrapping_add(1));
                }
            }
        }
    }
    Ok(ending)
}

fn begin(turn: Turn) {
    if turn.phase.with_untracked(|phase| *phase == Phase::Waiting) {
        turn.phase.set(Phase::Writing);
    }
}

const fn broken(message: String) -> Outcome {
    Outcome::Failed(Problem {
        fault: None,
        code: String::new(),
        message,
        retry_after: None,
        href: None,
    })
}

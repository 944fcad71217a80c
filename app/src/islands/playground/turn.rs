//! One question and its answer as signals, while it comes and afterwards. Drawn by `super::message`.

use std::{cell::RefCell, rc::Rc};

use domain::id::CallId;
use leptos::prelude::*;

use super::frame::{Attachment, Ending, Outcome, ToolCall, ToolPiece};

/// Calls of tools that are shown of one answer.
const MOST_CALLS: usize = 64;

/// A question and its answer. Copies share the same signals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Counted up; names the turn within the list.
    pub number: u32,
    /// What was asked; empty where the results of tools went back instead.
    pub question: RwSignal<String>,
    /// The files that went along.
    pub attachments: RwSignal<Vec<Attachment>>,
    /// The model's public name.
    pub model: RwSignal<String>,
    /// What was answered so far.
    pub text: RwSignal<String>,
    /// What the model thought so far, where it shows it.
    pub reasoning: RwSignal<String>,
    /// The tools that the model called.
    pub calls: RwSignal<Vec<ToolCall>>,
    /// What the person says that they gave back, one for each of `calls`.
    pub results: RwSignal<Vec<String>>,
    /// The call in the log, as soon as there is one.
    pub call: RwSignal<Option<CallId>>,
    /// How far it got.
    pub phase: RwSignal<Phase>,
}

/// How far an answer got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing came yet.
    Waiting,
    /// It is being written.
    Writing,
    /// Stop was pressed; the numbers are still to come.
    Stopping,
    /// It is over.
    Ended(Box<Ending>),
}

impl Turn {
    /// A question that is about to be asked.
    pub fn new(number: u32, question: String, attachments: Vec<Attachment>, model: String) -> Self {
        Self {
            number,
            question: RwSignal::new(question),
            attachments: RwSignal::new(attachments),
            model: RwSignal::new(model),
            text: RwSignal::default(),
            reasoning: RwSignal::default(),
            calls: RwSignal::default(),
            results: RwSignal::default(),
            call: RwSignal::new(None),
            phase: RwSignal::new(Phase::Waiting),
        }
    }

    /// Forgets the answer, to ask once more.
    pub fn restart(self, model: String) {
        self.model.set(model);
        self.text.set(String::new());
        self.reasoning.set(String::new());
        self.calls.set(Vec::new());
        self.results.set(Vec::new());
        self.call.set(None);
        self.phase.set(Phase::Waiting);
    }

    /// It goes on after tools were called, and asks nothing of its own.
    pub fn goes_on(self) -> bool {
        self.question.with(String::is_empty) && self.attachments.with(Vec::is_empty)
    }

    /// Something was answered: words, or calls of tools.
    pub fn is_answered(self) -> bool {
        !self.text.with_untracked(String::is_empty) || !self.calls.with_untracked(Vec::is_empty)
    }

    /// Takes over a piece of a call. A model that counts beyond reason is not followed.
    pub fn hear_call(self, piece: ToolPiece) {
        let Some(index) = usize::try_from(piece.index).ok().filter(|index| *index < MOST_CALLS) else {
            return;
        };
        self.calls.update(|calls| {
            if calls.len() <= index {
                calls.resize_with(index + 1, ToolCall::default);
            }
            if let Some(call) = calls.get_mut(index) {
                call.id = piece
                    .id
                    .filter(|id| !id.is_empty())
                    .unwrap_or(std::mem::take(&mut call.id));
                call.name.push_str(piece.name.as_deref().unwrap_or_default());
                call.arguments.push_str(&piece.arguments);
            }
        });
        self.results.update(|results| {
            if results.len() <= index {
                results.resize_with(index + 1, String::new);
            }
        });
    }

    /// It is over, and not well.
    pub fn failed(self) -> bool {
        self.phase
            .with(|phase| matches!(phase, Phase::Ended(ending) if matches!(ending.outcome, Outcome::Failed(_))))
    }

    /// The answer, once it is over.
    pub fn ending(self) -> Option<Ending> {
        self.phase.with(|phase| {
            if let Phase::Ended(ending) = phase {
                Some(Ending::clone(ending))
            } else {
                None
            }
        })
    }
}

/// Collects pieces and shows them once per frame of the screen, however many arrive in between.
#[derive(Clone)]
pub struct Writer {
    target: RwSignal<String>,
    waiting: Rc<RefCell<String>>,
    grown: RwSignal<u32>,
}

impl Writer {
    /// Writes into `target` and counts `grown` up with each change.
    pub fn new(target: RwSignal<String>, grown: RwSignal<u32>) -> Self {
        Self {
            target,
            waiting: Rc::default(),
            grown,
        }
    }

    /// Takes a piece.
    pub fn push(&self, piece: &str) {
        let first = {
            let mut waiting = self.waiting.borrow_mut();
            waiting.push_str(piece);
            waiting.len() == piece.len()
        };
        if first {
            let writer = self.clone();
            request_animation_frame(move || writer.flush());
        }
    }

    /// Shows what is left, at once: a hidden tab draws no frames.
    pub fn flush(&self) {
        let piece = self.waiting.take();
        if !piece.is_empty() {
            self.target.update(|text| text.push_str(&piece));
            self.grown.update(|grown| *grown = grown.wrapping_add(1));
        }
    }
}

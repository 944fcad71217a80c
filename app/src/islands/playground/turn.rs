//! One question and its answer as signals, while it comes and afterwards. Drawn by `super::message`.

use std::{cell::RefCell, rc::Rc};

use domain::id::CallId;
use leptos::prelude::*;

use super::frame::{Ending, Outcome};

/// A question and its answer. Copies share the same signals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Counted up; names the turn within the list.
    pub number: u32,
    /// What was asked.
    pub question: RwSignal<String>,
    /// The model's public name.
    pub model: RwSignal<String>,
    /// What was answered so far.
    pub text: RwSignal<String>,
    /// What the model thought so far, where it shows it.
    pub reasoning: RwSignal<String>,
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
    Ended(Ending),
}

impl Turn {
    /// A question that is about to be asked.
    pub fn new(number: u32, question: String, model: String) -> Self {
        Self {
            number,
            question: RwSignal::new(question),
            model: RwSignal::new(model),
            text: RwSignal::default(),
            reasoning: RwSignal::default(),
            call: RwSignal::new(None),
            phase: RwSignal::new(Phase::Waiting),
        }
    }

    /// Forgets the answer, to ask once more.
    pub fn restart(self, model: String) {
        self.model.set(model);
        self.text.set(String::new());
        self.reasoning.set(String::new());
        self.call.set(None);
        self.phase.set(Phase::Waiting);
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
                Some(ending.clone())
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

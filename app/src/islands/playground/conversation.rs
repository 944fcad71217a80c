//! The conversation: what was said, what is being answered, and the four things one can do with it: send, stop, retry, clear.
//! It lives in this page's memory only; nothing of it is stored.

use std::time::Duration;

use futures_util::future::{AbortHandle, Abortable};
use leptos::{prelude::*, task::spawn_local};

use super::{
    ask::stop,
    frame::{Attachment, Ending, Outcome, Question, Said, Speaker},
    reader,
    settings::Settings,
    turn::{Phase, Turn},
};
use crate::text::Language;

/// How long Stop waits for the last line, which holds the numbers, before it cuts the connection.
const LAST_LINE: Duration = Duration::from_millis(1500);

/// A conversation. Copies share the same signals.
#[derive(Clone, Copy, Debug)]
pub struct Conversation {
    /// Questions and answers, oldest first.
    pub turns: RwSignal<Vec<Turn>>,
    /// An answer is on its way.
    pub running: RwSignal<bool>,
    /// Counted up with every change of what is shown, so that the page can follow.
    pub grown: RwSignal<u32>,
    /// Said to screen readers when something ended.
    pub announcement: RwSignal<String>,
    language: Language,
    next: StoredValue<u32>,
    connection: StoredValue<Option<AbortHandle>>,
    /// Keeps what a turn consists of. Without it a signal would belong to the button that was pressed, and go with it.
    owner: StoredValue<Option<Owner>>,
}

impl Conversation {
    /// Nothing said yet.
    pub fn new(language: Language) -> Self {
        Self {
            turns: RwSignal::default(),
            running: RwSignal::new(false),
            grown: RwSignal::new(0),
            announcement: RwSignal::default(),
            language,
            next: StoredValue::new(0),
            connection: StoredValue::new(None),
            owner: StoredValue::new(Owner::current()),
        }
    }

    /// Asks `question`. Does nothing while another answer is on its way.
    pub fn send(self, question: String, files: Vec<Attachment>, settings: Settings) {
        if !(question.trim().is_empty() && files.is_empty()) {
            self.begin(question, files, settings);
        }
    }

    /// Gives the model what its tools came to, as the person has typed it.
    pub fn send_results(self, settings: Settings) {
        self.begin(String::new(), Vec::new(), settings);
    }

    /// Bytes of all files that were sent so far; they go along with each question.
    pub fn weight(self) -> u32 {
        let of = |turn: &Turn| -> u32 {
            turn.attachments
                .with_untracked(|files| files.iter().map(|file| file.bytes).sum())
        };
        self.turns.with_untracked(|turns| turns.iter().map(of).sum())
    }

    fn begin(self, question: String, files: Vec<Attachment>, settings: Settings) {
        if self.running.get_untracked() {
            return;
        }
        let make = || Turn::new(self.next.get_value(), question, files, settings.model.get_untracked());
        let turn = match self.owner.get_value() {
            Some(owner) => owner.with(make),
            None => make(),
        };
        self.next.update_value(|next| *next += 1);
        self.turns.update(|turns| turns.push(turn));
        self.run(turn, settings);
    }

    /// Asks the last question once more, of the model that is chosen now.
    pub fn retry(self, settings: Settings) {
        let last = self.turns.with_untracked(|turns| turns.last().copied());
        if let (false, Some(turn)) = (self.running.get_untracked(), last) {
            turn.restart(settings.model.get_untracked());
            self.run(turn, settings);
        }
    }

    /// Stops the answer: the hub is told, the model stops, what has come stays.
    pub fn stop(self) {
        let Some(turn) = self.turns.with_untracked(|turns| turns.last().copied()) else {
            return;
        };
        if !self.running.get_untracked() || turn.phase.with_untracked(|phase| *phase == Phase::Stopping) {
            return;
        }
        turn.phase.set(Phase::Stopping);
        self.grow();
        let Some(connection) = self.connection.get_value() else {
            return;
        };
        let Some(call) = turn.call.get_untracked() else {
            return connection.abort();
        };
        let later = connection.clone();
        set_timeout(move || later.abort(), LAST_LINE);
        spawn_local(async move {
            if !matches!(stop(call).await, Ok(true)) {
                connection.abort();
            }
        });
    }

    /// Begins anew.
    pub fn clear(self) {
        self.stop();
        if let Some(connection) = self.connection.get_value() {
            connection.abort();
        }
        self.turns.set(Vec::new());
        self.running.set(false);
        self.announcement.set(
            self.language
                .pick("The conversation is empty.", "对话已清空。")
                .to_owned(),
        );
    }

    fn run(self, turn: Turn, settings: Settings) {
        self.running.set(true);
        self.announcement.set(String::new());
        self.grow();
        let question = self.question(turn, settings);
        let (connection, registration) = AbortHandle::new_pair();
        self.connection.set_value(Some(connection));
        spawn_local(async move {
            let reading = Abortable::new(reader::read(question, turn, self.grown, self.language), registration);
            if reading.await.is_err() {
                reader::finish(turn, Ending::untold(Outcome::Stopped));
            }
            // Cleared and asked anew in the meantime: the running answer is not this one.
            if self.turns.with_untracked(|turns| turns.last().copied()) == Some(turn) {
                self.running.set(false);
                self.announce(turn);
                self.grow();
            }
        });
    }

    /// What the model is told: the system prompt, everything up to `turn`, and its question.
    fn question(self, turn: Turn, settings: Settings) -> Question {
        let mut messages = Vec::new();
        let system = settings.system.get_untracked();
        if !system.trim().is_empty() {
            messages.push(Said::words(Speaker::System, system));
        }
        self.turns.with_untracked(|turns| {
            for earlier in turns.iter().take_while(|other| other.number != turn.number) {
                // A question that was never answered would stand beside the next one; some models refuse that.
                if earlier.is_answered() {
                    messages.extend(asked(*earlier));
                    messages.extend(answered(*earlier));
                }
            }
        });
        messages.extend(asked(turn));
        Question {
            model: turn.model.get_untracked(),
            messages,
            temperature: settings.temperature().unwrap_or_default(),
            max_tokens: settings.max_tokens().unwrap_or_default(),
            tools: settings.tools().unwrap_or_default(),
        }
    }

    /// One sentence at the end, instead of every word as it comes. A failure is announced by its own alert.
    fn announce(self, turn: Turn) {
        let stopped = match turn.ending().map(|ending| ending.outcome) {
            None | Some(Outcome::Failed(_)) => return,
            Some(Outcome::Stopped) => true,
            Some(Outcome::Complete | Outcome::Cut) => false,
        };
        let (words, letters) = turn
            .text
            .with_untracked(|text| (text.split_whitespace().count(), text.chars().count()));
        self.announcement.set(match (self.language, stopped) {
            (Language::En, false) => format!("Answer complete, {words} words."),
            (Language::En, true) => format!("Answer stopped after {words} words."),
            (Language::Zh, false) => format!("回答完毕，共 {letters} 个字符。"),
            (Language::Zh, true) => format!("回答已停止，共 {letters} 个字符。"),
        });
    }

    fn grow(self) {
        self.grown.update(|grown| *grown = grown.wrapping_add(1));
    }
}

/// A question as the model is told it; none where a turn only goes on.
fn asked(turn: Turn) -> Option<Said> {
    let (content, attachments) = (turn.question.get_untracked(), turn.attachments.get_untracked());
    (!content.is_empty() || !attachments.is_empty()).then(|| Said {
        attachments,
        ..Said::words(Speaker::User, content)
    })
}

/// An answer with the tools that it called, and what they came to. Each call needs an answer, so an empty one says that.
fn answered(turn: Turn) -> Vec<Said> {
    let (calls, results) = (turn.calls.get_untracked(), turn.results.get_untracked());
    let mut said = vec![Said {
        calls: calls.clone(),
        ..Said::words(Speaker::Assistant, turn.text.get_untracked())
    }];
    said.extend(calls.into_iter().enumerate().map(|(index, call)| {
        let result = results.get(index).filter(|result| !result.trim().is_empty()).cloned();
        Said {
            answers: Some(call.id),
            ..Said::words(Speaker::Tool, result.unwrap_or_else(|| "(no result)".to_owned()))
        }
    }));
    said
}

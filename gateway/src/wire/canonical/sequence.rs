//! Puts the events of an answer into blocks that never overlap, whatever the provider's order: one start, each block opened
//! once and closed once, no piece outside its block. Every dialect's writer builds on this grammar:
//!
//! `Start (Open Delta* Close)*`
//!
//! Providers may interleave the arguments of parallel calls. A call's block is closed when its arguments are whole JSON and
//! something else begins; until then what belongs to other calls waits.

use std::collections::{HashSet, VecDeque};

use super::{
    event::{Citation, Event, Finish, ToolStart},
    request::File,
};

/// One step of a well-formed answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// The answer begins. Always first, and once.
    Start {
        /// The provider's name for it.
        id: Option<String>,
        /// The model that answers, as the provider calls it.
        model: Option<String>,
    },
    /// A block begins; none is open.
    Open {
        /// Counts the blocks from 0.
        index: usize,
        /// What it holds.
        block: Block,
    },
    /// More of the open block.
    Delta {
        /// The open block.
        index: usize,
        /// What comes to it.
        delta: Delta,
    },
    /// The open block ends.
    Close {
        /// The open block.
        index: usize,
    },
}

/// What a block holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// Text. Grows by [`Delta::Text`] and [`Delta::Citation`].
    Text,
    /// What the model thinks. Grows by [`Delta::Text`] and [`Delta::Signature`].
    Thought,
    /// A thought in the provider's cipher. Does not grow.
    Sealed(String),
    /// Words that decline. Grows by [`Delta::Text`].
    Refusal,
    /// A call of a tool. Grows by [`Delta::Arguments`].
    Tool(ToolStart),
    /// A file. Does not grow.
    File(File),
}

/// What comes to a block.
#[derive(Clone, Debug, PartialEq)]
pub enum Delta {
    /// More text.
    Text(String),
    /// The source of the text before.
    Citation(Citation),
    /// The proof of the thought.
    Signature(String),
    /// More JSON as text.
    Arguments(String),
}

/// Keeps the grammar.
#[derive(Debug, Default)]
pub struct Sequencer {
    started: bool,
    next: usize,
    open: Option<Open>,
    /// Calls that wait for the open one, in the order in which they began.
    waiting: VecDeque<Waiting>,
    /// Calls that have begun: a second beginning is none.
    begun: HashSet<usize>,
    finish: Option<Finish>,
}

#[derive(Debug)]
struct Open {
    index: usize,
    kind: Kind,
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Text,
    /// Whether its proof has come: what follows that is another thought.
    Thought(bool),
    Refusal,
    /// The provider's index of the call, and its arguments so far.
    Tool(usize, String),
}

#[derive(Debug)]
struct Waiting {
    start: ToolStart,
    arguments: String,
}

fn is_whole(arguments: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(arguments).is_ok()
}

impl Sequencer {
    /// Why the answer ends, once that was said.
    #[must_use]
    pub fn finish(&self) -> Option<&Finish> {
        self.finish.as_ref()
    }

    /// Takes an event and tells what it comes to.
    pub fn take(&mut self, event: Event, steps: &mut Vec<Step>) {
        if let Event::Start { id, model } = event {
            if !std::mem::replace(&mut self.started, true) {
                steps.push(Step::Start { id, model });
            }
            return;
        }
        if !std::mem::replace(&mut self.started, true) {
            steps.push(Step::Start { id: None, model: None });
        }
        match event {
            Event::Start { .. } => {}
            Event::Text(text) => self.grow(Kind::Text, Delta::Text(text), steps),
            Event::Citation(citation) => self.grow(Kind::Text, Delta::Citation(citation), steps),
            Event::Thought(text) => self.grow(Kind::Thought(false), Delta::Text(text), steps),
            Event::Signature(signature) => {
                self.grow(Kind::Thought(false), Delta::Signature(signature), steps);
                if let Some(open) = &mut self.open {
                    open.kind = Kind::Thought(true);
                }
            }
            Event::Refusal(text) => self.grow(Kind::Refusal, Delta::Text(text), steps),
            Event::Sealed(sealed) => self.whole(Block::Sealed(sealed), steps),
            Event::File(file) => self.whole(Block::File(file), steps),
            Event::ToolCall(start) => self.begin_tool(start, steps),
            Event::Arguments { index, json } => self.grow_tool(index, json, steps),
            Event::Finish(finish) => self.finish = Some(finish),
        }
    }

    /// The answer is over: closes what is open, and gives out what waits.
    pub fn close(&mut self, steps: &mut Vec<Step>) {
        self.close_open(steps);
        while let Some(waiting) = self.waiting.pop_front() {
            self.open_tool(waiting, steps);
            self.close_open(steps);
        }
    }

    fn grow(&mut self, kind: Kind, delta: Delta, steps: &mut Vec<Step>) {
        let same = self.open.as_ref().is_some_and(|open| open.kind == kind);
        if !same {
            if matches!(&delta, Delta::Text(text) if text.is_empty()) {
                return;
            }
            // What is said after a call of a tool means that the call is complete.
            self.close(steps);
            let block = match kind {
                Kind::Thought(_) => Block::Thought,
                Kind::Refusal => Block::Refusal,
                Kind::Text | Kind::Tool(..) => Block::Text,
            };
            self.open(kind, block, steps);
        }
        if let Some(open) = &self.open {
            steps.push(Step::Delta {
                index: open.index,
                delta,
            });
        }
    }

    fn whole(&mut self, block: Block, steps: &mut Vec<Step>) {
        self.close(steps);
        let index = self.next;
        self.next += 1;
        steps.push(Step::Open { index, block });
        steps.push(Step::Close { index });
    }

    fn begin_tool(&mut self, start: ToolStart, steps: &mut Vec<Step>) {
        if !self.begun.insert(start.index) {
            return;
        }
        let waiting = Waiting {
            start,
            arguments: String::new(),
        };
        let busy = matches!(&self.open, Some(Open { kind: Kind::Tool(_, arguments), .. }) if !is_whole(arguments));
        if busy || !self.waiting.is_empty() {
            self.waiting.push_back(waiting);
        } else {
            self.close_open(steps);
            self.open_tool(waiting, steps);
        }
    }

    fn grow_tool(&mut self, index: usize, json: String, steps: &mut Vec<Step>) {
        if json.is_empty() {
            return;
        }
        match &mut self.open {
            Some(Open {
                index: block,
                kind: Kind::Tool(tool, arguments),
            }) if *tool == index => {
                arguments.push_str(&json);
                steps.push(Step::Delta {
                    index: *block,
                    delta: Delta::Arguments(json),
                });
            }
            _ => {
                if let Some(waiting) = self.waiting.iter_mut().find(|waiting| waiting.start.index == index) {
                    waiting.arguments.push_str(&json);
                }
                // Else they belong to a call that never began or has ended, and no client could place them.
            }
        }
        self.let_next_begin(steps);
    }

    /// The open call is complete and another waits: it is its turn.
    fn let_next_begin(&mut self, steps: &mut Vec<Step>) {
        while let Some(Open {
            kind: Kind::Tool(_, arguments),
            ..
        }) = &self.open
            && !self.waiting.is_empty()
            && is_whole(arguments)
        {
            self.close_open(steps);
            if let Some(waiting) = self.waiting.pop_front() {
                self.open_tool(waiting, steps);
            }
        }
    }

    fn open(&mut self, kind: Kind, block: Block, steps: &mut Vec<Step>) {
        let index = self.next;
        self.next += 1;
        self.open = Some(Open { index, kind });
        steps.push(Step::Open { index, block });
    }

    fn open_tool(&mut self, waiting: Waiting, steps: &mut Vec<Step>) {
        let Waiting { start, arguments } = waiting;
        let kind = Kind::Tool(start.index, arguments.clone());
        self.open(kind, Block::Tool(start), steps);
        if let (Some(open), false) = (&self.open, arguments.is_empty()) {
            steps.push(Step::Delta {
                index: open.index,
                delta: Delta::Arguments(arguments),
            });
        }
    }

    fn close_open(&mut self, steps: &mut Vec<Step>) {
        if let Some(open) = self.open.take() {
            steps.push(Step::Close { index: open.index });
        }
    }
}

#[cfg(test)]
mod tests;

//! Puts the events of an answer into blocks that never overlap, whatever the provider's order: one start, each block opened
//! once and closed once, no piece outside its block. Every dialect's writer builds on this grammar:
//!
//! `Start (Open Delta* Close)*`
//!
//! Providers may interleave the arguments of parallel calls with one another and with texts. A call's block is closed when its
//! arguments are complete and something else begins; until then whatever else is said waits, in its order.

mod arguments;

use std::collections::{HashMap, VecDeque};

use super::{
    defect::Defect,
    event::{Citation, Event, Finish, ToolStart},
    request::{File, Source},
};
use arguments::Arguments;

/// So many bytes wait for a call at the most. An answer that says more meanwhile will never complete it.
const MOST_WAITING: usize = 16 << 20;

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
    /// The source of the text that was said last, whose block has ended: some providers tell sources behind the calls of tools. A
    /// block of its own would hold an empty text, which providers refuse when it comes back.
    Source(Citation),
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
    /// Text was said.
    spoke: bool,
    next: usize,
    open: Option<Open>,
    /// What waits until the arguments of the open call are complete, in the order in which it came.
    waiting: VecDeque<Waiting>,
    /// How much of it is text.
    held: usize,
    /// How many have waited and wait no more.
    released: usize,
    /// Calls that have begun, and their places among all that ever waited: a second beginning is none.
    begun: HashMap<usize, Option<usize>>,
    finish: Option<Finish>,
    defect: Option<Defect>,
}

#[derive(Debug)]
struct Open {
    index: usize,
    now: Now,
}

#[derive(Debug)]
enum Now {
    Said(Kind),
    /// The provider's index of the call, and its arguments so far.
    Tool(usize, Arguments),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    /// Whether its proof has come: what follows that is another thought.
    Thought(bool),
    Refusal,
}

#[derive(Debug)]
enum Waiting {
    Tool(ToolStart, Arguments),
    Said(Kind, Vec<Delta>),
    Whole(Block),
}

impl Sequencer {
    /// Why the answer ends, once that was said. Who says that tools are called and calls none has said all.
    #[must_use]
    pub fn finish(&self) -> Option<&Finish> {
        static STOP: Finish = Finish::Stop;
        match &self.finish {
            Some(Finish::ToolCalls) if self.begun.is_empty() => Some(&STOP),
            finish => finish.as_ref(),
        }
    }

    /// What is wrong with the answer, which has ended and is closed. One that was cut off by a limit, and says so, may be cut
    /// within a call: its clients know that they must not run it.
    #[must_use]
    pub fn defect(&self) -> Option<Defect> {
        match &self.finish {
            None => Some(Defect::NoEnd),
            Some(Finish::Broken(reason)) => Some(Defect::given_up(reason)),
            Some(Finish::Other(reason)) if self.next == 0 => Some(Defect::given_up(reason)),
            // Of an answer that ended at a text of the client's other dialects say that it is complete.
            Some(Finish::Stop | Finish::StopSequence(_) | Finish::ToolCalls | Finish::Other(_)) => self.defect.clone(),
            Some(Finish::Length | Finish::ContextFull | Finish::ContentFilter | Finish::Refusal | Finish::Pause) => {
                None
            }
        }
    }

    /// The same of an answer that came whole: its end needs no reason, but there must be something in it.
    #[must_use]
    pub fn defect_of_whole(&self) -> Option<Defect> {
        match self.defect() {
            Some(Defect::NoEnd) if self.next == 0 => Some(Defect::Empty),
            Some(Defect::NoEnd) => self.defect.clone(),
            defect => defect,
        }
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
            Event::Text(text) => {
                self.spoke |= !text.is_empty();
                self.grow(Kind::Text, Delta::Text(text), steps);
            }
            Event::Citation(citation) if self.spoke && !self.ends_in_text() => self.cite(citation, steps),
            Event::Citation(citation) => self.grow(Kind::Text, Delta::Citation(citation), steps),
            Event::Thought(text) => self.grow(Kind::Thought(false), Delta::Text(text), steps),
            Event::Signature(signature) => self.grow(Kind::Thought(false), Delta::Signature(signature), steps),
            Event::Refusal(text) => self.grow(Kind::Refusal, Delta::Text(text), steps),
            Event::Sealed(sealed) => self.whole(Block::Sealed(sealed), steps),
            Event::File(file) => self.whole(Block::File(file), steps),
            Event::ToolCall(start) => self.begin_tool(start, steps),
            Event::Arguments { index, json } => self.grow_tool(index, &json, steps),
            Event::Finish(finish) => self.finish = Some(finish),
        }
        if self.held > MOST_WAITING {
            self.close_open(steps);
            while self.release(steps) {
                self.close_open(steps);
            }
        }
    }

    /// The answer is over: closes what is open, and gives out what waits. A call whose arguments make the answer defective stays
    /// open, and nothing follows it: no client may take it for a call that is complete.
    pub fn close(&mut self, steps: &mut Vec<Step>) {
        loop {
            let is_unsound =
                matches!(&self.open, Some(Open { now: Now::Tool(_, arguments), .. }) if !arguments.are_sound());
            if is_unsound && self.wants_sound_calls() {
                self.defect.get_or_insert(Defect::Arguments);
                return;
            }
            self.close_open(steps);
            if !self.release(steps) {
                return;
            }
        }
    }

    /// Whether the reason for the end says that calls are complete.
    fn wants_sound_calls(&self) -> bool {
        matches!(
            &self.finish,
            Some(Finish::Stop | Finish::StopSequence(_) | Finish::ToolCalls | Finish::Other(_))
        )
    }

    /// The open call is not complete: what else is said must wait.
    fn is_busy(&self) -> bool {
        matches!(&self.open, Some(Open { now: Now::Tool(_, arguments), .. }) if !arguments.are_complete())
    }

    /// What was said last is text, given out or waiting.
    fn ends_in_text(&self) -> bool {
        match self.waiting.back() {
            Some(waiting) => matches!(waiting, Waiting::Said(Kind::Text, _)),
            None => matches!(
                &self.open,
                Some(Open {
                    now: Now::Said(Kind::Text),
                    ..
                })
            ),
        }
    }

    /// Text was said, and something else behind it. Text that still waits takes the source along.
    fn cite(&mut self, citation: Citation, steps: &mut Vec<Step>) {
        let said = self.waiting.iter_mut().rev().find_map(|waiting| match waiting {
            Waiting::Said(Kind::Text, deltas) => Some(deltas),
            _ => None,
        });
        match said {
            Some(deltas) => deltas.push(Delta::Citation(citation)),
            None => steps.push(Step::Source(citation)),
        }
    }

    fn grow(&mut self, kind: Kind, delta: Delta, steps: &mut Vec<Step>) {
        let is_empty = matches!(&delta, Delta::Text(text) if text.is_empty());
        if self.is_busy() {
            if !is_empty {
                self.keep(kind, delta);
            }
            return;
        }
        let same = matches!(&self.open, Some(Open { now: Now::Said(open), .. }) if *open == kind);
        if !same {
            if is_empty {
                return;
            }
            self.close_open(steps);
            self.open(Now::Said(kind), block_of(kind), steps);
        }
        self.say(delta, steps);
    }

    /// Keeps for later what is said. Pieces of one text become one.
    fn keep(&mut self, kind: Kind, delta: Delta) {
        self.held += match &delta {
            Delta::Text(text) | Delta::Signature(text) | Delta::Arguments(text) => text.len(),
            Delta::Citation(_) => 1_000,
        };
        let after = after(kind, &delta);
        match self.waiting.back_mut() {
            Some(Waiting::Said(before, deltas)) if *before == kind => {
                *before = after;
                match (deltas.last_mut(), delta) {
                    (Some(Delta::Text(text)), Delta::Text(more)) => text.push_str(&more),
                    (_, delta) => deltas.push(delta),
                }
            }
            _ => self.waiting.push_back(Waiting::Said(after, vec![delta])),
        }
    }

    fn whole(&mut self, block: Block, steps: &mut Vec<Step>) {
        if self.is_busy() {
            self.held += match &block {
                Block::Sealed(sealed) => sealed.len(),
                Block::File(File {
                    source: Source::Data { base64, .. },
                    ..
                }) => base64.len(),
                _ => 1_000,
            };
            self.waiting.push_back(Waiting::Whole(block));
            return;
        }
        self.close_open(steps);
        self.put(block, steps);
    }

    fn put(&mut self, block: Block, steps: &mut Vec<Step>) {
        let index = self.next;
        self.next += 1;
        steps.push(Step::Open { index, block });
        steps.push(Step::Close { index });
    }

    fn begin_tool(&mut self, start: ToolStart, steps: &mut Vec<Step>) {
        if start.name.is_empty() {
            self.defect.get_or_insert(Defect::Nameless);
            return;
        }
        if self.begun.contains_key(&start.index) {
            return;
        }
        if self.is_busy() {
            let place = self.released + self.waiting.len();
            self.begun.insert(start.index, Some(place));
            self.waiting.push_back(Waiting::Tool(start, Arguments::default()));
        } else {
            self.begun.insert(start.index, None);
            self.close_open(steps);
            self.open_tool(start, Arguments::default(), steps);
        }
    }

    fn grow_tool(&mut self, index: usize, json: &str, steps: &mut Vec<Step>) {
        if json.is_empty() {
            return;
        }
        if let Some(Open {
            index: block,
            now: Now::Tool(tool, arguments),
        }) = &mut self.open
            && *tool == index
        {
            arguments.push(json);
            steps.push(Step::Delta {
                index: *block,
                delta: Delta::Arguments(json.to_owned()),
            });
            self.let_next_begin(steps);
            return;
        }
        let place = self.begun.get(&index).copied().flatten();
        let place = place.and_then(|place| place.checked_sub(self.released));
        match place.and_then(|place| self.waiting.get_mut(place)) {
            Some(Waiting::Tool(_, arguments)) => {
                arguments.push(json);
                self.held += json.len();
            }
            // They belong to a call that never began or has ended, and no client could place them.
            _ if json.trim().is_empty() => {}
            _ => {
                self.defect.get_or_insert(Defect::Stray);
            }
        }
    }

    /// The open call is complete: what waited for it comes out, up to the next call that is not.
    fn let_next_begin(&mut self, steps: &mut Vec<Step>) {
        while !self.waiting.is_empty() && !self.is_busy() {
            self.close_open(steps);
            self.release(steps);
        }
    }

    /// Opens what has waited longest. Nothing is open.
    fn release(&mut self, steps: &mut Vec<Step>) -> bool {
        let Some(waiting) = self.waiting.pop_front() else {
            self.held = 0;
            return false;
        };
        self.released += 1;
        match waiting {
            Waiting::Tool(start, arguments) => self.open_tool(start, arguments, steps),
            Waiting::Whole(block) => self.put(block, steps),
            Waiting::Said(kind, deltas) => {
                self.open(Now::Said(kind), block_of(kind), steps);
                deltas.into_iter().for_each(|delta| self.say(delta, steps));
            }
        }
        if self.waiting.is_empty() {
            self.held = 0;
        }
        true
    }

    /// Says more of the open text, thought or refusal.
    fn say(&mut self, delta: Delta, steps: &mut Vec<Step>) {
        if let Some(Open {
            index,
            now: Now::Said(kind),
        }) = &mut self.open
        {
            *kind = after(*kind, &delta);
            steps.push(Step::Delta { index: *index, delta });
        }
    }

    fn open(&mut self, now: Now, block: Block, steps: &mut Vec<Step>) {
        let index = self.next;
        self.next += 1;
        self.open = Some(Open { index, now });
        steps.push(Step::Open { index, block });
    }

    fn open_tool(&mut self, start: ToolStart, arguments: Arguments, steps: &mut Vec<Step>) {
        let said = arguments.text.clone();
        self.open(Now::Tool(start.index, arguments), Block::Tool(start), steps);
        if let (Some(open), false) = (&self.open, said.is_empty()) {
            steps.push(Step::Delta {
                index: open.index,
                delta: Delta::Arguments(said),
            });
        }
    }

    fn close_open(&mut self, steps: &mut Vec<Step>) {
        if let Some(open) = self.open.take() {
            if let Now::Tool(_, arguments) = &open.now
                && !arguments.are_sound()
            {
                self.defect.get_or_insert(Defect::Arguments);
            }
            steps.push(Step::Close { index: open.index });
        }
    }
}

fn block_of(kind: Kind) -> Block {
    match kind {
        Kind::Text => Block::Text,
        Kind::Thought(_) => Block::Thought,
        Kind::Refusal => Block::Refusal,
    }
}

/// What the block is after this piece: a proof ends its thought.
fn after(kind: Kind, delta: &Delta) -> Kind {
    match delta {
        Delta::Signature(_) => Kind::Thought(true),
        _ => kind,
    }
}

#[cfg(test)]
mod tests;

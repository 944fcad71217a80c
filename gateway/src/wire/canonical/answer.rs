//! A whole answer, gathered from its events. Written at once by the dialects for clients that do not stream.

use std::collections::HashMap;

use super::{
    defect::Defect,
    event::{Citation, Event, Finish},
    request::{Part, Thought, ToolCall},
    sequence::{Block, Delta, Sequencer, Step},
};

/// All that an answer says.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The provider's name for it.
    pub id: Option<String>,
    /// The model that answered, as the provider calls it.
    pub model: Option<String>,
    /// What it says, in order.
    pub parts: Vec<Part>,
    /// Where texts come from: the place in `parts`, and the source.
    pub citations: Vec<(usize, Citation)>,
    /// Why it ends.
    pub finish: Finish,
}

impl Answer {
    /// Gathers events. An answer without [`Event::Finish`] ends with [`Finish::Stop`].
    #[cfg(test)]
    pub fn gather(events: impl IntoIterator<Item = Event>) -> Self {
        Self::judged(events).0
    }

    /// Gathers events, and tells what is wrong with the answer that they come to.
    pub fn judged(events: impl IntoIterator<Item = Event>) -> (Self, Option<Defect>) {
        let mut answer = Self {
            id: None,
            model: None,
            parts: Vec::new(),
            citations: Vec::new(),
            finish: Finish::Stop,
        };
        let mut sequencer = Sequencer::default();
        let mut steps = Vec::new();
        for event in events {
            sequencer.take(event, &mut steps);
        }
        sequencer.close(&mut steps);
        let mut text = None;
        for step in steps {
            answer.take(step, &mut text);
        }
        if let Some(finish) = sequencer.finish() {
            answer.finish = finish.clone();
        }
        (answer, sequencer.defect_of_whole())
    }

    /// The sources of each part that has any, by its place.
    pub fn sources(&self) -> HashMap<usize, Vec<&Citation>> {
        let mut sources: HashMap<usize, Vec<&Citation>> = HashMap::new();
        for (place, source) in &self.citations {
            sources.entry(*place).or_default().push(source);
        }
        sources
    }

    /// `text` is the place of the last text so far.
    fn take(&mut self, step: Step, text: &mut Option<usize>) {
        match step {
            Step::Start { id, model } => (self.id, self.model) = (id, model),
            Step::Open { block, .. } => self.parts.push(match block {
                Block::Text => {
                    *text = Some(self.parts.len());
                    Part::text("")
                }
                Block::Thought => Part::Thought(Thought::default()),
                Block::Sealed(sealed) => Part::Thought(Thought {
                    sealed: Some(sealed),
                    ..Thought::default()
                }),
                Block::Refusal => Part::Refusal(String::new()),
                Block::Tool(start) => Part::ToolCall(ToolCall {
                    id: start.id,
                    name: start.name,
                    arguments: String::new(),
                    signature: start.signature,
                }),
                Block::File(file) => Part::File(file),
            }),
            Step::Delta { delta, .. } => self.grow(delta),
            Step::Close { .. } => {}
            Step::Source(citation) => self.citations.extend(text.map(|place| (place, citation))),
        }
    }

    fn grow(&mut self, delta: Delta) {
        let place = self.parts.len().saturating_sub(1);
        match (self.parts.last_mut(), delta) {
            (Some(Part::Text { text, .. } | Part::Refusal(text)), Delta::Text(more)) => text.push_str(&more),
            (Some(Part::Thought(thought)), Delta::Text(more)) => thought.text.push_str(&more),
            (Some(Part::Thought(thought)), Delta::Signature(more)) => {
                thought.signature.get_or_insert_default().push_str(&more);
            }
            (Some(Part::ToolCall(call)), Delta::Arguments(more)) => call.arguments.push_str(&more),
            (Some(Part::Text { .. }), Delta::Citation(citation)) => self.citations.push((place, citation)),
            // The sequencer gives each block only what belongs to it.
            _ => {}
        }
    }
}

//! Listens to a provider's stream, frame by frame, and says what goes to the client: the same bytes, other ones, or none.
//!
//! Where both sides speak OpenAI's chat the listener of `openai::stream` hears, which also keeps usage from who did not ask for
//! it. Where both speak another dialect, the wire's reader hears and the bytes pass. Where they differ, what it hears is put in
//! order and written anew. Called by `call::stream`.

use domain::catalog::Quirks;

use super::{
    canonical::{
        Counted, Defect, End, Event, Failing, Finish, Frame, ReadProblem, Report, Sequencer, StreamReader, StreamWriter,
    },
    halves::Halves,
    openai::{
        error::Said,
        stream::{Form, Listener, Verdict},
    },
    speech::ToolNames,
    sse::{self, Content},
};

/// The ear of one stream.
pub(crate) enum Ear {
    /// OpenAI's chat on both sides.
    Openai(Listener),
    /// Another dialect on both sides.
    Passing(Heard),
    /// One wire is heard, another dialect is written.
    Writing(Heard, Box<Page>),
}

/// What the reader of a wire has heard.
pub(crate) struct Heard {
    reader: Box<dyn StreamReader>,
    /// Characters that are cut in two by events.
    halves: Halves,
    events: Vec<Event>,
    /// Why the answer ends, in OpenAI's word.
    finish: Option<String>,
    /// The provider's name for the answer.
    id: Option<String>,
    /// How many events have passed.
    passed: u64,
    /// The last event went to the client.
    let_pass: bool,
}

impl Heard {
    fn new(reader: Box<dyn StreamReader>) -> Self {
        Self {
            reader,
            halves: Halves::default(),
            events: Vec::new(),
            finish: None,
            id: None,
            passed: 0,
            let_pass: false,
        }
    }
}

/// What is being written.
pub(crate) struct Page {
    sequencer: Sequencer,
    /// What the client calls its tools.
    names: ToolNames,
    writer: Box<dyn StreamWriter>,
    /// Written and not taken yet.
    out: Vec<u8>,
}

impl Heard {
    fn hear(&mut self, event: &sse::Event<'_>) -> Verdict {
        if event.content == Content::LateLineFeed {
            return if self.let_pass { Verdict::Pass } else { Verdict::Drop };
        }
        let verdict = self.read(event);
        self.let_pass = matches!(verdict, Verdict::Pass);
        verdict
    }

    fn read(&mut self, event: &sse::Event<'_>) -> Verdict {
        let Some(data) = event.data.as_deref().filter(|data| !data.trim_ascii().is_empty()) else {
            // A name or an id without data is an empty event to clients, which they cannot read.
            return match event.content {
                Content::Comments => Verdict::Pass,
                Content::Blank | Content::LateLineFeed | Content::Fields => Verdict::Drop,
            };
        };
        let data = self.halves.mended(data);
        let frame = Frame {
            name: event.name,
            data: &data,
        };
        let read = self.reader.read(frame, &mut self.events);
        for event in &self.events {
            match event {
                Event::Finish(finish) => self.finish = Some(finish.word().to_owned()),
                Event::Start { id, .. } if self.id.is_none() => self.id.clone_from(id),
                _ => {}
            }
        }
        match read {
            Ok(()) if self.reader.was_last() => Verdict::Done,
            Ok(()) => {
                self.passed += 1;
                Verdict::Pass
            }
            Err(ReadProblem::Malformed) => Verdict::Malformed,
            Err(ReadProblem::Reported { message, code }) => Verdict::Error(Said {
                in_shape: true,
                message,
                code,
                moderated: false,
            }),
        }
    }
}

impl Page {
    fn write(&mut self, events: &mut Vec<Event>) {
        let mut steps = Vec::new();
        self.names.put_back(events);
        for event in events.drain(..) {
            self.sequencer.take(event, &mut steps);
        }
        for step in &steps {
            self.writer.step(step, &mut self.out);
        }
    }

    fn close(&mut self) {
        let mut steps = Vec::new();
        self.sequencer.close(&mut steps);
        for step in &steps {
            self.writer.step(step, &mut self.out);
        }
    }
}

impl Ear {
    /// For OpenAI's chat, or its legacy completions, on both sides, and a client that did or did not ask for usage.
    pub fn openai(form: Form, include_usage: bool, quirks: &Quirks) -> Self {
        Self::Openai(Listener::of(form, include_usage, quirks.clone()))
    }

    /// For bytes that pass.
    pub fn passing(reader: Box<dyn StreamReader>) -> Self {
        Self::Passing(Heard::new(reader))
    }

    /// For an answer that is written anew.
    pub fn writing(reader: Box<dyn StreamReader>, writer: Box<dyn StreamWriter>, names: ToolNames) -> Self {
        let heard = Heard::new(reader);
        let page = Box::new(Page {
            sequencer: Sequencer::default(),
            names,
            writer,
            out: Vec::new(),
        });
        Self::Writing(heard, page)
    }

    /// Reads one event. What is written anew never passes: it is to be taken by [`Self::written`].
    pub fn hear(&mut self, event: &sse::Event<'_>) -> Verdict {
        match self {
            Self::Openai(listener) => listener.hear(event),
            Self::Passing(heard) => {
                let verdict = heard.hear(event);
                heard.events.clear();
                verdict
            }
            Self::Writing(heard, page) => {
                let verdict = heard.hear(event);
                page.write(&mut heard.events);
                match verdict {
                    Verdict::Pass => Verdict::Drop,
                    verdict => verdict,
                }
            }
        }
    }

    /// What was written since it was last taken.
    pub fn written(&mut self) -> Vec<u8> {
        match self {
            Self::Openai(_) | Self::Passing(_) => Vec::new(),
            Self::Writing(_, page) => std::mem::take(&mut page.out),
        }
    }

    /// Bytes go on as they came.
    pub fn passes(&self) -> bool {
        !matches!(self, Self::Writing(..))
    }

    /// All of the answer has been said: what may follow is usage and the last word.
    pub fn complete(&self) -> bool {
        match self {
            Self::Openai(listener) => listener.complete(),
            Self::Passing(heard) | Self::Writing(heard, _) => heard.reader.is_complete(),
        }
    }

    /// Bytes of what the model wrote so far.
    pub fn text_bytes(&self) -> u64 {
        match self {
            Self::Openai(listener) => listener.text_bytes,
            Self::Passing(heard) | Self::Writing(heard, _) => heard.reader.text_bytes(),
        }
    }

    /// Why the answer ended, in OpenAI's word.
    pub fn finish_reason(&self) -> Option<&str> {
        match self {
            Self::Openai(listener) => listener.finish_reason.as_deref(),
            Self::Passing(heard) | Self::Writing(heard, _) => {
                heard.finish.as_deref().or_else(|| heard.reader.finish_reason())
            }
        }
    }

    /// What was counted, as far as it was said.
    pub fn report(&self) -> Option<Report> {
        match self {
            Self::Openai(listener) => listener.report().cloned(),
            Self::Passing(heard) | Self::Writing(heard, _) => heard.reader.report(),
        }
    }

    /// How much of the answer that counts.
    pub fn counted(&self) -> Counted {
        match self {
            Self::Openai(listener) => listener.counted(),
            Self::Passing(heard) | Self::Writing(heard, _) => heard.reader.counted(),
        }
    }

    /// An error was told, and what the answer came to may follow it.
    pub fn says_more(&self) -> bool {
        match self {
            Self::Openai(_) => false,
            Self::Passing(heard) | Self::Writing(heard, _) => heard.reader.says_more(),
        }
    }

    /// The answer has ended: what is wrong with it, where it is written anew. What waited is written before.
    pub fn defect(&mut self) -> Option<Defect> {
        let Self::Writing(_, page) = self else { return None };
        page.close();
        page.sequencer.defect()
    }

    /// What has passed: the provider's name for the answer, and how many events. An error that follows goes on from there.
    pub fn passed(&self) -> Option<(&str, u64)> {
        match self {
            Self::Passing(heard) => Some((heard.id.as_deref()?, heard.passed)),
            Self::Openai(_) | Self::Writing(..) => None,
        }
    }

    /// The end of an answer that is written anew; empty where bytes pass.
    pub fn end(&mut self, mut end: End) -> Vec<u8> {
        let Self::Writing(_, page) = self else {
            return Vec::new();
        };
        page.close();
        end.finish = page.sequencer.finish().cloned().unwrap_or(Finish::Stop);
        page.writer.end(&end, &mut page.out);
        std::mem::take(&mut page.out)
    }

    /// An error as the last thing, where the answer is written anew.
    pub fn fail(&mut self, failing: &Failing<'_>) -> Option<Vec<u8>> {
        let Self::Writing(_, page) = self else { return None };
        page.writer.fail(failing, &mut page.out);
        Some(std::mem::take(&mut page.out))
    }
}

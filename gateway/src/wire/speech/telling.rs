//! The way back: whole answers and streams are heard in the provider's wire and told in the client's dialect.

use bytes::Bytes;
use domain::{
    call::Dialect,
    catalog::{Quirks, Wire},
};

use super::{
    super::{
        aigne, anthropic,
        canonical::{
            Answer, Counted, Defect, End, Event, Ids, Opening, ReadProblem, Report, StreamReader, StreamWriter,
            embedding::Vectors, picture::Picture,
        },
        completions,
        ear::Ear,
        google,
        halves::Halves,
        ollama,
        openai::{self, error::Said, stream::Form},
        responses,
        weight::Scale,
    },
    Kept, Problem, Speech,
};

/// A whole answer that was heard.
pub(crate) struct Whole {
    /// What it says, where it is to be told anew.
    pub content: Content,
    /// What keeps it from being told as a success. What was counted of it goes to the log all the same.
    pub defect: Option<Defect>,
    /// What was counted.
    pub report: Option<Report>,
    /// How much of it that counts.
    pub counted: Counted,
    /// Why it ended, in OpenAI's word.
    pub finish_reason: Option<String>,
    /// Bytes of what the model wrote, for an estimate.
    pub text_bytes: u64,
    /// Pictures in it.
    pub pictures: u64,
}

/// What a whole answer says.
pub(crate) enum Content {
    /// Its bytes pass.
    Passes,
    /// These bytes pass in the place of what came.
    Instead(Bytes),
    /// It is told anew.
    Chat(Box<Answer>),
    /// Embeddings, told anew.
    Vectors {
        /// One list of numbers for each text.
        vectors: Vectors,
        /// The client wants the numbers as base64.
        base64: bool,
    },
    /// Pictures, told anew.
    Pictures(Vec<Picture>),
}

impl Content {
    /// The same with no more than the first `most` pictures.
    pub fn with_pictures(self, body: &[u8], most: u64) -> Self {
        let cut = |body: &[u8]| openai::images::first(body, most).map(|left| Self::Instead(left.into()));
        match self {
            Self::Passes => cut(body).unwrap_or(Self::Passes),
            Self::Instead(body) => cut(&body).unwrap_or(Self::Instead(body)),
            Self::Pictures(mut pictures) => {
                pictures.truncate(usize::try_from(most).unwrap_or(usize::MAX));
                Self::Pictures(pictures)
            }
            told => told,
        }
    }
}

/// Why a whole answer is none.
pub(crate) enum Unheard {
    /// It is not what the wire prescribes.
    Malformed(String),
    /// It is an error in spite of its status.
    Reported(Said),
}

impl Speech {
    /// Hears a whole answer.
    ///
    /// # Errors
    /// [`Unheard`].
    pub fn hear(self, body: &[u8], quirks: &Quirks, kept: &Kept) -> Result<Whole, Unheard> {
        if let Kept::Embedding { inputs, base64 } = *kept {
            return self.hear_embeddings(body, inputs, base64);
        }
        if *kept == Kept::Pictures {
            return hear_pictures(body);
        }
        if self.passes() && self.wire.is_openais() {
            return hear_openai(self.dialect, body, quirks);
        }
        let (mut events, report) = self.events(body, quirks)?;
        let text_bytes = match self.wire {
            // Items that are told to nobody else are written by its model all the same.
            Wire::OpenaiResponses => responses::decode::text_bytes(body),
            _ => {
                let mut scale = Scale::default();
                scale.add(&events);
                scale.bytes
            }
        };
        let finish = events.iter().rev().find_map(|event| match event {
            Event::Finish(finish) => Some(finish.word().to_owned()),
            _ => None,
        });
        let (content, defect) = match self.passes() {
            true => (Content::Passes, None),
            false => {
                kept.tools().put_back(&mut events);
                let (answer, defect) = Answer::judged(events);
                (Content::Chat(Box::new(answer)), defect)
            }
        };
        Ok(Whole {
            content,
            defect,
            report,
            counted: Counted::All,
            finish_reason: finish,
            text_bytes,
            pictures: 0,
        })
    }

    /// What a whole answer says in the provider's wire, and what it counted.
    pub(in crate::wire) fn events(
        self,
        body: &[u8],
        quirks: &Quirks,
    ) -> Result<(Vec<Event>, Option<Report>), ReadProblem> {
        let body: &[u8] = &Halves::default().mended(body);
        match self.wire {
            Wire::OpenaiChat | Wire::OpenaiCompletions | Wire::OpenaiEmbeddings | Wire::OpenaiImages => {
                openai::decode::answer(body, quirks)
            }
            Wire::OpenaiResponses => responses::decode::answer(body),
            Wire::AnthropicMessages => anthropic::decode::answer(body),
            Wire::GoogleGenerate | Wire::GoogleEmbed => google::decode::answer(body),
            Wire::OllamaChat | Wire::OllamaEmbed => ollama::decode::answer(body),
        }
    }

    fn hear_embeddings(self, body: &[u8], inputs: usize, base64: bool) -> Result<Whole, Unheard> {
        let (vectors, report) = match self.wire {
            Wire::GoogleEmbed => google::embed::answer(body, inputs)?,
            _ => ollama::embed::answer(body, inputs)?,
        };
        Ok(Whole {
            content: Content::Vectors { vectors, base64 },
            defect: None,
            report,
            counted: Counted::All,
            finish_reason: None,
            text_bytes: 0,
            pictures: 0,
        })
    }

    /// The body that the client gets of a whole answer.
    pub fn tell(
        self,
        content: Content,
        body: Bytes,
        mut end: End,
        ids: impl FnOnce() -> Ids,
        opening: &Opening,
    ) -> Bytes {
        match content {
            Content::Passes => body,
            Content::Instead(body) => body,
            Content::Vectors { vectors, base64 } => {
                openai::embedding::write(&vectors, base64, &ids().model, end.usage.input_total()).into()
            }
            Content::Pictures(pictures) => openai::images::write(&pictures, &end, ids().created).into(),
            Content::Chat(answer) => {
                end.finish = answer.finish.clone();
                let ids = &ids();
                let told = match self.dialect {
                    Dialect::OpenaiChat | Dialect::OpenaiEmbeddings | Dialect::OpenaiImages => {
                        openai::write::answer(&answer, &end, ids, opening.functions)
                    }
                    Dialect::OpenaiResponses => responses::write::answer(&answer, &end, ids, &opening.asked),
                    Dialect::OpenaiCompletions => completions::write::answer(&answer, &end, ids),
                    Dialect::AnthropicMessages => anthropic::write::answer(&answer, &end, ids),
                    Dialect::AigneChat => aigne::chat::answer(&answer, &end, ids, opening.as_json),
                    Dialect::AigneCompletions => aigne::completions::answer(&answer, &end, ids),
                };
                told.into()
            }
        }
    }

    /// Listens to a stream. What is told anew begins as `opening` says.
    pub fn ear(self, quirks: &Quirks, ids: impl FnOnce() -> Ids, opening: Opening, kept: &Kept) -> Ear {
        match (self.wire, self.passes()) {
            (wire, true) if wire.is_openais() => Ear::openai(form(self.dialect), opening.include_usage, quirks),
            (_, true) => Ear::passing(self.reader(quirks)),
            (_, false) => Ear::writing(self.reader(quirks), writer(self.dialect, ids(), opening), kept.tools()),
        }
    }

    /// The reader of the provider's streams.
    pub(in crate::wire) fn reader(self, quirks: &Quirks) -> Box<dyn StreamReader> {
        match self.wire {
            Wire::OpenaiChat | Wire::OpenaiCompletions | Wire::OpenaiEmbeddings | Wire::OpenaiImages => {
                Box::new(openai::listen::Reader::new(quirks.clone()))
            }
            Wire::OpenaiResponses => Box::<responses::listen::Reader>::default(),
            Wire::AnthropicMessages => Box::<anthropic::listen::Reader>::default(),
            Wire::GoogleGenerate | Wire::GoogleEmbed => Box::<google::listen::Reader>::default(),
            Wire::OllamaChat | Wire::OllamaEmbed => Box::<ollama::listen::Reader>::default(),
        }
    }

    /// Reads the body of an answer that is no success, and after how many seconds it wants to be asked again.
    pub fn refusal(self, body: &[u8]) -> (Said, Option<u32>) {
        match self.wire {
            Wire::OpenaiChat
            | Wire::OpenaiCompletions
            | Wire::OpenaiEmbeddings
            | Wire::OpenaiImages
            | Wire::OpenaiResponses => (openai::error::read(body), None),
            Wire::AnthropicMessages => (anthropic::refusal::read(body), None),
            Wire::GoogleGenerate | Wire::GoogleEmbed => {
                let refusal = google::refusal::read(body);
                // Cast within a day's seconds.
                let seconds = refusal
                    .retry_after
                    .map(|wait| wait.as_secs_f64().ceil().min(86_400.0) as u32);
                (refusal.said, seconds)
            }
            Wire::OllamaChat | Wire::OllamaEmbed => (ollama::refusal::read(body), None),
        }
    }
}

impl From<ReadProblem> for Unheard {
    fn from(problem: ReadProblem) -> Self {
        match problem {
            ReadProblem::Malformed => Self::Malformed("it is none of its wire".to_owned()),
            ReadProblem::Reported { message, code } => Self::Reported(Said {
                in_shape: true,
                message,
                code,
                moderated: false,
            }),
        }
    }
}

/// Pictures of Gemini's. An answer without one was held back by the provider, or is none.
fn hear_pictures(body: &[u8]) -> Result<Whole, Unheard> {
    let (drawing, report) = google::images::answer(body)?;
    match (drawing.pictures.is_empty(), drawing.refused) {
        (false, _) => Ok(Whole {
            pictures: drawing.pictures.len() as u64,
            content: Content::Pictures(drawing.pictures),
            defect: None,
            report,
            counted: Counted::All,
            finish_reason: None,
            text_bytes: 0,
        }),
        (true, Some(reason)) => Err(Unheard::Reported(Said {
            in_shape: true,
            message: format!("No picture was drawn: {reason}."),
            code: "content_policy_violation".to_owned(),
            moderated: true,
        })),
        (true, None) => Err(Unheard::Malformed("it has no picture in it".to_owned())),
    }
}

/// OpenAI's own answers pass, so of them nothing is built.
fn hear_openai(dialect: Dialect, body: &[u8], quirks: &Quirks) -> Result<Whole, Unheard> {
    let read = openai::answer::read(dialect.endpoint(), body).map_err(|error| Unheard::Malformed(error.to_string()))?;
    if let Some(said) = read.error {
        return Err(Unheard::Reported(said));
    }
    if read.form == Some(form(dialect).other()) {
        return Err(Unheard::Malformed(
            "a chat was answered as a legacy completion, or the other way round".to_owned(),
        ));
    }
    if !read.answers {
        return Err(Unheard::Malformed("it has no answer in it".to_owned()));
    }
    let report = |raw| match dialect {
        Dialect::OpenaiImages => openai::images::usage::report(raw),
        _ => openai::usage::report(raw, quirks),
    };
    Ok(Whole {
        content: Content::Passes,
        defect: None,
        report: read.usage.map(report),
        counted: Counted::All,
        finish_reason: read.finish_reason,
        text_bytes: read.text_bytes,
        pictures: read.pictures,
    })
}

/// Where a client of OpenAI's looks for what a choice says.
const fn form(dialect: Dialect) -> Form {
    match dialect {
        Dialect::OpenaiCompletions => Form::Completion,
        _ => Form::Chat,
    }
}

fn writer(dialect: Dialect, ids: Ids, opening: Opening) -> Box<dyn StreamWriter> {
    match dialect {
        Dialect::OpenaiChat | Dialect::OpenaiEmbeddings | Dialect::OpenaiImages => {
            Box::new(openai::stream::Writer::new(ids, &opening))
        }
        Dialect::OpenaiResponses => Box::new(responses::stream::Writer::new(ids, opening)),
        Dialect::OpenaiCompletions => Box::new(completions::stream::Writer::new(ids, &opening)),
        Dialect::AnthropicMessages => Box::new(anthropic::stream::Writer::new(ids, opening)),
        Dialect::AigneChat => Box::new(aigne::chat::Writer::new(ids, &opening)),
        Dialect::AigneCompletions => Box::new(aigne::completions::Writer::new(ids, opening)),
    }
}

/// An error as the last event of a stream, where nothing else is written.
///
/// Where events have passed it goes on from them: with the provider's name for the answer and the next number.
pub(crate) fn last_words(dialect: Dialect, problem: &Problem<'_>, ids: Ids, passed: Option<(&str, u64)>) -> Bytes {
    match dialect {
        Dialect::OpenaiChat | Dialect::OpenaiEmbeddings | Dialect::OpenaiImages => {
            openai::error::event(&error_body(dialect, problem))
        }
        Dialect::OpenaiCompletions
        | Dialect::OpenaiResponses
        | Dialect::AnthropicMessages
        | Dialect::AigneChat
        | Dialect::AigneCompletions => {
            let mut out = Vec::new();
            let mut writer = writer(dialect, ids, Opening::default());
            writer.fail(&problem.within(), &mut out);
            match passed.filter(|_| dialect == Dialect::OpenaiResponses) {
                Some((id, number)) => goes_on(&out, id, number).unwrap_or(out).into(),
                None => out.into(),
            }
        }
    }
}

/// An event of responses with this number, about the response with this id.
fn goes_on(event: &[u8], id: &str, number: u64) -> Option<Vec<u8>> {
    let data = memchr::memmem::find(event, b"data: ")? + b"data: ".len();
    let mut told: serde_json::Value = serde_json::from_slice(event[data..].trim_ascii()).ok()?;
    *told.get_mut("sequence_number")? = number.into();
    *told.get_mut("response")?.get_mut("id")? = id.into();
    Some([&event[..data], told.to_string().as_bytes(), b"\n\n"].concat())
}

/// The body of an answer that is an error.
#[must_use]
pub fn error_body(dialect: Dialect, problem: &Problem<'_>) -> Bytes {
    match dialect {
        Dialect::OpenaiChat
        | Dialect::OpenaiCompletions
        | Dialect::OpenaiResponses
        | Dialect::OpenaiEmbeddings
        | Dialect::OpenaiImages => openai::error::body_with(
            problem.message,
            openai::error::kind(problem.fault, problem.status),
            problem.param,
            problem.code,
            problem.facts,
        ),
        Dialect::AnthropicMessages => anthropic::error::body(
            problem.message,
            problem.code,
            problem.status,
            problem.param,
            problem.facts,
            problem.request_id,
        ),
        Dialect::AigneChat | Dialect::AigneCompletions => aigne::error::body(&aigne::error::Problem {
            message: problem.message,
            code: problem.code,
            status: problem.status,
            param: problem.param,
            facts: problem.facts,
            timestamp: problem.at,
        }),
    }
}

//! The way to the provider: a request is read as far as routing and holds need it, and later edited or written anew.

mod files;
mod values;

use std::borrow::Cow;

use bytes::Bytes;
use domain::{
    call::{Dialect, Endpoint},
    catalog::{Abilities, ProviderKind, Quirks, StreamUsage, Wire},
};

use super::{
    super::{
        RequestProblem, aigne, anthropic,
        canonical::{Dropped, File, Request, RequestWriter as _, Target, Unspeakable},
        completions, google,
        measure::{self, measure},
        ollama, openai, responses,
        scanned::{Places, Scanned},
    },
    Speech, ToolNames,
    lacking::{beforehand, in_words_of, lacking},
    parameters::{fitting, nameless_tool, too_many_stops, too_short_an_answer},
    tool_names,
};

pub(crate) use values::{is_read_at_once, values};

/// What the answer's reader must know of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// Nothing.
    Nothing,
    /// Of a request that was told anew: what its tools are called.
    Tools(ToolNames),
    /// Of a request for embeddings that was told anew.
    Embedding {
        /// How many texts there were.
        inputs: usize,
        /// The client wants the numbers as base64.
        base64: bool,
    },
    /// Of a request for pictures that was told anew: nothing but that.
    Pictures,
}

impl Kept {
    /// What the client calls its tools, where the provider was told otherwise.
    pub fn tools(&self) -> ToolNames {
        match self {
            Self::Tools(names) => names.clone(),
            Self::Nothing | Self::Embedding { .. } | Self::Pictures => ToolNames::default(),
        }
    }
}

/// A request as its provider gets it.
pub(crate) struct Asked {
    /// The body.
    pub body: Bytes,
    /// For whoever reads the answer.
    pub kept: Kept,
    /// What could not be said.
    pub dropped: Vec<Dropped>,
}

/// Why a request cannot be written for its provider. Becomes an answer 400.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unasked {
    /// It cannot be understood.
    #[error(transparent)]
    Unread(#[from] RequestProblem),
    /// The provider knows nothing like it.
    #[error(transparent)]
    Unspeakable(#[from] Unspeakable),
}

/// Reads what routing and holds need of a request.
///
/// # Errors
/// [`RequestProblem`].
pub(crate) fn scan(dialect: Dialect, body: &[u8]) -> Result<Scanned, RequestProblem> {
    match dialect {
        Dialect::OpenaiChat | Dialect::OpenaiEmbeddings => openai::request::scan(dialect.endpoint(), body),
        Dialect::OpenaiImages => openai::images::scan(body),
        Dialect::OpenaiResponses => responses::scan::scan(body),
        Dialect::OpenaiCompletions => completions::scan::scan(body),
        Dialect::AnthropicMessages => Ok(anthropic::scan::scan(body)?.into()),
        Dialect::AigneChat => Ok(measure(aigne::chat::read(body)?, body.len())),
        Dialect::AigneCompletions => Ok(measure(aigne::completions::read(body)?, body.len())),
    }
}

/// An item that the provider would look for under its id. Other wires are told what the item says, which is nothing.
fn recalled(kind: &str) -> RequestProblem {
    RequestProblem {
        message: format!(
            "An item of the type '{kind}' has an id and no content, so the provider would look for what it keeps under that id, and this hub cannot tell whose that is. Send the item's content, leave the item out, or go on with 'previous_response_id'."
        ),
        param: Some("input".into()),
        code: "unknown_reference",
    }
}

impl Speech {
    /// Reads all of a request that is to be written anew for the model `slug`, so that what is wrong with it, and what the model lacks,
    /// shows before anything is held or fetched.
    ///
    /// # Errors
    /// [`RequestProblem`].
    pub fn prepare(self, scanned: &mut Scanned, body: &[u8], slug: &str) -> Result<(), RequestProblem> {
        if let (true, Places::Responses(places)) = (self.passes(), &scanned.places)
            && let Some(kind) = &places.recalled
        {
            return Err(recalled(kind));
        }
        let written_anew = !self.passes() && self.dialect.endpoint() == Endpoint::Chat;
        if written_anew && !matches!(scanned.places, Places::Read(_)) {
            let request = self.read(body)?;
            if self.dialect == Dialect::OpenaiResponses {
                scanned.asked = responses::echo::Repeated::of(body);
            }
            measure::note_extra(&request, scanned);
            scanned.places = Places::Read(Box::new(request));
        }
        match &scanned.places {
            Places::Read(request) if written_anew => {
                files::check(request)?;
                match lacking(request, &Abilities::of(self.kind, slug), slug, self.dialect) {
                    Some(problem) => Err(beforehand(problem)),
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    /// The body for a provider that calls the model `slug`. With a `cap`, no answer may have more tokens.
    ///
    /// # Errors
    /// [`Unasked`].
    pub fn ask(
        self,
        scanned: &Scanned,
        body: &Bytes,
        slug: &str,
        quirks: &Quirks,
        cap: Option<u64>,
    ) -> Result<Asked, Unasked> {
        if self.passes() {
            if let Some(problem) = self.begins_with_pictures(scanned) {
                return Err(problem.into());
            }
            let quirks = &self.quirks(quirks);
            let refused = scanned.refused(self.kind, slug, quirks);
            return Ok(Asked {
                body: scanned.rewrite_for(body, slug, quirks, cap, refused),
                kept: Kept::Nothing,
                dropped: scanned.left_out(body, quirks, refused),
            });
        }
        let target = Target { slug, cap };
        match self.dialect.endpoint() {
            Endpoint::Embeddings => return self.ask_embeddings(body, &target),
            Endpoint::Images => return self.ask_pictures(body, &target),
            Endpoint::Chat => {}
        }
        let read;
        let request = match &scanned.places {
            Places::Read(request) => request,
            // Only who was not prepared comes here.
            Places::Openai(_) | Places::Messages(_) | Places::Responses(_) => {
                read = Box::new(self.read(body)?);
                &read
            }
        };
        let (request, mut dropped) = fitting(request, &Abilities::of(self.kind, slug));
        let most_stops = self.wire.most_stops(self.kind);
        let refused = too_many_stops(&request, most_stops, self.dialect)
            .or_else(|| too_short_an_answer(&request, self.wire, self.dialect))
            .or_else(|| nameless_tool(&request));
        if let Some(problem) = refused {
            return Err(problem.into());
        }
        let (request, names) = tool_names::fitting(request, self.wire);
        let (body, unsaid) = self
            .write(&request, &target, quirks)
            .map_err(|problem| in_words_of(self.dialect, problem))?;
        dropped.extend(unsaid);
        Ok(Asked {
            body: body.into(),
            kept: Kept::Tools(names),
            dropped,
        })
    }

    /// Legacy completions have never had the newer name of the limit.
    fn quirks(self, quirks: &Quirks) -> Cow<'_, Quirks> {
        match self.wire {
            Wire::OpenaiCompletions => Cow::Owned(Quirks {
                max_tokens_only: true,
                ..quirks.clone()
            }),
            _ => Cow::Borrowed(quirks),
        }
    }

    fn ask_embeddings(self, body: &[u8], target: &Target<'_>) -> Result<Asked, Unasked> {
        let wanted = openai::embedding::read(body)?;
        let (body, dropped) = match self.wire {
            Wire::GoogleEmbed => google::embed::write(&wanted, target)?,
            Wire::OllamaEmbed => ollama::embed::write(&wanted, target),
            _ => {
                return Err(Unasked::Unspeakable(Unspeakable {
                    message: "The provider of this model makes no embeddings. Choose another model.".to_owned(),
                    param: "model".to_owned(),
                }));
            }
        };
        Ok(Asked {
            body: body.into(),
            kept: Kept::Embedding {
                inputs: wanted.inputs.len(),
                base64: wanted.base64,
            },
            dropped,
        })
    }

    fn ask_pictures(self, body: &[u8], target: &Target<'_>) -> Result<Asked, Unasked> {
        let wanted = openai::images::read(body)?;
        let abilities = Abilities::of(self.kind, target.slug);
        if self.wire != Wire::GoogleGenerate || abilities.known && !abilities.draws() {
            return Err(Unasked::Unspeakable(Unspeakable {
                message: "This model draws nothing, or its provider does not. Choose another: `GET /v1/models` tells which of them draw.".to_owned(),
                param: "model".to_owned(),
            }));
        }
        let (body, dropped) = google::images::write(&wanted, target)?;
        Ok(Asked {
            body: body.into(),
            kept: Kept::Pictures,
            dropped,
        })
    }

    /// OpenAI draws from words alone where it is asked for new pictures; others that speak its wire take some to begin with.
    fn begins_with_pictures(self, scanned: &Scanned) -> Option<Unspeakable> {
        let new_ones = self.wire == Wire::OpenaiImages && self.kind == ProviderKind::Openai;
        (new_ones && scanned.files.count > 0).then(|| Unspeakable {
            message: "This model draws from words alone here: pictures to begin with are not sent on. Leave 'image' out, or choose a model of Gemini that draws.".to_owned(),
            param: "image".to_owned(),
        })
    }

    /// The provider must be given the content of this file, not its address.
    pub fn wants_content(self, file: &File, slug: &str) -> bool {
        let target = &Target { slug, cap: None };
        match self.wire {
            Wire::OpenaiChat | Wire::OpenaiCompletions | Wire::OpenaiEmbeddings | Wire::OpenaiImages => {
                openai::encode::Encoder::default().wants_content(file, target)
            }
            Wire::OpenaiResponses => responses::encode::Encoder.wants_content(file, target),
            Wire::AnthropicMessages => anthropic::encode::Encoder.wants_content(file, target),
            Wire::GoogleGenerate | Wire::GoogleEmbed => google::encode::Writer.wants_content(file, target),
            Wire::OllamaChat | Wire::OllamaEmbed => ollama::encode::Writer.wants_content(file, target),
        }
    }

    fn read(self, body: &[u8]) -> Result<Request, RequestProblem> {
        match self.dialect {
            Dialect::OpenaiChat | Dialect::OpenaiEmbeddings | Dialect::OpenaiImages => openai::read::read(body),
            Dialect::OpenaiResponses => responses::read::read(body),
            Dialect::OpenaiCompletions => completions::read::read(body),
            Dialect::AnthropicMessages => anthropic::read::read(body),
            Dialect::AigneChat => aigne::chat::read(body),
            Dialect::AigneCompletions => aigne::completions::read(body),
        }
    }

    fn write(
        self,
        request: &Request,
        target: &Target<'_>,
        quirks: &Quirks,
    ) -> Result<(Vec<u8>, Vec<Dropped>), Unspeakable> {
        match self.wire {
            Wire::OpenaiChat | Wire::OpenaiCompletions | Wire::OpenaiEmbeddings | Wire::OpenaiImages => {
                let quirks = &Quirks {
                    // Some servers refuse to be asked, or count unasked.
                    stream_options: quirks.stream_options && self.wire.facts().usage == StreamUsage::LastWhenAsked,
                    ..quirks.clone()
                };
                let encoder = openai::encode::Encoder {
                    quirks: quirks.clone(),
                    thoughts: openai::encode::thoughts_of(quirks, target.slug),
                };
                encoder.write(request, target)
            }
            Wire::OpenaiResponses => responses::encode::Encoder.write(request, target),
            Wire::AnthropicMessages => anthropic::encode::Encoder.write(request, target),
            Wire::GoogleGenerate | Wire::GoogleEmbed => google::encode::Writer.write(request, target),
            Wire::OllamaChat | Wire::OllamaEmbed => ollama::encode::Writer.write(request, target),
        }
    }
}

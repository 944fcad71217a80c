//! The way to the provider: a request is read as far as routing and holds need it, and later edited or written anew.

use bytes::Bytes;
use domain::{
    call::Dialect,
    catalog::{Quirks, Wire},
};

use super::{
    super::{
        RequestProblem, aigne, anthropic,
        canonical::{Dropped, Request, RequestWriter as _, Target, Unspeakable},
        openai, scan,
        scanned::{Places, Scanned},
    },
    Speech,
};

/// A request as its provider gets it.
pub(crate) struct Asked {
    /// The body.
    pub body: Bytes,
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
        Dialect::AnthropicMessages => Ok(anthropic::scan::scan(body)?.into()),
        Dialect::AigneChat => Ok(scan::measure(aigne::chat::read(body)?, body.len())),
        Dialect::AigneCompletions => Ok(scan::measure(aigne::completions::read(body)?, body.len())),
    }
}

impl Speech {
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
            return Ok(Asked {
                body: scanned.rewrite(body, slug, quirks, cap),
                dropped: Vec::new(),
            });
        }
        let target = Target { slug, cap };
        let (body, dropped) = match &scanned.places {
            Places::Read(request) => self.write(request, &target, quirks)?,
            Places::Openai(_) | Places::Messages(_) | Places::Members(_) => {
                self.write(&self.read(body)?, &target, quirks)?
            }
        };
        Ok(Asked {
            body: body.into(),
            dropped,
        })
    }

    fn read(self, body: &[u8]) -> Result<Request, RequestProblem> {
        match self.dialect {
            Dialect::OpenaiChat | Dialect::OpenaiEmbeddings => openai::read::read(body),
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
            Wire::OpenaiChat | Wire::OpenaiEmbeddings => {
                let encoder = openai::encode::Encoder {
                    quirks: quirks.clone(),
                    ..openai::encode::Encoder::default()
                };
                encoder.write(request, target)
            }
            Wire::AnthropicMessages => anthropic::encode::Encoder.write(request, target),
        }
    }
}

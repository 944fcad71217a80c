//! The upstreams: how a request is sent and its answer read piece by piece, one file or folder for each kind.
//!
//! To add a kind: a variant in `domain::catalog`, a file here, a branch in [`send`] and [`probe`], fixtures. What an
//! answer means is decided in `wire` and `call`; here stands only how to reach it. Called by `call` and `catalog`.

mod network;
mod simulated;
pub(crate) mod words;

use ::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use domain::{
    catalog::{ProviderKind, Wire},
    provider::Health,
};
use http_body_util::BodyExt as _;
use hyper::body::Frame;

use crate::{CredentialEntry, ProviderEntry, http::Sent};
pub use network::Addresses;
pub use words::SENTENCES as SENTENCES_OF_REACH;
pub(crate) use words::words;

/// A request as a provider gets it.
pub(crate) struct Outgoing<'a> {
    /// What it is spoken in.
    pub wire: Wire,
    /// The answer is to be streamed.
    pub stream: bool,
    /// What the provider calls the model.
    pub slug: &'a str,
    /// Of the client's own headers, those that go on.
    pub headers: &'a HeaderMap,
    /// Of the query of the client's own address, what goes on.
    pub query: Option<&'static str>,
    /// The body, already edited for this provider.
    pub body: Bytes,
    /// Told when the request is on its way.
    pub sent: Sent,
}

/// The beginning of an answer.
pub(crate) struct Incoming {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, unread.
    pub body: Body,
}

/// The body of an answer. Dropping it before its end closes the connection, which stops the provider.
pub(crate) enum Body {
    /// From the network.
    Network(hyper::body::Incoming),
    /// From within the hub.
    Simulated(simulated::Pieces),
}

impl Body {
    /// The next piece as it arrives; `None` at the proper end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Broken> {
        match self {
            Self::Network(body) => loop {
                let frame = body.frame().await.transpose().map_err(|error| Broken(words(&error)))?;
                match frame.map(Frame::into_data) {
                    Some(Ok(piece)) => return Ok(Some(piece)),
                    // Trailers are nobody's business.
                    Some(Err(_)) => {}
                    None => return Ok(None),
                }
            },
            Self::Simulated(pieces) => pieces.next().await,
        }
    }
}

/// An answer broke off. Holds the reason, without addresses.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Broken(pub String);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendProblem {
    /// No connection came about: name, address, TLS or time. Nothing was sent, so nothing can be billed.
    #[error("{0}")]
    NotConnected(String),
    /// The connection broke after the request may have been read. It may be billed.
    #[error("{0}")]
    Broken(String),
    /// Something answered, and not in HTTP: another service, or TLS that was spoken to without. It may be billed.
    #[error("{0}")]
    NoHttp(String),
    /// The base URL does not make an address.
    #[error("{0}")]
    Address(String),
}

/// Sends a request and waits for the head of the answer, whatever its status.
pub(crate) async fn send(
    provider: &ProviderEntry,
    credential: Option<&CredentialEntry>,
    request: Outgoing<'_>,
) -> Result<Incoming, SendProblem> {
    match provider.kind {
        ProviderKind::Openai
        | ProviderKind::OpenaiCompatible
        | ProviderKind::Anthropic
        | ProviderKind::Google
        | ProviderKind::Ollama => network::send(provider, credential, request).await,
        ProviderKind::Simulated => {
            request.sent.note();
            Ok(simulated::send(&request))
        }
    }
}

/// Asks a provider that counts tokens itself how many a request has, whatever the status of its answer.
pub(crate) async fn count(
    provider: &ProviderEntry,
    credential: Option<&CredentialEntry>,
    request: Outgoing<'_>,
) -> Result<Incoming, SendProblem> {
    network::count(provider, credential, request).await
}

/// A model as its provider lists it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Listed {
    /// What the provider calls it.
    pub slug: String,
    /// How many tokens it takes in one call, where the provider says so.
    pub context_tokens: Option<u32>,
}

/// What a provider says when it is asked for its models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Probed {
    /// Whether it accepts the credential (or answers without one), as far as that shows.
    pub health: Health,
    /// Its models, where it can list them.
    pub models: Option<Vec<Listed>>,
    /// It has more than these: the rest of its list was not read.
    pub cut: bool,
    /// Its status, when it answered.
    pub status: Option<u16>,
    /// Its words, or ours about the connection; masked and shortened. Empty when nothing is wrong.
    pub message: String,
}

/// Asks a provider for the names of its models, and proves the credential on the way. Costs nothing.
pub(crate) async fn probe(provider: &ProviderEntry, credential: Option<&CredentialEntry>) -> Probed {
    match provider.kind {
        ProviderKind::Openai
        | ProviderKind::OpenaiCompatible
        | ProviderKind::Anthropic
        | ProviderKind::Google
        | ProviderKind::Ollama => network::probe(provider, credential).await,
        ProviderKind::Simulated => Probed {
            health: Health::Good,
            models: Some(simulated::models()),
            cut: false,
            status: Some(200),
            message: String::new(),
        },
    }
}

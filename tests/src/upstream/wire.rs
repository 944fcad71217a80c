//! The interfaces that the fake speaks beside OpenAI's, and which of them a request is for: the path tells. The server asks
//! here where its steps differ: who asks, for which model, and what an error looks like.

use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::fault::Fault;
use super::refusal::Refusal;
use super::{google, ollama};

/// Whose interface a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    /// OpenAI's.
    OpenAi,
    /// Google's Gemini.
    Google,
    /// Ollama's own.
    Ollama,
}

impl Wire {
    pub(crate) fn of(path: &str) -> Self {
        if path.starts_with("/v1beta/") {
            Self::Google
        } else if path.starts_with("/api/") {
            Self::Ollama
        } else {
            Self::OpenAi
        }
    }

    /// The model that a request asks for.
    pub(crate) fn model<'a>(self, path: &'a str, body: &'a Value) -> &'a str {
        match self {
            Self::Google => google::model(path),
            Self::OpenAi | Self::Ollama => body["model"].as_str().unwrap_or_default(),
        }
    }

    /// The credential of a request.
    pub(crate) fn key(self, headers: &HeaderMap) -> Option<&str> {
        match self {
            Self::Google => headers.get("x-goog-api-key")?.to_str().ok(),
            Self::OpenAi | Self::Ollama => headers
                .get(http::header::AUTHORIZATION)?
                .to_str()
                .ok()?
                .strip_prefix("Bearer "),
        }
    }

    /// An error as this provider sends it. `fault` is the one that was ordered, if it was.
    pub(crate) fn error(self, refusal: &Refusal, fault: Option<Fault>) -> (StatusCode, Value) {
        match self {
            Self::OpenAi => (refusal.status, refusal.body()),
            Self::Google => google::error(refusal, fault),
            Self::Ollama => ollama::error(refusal),
        }
    }

    /// It says in a header how long to wait.
    pub(crate) fn has_retry_after(self) -> bool {
        self == Self::OpenAi
    }
}

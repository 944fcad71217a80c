//! Who sent a form, by what they accept: that decides in which form they are answered.

use app::{error::AppError, text::Language};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode, header};

/// Who asks a server function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// A form of a page: gets pages.
    Page,
    /// An island, which names the one type that it reads: gets errors as data.
    Island,
    /// Whoever takes anything, such as curl: gets a sentence.
    Other,
}

impl Asker {
    /// Who sent these headers.
    pub fn of(headers: &HeaderMap) -> Self {
        let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
        match accept.map(str::trim).filter(|accept| !accept.is_empty()) {
            Some(accept) if accept.contains("text/html") => Self::Page,
            Some(accept) if accept.contains("*/*") && !accept.contains("application/json") => Self::Other,
            Some(_) => Self::Island,
            None => Self::Other,
        }
    }

    /// An error for who is answered without a page.
    pub fn told(self, status: StatusCode, error: AppError, language: Language) -> Response {
        match self {
            Self::Page | Self::Island => (status, axum::Json(error)).into_response(),
            Self::Other => (status, error.sentence(language) + "\n").into_response(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn askers_are_told_apart() {
        let of = |accept: Option<&str>| {
            let mut headers = HeaderMap::new();
            if let Some(accept) = accept {
                headers.insert(header::ACCEPT, accept.parse().unwrap());
            }
            Asker::of(&headers)
        };
        for accept in ["text/html", "text/html,application/xhtml+xml,*/*;q=0.8"] {
            assert_eq!(of(Some(accept)), Asker::Page, "{accept}");
        }
        for accept in ["application/json", "application/octet-stream", "application/json, */*"] {
            assert_eq!(of(Some(accept)), Asker::Island, "{accept}");
        }
        for accept in [None, Some(""), Some("*/*"), Some("text/plain, */*;q=0.5")] {
            assert_eq!(of(accept), Asker::Other, "{accept:?}");
        }
    }
}

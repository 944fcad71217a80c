//! Who looks at a page, and how they want to see it.

use domain::{access::Viewer, id::SessionId};
use http::{HeaderMap, header, request::Parts};

use gateway::{Browser, Carried, Seen};

use super::{
    Address,
    cookies::{LANGUAGE, THEME, cookie, sign_ins},
};
use crate::text::{Language, Theme};

/// The person behind this request.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The signed-in person; absent for everybody else. Of an admin who looks as somebody, the one that they look as.
    pub viewer: Option<Viewer>,
    /// Who looks, and as whom, when an admin looks at the console as somebody else.
    pub looking: Option<Looking>,
    /// Their session.
    pub session: Option<SessionId>,
    /// The client's address, as far as trusted proxies tell.
    pub address: Option<String>,
    /// In which language to speak.
    pub language: Language,
    /// Light or dark, when they have chosen.
    pub theme: Option<Theme>,
    /// The sign-ins that their browser has begun at identity providers, as the engine has sealed them.
    pub sign_ins: Vec<Carried>,
    /// The id of this request, for people to quote.
    pub request_id: String,
    /// Path and query of this request.
    pub path: String,
    /// The console is reached by https; cookies say so.
    pub secure: bool,
}

/// An admin who looks at the console as somebody else, and can change nothing meanwhile.
#[derive(Clone, Debug)]
pub struct Looking {
    /// The admin.
    pub who: Viewer,
    /// As whom.
    pub as_whom: Viewer,
}

/// The language of whoever sent these headers: the chosen one, or what the browser likes best.
#[must_use]
pub fn language(headers: &HeaderMap) -> Language {
    let chosen = cookie(headers, LANGUAGE).and_then(Language::parse);
    chosen.unwrap_or_else(|| {
        let liked = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        Language::negotiate(liked.unwrap_or_default())
    })
}

impl Visitor {
    /// From where they ask, and as whom they were let in.
    #[must_use]
    pub fn came_from(&self) -> Address {
        Address {
            address: self.address.clone(),
            seen: self.viewer.as_ref().map(|viewer| Seen::new(viewer, self.session)),
        }
    }

    /// Reads language, theme, and sign-ins from cookies and `Accept-Language`; everything else is told.
    #[must_use]
    pub fn from_request(
        parts: &Parts,
        viewer: Option<Viewer>,
        session: Option<SessionId>,
        address: Option<String>,
        request_id: String,
        secure: bool,
    ) -> Self {
        let language = language(&parts.headers);
        let theme = cookie(&parts.headers, THEME).and_then(Theme::parse);
        let sign_ins = sign_ins(&parts.headers, secure);
        let path = parts
            .uri
            .path_and_query()
            .map_or_else(|| "/".to_owned(), ToString::to_string);
        Self {
            viewer,
            looking: None,
            session,
            address,
            language,
            theme,
            sign_ins,
            request_id,
            path,
            secure,
        }
    }

    /// Their browser, on the way to an identity provider and back.
    #[must_use]
    pub fn browser(&self) -> Browser<'_> {
        Browser {
            carried: &self.sign_ins,
            viewer: self.viewer.as_ref(),
        }
    }

    /// The path without its query.
    #[must_use]
    pub fn path_only(&self) -> &str {
        self.path.split('?').next().unwrap_or("/")
    }
}

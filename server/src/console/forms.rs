//! The way of a form to its server function and back. The body is read here, whole, within its size and its time; a form
//! that cannot be read, or whose function could not answer, leads back to its page with a sentence beside it, and never
//! to raw JSON. Islands call the same functions and get their errors as data; whoever else sends a form, such as curl, gets the
//! sentence (`asker`).
//!
//! A form whose page answers at once (`app::flash::AtOnce`) gets that page from here.
//!
//! Stands within `visit`, as the sentence for the next page lies in the visitor's session.

mod memory;

use std::{pin::Pin, sync::Arc, time::Duration};

use app::{
    context::Stranded,
    error::{AppError, Delivery},
    flash::{AtOnce, Flash, Problem},
    text::Language,
};
use axum::{
    body::Body,
    extract::Request,
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use bytes::Bytes;
use domain::{
    access::Viewer,
    refusal::{Refusal, Thing},
};
use gateway::{
    Gateway,
    call::{Full, Room},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

pub use self::memory::Memory;
use self::memory::{SHORT, Sender};
use super::{asker::Asker, authority, local_path, presence::Presence, visit::Visit};
use crate::{authority::Authority, v1::extract::BODY_PATIENCE};

/// Forms are small; what is larger is no form of ours.
const FORM_LIMIT: usize = 1024 * 1024;
/// Who is not signed in sends a few words: an address, a password, a name.
const STRANGERS_LIMIT: usize = 64 * 1024;
/// How long one of theirs may take to arrive, whole. Nobody can tell who keeps it waiting, so that it is kept is bounded by time.
const STRANGERS_PATIENCE: Duration = Duration::from_secs(10);
/// A question to a model takes files along. Who is not signed in never gets here with it (`visit`).
const QUESTION_LIMIT: usize = 24 * 1024 * 1024;
/// An error as data is smaller than this.
const ERROR_LIMIT: usize = 64 * 1024;

/// Renders the console's page for a request.
pub type Render = Arc<dyn Fn(Request) -> Pin<Box<dyn Future<Output = Response> + Send>> + Send + Sync>;

/// What the layer needs to know.
#[derive(Clone)]
pub struct Forms {
    /// Makes the page for a form that comes from nowhere.
    pub render: Render,
    /// How long whoever sends a form may stand still.
    pub patience: Duration,
    /// How browsers reach the hub, without a slash at the end.
    pub public_url: Arc<str>,
    /// Knows who may still ask.
    pub gateway: Gateway,
    /// Bounds what forms take together.
    pub memory: Memory,
}

impl Forms {
    /// The layer itself. Everything but server functions passes through.
    pub async fn pass(self, request: Request, next: Next) -> Response {
        if !authority::is_function(request.uri().path()) {
            return next.run(request).await;
        }
        let (mut parts, body) = request.into_parts();
        let asker = Asker::of(&parts.headers);
        let from_page = asker == Asker::Page;
        // Leptos would send whatever it does not understand back to there, without a word.
        let referer = parts.headers.remove(header::REFERER);
        let at_once = AtOnce::default();
        parts.extensions.insert(at_once.clone());
        let asked = parts.clone();
        let room = self.room(&parts);
        // Whoever asks a model for it gives it back when that has answered.
        parts.extensions.insert(room.clone());
        let response = match self.receive(&parts, body, &room, from_page).await {
            Ok(body) => match self.still_there(&mut parts).await {
                Ok(()) => next.run(Request::from_parts(parts, Body::from(body))).await,
                Err(refusal) if from_page => return self.send_back(asked, referer, AppError::Refused(refusal)).await,
                Err(refusal) => {
                    let status = status_of(&refusal);
                    return asker.told(status, AppError::Refused(refusal), language(&asked));
                }
            },
            Err(delivery) if from_page => {
                let response = self.send_back(asked, referer, AppError::Undelivered(delivery)).await;
                return soon(response);
            }
            Err(delivery) => {
                let status = StatusCode::from_u16(delivery.status()).unwrap_or(StatusCode::BAD_REQUEST);
                return soon(asker.told(status, AppError::Undelivered(delivery), language(&asked)));
            }
        };
        if let Some(page) = at_once.page() {
            return self.show(asked, &page).await;
        }
        let failed = response.status().is_client_error() || response.status().is_server_error();
        if asker == Asker::Island || !failed || is_page(&response) {
            return response;
        }
        let status = response.status();
        let error = error_in(response).await;
        match asker {
            Asker::Page => self.send_back(asked, referer, error).await,
            Asker::Island | Asker::Other => asker.told(status, error, language(&asked)),
        }
    }

    /// What it takes of the memory for forms.
    fn room(&self, parts: &Parts) -> Room {
        let function = parts.uri.path().strip_prefix(authority::FUNCTIONS_AT);
        let asks = matches!(function, Some(authority::QUESTION | authority::QUESTION_ONCE));
        let visit = parts.extensions.get::<Visit>();
        let address = visit.and_then(|visit| visit.visitor.address.as_deref());
        let stranger = || Sender::Stranger(address.unwrap_or_default(), announced(parts));
        self.memory
            .room(viewer(parts).map_or_else(stranger, Sender::Person), asks)
    }

    /// The whole body.
    async fn receive(&self, parts: &Parts, body: Body, room: &Room, from_page: bool) -> Result<Bytes, Delivery> {
        let question =
            !from_page && parts.uri.path().strip_prefix(authority::FUNCTIONS_AT) == Some(authority::QUESTION);
        let limit = match (viewer(parts), question) {
            (None, _) => STRANGERS_LIMIT,
            (Some(_), true) => QUESTION_LIMIT,
            (Some(_), false) => FORM_LIMIT,
        };
        let (limit, within) = match (viewer(parts), announced(parts)) {
            (_, Some(length)) if length > limit as u64 => return Err(Delivery::TooLarge),
            // It takes no room for being short, so it is no longer than it says.
            (None, Some(length @ ..=SHORT)) => (usize::try_from(length).unwrap_or(limit), STRANGERS_PATIENCE),
            (None, _) => (limit, STRANGERS_PATIENCE),
            (Some(_), _) => (limit, BODY_PATIENCE),
        };
        let whole = collect(Limited::new(body, limit), room, self.patience);
        let body = tokio::time::timeout(within, whole)
            .await
            .unwrap_or(Err(Delivery::Late))?;
        let kind = text(parts, &header::CONTENT_TYPE).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        // A form without a field has nothing to say about itself.
        if from_page && !body.is_empty() && !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Delivery::Shape);
        }
        // Elsewhere such bytes would silently become question marks, in a name for instance.
        if from_page && percent_encoding::percent_decode(&body).decode_utf8().is_err() {
            return Err(Delivery::Fields);
        }
        Ok(body)
    }

    /// Looks at who asks once more, now that all of it is here: while it came they may have been suspended, signed out, or given another
    /// role. What is changed looks by itself, within the change; what is read, and what is asked of a model, is looked at nowhere else.
    async fn still_there(&self, parts: &mut Parts) -> Result<(), Refusal> {
        let demanded = authority::demanded(parts.uri.path());
        let Some(visit) = parts.extensions.get_mut::<Visit>() else {
            return Ok(());
        };
        let Some(presence) = Presence::of(&visit.visitor).filter(|_| demanded != Authority::Public) else {
            return Ok(());
        };
        let now = presence.now(&self.gateway).await;
        let now = now.map_err(|error| {
            let refusal = error.refusal();
            if refusal == Refusal::Internal {
                tracing::error!(%error, "who asks could not be looked at again");
            }
            refusal
        })?;
        let granted = demanded.is_granted(Some(&now));
        visit.visitor.viewer = Some(now);
        granted.then_some(()).ok_or(Refusal::NotAllowed)
    }

    /// Back to the page that the form stood on, with a sentence; or the sentence as a page of its own.
    async fn send_back(&self, mut parts: Parts, referer: Option<HeaderValue>, error: AppError) -> Response {
        let page = referer.and_then(|referer| self.page_of_ours(&parts.headers, referer.to_str().ok()?));
        let visit = parts.extensions.get::<Visit>().filter(|_| parts.method == Method::POST);
        if let (Some(page), Some(visit)) = (page, visit) {
            let problem = Problem {
                action: parts.uri.path().to_owned(),
                field: None,
                error: error.clone(),
                also: Vec::new(),
                typed: Default::default(),
            };
            let flash = Flash {
                problem: Some(problem),
                ..Flash::default()
            };
            let json = serde_json::to_string(&flash).unwrap_or_default();
            if visit.session.0.put_flash(json).await.is_ok() {
                return Redirect::to(&page).into_response();
            }
        }
        if let Some(visit) = parts.extensions.get_mut::<Visit>() {
            // Links back to "this page" lead to one that can be opened.
            "/".clone_into(&mut visit.visitor.path);
        }
        parts.extensions.insert(Stranded(error));
        parts.method = Method::GET;
        (self.render)(Request::from_parts(parts, Body::empty())).await
    }

    /// The page that answers the form; what it is to show goes along in the request.
    async fn show(&self, mut parts: Parts, page: &str) -> Response {
        let Ok(uri) = page.parse() else {
            return self.send_back(parts, None, AppError::Refused(Refusal::Internal)).await;
        };
        if let Some(visit) = parts.extensions.get_mut::<Visit>() {
            page.clone_into(&mut visit.visitor.path);
        }
        parts.uri = uri;
        parts.method = Method::GET;
        (self.render)(Request::from_parts(parts, Body::empty())).await
    }

    /// Path and query of a page of this console; `None` for every other address.
    fn page_of_ours(&self, headers: &HeaderMap, referer: &str) -> Option<String> {
        let address: http::Uri = referer.parse().ok()?;
        let authority = address.authority()?.as_str();
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let public = self.public_url.split_once("://").map(|(_, authority)| authority);
        let path = address.path_and_query()?.as_str();
        let ours = [host, public]
            .into_iter()
            .flatten()
            .any(|own| own.eq_ignore_ascii_case(authority));
        (ours && local_path::is_local(path) && !authority::is_function(path)).then(|| path.to_owned())
    }
}

/// Who is signed in.
fn viewer(parts: &Parts) -> Option<&Viewer> {
    parts.extensions.get::<Visit>()?.visitor.viewer.as_ref()
}

/// How many bytes a form has, if it says so.
fn announced(parts: &Parts) -> Option<u64> {
    text(parts, &header::CONTENT_LENGTH)?.parse().ok()
}

fn text<'a>(parts: &'a Parts, name: &header::HeaderName) -> Option<&'a str> {
    parts.headers.get(name)?.to_str().ok()
}

/// The whole body, which takes this room as it comes, and whose pieces may be this far apart.
async fn collect(mut body: Limited<Body>, room: &Room, patience: Duration) -> Result<Bytes, Delivery> {
    let mut whole = Vec::new();
    loop {
        let frame = tokio::time::timeout(patience, body.frame()).await;
        let Some(frame) = frame.map_err(|_| Delivery::Late)? else {
            break;
        };
        let frame = frame.map_err(|error| match error.is::<LengthLimitError>() {
            true => Delivery::TooLarge,
            false => Delivery::Incomplete,
        })?;
        let piece = frame.into_data().unwrap_or_default();
        room.grow(piece.len())
            .map_err(|Full| match room.could_grow(piece.len()) {
                true => Delivery::NoRoom,
                false => Delivery::TooLarge,
            })?;
        whole.extend_from_slice(&piece);
    }
    Ok(whole.into())
}

/// Says, with an answer that there is no room, when to ask again.
fn soon(mut response: Response) -> Response {
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        let second = HeaderValue::from_static("1");
        response.headers_mut().insert(header::RETRY_AFTER, second);
    }
    response
}

fn status_of(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::NotSignedIn => StatusCode::UNAUTHORIZED,
        Refusal::NotAllowed => StatusCode::FORBIDDEN,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn language(parts: &Parts) -> Language {
    let visit = parts.extensions.get::<Visit>();
    visit.map_or_else(Language::default, |visit| visit.visitor.language)
}

fn is_page(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// The error that a function answered.
async fn error_in(response: Response) -> AppError {
    let status = response.status();
    let body = Limited::new(response.into_body(), ERROR_LIMIT).collect().await;
    let told = body.ok().and_then(|body| serde_json::from_slice(&body.to_bytes()).ok());
    match (told, status) {
        // The function was not reached: the form could not be read.
        (Some(AppError::Transport(_)), StatusCode::BAD_REQUEST) => AppError::Undelivered(Delivery::Fields),
        (Some(error), _) => error,
        (None, StatusCode::METHOD_NOT_ALLOWED) => AppError::Refused(Refusal::NotFound { what: Thing::Page }),
        (None, _) => AppError::Refused(Refusal::Internal),
    }
}

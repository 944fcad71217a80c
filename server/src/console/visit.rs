//! Who visits: from the session to a viewer, once a request, before anything is rendered. Strangers go to the sign-in page.

use std::sync::Arc;

use app::{
    context::{SessionHandle, Visitor},
    error::AppError,
    text::Language,
};
use axum::{
    Extension,
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{
    access::Viewer,
    id::{SessionId, UserId},
    refusal::Refusal,
};
use http::{StatusCode, header};
use tower_sessions::Session;

use super::{authority, local_path, plain_page, seat::Seat};
use crate::{arrival::Arrival, session::key, state::HubState};

/// What pages and server functions are told, as an extension of the request.
#[derive(Clone)]
pub struct Visit {
    /// Who, from where, in which language.
    pub visitor: Visitor,
    /// What they may change about their session.
    pub session: SessionHandle,
}

/// Finds out who visits and lets them in, or shows them the door.
pub async fn resolve(
    State(state): State<HubState>,
    Extension(arrival): Extension<Arrival>,
    session: Session,
    request: Request,
    next: Next,
) -> Response {
    let request_id = arrival.request_id(request.uri().path());
    let language = app::context::language(request.headers());
    let agent = request
        .headers()
        .get(header::USER_AGENT)
        .and_then(|agent| agent.to_str().ok())
        .unwrap_or_default();
    let seat = Seat::new(session, arrival.address.to_string(), agent, arrival.at);
    let person = match person(&state, &seat).await {
        Ok(person) => person,
        Err(problem) => {
            tracing::error!(request_id, problem, "a session could not be read");
            let sentence = match language {
                Language::En => {
                    format!("The database does not answer. Try again in a moment; the request id is {request_id}.")
                }
                Language::Zh => format!("数据库没有响应，请稍后重试。请求编号：{request_id}。"),
            };
            let heading = language.pick("The hub is not available", "Hub 暂不可用");
            return plain_page(StatusCode::SERVICE_UNAVAILABLE, language, heading, &sentence);
        }
    };
    // Where there is nothing, there is nothing to guard: the page for unknown paths says so.
    let needed = request
        .extensions()
        .get::<MatchedPath>()
        .map(|route| authority::demanded(route.as_str()));
    let granted = needed.is_none_or(|needed| needed.is_granted(person.as_ref().map(|(viewer, _)| viewer)));
    let function = authority::is_function(request.uri().path());
    if !granted && (function || person.is_none()) {
        return turn_away(&request, language, function, person.is_some());
    }
    let (viewer, id) = person.map_or((None, None), |(viewer, id)| (Some(viewer), id));
    let (mut parts, body) = request.into_parts();
    let address = Some(arrival.address.to_string());
    let visitor = Visitor::from_request(&parts, viewer, id, address, request_id, state.settings().is_https());
    parts.extensions.insert(Visit {
        visitor,
        session: SessionHandle(Arc::new(seat)),
    });
    let response = next.run(Request::from_parts(parts, body)).await;
    if granted || !response.status().is_success() {
        return response;
    }
    // The page itself should have refused, in the person's language. One that forgot shows nothing all the same.
    plain_page(
        StatusCode::FORBIDDEN,
        language,
        language.pick("Only an admin may see this page", "仅管理员可以查看此页面"),
        &language.refusal(&Refusal::NotAllowed),
    )
}

/// The signed-in person, unless suspended or gone; keeps their session alive.
async fn person(state: &HubState, seat: &Seat) -> Result<Option<(Viewer, Option<SessionId>)>, String> {
    let session = seat.session();
    let failed = |error: tower_sessions::session::Error| error.to_string();
    let Some(user) = session.get::<UserId>(key::USER).await.map_err(failed)? else {
        return Ok(None);
    };
    let Some(viewer) = state
        .gateway()
        .sessions()
        .viewer(user)
        .await
        .map_err(|error| error.to_string())?
    else {
        return Ok(None);
    };
    seat.keep_alive().await.map_err(failed)?;
    Ok(Some((viewer, session.get(key::ID).await.map_err(failed)?)))
}

/// Strangers go to the sign-in page and come back from it. Programs get the refusal itself.
fn turn_away(request: &Request, language: Language, function: bool, signed_in: bool) -> Response {
    let headers = request.headers();
    let text = |name: header::HeaderName| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let (status, refusal) = if signed_in {
        (StatusCode::FORBIDDEN, Refusal::NotAllowed)
    } else {
        (StatusCode::UNAUTHORIZED, Refusal::NotSignedIn)
    };
    if function && !text(header::ACCEPT).contains("text/html") {
        return (status, axum::Json(AppError::Refused(refusal))).into_response();
    }
    if signed_in {
        let heading = language.pick("Only an admin may do this", "仅管理员可以执行此操作");
        return plain_page(status, language, heading, &language.refusal(&refusal));
    }
    let here = request
        .uri()
        .path_and_query()
        .map_or("/", http::uri::PathAndQuery::as_str);
    let referer: Option<http::Uri> = text(header::REFERER).parse().ok();
    // Who sent a form wants to come back to the page that it stood on.
    let wanted = if function {
        referer
            .as_ref()
            .and_then(http::Uri::path_and_query)
            .map_or("/", http::uri::PathAndQuery::as_str)
    } else {
        here
    };
    Redirect::to(&local_path::sign_in(wanted)).into_response()
}

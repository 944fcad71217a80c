//! Who visits: from the session to a viewer, once a request, before anything is rendered. Strangers go to the sign-in page.
//!
//! An admin may look at the console as somebody else. That nothing is changed meanwhile is kept here, for pages, server
//! functions and files alike: of such a session only reading requests go on, and the one that leaves the view.

use std::sync::Arc;

use app::{
    context::{Looking, SessionHandle, SessionStore as _, Visitor},
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
use gateway::Origin;
use http::{Method, StatusCode, header};
use tower_sessions::Session;

use super::{asker::Asker, authority, local_path, plain_page, seat::Seat};
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
    let origin = (arrival.address.to_string(), agent);
    let seat = Seat::new(session, origin, arrival.at, state.visitors());
    let address = arrival.address.to_string();
    let person = match person(&state, &seat, &address).await {
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
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let leaves = route.is_some_and(authority::leaves_a_view);
    // Where identity providers send people back to changes who is signed in, although it is read.
    let reads = matches!(*request.method(), Method::GET | Method::HEAD) && !route.is_some_and(authority::is_a_return);
    // Where there is nothing, there is nothing to guard: the page for unknown paths says so.
    let needed = route.map(authority::demanded);
    let function = authority::is_function(request.uri().path());
    let looking = person.as_ref().and_then(|person| person.looking.clone());
    if looking.is_some() && !leaves && !reads {
        return turn_away(&request, language, function, Some(Refusal::OnlyLooking));
    }
    // Whoever leaves a view does so as themselves.
    let viewer = person.as_ref().map(|person| match &person.looking {
        Some(looking) if !leaves => looking.as_whom.clone(),
        _ => person.viewer.clone(),
    });
    let granted = needed.is_none_or(|needed| needed.is_granted(viewer.as_ref()));
    if !granted && (function || viewer.is_none()) {
        let refusal = viewer.is_some().then_some(Refusal::NotAllowed);
        return turn_away(&request, language, function, refusal);
    }
    let id = person.and_then(|person| person.session);
    let (mut parts, body) = request.into_parts();
    let https = state.settings().is_https();
    let visitor = Visitor::from_request(&parts, viewer, id, Some(address), request_id, https);
    let visitor = Visitor { looking, ..visitor };
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
        language.pick("Your role does not show this page", "你的角色无权查看此页面"),
        &language.refusal(&Refusal::NotAllowed),
    )
}

/// Who is signed in.
struct Person {
    viewer: Viewer,
    session: Option<SessionId>,
    /// As whom they look at the console.
    looking: Option<Looking>,
}

/// The signed-in person, unless suspended or gone; keeps their session alive.
async fn person(state: &HubState, seat: &Seat, address: &str) -> Result<Option<Person>, String> {
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
    Ok(Some(Person {
        looking: looking(state, seat, &viewer, address).await?,
        session: session.get(key::ID).await.map_err(failed)?,
        viewer,
    }))
}

/// As whom they look, if they still may: a change of role, theirs or the other's, ends it with the next request.
async fn looking(state: &HubState, seat: &Seat, viewer: &Viewer, address: &str) -> Result<Option<Looking>, String> {
    let as_whom = seat.session().get::<UserId>(key::VIEW).await;
    let Some(as_whom) = as_whom.map_err(|error| error.to_string())? else {
        return Ok(None);
    };
    let users = state.gateway().users();
    let found = users.viewed(viewer, as_whom).await;
    if let Some(as_whom) = found.map_err(|error| error.to_string())? {
        let who = viewer.clone();
        return Ok(Some(Looking { who, as_whom }));
    }
    let origin = Origin::at(Some(address));
    let ended = users.end_viewing(viewer, origin, as_whom).await;
    ended.map_err(|error| error.to_string())?;
    seat.look_as(None).await.map_err(|error| error.to_string())?;
    Ok(None)
}

/// Strangers go to the sign-in page and come back from it. Programs get the refusal itself, and so does whoever is signed in.
fn turn_away(request: &Request, language: Language, function: bool, refusal: Option<Refusal>) -> Response {
    let headers = request.headers();
    let text = |name: header::HeaderName| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let asker = Some(Asker::of(headers)).filter(|asker| function && *asker != Asker::Page);
    if let Some(refusal) = refusal {
        let status = StatusCode::FORBIDDEN;
        if let Some(asker) = asker {
            return asker.told(status, AppError::Refused(refusal), language);
        }
        let heading = language.pick("This was not done", "操作未执行");
        return plain_page(status, language, heading, &language.refusal(&refusal));
    }
    if let Some(asker) = asker {
        let refusal = AppError::Refused(Refusal::NotSignedIn);
        return asker.told(StatusCode::UNAUTHORIZED, refusal, language);
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

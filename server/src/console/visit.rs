//! Who visits: from the session to a viewer, once a request, before anything is rendered. Strangers go to the sign-in page.

use std::sync::Arc;

use app::context::{SessionHandle, Visitor};
use axum::{
    Extension,
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{
    access::Viewer,
    id::{SessionId, UserId},
};
use http::{Method, StatusCode, header};
use tower_sessions::Session;

use super::{local_path, plain_page, seat::Seat};
use crate::{arrival::Arrival, session::key, state::HubState};

/// What pages and server functions are told, as an extension of the request.
#[derive(Clone)]
pub struct Visit {
    /// Who, from where, in which language.
    pub visitor: Visitor,
    /// What they may change about their session.
    pub session: SessionHandle,
}

/// Pages that strangers may see. Everything else needs a session; what needs more says so itself.
const PUBLIC_PAGES: [&str; 2] = ["/sign-in", "/setup"];
/// Server functions answer strangers themselves: each begins by asking who they are.
const FUNCTIONS: &str = "/do/";

/// Finds out who visits and lets them in, or shows them the door.
pub async fn resolve(
    State(state): State<HubState>,
    Extension(arrival): Extension<Arrival>,
    session: Session,
    request: Request,
    next: Next,
) -> Response {
    let request_id = arrival.request_id(request.uri().path());
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
            let sentence =
                format!("The database does not answer. Try again in a moment; the request id is {request_id}.");
            return plain_page(StatusCode::SERVICE_UNAVAILABLE, "The hub is not available", &sentence);
        }
    };
    let path = request.uri().path();
    let public = PUBLIC_PAGES.contains(&path) || path.starts_with(FUNCTIONS);
    let exists = request.extensions().get::<MatchedPath>().is_some();
    if person.is_none() && exists && !public {
        return to_sign_in(&request);
    }
    let (viewer, id) = person.map_or((None, None), |(viewer, id)| (Some(viewer), id));
    let (mut parts, body) = request.into_parts();
    let address = Some(arrival.address.to_string());
    let visitor = Visitor::from_request(&parts, viewer, id, address, request_id, state.settings().is_https());
    parts.extensions.insert(Visit {
        visitor,
        session: SessionHandle(Arc::new(seat)),
    });
    next.run(Request::from_parts(parts, body)).await
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

fn to_sign_in(request: &Request) -> Response {
    let wanted = if request.method() == Method::GET {
        request
            .uri()
            .path_and_query()
            .map_or("/", http::uri::PathAndQuery::as_str)
    } else {
        "/"
    };
    let mut response = Redirect::to(&local_path::sign_in(wanted)).into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
    response
}

//! `aigne hub connect` over HTTP: the session that a program begins, asks for and ends, and the address that it opens in a
//! browser. Who approves does so in the console (`app::pages::connect`); the rules are `gateway::Connections`.
//!
//! Open to everybody: the session's id, which only the program knows, is the key to its own session. The program fails on any
//! answer that is no success, so a session that is denied or over ends its waiting.

use axum::{Extension, Json, extract::State, response::Redirect};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::refusal::{Refusal, Thing};
use gateway::{Fetched, Origin};
use http::{HeaderMap, StatusCode, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use super::query::Asked;
use crate::{arrival::Arrival, state::HubState, v1::ApiError};

/// The longest name of a program that is handed on.
const SOURCE: usize = 200;

/// A session as its program sees it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    id: String,
    challenge: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_key_secret: Option<String>,
}

/// The session's id in the address.
#[derive(Debug, Deserialize)]
pub struct Which {
    #[serde(default)]
    sid: String,
}

/// `POST …/session`.
pub async fn begin(
    State(state): State<HubState>,
    Extension(arrival): Extension<Arrival>,
    headers: HeaderMap,
) -> Result<Json<Session>, ApiError> {
    let address = arrival.address.to_string();
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let begun = state
        .gateway()
        .connections()
        .begin(origin(&address), agent.unwrap_or_default())
        .await
        .map_err(refused)?;
    Ok(Json(Session {
        id: begun.token.expose().to_owned(),
        challenge: begun.challenge,
        access_key_id: None,
        access_key_secret: None,
    }))
}

/// `GET …/session?sid=`.
pub async fn fetch(
    State(state): State<HubState>,
    Extension(arrival): Extension<Arrival>,
    Asked(which): Asked<Which>,
) -> Result<Json<Session>, ApiError> {
    let address = arrival.address.to_string();
    let fetched = state.gateway().connections().fetch(origin(&address), &which.sid).await;
    let (challenge, key) = match fetched.map_err(refused)? {
        Fetched::Waiting { challenge } => (challenge, None),
        Fetched::Approved {
            challenge,
            key,
            encrypted,
        } => (challenge, Some((key.to_string(), encrypted))),
        Fetched::Denied => {
            return Err(ApiError::invalid(
                StatusCode::FORBIDDEN,
                "connection_denied",
                "The request to connect was denied in the console.",
            ));
        }
    };
    let (access_key_id, access_key_secret) = key.unzip();
    Ok(Json(Session {
        id: which.sid,
        challenge,
        access_key_id,
        access_key_secret,
    }))
}

/// `DELETE …/session?sid=`.
pub async fn end(State(state): State<HubState>, Asked(which): Asked<Which>) -> Result<Json<Ended>, ApiError> {
    state.gateway().connections().end(&which.sid).await.map_err(refused)?;
    Ok(Json(Ended { id: which.sid }))
}

/// What is left of a session.
#[derive(Debug, Serialize)]
pub struct Ended {
    id: String,
}

/// What the program writes into the address that it opens.
#[derive(Debug, Deserialize)]
pub struct Asking {
    /// Base64 of the session's id.
    #[serde(rename = "__token__", default)]
    token: String,
    #[serde(default)]
    source: String,
}

/// `GET …/gen-simple-access-key`: leads to the page of the console.
pub async fn approve(Asked(asking): Asked<Asking>) -> Redirect {
    let token = URL_SAFE_NO_PAD.decode(asking.token.trim_end_matches('='));
    let token = token
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_default();
    let source: String = asking.source.chars().take(SOURCE).collect();
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    Redirect::to(&format!(
        "/connect?token={}&source={}",
        encoded(&token),
        encoded(&source)
    ))
}

const fn origin(address: &str) -> Origin<'_> {
    Origin { address: Some(address) }
}

fn refused(error: gateway::Error) -> ApiError {
    match error.refusal() {
        Refusal::NotFound {
            what: Thing::Connection,
        } => ApiError::invalid(
            StatusCode::NOT_FOUND,
            "connection_not_found",
            "There is no such request to connect, or its time is over. Begin again.",
        ),
        Refusal::TryLater { seconds } => ApiError::too_often(seconds),
        _ => error.into(),
    }
}

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
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::query::Asked;
use crate::{
    arrival::Arrival,
    contract::{Book, Errors, Operation, Tag},
    state::HubState,
    v1::ApiError,
};

/// The longest name of a program that is handed on.
const SOURCE: usize = 200;

/// A session as its program sees it.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ConnectSession")]
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
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "ConnectEnded")]
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
    Origin::at(Some(address))
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

fn session(summary: &'static str) -> Operation {
    Operation::new(Tag::Connect, summary).shaped(Errors::Aigne)
}

fn with_id(operation: Operation) -> Operation {
    operation.query(
        "sid",
        &json!({ "type": "string" }),
        "The session's id, which is its own key.",
    )
}

/// What is said of beginning.
pub fn begin_described(book: &mut Book) -> Operation {
    session("Ask for a key")
        .about("The program opens `gen-simple-access-key` in a browser, where a person approves, and asks for the session until it holds a key.")
        .tells::<Session>(book)
        .fails(book, &[400, 429, 500])
}

/// What is said of asking.
pub fn fetch_described(book: &mut Book) -> Operation {
    with_id(session("Whether it was approved"))
        .about("Once it is, the key stands here, encrypted with what only the program knows, for a minute after it was first fetched.")
        .tells::<Session>(book)
        .fails(book, &[400, 403, 404, 429, 500])
}

/// What is said of ending.
pub fn end_described(book: &mut Book) -> Operation {
    with_id(session("End asking"))
        .tells::<Ended>(book)
        .fails(book, &[400, 404, 429, 500])
}

/// What is said of the address for browsers.
pub fn approve_described(book: &mut Book) -> Operation {
    let text = json!({ "type": "string" });
    session("The address that the program opens in a browser")
        .query("__token__", &text, "The session's id in Base64.")
        .query("source", &text, "What the program calls itself.")
        .leads(StatusCode::SEE_OTHER, "To the page of the console.")
        .fails(book, &[400, 500])
}

//! `/__blocklet__.js`: the document by which AIGNE's clients find the hub behind an address. With `type=json` as JSON, else as a
//! script that sets it, as pages of the original load it. For everybody.

use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse as _, Response},
};
use http::header;
use serde_json::json;

use crate::state::HubState;

/// The id of AIGNE Hub among components; its clients look for it.
const HUB: &str = "z8ia3xzq2tMq8CRHfaXj1BTYJyYnEcHbqP8cJ";

/// The document.
pub async fn document(State(state): State<HubState>, RawQuery(query): RawQuery) -> Response {
    let document = json!({
        "appName": "AIGNE Hub",
        "appUrl": state.settings().public_url,
        "prefix": "/",
        "groupPrefix": "/",
        "componentId": HUB,
        "componentMountPoints": [
            { "did": HUB, "name": "ai-kit", "title": "AIGNE Hub", "mountPoint": "/", "status": "running" }
        ],
    });
    let as_json = query.is_some_and(|query| query.split('&').any(|pair| pair == "type=json"));
    let (kind, body) = if as_json {
        ("application/json", document.to_string())
    } else {
        // The only text in it that is not ours is the public address, which holds no `</`.
        (
            "text/javascript; charset=utf-8",
            format!("window.blocklet = {document};"),
        )
    };
    (
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")],
        body,
    )
        .into_response()
}

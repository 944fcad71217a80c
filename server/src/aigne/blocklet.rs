//! `/__blocklet__.js`: the document by which AIGNE's clients find the hub behind an address. With `type=json` as JSON, else as a
//! script that sets it, as pages of the original load it. For everybody.

use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse as _, Response},
};
use http::header;
use serde_json::json;

use crate::{
    contract::{Book, Errors, Operation, Tag},
    state::HubState,
};

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

/// What is said of it.
pub fn described(_: &mut Book) -> Operation {
    let text = json!({ "type": "string" });
    let point = json!({
        "type": "object",
        "required": ["did", "name", "title", "mountPoint", "status"],
        "additionalProperties": false,
        "properties": { "did": text, "name": text, "title": text, "mountPoint": text, "status": text },
    });
    let document = json!({
        "type": "object",
        "required": ["appName", "appUrl", "prefix", "groupPrefix", "componentId", "componentMountPoints"],
        "additionalProperties": false,
        "properties": {
            "appName": text, "appUrl": text, "prefix": text, "groupPrefix": text, "componentId": text,
            "componentMountPoints": { "type": "array", "items": point },
        },
    });
    Operation::new(Tag::Aigne, "Where the hub behind an address is")
        .shaped(Errors::Aigne)
        .query(
            "type",
            &json!({ "type": "string" }),
            "`json` for JSON; else a script that sets `window.blocklet`.",
        )
        .answers("application/json", &document)
        .answers("text/javascript", &text)
}

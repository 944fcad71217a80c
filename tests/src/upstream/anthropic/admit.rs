//! Who asks and for what: credential, version, address, method, content type and JSON; then the fields, which `check` knows.

use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::check::{self, Ask};
use super::refusal::Refusal;
use super::{Request, key, models, usage};
use crate::upstream::State;

/// A request that passed: its plain answer, or something to answer.
pub(super) enum Checked {
    Plain(Value),
    Ask(Box<Ask>),
}

/// Checks a request up to its last field.
///
/// # Errors
/// The refusal that the provider would send.
pub(super) fn checked(state: &State, request: &Request<'_>) -> Result<Checked, Refusal> {
    authorised(state, request)?;
    version(request)?;
    let not_found = |what: &str| Refusal::new(StatusCode::NOT_FOUND, "not_found_error", what);
    let is_post = request.path.starts_with("/v1/messages");
    let known = matches!(request.path, "/v1/messages" | "/v1/messages/count_tokens") || !is_post;
    if !known {
        return Err(not_found("Not Found"));
    }
    if request.method != (if is_post { Method::POST } else { Method::GET }) {
        return Err(Refusal::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "invalid_request_error",
            "Method Not Allowed",
        ));
    }
    if request.path == "/v1/models" {
        return Ok(Checked::Plain(models::list()));
    }
    if let Some(name) = request.path.strip_prefix("/v1/models/") {
        let model = models::show(name).ok_or_else(|| not_found(&format!("model: {name}")))?;
        return Ok(Checked::Plain(model));
    }
    let body = json_body(request)?;
    newest(request, body)?;
    let betas = betas(request);
    if request.path == "/v1/messages/count_tokens" {
        let ask = check::count(body, &betas)?;
        return Ok(Checked::Plain(json!({"input_tokens": usage::prompt(&ask)})));
    }
    check::ask(body, &betas).map(|ask| Checked::Ask(Box::new(ask)))
}

fn authorised(state: &State, request: &Request<'_>) -> Result<(), Refusal> {
    let refuse = |message: &str| Err(Refusal::new(StatusCode::UNAUTHORIZED, "authentication_error", message));
    match key(request.headers) {
        None => refuse("x-api-key header is required"),
        Some(key) if state.keys.iter().any(|known| known == key) => Ok(()),
        Some(_) => refuse("invalid x-api-key"),
    }
}

/// The version of the API that Anthropic's SDKs of the end of 2026 name.
const NEWEST: &str = "2026-10-21";

/// What the newest version of the API no longer takes. Page "Migrating to API version 2026-10-21".
fn newest(request: &Request<'_>, body: &Value) -> Result<(), Refusal> {
    if request
        .headers
        .get("anthropic-version")
        .is_none_or(|version| version != NEWEST)
    {
        return Ok(());
    }
    if let Some(name) = ["temperature", "top_p", "top_k"]
        .iter()
        .find(|name| body.get(**name).is_some())
    {
        return Err(Refusal::invalid(format!("{name}: Extra inputs are not permitted")));
    }
    for (at, message) in body["messages"].as_array().into_iter().flatten().enumerate() {
        for block in message["content"].as_array().into_iter().flatten() {
            let cites = block["citations"]
                .as_array()
                .is_some_and(|citations| !citations.is_empty());
            match (message["role"].as_str(), block["type"].as_str()) {
                (Some("assistant"), Some("document")) | (Some("user"), Some("text"))
                    if cites || block["type"] == "document" =>
                {
                    return Err(Refusal::invalid(format!(
                        "messages.{at}: this block is not permitted there"
                    )));
                }
                _ => {}
            }
        }
    }
    Ok(())
}

fn version(request: &Request<'_>) -> Result<(), Refusal> {
    match request.headers.get("anthropic-version").map(|version| version.to_str()) {
        None => Err(Refusal::invalid("anthropic-version: header is required")),
        Some(Ok("2023-01-01" | "2023-06-01" | NEWEST)) => Ok(()),
        Some(other) => Err(Refusal::invalid(format!(
            "anthropic-version: \"{}\" is not a valid version for this API.",
            other.unwrap_or_default()
        ))),
    }
}

/// The values of `anthropic-beta`, which may be one list or several headers.
fn betas(request: &Request<'_>) -> Vec<String> {
    let headers = request.headers.get_all("anthropic-beta").iter();
    let lists = headers.filter_map(|value| value.to_str().ok());
    lists
        .flat_map(|list| list.split(','))
        .map(|name| name.trim().to_owned())
        .collect()
}

fn json_body<'a>(request: &Request<'a>) -> Result<&'a Value, Refusal> {
    let kind = request.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let plain = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    if !plain.eq_ignore_ascii_case("application/json") {
        return Err(Refusal::invalid("content-type: must be application/json"));
    }
    request
        .json
        .as_ref()
        .map_err(|error| Refusal::invalid(format!("The request body is not valid JSON: {error}")))
}

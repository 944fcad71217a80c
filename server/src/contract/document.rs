//! The document, put together of what is said of each route.

use domain::key::Scope;
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::{Book, Operation, Tag};
use crate::authority::Authority;

/// A route and what is said of it.
pub struct Entry {
    /// How it is asked for.
    pub method: Method,
    /// As `axum` has it.
    pub path: &'static str,
    /// Who may come.
    pub authority: Authority,
    /// What is said of it.
    pub describe: Box<dyn Fn(&mut Book) -> Operation>,
}

const ABOUT: &str = "One endpoint and one key in front of every AI provider. Calls may be made in the dialect of OpenAI, of \
Anthropic or of AIGNE Hub, whatever the provider behind the model speaks.\n\nRequest bodies of calls are described as far as the hub \
reads them; where a provider speaks the client's dialect, everything else passes unchanged, and so do unknown members of its \
answers. Money is written as exact decimal strings, one credit being one US dollar.\n\nThe pages of the console, the \
functions behind their forms (`/do/…`) and static files are no part of this document: they serve browsers and may change with \
every version. So are the addresses that only say that there is nothing (`/v1/…`, `/api/…`).";

/// The whole document.
pub fn document(entries: impl IntoIterator<Item = Entry>) -> Value {
    let (mut book, mut paths) = (Book::new(), Map::new());
    for entry in entries {
        let operation = (entry.describe)(&mut book);
        let written = write(&mut book, &entry, operation);
        let path = template(entry.path);
        let at = paths.entry(path).or_insert_with(|| json!({}));
        at[entry.method.as_str().to_ascii_lowercase()] = written;
    }
    let tags: Vec<Value> = Tag::ALL
        .iter()
        .map(|tag| json!({ "name": tag.as_str(), "description": tag.about() }))
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "AIGNE Hub",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/", "description": "The hub that serves this document." }],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer", "description": "An API key of this hub." },
                "apiKey": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "x-api-key",
                    "description": "The same where clients of Anthropic's dialect put it. Where both stand, the bearer counts.",
                },
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": crate::session::cookie_name(true),
                    "description": "The session of a person who is signed in to the console; without `__Host-` where the hub is reached by plain http.",
                },
            },
            "headers": {
                "RequestId": {
                    "description": "The id of this call; `GET /v1/calls/{id}` tells of it.",
                    "schema": { "type": "string" },
                },
                "RetryAfter": { "description": "Seconds to wait.", "schema": { "type": "integer", "minimum": 0 } },
                "Dropped": {
                    "description": "What of the request, or which of its headers, its provider could not be told, with commas between.",
                    "schema": { "type": "string" },
                },
                "MaxTokens": {
                    "description": "The limit of the answer that the hub has set or lowered, in tokens.",
                    "schema": { "type": "integer", "minimum": 1 },
                },
            },
            "schemas": book.finish(),
        },
    })
}

fn write(book: &mut Book, entry: &Entry, operation: Operation) -> Value {
    let mut operation = operation;
    match entry.authority {
        Authority::Key(_) => operation = operation.fails(book, &[400, 401, 403, 500]),
        Authority::Manager(_) | Authority::FreeManager(_) => operation = managed(book, entry, operation),
        authority if by_session(authority) => operation = seen(entry, operation),
        _ => {}
    }
    if operation.body.is_some() {
        operation = operation.fails(book, &[400, 408, 413, 415]);
    }
    let mut parameters: Vec<Value> = names(entry.path).map(in_path).collect();
    parameters.append(&mut operation.parameters);
    let security = match entry.authority {
        // The roles that a scheme wants, as OpenAPI calls them.
        Authority::Key(scope) => json!([{ "bearer": [scope] }, { "apiKey": [scope] }]),
        Authority::Manager(_) | Authority::FreeManager(_) => {
            json!([{ "bearer": [Scope::Manage] }, { "apiKey": [Scope::Manage] }])
        }
        authority if by_session(authority) => json!([{ "session": [] }]),
        _ => json!([]),
    };
    operation.responses.sort_keys();
    let mut written = json!({
        "operationId": id(entry),
        "tags": [operation.tag.as_str()],
        "summary": operation.summary,
        "security": security,
        "responses": operation.responses,
    });
    if !operation.about.is_empty() {
        written["description"] = operation.about.into();
    }
    if let Authority::Manager(what) | Authority::FreeManager(what) = entry.authority {
        written["x-demands"] = what.as_str().into();
    }
    if let Authority::FreeManager(_) = entry.authority {
        written["x-demands-free-key"] = true.into();
    }
    if !parameters.is_empty() {
        written["parameters"] = parameters.into();
    }
    if let Some(body) = operation.body {
        written["requestBody"] = body;
    }
    written
}

/// Whoever comes is known by a session of the console.
const fn by_session(authority: Authority) -> bool {
    match authority {
        Authority::Public | Authority::Key(_) | Authority::Manager(_) | Authority::FreeManager(_) => false,
        Authority::SignedIn
        | Authority::Caller
        | Authority::MoneyReader
        | Authority::Money
        | Authority::Reader
        | Authority::Admin
        | Authority::Owner => true,
    }
}

/// What every file of the console may answer beside what it says of itself.
fn seen(entry: &Entry, operation: Operation) -> Operation {
    let operation = operation
        .leads(StatusCode::SEE_OTHER, "Nobody is signed in: to the sign-in page.")
        .shows(StatusCode::FORBIDDEN, "The account may not have it.")
        .shows(StatusCode::INTERNAL_SERVER_ERROR, "It could not be read.");
    match names(entry.path).next() {
        Some(_) => operation.shows(StatusCode::NOT_FOUND, "There is no such thing."),
        None => operation,
    }
}

/// What every route of the admin API may answer beside what it says of itself.
fn managed(book: &mut Book, entry: &Entry, operation: Operation) -> Operation {
    let operation = operation.fails(book, &[400, 401, 403, 422, 500, 503]);
    let operation = match names(entry.path).next() {
        Some(_) => operation.fails(book, &[404]),
        None => operation,
    };
    match entry.method {
        Method::GET => operation,
        _ => operation.fails(book, &[409, 429]),
    }
}

/// A path as the document has it: `{*id}` is a name like any other there.
fn template(path: &str) -> String {
    path.replace("{*", "{")
}

/// The names in a path.
fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

/// What stands in a path under a name.
fn in_path(name: &str) -> Value {
    let bare = name.trim_start_matches('*');
    let mut parameter = json!({ "name": bare, "in": "path", "required": true, "schema": { "type": "string" } });
    if bare != name {
        parameter["description"] = "May hold slashes.".into();
        parameter["x-may-hold-slashes"] = true.into();
    }
    parameter
}

/// A name for programs that are generated from the document.
fn id(entry: &Entry) -> String {
    let words = entry
        .path
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let method = entry.method.as_str().to_ascii_lowercase();
    std::iter::once(method.as_str())
        .chain(words)
        .collect::<Vec<_>>()
        .join("_")
}

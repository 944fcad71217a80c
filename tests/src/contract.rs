//! Holds what the hub answers against its own OpenAPI document: each answer of a route that is described there must have a
//! described status, a described content type, and a body as its schema says, each event of a stream included; and what the
//! hub takes must be what it says it takes. `client` asks for each answer that comes from a hub.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise, and this is part of tests"
)]

use std::collections::HashMap;
use std::process::Command;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use http::{HeaderMap, Method, StatusCode, header};
use jsonschema::{Registry, Validator};
use serde_json::{Value, json};

use crate::{hub, sse};

/// Stop after so many faults of one body.
const MOST_FAULTS: usize = 5;

/// By this name schemas find the document.
const DOCUMENT: &str = "urn:contract";

/// A document, and what was compiled of it.
#[derive(Debug)]
pub struct Contract {
    document: Value,
    /// The document once more, indexed: each schema is compiled out of it with what it refers to, and nothing else.
    registry: Registry<'static>,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

/// What the document says of one route.
#[derive(Debug, Clone)]
pub struct Promise {
    contract: &'static Contract,
    /// `GET /v1/calls/{id}`.
    route: String,
    /// Where it stands in the document.
    place: String,
}

/// The document that the binary under test prints.
///
/// # Panics
/// When it prints none.
#[must_use]
pub fn of_hub() -> &'static Contract {
    static PRINTED: LazyLock<Contract> = LazyLock::new(|| {
        let mut command = Command::new(hub::binary());
        command.arg("openapi").current_dir(std::env::temp_dir()).env_clear();
        let ran = command.output().unwrap();
        assert!(ran.status.success(), "`aigne-hub openapi` failed: {ran:?}");
        Contract::new(serde_json::from_slice(&ran.stdout).unwrap())
    });
    &PRINTED
}

/// A word within a JSON pointer.
fn escaped(word: &str) -> String {
    word.replace('~', "~0").replace('/', "~1")
}

/// A JSON pointer as it stands in an address.
fn in_address(pointer: &str) -> String {
    pointer.replace('{', "%7B").replace('}', "%7D")
}

/// The kind of a body without its parameters.
fn essence(kind: &str) -> &str {
    kind.split(';').next().unwrap_or_default().trim()
}

impl Contract {
    /// Of a document.
    ///
    /// # Panics
    /// When it cannot be indexed.
    #[must_use]
    pub fn new(document: Value) -> Self {
        let registry = Registry::new().add(DOCUMENT, document.clone()).unwrap();
        Self {
            document,
            registry: registry.prepare().unwrap(),
            validators: Mutex::default(),
        }
    }

    /// What is said of a route; none where it is not described.
    #[must_use]
    pub fn promise(&'static self, method: &Method, path: &str) -> Option<Promise> {
        let path = path.split('?').next().unwrap_or_default();
        let method = method.as_str().to_ascii_lowercase();
        let paths = self.document["paths"].as_object()?;
        // A path that is named as it stands comes before those that have names in it.
        let fits = |(template, methods): &(&String, &Value)| {
            methods[&method].is_object() && matches(template, path, slashes(&methods[&method]))
        };
        let mut fitting: Vec<&String> = paths.iter().filter(fits).map(|(template, _)| template).collect();
        fitting.sort_by_key(|template| template.matches('{').count());
        let template = fitting.first()?;
        Some(Promise {
            contract: self,
            route: format!("{} {template}", method.to_uppercase()),
            place: format!("/paths/{}/{method}", escaped(template)),
        })
    }

    fn at(&self, place: &str) -> Option<&Value> {
        self.document.pointer(place)
    }

    /// Whether a value is as the schema at this place says.
    fn check(&self, place: &str, value: &Value) -> Result<(), String> {
        let validator = self.validator(place)?;
        let faults: Vec<String> = validator
            .iter_errors(value)
            .take(MOST_FAULTS)
            .map(|fault| format!("at `{}`: {}", fault.instance_path(), shortened(&fault.to_string())))
            .collect();
        match faults.as_slice() {
            [] => Ok(()),
            faults => Err(faults.join("; ")),
        }
    }

    fn validator(&self, place: &str) -> Result<Arc<Validator>, String> {
        let mut known = self.validators.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(validator) = known.get(place) {
            return Ok(Arc::clone(validator));
        }
        let schema = self.at(place).ok_or_else(|| format!("there is no schema at {place}"))?;
        let told = |error: jsonschema::ValidationError<'_>| format!("{place}: {error}");
        jsonschema::draft202012::meta::validate(schema).map_err(told)?;
        // Named within the document, so that references lead from its root.
        let named = json!({ "$ref": format!("{DOCUMENT}#{}", in_address(place)) });
        let options = jsonschema::draft202012::options().with_registry(&self.registry);
        let validator = options.build(&named).map_err(told)?;
        let validator = Arc::new(validator);
        known.insert(place.to_owned(), Arc::clone(&validator));
        Ok(validator)
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(400) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Whether the last name in the path may hold slashes.
fn slashes(operation: &Value) -> bool {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters
        .into_iter()
        .any(|parameter| parameter["x-may-hold-slashes"] == true)
}

fn matches(template: &str, path: &str, slashes: bool) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(name), Some(part)) if name.starts_with('{') => {
                if part.is_empty() {
                    return false;
                }
                if slashes && wanted.clone().next().is_none() {
                    return true;
                }
            }
            (Some(word), Some(part)) if word == part => {}
            _ => return false,
        }
    }
}

impl Promise {
    /// The response that is described for this status.
    fn response(&self, status: StatusCode) -> Result<String, String> {
        let ranges = format!("{}XX", status.as_u16() / 100);
        for key in [status.as_str(), &ranges] {
            let place = format!("{}/responses/{key}", self.place);
            if self.contract.at(&place).is_some() {
                return Ok(place);
            }
        }
        Err(format!("{} answered {status}, which it does not describe", self.route))
    }

    /// The body that is described for this status and kind; none where a response has no body to describe.
    fn media(&self, status: StatusCode, headers: &HeaderMap) -> Result<Option<(String, String)>, String> {
        let response = self.response(status)?;
        let content = format!("{response}/content");
        if self.contract.at(&content).is_none() {
            return Ok(None);
        }
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = essence(kind.unwrap_or_default());
        let place = format!("{content}/{}", escaped(kind));
        match self.contract.at(&place) {
            Some(_) => Ok(Some((place, kind.to_owned()))),
            None => Err(format!(
                "{} answered {status} as {kind:?}, which it does not describe",
                self.route
            )),
        }
    }

    /// Whether status and kind of an answer are described.
    ///
    /// # Errors
    /// A sentence, when they are not.
    pub fn head(&self, status: StatusCode, headers: &HeaderMap) -> Result<(), String> {
        self.media(status, headers).map(|_| ())
    }

    /// Whether the whole body is as described.
    ///
    /// # Errors
    /// A sentence, when it is not.
    pub fn body(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<(), String> {
        let Some((place, kind)) = self.media(status, headers)? else {
            return Ok(());
        };
        let told = |why: String| {
            format!(
                "{} answered {status} with a body that it does not describe: {why}",
                self.route
            )
        };
        match kind.as_str() {
            "text/event-stream" => self.events(&place, body).map_err(told),
            "application/json" => {
                let value: Value = serde_json::from_slice(body).map_err(|error| told(error.to_string()))?;
                self.contract.check(&format!("{place}/schema"), &value).map_err(told)
            }
            _ => std::str::from_utf8(body)
                .map(|_| ())
                .map_err(|error| told(error.to_string())),
        }
    }

    fn events(&self, place: &str, body: &[u8]) -> Result<(), String> {
        let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
        let last = self
            .contract
            .at(&format!("{place}/x-last-event"))
            .and_then(Value::as_str);
        let mut ended = false;
        for event in sse::read(text).events {
            if ended {
                return Err(format!("an event after the last one: {}", shortened(&event.data)));
            }
            if last == Some(event.data.as_str()) {
                ended = true;
                continue;
            }
            let value: Value =
                serde_json::from_str(&event.data).map_err(|error| format!("{error}: {}", shortened(&event.data)))?;
            let schema = format!("{place}/x-event-schema");
            self.contract
                .check(&schema, &value)
                .map_err(|why| format!("{why} in the event {}", shortened(&event.data)))?;
        }
        Ok(())
    }

    /// Whether a request that was taken is one that the document describes.
    ///
    /// # Errors
    /// A sentence, when it is not.
    pub fn taken(&self, body: &[u8]) -> Result<(), String> {
        let place = format!("{}/requestBody/content/application~1json/schema", self.place);
        if self.contract.at(&place).is_none() {
            return Ok(());
        }
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
        let told = |why: String| format!("{} took a body that it does not describe: {why}", self.route);
        let value: Value = serde_json::from_slice(body).map_err(|error| told(error.to_string()))?;
        self.contract.check(&place, &value).map_err(told)
    }

    /// Stops the test when something is not as described.
    ///
    /// # Panics
    /// With what is wrong.
    pub fn insist(holds: Result<(), String>) {
        if let Err(why) = holds {
            panic!("the OpenAPI document does not hold: {why}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static SMALL: LazyLock<Contract> = LazyLock::new(|| {
        let chunk = json!({ "$ref": "#/components/schemas/Chunk" });
        let answer = json!({ "description": "d", "content": {
            "application/json": { "schema": chunk },
            "text/event-stream": { "schema": {}, "x-event-schema": chunk, "x-last-event": "[DONE]" },
        } });
        let named = json!({ "name": "id", "in": "path", "x-may-hold-slashes": true });
        Contract::new(json!({
            "paths": {
                "/v1/models/{id}": { "get": { "parameters": [named], "responses": { "200": answer } } },
                "/v1/models/all": { "get": { "responses": { "200": answer, "4XX": { "description": "d" } } } },
                "/v1/{id}/rates": { "get": { "responses": {} } },
            },
            "components": { "schemas": { "Chunk": {
                "type": "object", "required": ["a"], "additionalProperties": false, "properties": { "a": { "type": "integer" } },
            } } },
        }))
    });

    fn route(path: &str) -> Option<String> {
        SMALL.promise(&Method::GET, path).map(|promise| promise.route)
    }

    #[test]
    fn paths_find_their_routes() {
        assert_eq!(route("/v1/models/all?a=1").as_deref(), Some("GET /v1/models/all"));
        assert_eq!(route("/v1/models/a/b").as_deref(), Some("GET /v1/models/{id}"));
        assert_eq!(route("/v1/x/rates").as_deref(), Some("GET /v1/{id}/rates"));
        for none in ["/v1/models/", "/v1/models", "/v1/x/y/rates", "/v1/x/rates/y", "/"] {
            assert_eq!(route(none), None, "{none}");
        }
        assert!(SMALL.promise(&Method::POST, "/v1/models/all").is_none());
    }

    #[test]
    fn what_is_not_described_does_not_hold() {
        let promise = SMALL.promise(&Method::GET, "/v1/models/all").unwrap();
        let of = |kind: &str| HeaderMap::from_iter([(header::CONTENT_TYPE, kind.parse().unwrap())]);
        let json = of("application/json; charset=utf-8");
        let whole = |body: &str| promise.body(StatusCode::OK, &json, body.as_bytes());
        assert_eq!(whole(r#"{"a":1}"#), Ok(()));
        for wrong in [r#"{"a":"1"}"#, "{}", r#"{"a":1,"b":2}"#, "[]", "{", ""] {
            assert!(whole(wrong).is_err(), "{wrong}");
        }
        assert_eq!(promise.head(StatusCode::IM_A_TEAPOT, &json), Ok(()));
        assert!(promise.head(StatusCode::BAD_GATEWAY, &json).is_err());
        assert!(promise.head(StatusCode::CREATED, &json).is_err());
        assert!(promise.head(StatusCode::OK, &of("text/html")).is_err());
        let stream = |body: &str| promise.body(StatusCode::OK, &of("text/event-stream"), body.as_bytes());
        assert_eq!(stream("data: {\"a\":1}\n\ndata: [DONE]\n\n"), Ok(()));
        for wrong in [
            "data: {\"a\":1}\n\ndata: {\"a\":null}\n\n",
            "data: [DONE]\n\ndata: {\"a\":1}\n\n",
            "data: {\n\n",
        ] {
            assert!(stream(wrong).is_err(), "{wrong}");
        }
    }
}

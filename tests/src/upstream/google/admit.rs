//! Who asks and for what: the key in its own header, the address with the model in it, the method after a colon.

use http::{Method as HttpMethod, StatusCode};
use serde_json::{Value, json};

use super::super::State;
use super::super::catalogue::SLOW_MODEL;
use super::super::fault::Fault;
use super::super::refusal::Refusal;
use super::super::serve::Asked;

/// What a model is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Model {
    /// Its generation, times ten.
    pub(super) generation: u32,
    /// It cannot stop thinking.
    pub(super) always_thinks: bool,
    /// It makes embeddings and nothing else.
    pub(super) embeds: bool,
    /// It draws.
    pub(super) draws: bool,
}

/// It draws. Not in the list of models, as little as snapshots are.
const DRAWING: &str = "gemini-2.5-flash-image";

const MODELS: [(&str, u32, bool, bool); 6] = [
    ("gemini-2.0-flash", 20, false, false),
    ("gemini-2.5-flash", 25, false, false),
    ("gemini-2.5-pro", 25, true, false),
    ("gemini-3-pro-preview", 30, true, false),
    (SLOW_MODEL, 25, false, false),
    ("gemini-embedding-001", 20, false, true),
];

fn find(id: &str) -> Option<Model> {
    if Fault::of_model(id).is_some() {
        return Some(Model {
            generation: 30,
            always_thinks: true,
            embeds: false,
            draws: false,
        });
    }
    if id == DRAWING {
        return Some(Model {
            generation: 20,
            always_thinks: false,
            embeds: false,
            draws: true,
        });
    }
    let (_, generation, always_thinks, embeds) = MODELS.iter().find(|(name, ..)| *name == id)?;
    Some(Model {
        generation: *generation,
        always_thinks: *always_thinks,
        embeds: *embeds,
        draws: false,
    })
}

fn show(id: &str) -> Option<Value> {
    let method = if find(id)?.embeds {
        "batchEmbedContents"
    } else {
        "generateContent"
    };
    Some(json!({
        "name": format!("models/{id}"),
        "version": "001",
        "displayName": id,
        "inputTokenLimit": 1_048_576,
        "outputTokenLimit": 65_536,
        "supportedGenerationMethods": [method, "countTokens"],
    }))
}

/// A method of a model.
#[derive(Debug, Clone)]
pub(super) struct Method {
    pub(super) name: &'static str,
    pub(super) id: String,
    pub(super) model: Model,
    /// The stream is to come as server-sent events.
    pub(super) events: bool,
}

/// What a request wants.
pub(super) enum Wanted {
    Plain(Value),
    Method(Method),
}

/// The model that an address names.
pub(in crate::upstream) fn model(path: &str) -> &str {
    let rest = path.strip_prefix("/v1beta/models/").unwrap_or_default();
    rest.split_once(':').map_or(rest, |(model, _)| model)
}

const METHODS: [&str; 3] = ["generateContent", "streamGenerateContent", "batchEmbedContents"];

/// Checks a request up to its body.
pub(super) fn admitted(state: &State, asked: &Asked<'_>) -> Result<Wanted, Refusal> {
    authorised(state, asked)?;
    let not_found = |message: String| Refusal::invalid(message).status(StatusCode::NOT_FOUND);
    let id = model(asked.path);
    if asked.path == "/v1beta/models" && asked.method == HttpMethod::GET {
        let faults = Fault::ALL.iter().map(|fault| fault.model());
        let ids = MODELS.iter().map(|(id, ..)| (*id).to_owned()).chain(faults);
        let models: Vec<Value> = ids.filter_map(|id| show(&id)).collect();
        return Ok(Wanted::Plain(json!({ "models": models })));
    }
    let no_model = || {
        not_found(format!(
            "models/{id} is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see \
             the list of available models and their supported methods."
        ))
    };
    let Some((_, method)) = asked.path.rsplit_once(':') else {
        return match show(id) {
            Some(model) if asked.method == HttpMethod::GET => Ok(Wanted::Plain(model)),
            _ => Err(no_model()),
        };
    };
    let name = METHODS.into_iter().find(|known| *known == method);
    let (Some(name), true) = (name, asked.method == HttpMethod::POST) else {
        return Err(not_found(format!(
            "The requested URL {} was not found on this server.",
            asked.path
        )));
    };
    let model = find(id).ok_or_else(no_model)?;
    if model.embeds != (name == "batchEmbedContents") && Fault::of_model(id).is_none() {
        return Err(no_model());
    }
    Ok(Wanted::Method(Method {
        name,
        id: id.to_owned(),
        model,
        events: asked.query.split('&').any(|one| one == "alt=sse"),
    }))
}

fn authorised(state: &State, asked: &Asked<'_>) -> Result<(), Refusal> {
    if asked.headers.contains_key("authorization") {
        return Err(Refusal::invalid(
            "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid \
             authentication credential.",
        )
        .status(StatusCode::UNAUTHORIZED));
    }
    // Google takes the key in the address, too. A gateway must not put it there: addresses end in logs.
    let key = asked.headers.get("x-goog-api-key").and_then(|key| key.to_str().ok());
    match key {
        None => Err(Refusal::invalid(
            "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other \
             form of API consumer identity to call this API.",
        )
        .status(StatusCode::FORBIDDEN)),
        Some(key) if state.keys.iter().any(|known| known == key) => Ok(()),
        Some(_) => {
            Err(Refusal::invalid("API key not valid. Please pass a valid API key.").code("API_KEY_INVALID"))
        }
    }
}

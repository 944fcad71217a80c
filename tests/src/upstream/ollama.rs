//! Ollama's interface: `/api/chat`, `/api/embed`, the list of models and the version, as strict as Ollama's server. It knows no
//! credentials; what it does not know in a request it skips, as its JSON reader does, but types must be right.
//!
//! Names and shapes are those of the `ollama` package 0.6.3 (`_types.py`); sentences and the order of checks those of ollama's
//! `server/routes.go`; what it says of pictures to a model that sees none is quoted in ollama/ollama#17301 and
//! OpenCoworkAI/open-cowork#251. The parts: `check` (the request), `write` (the answer).

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::answer;
use super::fault::Fault;
use super::refusal::Refusal;
use super::serve::{Asked, Reply};

mod check;
mod write;

/// What a model can do beside talking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Model {
    thinks: bool,
    calls_tools: bool,
    embeds: bool,
    sees: bool,
}

/// A model that has its prompt in memory already, so that nothing of it is counted.
const REMEMBERS: &str = "remembers";

/// The one that sees pictures. Ollama's own list says of it "vision" and no "tools".
const SEER: &str = "llama3.2-vision";

fn find(name: &str) -> Option<Model> {
    let (thinks, calls_tools, embeds) = match name.strip_suffix(":latest").unwrap_or(name) {
        "llama3.2" | "devstral" | "slow-writer" | REMEMBERS => (false, true, false),
        "qwen3" | "gpt-oss" => (true, true, false),
        "gemma2" | SEER => (false, false, false),
        "all-minilm" => (false, false, true),
        name if Fault::of_model(name).is_some() => (true, true, false),
        _ => return None,
    };
    Some(Model {
        thinks,
        calls_tools,
        embeds,
        sees: name.strip_suffix(":latest").unwrap_or(name) == SEER || Fault::of_model(name).is_some(),
    })
}

/// The error in the middle of an answer.
fn broken(asked: &Asked<'_>) -> Value {
    json!({"error": match asked.fault {
        Some(Fault::QuoteFrame) => asked.quote,
        _ => "an error was encountered while running the model: unexpected EOF",
    }})
}

/// What Ollama answers.
pub(super) fn answer(asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let plain = |value| Ok(Reply::Plain(value, Value::Null));
    let not_found = || Refusal::invalid("404 page not found").status(StatusCode::NOT_FOUND);
    if asked.method == Method::GET {
        return match asked.path {
            "/api/version" => plain(json!({"version": "0.12.6"})),
            "/api/tags" => plain(tags()),
            _ => Err(not_found()),
        };
    }
    if asked.method != Method::POST || !matches!(asked.path, "/api/chat" | "/api/embed") {
        return Err(not_found());
    }
    let body = asked
        .json
        .as_ref()
        .map_err(|error| Refusal::invalid(error.to_string()))?;
    let Some(name) = body["model"].as_str().filter(|name| !name.is_empty()) else {
        return Err(Refusal::invalid("model is required"));
    };
    let model = find(name)
        .ok_or_else(|| Refusal::invalid(format!("model '{name}' not found")).status(StatusCode::NOT_FOUND))?;
    if asked.path == "/api/embed" {
        let embeds = model.embeds || Fault::of_model(name).is_some();
        let answer = check::embedding(body, name, Model { embeds, ..model })?;
        return Ok(Reply::Plain(answer, broken(asked)));
    }
    let prompt = check::prompt(body, name, model)?;
    let answer = answer::answer(&prompt.chat);
    let broken = broken(asked);
    let writer = write::Writer::new(asked.fault, name, &prompt, &answer);
    Ok(if Fault::streams(asked.fault, prompt.chat.stream) {
        Reply::Stream(writer.stream(broken))
    } else {
        Reply::Plain(writer.whole(), broken)
    })
}

fn tags() -> Value {
    let faults = Fault::ALL.iter().map(|fault| fault.model());
    let names = ["llama3.2:latest", "qwen3:latest", "gemma2:latest", "all-minilm:latest"];
    let names = names.into_iter().map(str::to_owned).chain(faults);
    let show = |name: String| {
        json!({
            "name": name,
            "model": name,
            "modified_at": "2026-01-02T03:04:05.000000006Z",
            "size": 2_019_393_189_u64,
            "digest": "a80c4f17acd55265feec403c7aef86be0c25983ab279d83f3bcd3abbcb5b8b72",
            "details": {"format": "gguf", "family": "llama", "parameter_size": "3.2B", "quantization_level": "Q4_K_M"},
        })
    };
    json!({"models": names.map(show).collect::<Vec<_>>()})
}

/// An error is a sentence.
pub(super) fn error(refusal: &Refusal) -> (StatusCode, Value) {
    (refusal.status, json!({"error": refusal.message}))
}

//! `generationConfig`.

use serde_json::{Map, Value};

use super::super::refusal::Refusal;
use super::admit::Method;
use super::check::{get, known, object};
use super::invalid;
use super::tools::json_schema;

/// What it asks for.
#[derive(Debug, Default)]
pub(super) struct Config {
    pub(super) limit: Option<u64>,
    pub(super) stop: Vec<String>,
    pub(super) json: bool,
    pub(super) schema: Option<Value>,
    /// In the words of the fake's own requests.
    pub(super) effort: Option<String>,
    pub(super) shows_thoughts: bool,
    /// A picture is wanted.
    pub(super) draws: bool,
}

const KNOWN: [&str; 17] = [
    "candidateCount",
    "stopSequences",
    "maxOutputTokens",
    "temperature",
    "topP",
    "topK",
    "seed",
    "presencePenalty",
    "frequencyPenalty",
    "responseMimeType",
    "responseSchema",
    "responseJsonSchema",
    "responseModalities",
    "thinkingConfig",
    "mediaResolution",
    "speechConfig",
    "imageConfig",
];
const PLACE: &str = "generation_config";

pub(super) fn check(config: Option<&Value>, method: &Method) -> Result<Config, Refusal> {
    let mut wanted = Config::default();
    let Some(config) = config else { return Ok(wanted) };
    let config = object(config, PLACE)?;
    known(config, &KNOWN, PLACE)?;
    for (name, low, high) in [
        ("temperature", 0.0, 2.0),
        ("topP", 0.0, 1.0),
        ("presencePenalty", -2.0, 2.0),
        ("frequencyPenalty", -2.0, 2.0),
    ] {
        number(config, name, low, high)?;
    }
    // 0 is no penalty and is taken (<https://github.com/google-gemini/cookbook/issues/1290>); Gemini 2.0 still knew them.
    let penal = |name: &&str| {
        get(config, name)
            .and_then(Value::as_f64)
            .is_some_and(|penalty| penalty != 0.0)
    };
    if method.model.generation >= 25 && ["presencePenalty", "frequencyPenalty"].iter().any(penal) {
        return Err(invalid(format!("Penalty is not enabled for models/{}", method.id)));
    }
    whole(config, "topK", 1, 1000)?;
    whole(config, "seed", i64::from(i32::MIN), i64::from(i32::MAX))?;
    whole(config, "candidateCount", 1, 1)?;
    wanted.draws = draws(config, method)?;
    let limit = whole(config, "maxOutputTokens", 1, 1_000_000)?;
    wanted.limit = limit.and_then(|limit| u64::try_from(limit).ok());
    let stops = get(config, "stopSequences").and_then(Value::as_array);
    wanted.stop = stops
        .into_iter()
        .flatten()
        .filter_map(|stop| stop.as_str().map(str::to_owned))
        .collect();
    if wanted.stop.len() > 5 {
        return Err(invalid(format!(
            "* GenerateContentRequest.{PLACE}.stop_sequences: the number of stop_sequences must not exceed 5.\n"
        )));
    }
    let mime = get(config, "responseMimeType").and_then(Value::as_str);
    wanted.json = match mime {
        None | Some("text/plain") => false,
        Some("application/json") => true,
        Some(other) => {
            return Err(invalid(format!(
                "* GenerateContentRequest.{PLACE}.response_mime_type: allowed mimetypes are `text/plain`, `application/json`, \
                 `application/xml`, `application/yaml` and `text/x.enum`. Got {other}\n"
            )));
        }
    };
    if let Some(schema) = get(config, "responseJsonSchema") {
        if !wanted.json {
            return Err(invalid(
                "response_mime_type must be application/json when a response schema is given.",
            ));
        }
        json_schema(schema, &format!("{PLACE}.response_json_schema"))?;
        wanted.schema = Some(schema.clone());
    }
    if let Some(thinking) = get(config, "thinkingConfig") {
        self::thinking(thinking, method, &mut wanted)?;
    }
    Ok(wanted)
}

/// The modalities of the answer, and what belongs to pictures.
fn draws(config: &Map<String, Value>, method: &Method) -> Result<bool, Refusal> {
    let listed = get(config, "responseModalities").and_then(Value::as_array);
    let draws = listed.is_some_and(|listed| listed.iter().any(|one| one == "IMAGE"));
    if draws && !method.model.draws {
        return Err(invalid(
            "The requested combination of response modalities (TEXT, IMAGE) is not supported by the model.",
        ));
    }
    if let Some(image) = get(config, "imageConfig") {
        let place = "generation_config.image_config";
        let image = object(image, place)?;
        known(image, &["aspectRatio", "imageSize"], place)?;
        let shapes = ["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"];
        if get(image, "aspectRatio").is_some_and(|shape| !shapes.iter().any(|known| shape == known)) {
            return Err(invalid(format!("Invalid value at '{place}.aspect_ratio'")));
        }
    }
    Ok(draws)
}

fn thinking(config: &Value, method: &Method, wanted: &mut Config) -> Result<(), Refusal> {
    let place = "generation_config.thinking_config";
    let config = object(config, place)?;
    known(config, &["includeThoughts", "thinkingBudget", "thinkingLevel"], place)?;
    let model = method.model;
    if model.generation < 25 {
        return Err(invalid("Thinking is not enabled for this model."));
    }
    wanted.shows_thoughts = get(config, "includeThoughts") == Some(&Value::Bool(true));
    let budget = whole(config, "thinkingBudget", -1, 32_768)?;
    let level = get(config, "thinkingLevel")
        .and_then(Value::as_str)
        .map(str::to_ascii_lowercase);
    if budget.is_some() && level.is_some() {
        return Err(invalid(
            "You can only set only one of thinking budget and thinking level.",
        ));
    }
    if level.is_some() && model.generation < 30 {
        return Err(invalid("Thinking level is not supported for this model."));
    }
    if budget == Some(0) && model.always_thinks {
        return Err(invalid("Budget 0 is invalid. This model only works in thinking mode."));
    }
    if level.as_deref() == Some("minimal") && model.always_thinks {
        return Err(invalid("Thinking level MINIMAL is not supported for this model."));
    }
    // Of the first of the third generation alone (<https://github.com/egoist/chatwise-releases/issues/1206>).
    if level.as_deref() == Some("medium") && method.id.starts_with("gemini-3-pro") {
        return Err(invalid("Thinking level MEDIUM is not supported for this model."));
    }
    wanted.effort = level.or_else(|| {
        let word = match budget? {
            0 => "none",
            1..=1024 => "low",
            -1 | 1025..=8192 => "medium",
            _ => "high",
        };
        Some(word.to_owned())
    });
    match wanted.effort.as_deref() {
        None | Some("none" | "minimal" | "low" | "medium" | "high") => Ok(()),
        Some(other) => Err(invalid(format!(
            "Invalid value at '{place}.thinking_level', \"{other}\""
        ))),
    }
}

fn number(config: &Map<String, Value>, name: &str, low: f64, high: f64) -> Result<(), Refusal> {
    match get(config, name) {
        Some(value) if !value.as_f64().is_some_and(|number| (low..=high).contains(&number)) => Err(invalid(format!(
            "* GenerateContentRequest.{PLACE}.{name}: {name} must be in the range [{low}, {high}], got {value}.\n"
        ))),
        _ => Ok(()),
    }
}

fn whole(config: &Map<String, Value>, name: &str, low: i64, high: i64) -> Result<Option<i64>, Refusal> {
    let Some(value) = get(config, name) else {
        return Ok(None);
    };
    match value.as_i64().filter(|number| (low..=high).contains(number)) {
        Some(number) => Ok(Some(number)),
        None => Err(invalid(format!(
            "Invalid value at '{PLACE}.{name}' (TYPE_INT32), {value}"
        ))),
    }
}

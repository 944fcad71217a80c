//! Who asks and for what: credential, address, method, content type and JSON, in the provider's order; then the fields,
//! which `check` and `embeddings` know.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, StatusCode};
use serde_json::Value;

use crate::upstream::refusal::Refusal;
use crate::upstream::wire::Wire;
use crate::upstream::{State, catalogue, check, completions, embeddings, images, responses};

/// A request that passed: its plain answer, or a chat to answer.
pub(super) enum Checked {
    Plain(Value),
    Chat(Box<check::Chat>),
    Responses(Box<responses::Accepted>),
    Completion(Box<check::Chat>),
}

/// Checks a request up to its last field.
///
/// # Errors
/// The refusal that the provider would send.
pub(super) fn checked(
    state: &State,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    json: &Result<Value, serde_json::Error>,
) -> Result<Checked, Refusal> {
    authorised(state, headers)?;
    let is_post = matches!(
        path,
        "/v1/chat/completions" | "/v1/embeddings" | "/v1/images/generations" | "/v1/responses" | "/v1/completions"
    );
    if !is_post && path != "/v1/models" && !path.starts_with("/v1/models/") {
        return Err(Refusal::invalid(format!(
            "Unknown request URL: {method} {path}. Please check the URL for typos, or see the docs at \
             https://platform.openai.com/docs/api-reference/."
        ))
        .code("unknown_url")
        .status(StatusCode::NOT_FOUND));
    }
    if method != (if is_post { Method::POST } else { Method::GET }) {
        return Err(Refusal::invalid(format!(
            "Not allowed to {method} on {path}. (HINT: Perhaps you meant to use a different HTTP method?)"
        ))
        .code("method_not_supported")
        .status(StatusCode::METHOD_NOT_ALLOWED));
    }
    if path == "/v1/models" {
        return Ok(Checked::Plain(catalogue::list()));
    }
    if let Some(id) = path.strip_prefix("/v1/models/") {
        return catalogue::show(id).map(Checked::Plain).ok_or_else(|| {
            let refusal = check::no_model(id).param("model");
            Refusal {
                message: format!("The model '{id}' does not exist"),
                ..refusal
            }
        });
    }
    let body = json_body(headers, json)?;
    match path {
        "/v1/embeddings" => embeddings::answer(body).map(Checked::Plain),
        "/v1/images/generations" => images::answer(body).map(Checked::Plain),
        "/v1/responses" => {
            let asked = responses::check(body, &state.kept)?;
            Ok(Checked::Responses(Box::new(asked)))
        }
        "/v1/completions" => Ok(Checked::Completion(Box::new(completions::check(body)?))),
        _ => Ok(Checked::Chat(Box::new(check::chat(body)?))),
    }
}

fn authorised(state: &State, headers: &HeaderMap) -> Result<(), Refusal> {
    let refuse = |message: String| {
        Err(Refusal::invalid(message)
            .code("invalid_api_key")
            .status(StatusCode::UNAUTHORIZED))
    };
    let Some(key) = Wire::OpenAi.key(headers) else {
        return refuse(
            "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth \
             (i.e. Authorization: Bearer YOUR_KEY)."
                .to_owned(),
        );
    };
    if state.keys.iter().any(|known| known == key) {
        return Ok(());
    }
    refuse(format!(
        "Incorrect API key provided: {}. You can find your API key at https://platform.openai.com/account/api-keys.",
        masked(key)
    ))
}

/// The provider shows the beginning and the end of a wrong key.
fn masked(key: &str) -> String {
    let characters: Vec<char> = key.chars().collect();
    if characters.len() < 13 {
        return "*".repeat(characters.len());
    }
    let (start, end) = (&characters[..8], &characters[characters.len() - 4..]);
    let stars = "*".repeat(characters.len() - 12);
    format!(
        "{}{stars}{}",
        start.iter().collect::<String>(),
        end.iter().collect::<String>()
    )
}

fn json_body<'a>(headers: &HeaderMap, json: &'a Result<Value, serde_json::Error>) -> Result<&'a Value, Refusal> {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let plain = kind.split(';').next().unwrap_or_default().trim();
    if !plain.eq_ignore_ascii_case("application/json") {
        return Err(Refusal::invalid(format!(
            "Unsupported content type: '{kind}'. This API method only accepts 'application/json' requests, but you specified \
             the header 'Content-Type: {kind}'. Please try again with a supported Content-Type."
        ))
        .code("unsupported_content_type")
        .status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    json.as_ref().map_err(|error| {
        Refusal::invalid(format!(
            "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library \
             correctly. The API expects a JSON payload, but what was sent was not valid JSON: {error}.)"
        ))
    })
}

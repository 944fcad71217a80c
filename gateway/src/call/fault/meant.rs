//! What a provider's refusal is about: the model, or something that its caller asks for.

use domain::catalog::Wire;

use crate::wire::openai::error::Said;

/// Codes of a 403 by which services withhold a model from a credential that they accept: OpenAI (its model list of a project),
/// Groq (model permissions), DashScope.
const MODEL_CODES: [&str; 4] = [
    "model_not_found",
    "model_permission_blocked_org",
    "model_permission_blocked_project",
    "Model.AccessDenied",
];

/// A 403 withholds the model: by its code, or by naming it. Who brings a provider to name it in another 403 frees no more than
/// the credential from its rest.
pub(super) fn withholds(said: &Said, model: &str) -> bool {
    said.in_shape && (MODEL_CODES.contains(&said.code.as_str()) || names(&said.message, model))
}

/// The words hold this name as a whole.
fn names(words: &str, model: &str) -> bool {
    let goes_on = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    !model.is_empty()
        && words.match_indices(model).any(|(at, _)| {
            !goes_on(words[..at].chars().next_back()) && !goes_on(words[at + model.len()..].chars().next())
        })
}

/// Words of a 403 that is about the rights of the key, not about the request.
const RIGHTS: [&str; 8] = [
    "permission",
    "scope",
    "organization",
    "project",
    "api key",
    "account",
    "billing",
    "credential",
];
/// OpenAI's `type` for what is wrong with a request, which stands for the code where there is none.
const WRONG_REQUEST: &str = "invalid_request_error";

/// A 403 of OpenAI's wires is about the request itself, which no other credential would make better: "You are not allowed to
/// generate embeddings from this model".
pub(super) fn asks_wrongly(wire: Wire, said: &Said) -> bool {
    let words = said.message.to_lowercase();
    (wire.is_openais() || wire == Wire::OpenaiResponses)
        && said.in_shape
        && said.code == WRONG_REQUEST
        && !RIGHTS.iter().any(|word| words.contains(word))
}

/// A 403 is about what the request asks for, which its caller decides, so that no credential may rest for it. Anthropic tells a
/// refused key by 401 and anything else that it forbids by `permission_error`; Google names a reason where the key or its
/// project is refused, and OpenAI a country, or rights that a key lacks for this one thing ("Missing scopes: …").
pub(super) fn denies(wire: Wire, said: &Said) -> bool {
    let code = said.code.as_str();
    said.in_shape
        && match wire {
            Wire::AnthropicMessages => code == "permission_error",
            Wire::GoogleGenerate | Wire::GoogleEmbed => code == "PERMISSION_DENIED",
            Wire::OpenaiChat
            | Wire::OpenaiResponses
            | Wire::OpenaiCompletions
            | Wire::OpenaiEmbeddings
            | Wire::OpenaiImages => ["unsupported_country_region_territory", WRONG_REQUEST].contains(&code),
            Wire::OllamaChat | Wire::OllamaEmbed => false,
        }
}

/// The model is there and is asked for what it is not for: "This is not a chat model and thus not supported in the
/// v1/chat/completions endpoint." "This model is only supported in v1/responses and not in v1/chat/completions." (OpenAI)
pub(super) fn about_the_endpoint(said: &Said) -> bool {
    let words = said.message.to_lowercase();
    said.in_shape && (words.contains("not a chat model") || words.contains("supported in ") && words.contains("v1/"))
}

/// Its words are about the model.
pub(super) fn about_model(said: &Said) -> bool {
    said.in_shape && (said.code == "model_not_found" || said.message.to_lowercase().contains("model"))
}

/// Its words are about an item of the conversation that the provider does not keep: "Item with id 'rs_…' not found." (OpenAI's
/// responses, to whoever goes on with thoughts of an answer that was not stored).
pub(super) fn about_an_item(said: &Said) -> bool {
    said.in_shape && said.message.starts_with("Item") && said.message.contains(" with id ")
}

//! Asks for the models, and whether the credential is accepted, without a call that costs.
//!
//! Most services list their models only to those they know, so the list is the proof. Where everybody gets it, the preset
//! names another path that proves the credential. A server that has neither says nothing about the credential at all.

use std::time::Duration;

use ::http::header::CONTENT_TYPE;
use domain::provider::Health;
use tokio::time::timeout;

use super::{
    super::{Listed, Probed, SendProblem, words},
    address::below,
    identify,
};
use crate::{
    CredentialEntry, ProviderEntry, http,
    secrets::mask,
    wire::{json, openai::error},
};

/// Largest list of models that is read.
const LIST_LIMIT: usize = 8 << 20;
/// More models than any service has.
const LIST_LENGTH: usize = 5_000;
/// An admin waits for each answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Proves the credential where the preset says how, then asks for the models.
pub(in super::super) async fn probe(provider: &ProviderEntry, credential: Option<&CredentialEntry>) -> Probed {
    let proof = match (provider.proof, credential) {
        (Some(path), Some(_)) => Some(ask(provider, credential, path).await),
        _ => None,
    };
    let proved = proof.as_ref().map(Answer::health);
    if let Some(answer) = proof.filter(|answer| answer.health() == Health::Failing) {
        return answer.probed(Health::Failing, None);
    }
    let listed = ask(provider, credential, "models").await;
    let models = listed.body().and_then(names);
    // An open list says that the server is there, and nothing about the credential.
    let told = match (listed.health(), &models) {
        (Health::Good, None) => Health::Failing,
        (Health::Good, Some(_)) if provider.proof.is_some() => Health::Unknown,
        (health, _) => health,
    };
    match proved {
        Some(Health::Good) => listed.probed(Health::Good, models),
        Some(Health::Unknown | Health::Failing) | None => listed.probed(told, models),
    }
}

/// What came of one question.
struct Answer<'a> {
    outcome: Result<(u16, Vec<u8>), String>,
    secret: &'a str,
}

impl Answer<'_> {
    /// 404 and 405 say that the question has no place here. They say nothing about calls.
    fn health(&self) -> Health {
        match &self.outcome {
            Ok((200..=299, _)) => Health::Good,
            Ok((404 | 405, _)) => Health::Unknown,
            Ok(_) | Err(_) => Health::Failing,
        }
    }

    /// The body of a success.
    fn body(&self) -> Option<&[u8]> {
        match &self.outcome {
            Ok((200..=299, body)) => Some(body),
            Ok(_) | Err(_) => None,
        }
    }

    fn probed(self, health: Health, models: Option<Vec<Listed>>) -> Probed {
        let words = match &self.outcome {
            Ok((200..=299, _)) if models.is_some() => String::new(),
            Ok((200..=299, _)) => "the answer is not a list of models; check the base URL".to_owned(),
            Ok((_, body)) => {
                let said = error::read(body).message;
                if said.trim().is_empty() {
                    "the provider refused without a word".to_owned()
                } else {
                    said
                }
            }
            Err(words) => words.clone(),
        };
        Probed {
            health,
            models,
            status: self.outcome.ok().map(|(status, _)| status),
            message: mask(&words, &[self.secret]),
        }
    }
}

async fn ask<'a>(provider: &ProviderEntry, credential: Option<&'a CredentialEntry>, path: &str) -> Answer<'a> {
    let outcome = match timeout(PATIENCE, get(provider, credential, path)).await {
        Ok(answered) => answered.map_err(|problem| problem.to_string()),
        Err(_) => Err(format!("no answer within {} seconds", PATIENCE.as_secs())),
    };
    Answer {
        outcome,
        secret: credential.map_or("", |known| known.secret.expose()),
    }
}

fn not_asked(error: reqwest::Error) -> SendProblem {
    SendProblem::Broken(words(&error.without_url()))
}

async fn get(
    provider: &ProviderEntry,
    credential: Option<&CredentialEntry>,
    path: &str,
) -> Result<(u16, Vec<u8>), SendProblem> {
    let address = below(provider.kind, provider.base_url.as_deref(), path).map_err(SendProblem::Address)?;
    let mut headers = http::request_headers(false);
    headers.remove(CONTENT_TYPE);
    identify(provider.kind, credential, &mut headers);
    let request = provider.clients.questions.get(address).headers(headers);
    let mut response = request.send().await.map_err(not_asked)?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(not_asked)? {
        if body.len() + piece.len() > LIST_LIMIT {
            return Err(SendProblem::Broken("the list of models is larger than 8 MB".to_owned()));
        }
        body.extend_from_slice(&piece);
    }
    Ok((status, body))
}

/// What services call the number of tokens that a model takes: OpenRouter and Together, Groq, vLLM, Mistral.
const CONTEXT: [&str; 4] = [
    "context_length",
    "context_window",
    "max_model_len",
    "max_context_length",
];

/// The models in `{"data":[{"id":…}]}`; a bare array and `models` instead of `data` are understood too.
fn names(body: &[u8]) -> Option<Vec<Listed>> {
    std::str::from_utf8(body).ok()?;
    let whole = json::read(body).ok()?;
    let list = if whole.is_object() {
        whole.member("data").or_else(|| whole.member("models"))?
    } else {
        whole
    };
    if !list.raw().starts_with(b"[") {
        return None;
    }
    let mut listed: Vec<Listed> = Vec::new();
    list.elements(|model| {
        let name = model
            .as_str()
            .or_else(|| model.member("id")?.as_str())
            .or_else(|| model.member("name")?.as_str());
        if let Some(name) = name.filter(|name| !name.is_empty() && listed.len() < LIST_LENGTH) {
            let told = CONTEXT.iter().find_map(|field| model.member(field)?.as_u64());
            listed.push(Listed {
                slug: name.into_owned(),
                context_tokens: told
                    .and_then(|tokens| u32::try_from(tokens).ok())
                    .filter(|tokens| *tokens > 0),
            });
        }
    });
    listed.sort_unstable();
    listed.dedup_by(|one, other| one.slug == other.slug);
    Some(listed)
}

#[cfg(test)]
mod tests {
    use super::{Listed, names};

    #[test]
    fn lists_are_read_in_every_known_shape() {
        let of = |slug: &str, context_tokens| Listed {
            slug: slug.to_owned(),
            context_tokens,
        };
        let wanted = Some(vec![of("a", None), of("b/c", None)]);
        assert_eq!(
            names(br#"{"object":"list","data":[{"id":"b/c","object":"model"},{"id":"a"},{"id":"a"}]}"#),
            wanted
        );
        assert_eq!(names(br#"[{"id":"a"},{"name":"b/c"},{}]"#), wanted);
        assert_eq!(names(br#"{"models":["a","b/c"]}"#), wanted);
        let told = br#"[{"id":"a","context_length":128000},{"id":"b","max_model_len":8192},{"id":"c","context_window":"9"},{"id":"d","context_window":0}]"#;
        let wanted = vec![
            of("a", Some(128_000)),
            of("b", Some(8_192)),
            of("c", None),
            of("d", None),
        ];
        assert_eq!(names(told), Some(wanted));
        assert_eq!(names(br#"{"data":[]}"#), Some(Vec::new()));
        for other in [&b"<html>"[..], b"{}", br#"{"data":{}}"#, b"\xff", b""] {
            assert_eq!(names(other), None);
        }
    }
}

//! OpenAI, and every service that speaks its wire: one client, told apart by base URL and quirks.

use std::time::Duration;

use ::http::header::AUTHORIZATION;
use domain::call::Endpoint;
use tokio::time::timeout;

use super::{Body, Incoming, Outgoing, ProbeFailure, SendProblem, words};
use crate::{
    CredentialEntry, ProviderEntry, http,
    secrets::mask,
    wire::{json, openai::error},
};

/// Largest list of models that is read.
const LIST_LIMIT: usize = 8 << 20;
/// More models than any service has.
const LIST_LENGTH: usize = 5_000;
/// An admin waits for the answer.
const PROBE_LIMIT: Duration = Duration::from_secs(20);

fn address(provider: &ProviderEntry, path: &str) -> Result<reqwest::Url, SendProblem> {
    let base = provider
        .base_url
        .as_deref()
        .or(provider.kind.default_base_url())
        .unwrap_or_default();
    let url =
        reqwest::Url::parse(&format!("{base}/{path}")).map_err(|error| SendProblem::Address(error.to_string()))?;
    if url.has_host() {
        Ok(url)
    } else {
        Err(SendProblem::Address("the base URL names no host".to_owned()))
    }
}

fn problem(error: reqwest::Error) -> SendProblem {
    let connecting = error.is_connect();
    let builder = error.is_builder();
    let text = words(&error.without_url());
    if connecting {
        SendProblem::NotConnected(text)
    } else if builder {
        SendProblem::Address(text)
    } else {
        SendProblem::Broken(text)
    }
}

pub(super) async fn send(
    provider: &ProviderEntry,
    credential: Option<&CredentialEntry>,
    request: Outgoing,
) -> Result<Incoming, SendProblem> {
    let path = match request.endpoint {
        Endpoint::Chat => "chat/completions",
        Endpoint::Embeddings => "embeddings",
    };
    let mut headers = http::request_headers(request.stream);
    if let Some(credential) = credential {
        headers.insert(AUTHORIZATION, credential.authorization.clone());
    }
    let response = provider
        .client
        .post(address(provider, path)?)
        .headers(headers)
        .body(request.body)
        .send()
        .await
        .map_err(problem)?;
    let (status, headers) = (response.status(), response.headers().clone());
    Ok(Incoming {
        status,
        headers,
        body: Body::Network(response),
    })
}

pub(super) async fn list_models(
    provider: &ProviderEntry,
    credential: Option<&CredentialEntry>,
) -> Result<Vec<String>, ProbeFailure> {
    let secret = credential.map_or("", |credential| credential.secret.expose());
    let failed = |status: Option<u16>, text: &str| ProbeFailure {
        status,
        message: mask(text, &[secret]),
    };
    let asked = timeout(PROBE_LIMIT, ask(provider, credential));
    let (status, body) = match asked.await {
        Ok(Ok(answer)) => answer,
        Ok(Err(problem)) => return Err(failed(None, &problem.to_string())),
        Err(_) => return Err(failed(None, "no answer within 20 seconds")),
    };
    if !(200..300).contains(&status) {
        let said = error::read(&body);
        let words = if said.message.trim().is_empty() {
            "the provider refused without a word"
        } else {
            &said.message
        };
        return Err(failed(Some(status), words));
    }
    let models = names(&body);
    if models.is_none() {
        return Err(failed(
            Some(status),
            "the answer is not a list of models; check the base URL",
        ));
    }
    Ok(models.unwrap_or_default())
}

async fn ask(provider: &ProviderEntry, credential: Option<&CredentialEntry>) -> Result<(u16, Vec<u8>), SendProblem> {
    let mut headers = http::request_headers(false);
    headers.remove(::http::header::CONTENT_TYPE);
    if let Some(credential) = credential {
        headers.insert(AUTHORIZATION, credential.authorization.clone());
    }
    let mut response = provider
        .client
        .get(address(provider, "models")?)
        .headers(headers)
        .send()
        .await
        .map_err(problem)?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(problem)? {
        if body.len() + piece.len() > LIST_LIMIT {
            return Err(SendProblem::Broken("the list of models is larger than 8 MB".to_owned()));
        }
        body.extend_from_slice(&piece);
    }
    Ok((status, body))
}

/// The names in `{"data":[{"id":…}]}`; a bare array and `models` instead of `data` are understood too.
fn names(body: &[u8]) -> Option<Vec<String>> {
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
    let mut names: Vec<String> = Vec::new();
    list.elements(|model| {
        let name = model
            .as_str()
            .or_else(|| model.member("id")?.as_str())
            .or_else(|| model.member("name")?.as_str());
        if let Some(name) = name.filter(|name| !name.is_empty() && names.len() < LIST_LENGTH) {
            names.push(name.into_owned());
        }
    });
    names.sort_unstable();
    names.dedup();
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn lists_are_read_in_every_known_shape() {
        let wanted = Some(vec!["a".to_owned(), "b/c".to_owned()]);
        assert_eq!(
            names(br#"{"object":"list","data":[{"id":"b/c","object":"model"},{"id":"a"},{"id":"a"}]}"#),
            wanted
        );
        assert_eq!(names(br#"[{"id":"a"},{"name":"b/c"},{}]"#), wanted);
        assert_eq!(names(br#"{"models":["a","b/c"]}"#), wanted);
        assert_eq!(names(br#"{"data":[]}"#), Some(Vec::new()));
        for other in [&b"<html>"[..], b"{}", br#"{"data":{}}"#, b"\xff", b""] {
            assert_eq!(names(other), None);
        }
    }
}
